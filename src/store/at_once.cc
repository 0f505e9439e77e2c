#include "store/at_once.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#include "base/guarded.h"

namespace claimlake::store {

Done for_each_at_once(std::size_t at_once, std::size_t count,
                      const std::function<Done(std::size_t)>& work) {
  struct First {
    std::size_t number = 0;
    std::optional<Error> error;
  };
  Guarded<First> first;
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> stopped = false;
  const auto take_all = [&] {
    for (std::size_t i = next++; i < count && !stopped; i = next++) {
      auto worked = work(i);
      if (worked) continue;
      stopped = true;
      first.with([&](First& known) {
        if (!known.error || i < known.number) known = {i, std::move(worked).error()};
      });
    }
  };
  std::vector<std::thread> helpers;
  for (std::size_t i = 1; i < std::min(at_once, count); ++i) helpers.emplace_back(take_all);
  take_all();
  for (std::thread& helper : helpers) helper.join();
  return first.with([](First& known) -> Done {
    if (known.error) return *std::move(known.error);
    return done();
  });
}

}  // namespace claimlake::store
