// Table properties: any text is either read, with values inside their limits, or refused with a
// message that names the property; reading leniently gives the same where nothing is wrong.
//
// Input: lines "name=value".
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <map>
#include <string>

#include "base/text.h"
#include "delta/new_table.h"
#include "delta/properties.h"

using namespace claimlake;

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

// "table property NAME = ...", where NAME is one that we know.
bool names_property(const std::string& message) {
  const auto known = delta::known_properties();
  return std::any_of(known.begin(), known.end(), [&](const std::string& name) {
    return message.starts_with("table property " + name + " = ");
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  std::map<std::string, std::string> configuration;
  for (const std::string& line : split(input, '\n')) {
    const std::size_t equals = std::min(line.find('='), line.size());
    const std::string value = equals < line.size() ? line.substr(equals + 1) : "";
    configuration[line.substr(0, equals)] = value;
    if (const auto interval = delta::parse_interval(value)) check(interval->count() >= 0);
  }
  const auto parsed = delta::parse_properties(configuration);
  const delta::TableProperties lenient = delta::read_properties(configuration);
  for (const std::size_t files : {std::size_t{0}, std::numeric_limits<std::size_t>::max()}) {
    check(delta::commits_per_checkpoint(lenient, files) >= 1);
  }
  check(lenient.deleted_file_retention.count() >= 0);
  if (parsed) {
    check(parsed->checkpoint_interval == lenient.checkpoint_interval);
    check(parsed->txn_retention == lenient.txn_retention);
    check(parsed->column_mapping == lenient.column_mapping);
  } else {
    check(parsed.error().fault == Fault::kInvalidInput);
    check(names_property(parsed.error().message));
  }
  const SimClock clock;
  SeededRandom random(1);
  const auto table = delta::new_table(
      {.schema = {{{"id", delta::PrimitiveType{"long"}}}}, .properties = configuration}, clock,
      random);
  check(!table || parsed);
  return 0;
}
