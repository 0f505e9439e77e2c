#pragma once

#include <map>
#include <memory>
#include <string>

namespace claimlake::events {

// Bounds how many connections are open, in all and from one address. One thread.
class ConnectionCount {
 public:
  struct Limits {
    std::size_t all = 10'000;
    // A machine on the way, as of a company's network, may stand for many people.
    std::size_t per_address = 256;
  };
  explicit ConnectionCount(Limits limits) : limits_(limits) {}
  ConnectionCount() : ConnectionCount(Limits()) {}

  // Stands for one connection as long as it lives. Null where there are too many. Those of the
  // machine itself are bounded by the limit for all alone: a proxy on it stands for everybody.
  std::shared_ptr<const void> take(const std::string& address);
  std::size_t all() const { return counts_->all; }

 private:
  struct Counts {
    std::size_t all = 0;
    std::map<std::string, std::size_t> by_address;
  };
  const Limits limits_;
  const std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
};

}  // namespace claimlake::events
