#include "refresh/feed.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "pack/key_mapping.h"
#include "pack/references.h"
#include "pack/sql_text.h"
#include "refresh/publish.h"

namespace claimlake::refresh {

std::optional<std::int64_t> rows_added(const delta::Snapshot& before, const delta::Snapshot& now) {
  std::set<std::string_view> known;
  for (const delta::AddFile& file : before.files()) known.insert(file.path);
  std::int64_t rows = 0;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < now.files().size(); ++i) {
    if (known.contains(now.files()[i].path)) {
      ++kept;
      continue;
    }
    const auto of_file = now.row_count(i);
    if (!of_file) return std::nullopt;
    rows += *of_file;
  }
  if (kept < known.size()) return std::nullopt;
  return rows;
}

Result<Since> refreshed_since(lake::Lake& lake, const lake::TableName& table,
                              delta::LogVersion version) {
  constexpr std::size_t kEntries = 20;
  TRY(const auto history, lake.latest_commits(table, kEntries));
  Since since;
  std::string newest;  // as-of date, as the history writes it
  for (const auto& entry : history) {
    const auto text = [&](const char* name) {
      const auto found = entry.info->parameters.find(name);
      return found == entry.info->parameters.end() ? std::string() : found->second;
    };
    if (newest.empty()) newest = text(kAsOf);
    if (entry.version <= version) {
      if (text(kAsOf).empty()) continue;  // no refresh
      since.turned = text(kAsOf) != newest;
      break;
    }
    // The text is JSON: in quotation marks.
    since.built_whole |= text("way").starts_with("\"" + std::string(kWhole));
  }
  return since;
}

namespace {

// The columns of `schema` that the words of a query may be; all of them where it asks for "*".
std::set<std::string> columns_named(std::string_view query, const delta::Schema& schema) {
  std::set<std::string> all;
  for (const delta::Field& field : schema.fields) all.insert(field.name);
  const auto tokens = pack::tokenize(query);
  if (!tokens) return all;
  std::set<std::string> words;
  const auto meant = pack::without_comments(*tokens);
  for (std::size_t i = 0; i < meant.size(); ++i) {
    if (meant[i].kind == pack::TokenKind::kQuotedName) return all;
    const bool counts = i > 1 && meant[i - 1].is("(") && meant[i - 2].is("COUNT");
    const bool multiplies = i > 0 && (meant[i - 1].is(")") || meant[i - 1].is("]") ||
                                      meant[i - 1].kind == pack::TokenKind::kNumber);
    if (meant[i].is("*") && !counts && !multiplies) return all;
    if (meant[i].kind == pack::TokenKind::kWord) words.insert(to_lower(meant[i].text));
  }
  std::erase_if(all, [&](const std::string& name) { return !words.contains(to_lower(name)); });
  return all;
}

bool reads(std::string_view query, const std::string& table) {
  const auto tokens = pack::tokenize(query);
  if (!tokens) return true;
  const auto references = pack::table_references(*tokens);
  return std::any_of(references.begin(), references.end(),
                     [&](const auto& reference) { return reference.name == table; });
}

}  // namespace

std::vector<std::string> columns_read(const pack::Model& model, const std::string& table,
                                      const delta::Schema& schema) {
  std::set<std::string> columns;
  const auto& inputs = model.inputs;
  if (std::find(inputs.begin(), inputs.end(), table) != inputs.end()) {
    const auto reads = model.mapping->reads.columns.find(table);
    if (reads == model.mapping->reads.columns.end()) return {};
    columns = reads->second;
    for (const pack::KeyMapping::Place& place : model.mapping->places) {
      const engine::KeyRoute& route = place.route;
      if (route.table == table) columns.insert(route.columns.begin(), route.columns.end());
      if (route.way != engine::KeyRoute::Way::kJoin ||
          model.mapping->places[route.other].route.table != table) {
        continue;
      }
      columns.insert(route.other_columns.begin(), route.other_columns.end());
    }
  }
  for (const pack::Rule& rule : model.rules.rules) {
    const auto* query = std::get_if<pack::Query>(&rule.body);
    if (query != nullptr && reads(query->sql, table)) {
      columns.merge(columns_named(query->sql, schema));
    }
    const auto* exists = std::get_if<pack::ExistsIn>(&rule.body);
    if (exists != nullptr && exists->table == table) columns.insert(exists->parent_column);
  }
  return {columns.begin(), columns.end()};
}

std::set<std::string> columns_judged(const pack::Model& model, const delta::Schema& schema) {
  std::set<std::string> columns;
  for (const pack::Rule& rule : model.rules.rules) {
    const auto named = pack::rule_columns(rule);
    columns.insert(named.begin(), named.end());
    columns.merge(columns_named(rule.when, schema));
    if (const auto* query = std::get_if<pack::Query>(&rule.body)) {
      columns.merge(columns_named(query->sql, schema));
    } else if (const auto* condition = std::get_if<pack::RowCondition>(&rule.body)) {
      columns.merge(columns_named(condition->sql, schema));
    }
  }
  return columns;
}

std::string difference(const std::string& table, delta::LogVersion from, delta::LogVersion to,
                       const std::vector<std::string>& columns) {
  std::string list;
  for (const std::string& column : columns) {
    list += (list.empty() ? ", [" : ", ") + sql_string(column);
  }
  return fmt::format("SELECT * FROM table_diff({}, {}, {}{}{})", sql_string(table), from, to, list,
                     list.empty() ? "" : "]");
}

}  // namespace claimlake::refresh
