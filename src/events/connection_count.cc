#include "events/connection_count.h"

namespace claimlake::events {
namespace {

bool is_this_machine(const std::string& address) {
  return address.starts_with("127.") || address == "::1" || address.starts_with("::ffff:127.");
}

}  // namespace

std::shared_ptr<const void> ConnectionCount::take(const std::string& address) {
  if (counts_->all >= limits_.all) return nullptr;
  const auto of_address = counts_->by_address.find(address);
  if (of_address != counts_->by_address.end() && of_address->second >= limits_.per_address &&
      !is_this_machine(address)) {
    return nullptr;
  }
  ++counts_->all;
  ++counts_->by_address[address];
  return {counts_.get(), [counts = counts_, address](const void*) {
            --counts->all;
            const auto entry = counts->by_address.find(address);
            if (--entry->second == 0) counts->by_address.erase(entry);
          }};
}

}  // namespace claimlake::events
