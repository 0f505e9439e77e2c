#include "refresh/key_texts.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "pack/key_mapping.h"
#include "quality/checked.h"
#include "quality/quarantine.h"
#include "refresh/waivers.h"

namespace claimlake::refresh {

std::string list_of(const std::vector<std::string>& columns, std::string_view relation) {
  std::string out;
  for (const std::string& column : columns) {
    out += (out.empty() ? "" : ", ") + (relation.empty() ? "" : std::string(relation) + ".") +
           sql_identifier(column);
  }
  return out;
}

std::string list_of_some(const std::vector<std::string>& all,
                         const std::vector<std::string>& some) {
  std::string list;
  for (const std::string& column : all) {
    const bool has_it = std::any_of(some.begin(), some.end(), [&](const std::string& each) {
      return to_lower(each) == to_lower(column);
    });
    list += fmt::format("{}{}{}", list.empty() ? "" : ", ", has_it ? "" : "NULL AS ",
                        sql_identifier(column));
  }
  return list;
}

std::string same_key(const std::vector<std::string>& key, std::string_view a, std::string_view b) {
  return pack::equal_columns(a, key, b, key);
}

std::string without_key(const std::vector<std::string>& key, std::string_view relation) {
  std::string out;
  for (const std::string& column : key) {
    out += fmt::format("{}{}{}{} IS NULL", out.empty() ? "" : " OR ", relation,
                       relation.empty() ? "" : ".", sql_identifier(column));
  }
  return "(" + out + ")";
}

std::string shared_keys(const std::vector<std::string>& key, std::string_view relation,
                        bool but_keyless) {
  return fmt::format("SELECT count(*) FROM (SELECT 1 FROM {}{} GROUP BY {} HAVING count(*) > 1)",
                     relation, but_keyless ? " WHERE NOT " + without_key(key) : "", list_of(key));
}

std::string refused_rows(const pack::Model& model, const std::vector<std::string>& columns,
                         Timestamp processed_at, std::string_view condition,
                         std::string_view keys) {
  std::string of_keys;
  if (!keys.empty()) {
    of_keys = fmt::format(" AND key IN (SELECT {} FROM {})", quality::key_text(model), keys);
  }
  std::string items;
  for (const pack::ColumnDoc& column : model.columns) {
    const auto among = [&](const std::vector<std::string>& names) {
      return std::find(names.begin(), names.end(), column.name) != names.end();
    };
    if (!among(columns) && !among(model.header.key)) continue;
    items += fmt::format("CAST(json_extract_string(payload, {}) AS {}) AS {}, ",
                         sql_string("$.\"" + column.name + "\""), column.type,
                         sql_identifier(column.name));
  }
  return fmt::format(
      "SELECT {} FROM (SELECT {} FALSE AS _is_valid, CAST(-1 AS DOUBLE) AS _quality_score, FALSE "
      "AS _is_duplicate, CAST(NULL AS VARCHAR) AS _duplicate_of, rules AS _dq, {} AS "
      "_silver_processed_at FROM {} WHERE table_name = {} AND {}{}) AS w WHERE {}",
      list_of(columns), items, quality::sql_timestamp(processed_at), quality::kQuarantineTable,
      sql_string(model.name), quality::kIsRefused, of_keys, condition);
}

std::string keys_of_refused(const pack::Model& model, const std::string& column,
                            std::string_view values) {
  return fmt::format(
      "SELECT {} FROM {} AS waiting SEMI JOIN {} AS parent ON {} = parent.v WHERE "
      "waiting.table_name = {}",
      key_of_refused(model, "waiting"), quality::kQuarantineTable, values,
      quality::payload_value(*model.column(column), "waiting"), sql_string(model.name));
}

std::map<std::string, engine::LookUp> parents_of(const pack::Model& model,
                                                 const std::string& relation) {
  std::map<std::string, engine::LookUp> parents;
  for (const pack::Rule* rule : model.rules.of(pack::RuleGroup::kRow)) {
    const auto* exists = std::get_if<pack::ExistsIn>(&rule->body);
    if (exists == nullptr) continue;
    engine::LookUp& look_up = parents[exists->table + "." + exists->parent_column];
    look_up.table = exists->table;
    look_up.any.push_back({{exists->parent_column}, relation, {exists->column}});
  }
  return parents;
}

std::map<std::string, engine::LookUp> look_ups_of_rules(const pack::Model& model,
                                                        const std::string& relation) {
  std::map<std::string, engine::LookUp> out;
  std::set<std::string> others;
  const auto take = [&](const engine::SumOver& sum, const std::string& table) {
    const auto by_row = std::find_if(sum.joined.begin(), sum.joined.end(), [&](const auto& joined) {
      return joined.table == table && joined.other == "_new" &&
             model.column(joined.other_column) != nullptr;
    });
    if (by_row == sum.joined.end()) {
      others.insert(table);
      return;
    }
    engine::LookUp& look_up = out[table];
    look_up.table = table;
    const bool known = std::any_of(look_up.any.begin(), look_up.any.end(), [&](const auto& by) {
      return by.columns.front() == by_row->column && by.of_relation.front() == by_row->other_column;
    });
    if (!known) look_up.any.push_back({{by_row->column}, relation, {by_row->other_column}});
  };
  for (const pack::Rule& rule : model.rules.rules) {
    const auto* query = std::get_if<pack::Query>(&rule.body);
    if (query == nullptr) continue;
    for (const engine::SumOver& sum : query->sums) {
      for (const std::string& table : sum.tables) {
        if (table != "_new") take(sum, table);
      }
    }
  }
  for (const std::string& table : others) out.erase(table);
  return out;
}

std::set<std::string> read_apart_by_rules(const pack::Model& model,
                                          const std::set<std::string>& changed) {
  std::set<std::string> apart;
  std::set<std::string> beside;  // rows that come or go
  for (const pack::Rule& rule : model.rules.rules) {
    const auto* query = std::get_if<pack::Query>(&rule.body);
    if (query == nullptr) continue;
    for (const engine::SumOver& sum : query->sums) {
      const bool goes_on = std::any_of(
          sum.tables.begin(), sum.tables.end(),
          [&](const std::string& table) { return table == "_new" || changed.contains(table); });
      (goes_on ? beside : apart).insert(sum.tables.begin(), sum.tables.end());
    }
  }
  for (const std::string& table : beside) apart.erase(table);
  return apart;
}

lake::ChangeSelect exchange_select(const pack::Model& model,
                                   const std::vector<std::string>& columns, std::string_view old,
                                   std::string_view rows, bool compare) {
  using Select = lake::ChangeSelect;
  const std::vector<std::string>& key = model.header.key;
  std::string differing_old;
  std::string differing_new;
  for (const std::string& column : columns) {
    // When a row was computed is no change of it.
    if (column == "_silver_processed_at" || column == "_gold_processed_at") continue;
    const std::string name = sql_identifier(column);
    differing_old += fmt::format("{}o.{}", differing_old.empty() ? "" : ", ", name);
    differing_new += fmt::format("{}n.{}", differing_new.empty() ? "" : ", ", name);
  }
  const std::string first = sql_identifier(key.front());
  const std::string same =
      compare ? fmt::format(
                    "o.file_number IS NOT NULL AND n.{} IS NOT NULL AND row({}) IS NOT "
                    "DISTINCT FROM row({})",
                    first, differing_old, differing_new)
              : "FALSE";
  Select out;
  out.clauses = {Select::Effect::kInsert, Select::Effect::kUpdate, Select::Effect::kDelete};
  out.may_insert = true;
  out.sql = fmt::format(
      "SELECT CAST(CASE WHEN o.file_number IS NULL THEN 0 WHEN n.{0} IS NULL THEN 2 ELSE 1 END AS "
      "INTEGER) AS {1}, o.file_number AS {2}, o.file_row_number AS {3}, {4} AS {5}, {6} FROM {7} "
      "AS "
      "o FULL JOIN (SELECT * FROM {8}{9}) AS n ON {10}",
      first, Select::kClause, Select::kFile, Select::kRow, same, Select::kSame,
      list_of(columns, "n"), old, rows,
      model.schema == "silver" ? " WHERE _quality_score >= 0" : "",
      pack::equal_columns("o", key, "n", key));
  return out;
}

}  // namespace claimlake::refresh
