// From the tables upwards each operator says what its columns are made from, and what decides which
// rows it has. The latter is kept of each relation, and goes into its columns where the relation
// becomes a value: in a subquery, or an aggregate over all rows.
#include "engine/column_lineage_walk.h"

#include <algorithm>
#include <duckdb/catalog/catalog_entry/schema_catalog_entry.hpp>
#include <duckdb/catalog/catalog_entry/table_catalog_entry.hpp>
#include <duckdb/main/client_context.hpp>
#include <duckdb/main/connection.hpp>
#include <duckdb/parser/statement/select_statement.hpp>
#include <duckdb/planner/expression/list.hpp>
#include <duckdb/planner/expression_iterator.hpp>
#include <duckdb/planner/operator/list.hpp>
#include <duckdb/planner/planner.hpp>

#include "engine/column_origins.h"

namespace claimlake::engine {
namespace {

using duckdb::Expression;
using duckdb::ExpressionClass;
using duckdb::idx_t;
using duckdb::JoinType;
using duckdb::LogicalOperator;
using duckdb::LogicalOperatorType;
using Expressions = duckdb::vector<duckdb::unique_ptr<Expression>>;

struct Relation {
  Origins rows = {};                  // what decides which rows there are
  Origins counted = {};               // the tables whose rows they are
  bool one_row = false;               // whatever its tables hold
  bool joined = false;                // of several relations, which a filter above it may compare
  std::vector<Origins> columns = {};  // of a CTE
};

void take(Relation& to, const Relation& more) {
  add(to.rows, more.rows);
  add(to.counted, more.counted);
}

std::set<idx_t> tables_in(const Expression& expression) {
  std::set<idx_t> out;
  duckdb::ExpressionIterator::VisitExpression<duckdb::BoundColumnRefExpression>(
      expression, [&](const duckdb::BoundColumnRefExpression& reference) {
        out.insert(reference.binding.table_index);
      });
  return out;
}

bool is_call(const Expression& expression, const char* function) {
  return expression.GetExpressionClass() == ExpressionClass::BOUND_AGGREGATE &&
         expression.Cast<duckdb::BoundAggregateExpression>().function.name == function;
}

class Walk {
 public:
  Relation walk(LogicalOperator& op);
  std::vector<Origins> output(LogicalOperator& op) const;

 private:
  Relation inputs(LogicalOperator& op);
  Relation scan(duckdb::LogicalGet& op);
  Relation projection(duckdb::LogicalProjection& op);
  Relation filter(LogicalOperator& op);
  Relation aggregate(duckdb::LogicalAggregate& op, bool of_scalar = false);
  Relation distinct(duckdb::LogicalDistinct& op);
  Relation set_operation(duckdb::LogicalSetOperation& op);
  Relation recursive(duckdb::LogicalRecursiveCTE& op);
  Relation cte(duckdb::LogicalMaterializedCTE& op);
  Relation cte_reference(duckdb::LogicalCTERef& op);
  Relation delim_get(duckdb::LogicalDelimGet& op);
  Relation comparison_join(duckdb::LogicalComparisonJoin& op);
  Relation any_join(duckdb::LogicalAnyJoin& op);
  Relation cross_product(LogicalOperator& op);
  Relation unnest(duckdb::LogicalUnnest& op);
  Relation unknown(LogicalOperator& op);
  Relation joined(LogicalOperator& op, JoinType type, idx_t mark, const Relation& left,
                  const Relation& right, const Origins& of_left, const Origins& of_right);
  std::pair<Relation, Relation> sides(LogicalOperator& op);

  Origins of(const Expression& expression) const { return origins_of(expression, columns_); }
  void computed(idx_t table, const Expressions& list, const Origins& counted = {}) {
    for (idx_t i = 0; i < list.size(); ++i) {
      add(columns_[{table, i}], origins_of(*list[i], columns_, counted));
    }
  }
  void into_columns(LogicalOperator& op, const Origins& origins);
  void mark_values(LogicalOperator& op);
  Origins condition(const Expression& expression, bool over_join) const;
  void leave_subquery(LogicalOperator& op, Relation& relation);

