#include "delta/txn_map.h"

namespace claimlake::delta {
namespace {

// The small map holds at most this many, or the square root of what rests.
constexpr std::size_t kRecentAtLeast = 64;

}  // namespace

const Txn* TxnMap::find(std::string_view app_id) const {
  for (const auto& map : {recent_, resting_}) {
    if (!map) continue;
    if (const auto found = map->find(app_id); found != map->end()) return &found->second;
  }
  return nullptr;
}

void TxnMap::set(std::vector<Txn> txns) {
  if (txns.empty()) return;
  Map recent = recent_ ? *recent_ : Map();
  for (Txn& txn : txns) {
    std::string app_id = txn.app_id;
    recent.insert_or_assign(std::move(app_id), std::move(txn));
  }
  const std::size_t resting = resting_ ? resting_->size() : 0;
  if (recent.size() < kRecentAtLeast || recent.size() * recent.size() < resting) {
    recent_ = std::make_shared<const Map>(std::move(recent));
    return;
  }
  if (resting_) recent.insert(resting_->begin(), resting_->end());  // what is there stays
  resting_ = std::make_shared<const Map>(std::move(recent));
  recent_.reset();
}

}  // namespace claimlake::delta
