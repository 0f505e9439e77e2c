#include "check/parquet_files.h"

#include <fmt/format.h>

#include "base/text.h"

namespace claimlake::check {

std::string ParquetFiles::sql_path(const std::string& path) { return sql_string("lake://" + path); }

Result<std::string> ParquetFiles::problem_of(Error error, const std::string& path) const {
  if (error.fault == Fault::kCancelled || error.fault == Fault::kTimeout) return error;
  // If the store gives the bytes now, it is they that are wrong.
  TRY_DONE(store_.head(path));
  return error.message;
}

Result<std::string> ParquetFiles::query(
    const std::string& sql, const std::string& path,
    const std::function<void(engine::Rows& rows, std::size_t row)>& use) {
  auto rows = session_.query(sql);
  if (!rows) return problem_of(std::move(rows).error(), path);
  for (;;) {
    const auto more = (*rows)->next();
    if (!more) return problem_of(more.error(), path);
    if (!*more) return std::string();
    for (std::size_t row = 0; row < (*rows)->row_count(); ++row) use(**rows, row);
  }
}

Result<std::string> ParquetFiles::each_value(
    const std::string& path,
    const std::function<void(std::int64_t row, const std::string& column, std::string json)>& use) {
  const std::string from = fmt::format("FROM read_parquet({})", sql_path(path));
  std::vector<std::string> columns;
  TRY(std::string problem,
      query(fmt::format("SELECT column_name FROM (DESCRIBE SELECT * {})", from), path,
            [&](engine::Rows& rows, std::size_t row) { columns.push_back(rows.text(0, row)); }));
  if (!problem.empty()) return problem;
  std::string list;
  for (const std::string& column : columns) {
    list += fmt::format("{}to_json({})", list.empty() ? "" : ", ", sql_identifier(column));
  }
  std::int64_t number = 0;
  return query(fmt::format("SELECT {} {}", list, from), path,
               [&](engine::Rows& rows, std::size_t row) {
                 ++number;
                 for (std::size_t i = 0; i < columns.size(); ++i) {
                   if (!rows.is_null(i, row)) use(number, columns[i], rows.text(i, row));
                 }
               });
}

}  // namespace claimlake::check
