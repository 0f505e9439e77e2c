#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "pack/pack.h"
#include "pack/place.h"

namespace claimlake::pack {

// Tests of models as docs/formats/model_test.md defines them. They are read here because packs hold
// them; module `quality` runs them.

// What rows of a test go into beside the tables that its model reads.
inline constexpr std::string_view kExpected = "expected";
inline constexpr std::string_view kRefused = "refused";

// INSERT INTO table (columns) rows.
struct TestRows {
  std::string table;  // "bronze.claims_raw", kExpected or kRefused; lower case
  std::vector<std::string> columns;
  std::string rows;  // VALUES or SELECT
  Place place;       // of the statement
  Place rows_place;  // of `rows`
};

struct ModelTest {
  std::string name;
  std::string model;  // "silver.fact_claims"
  std::optional<Date> as_of;
  std::vector<TestRows> given;  // all INSERTs, those of all tests of the file first
  std::string file;
  Place place;  // of its header
};

// The tables that the test gives no rows of, and that follow from those it gives: models of the
// layer of its model that it reads, or that those read. Each stands behind the ones that it reads.
std::vector<const Model*> computed_inputs(const Pack& pack, const ModelTest& test);

// Reads the tests of one file. Errors: kInvalidInput with file, line and column.
Result<std::vector<ModelTest>> parse_tests(std::string_view text, const std::string& file);

// The tests of the pack by file; only those of `models`, if there are any. Errors: kInvalidInput,
// also for a test of a model that is not there or that cannot be tested; kNotFound for a model of
// `models` that the pack does not have.
Result<std::vector<ModelTest>> load_tests(const Pack& pack, const std::vector<std::string>& models);

}  // namespace claimlake::pack
