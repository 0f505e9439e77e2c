#include "serve/page_query.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>

#include "serve/session_pool.h"

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

std::string whole_query(const PageQuery& query) {
  return fmt::format("SELECT {} AS _key, {} FROM {} AS t {}", query.order.back().sql, query.columns,
                     query.source, query.joins);
}

namespace {

// The SELECT of a page: what is shown, then the order values as text.
std::string page_sql(const PageQuery& query, const std::vector<std::string>& conditions,
                     const std::string& window, bool keys_only) {
  std::string order_columns, order_by, outer_order, order_texts, key_texts;
  for (std::size_t i = 0; i < query.order.size(); ++i) {
    const OrderTerm& term = query.order[i];
    const char* const comma = i == 0 ? "" : ", ";
    const char* const direction = term.descending ? "DESC NULLS LAST" : "ASC NULLS LAST";
    order_columns += fmt::format(", {} AS _order_{}", term.sql, i);
    order_by += fmt::format("{}{} {}", comma, term.sql, direction);
    outer_order += fmt::format("{}t._order_{} {}", comma, i, direction);
    order_texts += fmt::format(", CAST(t._order_{} AS VARCHAR)", i);
    key_texts += fmt::format(", CAST({} AS VARCHAR)", term.sql);
  }
  const std::string rows =
      fmt::format("FROM {} AS t{} ORDER BY {} {}", keys_only ? query.keys : query.source,
                  where_clause(conditions), order_by, window);
  if (keys_only) return fmt::format("SELECT {}{} {}", query.order.back().sql, key_texts, rows);
  return fmt::format("WITH page AS (SELECT t.*{} {}) SELECT {}{} FROM page AS t {} ORDER BY {}",
                     order_columns, rows, query.columns, order_texts, query.joins, outer_order);
}

}  // namespace

Result<Page> read_page(engine::Session& session, const PageQuery& query, std::int64_t limit,
                       std::int64_t offset, const std::optional<Cursor>& cursor,
                       const RowTexts::Texts* texts) {
  std::vector<std::string> parameters = query.parameters;
  std::vector<std::string> conditions = query.conditions;
  if (cursor) conditions.push_back(after_condition(query.order, cursor->after, parameters));
  // One row more than asked tells whether the page is the last.
  std::string window = fmt::format("LIMIT {}", limit + 1);
  if (!cursor) window += fmt::format(" OFFSET {}", offset);
  TRY(const auto rows,
      session.query(page_sql(query, conditions, window, texts != nullptr), parameters));
  const std::size_t shown = rows->columns().size() - query.order.size();
  const ObjectWriter objects({rows->columns().begin(), rows->columns().begin() + shown});
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
      if (texts == nullptr) {
        objects.append(*rows, row, page.rows_json);
      } else {
        const auto text = texts->find(rows->text(0, row));
        CHECK(text != texts->end(), "a row has no text of its version");
        page.rows_json += text->second;
      }
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
      fmt::format("SELECT count(*) FROM {} AS t{}", query.keys.empty() ? query.source : query.keys,
                  where_clause(query.conditions));
  TRY(const auto rows, session.query(sql, query.parameters));
  TRY(const bool found, rows->next());
  CHECK(found, "count(*) gave no row");
  const std::int64_t count = rows->integer(0, 0);
  TRY_DONE(rows->next());
  return count;
}

}  // namespace claimlake::serve
