#include "engine/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <duckdb/parser/expression/constant_expression.hpp>
#include <duckdb/parser/expression/function_expression.hpp>
#include <duckdb/parser/expression/subquery_expression.hpp>
#include <duckdb/parser/parsed_expression_iterator.hpp>
#include <duckdb/parser/parser.hpp>
#include <duckdb/parser/statement/explain_statement.hpp>
#include <duckdb/parser/statement/select_statement.hpp>
#include <duckdb/parser/tableref/basetableref.hpp>
#include <duckdb/parser/tableref/showref.hpp>
#include <duckdb/parser/tableref/table_function_ref.hpp>
#include <functional>

#include "base/text.h"
#include "engine/errors.h"
#include "engine/time_travel.h"

namespace claimlake::engine {
namespace {

using duckdb::StatementType;

constexpr const char* kAllowed =
    "use SELECT, WITH, VALUES, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN, or change the rows of a table "
    "with INSERT, UPDATE, DELETE or MERGE";
// Without its values, PIVOT would first have to make a type for them.
constexpr const char* kNamePivot = "name the values: PIVOT ... ON status IN ('Paid', 'Denied')";

// Table functions that make rows or read the catalog. All others (read_csv, parquet_scan, glob,
// query, duckdb_secrets, ...) reach past the tables, so that only those listed are allowed.
constexpr std::array kTableFunctions = {"range",
                                        "generate_series",
                                        "unnest",
                                        "json_each",
                                        "json_tree",
                                        "repeat",
                                        "repeat_row",
                                        "summary",
                                        "table_changes",
                                        "table_diff",
                                        "duckdb_columns",
                                        "duckdb_functions",
                                        "duckdb_keywords",
                                        "duckdb_schemas",
                                        "duckdb_tables",
                                        "duckdb_types",
                                        "duckdb_views",
                                        "pragma_version",
                                        "pragma_table_info",
                                        "pragma_database_list",
                                        "show_databases",
                                        "icu_calendar_names",
                                        "pg_timezone_names",
                                        "duckdb_databases",
                                        "duckdb_settings",
                                        "regexp_split_to_table",
                                        "sql_auto_complete"};

// A word of the statement as it was typed, in capitals, and where it begins.
struct Typed {
  std::string word;
  std::size_t position = 0;
};

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }

// The first word at or after `from`, past blanks, comments and brackets.
Typed first_word(std::string_view sql, std::size_t from) {
  while (from < sql.size()) {
    if (sql.substr(from, 2) == "--") {
      from = sql.find('\n', from);
    } else if (sql.substr(from, 2) == "/*") {
      from = std::max(from, sql.find("*/", from));
    } else if (!is_letter(sql[from])) {
      ++from;
    } else {
      Typed typed{"", from};
      for (; from < sql.size() && is_letter(sql[from]); ++from) {
        typed.word += static_cast<char>(std::toupper(static_cast<unsigned char>(sql[from])));
      }
      return typed;
    }
  }
  return {};
}

// Names the statement by the word that was typed: to the parser, several words are one kind.
[[noreturn]] void refuse(std::string_view sql) {
  Typed typed = first_word(sql, 0);
  while (typed.word == "EXPLAIN" || typed.word == "FORCE") {
    std::size_t from = typed.position + typed.word.size();
    const auto options = sql.find_first_not_of(" \t\r\n", from);
    if (options != std::string_view::npos && sql[options] == '(') from = sql.find(')', from);
    const Typed after = first_word(sql, from);
    typed = after.word == "ANALYZE" ? first_word(sql, after.position + after.word.size()) : after;
  }
  throw_error({Fault::kInvalidInput, fmt::format("{} is not allowed", typed.word), "",
               typed.word == "PIVOT" ? kNamePivot : kAllowed},
              typed.position);
}

// Refuses table functions that are not listed. One in a schema is the lake's own; DuckDB's are all
// in "main".
void check_function(const duckdb::TableFunctionRef& ref) {
  if (ref.function->GetExpressionClass() != duckdb::ExpressionClass::FUNCTION) return;
  const auto& call = ref.function->Cast<duckdb::FunctionExpression>();
  const std::string name = to_lower(call.function_name);
  const std::string schema = to_lower(call.schema);
  const bool own = !schema.empty() && schema != "main" && schema != "pg_catalog";
  const std::vector<std::string> allowed(kTableFunctions.begin(), kTableFunctions.end());
  if (own || std::find(allowed.begin(), allowed.end(), name) != allowed.end()) return;
  const std::string near = nearest(name, allowed);
  std::optional<std::size_t> position;
  if (ref.query_location.IsValid()) position = ref.query_location.GetIndex();
  throw_error({Fault::kInvalidInput, fmt::format("The table function {} is not allowed", name), "",
               near.empty() ? "read the tables of the lake: SHOW ALL TABLES lists them"
                            : fmt::format("did you mean {}?", near)},
              position);
}

// Visits all that a query reads from, in subqueries and CTEs too.
class TableVisit {
 public:
  explicit TableVisit(std::function<void(duckdb::TableRef&)> visit) : visit_(std::move(visit)) {}
  void node(duckdb::QueryNode& query) {
    duckdb::ParsedExpressionIterator::EnumerateQueryNodeChildren(
        query, [this](duckdb::unique_ptr<duckdb::ParsedExpression>& child) { expression(*child); },
        [this](duckdb::TableRef& ref) { table(ref); });
  }
  void relation(duckdb::TableRef& ref) {
    table(ref);
    duckdb::ParsedExpressionIterator::EnumerateTableRefChildren(
        ref, [this](duckdb::unique_ptr<duckdb::ParsedExpression>& child) { expression(*child); },
        [this](duckdb::TableRef& child) { table(child); });
  }
  void expression(duckdb::ParsedExpression& visited) {
    if (visited.GetExpressionClass() == duckdb::ExpressionClass::SUBQUERY) {
      node(*visited.Cast<duckdb::SubqueryExpression>().subquery->node);
    }
    duckdb::ParsedExpressionIterator::EnumerateChildren(
        visited, [this](duckdb::ParsedExpression& child) { expression(child); });
  }

