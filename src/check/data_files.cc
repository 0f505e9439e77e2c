#include "check/data_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "check/file_types.h"
#include "check/statistics.h"
#include "delta/partition_path.h"

namespace claimlake::check {
namespace {

// So many footers are read by one query: starting one costs as much as reading a footer.
constexpr std::size_t kFootersTogether = 64;

std::optional<std::int64_t> records_of(const delta::AddFile& add) {
  const auto stats = parse_json(add.stats_json);
  return stats ? number_of(*stats, "numRecords") : std::nullopt;
}

}  // namespace

Done DataFiles::list_sizes() {
  if (listed_) return done();
  TRY(const auto objects, store_.list_all(table_path_));
  for (const store::ObjectInfo& object : objects) sizes_.emplace(object.path, object.size);
  listed_ = true;
  return done();
}

Result<std::optional<std::int64_t>> DataFiles::size_of(const std::string& path) {
  TRY_DONE(list_sizes());
  if (const auto known = sizes_.find(path); known != sizes_.end()) {
    return std::optional(known->second);
  }
  // A file may lie elsewhere in the store.
  auto object = store_.head(path);
  if (object) return std::optional(object->size);
  const Fault fault = object.error().fault;
  if (fault != Fault::kNotFound && fault != Fault::kInvalidInput) return std::move(object).error();
  return std::optional<std::int64_t>();
}

Result<bool> DataFiles::check_presence(const delta::AddFile& add, std::string& path) {
  auto place = delta::path_in_store(add.path, table_path_, store_.root());
  if (!place) {
    findings_.add(Rule::kFileOutside, add.path, place.error().message);
    return false;
  }
  path = *std::move(place);
  TRY(const auto size, size_of(path));
  if (!size) {
    findings_.add(Rule::kFileMissing, path, "it is not there");
    return false;
  }
  if (*size != add.size) {
    findings_.add(Rule::kFileSize, path,
                  fmt::format("{} bytes, and its add says {}", *size, add.size));
  }
  return true;
}

Done DataFiles::read_footers(std::vector<File>& batch) {
  std::string list;
  std::unordered_map<std::string, File*> by_name;
  for (File& file : batch) {
    list += (list.empty() ? "" : ", ") + ParquetFiles::sql_path(file.path);
    by_name["lake://" + file.path] = &file;
  }
  if (batch.empty()) return done();
  const auto sql = [](const std::string& paths) {
    return fmt::format("SELECT file_name, num_rows FROM parquet_file_metadata([{}])", paths);
  };
  const auto use = [&](engine::Rows& rows, std::size_t row) {
    const auto file = by_name.find(rows.text(0, row));
    if (file != by_name.end()) file->second->rows = rows.integer(1, row);
  };
  TRY(const std::string together, parquet_.query(sql(list), batch.front().path, use));
  if (together.empty()) return done();
  // One of them is damaged; which one, each tells for itself.
  for (const File& file : batch) {
    TRY(const std::string problem,
        parquet_.query(sql(ParquetFiles::sql_path(file.path)), file.path, use));
    if (!problem.empty()) findings_.add(Rule::kFileUnreadable, file.path, problem);
  }
  return done();
}

// One query for the files that have footers to be read.
Done DataFiles::check_types(const std::vector<File>& batch, const TableSchema& schema) {
  std::string list;
  std::unordered_map<std::string, std::vector<ParquetNode>> nodes;
  for (const File& file : batch) {
    if (!file.rows) continue;
    list += (list.empty() ? "" : ", ") + ParquetFiles::sql_path(file.path);
  }
  if (list.empty()) return done();
  const auto use = [&](engine::Rows& rows, std::size_t row) {
    ParquetNode node{.name = rows.text(1, row)};
    if (!rows.is_null(2, row)) node.type = rows.text(2, row);
    if (!rows.is_null(3, row)) node.id = rows.integer(3, row);
    if (!rows.is_null(4, row)) node.children = rows.integer(4, row);
    nodes[rows.text(0, row)].push_back(std::move(node));
  };
  TRY(const std::string problem,
      parquet_.query(fmt::format("SELECT file_name, name, type, field_id, num_children FROM "
                                 "parquet_schema([{}])",
                                 list),
                     batch.front().path, use));
  if (!problem.empty()) findings_.add(Rule::kFileUnreadable, batch.front().path, problem);
  for (const File& file : batch) {
    const auto found = nodes.find("lake://" + file.path);
    if (found != nodes.end()) check_file_types(found->second, schema, file.path, findings_);
  }
  return done();
}

Done DataFiles::check_records(const File& file) {
  const auto stated = records_of(*file.add);
  if (stated && file.rows && *stated != *file.rows) {
    findings_.add(Rule::kStatsRecords, file.path,
                  fmt::format("numRecords is {}, the file has {} rows", *stated, *file.rows));
  }
  if (!file.add->deletion_vector) return done();
  TRY([[maybe_unused]] const bool known, vectors_.check(*file.add, file.rows));
  return done();
}

void DataFiles::check_row_ids(const TableState& state) {
  struct Range {
    std::int64_t first;
    std::int64_t count;
    const std::string* path;
  };
  std::vector<Range> ranges;
  for (const auto& [path, file] : state.files) {
    const auto records = records_of(file.add);
    // A file without rows takes no ids.
    if (file.add.base_row_id && records.value_or(0) > 0)
      ranges.push_back({*file.add.base_row_id, *records, &path});
  }
  std::ranges::sort(ranges, {}, &Range::first);
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    if (ranges[i].first - ranges[i - 1].first >= ranges[i - 1].count) continue;
    findings_.add(
        Rule::kRowIdOverlap, *ranges[i].path,
        fmt::format("its rows begin with id {}, and '{}' has {} rows from {} on", ranges[i].first,
                    *ranges[i - 1].path, ranges[i - 1].count, ranges[i - 1].first));
  }
  const auto domain = state.domains.find("delta.rowTracking");
  if (domain == state.domains.end() || ranges.empty()) return;
  const auto json = parse_json(text_of(domain->second, "configuration").value_or(""));
  const auto mark = json ? number_of(*json, "rowIdHighWaterMark") : std::nullopt;
  const std::int64_t greatest = ranges.back().first + ranges.back().count - 1;
  if (mark && *mark >= greatest) return;
  findings_.add(Rule::kRowIdHighWaterMark, *ranges.back().path,
                fmt::format("it is {}, and a row has the id {}",
                            mark ? std::to_string(*mark) : "no number", greatest));
}

