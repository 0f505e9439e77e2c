// Rows of a table by values of their columns. Statistics lead to files only where the table lies in
// the order of the values; a key index leads to rows wherever they lie, so that what a look-up
// costs does not grow with the table. The index is of hashes: the SELECT that is made here compares
// the values themselves.
#include "engine/rows_of.h"

#include <fmt/format.h>

#include <algorithm>
#include <duckdb/main/connection.hpp>
#include <duckdb/main/materialized_query_result.hpp>
#include <map>
#include <numeric>
#include <set>

#include "base/text.h"
#include "delta/column_mapping.h"
#include "delta/deletion_vector.h"
#include "engine/errors.h"
#include "engine/key_index_build.h"

namespace claimlake::engine {
namespace {

// A smaller table is read sooner than looked up.
constexpr std::int64_t kTableRowsMin = 1'000;
// More keys, or rows, than these are found sooner by reading the table once.
constexpr std::size_t kKeysMax = 10'000;
constexpr std::size_t kRowsMax = 16'000;
// So many places may be looked at for it, in one file those of deleted rows too.
constexpr std::size_t kPlacesMax = 4 * kRowsMax;
// Of a file of which more than one row in so many is wanted, all are read.
constexpr std::int64_t kReadAtATime = 512;
// A file of so few rows may be read without an index, as long as there are few of them.
constexpr std::int64_t kFewRows = 64;
constexpr std::size_t kFewFiles = 4;
// More rows than these are not listed one by one if they lie close to each other: so long a
// statement takes longer to plan than what lies between them takes to read.
constexpr std::size_t kListedMax = 64;
constexpr std::uint32_t kBetweenMax = 16'384;
// So few values are named in the statement.
constexpr std::size_t kValuesMax = 16;

std::string equal(const LookUp::By& by) {
  std::string out;
  for (std::size_t i = 0; i < by.columns.size(); ++i) {
    out += fmt::format("{}_row.{} = _value.{}", i == 0 ? "" : " AND ",
                       sql_identifier(by.columns[i]), sql_identifier(by.of_relation[i]));
  }
  return out;
}

// The rows of `table`, of those places that one of `places` speaks of (none: of all), that are
// asked for. `condition`: which these are, if that can be said of a row without a join.
std::string exactly(const std::string& table, const std::vector<std::string>& places,
                    const LookUp& look_up, const std::string& condition = "") {
  std::string columns = look_up.columns.empty() ? "*" : "";
  std::set<std::string> known;
  const auto add = [&](const std::string& column) {
    if (look_up.columns.empty() || !known.insert(to_lower(column)).second) return;
    columns += (columns.empty() ? "" : ", ") + sql_identifier(column);
  };
  for (const std::string& column : look_up.columns) add(column);
  for (const LookUp::By& by : look_up.any) {
    for (const std::string& column : by.columns) add(column);
  }
  const std::string read =
      fmt::format("SELECT {}, file_number, file_row_number FROM {}", columns, table);
  if (!condition.empty() && places.size() == 1) {
    return fmt::format("{} WHERE {} AND {}", read, places.front(), condition);
  }
  std::string rows = read;
  for (std::size_t i = 0; i < places.size(); ++i) {
    rows = fmt::format("{}{} WHERE {}", i == 0 ? "" : rows + " UNION ALL ", read, places[i]);
  }
  const std::string all = fmt::format("SELECT _row.* FROM ({}) AS _row", rows);
  if (look_up.any.size() == 1) {
    const LookUp::By& by = look_up.any.front();
    return fmt::format("{} SEMI JOIN {} AS _value ON {}", all, by.relation, equal(by));
  }
  std::string any;
  for (const LookUp::By& by : look_up.any) {
    any += fmt::format("{}EXISTS (SELECT 1 FROM {} AS _value WHERE {})", any.empty() ? "" : " OR ",
                       by.relation, equal(by));
  }
  return fmt::format("{} WHERE {}", all, any);
}

class Finder {
 public:
  Finder(duckdb::Connection& connection, SessionState& state, Instances& instances, Plans& plans,
         const TableVersion& version)
      : connection_(connection),
        state_(state),
        plans_(plans),
        store_(instances.store()),
        index_(instances.key_index()),
        version_(version),
        files_(version.snapshot->files()),
        build_(connection, state, instances, version) {}

  // Adds where rows stand that `by` may find. False: there are too many.
  bool find(const LookUp::By& by) {
    const auto hashes = hashes_of(by);
    if (!hashes) return false;
    if (hashes->empty()) {
      condition_ = "FALSE";
      return true;
    }
    std::vector<std::shared_ptr<const FileKeys>> keys(files_.size());
    std::vector<std::size_t> missing;
    for (std::size_t i = 0; i < files_.size(); ++i) {
      keys[i] = index_.find(value_or_throw(index_.of(version_, i, by.columns)));
      if (!keys[i]) missing.push_back(i);
    }
    add_small(missing);
    auto made = build_.make(missing, by.columns);
    for (std::size_t i = 0; i < missing.size(); ++i) keys[missing[i]] = std::move(made[i]);
    for (std::size_t i = 0; i < files_.size(); ++i) {
      if (keys[i] && !search(i, keys[i], by, *hashes)) return false;
    }
    return true;
  }

