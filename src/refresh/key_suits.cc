#include "refresh/key_suits.h"

#include <fmt/format.h>

#include <algorithm>

#include "lake/row_rules.h"
#include "quality/quarantine.h"

namespace claimlake::refresh {

Result<std::string> unlike_its_model(const delta::Snapshot& table,
                                     const std::vector<std::string>& columns) {
  std::vector<std::string> present;
  for (const delta::Field& field : table.schema().fields) present.push_back(field.name);
  if (present != columns) return std::string("its columns are other ones");
  TRY(const auto own, lake::row_rules(table.metadata(), table.schema()));
  const bool fills = std::any_of(own.columns.begin(), own.columns.end(),
                                 [](const auto& column) { return column.fills_itself(); });
  if (fills || !own.checks.empty()) return std::string("the table has rules of its own");
  if (!table.row_count()) return std::string("its log does not say how many rows it has");
  return std::string();
}

Result<std::string> of_other_types(const std::vector<engine::ColumnInfo>& made,
                                   const delta::Snapshot& table) {
  TRY(const delta::Schema schema, engine::delta_schema(made));
  for (std::size_t i = 0; i < schema.fields.size(); ++i) {
    if (schema.fields[i].type.text() != table.schema().fields[i].type.text()) {
      return "its column " + schema.fields[i].name + " is of another type";
    }
  }
  return std::string();
}

std::string cannot_read(const std::string& table, delta::LogVersion since, const Error& error) {
  return fmt::format("what changed in {} since its version {} cannot be read: {}", table, since,
                     error.message);
}

bool is_share(std::int64_t some, const delta::Snapshot& table, double share) {
  const auto rows = table.row_count();
  return rows && static_cast<double>(some) > share * static_cast<double>(*rows);
}

bool holds_lists(const pack::Model& model) {
  return std::any_of(model.columns.begin(), model.columns.end(), quality::is_nested);
}

}  // namespace claimlake::refresh
