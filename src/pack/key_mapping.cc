#include "pack/key_mapping.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "pack/model.h"
#include "pack/sql_text.h"

namespace claimlake::pack {
namespace {

using Way = engine::KeyRoute::Way;
using Columns = std::vector<std::string>;

// The engine says which table a place reads by its name, so each gets one of its own.
constexpr std::string_view kPlace = "claimlake_place_";

// The two texts of one model.
class Texts {
 public:
  Texts(const Model& model, const RelationOf& relation_of)
      : model_(model), mapping_(*model.mapping), relation_of_(relation_of) {}

  std::string touched_keys(std::string_view input, std::string_view changed) const {
    std::set<std::string> ways;  // the same way from two places is one
    for (const KeyMapping::Place& place : mapping_.places) {
      if (place.route.table != input) continue;
      ways.insert(keys_of(place.route, std::string(changed)));
    }
    std::string sql;
    for (const std::string& way : ways) sql += (sql.empty() ? "" : "\nUNION\n") + way;
    // No route: nothing of the table comes into the result.
    if (sql.empty()) return no_keys();
    return fmt::format("SELECT DISTINCT * FROM ({}) AS _touched", sql);
  }

  std::string select_of_keys(std::string_view keys) const {
    Rewriter rewriter(model_.sql);
    for (std::size_t i = 0; i < mapping_.references.size(); ++i) {
      const TableReference& reference = mapping_.references[i];
      rewriter.replace(reference.begin, reference.end,
                       replacement(reference, restricted(i, std::string(keys))));
    }
    return fmt::format("SELECT _model.* FROM (\n{}\n) AS _model SEMI JOIN {} AS _keys ON {}",
                       rewriter.finish(), keys,
                       equal_columns("_model", model_.header.key, "_keys", model_.header.key));
  }

 private:
  std::string no_keys() const {
    std::string sql = "SELECT ";
    for (const std::string& column : model_.header.key) {
      sql += fmt::format("CAST(NULL AS {}) AS {}, ", model_.column(column)->type,
                         sql_identifier(column));
    }
    sql.resize(sql.size() - 2);
    return sql + " WHERE FALSE";
  }

  // The keys that rows of a place lead to; `rows` is a relation with an alias or a name.
  std::string keys_of(const engine::KeyRoute& route, const std::string& rows) const {
    if (route.way == Way::kKey) {
      std::string list;
      for (std::size_t i = 0; i < route.columns.size(); ++i) {
        list += fmt::format("{}_rows.{} AS {}", i == 0 ? "" : ", ",
                            sql_identifier(route.columns[i]), sql_identifier(model_.header.key[i]));
      }
      return fmt::format("SELECT {} FROM {} AS _rows", list, rows);
    }
    CHECK(route.way == Way::kJoin, "the input leads to keys");
    const engine::KeyRoute& other = mapping_.places[route.other].route;
    return keys_of(
        other, fmt::format("(SELECT _other.* FROM {} AS _other SEMI JOIN {} AS _from ON "
                           "{})",
                           relation_of_(other.table), rows,
                           equal_columns("_other", route.other_columns, "_from", route.columns)));
  }

  // The values that a row must hold to be let through, and by which of its columns.
  struct Gate {
    Columns columns;
    std::string values;  // a relation
    Columns of_values;
  };
  Gate gate(const engine::KeyRoute& route, const std::string& keys) const {
    if (route.way == Way::kKey) return {route.columns, keys, model_.header.key};
    const engine::KeyRoute& other = mapping_.places[route.other].route;
    return {route.columns,
            fmt::format("(SELECT _row.* FROM {} AS _row SEMI JOIN {})", relation_of_(other.table),
                        joined("_row", gate(other, keys))),
            route.other_columns};
  }
  static std::string joined(std::string_view row, const Gate& gate) {
    return fmt::format("{} AS _value ON {}", gate.values,
                       equal_columns(row, gate.columns, "_value", gate.of_values));
  }

  // What stands in the place of reference `i`.
  std::string restricted(std::size_t i, const std::string& keys) const {
    const std::string table = relation_of_(mapping_.references[i].name);
    std::set<std::string> joins;  // the same way from two places is one
    for (const KeyMapping::Place& place : mapping_.places) {
      if (place.reference != i) continue;
      if (place.route.way == Way::kWhole) return fmt::format("(SELECT * FROM {})", table);
      joins.insert(joined("_row", gate(place.route, keys)));
    }
    if (joins.size() == 1) {
      return fmt::format("(SELECT _row.* FROM {} AS _row SEMI JOIN {})", table, *joins.begin());
    }
    std::string any;
    for (const std::string& each : joins) {
      any +=
          fmt::format("{}EXISTS (SELECT 1 FROM {})", any.empty() ? "" : " OR ", where_for_on(each));
    }
    return fmt::format("(SELECT _row.* FROM {} AS _row WHERE {})", table,
                       any.empty() ? "FALSE" : any);
  }
  static std::string where_for_on(std::string join) {
    const std::string on = "AS _value ON ";
    const std::size_t at = join.rfind(on);
    return join.replace(at, on.size(), "AS _value WHERE ");
  }

