// Statements about tables that the engine's parser does not know: any text is read, left to the
// engine, or refused with a message; paths after SET become names that are taken apart again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "lake/field_values.h"
#include "lake/maintain.h"
#include "lake/table_definition.h"

using namespace claimlake;

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string sql(reinterpret_cast<const char*>(data), size);
  if (const auto definition = lake::parse_definition(sql); !definition) {
    check(definition.error().fault == Fault::kInvalidInput);
    check(!definition.error().message.empty());
  }
  if (const auto maintenance = lake::parse_maintenance(sql); !maintenance) {
    check(maintenance.error().fault == Fault::kInvalidInput);
  }
  if (const auto plain = lake::with_plain_names(sql)) check(lake::has_paths(*plain));
  engine::ChangeStatement statement;
  statement.table = "t";
  check(!lake::set_path(sql, {}, statement).empty());
  return 0;
}
