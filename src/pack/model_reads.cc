// The day is put into the SQL as a table of one row: then the lineage of columns and rows, which is
// there anyway, says what hangs on it.
#include "pack/model_reads.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "pack/key_mapping.h"
#include "pack/model.h"
#include "pack/sql_text.h"

namespace claimlake::pack {
namespace {

constexpr const char* kDay = "claimlake_day";

// The model's SQL with relations in the place of its tables and, if asked, the table of the day in
// the place of CURRENT_DATE.
std::string bindable(const Model& model, const std::vector<TableReference>& references,
                     const std::vector<std::string>& relations, bool with_day) {
  std::map<std::size_t, std::pair<std::size_t, std::string>> edits;  // by where they begin
  for (std::size_t i = 0; i < references.size(); ++i) {
    edits[references[i].begin] = {references[i].end, replacement(references[i], relations[i])};
  }
  const auto tokens = tokenize(model.sql);
  CHECK(tokens, "the loader has read the SQL");
  for (const Token& token : *tokens) {
    if (!with_day || !token.is("CURRENT_DATE")) continue;
    edits[token.offset] = {token.end(), fmt::format("(SELECT day FROM {})", kDay)};
  }
  Rewriter rewriter(model.sql);
  for (const auto& [begin, edit] : edits) rewriter.replace(begin, edit.first, edit.second);
  return rewriter.finish();
}

// A source's table: the number of its reference; absent if it is another one.
std::optional<std::size_t> reference_of(const engine::ColumnSource& source) {
  const auto number = whole_number(source.table.substr(source.table.rfind('_') + 1));
  if (!number) return std::nullopt;
  return static_cast<std::size_t>(*number);
}

bool is_day(const engine::ColumnSource& source) { return source.table.ends_with(kDay); }

bool any_day(const std::vector<engine::ColumnSource>& sources) {
  return std::any_of(sources.begin(), sources.end(), is_day);
}

}  // namespace

bool holds_day(std::string_view sql) {
  const auto tokens = tokenize(sql);
  if (!tokens) return true;  // what cannot be read may hold it
  return std::any_of(tokens->begin(), tokens->end(),
                     [](const Token& token) { return token.is("CURRENT_DATE"); });
}

Result<ModelReads> model_reads(const Model& model, const std::vector<TableReference>& references,
                               const std::vector<std::string>& relations,
                               engine::Session& session) {
  ModelReads reads;
  const bool with_day = holds_day(model.sql);
  if (with_day) {
    TRY_DONE(session.execute(fmt::format("CREATE OR REPLACE TEMP TABLE {} (day DATE)", kDay)));
  }
  auto found = session.lineage(bindable(model, references, relations, with_day));
  if (!found && with_day) {
    // It stands where no subquery may.
    reads.day_in_rows = true;
    found = session.lineage(bindable(model, references, relations, false));
  }
  if (with_day) {
    TRY_DONE(session.execute(fmt::format("DROP TABLE {}", kDay)));
  }
  if (!found) return std::move(found).error();
  const auto take = [&](const std::vector<engine::ColumnSource>& sources) {
    for (const engine::ColumnSource& source : sources) {
      const auto number = reference_of(source);
      if (!number || is_day(source) || *number >= references.size()) continue;
      auto& columns = reads.columns[references[*number].name];
      if (!source.column.empty()) columns.insert(source.column);
    }
  };
  for (const auto& [column, sources] : found->columns) {
    take(sources);
    if (any_day(sources)) reads.day_columns.push_back(column);
  }
  take(found->rows);
  if (any_day(found->rows)) reads.day_in_rows = true;
  return reads;
}

DayWay day_way(const Model& model) {
  DayWay way;
  if (!model.header.clock_day || model.mapping == nullptr) return way;
  for (const Rule* rule : model.rules.of(RuleGroup::kRow)) {
    const auto* condition = std::get_if<RowCondition>(&rule->body);
    if (holds_day(rule->when) || (condition != nullptr && holds_day(condition->sql))) {
      way.rules.push_back(rule);
    }
  }
  const ModelReads& reads = model.mapping->reads;
  way.columns = reads.day_columns;
  const bool key_moves =
      std::any_of(way.columns.begin(), way.columns.end(), [&](const std::string& column) {
        return std::any_of(
            model.header.key.begin(), model.header.key.end(),
            [&](const std::string& key) { return to_lower(key) == to_lower(column); });
      });
  if (reads.day_in_rows || key_moves) {
    way.kind = DayWay::Kind::kRows;
  } else if (!way.columns.empty() || !way.rules.empty()) {
    way.kind = DayWay::Kind::kColumns;
  } else if (holds_day(model.sql)) {
    way.kind = DayWay::Kind::kRows;  // what it does is not known
  }
  return way;
}

}  // namespace claimlake::pack