Done DataFiles::check(const TableLog& log, bool with_rows, Progress& progress,
                      const Cancel& cancel) {
  const auto& files = log.state().files;
  std::atomic<std::int64_t> seen = 0;
  const auto total = static_cast<double>(std::max<std::size_t>(files.size(), 1));
  const ProgressStep step(progress, with_rows ? "files and rows" : "files", 0,
                          [&seen, total] { return static_cast<double>(seen.load()) / total; });
  // What is wrong with a vector was said before the statistics read it again.
  Findings said_before;
  Vectors quiet(store_, table_path_, said_before);
  Statistics statistics(parquet_, quiet, log.schema(), findings_);
  std::vector<File> batch;
  const auto flush = [&]() -> Done {
    TRY_DONE(read_footers(batch));
    TRY_DONE(check_types(batch, log.schema()));
    for (const File& file : batch) {
      TRY_DONE(check_records(file));
      if (with_rows && file.rows) {
        TRY_DONE(statistics.check(*file.add, file.path));
      }
      ++seen;
    }
    batch.clear();
    return done();
  };
  for (const auto& [name, live] : files) {
    if (cancel.cancelled()) return Error{Fault::kCancelled, "The check was cancelled"};
    std::string path;
    TRY(const bool there, check_presence(live.add, path));
    if (there) batch.push_back({&live.add, std::move(path), std::nullopt});
    if (batch.size() == kFootersTogether) {
      TRY_DONE(flush());
    }
  }
  TRY_DONE(flush());
  check_row_ids(log.state());
  return done();
}

Done DataFiles::check_changes(const std::vector<ChangeFile>& files) {
  for (const ChangeFile& change : files) {
    auto place = delta::path_in_store(change.file.path, table_path_, store_.root());
    if (!place) {
      findings_.add(Rule::kFileOutside, change.file.path, place.error().message);
      continue;
    }
    TRY(const auto size, size_of(*place));
    if (!size) {
      findings_.add(Rule::kChangeFileMissing, *place,
                    fmt::format("it is not there; version {} names it", change.version));
      continue;
    }
    if (*size != change.file.size) {
      findings_.add(Rule::kChangeFileSize, *place,
                    fmt::format("{} bytes, and its action says {}", *size, change.file.size));
    }
    bool has_type = false;
    TRY(const std::string problem,
        parquet_.query(
            fmt::format("SELECT name FROM parquet_schema({})", ParquetFiles::sql_path(*place)),
            *place, [&](engine::Rows& rows, std::size_t row) {
              has_type = has_type || rows.text(0, row) == "_change_type";
            }));
    if (!problem.empty()) findings_.add(Rule::kFileUnreadable, *place, problem);
    if (problem.empty() && !has_type) {
      findings_.add(Rule::kChangeFileColumn, *place, "it has none");
    }
  }
  return done();
}

}  // namespace claimlake::check
