// Tables that are built with less memory than all of their rows need at once.
#include "refresh/whole_rows.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "refresh/memory_lake_for_test.h"

namespace claimlake::refresh {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::int64_t kMiB = 1 << 20;
// The lists of 200,000 notes of 100 bytes need more than this, and a fifth of them does not.
constexpr std::int64_t kLittle = 48 * kMiB;

class WholeRowsTest : public testing::Test, protected MemoryLake {
 protected:
  WholeRowsTest() {
    say("CREATE TABLE silver.notes (customer BIGINT, note VARCHAR)");
    say("INSERT INTO silver.notes SELECT range % 50000, repeat(md5(CAST(range AS VARCHAR)), 3) "
        "FROM range(200000)");
    columns = {{"customer", "BIGINT"}, {"notes", "VARCHAR[]"}};
    inputs = {{"silver.notes", {{"customer", "BIGINT"}, {"note", "VARCHAR"}}}};
  }
  pack::Model lists(std::vector<std::string> key) {
    return model("gold.lists", std::move(key),
                 "SELECT customer, list_sort(list(note)) AS notes FROM silver.notes GROUP BY "
                 "customer",
                 columns, inputs);
  }
  void open_with(std::int64_t memory) {
    memory_bytes = memory;
    open();
  }
  std::string content() {
    return rows(
        "SELECT count(*), count(DISTINCT customer), sum(len(notes)), "
        "md5(string_agg(md5(CAST(notes AS VARCHAR)), '' ORDER BY customer)) FROM "
        "gold.lists");
  }
  // What the newest version of the table says of itself.
  std::string said(const char* name) {
    const auto commits = lake->latest_commits({"gold", "lists"}, 1);
    const auto& parameters = commits->front().info->parameters;
    const auto found = parameters.find(name);
    return found == parameters.end() ? "" : found->second;
  }

  Columns columns;
  std::map<std::string, Columns> inputs;
};

TEST_F(WholeRowsTest, computes_in_parts_what_does_not_fit_in_memory_at_once) {
  const pack::Model model = lists({"customer"});
  EXPECT_EQ(refresh(model, {}).way, "whole: it has no version yet");
  const std::string at_once = content();
  EXPECT_THAT(at_once, StartsWith("50000 50000 200000 "));

  open_with(kLittle);
  const TableReport report = refresh(model, {.force = true});

  EXPECT_EQ(report.outcome, TableOutcome::kBuilt);
  EXPECT_EQ(report.rows, 50'000);
  EXPECT_EQ(report.way, "whole, in 5 parts: did not fit in memory at once; it was asked for");
  EXPECT_EQ(version("gold.lists"), 1) << "one version, and not one for each part";
  open_with(std::int64_t{4} << 30);
  EXPECT_EQ(content(), at_once);
}

TEST_F(WholeRowsTest, begins_with_the_parts_that_it_needed_the_last_time_in_so_much_memory) {
  const pack::Model model = lists({"customer"});
  open_with(kLittle);
  refresh(model, {});
  EXPECT_EQ(said("parts"), "\"5\"");

  // What was there fits now.
  say("DELETE FROM silver.notes WHERE customer >= 100");
  say("OPTIMIZE silver.notes");
  EXPECT_THAT(refresh(model, {}).way, StartsWith("whole, in 5 parts: "));

  open_with(2 * kLittle);
  say("DELETE FROM silver.notes WHERE customer >= 50");
  EXPECT_THAT(refresh(model, {}).way, StartsWith("whole: ")) << "more memory, and so at once";
  EXPECT_EQ(said("parts"), "");
  EXPECT_EQ(rows("SELECT count(*) FROM gold.lists"), "50 ");
}

TEST_F(WholeRowsTest, judges_the_rows_of_each_part_by_all_of_their_parents) {
  say("CREATE TABLE silver.known (customer BIGINT)");
  say("INSERT INTO silver.known SELECT range FROM range(3, 200000)");
  pack::Model model = lists({"customer"});
  model.name = "silver.lists";
  model.schema = "silver";
  model.rule_inputs = {"silver.known"};
  for (const char* rule : {"is_known", "is_known_still"}) {
    model.rules.rules.push_back({.name = rule,
                                 .body = pack::ExistsIn{"customer", "silver.known", "customer", {}},
                                 .action = pack::Action::kQuarantine});
  }
  open_with(kLittle);

  const TableReport report = refresh(model, {});

  EXPECT_THAT(report.way, StartsWith("whole, in 5 parts: "));
  EXPECT_EQ(report.rows, 49'997);
  EXPECT_EQ(report.refused_rows, 3);
  open_with(std::int64_t{4} << 30);
  EXPECT_EQ(rows("SELECT count(*), min(customer), sum(len(notes)) FROM silver.lists"),
            "49997 3 199988 ");
}

TEST_F(WholeRowsTest, a_change_that_does_not_fit_by_key_is_built_as_a_whole_and_remembered) {
  const pack::Model model = lists({"customer"});
  open_with(kLittle);
  refresh(model, {});
  say("INSERT INTO silver.notes SELECT range % 50000, repeat(md5(CAST(range AS VARCHAR)), 3) "
      "FROM range(200000, 300000)");

  EXPECT_THAT(refresh(model, {.by_key_share = 1}).way,
              AllOf(StartsWith("whole, in "), HasSubstr("by key it fails (unavailable)")));
  EXPECT_EQ(said("byKeyFailed"), "\"1\"") << "the hash of the model";
  EXPECT_EQ(past_of(*lake, model)->builds_before_by_key(), 1);
}

TEST_F(WholeRowsTest, says_why_a_table_without_a_key_is_not_computed_in_parts) {
  const pack::Model model = lists({});
  open_with(kLittle);

  const TableReport report = refresh(model, {.fails = true});

  EXPECT_EQ(report.outcome, TableOutcome::kFailed);
  EXPECT_THAT(report.message,
              AllOf(StartsWith("The query needs more memory than it may use: "),
                    HasSubstr("; it is not computed in parts: its model has no key"),
                    HasSubstr("--memory")));
  EXPECT_THAT(store.list_all("gold")->size(), 0) << "nothing stays of it";
}

TEST_F(WholeRowsTest, leaves_nothing_of_parts_where_one_of_them_does_not_fit) {
  // All notes are of one customer: no part is smaller than the whole.
  say("UPDATE silver.notes SET customer = 1");
  const pack::Model model = lists({"customer"});
  open_with(kLittle);

  const TableReport report = refresh(model, {.fails = true});

  EXPECT_EQ(report.outcome, TableOutcome::kFailed);
  EXPECT_THAT(report.message, HasSubstr("; in 125 parts too"));
  EXPECT_THAT(store.list_all("gold")->size(), 0) << "nothing stays of it";
}

}  // namespace
}  // namespace claimlake::refresh
