// The model's SELECT, with its row rules in it as in a run, reads temporary tables in the place of
// those that it names. What it gives is compared with the expected rows as text: few rows, and what
// a person reads is what was compared.
#include "quality/test_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>

#include "base/text.h"
#include "pack/references.h"
#include "pack/source.h"
#include "pack/sql_text.h"
#include "quality/checked.h"

namespace claimlake::quality {
namespace {

using pack::ColumnDoc;
using Row = std::vector<std::optional<std::string>>;

constexpr const char* kActual = "actual_rows";
constexpr const char* kRules = "rules";
constexpr double kDoubleTolerance = 1e-9;

std::string relation_of(const std::string& table) {
  std::string name = "given_" + table;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

// The columns of a table that models read, those that the program adds too.
std::vector<ColumnDoc> columns_of(const pack::Pack& pack, const std::string& table) {
  std::vector<ColumnDoc> columns;
  if (table.starts_with("raw.")) {
    const pack::Source* source = pack.source(table.substr(4));
    CHECK(source != nullptr, "load_pack has checked what models read");
    columns = source->columns;
    for (const ColumnDoc& column : pack::arrival_columns()) columns.push_back(column);
    return columns;
  }
  const pack::Model* model = pack.model(table);
  CHECK(model != nullptr, "load_pack has checked what models read");
  columns = model->columns;
  for (const ColumnDoc& column : pack::program_columns(model->schema)) columns.push_back(column);
  return columns;
}

// "C-1", "C-1, 2026-01", "null".
std::string text_of(const Row& row, const std::vector<std::size_t>& columns) {
  std::string text;
  for (const std::size_t column : columns) {
    text += (text.empty() ? "" : ", ") + row[column].value_or("null");
  }
  return text;
}

bool same_value(const std::optional<std::string>& a, const std::optional<std::string>& b,
                const std::string& type) {
  if (a == b || !a || !b) return a == b;
  if (type != "DOUBLE" && type != "FLOAT") return false;
  const double x = std::strtod(a->c_str(), nullptr);
  const double y = std::strtod(b->c_str(), nullptr);
  return std::abs(x - y) <= kDoubleTolerance * std::max(std::abs(x), std::abs(y));
}

// Two sets of rows with the same columns.
class Comparison {
 public:
  Comparison(std::string_view rows, const engine::TextTable& expected,
             const engine::TextTable& actual, const std::vector<std::string>& key)
      : rows_(rows), expected_(expected), actual_(actual) {
    for (std::size_t i = 0; i < actual_.columns.size(); ++i) {
      const bool is_key =
          std::find(key.begin(), key.end(), to_lower(actual_.columns[i].name)) != key.end();
      if (is_key) key_.push_back(i);
    }
    by_key_ = !key.empty() && key_.size() == key.size();
    if (by_key_) return;
    key_.clear();
    for (std::size_t i = 0; i < actual_.columns.size(); ++i) key_.push_back(i);
  }

  std::vector<TestDifference> differences() const {
    std::vector<TestDifference> found;
    std::vector<const Row*> left;
    for (const Row& row : actual_.rows) left.push_back(&row);
    for (const Row& row : expected_.rows) {
      const auto partner = std::find_if(left.begin(), left.end(),
                                        [&](const Row* other) { return same_key(row, *other); });
      if (partner == left.end()) {
        found.push_back({rows_, text_of(row, key_), "", "there", {}});
        continue;
      }
      compare(row, **partner, found);
      left.erase(partner);
    }
    for (const Row* row : left) found.push_back({rows_, text_of(*row, key_), "", {}, "there"});
    return found;
  }

 private:
  bool same_key(const Row& a, const Row& b) const {
    return std::all_of(key_.begin(), key_.end(), [&](std::size_t i) {
      return same_value(a[i], b[i], actual_.columns[i].type);
    });
  }
  void compare(const Row& expected, const Row& actual, std::vector<TestDifference>& found) const {
    for (std::size_t i = 0; i < expected.size(); ++i) {
      if (same_value(expected[i], actual[i], actual_.columns[i].type)) continue;
      found.push_back(
          {rows_, text_of(expected, key_), actual_.columns[i].name, expected[i], actual[i]});
    }
  }

  std::string rows_;
  const engine::TextTable& expected_;
  const engine::TextTable& actual_;
  std::vector<std::size_t> key_;
  bool by_key_ = false;
};

class Run {
 public:
  Run(const pack::Pack& pack, const pack::ModelTest& test, engine::Session& session,
      engine::Session& reader)
      : pack_(pack),
        test_(test),
        model_(*pack.model(test.model)),
        session_(session),
        reader_(reader) {}

  Result<std::vector<TestDifference>> run() {
    TRY_DONE(give());
    TRY_DONE(session_.execute(
        fmt::format("CREATE OR REPLACE TEMP TABLE {} AS {}", kActual, select_from_given(model_))));
    TRY(auto differences, compare(pack::kExpected));
    TRY(const auto refused, compare(pack::kRefused));
    differences.insert(differences.end(), refused.begin(), refused.end());
    return differences;
  }

 private:
  // Makes the tables that are read, with their rows: given ones, and those that follow from them.
  Done give() {
    const auto computed = pack::computed_inputs(pack_, test_);
    std::set<std::string> known;
    for (const pack::Model* model : computed) known.insert(model->name);
    for (const pack::Model* model : computed) {
      TRY_DONE(give_inputs(*model, known));
      TRY_DONE(session_.execute(fmt::format("CREATE OR REPLACE TEMP TABLE {} AS {}",
                                            relation_of(model->name), select_from_given(*model))));
    }
    return give_inputs(model_, known);
  }

  Done give_inputs(const pack::Model& model, std::set<std::string>& known) {
    for (const auto* inputs : {&model.inputs, &model.rule_inputs}) {
      for (const std::string& table : *inputs) {
        if (!known.insert(table).second) continue;
        TRY_DONE(make(relation_of(table), columns_of(pack_, table)));
        for (const pack::TestRows& rows : test_.given) {
          if (rows.table != table) continue;
          TRY_DONE(insert(rows, relation_of(table), columns_of(pack_, table)));
        }
      }
    }
    return done();
  }

  Done make(const std::string& relation, const std::vector<ColumnDoc>& columns) {
    std::string list;
    for (const ColumnDoc& column : columns) {
      list += fmt::format("{}{} {}", list.empty() ? "" : ", ", sql_identifier(column.name),
                          column.type);
    }
    TRY_DONE(session_.execute(fmt::format("CREATE OR REPLACE TEMP TABLE {} ({})", relation, list)));
    return done();
  }

  Done insert(const pack::TestRows& rows, const std::string& relation,
              const std::vector<ColumnDoc>& columns) {
    std::string list;
    for (const std::string& name : rows.columns) {
      const bool known = std::any_of(columns.begin(), columns.end(), [&](const ColumnDoc& column) {
        return to_lower(column.name) == name;
      });
      if (!known) {
        return pack::error_at(test_.file, rows.place,
                              fmt::format("{} has no column {}{}", rows.table, name,
                                          pack::did_you_mean(name, pack::column_names(columns))));
      }
      list += (list.empty() ? "" : ", ") + sql_identifier(name);
    }
    // As a person's query: a test reads no file and no table.
    if (const auto valid = reader_.check(rows.rows); !valid) {
      return pack::error_at(test_.file, place_in(rows, valid.error().where), valid.error().message,
                            valid.error().next);
    }
    const auto taken =
        session_.execute(fmt::format("INSERT INTO {} ({}) {}", relation, list, rows.rows));
    if (taken) return done();
    return pack::error_at(test_.file, rows.rows_place, taken.error().message,
                          "give each row a value for each column, of its type");
  }

  // The place in the file of "line:column" in `rows`.
  static pack::Place place_in(const pack::TestRows& rows, const std::string& where) {
    const auto parts = split(where.substr(0, where.find('\n')), ':');
    const auto line = whole_number(parts.front());
    const auto column = whole_number(parts.back());
    if (parts.size() != 2 || !line || !column) return rows.rows_place;
    pack::Place place = rows.rows_place;
    place.column = static_cast<int>(*column) + (*line == 1 ? place.column - 1 : 0);
    place.line += static_cast<int>(*line) - 1;
    return place;
  }

  std::string select_from_given(const pack::Model& model) const {
    const Date as_of = test_.as_of.value_or(Date{});
    const std::string select =
        checked_select(model, pack::sql_as_of(model.sql, as_of),
                       {.processed_at = sql_timestamp(as_of), .as_of = as_of});
    const auto tokens = pack::tokenize(select);
    CHECK(tokens.has_value(), "load_pack has read the SQL");
    pack::Rewriter rewriter(select);
    for (const pack::TableReference& reference : pack::table_references(*tokens)) {
      rewriter.replace(reference.begin, reference.end,
                       pack::replacement(reference, relation_of(reference.name)));
    }
    return rewriter.finish();
  }

  bool has_rules() const { return model_.schema == "silver"; }

  // The columns of the result, and for refused rows the rules that they broke.
  std::vector<ColumnDoc> result_columns(std::string_view rows) const {
    std::vector<ColumnDoc> columns = columns_of(pack_, model_.name);
    if (!model_.is_table()) columns = model_.columns;
    if (rows == pack::kRefused) columns.push_back({.name = kRules, .type = "VARCHAR"});
    return columns;
  }

  // The named columns of what came out, or of the rows that were refused.
  std::string actual_select(std::string_view rows, const std::vector<std::string>& columns) const {
    std::string list;
    for (const std::string& name : columns) {
      list += list.empty() ? "" : ", ";
      list += name == kRules && rows == pack::kRefused
                  ? fmt::format("array_to_string(_dq, ', ') AS {}", kRules)
                  : sql_identifier(name);
    }
    std::string sql = fmt::format("SELECT {} FROM {}", list, kActual);
    const bool wants_refused = rows == pack::kRefused;
    if (has_rules())
      sql += wants_refused ? " WHERE _quality_score < 0" : " WHERE _quality_score >= 0";
    return sql + (!has_rules() && wants_refused ? " WHERE FALSE" : "");
  }

  Result<std::vector<TestDifference>> compare(std::string_view rows) {
    const std::string relation = std::string(rows) + "_rows";
    const auto columns = result_columns(rows);
    TRY_DONE(make(relation, columns));
    std::vector<std::string> named;
    for (const pack::TestRows& given : test_.given) {
      if (given.table != rows) continue;
      if (!named.empty() && named != given.columns) {
        return pack::error_at(test_.file, given.place,
                              fmt::format("the statements of {} name different columns", rows),
                              "name the same columns in each, in one order");
      }
      named = given.columns;
      TRY_DONE(insert(given, relation, columns));
    }
    if (named.empty()) named = unnamed(rows);
    std::string list;
    for (const std::string& name : named) list += (list.empty() ? "" : ", ") + sql_identifier(name);
    TRY(const auto expected, read(fmt::format("SELECT {} FROM {}", list, relation)));
    TRY(const auto actual, read(actual_select(rows, named)));
    std::vector<std::string> key;
    for (const std::string& name : model_.header.key) key.push_back(to_lower(name));
    return Comparison(rows, expected, actual, key).differences();
  }

  // What is shown of rows where none is expected.
  std::vector<std::string> unnamed(std::string_view rows) const {
    std::vector<std::string> names = model_.header.key;
    if (names.empty()) names = pack::column_names(model_.columns);
    if (rows == pack::kRefused && has_rules()) names.emplace_back(kRules);
    return names;
  }

  Result<engine::TextTable> read(const std::string& sql) {
    TRY(const auto rows, session_.query(sql));
    return engine::read_all(*rows);
  }

  const pack::Pack& pack_;
  const pack::ModelTest& test_;
  const pack::Model& model_;
  engine::Session& session_;
  engine::Session& reader_;
};

}  // namespace

Result<TestRunner> TestRunner::open(engine::Engine& engine, const pack::Pack& pack) {
  TestRunner runner(pack);
  TRY(runner.session_, engine.session({.access = engine::Access::kInternal}));
  TRY(runner.reader_, engine.session({.access = engine::Access::kReadOnly}));
  return runner;
}

Result<std::vector<TestDifference>> TestRunner::run(const pack::ModelTest& test) {
  return Run(pack_, test, *session_, *reader_).run();
}

}  // namespace claimlake::quality