  OriginsOfColumns columns_;
  std::map<idx_t, Relation> ctes_;
  std::set<idx_t> values_;                    // tables of the plan that are the value of a subquery
  std::vector<std::vector<Origins>> outers_;  // of the rows that subqueries are computed for
};

std::vector<Origins> Walk::output(LogicalOperator& op) const {
  std::vector<Origins> out;
  for (const auto& binding : op.GetColumnBindings()) {
    const auto found = columns_.find({binding.table_index, binding.column_index});
    out.push_back(found == columns_.end() ? Origins() : found->second);
  }
  return out;
}

Relation Walk::walk(LogicalOperator& op) {
  switch (op.type) {
    case LogicalOperatorType::LOGICAL_GET:
      return scan(op.Cast<duckdb::LogicalGet>());
    case LogicalOperatorType::LOGICAL_PROJECTION:
      return projection(op.Cast<duckdb::LogicalProjection>());
    case LogicalOperatorType::LOGICAL_FILTER:
      return filter(op);
    case LogicalOperatorType::LOGICAL_ORDER_BY: {
      Relation relation = inputs(op);
      for (const auto& order : op.Cast<duckdb::LogicalOrder>().orders) {
        add(relation.rows, used(of(*order.expression), LineageWay::kSort));
      }
      return relation;
    }
    case LogicalOperatorType::LOGICAL_AGGREGATE_AND_GROUP_BY:
      return aggregate(op.Cast<duckdb::LogicalAggregate>());
    case LogicalOperatorType::LOGICAL_WINDOW: {
      Relation relation = inputs(op);
      computed(op.Cast<duckdb::LogicalWindow>().window_index, op.expressions, relation.counted);
      return relation;
    }
    case LogicalOperatorType::LOGICAL_UNNEST:
      return unnest(op.Cast<duckdb::LogicalUnnest>());
    case LogicalOperatorType::LOGICAL_EXPRESSION_GET: {
      const auto& values = op.Cast<duckdb::LogicalExpressionGet>();
      Relation relation = inputs(op);
      for (const auto& row : values.expressions) computed(values.table_index, row);
      return relation;
    }
    case LogicalOperatorType::LOGICAL_DISTINCT:
      return distinct(op.Cast<duckdb::LogicalDistinct>());
    case LogicalOperatorType::LOGICAL_UNION:
    case LogicalOperatorType::LOGICAL_EXCEPT:
    case LogicalOperatorType::LOGICAL_INTERSECT:
      return set_operation(op.Cast<duckdb::LogicalSetOperation>());
    case LogicalOperatorType::LOGICAL_RECURSIVE_CTE:
      return recursive(op.Cast<duckdb::LogicalRecursiveCTE>());
    case LogicalOperatorType::LOGICAL_MATERIALIZED_CTE:
      return cte(op.Cast<duckdb::LogicalMaterializedCTE>());
    case LogicalOperatorType::LOGICAL_CTE_REF:
      return cte_reference(op.Cast<duckdb::LogicalCTERef>());
    case LogicalOperatorType::LOGICAL_DELIM_GET:
      return delim_get(op.Cast<duckdb::LogicalDelimGet>());
    case LogicalOperatorType::LOGICAL_COMPARISON_JOIN:
    case LogicalOperatorType::LOGICAL_DELIM_JOIN:
    case LogicalOperatorType::LOGICAL_ASOF_JOIN:
      return comparison_join(op.Cast<duckdb::LogicalComparisonJoin>());
    case LogicalOperatorType::LOGICAL_ANY_JOIN:
      return any_join(op.Cast<duckdb::LogicalAnyJoin>());
    case LogicalOperatorType::LOGICAL_CROSS_PRODUCT:
    case LogicalOperatorType::LOGICAL_POSITIONAL_JOIN:
      return cross_product(op);
    case LogicalOperatorType::LOGICAL_DUMMY_SCAN:
      return {.one_row = true};
    case LogicalOperatorType::LOGICAL_LIMIT:
    case LogicalOperatorType::LOGICAL_TOP_N:
    case LogicalOperatorType::LOGICAL_SAMPLE:
      return inputs(op);
    default:
      return unknown(op);
  }
}

// The inputs of an operator that passes their columns on.
Relation Walk::inputs(LogicalOperator& op) {
  Relation relation;
  for (const auto& child : op.children) {
    const Relation below = walk(*child);
    take(relation, below);
    if (op.children.size() == 1) relation.one_row = below.one_row;
  }
  return relation;
}

// Says too much rather than too little: each column is made from all columns below.
Relation Walk::unknown(LogicalOperator& op) {
  Relation relation = inputs(op);
  Origins all;
  for (const auto& child : op.children) {
    for (const Origins& column : output(*child)) {
      add(all, used(column, LineageWay::kTransformation));
    }
  }
  for (const auto& binding : op.GetColumnBindings()) {
    columns_.try_emplace({binding.table_index, binding.column_index}, all);
  }
  return relation;
}

Relation Walk::scan(duckdb::LogicalGet& op) {
  Relation relation = inputs(op);
  std::string name = op.function.name;
  if (const auto table = op.GetTable()) name = table->ParentSchema().name + "." + table->name;
  const auto& ids = op.GetColumnIds();
  for (idx_t i = 0; i < ids.size(); ++i) {
    if (ids[i].IsVirtualColumn()) continue;
    columns_[{op.table_index, i}] = {
        {{.table = name, .column = op.names[ids[i].GetPrimaryIndex()]}}};
  }
  // A function that is called for each row of a relation: what it is given decides how many rows
  // it gives, too.
  for (const auto& child : op.children) {
    for (const Origins& column : output(*child)) {
      into_columns(op, used(column, LineageWay::kTransformation));
      add(relation.rows, used(column, LineageWay::kJoin));
    }
  }
  relation.counted.insert({{.table = name}});
  return relation;
}

Relation Walk::projection(duckdb::LogicalProjection& op) {
  // How the engine takes the only value of a subquery: CASE WHEN count > 1 THEN error ELSE first.
  LogicalOperator& below = *op.children[0];
  if (below.type == LogicalOperatorType::LOGICAL_AGGREGATE_AND_GROUP_BY &&
      op.expressions.size() == 1 &&
      op.expressions[0]->GetExpressionClass() == ExpressionClass::BOUND_CASE) {
    auto& values = below.Cast<duckdb::LogicalAggregate>();
    const auto& choice = op.expressions[0]->Cast<duckdb::BoundCaseExpression>();
    if (values.groups.empty() && values.expressions.size() == 2 &&
        is_call(*values.expressions[0], "first") && is_call(*values.expressions[1], "count_star")) {
      const Relation relation = aggregate(values, true);
      columns_[{op.table_index, 0}] = of(*choice.else_expr);
      return relation;
    }
  }
  Relation relation = walk(below);
  computed(op.table_index, op.expressions);
  relation.joined = false;
  return relation;
}

// What the condition of a row is made from: a comparison of two relations joins them.
Origins Walk::condition(const Expression& expression, bool over_join) const {
  if (expression.GetExpressionType() == duckdb::ExpressionType::CONJUNCTION_AND) {
    Origins out;
    for (const auto& part : expression.Cast<duckdb::BoundConjunctionExpression>().children) {
      add(out, condition(*part, over_join));
    }
    return out;
  }
  const auto of_class = expression.GetExpressionClass();
  const bool compares =
      of_class == ExpressionClass::BOUND_COMPARISON || of_class == ExpressionClass::BOUND_BETWEEN;
  const std::set<idx_t> tables = tables_in(expression);
  const bool with_value = std::any_of(tables.begin(), tables.end(),
                                      [&](idx_t table) { return values_.contains(table); });
  const bool joins = over_join && compares && tables.size() > 1 && !with_value;
  return used(of(expression), joins ? LineageWay::kJoin : LineageWay::kFilter);
}

Relation Walk::filter(LogicalOperator& op) {
  Relation relation = walk(*op.children[0]);
  for (const auto& each : op.expressions) add(relation.rows, condition(*each, relation.joined));
  relation.one_row = false;
  return relation;
}

void Walk::into_columns(LogicalOperator& op, const Origins& origins) {
  for (const auto& binding : op.GetColumnBindings()) {
    add(columns_[{binding.table_index, binding.column_index}], origins);
  }
}

Relation Walk::aggregate(duckdb::LogicalAggregate& op, bool of_scalar) {
  Relation relation = walk(*op.children[0]);
  relation.joined = false;
  computed(op.group_index, op.groups);
  for (idx_t i = 0; i < op.grouping_functions.size(); ++i) {
    for (const idx_t group : op.grouping_functions[i]) {
      add(columns_[{op.groupings_index, i}],
          used(of(*op.groups[group]), LineageWay::kTransformation));
    }
  }
  for (const auto& group : op.groups) {
    add(relation.rows, used(of(*group), LineageWay::kGroupBy));
  }
  if (of_scalar) {
    const auto& first = op.expressions[0]->Cast<duckdb::BoundAggregateExpression>();
    columns_[{op.aggregate_index, 0}] = of(*first.children[0]);
  } else {
    computed(op.aggregate_index, op.expressions, relation.counted);
  }
  if (!op.groups.empty()) return relation;
  into_columns(op, relation.rows);
  relation.rows.clear();
  relation.one_row = true;
  return relation;
}

Relation Walk::distinct(duckdb::LogicalDistinct& op) {
  Relation relation = inputs(op);
  for (const auto& target : op.distinct_targets) {
    add(relation.rows, used(of(*target), LineageWay::kGroupBy));
  }
  if (op.order_by) {
    for (const auto& order : op.order_by->orders) {
      add(relation.rows, used(of(*order.expression), LineageWay::kSort));
    }
  }
  return relation;
}

Relation Walk::set_operation(duckdb::LogicalSetOperation& op) {
  const bool is_union = op.type == LogicalOperatorType::LOGICAL_UNION;
  Relation relation;
  for (std::size_t child = 0; child < op.children.size(); ++child) {
    const Relation below = walk(*op.children[child]);
    add(relation.rows, below.rows);
    if (child == 0 || is_union) add(relation.counted, below.counted);
    const std::vector<Origins> columns = output(*op.children[child]);
    for (idx_t i = 0; i < columns.size(); ++i) {
      // Of the others only the rows that are alike are taken, or left out.
      if (child == 0 || is_union) add(columns_[{op.table_index, i}], columns[i]);
      if (!is_union) add(relation.rows, used(columns[i], LineageWay::kJoin));
      if (!op.setop_all) add(relation.rows, used(columns[i], LineageWay::kGroupBy));
    }
  }
  return relation;
}

// The second child reads what the first and itself have given so far, until nothing is new.
Relation Walk::recursive(duckdb::LogicalRecursiveCTE& op) {
  Relation relation = walk(*op.children[0]);
  relation.columns = output(*op.children[0]);
  for (bool more = true; more;) {
    ctes_[op.table_index] = relation;
    const Relation before = relation;
    take(relation, walk(*op.children[1]));
    const std::vector<Origins> step = output(*op.children[1]);
    for (std::size_t i = 0; i < step.size(); ++i) add(relation.columns[i], step[i]);
    more = relation.columns != before.columns || relation.rows != before.rows ||
           relation.counted != before.counted;
  }
  for (idx_t i = 0; i < relation.columns.size(); ++i) {
    columns_[{op.table_index, i}] = relation.columns[i];
    if (!op.union_all) add(relation.rows, used(relation.columns[i], LineageWay::kGroupBy));
  }
  relation.one_row = relation.joined = false;
  return relation;
}

Relation Walk::cte(duckdb::LogicalMaterializedCTE& op) {
  Relation body = walk(*op.children[0]);
  body.columns = output(*op.children[0]);
  body.joined = false;
  ctes_[op.table_index] = std::move(body);
  return walk(*op.children[1]);
}

Relation Walk::cte_reference(duckdb::LogicalCTERef& op) {
  Relation relation = ctes_[op.cte_index];
  for (idx_t i = 0; i < relation.columns.size(); ++i) {
    columns_[{op.table_index, i}] = relation.columns[i];
  }
  relation.columns.clear();
  return relation;
}

Relation Walk::delim_get(duckdb::LogicalDelimGet& op) {
  // Of nested subqueries the innermost that it can be of.
  for (std::size_t depth = outers_.size(); depth > 0; --depth) {
    const std::vector<Origins>& outer = outers_[depth - 1];
    if (outer.size() != op.chunk_types.size()) continue;
    for (idx_t i = 0; i < outer.size(); ++i) {
      for (Origin origin : outer[i]) {
        origin.outer = static_cast<int>(depth);
        columns_[{op.table_index, i}].insert(std::move(origin));
      }
    }
    break;
  }
  return {};
}

// Behind a subquery the values of the row that it was computed for are ordinary ones again.
void Walk::leave_subquery(LogicalOperator& op, Relation& relation) {
  const int depth = static_cast<int>(outers_.size());
  const auto settle = [&](Origins& origins) {
    Origins out;
    for (Origin origin : origins) {
      if (origin.outer == depth) origin.outer = 0;
      out.insert(std::move(origin));
    }
    origins = std::move(out);
  };
  settle(relation.rows);
  settle(relation.counted);
  for (const auto& binding : op.GetColumnBindings()) {
    settle(columns_[{binding.table_index, binding.column_index}]);
  }
}

std::pair<Relation, Relation> Walk::sides(LogicalOperator& op) {
  const bool correlated = op.type == LogicalOperatorType::LOGICAL_DELIM_JOIN;
  std::pair<Relation, Relation> out;
  out.first = walk(*op.children[0]);
  if (correlated) {
    std::vector<Origins> outer;
    for (const auto& column :
         op.Cast<duckdb::LogicalComparisonJoin>().duplicate_eliminated_columns) {
      outer.push_back(of(*column));
    }
    outers_.push_back(std::move(outer));
  }
  out.second = walk(*op.children[1]);
  return out;
}

bool is_constant_here(const Origins& origins) {
  return !origins.empty() && std::all_of(origins.begin(), origins.end(),
                                         [](const Origin& origin) { return origin.outer != 0; });
}

Relation Walk::comparison_join(duckdb::LogicalComparisonJoin& op) {
  const bool correlated = op.type == LogicalOperatorType::LOGICAL_DELIM_JOIN;
  auto [left, right] = sides(op);
  Origins of_left;
  Origins of_right;
  for (const duckdb::JoinCondition& each : op.conditions) {
    const Origins a = of(*each.left);
    const Origins b = of(*each.right);
    // The engine brings the rows of a subquery and those that they are computed for together.
    if (is_constant_here(b) &&
        each.comparison == duckdb::ExpressionType::COMPARE_NOT_DISTINCT_FROM) {
      continue;
    }
    add(of_left, a);
    add(of_right, b);
  }
  if (op.predicate) add(of_right, of(*op.predicate));
  if (correlated) {
    leave_subquery(*op.children[1], right);
    Relation conditions{.rows = of_right};
    leave_subquery(*op.children[0], conditions);
    of_right = std::move(conditions.rows);
    outers_.pop_back();
  }
  return joined(op, op.join_type, op.mark_index, left, right, of_left, of_right);
}

Relation Walk::any_join(duckdb::LogicalAnyJoin& op) {
  auto [left, right] = sides(op);
  const Origins both = of(*op.condition);
  return joined(op, op.join_type, op.mark_index, left, right, both,
                op.join_type == JoinType::MARK ? Origins() : both);
}

void Walk::mark_values(LogicalOperator& op) {
  for (const auto& binding : op.GetColumnBindings()) values_.insert(binding.table_index);
}

// `of_left`, `of_right`: what is compared.
Relation Walk::joined(LogicalOperator& op, JoinType type, idx_t mark, const Relation& left,
                      const Relation& right, const Origins& of_left, const Origins& of_right) {
  Relation relation = left;
  relation.joined = true;
  Origins behind = right.rows;
  add(behind, used(of_right, LineageWay::kJoin));
  if (type == JoinType::MARK) {
    Origins& column = columns_[{mark, 0}];
    add(column, used(of_left, LineageWay::kTransformation));
    add(column, behind);
    return relation;
  }
  add(behind, used(of_left, LineageWay::kJoin));
  if (type == JoinType::SINGLE) {
    into_columns(*op.children[1], behind);
    mark_values(*op.children[1]);
    return relation;
  }
  add(relation.rows, behind);
  relation.one_row = false;
  if (type != JoinType::SEMI && type != JoinType::ANTI) add(relation.counted, right.counted);
  return relation;
}

Relation Walk::cross_product(LogicalOperator& op) {
  auto [left, right] = sides(op);
  Relation relation = left;
  relation.joined = true;
  relation.one_row = left.one_row && right.one_row;
  add(relation.rows, right.rows);
  if (right.one_row) {
    mark_values(*op.children[1]);
  } else {
    add(relation.counted, right.counted);
  }
  return relation;
}

Relation Walk::unnest(duckdb::LogicalUnnest& op) {
  Relation relation = inputs(op);
  computed(op.unnest_index, op.expressions);
  // How many rows a row becomes hangs on the lists.
  for (const auto& list : op.expressions) {
    add(relation.rows, used(of(*list), LineageWay::kJoin));
  }
  relation.one_row = false;
  return relation;
}

std::vector<ColumnSource> sources(const Origins& origins) {
  std::set<ColumnSource> out;
  for (const Origin& origin : origins) out.insert(origin.source);
  return {out.begin(), out.end()};
}

}  // namespace

SelectLineage lineage_of(duckdb::Connection& connection,
                         duckdb::unique_ptr<duckdb::SelectStatement> select) {
  SelectLineage lineage;
  connection.context->RunFunctionInTransaction([&] {
    duckdb::Planner planner(*connection.context);
    planner.CreatePlan(std::move(select));
    Walk walk;
    const Relation result = walk.walk(*planner.plan);
    const std::vector<Origins> columns = walk.output(*planner.plan);
    for (std::size_t i = 0; i < planner.names.size(); ++i) {
      lineage.columns.push_back({planner.names[i], sources(columns[i])});
    }
    lineage.rows = sources(result.rows);
  });
  return lineage;
}

}  // namespace claimlake::engine
