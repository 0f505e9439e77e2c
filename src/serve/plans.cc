#include "serve/plans.h"

#include <algorithm>

#include "base/check.h"

namespace claimlake::serve {

const std::vector<Plan>& plans() {
  static const std::vector<Plan> all = {{"Basic", 29'99, 500'00, 5'000'00, 70, 14},
                                        {"Standard", 49'99, 250'00, 10'000'00, 80, 14},
                                        {"Premium", 79'99, 100'00, 20'000'00, 90, 7},
                                        {"Unlimited", 99'99, 0, 999'999'00, 100, 0}};
  return all;
}

std::vector<std::string> plan_names() {
  std::vector<std::string> names;
  names.reserve(plans().size());
  for (const Plan& plan : plans()) names.push_back(plan.name);
  return names;
}

const Plan& plan_of(std::string_view name) {
  const auto found = std::find_if(plans().begin(), plans().end(),
                                  [name](const Plan& plan) { return plan.name == name; });
  CHECK(found != plans().end(), "no plan " + std::string(name));
  return *found;
}

}  // namespace claimlake::serve
