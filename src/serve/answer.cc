#include "serve/answer.h"

#include <fmt/format.h>

#include "serve/digest.h"

namespace claimlake::serve {

std::function<std::vector<std::string>(const ServeContext&, Pinner&, const Parameters&)> fixed(
    std::vector<std::string> tables) {
  return FixedTables{std::move(tables)};
}

std::vector<std::string> FixedTables::operator()(const ServeContext& /*context*/,
                                                 Pinner& /*pinner*/,
                                                 const Parameters& /*parameters*/) const {
  return tables;
}

std::string list_digest(const Operation& operation, const Parameters& parameters) {
  Digest digest;
  digest.add(operation.id);
  digest.add(parameters.canonical_list());
  return digest.hex();
}

std::shared_ptr<const RowTexts::Texts> row_texts(const Reading& reading, std::string_view kind,
                                                 const std::string& sql, std::size_t rows_per_key) {
  for (const auto& [table, snapshot] : reading.pins.tables()) {
    if (snapshot != nullptr && !Mirror::is_small(*snapshot)) return nullptr;
  }
  RowTexts::Make make;
  // Old versions are for walking once, by cursor: their texts would push the newest ones out.
  if (!reading.cursor) {
    make = [&] { return read_texts(reading.session, sql, rows_per_key); };
  }
  return reading.texts.of(kind, reading.pins.data_version(), make);
}

Result<std::string> page_members(const Reading& reading, const PageQuery& query,
                                 std::string_view name) {
  const std::int64_t limit = reading.parameters.integer("limit");
  const std::int64_t offset =
      reading.cursor ? reading.cursor->offset : reading.parameters.integer("offset");
  std::shared_ptr<const RowTexts::Texts> texts;
  if (!query.keys.empty()) texts = row_texts(reading, name, whole_query(query), 1);
  TRY(const Page page,
      read_page(reading.session, query, limit, offset, reading.cursor, texts.get()));
  std::string next = "null";
  if (page.last) {
    Cursor cursor;
    cursor.query = list_digest(reading.operation, reading.parameters);
    cursor.offset = offset + page.count;
    cursor.after = *page.last;
    for (const auto& [table, snapshot] : reading.pins.tables()) {
      cursor.versions[table] = snapshot == nullptr ? -1 : snapshot->version();
    }
    next = json_string(cursor.text());
  }
  std::string total = "null";
  if (reading.parameters.boolean("total")) {
    TRY(const std::int64_t count, count_rows(reading.session, query));
    total = std::to_string(count);
  }
  return fmt::format(
      R"("{}":{},"count":{},"pagination":{{"limit":{},"offset":{},"next_cursor":{},"total":{}}})",
      name, page.rows_json, page.count, limit, offset, next, total);
}

}  // namespace claimlake::serve
