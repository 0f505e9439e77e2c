#include "engine/limit_files.h"

#include <duckdb/common/multi_file/multi_file_states.hpp>
#include <duckdb/main/config.hpp>
#include <duckdb/main/database.hpp>
#include <duckdb/optimizer/optimizer_extension.hpp>
#include <duckdb/planner/operator/logical_get.hpp>
#include <duckdb/planner/operator/logical_limit.hpp>
#include <limits>
#include <optional>

#include "engine/lake_file_list.h"
#include "engine/table_scan.h"

namespace claimlake::engine {
namespace {

using duckdb::LogicalOperator;
using duckdb::LogicalOperatorType;

// Rows that `limit` takes from below it, with those that it passes over; absent if they are not
// known, or not so few that files could be left out.
std::optional<std::int64_t> rows_wanted(const duckdb::LogicalLimit& limit) {
  if (limit.limit_val.Type() != duckdb::LimitNodeType::CONSTANT_VALUE) return std::nullopt;
  const bool has_offset = limit.offset_val.Type() != duckdb::LimitNodeType::UNSET;
  if (has_offset && limit.offset_val.Type() != duckdb::LimitNodeType::CONSTANT_VALUE) {
    return std::nullopt;
  }
  constexpr auto kMost = static_cast<duckdb::idx_t>(std::numeric_limits<std::int32_t>::max());
  const duckdb::idx_t rows = limit.limit_val.GetConstantValue();
  const duckdb::idx_t offset = has_offset ? limit.offset_val.GetConstantValue() : 0;
  if (rows > kMost || offset > kMost) return std::nullopt;
  return static_cast<std::int64_t>(rows + offset);
}

// The scan whose rows come up to `below` one for one, or null.
duckdb::LogicalGet* scan_of(LogicalOperator* below) {
  while (below->type == LogicalOperatorType::LOGICAL_PROJECTION) below = below->children[0].get();
  if (below->type != LogicalOperatorType::LOGICAL_GET) return nullptr;
  auto& scan = below->Cast<duckdb::LogicalGet>();
  const bool all_rows = scan.table_filters.filters.empty() && !scan.dynamic_filters &&
                        !scan.extra_info.sample_options;
  return scan.function.name == kScanName && all_rows ? &scan : nullptr;
}

void shorten(LogicalOperator& plan) {
  for (const auto& child : plan.children) shorten(*child);
  if (plan.type != LogicalOperatorType::LOGICAL_LIMIT) return;
  const auto rows = rows_wanted(plan.Cast<duckdb::LogicalLimit>());
  duckdb::LogicalGet* scan = rows ? scan_of(plan.children[0].get()) : nullptr;
  if (scan == nullptr) return;
  auto& bind = scan->bind_data->Cast<duckdb::MultiFileBindData>();
  auto fewer = bind.file_list->Cast<LakeFileList>().first_with(*rows);
  if (fewer) bind.file_list = std::move(fewer);
}

}  // namespace

void register_limit_files(duckdb::DatabaseInstance& database) {
  duckdb::OptimizerExtension extension;
  extension.optimize_function = [](duckdb::OptimizerExtensionInput&,
                                   duckdb::unique_ptr<LogicalOperator>& plan) { shorten(*plan); };
  duckdb::OptimizerExtension::Register(duckdb::DBConfig::GetConfig(database), std::move(extension));
}

}  // namespace claimlake::engine
