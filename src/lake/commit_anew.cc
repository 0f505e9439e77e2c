#include "lake/commit_anew.h"

namespace claimlake::lake {

Done commit_anew(Lake& lake, const TableName& name, const MakeWrite& make) {
  constexpr int kAttemptsMax = 5;
  for (int attempt = 1;; ++attempt) {
    TRY(const auto base, lake.snapshot(name));
    TRY(auto write, make(base));
    if (!write) return done();
    write->base = base;
    auto committed = lake.commit(*std::move(write));
    if (committed) return done();
    if (committed.error().fault != Fault::kConflict || attempt == kAttemptsMax) {
      return std::move(committed).error();
    }
  }
}

}  // namespace claimlake::lake
