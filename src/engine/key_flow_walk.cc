// From the result downwards each operator is asked for the rows that can matter to the keys that
// are wanted, and passes the question on to its inputs (docs/decisions/0007-keys-from-the-plan.md).
#include "engine/key_flow_walk.h"

#include <fmt/format.h>

#include <algorithm>
#include <duckdb/catalog/catalog_entry/schema_catalog_entry.hpp>
#include <duckdb/catalog/catalog_entry/table_catalog_entry.hpp>
#include <duckdb/main/client_context.hpp>
#include <duckdb/main/connection.hpp>
#include <duckdb/parser/statement/select_statement.hpp>
#include <duckdb/planner/expression/bound_columnref_expression.hpp>
#include <duckdb/planner/expression/bound_comparison_expression.hpp>
#include <duckdb/planner/expression/bound_window_expression.hpp>
#include <duckdb/planner/operator/list.hpp>
#include <duckdb/planner/planner.hpp>
#include <map>
#include <set>

#include "base/text.h"
#include "engine/errors.h"

namespace claimlake::engine {
namespace {

using duckdb::Expression;
using duckdb::idx_t;
using duckdb::JoinType;
using duckdb::LogicalOperator;
using duckdb::LogicalOperatorType;

using Binding = std::pair<idx_t, idx_t>;       // a column of the plan: table and place
using Equality = std::pair<Binding, Binding>;  // of plain columns; null equals nothing
// A column that comes from a table as it is: which route is about the table, and its name there.
struct HandedOn {
  std::size_t route = 0;
  std::string column;
};
using Origins = std::map<Binding, HandedOn>;

// CTEs that read each other twice double with each step; a text that comes to more is given up.
constexpr std::size_t kRoutesMax = 100;

// The rows of a relation that can matter: those in which certain columns hold certain values.
struct Asked {
  // For each value the columns that hold it, any of which will do. No parts: all rows can matter.
  std::vector<std::set<Binding>> parts = {};
  KeyRoute route = {};    // how a table answers that is asked so
  std::string lost = {};  // no parts: why

  bool some() const {
    return !parts.empty() &&
           std::none_of(parts.begin(), parts.end(), [](const auto& part) { return part.empty(); });
  }
};

Asked all_rows(std::string why) { return {.lost = std::move(why)}; }

// What the operator above sees to: of the rows that matter, these columns are equal, and these
// marks of joins are true.
struct Holding {
  std::vector<Equality> equal = {};
  std::set<Binding> marks = {};
};

std::optional<Binding> plain_column(const Expression& expression) {
  if (expression.GetExpressionClass() != duckdb::ExpressionClass::BOUND_COLUMN_REF) return {};
  const auto& reference = expression.Cast<duckdb::BoundColumnRefExpression>();
  if (reference.depth != 0) return {};
  return Binding{reference.binding.table_index, reference.binding.column_index};
}

std::vector<Binding> bindings_of(LogicalOperator& op) {
  std::vector<Binding> out;
  for (const auto& binding : op.GetColumnBindings()) {
    out.emplace_back(binding.table_index, binding.column_index);
  }
  return out;
}

// `asked` with each column put through `through`, which gives the column below it, or none. Where a
// part has none left, all rows can matter.
template <class Through>
Asked passed_on(const Asked& asked, const char* why_lost, const Through& through) {
  if (!asked.some()) return asked;
  Asked out{.route = asked.route};
  for (const std::set<Binding>& part : asked.parts) {
    std::set<Binding>& below = out.parts.emplace_back();
    for (const Binding& column : part) {
      if (const std::optional<Binding> found = through(column)) below.insert(*found);
    }
  }
  return out.some() ? out : all_rows(why_lost);
}

// The column of `below` at the place that `column` has in `table`; absent if it is of another one.
std::optional<Binding> same_place(const Binding& column, idx_t table,
                                  const std::vector<Binding>& below) {
  if (column.first != table || column.second >= below.size()) return {};
  return below[column.second];
}

class Walk {
 public:
  // Returns which columns of the relation come from tables.
  Origins walk(LogicalOperator& op, const Asked& asked, const Holding& holding = {});

