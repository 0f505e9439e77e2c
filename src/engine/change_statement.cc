#include "engine/change_statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <duckdb/common/error_data.hpp>
#include <duckdb/parser/expression/columnref_expression.hpp>
#include <duckdb/parser/expression/comparison_expression.hpp>
#include <duckdb/parser/expression/conjunction_expression.hpp>
#include <duckdb/parser/expression/constant_expression.hpp>
#include <duckdb/parser/query_node/select_node.hpp>
#include <duckdb/parser/statement/delete_statement.hpp>
#include <duckdb/parser/statement/insert_statement.hpp>
#include <duckdb/parser/statement/merge_into_statement.hpp>
#include <duckdb/parser/statement/select_statement.hpp>
#include <duckdb/parser/statement/update_statement.hpp>
#include <duckdb/parser/tableref/basetableref.hpp>
#include <duckdb/parser/tableref/expressionlistref.hpp>
#include <utility>

#include "base/text.h"
#include "engine/errors.h"
#include "engine/statement.h"

namespace claimlake::engine {
namespace {

using Assignment = ChangeStatement::Assignment;
using Clause = ChangeStatement::Clause;
using duckdb::StatementType;

[[noreturn]] void refuse(std::string what, std::string next) {
  throw_error({Fault::kInvalidInput, std::move(what), "", std::move(next)});
}

// The text of a part, once it is sure that people may call what it calls.
std::string text_of(const duckdb::unique_ptr<duckdb::ParsedExpression>& expression) {
  if (!expression) return {};
  check_allowed(*expression);
  return expression->ToString();
}

std::string text_of(duckdb::TableRef& relation) {
  check_allowed(relation);
  return relation.ToString();
}

std::optional<std::string> value_of(duckdb::ParsedExpression& expression) {
  check_allowed(expression);
  if (expression.GetExpressionType() == duckdb::ExpressionType::VALUE_DEFAULT) return std::nullopt;
  return expression.ToString();
}

void set_target(const duckdb::TableRef& ref, ChangeStatement& out) {
  if (ref.type != duckdb::TableReferenceType::BASE_TABLE) {
    refuse("What is changed must be a table, not a query", "name a table, for example gold.notes");
  }
  const auto& table = ref.Cast<duckdb::BaseTableRef>();
  if (!table.catalog_name.empty() && to_lower(table.catalog_name) != "lake") {
    refuse(fmt::format("{} is not a table of the lake", ref.ToString()), "SHOW ALL TABLES");
  }
  if (table.at_clause) {
    refuse("An old version of a table cannot be changed", "leave out AT, or restore that version");
  }
  out.schema = to_lower(table.schema_name);
  out.table = to_lower(table.table_name);
  out.alias = table.alias == table.table_name ? "" : table.alias;
}

void refuse_returning(const duckdb::vector<duckdb::unique_ptr<duckdb::ParsedExpression>>& list) {
  if (!list.empty()) {
    refuse("RETURNING is not supported", "leave it out, and SELECT the rows after the change");
  }
}

std::vector<Assignment> assignments_of(const duckdb::UpdateSetInfo& info) {
  std::vector<Assignment> out;
  for (std::size_t i = 0; i < info.columns.size(); ++i) {
    out.push_back({info.columns[i], value_of(*info.expressions[i])});
  }
  return out;
}

std::string with_of(const duckdb::CommonTableExpressionMap& ctes) {
  for (const auto& entry : ctes.map) check_allowed(*entry.second->query->node);
  return ctes.map.empty() ? "" : ctes.ToString();
}

bool is_default(const duckdb::unique_ptr<duckdb::ParsedExpression>& expression) {
  return expression->GetExpressionType() == duckdb::ExpressionType::VALUE_DEFAULT;
}

// Takes DEFAULT out of VALUES, where a query has none: a null stands there then.
void take_defaults(duckdb::QueryNode& node, ChangeStatement& out) {
  if (node.type != duckdb::QueryNodeType::SELECT_NODE) return;
  auto& from = node.Cast<duckdb::SelectNode>().from_table;
  if (!from || from->type != duckdb::TableReferenceType::EXPRESSION_LIST) return;
  auto& rows = from->Cast<duckdb::ExpressionListRef>().values;
  const std::size_t width = rows.empty() ? 0 : rows.front().size();
  for (std::size_t place = 0; place < width; ++place) {
    std::vector<bool> marks;
    for (auto& row : rows) {
      marks.push_back(place < row.size() && is_default(row[place]));
      if (marks.back()) row[place] = duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value());
    }
    const auto count = std::count(marks.begin(), marks.end(), true);
    if (count == 0) continue;
    const bool all = static_cast<std::size_t>(count) == rows.size();
    out.defaults.push_back({place, all});
    for (std::size_t i = 0; !all && i < rows.size(); ++i) {
      rows[i].push_back(
          duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value::BOOLEAN(marks[i])));
    }
  }
}

