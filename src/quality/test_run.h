#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "pack/pack.h"
#include "pack/test_file.h"

namespace claimlake::quality {

// Where what came out of a model is not what its test says.
struct TestDifference {
  std::string rows;    // pack::kExpected or pack::kRefused
  std::string key;     // "C-1"; of rows that are compared as a whole all of their values
  std::string column;  // empty: the row is there on one side only
  // Values of the column, absent where null. Of a row: "there", absent where it is not.
  std::optional<std::string> expected = {};
  std::optional<std::string> actual = {};
};

// Runs tests (docs/formats/model_test.md) in memory, without a table of any lake. One thread at a
// time.
class TestRunner {
 public:
  // All outlive this.
  static Result<TestRunner> open(engine::Engine& engine, const pack::Pack& pack);

  // The test must be one that load_tests gave for the pack. An empty list: it holds.
  // Errors: kInvalidInput with the place in the file, for rows that cannot be read.
  Result<std::vector<TestDifference>> run(const pack::ModelTest& test);

 private:
  explicit TestRunner(const pack::Pack& pack) : pack_(pack) {}

  const pack::Pack& pack_;
  std::unique_ptr<engine::Session> session_;  // holds the rows of the test that runs
  std::unique_ptr<engine::Session> reader_;   // may read nothing
};

}  // namespace claimlake::quality
