#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "delta/action.h"

namespace claimlake::delta {

// The newest txn action of each application. Cheap to copy and to extend: versions share a big map
// that rests and a small one that is copied on change.
class TxnMap {
 public:
  // Absent if the application has none. Expiry is the caller's matter: it comes after finding
  // the newest (see Snapshot::txn), never before.
  const Txn* find(std::string_view app_id) const;
  // Sets all of them; of those of one application the last wins. Its cost is that of a copy of the
  // small map, however many they are.
  void set(std::vector<Txn> txns);
  template <class Use>
  void for_each(Use&& use) const {
    if (resting_) {
      for (const auto& [app, txn] : *resting_) {
        if (!recent_ || !recent_->contains(app)) use(txn);
      }
    }
    if (recent_) {
      for (const auto& [app, txn] : *recent_) use(txn);
    }
  }

 private:
  using Map = std::map<std::string, Txn, std::less<>>;
  std::shared_ptr<const Map> resting_;
  std::shared_ptr<const Map> recent_;
};

}  // namespace claimlake::delta
