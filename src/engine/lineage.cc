#include "engine/lineage.h"

#include <duckdb/catalog/catalog_entry/schema_catalog_entry.hpp>
#include <duckdb/catalog/catalog_entry/table_catalog_entry.hpp>
#include <duckdb/main/client_context.hpp>
#include <duckdb/main/connection.hpp>
#include <duckdb/parser/statement/select_statement.hpp>
#include <duckdb/planner/expression/bound_columnref_expression.hpp>
#include <duckdb/planner/expression_iterator.hpp>
#include <duckdb/planner/operator/list.hpp>
#include <duckdb/planner/planner.hpp>
#include <map>
#include <set>

namespace claimlake::engine {
namespace {

using duckdb::idx_t;
using duckdb::LogicalOperator;
using duckdb::LogicalOperatorType;
using Sources = std::set<SourceColumnName>;

// Follows each column of a plan from the tables upwards.
class LineageWalk {
 public:
  void walk(LogicalOperator& op) {
    if (op.type == LogicalOperatorType::LOGICAL_MATERIALIZED_CTE) {
      walk(*op.children[0]);
      ctes_[op.Cast<duckdb::LogicalMaterializedCTE>().table_index] = output(*op.children[0]);
      walk(*op.children[1]);
      return;
    }
    if (op.type == LogicalOperatorType::LOGICAL_RECURSIVE_CTE) return recursive(op);
    for (const auto& child : op.children) walk(*child);
    visit(op);
  }

  std::vector<Sources> output(LogicalOperator& op) {
    std::vector<Sources> columns;
    for (const auto& binding : op.GetColumnBindings()) {
      columns.push_back(sources_[{binding.table_index, binding.column_index}]);
    }
    return columns;
  }

 private:
  void visit(LogicalOperator& op) {
    switch (op.type) {
      case LogicalOperatorType::LOGICAL_GET:
        return get(op.Cast<duckdb::LogicalGet>());
      case LogicalOperatorType::LOGICAL_PROJECTION:
        return computed(op.Cast<duckdb::LogicalProjection>().table_index, op.expressions);
      case LogicalOperatorType::LOGICAL_AGGREGATE_AND_GROUP_BY: {
        auto& aggregate = op.Cast<duckdb::LogicalAggregate>();
        computed(aggregate.group_index, aggregate.groups);
        return computed(aggregate.aggregate_index, op.expressions);
      }
      case LogicalOperatorType::LOGICAL_WINDOW:
        return computed(op.Cast<duckdb::LogicalWindow>().window_index, op.expressions);
      case LogicalOperatorType::LOGICAL_UNNEST:
        return computed(op.Cast<duckdb::LogicalUnnest>().unnest_index, op.expressions);
      case LogicalOperatorType::LOGICAL_EXPRESSION_GET: {
        auto& values = op.Cast<duckdb::LogicalExpressionGet>();
        for (auto& row : values.expressions) computed(values.table_index, row);
        return;
      }
      case LogicalOperatorType::LOGICAL_UNION:
      case LogicalOperatorType::LOGICAL_EXCEPT:
      case LogicalOperatorType::LOGICAL_INTERSECT:
        return merged(op.Cast<duckdb::LogicalSetOperation>().table_index, op);
      case LogicalOperatorType::LOGICAL_CTE_REF: {
        const auto& reference = op.Cast<duckdb::LogicalCTERef>();
        return set(reference.table_index, ctes_[reference.cte_index]);
      }
      default:
        return;  // passes its children's columns on
    }
  }

  void get(duckdb::LogicalGet& scan) {
    std::string name = scan.function.name;
    if (const auto table = scan.GetTable()) name = table->ParentSchema().name + "." + table->name;
    const auto& ids = scan.GetColumnIds();
    for (idx_t i = 0; i < ids.size(); ++i) {
      if (ids[i].IsVirtualColumn()) continue;
      sources_[{scan.table_index, i}] = {{name, scan.names[ids[i].GetPrimaryIndex()]}};
    }
  }

  void computed(idx_t table_index,
                duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& columns) {
    for (idx_t i = 0; i < columns.size(); ++i) {
      Sources& sources = sources_[{table_index, i}];
      duckdb::ExpressionIterator::VisitExpression<duckdb::BoundColumnRefExpression>(
          *columns[i], [&](const duckdb::BoundColumnRefExpression& reference) {
            const auto found =
                sources_.find({reference.binding.table_index, reference.binding.column_index});
            if (found != sources_.end()) sources.insert(found->second.begin(), found->second.end());
          });
    }
  }

  void set(idx_t table_index, const std::vector<Sources>& columns) {
    for (idx_t i = 0; i < columns.size(); ++i) {
      sources_[{table_index, i}].insert(columns[i].begin(), columns[i].end());
    }
  }

  void merged(idx_t table_index, LogicalOperator& op) {
    for (const auto& child : op.children) set(table_index, output(*child));
  }

  // The second child reads what the first and itself have given so far.
  void recursive(LogicalOperator& op) {
    const idx_t table_index = op.Cast<duckdb::LogicalRecursiveCTE>().table_index;
    walk(*op.children[0]);
    ctes_[table_index] = output(*op.children[0]);
    walk(*op.children[1]);
    merged(table_index, op);
  }

  std::map<std::pair<idx_t, idx_t>, Sources> sources_;  // by table and column of the plan
  std::map<idx_t, std::vector<Sources>> ctes_;
};

}  // namespace

std::vector<ColumnLineage> lineage_of(duckdb::Connection& connection,
                                      duckdb::unique_ptr<duckdb::SelectStatement> select) {
  std::vector<ColumnLineage> lineage;
  connection.context->RunFunctionInTransaction([&] {
    duckdb::Planner planner(*connection.context);
    planner.CreatePlan(std::move(select));
    LineageWalk walk;
    walk.walk(*planner.plan);
    const auto columns = walk.output(*planner.plan);
    for (idx_t i = 0; i < planner.names.size(); ++i) {
      lineage.push_back({planner.names[i], {columns[i].begin(), columns[i].end()}});
    }
  });
  return lineage;
}

}  // namespace claimlake::engine
