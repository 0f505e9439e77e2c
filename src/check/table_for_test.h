#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <memory>
#include <set>
#include <string>

#include "base/text.h"
#include "check/check_table.h"
#include "check/json.h"
#include "engine/engine.h"
#include "store/memory_store.h"

namespace claimlake::check {

// A good table with all that the check knows of, written by hand after the protocol's text: column
// mapping, partitions, deletion vectors, row tracking, in-commit timestamps, change data feed,
// checkpoints of both forms, a version checksum. Tests break it in one way each.
//   version 0  protocol and metadata
//   version 1  rows 1 to 4 in a.parquet (2026-01-01), 5 to 7 in b.parquet; a checkpoint in JSON
//   version 2  row 3 is deleted by a vector in v.bin, and is in the change file; a .crc file
//   version 3  nothing but a newer txn; a checkpoint with a sidecar, and a classic one
class TableTest : public testing::Test {
 protected:
  TableTest() {
    engine_ = *engine::open_engine({.threads = 2, .spill_folder = "", .random = &random_}, store_,
                                   clock_);
    session_ = *engine_->session({.access = engine::Access::kInternal});
    write_data();
    write_log();
    write_checkpoints();
  }

  static std::string entry(int version) { return fmt::format("t/_delta_log/{:020}.json", version); }
  static std::string json_checkpoint(int version) {
    return fmt::format("t/_delta_log/{:020}.checkpoint.0a0a0a0a-0000-4000-8000-000000000000.json",
                       version);
  }
  static std::string classic_checkpoint(int version) {
    return fmt::format("t/_delta_log/{:020}.checkpoint.parquet", version);
  }
  static std::string checksum(int version) {
    return fmt::format("t/_delta_log/{:020}.crc", version);
  }
  static constexpr const char* kSidecar = "t/_delta_log/_sidecars/s.parquet";
  static constexpr const char* kVectorFile =
      "t/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin";
  static constexpr const char* kLast = "t/_delta_log/_last_checkpoint";

  // The data of a vector of this row alone, after the protocol's text.
  static std::string vector_data(int row);

  // Replaces one text in a file; it must stand there.
  void edit(const std::string& path, const std::string& from, const std::string& to) {
    std::string text = *store_.read(path);
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from << " in " << path;
    text.replace(at, from.size(), to);
    ASSERT_TRUE(store_.put(path, text));
  }
  void append(const std::string& path, const std::string& line) {
    ASSERT_TRUE(store_.put(path, *store_.read(path) + line + "\n"));
  }
  // A line of a file, counted from 1.
  std::string line(const std::string& path, std::size_t number) {
    return split(*store_.read(path), '\n')[number - 1];
  }
  // What an action says of an object's size, one byte more than it has.
  void overstate(const std::string& path, const std::string& object, const std::string& key) {
    const std::int64_t size = store_.head(object)->size;
    edit(path, fmt::format("\"{}\":{}", key, size), fmt::format("\"{}\":{}", key, size + 1));
  }
  void put(const std::string& path, const std::string& text) {
    ASSERT_TRUE(store_.put(path, text));
  }
  void drop(const std::string& path) { ASSERT_TRUE(store_.remove(path)); }
  void drop_checkpoints() {
    for (const std::string& path : {json_checkpoint(1), json_checkpoint(3), classic_checkpoint(3),
                                    std::string(kSidecar), std::string(kLast), checksum(2)}) {
      drop(path);
    }
  }
  void sql(const std::string& statement) {
    const auto done = session_->execute(statement);
    ASSERT_TRUE(done) << done.error().text();
  }

  // The names of the rules that are broken.
  std::set<std::string> broken(bool with_rows = true) {
    std::set<std::string> out;
    const auto report = check(with_rows);
    if (!report) return {report.error().text()};
    said_.clear();
    for (const Finding& finding : report->findings.kept()) {
      out.emplace(info(finding.rule).name);
      said_ += finding.where + ": " + finding.seen + "\n";
    }
    return out;
  }
  Result<CheckReport> check(bool with_rows) {
    NoProgress progress;
    return check_table({{store_, engine_->parquet_io(), clock_, random_}, *session_, progress, {}},
                       "t", {.with_rows = with_rows});
  }

  SimClock clock_{Timestamp{std::chrono::seconds(1767954660)}};
  SeededRandom random_{7};
  store::MemoryStore store_{clock_};
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<engine::Session> session_;
  std::string said_;  // by the last check

 private:
  std::int64_t size_of(const std::string& path) const { return store_.head("t/" + path)->size; }
  void write_data();
  void write_log();
  void write_checkpoints();
  std::string add(const std::string& name, const std::string& more) const;
};

}  // namespace claimlake::check