 private:
  void table(duckdb::TableRef& ref) {
    visit_(ref);
    if (ref.type == duckdb::TableReferenceType::SHOW_REF) {
      const auto& show = ref.Cast<duckdb::ShowRef>();
      if (show.query) node(*show.query);
    }
  }

  const std::function<void(duckdb::TableRef&)> visit_;
};

TableVisit function_check() {
  return TableVisit([](duckdb::TableRef& ref) {
    if (ref.type != duckdb::TableReferenceType::TABLE_FUNCTION) return;
    check_function(ref.Cast<duckdb::TableFunctionRef>());
  });
}

// "keys" of scratch('keys').
std::optional<std::string> scratch_of(const duckdb::FunctionExpression& call) {
  if (call.function_name != "scratch" || call.children.size() != 1) return std::nullopt;
  const auto& argument = *call.children[0];
  if (argument.GetExpressionClass() != duckdb::ExpressionClass::CONSTANT) return std::nullopt;
  return argument.Cast<duckdb::ConstantExpression>().value.ToString();
}

void check_read_only(duckdb::SQLStatement& statement, std::string_view sql) {
  switch (statement.type) {
    case StatementType::SELECT_STATEMENT:
      function_check().node(*statement.Cast<duckdb::SelectStatement>().node);
      return;
    case StatementType::EXPLAIN_STATEMENT:
      check_read_only(*statement.Cast<duckdb::ExplainStatement>().stmt, sql);
      return;
    case StatementType::PRAGMA_STATEMENT:
      if (first_word(sql, 0).word == "SHOW") return;  // a pragma for the parser
      [[fallthrough]];
    default:
      refuse(sql);
  }
}

// Versions of tables may be asked for in words that are not the engine's: only where it does not
// understand, and its own error stays if that was not the reason.
void parse_with_versions(duckdb::Parser& parser, std::string_view sql) {
  try {
    parser.ParseQuery(std::string(sql));
  } catch (const duckdb::ParserException&) {
    const auto rewritten = with_at_clauses(sql);
    if (!rewritten) throw;
    try {
      parser.ParseQuery(*rewritten);
      return;
    } catch (const duckdb::ParserException&) {
      parser.statements.clear();
    }
    throw;
  }
}

duckdb::unique_ptr<duckdb::SQLStatement> parse_one(std::string_view sql) {
  duckdb::Parser parser;
  parse_with_versions(parser, sql);
  if (parser.statements.empty()) {
    throw_error({Fault::kInvalidInput, "There is no SQL statement", "",
                 "write one, for example SHOW ALL TABLES"});
  }
  if (parser.statements.size() > 1) {
    throw_error({Fault::kInvalidInput,
                 fmt::format("One statement at a time, not {}", parser.statements.size()), "",
                 "run them one after the other"});
  }
  return std::move(parser.statements.front());
}

}  // namespace

duckdb::unique_ptr<duckdb::SQLStatement> parse_statement(std::string_view sql, Access access) {
  auto statement = parse_one(sql);
  if (access == Access::kReadOnly) check_read_only(*statement, sql);
  return statement;
}

duckdb::unique_ptr<duckdb::SelectStatement> parse_select(std::string_view sql) {
  auto statement = parse_one(sql);
  if (statement->type != StatementType::SELECT_STATEMENT) {
    throw_error(
        {Fault::kInvalidInput, fmt::format("A SELECT is needed here, not {}",
                                           duckdb::StatementTypeToString(statement->type))});
  }
  return duckdb::unique_ptr_cast<duckdb::SQLStatement, duckdb::SelectStatement>(
      std::move(statement));
}

std::optional<std::set<std::string>> scratches_read(duckdb::SQLStatement& statement) {
  if (statement.type != StatementType::SELECT_STATEMENT) return std::nullopt;
  std::set<std::string> names;
  bool others = false;
  TableVisit visit([&](duckdb::TableRef& ref) {
    if (ref.type == duckdb::TableReferenceType::BASE_TABLE) {
      others |= !ref.Cast<duckdb::BaseTableRef>().schema_name.empty();
    } else if (ref.type == duckdb::TableReferenceType::TABLE_FUNCTION) {
      const auto& function = *ref.Cast<duckdb::TableFunctionRef>().function;
      std::optional<std::string> name;
      if (function.GetExpressionClass() == duckdb::ExpressionClass::FUNCTION) {
        const auto& call = function.Cast<duckdb::FunctionExpression>();
        if (call.function_name == "unnest") return;
        name = scratch_of(call);
      }
      others |= !name;
      if (name) names.insert(*name);
    } else if (ref.type == duckdb::TableReferenceType::SHOW_REF) {
      others = true;
    }
  });
  visit.node(*statement.Cast<duckdb::SelectStatement>().node);
  if (others || names.empty()) return std::nullopt;
  return names;
}

void check_allowed(duckdb::ParsedExpression& expression) {
  function_check().expression(expression);
}
void check_allowed(duckdb::TableRef& relation) { function_check().relation(relation); }
void check_allowed(duckdb::QueryNode& query) { function_check().node(query); }

}  // namespace claimlake::engine