  std::vector<KeyRoute> routes;
  bool too_many = false;
  bool may_lack_key = false;  // a row may have none because it has no partner in a join

 private:
  Origins scan(duckdb::LogicalGet& op, const Asked& asked);
  Origins projection(duckdb::LogicalProjection& op, const Asked& asked);
  Origins filter(LogicalOperator& op, Asked asked, Holding holding);
  Origins aggregate(duckdb::LogicalAggregate& op, const Asked& asked);
  Origins window(duckdb::LogicalWindow& op, const Asked& asked);
  Origins distinct(duckdb::LogicalDistinct& op, const Asked& asked);
  Origins set_operation(duckdb::LogicalSetOperation& op, const Asked& asked);
  Origins cte_reference(duckdb::LogicalCTERef& op, const Asked& asked);
  Origins delim_get(duckdb::LogicalDelimGet& op) const;
  Origins comparison_join(duckdb::LogicalComparisonJoin& op, const Asked& asked,
                          const Holding& holding);
  Origins join(LogicalOperator& op, JoinType type, std::vector<Equality> equal, const Asked& asked,
               const Holding& holding);
  // Whether a row without partner lacks a part of the key: then a row comes or goes that no key
  // leads to.
  void note_lost_keys(JoinType type, const Asked& asked, const Holding& holding,
                      const std::set<Binding> (&sides)[2]);
  // What to ask of the side of a join that the question does not reach: `equal` is (column of the
  // side that was walked, column of this one).
  Asked joined_to(const Origins& walked, const std::vector<Equality>& equal,
                  const std::string& lost) const;
  Origins others(LogicalOperator& op);

