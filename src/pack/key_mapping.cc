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
  Texts(const Model& model, const Finder& find)
      : model_(model), mapping_(*model.mapping), find_(find) {}

  Result<std::string> touched_keys(std::string_view input, std::string_view changed) const {
    std::set<std::string> ways;  // the same way from two places is one
    for (const KeyMapping::Place& place : mapping_.places) {
      if (place.route.table != input) continue;
      TRY(std::string way, keys_of(place.route, std::string(changed)));
      ways.insert(std::move(way));
    }
    std::string sql;
    for (const std::string& way : ways) sql += (sql.empty() ? "" : "\nUNION\n") + way;
    // No route: nothing of the table comes into the result.
    if (sql.empty()) return no_keys();
    return fmt::format("SELECT DISTINCT * FROM ({}) AS _touched", sql);
  }

  Result<std::string> select_of_keys(const std::string& keys) const {
    Rewriter rewriter(model_.sql);
    for (std::size_t i = 0; i < mapping_.references.size(); ++i) {
      const TableReference& reference = mapping_.references[i];
      TRY(const std::string rows, restricted(i, keys));
      rewriter.replace(reference.begin, reference.end,
                       replacement(reference, fmt::format("(SELECT * FROM {})", rows)));
    }
    return fmt::format("SELECT _model.* FROM (\n{}\n) AS _model SEMI JOIN {} AS _keys ON {}",
                       rewriter.finish(), keys,
                       equal_columns("_model", model_.header.key, "_keys", model_.header.key));
  }

  Result<std::string> rows_of_keys(std::string_view input, std::string_view keys) const {
    return rows_let_through(
        std::string(input), std::string(keys),
        [&](const KeyMapping::Place& place) { return place.route.table == input; });
  }

 private:
  using By = engine::LookUp::By;

  std::string no_keys() const {
    std::string sql = "SELECT ";
    for (const std::string& column : model_.header.key) {
      sql += fmt::format("CAST(NULL AS {}) AS {}, ", model_.column(column)->type,
                         sql_identifier(column));
    }
    sql.resize(sql.size() - 2);
    return sql + " WHERE FALSE";
  }

  // The keys that rows of a place lead to; `rows` is a relation.
  Result<std::string> keys_of(const engine::KeyRoute& route, const std::string& rows) const {
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
    TRY(const std::string found,
        find_({other.table, {{route.other_columns, rows, route.columns}}}));
    return keys_of(other, found);
  }

  // By what a row of a place is let through.
  Result<By> by(const engine::KeyRoute& route, const std::string& keys) const {
    if (route.way == Way::kKey) return By{route.columns, keys, model_.header.key};
    const engine::KeyRoute& other = mapping_.places[route.other].route;
    TRY(By of_other, by(other, keys));
    TRY(std::string rows, find_({other.table, {std::move(of_other)}}));
    return By{route.columns, std::move(rows), route.other_columns};
  }

  // What stands in the place of reference `i`.
  Result<std::string> restricted(std::size_t i, const std::string& keys) const {
    return rows_let_through(mapping_.references[i].name, keys,
                            [&](const KeyMapping::Place& place) { return place.reference == i; });
  }
  // The rows of `name` that one of the places that are asked about lets through.
  Result<std::string> rows_let_through(
      const std::string& name, const std::string& keys,
      const std::function<bool(const KeyMapping::Place&)>& asked) const {
    engine::LookUp look_up{name, {}};
    std::set<std::string> known;  // the same way from two places is one
    for (const KeyMapping::Place& place : mapping_.places) {
      if (!asked(place)) continue;
      if (place.route.way == Way::kWhole) return find_({look_up.table, {}});
      TRY(By way, by(place.route, keys));
      const std::string text = fmt::format("{}|{}|{}", fmt::join(way.columns, ","), way.relation,
                                           fmt::join(way.of_relation, ","));
      if (known.insert(text).second) look_up.any.push_back(std::move(way));
    }
    if (!look_up.any.empty()) return find_(look_up);
    TRY(const std::string all, find_(look_up));
    return fmt::format("(SELECT * FROM {} WHERE FALSE)", all);
  }

  const Model& model_;
  const KeyMapping& mapping_;
  const Finder& find_;
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
  if (!keyless.empty()) return keyless;
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
  std::vector<std::string> relations;
  for (std::size_t i = 0; i < references.size(); ++i) {
    const std::string name = fmt::format("{}{}", kPlace, i);
    std::string columns;
    for (const ColumnDoc& column : *columns_of(references[i].name)) {
      columns += (columns.empty() ? "" : ", ") + sql_identifier(column.name) + " " + column.type;
    }
    TRY_DONE(session.execute(fmt::format("CREATE OR REPLACE TEMP TABLE {} ({})", name, columns)));
    relations.push_back("(SELECT * FROM " + name + ")");
    rewriter.replace(references[i].begin, references[i].end,
                     replacement(references[i], relations.back()));
  }
  auto flow = session.key_flow(rewriter.finish(), model.header.key);
  auto reads = model_reads(model, references, relations, session);
  for (std::size_t i = 0; i < references.size(); ++i) {
    TRY_DONE(session.execute(fmt::format("DROP TABLE {}{}", kPlace, i)));
  }
  if (!flow) return std::move(flow).error();
  if (!reads) return std::move(reads).error();
  KeyMapping mapping{.references = references,
                     .lost = flow->lost,
                     .keyless = flow->keyless,
                     .reads = *std::move(reads)};
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