ChangeStatement read_insert(duckdb::InsertStatement& insert) {
  refuse_returning(insert.returning_list);
  if (insert.on_conflict_info) {
    refuse(
        "INSERT with ON CONFLICT, OR REPLACE or OR IGNORE is not supported: a table has no key",
        "MERGE INTO table USING rows ON key WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN "
        "INSERT *");
  }
  ChangeStatement out;
  out.kind = ChangeStatement::Kind::kInsert;
  duckdb::BaseTableRef target;
  target.catalog_name = insert.catalog;
  target.schema_name = insert.schema;
  target.table_name = insert.table;
  set_target(target, out);
  if (insert.table_ref) out.alias = "";
  out.with = with_of(insert.cte_map);
  if (insert.default_values || !insert.select_statement) {
    refuse("INSERT DEFAULT VALUES is not supported", "name the columns and give NULL for each");
  }
  check_allowed(*insert.select_statement->node);
  take_defaults(*insert.select_statement->node, out);
  out.source = insert.select_statement->ToString();
  out.columns.assign(insert.columns.begin(), insert.columns.end());
  out.by_name = insert.column_order == duckdb::InsertColumnOrder::INSERT_BY_NAME;
  return out;
}

ChangeStatement read_update(duckdb::UpdateStatement& update) {
  refuse_returning(update.returning_list);
  ChangeStatement out;
  out.kind = ChangeStatement::Kind::kUpdate;
  set_target(*update.table, out);
  out.with = with_of(update.cte_map);
  if (update.from_table) out.source = text_of(*update.from_table);
  out.condition = text_of(update.set_info->condition);
  out.assignments = assignments_of(*update.set_info);
  return out;
}

ChangeStatement read_delete(duckdb::DeleteStatement& statement) {
  refuse_returning(statement.returning_list);
  ChangeStatement out;
  out.kind = ChangeStatement::Kind::kDelete;
  set_target(*statement.table, out);
  out.with = with_of(statement.cte_map);
  for (const auto& source : statement.using_clauses) {
    out.source += (out.source.empty() ? "" : ", ") + text_of(*source);
  }
  out.condition = text_of(statement.condition);
  return out;
}

Clause::When when_of(duckdb::MergeActionCondition condition) {
  switch (condition) {
    case duckdb::MergeActionCondition::WHEN_MATCHED:
      return Clause::When::kMatched;
    case duckdb::MergeActionCondition::WHEN_NOT_MATCHED_BY_SOURCE:
      return Clause::When::kNotMatchedBySource;
    case duckdb::MergeActionCondition::WHEN_NOT_MATCHED_BY_TARGET:
      return Clause::When::kNotMatched;
  }
  refuse("A WHEN that is not known", "use WHEN MATCHED or WHEN NOT MATCHED");
}

Clause read_clause(Clause::When when, const duckdb::MergeIntoAction& action) {
  Clause out;
  out.when = when;
  out.condition = text_of(action.condition);
  switch (action.action_type) {
    case duckdb::MergeActionType::MERGE_DELETE:
      out.then = Clause::Then::kDelete;
      break;
    case duckdb::MergeActionType::MERGE_DO_NOTHING:
      out.then = Clause::Then::kNothing;
      break;
    case duckdb::MergeActionType::MERGE_ERROR:
      out.then = Clause::Then::kError;
      break;
    case duckdb::MergeActionType::MERGE_UPDATE:
      out.then = Clause::Then::kUpdate;
      out.all_columns = action.update_info == nullptr;
      if (action.update_info) out.assignments = assignments_of(*action.update_info);
      break;
    case duckdb::MergeActionType::MERGE_INSERT:
      out.then = Clause::Then::kInsert;
      out.all_columns = action.expressions.empty() && action.insert_columns.empty();
      if (action.default_values) {
        refuse("INSERT DEFAULT VALUES is not supported", "name the columns and give NULL for each");
      }
      if (!out.all_columns && !action.insert_columns.empty() &&
          action.insert_columns.size() != action.expressions.size()) {
        refuse(fmt::format("INSERT names {} columns and gives {} values",
                           action.insert_columns.size(), action.expressions.size()),
               "give one value for each column");
      }
      for (std::size_t i = 0; i < action.expressions.size(); ++i) {
        const bool named = !action.insert_columns.empty();
        out.assignments.push_back(
            {named ? action.insert_columns[i] : "", value_of(*action.expressions[i])});
      }
      break;
  }
  return out;
}