  const Model& model_;
  const KeyMapping& mapping_;
  const RelationOf& relation_of_;
};

// Holds what the header says of `table` against the places that read it.
Done apply_header(const Model& model, const std::string& table, const Columns& columns,
                  KeyMapping& mapping) {
  const auto fail = [&](const std::string& what, const std::string& next) {
    return error_at(model.file, model.header.places.at("changes"), what, next);
  };
  if (columns.size() != model.header.key.size()) {
    return fail("changes: " + table + " names " + std::to_string(columns.size()) +
                    " columns, and the key has " + std::to_string(model.header.key.size()),
                "name one column for each column of the key, in its order");
  }
  const bool leads = std::any_of(
      mapping.places.begin(), mapping.places.end(), [&](const KeyMapping::Place& place) {
        return place.route.table == table && place.route.way != Way::kWhole;
      });
  for (KeyMapping::Place& place : mapping.places) {
    if (place.route.table != table) continue;
    if (place.route.way == Way::kWhole && leads) {
      // Of the same table one place holds the rows of a key, another those of all: a total, say.
      return fail("changes: the SQL reads " + table +
                      " in several places, of which one leads to keys and another does not: " +
                      place.route.reason,
                  "leave " + table + " out of changes; the table is then built as a whole");
    }
    if (place.route.way == Way::kKey && place.route.columns != columns) {
      return fail("changes: the SQL says that the key is in other columns of " + table + ": " +
                      fmt::format("{}", fmt::join(place.route.columns, ", ")),
                  "leave " + table + " out of changes; it is read from the SQL");
    }
    if (place.route.way == Way::kWhole) {
      place.route = {.table = table, .way = Way::kKey, .columns = columns};
    }
  }
  return done();
}

}  // namespace

std::string KeyMapping::touches_all(std::string_view input) const {
  if (!lost.empty()) return lost;
  for (const Place& place : places) {
    if (place.route.table == input && place.route.way == Way::kWhole) return place.route.reason;
  }
  return "";
}

Result<KeyMapping> key_mapping(
    const Model& model, const std::vector<TableReference>& references,
    const std::function<const std::vector<ColumnDoc>*(const std::string&)>& columns_of,
    engine::Session& session) {
  Rewriter rewriter(model.sql);
  for (std::size_t i = 0; i < references.size(); ++i) {
    const std::string name = fmt::format("{}{}", kPlace, i);
    std::string columns;
    for (const ColumnDoc& column : *columns_of(references[i].name)) {
      columns += (columns.empty() ? "" : ", ") + sql_identifier(column.name) + " " + column.type;
    }
    TRY_DONE(session.execute(fmt::format("CREATE OR REPLACE TEMP TABLE {} ({})", name, columns)));
    rewriter.replace(references[i].begin, references[i].end,
                     replacement(references[i], "(SELECT * FROM " + name + ")"));
  }
  auto flow = session.key_flow(rewriter.finish(), model.header.key);
  for (std::size_t i = 0; i < references.size(); ++i) {
    TRY_DONE(session.execute(fmt::format("DROP TABLE {}{}", kPlace, i)));
  }
  if (!flow) return std::move(flow).error();
  KeyMapping mapping{.references = references, .lost = flow->lost};
  for (engine::KeyRoute& route : flow->routes) {
    const auto number = whole_number(route.table.substr(route.table.rfind('_') + 1));
    if (!number) {
      return error_at(model.file, model.place(0),
                      model.name + " reads a table in a way that is not followed: " + route.table,
                      "read tables by their names");
    }
    const auto reference = static_cast<std::size_t>(*number);
    route.table = references[reference].name;
    mapping.places.push_back({reference, std::move(route)});
  }
  for (const auto& [table, columns] : model.header.changes) {
    TRY_DONE(apply_header(model, table, columns, mapping));
  }
  return mapping;
}

std::string equal_columns(std::string_view a, const std::vector<std::string>& of_a,
                          std::string_view b, const std::vector<std::string>& of_b) {
  CHECK(of_a.size() == of_b.size(), "columns are compared in pairs");
  std::string sql;
  for (std::size_t i = 0; i < of_a.size(); ++i) {
    sql += fmt::format("{}{}.{} = {}.{}", i == 0 ? "" : " AND ", a, sql_identifier(of_a[i]), b,
                       sql_identifier(of_b[i]));
  }
  return sql;
}

std::string same_relation(const std::string& table) { return table; }

std::string touched_keys(const Model& model, std::string_view input, std::string_view changed,
                         const RelationOf& relation_of) {
  return Texts(model, relation_of).touched_keys(input, changed);
}

std::string select_of_keys(const Model& model, std::string_view keys,
                           const RelationOf& relation_of) {
  return Texts(model, relation_of).select_of_keys(keys);
}

}  // namespace claimlake::pack
