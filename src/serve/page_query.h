#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "serve/cursor.h"
#include "serve/row_texts.h"

namespace claimlake::serve {

// One term of the order of a list. Nulls come last, up or down.
struct OrderTerm {
  std::string sql;   // an expression over the source's columns
  std::string type;  // its SQL type; a cursor carries its value as text
  bool descending = false;
};

// A list of which a client sees one page at a time. All text is ours but `parameters`.
struct PageQuery {
  std::string source;  // relation of the rows, aliased `t`
  // The same rows with no more columns than conditions and order need, where these are quicker to
  // read. Then the last term of the order alone tells which row it is. May be empty.
  std::string keys;
  std::vector<std::string> conditions;  // over t; "$1" is the first of `parameters`
  std::vector<std::string> parameters;
  std::vector<OrderTerm> order;  // its last term is never null and makes the order total
  std::string columns;           // SELECT list over the page, aliased `t`, and `joins`
  std::string joins;             // of at most one row for each of the page; may be empty

  // Adds a condition in which "{}" stands for a parameter that is `value`.
  void where(std::string_view condition, std::string value);
};

struct Page {
  std::string rows_json;  // an array
  std::int64_t count = 0;
  // The order values of the last row, if more rows follow it.
  std::optional<std::vector<std::optional<std::string>>> last;
};

// All rows, whatever the conditions, by their key: what read_texts takes.
std::string whole_query(const PageQuery& query);

// The rows from `offset`, or after `cursor` if there is one; at most `limit`. With `texts` of
// whole_query() no more than keys are read.
Result<Page> read_page(engine::Session& session, const PageQuery& query, std::int64_t limit,
                       std::int64_t offset, const std::optional<Cursor>& cursor,
                       const RowTexts::Texts* texts = nullptr);

// How many rows match in all.
Result<std::int64_t> count_rows(engine::Session& session, const PageQuery& query);

}  // namespace claimlake::serve
