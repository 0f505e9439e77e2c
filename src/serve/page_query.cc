#include "serve/page_query.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>

#include "serve/problem.h"

namespace claimlake::serve {
namespace {

std::string where_clause(const std::vector<std::string>& conditions) {
  return conditions.empty() ? "" : fmt::format(" WHERE ({})", fmt::join(conditions, ") AND ("));
}

// The condition that a row comes after the row with these order values; nulls come last. Instead
// of counting rows it names the place, so that the engine need not sort what was shown before.
std::string after_condition(const std::vector<OrderTerm>& order,
                            const std::vector<std::optional<std::string>>& values,
                            std::vector<std::string>& parameters) {
  std::vector<std::string> ways;
  std::string equal_so_far;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const OrderTerm& term = order[i];
    std::string equal = fmt::format("({}) IS NULL", term.sql);
    if (values[i]) {
      parameters.push_back(*values[i]);
      const std::string value = fmt::format("CAST(${} AS {})", parameters.size(), term.type);
      ways.push_back(fmt::format("{}(({}) {} {} OR ({}) IS NULL)", equal_so_far, term.sql,
                                 term.descending ? "<" : ">", value, term.sql));
      equal = fmt::format("({}) = {}", term.sql, value);
    }
    equal_so_far += equal + " AND ";
  }
  return ways.empty() ? "false" : fmt::format("({})", fmt::join(ways, ") OR ("));
}

}  // namespace

void PageQuery::where(std::string_view condition, std::string value) {
  parameters.push_back(std::move(value));
  conditions.push_back(fmt::format(fmt::runtime(condition), fmt::format("${}", parameters.size())));
}

Result<Page> read_page(engine::Session& session, const PageQuery& query, std::int64_t limit,
                       std::int64_t offset, const std::optional<Cursor>& cursor) {
  std::vector<std::string> parameters = query.parameters;
  std::vector<std::string> conditions = query.conditions;
  if (cursor) conditions.push_back(after_condition(query.order, cursor->after, parameters));
  std::string order_columns, order_by, outer_order, order_texts;
  for (std::size_t i = 0; i < query.order.size(); ++i) {
    const OrderTerm& term = query.order[i];
    const char* const comma = i == 0 ? "" : ", ";
    const char* const direction = term.descending ? "DESC NULLS LAST" : "ASC NULLS LAST";
    order_columns += fmt::format(", {} AS _order_{}", term.sql, i);
    order_by += fmt::format("{}{} {}", comma, term.sql, direction);
    outer_order += fmt::format("{}t._order_{} {}", comma, i, direction);
    order_texts += fmt::format(", CAST(t._order_{} AS VARCHAR)", i);
  }
  // One row more than asked tells whether the page is the last.
  const std::string sql = fmt::format(
      "WITH page AS (SELECT t.*{} FROM {} AS t{} ORDER BY {} LIMIT {}{}) SELECT {}{} FROM page AS "
      "t {} ORDER BY {}",
      order_columns, query.source, where_clause(conditions), order_by, limit + 1,
      cursor ? "" : fmt::format(" OFFSET {}", offset), query.columns, order_texts, query.joins,
      outer_order);
  TRY(const auto rows, session.query(sql, parameters));
  const std::size_t shown = rows->columns().size() - query.order.size();
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < shown; ++i)
    keys.push_back(json_string(rows->columns()[i].name) + ":");
  Page page;
  page.rows_json = "[";
  std::vector<std::optional<std::string>> last(query.order.size());
  for (;;) {
    TRY(const bool more, rows->next());
    if (!more) break;
    for (std::size_t row = 0; row < rows->row_count(); ++row) {
      if (page.count == limit) {
        page.last = last;
        break;
      }
      if (page.count++ > 0) page.rows_json += ',';
      for (std::size_t column = 0; column < shown; ++column) {
        page.rows_json += column == 0 ? '{' : ',';
        page.rows_json += keys[column];
        rows->json(column, row, page.rows_json);
      }
      page.rows_json += '}';
      for (std::size_t i = 0; i < last.size(); ++i) {
        last[i] = rows->is_null(shown + i, row) ? std::nullopt
                                                : std::optional(rows->text(shown + i, row));
      }
    }
  }
  page.rows_json += ']';
  return page;
}

Result<std::int64_t> count_rows(engine::Session& session, const PageQuery& query) {
  const std::string sql =
      fmt::format("SELECT count(*) FROM {} AS t{}", query.source, where_clause(query.conditions));
  TRY(const auto rows, session.query(sql, query.parameters));
  TRY(const bool found, rows->next());
  CHECK(found, "count(*) gave no row");
  const std::int64_t count = rows->integer(0, 0);
  TRY_DONE(rows->next());
  return count;
}

}  // namespace claimlake::serve