  // The columns of the left side of a join that a subquery on its right refers to.
  struct Outer {
    std::vector<std::optional<HandedOn>> columns;
  };
  std::map<idx_t, LogicalOperator*> ctes_;
  std::vector<Outer> outers_;
};

Origins Walk::walk(LogicalOperator& op, const Asked& asked, const Holding& holding) {
  switch (op.type) {
    case LogicalOperatorType::LOGICAL_GET:
      return scan(op.Cast<duckdb::LogicalGet>(), asked);
    case LogicalOperatorType::LOGICAL_PROJECTION:
      return projection(op.Cast<duckdb::LogicalProjection>(), asked);
    case LogicalOperatorType::LOGICAL_FILTER:
      return filter(op, asked, holding);
    case LogicalOperatorType::LOGICAL_ORDER_BY:
      return walk(*op.children[0], asked, holding);
    case LogicalOperatorType::LOGICAL_AGGREGATE_AND_GROUP_BY:
      return aggregate(op.Cast<duckdb::LogicalAggregate>(), asked);
    case LogicalOperatorType::LOGICAL_WINDOW:
      return window(op.Cast<duckdb::LogicalWindow>(), asked);
    case LogicalOperatorType::LOGICAL_DISTINCT:
      return distinct(op.Cast<duckdb::LogicalDistinct>(), asked);
    case LogicalOperatorType::LOGICAL_UNION:
    case LogicalOperatorType::LOGICAL_EXCEPT:
    case LogicalOperatorType::LOGICAL_INTERSECT:
      return set_operation(op.Cast<duckdb::LogicalSetOperation>(), asked);
    case LogicalOperatorType::LOGICAL_COMPARISON_JOIN:
    case LogicalOperatorType::LOGICAL_DELIM_JOIN:
      return comparison_join(op.Cast<duckdb::LogicalComparisonJoin>(), asked, holding);
    case LogicalOperatorType::LOGICAL_ANY_JOIN:
      return join(op, op.Cast<duckdb::LogicalAnyJoin>().join_type, {}, asked, holding);
    case LogicalOperatorType::LOGICAL_CROSS_PRODUCT:
      return join(op, JoinType::INNER, {}, asked, holding);
    case LogicalOperatorType::LOGICAL_MATERIALIZED_CTE:
      ctes_[op.Cast<duckdb::LogicalMaterializedCTE>().table_index] = op.children[0].get();
      return walk(*op.children[1], asked, holding);
    case LogicalOperatorType::LOGICAL_CTE_REF:
      return cte_reference(op.Cast<duckdb::LogicalCTERef>(), asked);
    case LogicalOperatorType::LOGICAL_DELIM_GET:
      return delim_get(op.Cast<duckdb::LogicalDelimGet>());
    case LogicalOperatorType::LOGICAL_LIMIT:
    case LogicalOperatorType::LOGICAL_TOP_N:
      (void)walk(*op.children[0], all_rows("LIMIT chooses among the rows of all keys"));
      return {};
    default:
      return others(op);
  }
}

Origins Walk::others(LogicalOperator& op) {
  for (const auto& child : op.children) {
    (void)walk(*child, all_rows(to_lower(op.GetName()) + " mixes the rows of all keys"));
  }
  return {};
}

Origins Walk::scan(duckdb::LogicalGet& op, const Asked& asked) {
  const auto table = op.GetTable();
  if (!table) return others(op);  // a function
  const auto& ids = op.GetColumnIds();
  const auto name = [&](idx_t i) -> std::string {
    return i < ids.size() && !ids[i].IsVirtualColumn() ? op.names[ids[i].GetPrimaryIndex()] : "";
  };
  KeyRoute route = asked.route;
  route.table = table->ParentSchema().name + "." + table->name;
  for (const std::set<Binding>& part : asked.parts) {
    const bool own = !part.empty() && part.begin()->first == op.table_index;
    route.columns.push_back(own ? name(part.begin()->second) : "");
  }
  if (!asked.some() || std::count(route.columns.begin(), route.columns.end(), "") > 0) {
    route = {.table = route.table, .reason = asked.lost};
  }
  Origins out;
  for (idx_t i = 0; i < ids.size(); ++i) {
    if (!name(i).empty()) out[{op.table_index, i}] = {routes.size(), name(i)};
  }
  routes.push_back(std::move(route));
  return out;
}

Origins Walk::projection(duckdb::LogicalProjection& op, const Asked& asked) {
  const Origins below =
      walk(*op.children[0], passed_on(asked, "the column to go by is computed from others",
                                      [&](const Binding& column) -> std::optional<Binding> {
                                        if (column.first != op.table_index) return {};
                                        return plain_column(*op.expressions[column.second]);
                                      }));
  Origins out;
  for (idx_t i = 0; i < op.expressions.size(); ++i) {
    const auto column = plain_column(*op.expressions[i]);
    const auto found = column ? below.find(*column) : below.end();
    if (found != below.end()) out[{op.table_index, i}] = found->second;
  }
  return out;
}

// The columns that equal one of `part`.
std::set<Binding> equal_to(const std::set<Binding>& part, const std::vector<Equality>& equal) {
  std::set<Binding> out;
  for (const auto& [a, b] : equal) {
    if (part.contains(a)) out.insert(b);
    if (part.contains(b)) out.insert(a);
  }
  return out;
}

// Each part gets the columns that equal one of it in all rows that matter.
void widen(Asked& asked, const std::vector<Equality>& equal) {
  for (std::set<Binding>& part : asked.parts) {
    for (std::size_t before = 0; before != part.size();) {
      before = part.size();
      part.merge(equal_to(part, equal));
    }
  }
}

Origins Walk::filter(LogicalOperator& op, Asked asked, Holding holding) {
  for (const auto& condition : op.expressions) {
    if (const auto mark = plain_column(*condition)) holding.marks.insert(*mark);
    if (condition->GetExpressionType() != duckdb::ExpressionType::COMPARE_EQUAL) continue;
    const auto& comparison = condition->Cast<duckdb::BoundComparisonExpression>();
    const auto left = plain_column(*comparison.left);
    const auto right = plain_column(*comparison.right);
    if (left && right) holding.equal.emplace_back(*left, *right);
  }
  // A filter below a join is told what holds above it, also of columns that it does not have.
  const std::vector<Binding> columns = bindings_of(*op.children[0]);
  const std::set<Binding> own(columns.begin(), columns.end());
  std::erase_if(holding.equal, [&](const Equality& each) {
    return !own.contains(each.first) || !own.contains(each.second);
  });
  widen(asked, holding.equal);
  return walk(*op.children[0], asked, holding);
}

Origins Walk::aggregate(duckdb::LogicalAggregate& op, const Asked& asked) {
  const auto below = [&](const Binding& column) -> std::optional<Binding> {
    if (column.first != op.group_index) return {};
    for (const auto& set : op.grouping_sets) {
      if (!set.contains(column.second)) return {};
    }
    return plain_column(*op.groups[column.second]);
  };
  const Origins origins =
      walk(*op.children[0],
           passed_on(asked, "an aggregate is over the rows of many keys, not grouped by the key",
                     below));
  Origins out;
  for (idx_t i = 0; i < op.groups.size(); ++i) {
    const auto column = below({op.group_index, i});
    const auto found = column ? origins.find(*column) : origins.end();
    if (found != origins.end()) out[{op.group_index, i}] = found->second;
  }
  return out;
}

Origins Walk::window(duckdb::LogicalWindow& op, const Asked& asked) {
  const auto below = [&](const Binding& column) -> std::optional<Binding> {
    for (const auto& each : op.expressions) {
      const auto& partitions = each->Cast<duckdb::BoundWindowExpression>().partitions;
      const bool has =
          std::any_of(partitions.begin(), partitions.end(),
                      [&](const auto& partition) { return plain_column(*partition) == column; });
      if (!has) return {};
    }
    return column;
  };
  return walk(*op.children[0],
              passed_on(asked, "a window is over the rows of many keys, not partitioned by the key",
                        below));
}

Origins Walk::distinct(duckdb::LogicalDistinct& op, const Asked& asked) {
  const auto below = [&](const Binding& column) -> std::optional<Binding> {
    for (const auto& target : op.distinct_targets) {
      if (plain_column(*target) == column) return column;
    }
    return {};
  };
  return walk(*op.children[0],
              passed_on(asked, "DISTINCT ON chooses among the rows of many keys", below));
}

Origins Walk::set_operation(duckdb::LogicalSetOperation& op, const Asked& asked) {
  for (const auto& child : op.children) {
    const std::vector<Binding> columns = bindings_of(*child);
    (void)walk(*child, passed_on(asked, "", [&](const Binding& column) {
      return same_place(column, op.table_index, columns);
    }));
  }
  return {};
}

Origins Walk::cte_reference(duckdb::LogicalCTERef& op, const Asked& asked) {
  const auto found = ctes_.find(op.cte_index);
  if (found == ctes_.end()) return {};  // the working table of a recursive one
  if (routes.size() > kRoutesMax) {
    too_many = true;
    return {};
  }
  LogicalOperator& body = *found->second;
  const std::vector<Binding> columns = bindings_of(body);
  const Origins below = walk(body, passed_on(asked, "", [&](const Binding& column) {
                               return same_place(column, op.table_index, columns);
                             }));
  Origins out;
  for (idx_t i = 0; i < columns.size(); ++i) {
    const auto origin = below.find(columns[i]);
    if (origin != below.end()) out[{op.table_index, i}] = origin->second;
  }
  return out;
}

Origins Walk::delim_get(duckdb::LogicalDelimGet& op) const {
  Origins out;
  if (outers_.empty() || outers_.back().columns.size() != op.chunk_types.size()) return out;
  for (idx_t i = 0; i < op.chunk_types.size(); ++i) {
    if (const auto& column = outers_.back().columns[i]) out[{op.table_index, i}] = *column;
  }
  return out;
}

Origins Walk::comparison_join(duckdb::LogicalComparisonJoin& op, const Asked& asked,
                              const Holding& holding) {
  const bool semi = op.join_type == JoinType::MARK && holding.marks.contains({op.mark_index, 0});
  // A mark that is not just asked to be true is null where a value is, and true of an empty list:
  // only groups that are there as a whole give the same, those of a correlated subquery.
  const bool mark = op.join_type == JoinType::MARK && !semi;
  // How a subquery is joined to the rows that it is computed for. It reads tables by `=` to them,
  // which is looked at there, so that null finds nothing.
  // (Of a LATERAL the condition may be a person's, who means that null finds null.)
  const bool subquery = op.join_type == JoinType::MARK || op.join_type == JoinType::SINGLE;
  const bool for_rows_of_outer =
      (op.type == LogicalOperatorType::LOGICAL_DELIM_JOIN && subquery) ||
      std::any_of(op.children.begin(), op.children.end(), [](const auto& child) {
        return child->type == LogicalOperatorType::LOGICAL_DELIM_GET;
      });
  std::vector<Equality> equal;
  for (const duckdb::JoinCondition& condition : op.conditions) {
    const auto left = plain_column(*condition.left);
    const auto right = plain_column(*condition.right);
    if (!left || !right) continue;
    const bool plain = condition.comparison == duckdb::ExpressionType::COMPARE_EQUAL;
    const bool outer = for_rows_of_outer &&
                       condition.comparison == duckdb::ExpressionType::COMPARE_NOT_DISTINCT_FROM;
    if (outer || (plain && !mark)) equal.emplace_back(*left, *right);
  }
  return join(op, semi ? JoinType::SEMI : op.join_type, std::move(equal), asked, holding);
}

Asked Walk::joined_to(const Origins& walked, const std::vector<Equality>& equal,
                      const std::string& lost) const {
  std::map<std::size_t, std::map<Binding, std::string>> by_route;
  for (const auto& [there, here] : equal) {
    const auto origin = walked.find(there);
    if (origin == walked.end()) continue;
    if (routes[origin->second.route].way == KeyRoute::Way::kWhole) continue;
    by_route[origin->second.route][here] = origin->second.column;
  }
  if (by_route.empty()) return all_rows(lost);
  const auto best = std::max_element(
      by_route.begin(), by_route.end(),
      [](const auto& a, const auto& b) { return a.second.size() < b.second.size(); });
  Asked out{.route = {.way = KeyRoute::Way::kJoin, .other = best->first}};
  for (const auto& [here, column] : best->second) {
    out.parts.push_back({here});
    out.route.other_columns.push_back(column);
  }
  return out;
}

void Walk::note_lost_keys(JoinType type, const Asked& asked, const Holding& holding,
                          const std::set<Binding> (&sides)[2]) {
  if (!asked.some() || asked.route.way != KeyRoute::Way::kKey) return;
  bool padded[2] = {type == JoinType::RIGHT || type == JoinType::OUTER,
                    type == JoinType::LEFT || type == JoinType::OUTER};
  // Nulls equal nothing: a filter above drops the rows whose side is padded.
  for (const auto& [a, b] : holding.equal) {
    for (int side = 0; side < 2; ++side) {
      if (sides[side].contains(a) || sides[side].contains(b)) padded[side] = false;
    }
  }
  for (const std::set<Binding>& part : asked.parts) {
    const auto is_there = [&](int side) {
      return std::any_of(part.begin(), part.end(),
                         [&](const Binding& column) { return sides[side].contains(column); });
    };
    const bool there[2] = {is_there(0), is_there(1)};
    if (!there[0] && !there[1]) continue;
    may_lack_key |= (!there[0] || padded[0]) && (!there[1] || padded[1]);
  }
}

Origins Walk::join(LogicalOperator& op, JoinType type, std::vector<Equality> equal,
                   const Asked& asked, const Holding& holding) {
  const bool inner = type == JoinType::INNER;
  const std::vector<Binding> of_left = bindings_of(*op.children[0]);
  const std::vector<Binding> of_right = bindings_of(*op.children[1]);
  const std::set<Binding> sides[2] = {{of_left.begin(), of_left.end()},
                                      {of_right.begin(), of_right.end()}};
  note_lost_keys(type, asked, holding, sides);
  for (const auto& [a, b] : inner ? holding.equal : std::vector<Equality>()) {
    if (sides[0].contains(a) && sides[1].contains(b)) equal.emplace_back(a, b);
    if (sides[0].contains(b) && sides[1].contains(a)) equal.emplace_back(b, a);
  }
  Asked wide = asked;
  if (inner) {
    widen(wide, equal);
  } else {
    // Rows of the other side that hold none of the values match none of the rows that are asked
    // for. No further: a row that matches nothing stays, and its own columns need not be equal.
    for (std::set<Binding>& part : wide.parts) part.merge(equal_to(part, equal));
  }
  Asked of_side[2];
  for (int side = 0; side < 2; ++side) {
    of_side[side] = passed_on(wide, "the key's columns come from both sides of a join",
                              [&](const Binding& column) -> std::optional<Binding> {
                                if (!sides[side].contains(column)) return {};
                                return column;
                              });
  }
  const bool correlated = op.type == LogicalOperatorType::LOGICAL_DELIM_JOIN;
  const int first = of_side[0].some() || correlated || !of_side[1].some() ? 0 : 1;
  const int second = 1 - first;
  // What a filter above holds against a row, it holds against the rows that it is made of: one that
  // fails leaves, at most, a row without partner, whose nulls fail too.
  Origins origins = walk(*op.children[first], of_side[first], holding);
  if (of_side[first].some() && !of_side[second].some()) {
    if (first == 1) {
      for (Equality& each : equal) std::swap(each.first, each.second);
    }
    of_side[second] =
        joined_to(origins, equal, "it is joined without an equality of columns of tables");
  }
  if (correlated) {
    Outer& outer = outers_.emplace_back();
    for (const auto& column :
         op.Cast<duckdb::LogicalComparisonJoin>().duplicate_eliminated_columns) {
      const auto plain = plain_column(*column);
      const auto found = plain ? origins.find(*plain) : origins.end();
      outer.columns.push_back(found != origins.end() ? std::optional(found->second) : std::nullopt);
    }
  }
  const Origins more = walk(*op.children[second], of_side[second], holding);
  if (correlated) outers_.pop_back();
  origins.insert(more.begin(), more.end());
  return origins;
}

}  // namespace

KeyFlow key_flow_of(duckdb::Connection& connection,
                    duckdb::unique_ptr<duckdb::SelectStatement> select,
                    const std::vector<std::string>& key) {
  KeyFlow flow;
  connection.context->RunFunctionInTransaction([&] {
    duckdb::Planner planner(*connection.context);
    planner.CreatePlan(std::move(select));
    const std::vector<Binding> columns = bindings_of(*planner.plan);
    Asked asked{.route = {.way = KeyRoute::Way::kKey}};
    for (const std::string& name : key) {
      const auto found =
          std::find_if(planner.names.begin(), planner.names.end(),
                       [&](const std::string& each) { return to_lower(each) == to_lower(name); });
      if (found == planner.names.end()) {
        throw_error({Fault::kNotFound, fmt::format("the SELECT gives no column {}", name)});
      }
      asked.parts.push_back({columns[static_cast<std::size_t>(found - planner.names.begin())]});
    }
    Walk walk;
    (void)walk.walk(*planner.plan, asked);
    if (walk.too_many) {
      flow.lost = "its CTEs read each other so often that it comes to more than a hundred tables";
      return;
    }
    if (walk.may_lack_key) {
      flow.keyless = "a row that an outer join leaves without partner has no key";
    }
    flow.routes = std::move(walk.routes);
  });
  return flow;
}

}  // namespace claimlake::engine
