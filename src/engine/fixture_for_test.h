#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/text.h"
#include "engine/engine.h"
#include "engine/fake_directory_for_test.h"
#include "store/memory_store.h"

namespace claimlake::engine {

// A version of a table made by hand, without a log.
class FakeSnapshot final : public delta::Snapshot {
 public:
  delta::LogVersion number = 0;
  Timestamp time{};
  delta::Protocol protocol_value;
  delta::Metadata metadata_value;
  delta::Schema schema_value;
  std::deque<delta::AddFile> adds;  // add() only: a list points at them
  std::vector<std::optional<std::int64_t>> rows;
  std::map<std::string, delta::ColumnStats, std::less<>> stats;

  void add(delta::AddFile file, std::optional<std::int64_t> row_count) {
    adds.push_back(std::move(file));
    list_.push_back(&adds.back());
    rows.push_back(row_count);
  }

  delta::LogVersion version() const override { return number; }
  Timestamp timestamp() const override { return time; }
  const delta::Protocol& protocol() const override { return protocol_value; }
  const delta::Metadata& metadata() const override { return metadata_value; }
  const delta::Schema& schema() const override { return schema_value; }
  delta::FileList files() const override { return delta::FileList(list_); }
  std::int64_t files_bytes() const override { return 0; }
  std::optional<std::int64_t> row_count() const override {
    std::int64_t sum = 0;
    for (const auto& count : rows) {
      if (!count) return std::nullopt;
      sum += *count;
    }
    return sum;
  }
  std::optional<std::int64_t> row_count(std::size_t index) const override { return rows[index]; }
  std::optional<std::int64_t> txn(std::string_view) const override { return std::nullopt; }
  const delta::ColumnStats& column_stats(std::string_view column) const override {
    static const delta::ColumnStats kUnknown;
    const auto found = stats.find(column);
    return found == stats.end() ? kUnknown : found->second;
  }
  std::int64_t memory_bytes() const override { return 1000; }

 private:
  std::vector<const delta::AddFile*> list_;
};

// An engine over a store in memory, with tables made by hand.
class EngineTest : public testing::Test {
 protected:
  SystemClock clock;
  SeededRandom random{1};
  store::MemoryStore store{clock};
  FakeDirectory directory;
  std::unique_ptr<Engine> engine = open({.threads = 2, .spill_folder = "", .random = &random});

  // Shows an empty table with columns of whole numbers.
  void add_table(const std::string& name, const std::vector<std::string>& columns) {
    auto snapshot = std::make_shared<FakeSnapshot>();
    for (const std::string& column : columns) {
      snapshot->schema_value.fields.push_back(
          {column, delta::DataType(delta::PrimitiveType{"long"})});
    }
    directory.versions[name].push_back({std::move(snapshot), name});
  }

  std::unique_ptr<Engine> open(const EngineConfig& config) {
    auto opened = open_engine(config, store, clock);
    EXPECT_TRUE(opened) << opened.error().text();
    (*opened)->attach(directory);
    return *std::move(opened);
  }
  std::unique_ptr<Session> session(SessionConfig settings = {}) {
    auto made = engine->session(settings);
    EXPECT_TRUE(made) << made.error().text();
    return *std::move(made);
  }
  std::unique_ptr<Session> internal_session() { return session({.access = Access::kInternal}); }

  // The rows of a query as "a|b" lines, null as "-"; "fault: message" if it fails.
  static std::vector<std::string> lines(Session& session, std::string_view sql,
                                        const std::vector<std::string>& parameters = {}) {
    auto rows = session.query(sql, parameters);
    if (!rows) return {failure(rows.error())};
    auto table = read_all(**rows);
    if (!table) return {failure(table.error())};
    std::vector<std::string> out;
    for (const auto& row : table->rows) {
      std::string line;
      for (const auto& cell : row) line += (line.empty() ? "" : "|") + cell.value_or("-");
      out.push_back(line);
    }
    return out;
  }
  static std::string failure(const Error& error) {
    return std::string(fault_name(error.fault)) + ": " + error.message;
  }
  static Error error_of(Session& session, std::string_view sql) {
    auto rows = session.query(sql);
    if (!rows) return rows.error();
    auto table = read_all(**rows);
    EXPECT_FALSE(table) << sql;
    return table ? Error{} : table.error();
  }
};

}  // namespace claimlake::engine