  // What is true of the values that the last `by` finds, and of no others; "" if they are many, or
  // are not compared as the column's own. Planning it takes less than planning a join.
  const std::string& condition() const { return condition_; }

  // Where the rows stand, as conditions of which one holds; absent if there are too many places.
  std::optional<std::vector<std::string>> places() {
    std::size_t count = 0;
    for (auto& [file, rows] : rows_) {
      std::sort(rows.begin(), rows.end());
      rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
      count += rows.size();
    }
    if (count == 0) return std::vector<std::string>{"false"};
    if (count > kRowsMax) return std::nullopt;
    std::vector<std::size_t> whole;
    std::vector<std::size_t> files;
    std::vector<std::uint32_t> listed;
    for (const auto& [file, rows] : rows_) {
      if (count > kListedMax && is_dense(file, rows.size())) {
        whole.push_back(file);
      } else {
        files.push_back(file);
        listed.insert(listed.end(), rows.begin(), rows.end());
      }
    }
    std::vector<std::string> out;
    if (!listed.empty()) out.push_back(listed_in(files, std::move(listed)));
    if (!whole.empty()) out.push_back(fmt::format("file_number IN ({})", fmt::join(whole, ", ")));
    return out;
  }

 private:
  std::string type_of(const std::string& column) const {
    for (const delta::Field& field : version_.snapshot->schema().fields) {
      if (to_lower(field.name) == to_lower(column)) return value_or_throw(sql_type(field.type));
    }
    throw_error({Fault::kNotFound, "A table has no column " + column, version_.path});
  }

  // Of the values that are looked for; absent if they are too many.
  std::optional<std::vector<std::uint64_t>> hashes_of(const LookUp::By& by) {
    std::string values;
    std::string present;
    for (std::size_t i = 0; i < by.columns.size(); ++i) {
      const std::string value = "_value." + sql_identifier(by.of_relation[i]);
      values += fmt::format("{}CAST({} AS {})", i == 0 ? "" : ", ", value, type_of(by.columns[i]));
      present += fmt::format("{}{} IS NOT NULL", i == 0 ? "" : " AND ", value);
    }
    const bool alone = by.columns.size() == 1;
    const std::string value = alone ? ", _value." + sql_identifier(by.of_relation[0]) : "";
    const auto result =
        plans_.run(connection_, state_,
                   fmt::format("SELECT DISTINCT hash({}){} FROM {} AS _value WHERE {} LIMIT {}",
                               values, value, by.relation, present, kKeysMax + 1),
                   false);
    if (result->HasError()) result->ThrowError();
    const auto& found = result->Cast<duckdb::MaterializedQueryResult>().Collection();
    std::vector<std::uint64_t> out;
    for (auto& row : found.Rows()) out.push_back(row.GetValue(0).GetValue<std::uint64_t>());
    condition_ = alone ? one_of(by.columns[0], found) : "";
    if (out.size() > kKeysMax) return std::nullopt;
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
  }

  // "column IN (...)" of the second column of `found`.
  std::string one_of(const std::string& column, const duckdb::ColumnDataCollection& found) const {
    const duckdb::LogicalType& type = found.Types()[1];
    if (found.Count() == 0 || found.Count() > kValuesMax || type.ToString() != type_of(column)) {
      return "";
    }
    if (type.id() != duckdb::LogicalTypeId::VARCHAR && !type.IsIntegral()) return "";
    std::string list;
    for (auto& row : found.Rows()) {
      const std::string value = row.GetValue(1).ToString();
      if (value.find('\0') != std::string::npos) return "";  // would end the statement
      list += (list.empty() ? "" : ", ") + (type.IsIntegral() ? value : sql_string(value));
    }
    return fmt::format("{} IN ({})", sql_identifier(column), list);
  }

  // Where few files without an index have few rows, all of these may be meant.
  void add_small(std::vector<std::size_t>& missing) {
    const auto is_small = [&](std::size_t file) {
      const auto rows = version_.snapshot->row_count(file);
      return rows && *rows <= kFewRows;
    };
    if (std::count_if(missing.begin(), missing.end(), is_small) > std::int64_t{kFewFiles}) return;
    std::erase_if(missing, [&](std::size_t file) {
      if (!is_small(file)) return false;
      const auto count = static_cast<std::size_t>(*version_.snapshot->row_count(file));
      rows_[file].resize(count);
      std::iota(rows_[file].begin(), rows_[file].end(), 0U);
      return true;
    });
  }