Finder in_one_statement(const RelationOf& relation_of) {
  return [relation_of](const engine::LookUp& look_up) -> Result<std::string> {
    const std::string table = relation_of(look_up.table);
    if (look_up.any.empty()) return fmt::format("(SELECT * FROM {})", table);
    if (look_up.any.size() == 1) {
      const engine::LookUp::By& by = look_up.any.front();
      return fmt::format("(SELECT _row.* FROM {} AS _row SEMI JOIN {} AS _value ON {})", table,
                         by.relation, equal_columns("_row", by.columns, "_value", by.of_relation));
    }
    std::string any;
    for (const engine::LookUp::By& by : look_up.any) {
      any +=
          fmt::format("{}EXISTS (SELECT 1 FROM {} AS _value WHERE {})", any.empty() ? "" : " OR ",
                      by.relation, equal_columns("_row", by.columns, "_value", by.of_relation));
    }
    return fmt::format("(SELECT _row.* FROM {} AS _row WHERE {})", table, any);
  };
}

Result<std::string> touched_keys(const Model& model, std::string_view input,
                                 std::string_view changed, const Finder& find) {
  return Texts(model, find).touched_keys(input, changed);
}

std::string touched_keys(const Model& model, std::string_view input, std::string_view changed,
                         const RelationOf& relation_of) {
  auto sql = touched_keys(model, input, changed, in_one_statement(relation_of));
  CHECK(sql, "a text is always made");
  return *std::move(sql);
}

Result<std::string> select_of_keys(const Model& model, std::string_view keys, const Finder& find) {
  return Texts(model, find).select_of_keys(std::string(keys));
}

std::string select_of_keys(const Model& model, std::string_view keys,
                           const RelationOf& relation_of) {
  auto sql = select_of_keys(model, keys, in_one_statement(relation_of));
  CHECK(sql, "a text is always made");
  return *std::move(sql);
}

std::string rows_of_keys(const Model& model, std::string_view input, std::string_view keys,
                         const RelationOf& relation_of) {
  const Finder find = in_one_statement(relation_of);
  const auto rows = Texts(model, find).rows_of_keys(input, keys);
  CHECK(rows, "a text is always made");
  return "SELECT * FROM " + *rows + " AS _behind";
}

}  // namespace claimlake::pack