// The conjuncts of `condition` that say that a column of `table` equals one of `source`; only those
// whose columns are qualified by these names.
void find_equalities(const duckdb::ParsedExpression& condition, const std::string& table,
                     const std::string& source, std::vector<ChangeStatement::Equality>& out) {
  if (condition.GetExpressionType() == duckdb::ExpressionType::CONJUNCTION_AND) {
    for (const auto& child : condition.Cast<duckdb::ConjunctionExpression>().children) {
      find_equalities(*child, table, source, out);
    }
    return;
  }
  if (condition.GetExpressionType() != duckdb::ExpressionType::COMPARE_EQUAL) return;
  const auto& equal = condition.Cast<duckdb::ComparisonExpression>();
  const auto column_of = [](const duckdb::ParsedExpression& side, const std::string& relation) {
    const bool column = side.GetExpressionType() == duckdb::ExpressionType::COLUMN_REF;
    if (!column) return std::string();
    const auto& names = side.Cast<duckdb::ColumnRefExpression>().column_names;
    const bool qualified = names.size() == 2 && to_lower(names[0]) == to_lower(relation);
    return qualified ? names[1] : std::string();
  };
  for (const auto& [one, other] :
       {std::pair(&*equal.left, &*equal.right), std::pair(&*equal.right, &*equal.left)}) {
    const std::string column = column_of(*one, table);
    const std::string of_source = column_of(*other, source);
    if (!column.empty() && !of_source.empty()) out.push_back({column, of_source});
  }
}

ChangeStatement read_merge(duckdb::MergeIntoStatement& merge) {
  refuse_returning(merge.returning_list);
  ChangeStatement out;
  out.kind = ChangeStatement::Kind::kMerge;
  set_target(*merge.target, out);
  out.with = with_of(merge.cte_map);
  out.source = text_of(*merge.source);
  out.source_alias = merge.source->alias;
  if (out.source_alias.empty() && merge.source->type == duckdb::TableReferenceType::BASE_TABLE) {
    out.source_alias = merge.source->Cast<duckdb::BaseTableRef>().table_name;
  }
  if (out.source_alias.empty()) {
    refuse("The source of a MERGE needs a name", "write USING (SELECT ...) AS source");
  }
  out.condition = text_of(merge.join_condition);
  out.using_columns.assign(merge.using_columns.begin(), merge.using_columns.end());
  for (const std::string& column : out.using_columns) out.equalities.push_back({column, column});
  if (merge.join_condition) {
    find_equalities(*merge.join_condition, out.alias.empty() ? out.table : out.alias,
                    out.source_alias, out.equalities);
  }
  for (const auto& [condition, actions] : merge.actions) {
    for (const auto& action : actions) {
      out.clauses.push_back(read_clause(when_of(condition), *action));
    }
  }
  return out;
}

std::optional<ChangeStatement> read(duckdb::SQLStatement& statement) {
  switch (statement.type) {
    case StatementType::INSERT_STATEMENT:
      return read_insert(statement.Cast<duckdb::InsertStatement>());
    case StatementType::UPDATE_STATEMENT:
      return read_update(statement.Cast<duckdb::UpdateStatement>());
    case StatementType::DELETE_STATEMENT:
      return read_delete(statement.Cast<duckdb::DeleteStatement>());
    case StatementType::MERGE_INTO_STATEMENT:
      return read_merge(statement.Cast<duckdb::MergeIntoStatement>());
    default:
      return std::nullopt;
  }
}

}  // namespace

Result<std::optional<ChangeStatement>> parse_change(std::string_view sql) {
  duckdb::unique_ptr<duckdb::SQLStatement> statement;
  try {
    statement = parse_statement(sql, Access::kInternal);
  } catch (const std::exception&) {
    return std::optional<ChangeStatement>();  // whoever runs it as a query says why
  }
  try {
    return read(*statement);
  } catch (const std::exception& exception) {
    return to_error(duckdb::ErrorData(exception), sql);
  }
}

}  // namespace claimlake::engine