  // Adds where the rows of `hashes` stand in `file`; false: there are too many. A damaged index is
  // made again.
  bool search(std::size_t file, const std::shared_ptr<const FileKeys>& keys, const LookUp::By& by,
              const std::vector<std::uint64_t>& hashes) {
    std::vector<std::uint32_t> found;
    if (!keys->find(hashes, kPlacesMax, found)) {
      index_.drop(value_or_throw(index_.of(version_, file, by.columns)));
      const auto again = build_.make({file}, by.columns);
      found.clear();
      const auto searched = again.front()->find(hashes, kPlacesMax, found);
      if (!searched) throw_error(searched.error());
    }
    if (found.size() > kPlacesMax) return false;
    if (found.size() > kListedMax) leave_out_deleted(file, found);
    places_ += found.size();
    if (places_ > kPlacesMax) return false;
    if (found.empty()) return true;
    auto& rows = rows_[file];
    rows.insert(rows.end(), found.begin(), found.end());
    return true;
  }

  // Many rows of a file may be those of old versions, which count for nothing.
  void leave_out_deleted(std::size_t file, std::vector<std::uint32_t>& rows) {
    const auto& vector = files_[file].deletion_vector;
    if (!vector) return;
    const auto deleted = delta::read_deletion_vector(store_, version_.path, *vector);
    if (!deleted) throw_error(deleted.error());
    std::erase_if(rows, [&](std::uint32_t row) { return deleted->contains(row); });
  }

  // So many of its rows are wanted that a list of them leaves nothing out that is read at a time.
  bool is_dense(std::size_t file, std::size_t wanted) const {
    const auto rows = version_.snapshot->row_count(file);
    return rows && static_cast<std::int64_t>(wanted) * kReadAtATime > *rows;
  }

  static std::string listed_in(const std::vector<std::size_t>& files,
                               std::vector<std::uint32_t> rows) {
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    if (rows.size() > kListedMax && rows.back() - rows.front() < kBetweenMax) {
      return fmt::format("file_number IN ({}) AND file_row_number BETWEEN {} AND {}",
                         fmt::join(files, ", "), rows.front(), rows.back());
    }
    return fmt::format("file_number IN ({}) AND file_row_number IN ({})", fmt::join(files, ", "),
                       fmt::join(rows, ", "));
  }

  duckdb::Connection& connection_;
  SessionState& state_;
  Plans& plans_;
  const store::Store& store_;
  KeyIndex& index_;
  const TableVersion& version_;
  const delta::FileList files_;
  KeyIndexBuild build_;
  std::map<std::size_t, std::vector<std::uint32_t>> rows_;  // by file
  std::size_t places_ = 0;                                  // in these, some twice
  std::string condition_;
};

}  // namespace

std::string column_that_hides_places(const delta::Schema& schema) {
  for (const delta::Field& field : schema.fields) {
    const std::string name = to_lower(field.name);
    if (name == "file_number" || name == "file_row_number") return field.name;
  }
  return "";
}

RowsFound rows_of(duckdb::Connection& connection, SessionState& state, Instances& instances,
                  Plans& plans, const LookUp& look_up) {
  const auto parts = split(to_lower(look_up.table), '.');
  CHECK(parts.size() == 2, "a table is named with its layer");
  const std::string table =
      fmt::format("lake.{}.{}", sql_identifier(parts[0]), sql_identifier(parts[1]));
  const auto bound = state.bindings.find({parts[0], parts[1]});
  if (bound == state.bindings.end() || !bound->second.version)
    return {exactly(table, {}, look_up), false};
  const TableVersion version = *bound->second.version;
  const delta::Snapshot& snapshot = *version.snapshot;
  if (const std::string hides = column_that_hides_places(snapshot.schema()); !hides.empty()) {
    throw_error({Fault::kInvalidInput,
                 fmt::format("Rows of {} cannot be looked up: its column {} hides where they stand",
                             look_up.table, hides),
                 "", "rename the column"});
  }
  const auto rows = snapshot.row_count();
  const bool mapped = delta::column_mapping(snapshot.protocol(), snapshot.metadata()) !=
                      delta::ColumnMapping::kNone;
  const bool small = rows && *rows < kTableRowsMin;
  if (mapped || !rows || small) return {exactly(table, {}, look_up), small};
  Finder finder(connection, state, instances, plans, version);
  for (const LookUp::By& by : look_up.any) {
    if (!finder.find(by)) return {exactly(table, {}, look_up), false};
  }
  const auto places = finder.places();
  if (!places) return {exactly(table, {}, look_up), false};
  const bool by_one = look_up.any.size() == 1;
  return {exactly(table, *places, look_up, by_one ? finder.condition() : ""), true};
}

}  // namespace claimlake::engine
