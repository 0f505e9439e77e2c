#include "schedule/waiting.h"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "base/text.h"
#include "refresh/fingerprint.h"

namespace claimlake::schedule {
namespace {

// Columns that name a row of `table`, joined as one text.
std::string key_of(const pack::Pack& pack, const std::string& table) {
  std::vector<std::string> columns;
  for (const pack::Source& source : pack.sources) {
    if (source.table == table) columns = source.required;
  }
  if (const pack::Model* model = pack.model(table); columns.empty() && model != nullptr) {
    columns = model->header.key;
  }
  if (columns.empty()) return "CAST(NULL AS VARCHAR)";
  std::string text;
  for (const std::string& column : columns) text += ", " + sql_identifier(column);
  return "concat_ws(' '" + text + ")";
}

// One input and the version of it that some tables have taken in; -1: none.
using Behind = std::pair<std::string, delta::LogVersion>;

Result<std::map<Behind, std::string>> tables_behind(lake::Lake& lake, const pack::Pack& pack,
                                                    const std::string& layer) {
  std::map<Behind, std::string> behind;
  for (const pack::Model& model : pack.models) {
    if (!model.is_table() || model.schema != layer) continue;
    TRY(const auto table, lake.snapshot_if_any({model.schema, model.table}));
    for (const std::string& input : model.inputs) {
      // What a table reads of its own layer comes with the same step.
      const auto name = lake::TableName::parse(input);
      if (!name || name->schema == layer) continue;
      TRY(const auto newest, lake.snapshot_if_any(*name));
      if (newest == nullptr) continue;
      const delta::LogVersion taken =
          table == nullptr ? -1 : table->txn(refresh::input_app_id(input)).value_or(-1);
      if (taken >= newest->version()) continue;
      std::string& tables = behind[{input, taken}];
      tables += (tables.empty() ? "" : ", ") + model.name;
    }
  }
  return behind;
}

// Rows of a table of Silver that came, went or changed, by key. A table that was built as a whole
// has all of its rows anew, of which most differ only in when they were computed: those do not
// wait.
std::string changed_rows(const std::string& key, const std::string& rows,
                         const delta::Snapshot& table, const std::string& layer) {
  const std::string computed_at = "_" + layer + "_processed_at";
  const std::string left_out = table.schema().find(computed_at) == nullptr
                                   ? "_change_type"
                                   : "_change_type, " + sql_identifier(computed_at);
  const auto images = [&](const char* change) {
    return fmt::format(
        "SELECT '{0}' AS image, hash(row_image) AS held, {1} AS key FROM (SELECT * EXCLUDE ({2}) "
        "FROM changed WHERE _change_type = '{0}') AS row_image",
        change, key, left_out);
  };
  return fmt::format(
      "(WITH changed AS MATERIALIZED (SELECT * FROM {}) SELECT CASE WHEN count(DISTINCT image) = 2 "
      "THEN 'update' ELSE min(image) END AS change, key FROM ({} UNION ALL {}) GROUP BY key HAVING "
      "count(DISTINCT image) = 1 OR count(DISTINCT held) > 1)",
      rows, images("insert"), images("delete"));
}

std::string select_of(const pack::Pack& pack, const Behind& behind, const std::string& tables,
                      const delta::Snapshot& newest) {
  const auto& [input, taken] = behind;
  const bool is_bronze = input.starts_with("bronze.");
  const std::string head = fmt::format("SELECT {} AS \"table\", {} AS \"from\", ",
                                       sql_string(tables), sql_string(input));
  const std::string key = key_of(pack, input);
  const std::string place = is_bronze ? "_source_file AS file, _source_position AS position"
                                      : "CAST(NULL AS VARCHAR) AS file, NULL AS position";
  if (taken < 0) {
    return fmt::format("{}'insert' AS change, {} AS key, {} FROM {}", head, key, place, input);
  }
  const std::string rows =
      fmt::format("table_diff({}, {}, {})", sql_string(input), taken, newest.version());
  if (is_bronze) {
    return fmt::format("{}_change_type AS change, {} AS key, {} FROM {}", head, key, place, rows);
  }
  return fmt::format("{}change, key, {} FROM {}", head, place,
                     changed_rows(key, rows, newest, input.substr(0, input.find('.'))));
}

}  // namespace

Done check_step(const std::string& step) {
  if (step == "silver" || step == "gold") return done();
  return Error{Fault::kInvalidInput, fmt::format("There is no step '{}'", excerpt(step)), "",
               "the steps are silver and gold"};
}

Result<std::string> waiting_select(lake::Lake& lake, const pack::Pack& pack,
                                   const std::string& layer) {
  TRY(const auto behind, tables_behind(lake, pack, layer));
  std::string select;
  for (const auto& [from, tables] : behind) {
    const auto name = lake::TableName::parse(from.first);
    TRY(const auto newest, lake.snapshot(*name));
    select += (select.empty() ? "" : " UNION ALL ") + select_of(pack, from, tables, *newest);
  }
  return select;
}

Result<std::string> all_waiting(lake::Lake& lake, const pack::Pack& pack, const std::string& step) {
  std::string select;
  for (const std::string each : {"silver", "gold"}) {
    if (!step.empty() && step != each) continue;
    TRY(const std::string of_step, waiting_select(lake, pack, each));
    if (of_step.empty()) continue;
    select += fmt::format("{}SELECT '{}' AS step, * FROM ({})", select.empty() ? "" : " UNION ALL ",
                          each, of_step);
  }
  return select;
}

std::string waiting_rows(const std::string& select, std::int64_t limit, std::int64_t offset) {
  return fmt::format(
      "SELECT * FROM ({}) ORDER BY step DESC, \"from\", file, position, key, change, \"table\" "
      "LIMIT {} OFFSET {}",
      select, limit, offset);
}

std::string waiting_counts(const std::string& select) {
  return fmt::format(
      "SELECT step, \"from\", change, count(*) AS \"rows\", min(\"table\") AS \"for\" FROM ({}) "
      "GROUP BY ALL ORDER BY step DESC, \"from\", change",
      select);
}

}  // namespace claimlake::schedule
