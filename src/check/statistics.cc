#include "check/statistics.h"

#include <fmt/format.h>

#include "base/text.h"
#include "check/json.h"

namespace claimlake::check {
namespace {

// Bounds of texts may be cut short; those of fewer letters are whole.
constexpr std::size_t kTextMayBeCut = 32;
constexpr std::size_t kRangesTogether = 2000;
constexpr const char* kDeleted = "claimlake_check_deleted";
// What judge() finds for each column, in this order.
enum Answer : std::size_t {
  kValues,
  kLeast,
  kLeastBelow,
  kLeastIs,
  kGreatest,
  kAbove,
  kIs,
  kAnswers
};

// Takes the values out of a text as they stand there: as doubles, decimals would lose digits.
class StatsReader final : public nlohmann::json_sax<Json> {
 public:
  explicit StatsReader(StatsValues& out) : out_(out) {}
  bool null() override { return true; }
  bool boolean(bool value) override { return put(value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return put(std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override { return put(std::to_string(value)); }
  bool number_float(number_float_t, const string_t& text) override { return put(text); }
  bool string(string_t& text) override { return put(text); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override {
    path_.emplace_back();
    return true;
  }
  bool key(string_t& name) override {
    if (!path_.empty()) path_.back() = name;
    return true;
  }
  bool end_object() override {
    path_.pop_back();
    return true;
  }
  bool start_array(std::size_t) override {
    ++lists_;
    return true;
  }
  bool end_array() override {
    --lists_;
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  bool put(std::string text) {
    if (lists_ == 0) out_[path_] = std::move(text);
    return true;
  }
  StatsValues& out_;
  std::vector<std::string> path_;
  int lists_ = 0;
};

std::optional<std::string> value_at(const StatsValues& stats, const char* kind,
                                    const std::vector<std::string>& names) {
  std::vector<std::string> path{kind};
  path.insert(path.end(), names.begin(), names.end());
  const auto found = stats.find(path);
  return found == stats.end() ? std::nullopt : std::optional(found->second);
}

// The type in SQL in which values and bounds are compared; "" for types without bounds.
std::string sql_type_of(const std::string& type) {
  if (type == "long") return "BIGINT";
  if (type == "integer") return "INTEGER";
  if (type == "short") return "SMALLINT";
  if (type == "byte") return "TINYINT";
  if (type == "float") return "FLOAT";
  if (type == "double") return "DOUBLE";
  if (type == "string") return "VARCHAR";
  if (type == "boolean") return "BOOLEAN";
  if (type == "date") return "DATE";
  if (type == "timestamp") return "TIMESTAMPTZ";
  if (type == "timestamp_ntz") return "TIMESTAMP";
  if (type.starts_with("decimal(")) return "DECIMAL" + type.substr(7);
  return "";
}

bool is_time(const std::string& sql_type) { return sql_type.starts_with("TIMESTAMP"); }

std::string dotted(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ".") + name;
  return out;
}

// A text as SQL. A NUL in it would end the statement.
std::string sql_text(const std::string& text) {
  std::string out;
  for (const std::string& part : split(text, '\0')) {
    out += (out.empty() ? "" : " || chr(0) || ") + sql_string(part);
  }
  return out;
}

// The answers for one column, which stands as `c` in the query.
std::string answers_of(const std::string& c, const std::string& type,
                       const std::optional<std::string>& least,
                       const std::optional<std::string>& greatest) {
  const auto bound = [&](const std::optional<std::string>& text) {
    return text ? fmt::format("TRY_CAST({} AS {})", sql_text(*text), type)
                : fmt::format("CAST(NULL AS {})", type);
  };
  // Writers differ in whether NaN counts; it is in no range that a reader skips by.
  const bool real = type == "FLOAT" || type == "DOUBLE";
  const std::string some = real ? fmt::format(" FILTER (NOT isnan({}))", c) : "";
  const std::string lo = bound(least);
  const std::string hi = bound(greatest);
  const auto floor = [&](const std::string& value) {
    return is_time(type) ? fmt::format("date_trunc('millisecond', {})", value) : value;
  };
  // Times are stated in milliseconds, cut down.
  const std::string hi_end = is_time(type) ? hi + " + INTERVAL 999 MICROSECONDS" : hi;
  const std::string min = fmt::format("min({}){}", c, some);
  const std::string max = fmt::format("max({}){}", c, some);
  return fmt::format(
      "count({}), {} IS NOT NULL, {} < {}, {} = {}, {} IS NOT NULL, {} > {}, {} = {}", c, lo, min,
      lo, floor(min), floor(lo), hi, max, hi_end, floor(max), floor(hi));
}

// The column of a data file that a leaf stands for, as an SQL expression; "" if the file has none.
class FileColumns {
 public:
  void add(std::string name, std::int64_t children, std::optional<std::int64_t> id, bool is_float) {
    // Depth first, as footers have them: the root stands first.
    while (!open_.empty() && open_.back().second == 0) open_.pop_back();
    std::vector<std::size_t> above;
    for (const auto& [index, left] : open_) above.push_back(index);
    if (!open_.empty()) --open_.back().second;
    nodes_.push_back({std::move(name), id, above.empty() ? 0 : above.back(), is_float});
    open_.emplace_back(nodes_.size() - 1, children);
  }

  // Sets `type` to FLOAT where the file has one: what was stated of floats holds of floats, also in
  // a column that has been widened since.
  std::string expression(const Leaf& leaf, bool by_id, std::string& type) const {
    std::size_t at = 0;
    std::string out;
    for (std::size_t depth = 0; depth < leaf.names.size(); ++depth) {
      const auto child = find(at, leaf.names[depth], by_id ? leaf.ids[depth] : -1, by_id);
      if (!child) return "";
      at = *child;
      const std::string& name = nodes_[at].name;
      out = depth == 0 ? sql_identifier(name)
                       : fmt::format("struct_extract({}, {})", out, sql_string(name));
    }
    if (nodes_[at].is_float) type = "FLOAT";
    return out;
  }

 private:
  struct Node {
    std::string name;
    std::optional<std::int64_t> id;
    std::size_t parent;
    bool is_float;
  };
  std::optional<std::size_t> find(std::size_t parent, const std::string& name, std::int64_t id,
                                  bool by_id) const {
    for (std::size_t i = 1; i < nodes_.size(); ++i) {
      if (nodes_[i].parent != parent) continue;
      if (by_id ? nodes_[i].id == id : to_lower(nodes_[i].name) == to_lower(name)) return i;
    }
    return std::nullopt;
  }
  std::vector<Node> nodes_;
  std::vector<std::pair<std::size_t, std::int64_t>> open_;  // and how many children are to come
};

}  // namespace

std::optional<StatsValues> read_stats(std::string_view text) {
  // Also keeps texts that nest too deep away.
  const auto json = parse_json(text);
  if (!json || !json->is_object()) return std::nullopt;
  StatsValues out;
  StatsReader reader(out);
  if (!Json::sax_parse(text, &reader)) return std::nullopt;
  return out;
}

Result<std::vector<Statistics::Column>> Statistics::columns_of(const StatsValues& stats,
                                                               const std::string& path) {
  std::vector<Column> out;
  FileColumns file;
  TRY(const std::string problem,
      parquet_.query(
          fmt::format("SELECT name, num_children, field_id, type = 'FLOAT' FROM parquet_schema({})",
                      ParquetFiles::sql_path(path)),
          path, [&](engine::Rows& rows, std::size_t row) {
            file.add(rows.text(0, row), rows.is_null(1, row) ? 0 : rows.integer(1, row),
                     rows.is_null(2, row) ? std::nullopt : std::optional(rows.integer(2, row)),
                     !rows.is_null(3, row) && rows.integer(3, row) != 0);
          }));
  if (!problem.empty()) {
    findings_.add(Rule::kFileUnreadable, path, problem);
    return out;
  }
  for (const Leaf& leaf : schema_.leaves) {
    Column column{.leaf = &leaf, .type = sql_type_of(leaf.type)};
    column.least = value_at(stats, "minValues", leaf.names);
    column.greatest = value_at(stats, "maxValues", leaf.names);
    column.nulls = whole_number(value_at(stats, "nullCount", leaf.names).value_or(""));
    if (column.type.empty() || (!column.least && !column.greatest && !column.nulls)) continue;
    column.expression = file.expression(leaf, schema_.by_id, column.type);
    if (!column.expression.empty()) out.push_back(std::move(column));
  }
  return out;
}

// Keeps the rows that the vector takes away in a table of the session. False if they are unknown.
Result<bool> Statistics::keep_deleted(const delta::AddFile& add) {
  const std::string table = fmt::format("temp.{}", kDeleted);
  TRY_DONE(parquet_.session().execute(
      fmt::format("CREATE OR REPLACE TEMP TABLE {} (first BIGINT, rows BIGINT)", kDeleted)));
  std::string values;
  std::size_t count = 0;
  std::optional<Error> failed;
  const auto flush = [&] {
    if (values.empty() || failed) return;
    auto put = parquet_.session().execute(fmt::format("INSERT INTO {} VALUES {}", table, values));
    if (!put) failed = put.error();
    values.clear();
    count = 0;
  };
  TRY(const bool known,
      vectors_.check(add, std::nullopt, [&](std::uint64_t first, std::uint64_t rows) {
        values += fmt::format("{}({}, {})", values.empty() ? "" : ", ", first, rows);
        if (++count == kRangesTogether) flush();
      }));
  flush();
  if (failed) return *std::move(failed);
  return known;
}

Done Statistics::check(const delta::AddFile& add, const std::string& path) {
  const auto stats = read_stats(add.stats_json);
  if (!stats || !schema_.is_whole) return done();
  TRY(const auto columns, columns_of(*stats, path));
  if (columns.empty()) return done();
  const auto number = stats->find({"numRecords"});
  records_ = number == stats->end() ? std::nullopt : whole_number(number->second);
  const auto bounds = stats->find({"tightBounds"});
  const bool tight = bounds == stats->end() || bounds->second != "false";
  std::string inner;
  std::string answers = "count(*)";
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::string name = fmt::format("c{}", i);
    inner += fmt::format("{}TRY_CAST({} AS {}) AS {}", i == 0 ? "" : ", ", columns[i].expression,
                         columns[i].type, name);
    answers += ", " + answers_of(name, columns[i].type, columns[i].least, columns[i].greatest);
  }
  std::string where;
  if (add.deletion_vector) {
    TRY(const bool known, keep_deleted(add));
    if (!known) return done();
    where = fmt::format(
        " WHERE file_row_number NOT IN (SELECT unnest(range(first, first + rows)) FROM temp.{})",
        kDeleted);
  }
  const std::string sql =
      fmt::format("SELECT {} FROM (SELECT {} FROM read_parquet({}, file_row_number = true){})",
                  answers, inner, ParquetFiles::sql_path(path), where);
  TRY(const std::string problem, parquet_.query(sql, path, [&](engine::Rows& rows, std::size_t) {
    const std::int64_t count = rows.integer(0, 0);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      judge(columns[i], rows, 1 + i * kAnswers, count, tight, path);
    }
  }));
  if (!problem.empty()) findings_.add(Rule::kFileUnreadable, path, problem);
  return done();
}

void Statistics::judge(const Column& column, const engine::Rows& rows, std::size_t first,
                       std::int64_t count, bool tight, const std::string& path) {
  const std::string name = dotted(column.leaf->names);
  const Counts counts{count, rows.integer(first + kValues, 0)};
  judge_nulls(column, counts, tight, records_, path);
  const auto is = [&](Answer answer) {
    return !rows.is_null(first + answer, 0) && rows.integer(first + answer, 0) != 0;
  };
  if ((column.least && !is(kLeast)) || (column.greatest && !is(kGreatest))) {
    findings_.add(Rule::kStatsJson, path,
                  fmt::format("a bound of '{}' cannot be read as {}", name, column.leaf->type));
  }
  if (is(kLeastBelow)) {
    findings_.add(Rule::kStatsMin, path, fmt::format("'{}' has a value below it", name));
  }
  if (is(kAbove))
    findings_.add(Rule::kStatsMax, path, fmt::format("'{}' has a value above it", name));
  if (!tight || counts.values == 0) return;
  const auto whole = [&](const std::optional<std::string>& text) {
    return text && (column.type != "VARCHAR" || text->size() < kTextMayBeCut);
  };
  const bool loose_least = whole(column.least) && is(kLeast) && !is(kLeastBelow) && !is(kLeastIs);
  const bool loose_greatest = whole(column.greatest) && is(kGreatest) && !is(kAbove) && !is(kIs);
  if (loose_least || loose_greatest) {
    findings_.add(
        Rule::kStatsTight, path,
        fmt::format("no value of '{}' is its {}", name, loose_least ? "minValues" : "maxValues"));
  }
}

void Statistics::judge_nulls(const Column& column, const Counts& counts, bool tight,
                             std::optional<std::int64_t> records, const std::string& path) {
  if (!column.nulls) return;
  const std::int64_t nulls = counts.rows - counts.values;
  // Wide statistics say something only if all or none of the rows are null.
  const bool wrong = tight ? *column.nulls != nulls
                           : (*column.nulls == 0 && nulls > 0) ||
                                 (records && *column.nulls == *records && counts.values > 0);
  if (!wrong) return;
  findings_.add(Rule::kStatsNullCount, path,
                fmt::format("'{}' has {} nulls in {} rows, and nullCount says {}",
                            dotted(column.leaf->names), nulls, counts.rows, *column.nulls));
}

}  // namespace claimlake::check
