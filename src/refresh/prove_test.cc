// Claims and the policies that they need, in a lake in memory: what is planted in their tables and
// in the quarantine must be found, and nothing else.
#include "refresh/prove.h"

#include <gmock/gmock.h>

#include "refresh/memory_lake_for_test.h"

namespace claimlake::refresh {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using On = DifferentRow::On;
using Outcome = ProofOutcome;

class ProveTest : public testing::Test, protected MemoryLake {
 protected:
  ProveTest() {
    say("CREATE TABLE bronze.c_raw (id VARCHAR, policy VARCHAR, amount BIGINT)");
    say("CREATE TABLE silver.p (policy VARCHAR, plan VARCHAR)");
    say("INSERT INTO silver.p VALUES ('p1', 'Basic'), ('p2', 'Premium')");
    const Columns raw = {{"id", "VARCHAR"}, {"policy", "VARCHAR"}, {"amount", "BIGINT"}};
    const Columns claim = {
        {"id", "VARCHAR"}, {"policy", "VARCHAR"}, {"amount", "BIGINT"}, {"share", "DOUBLE"}};
    pack::Model claims =
        model("silver.c", {"id"},
              "SELECT id, policy, CAST(SUM(amount) AS BIGINT) AS amount, "
              "SUM(amount) / CAST(3 AS DOUBLE) AS share FROM bronze.c_raw GROUP BY "
              "id, policy",
              claim, {{"bronze.c_raw", raw}});
    claims.rule_inputs = {"silver.p"};
    claims.rules.rules.push_back({.name = "policy_exists",
                                  .body = pack::ExistsIn{"policy", "silver.p", "policy", {}},
                                  .action = pack::Action::kQuarantine});
    pack.models.push_back(std::move(claims));
    pack.models.push_back(
        model("gold.t", {"plan"},
              "SELECT p.plan, COUNT(*) AS claims, CAST(SUM(c.amount) AS BIGINT) AS amount, "
              "CURRENT_DATE AS day FROM silver.c AS c JOIN silver.p AS p ON p.policy = c.policy "
              "GROUP BY p.plan",
              {{"plan", "VARCHAR"}, {"claims", "BIGINT"}, {"amount", "BIGINT"}, {"day", "DATE"}},
              {{"silver.c", claim}, {"silver.p", {{"policy", "VARCHAR"}, {"plan", "VARCHAR"}}}}));
    pack.models.back().header.clock_day = true;
    pack.models.push_back(model("gold.whole", {}, "SELECT policy, amount FROM silver.c",
                                {{"policy", "VARCHAR"}, {"amount", "BIGINT"}},
                                {{"silver.c", claim}}));
    claim_rows(
        "SELECT 'c' || i, CASE WHEN i % 10 = 9 THEN 'nowhere' ELSE 'p' || (1 + i % 2) END, i "
        "FROM range(100) AS r(i)");
    refresh();
  }

  void claim_rows(const std::string& select) { say("INSERT INTO bronze.c_raw " + select); }

  void refresh(const std::string& only = "", double by_key_share = 0) {
    for (const pack::Model& each : pack.models) {
      if (!only.empty() && each.name != only) continue;
      MemoryLake::refresh(
          each,
          {.by_key_share = by_key_share, .as_of = as_of, .run = "run " + std::to_string(++runs)});
    }
  }

  std::map<std::string, TableProof> proofs(ProveOptions options = {}) {
    NoProgress progress;
    auto report = prove({*lake, *session, pack, clock, progress, Cancel()}, options);
    EXPECT_TRUE(report) << report.error().text();
    std::map<std::string, TableProof> out;
    if (!report) return out;
    for (TableProof& table : report->tables) {
      out.emplace(table.table + "@" + std::to_string(table.version.value_or(-1)), table);
      out[table.table] = std::move(table);
    }
    return out;
  }
  TableProof proof(const std::string& table, std::optional<double> sample = std::nullopt) {
    return proofs({.tables = {table}, .sample = sample})[table];
  }
  pack::Pack pack;
  Date as_of = *parse_date("2026-01-31");
  int runs = 0;
};

TEST_F(ProveTest, what_refreshes_wrote_is_equal) {
  for (int i = 0; i < 2; ++i) {
    const auto all = proofs();

    EXPECT_EQ(all.at("silver.c").outcome, Outcome::kEqual) << all.at("silver.c").message;
    EXPECT_EQ(all.at("silver.c").rows, 100 + i);  // 90 of the table, 10 refused; then one more
    EXPECT_EQ(all.at("silver.c").recomputed, 100 + i);
    EXPECT_EQ(all.at("gold.t").outcome, Outcome::kEqual) << all.at("gold.t").message;
    EXPECT_EQ(all.at("gold.t").as_of, "2026-01-31");
    EXPECT_EQ(all.at("gold.whole").outcome, Outcome::kEqual) << all.at("gold.whole").message;
    claim_rows("VALUES ('c5', 'p2', 7), ('c9', 'nowhere', 1), ('new', 'nowhere', 2)");
    refresh("", 1);
  }
}

TEST_F(ProveTest, names_a_wrong_value_and_the_commit_that_wrote_it) {
  say("UPDATE silver.c SET amount = 1000 WHERE id = 'c3'");

  const TableProof found = proof("silver.c");

  EXPECT_EQ(found.outcome, Outcome::kDiffers);
  EXPECT_EQ(found.differing, 1);
  EXPECT_EQ(found.only_stored + found.only_recomputed, 0);
  EXPECT_THAT(found.by_column, ElementsAre(Pair("amount", 1)));
  ASSERT_EQ(found.first_rows.size(), 1U);
  const ProvedRow& row = found.first_rows[0];
  EXPECT_EQ(row.place, "silver.c");
  EXPECT_THAT(row.row.key, ElementsAre("c3"));
  ASSERT_EQ(row.row.cells.size(), 1U);
  EXPECT_EQ(row.row.cells[0].left, "1000");
  EXPECT_EQ(row.row.cells[0].right, "3");
  ASSERT_TRUE(row.from);
  EXPECT_EQ(row.from->version, version("silver.c"));
  EXPECT_EQ(row.from->operation, "UPDATE");
  EXPECT_EQ(row.from->run, "somebody");
  // Gold was computed from the version before, and is what its model gives of that.
  EXPECT_EQ(proof("gold.t").outcome, Outcome::kEqual);
}

TEST_F(ProveTest, the_last_digit_of_a_float_is_found) {
  say("UPDATE silver.c SET share = share + 0.000000000000001 WHERE id = 'c1'");

  EXPECT_THAT(proof("silver.c").by_column, ElementsAre(Pair("share", 1)));
}

TEST_F(ProveTest, names_the_commit_that_wrote_the_values_not_those_that_moved_the_row) {
  say("UPDATE silver.c SET amount = 0 WHERE id = 'c2'");
  const TableProof first = proof("silver.c");
  say("OPTIMIZE silver.c");
  say("UPDATE silver.c SET policy = 'p1' WHERE id = 'c1'");

  const TableProof found = proof("silver.c");

  ASSERT_EQ(found.first_rows.size(), 2U);
  EXPECT_EQ(found.first_rows[0].from->version, version("silver.c"));
  // OPTIMIZE moved the row to another file, and so did the second UPDATE, which wrote its file
  // anew.
  EXPECT_EQ(found.first_rows[1].from->version, first.first_rows[0].from->version);
  EXPECT_EQ(found.first_rows[1].from->operation, "UPDATE");
}

TEST_F(ProveTest, names_the_run_where_a_refresh_wrote_the_row) {
  pack.models[0].sql =
      "SELECT id, policy, CAST(SUM(amount) AS BIGINT) + CASE WHEN id = 'c4' THEN 1 "
      "ELSE 0 END AS amount, SUM(amount) / CAST(3 AS DOUBLE) AS share FROM "
      "bronze.c_raw GROUP BY id, policy";  // under the same hash: a broken refresh

  const TableProof found = proof("silver.c");

  ASSERT_EQ(found.first_rows.size(), 1U);
  EXPECT_EQ(found.first_rows[0].from->version, 0);
  EXPECT_EQ(found.first_rows[0].from->run, "run 1");
}

TEST_F(ProveTest, finds_rows_that_are_missing_too_many_or_there_twice) {
  say("DELETE FROM silver.c WHERE id = 'c3'");
  const TableProof missing = proof("silver.c");
  EXPECT_EQ(missing.only_recomputed, 1);
  ASSERT_EQ(missing.first_rows.size(), 1U);
  EXPECT_EQ(missing.first_rows[0].row.on, On::kRight);
  EXPECT_THAT(missing.first_rows[0].row.key, ElementsAre("c3"));
  ASSERT_TRUE(missing.first_rows[0].from);
  EXPECT_EQ(missing.first_rows[0].from->version, version("silver.c"));
  EXPECT_EQ(missing.first_rows[0].from->operation, "DELETE");

  say("INSERT INTO silver.c (id, policy, amount) VALUES ('c101', 'p1', 5)");
  const TableProof extra = proof("silver.c");
  EXPECT_EQ(extra.only_stored, 1);
  EXPECT_EQ(extra.only_recomputed, 1);

  say("INSERT INTO silver.c SELECT * FROM silver.c WHERE id = 'c1'");
  const TableProof twice = proof("silver.c");
  EXPECT_EQ(twice.outcome, Outcome::kDiffers);
  EXPECT_EQ(twice.only_stored, 2);

  say("DELETE FROM gold.whole WHERE amount = 1");
  EXPECT_EQ(proof("gold.whole").only_recomputed, 1);
}

TEST_F(ProveTest, proves_the_refused_rows_too) {
  say("DELETE FROM ops.quarantine WHERE key = 'c9'");
  const TableProof gone = proof("silver.c");
  EXPECT_EQ(gone.only_recomputed, 1);
  ASSERT_EQ(gone.first_rows.size(), 1U);
  EXPECT_EQ(gone.first_rows[0].place, "ops.quarantine");
  EXPECT_EQ(gone.first_rows[0].key_columns.front(), "quarantine_id");
  EXPECT_THAT(gone.first_rows[0].row.key, testing::Contains("c9"));
  ASSERT_TRUE(gone.first_rows[0].from);
  EXPECT_EQ(gone.first_rows[0].from->operation, "DELETE");

  say("UPDATE ops.quarantine SET rules = ['another'] WHERE key = 'c19'");
  say("UPDATE ops.quarantine SET payload = replace(payload, '29', '30') WHERE key = 'c29'");
  say("UPDATE ops.quarantine SET quarantine_id = 'x' WHERE key = 'c39'");
  const TableProof wrong = proof("silver.c");
  EXPECT_EQ(wrong.only_recomputed, 3);  // c9, c29 under its right key, c39 under its right id
  EXPECT_EQ(wrong.only_stored, 2);
  EXPECT_EQ(wrong.differing, 1);
  EXPECT_THAT(wrong.by_column, ElementsAre(Pair("_dq", 1)));
}

TEST_F(ProveTest, a_row_that_should_have_been_refused_is_found) {
  say("INSERT INTO silver.c (id, policy, amount, share, _is_valid, _quality_score, _is_duplicate) "
      "VALUES ('c9', 'nowhere', 9, 3.0, true, 100, false)");

  const TableProof found = proof("silver.c");

  EXPECT_EQ(found.only_stored, 1);
  EXPECT_EQ(found.only_recomputed, 0);
}

TEST_F(ProveTest, several_refused_rows_with_one_key_are_one_in_the_quarantine) {
  claim_rows("VALUES ('c9', 'nowhere either', 1), ('c9', 'nor here', 2)");
  refresh("silver.c");

  const TableProof found = proof("silver.c");

  EXPECT_EQ(found.outcome, Outcome::kEqual) << found.message;
  say("DELETE FROM ops.quarantine WHERE key = 'c9'");
  EXPECT_EQ(proof("silver.c").only_recomputed, 3);  // none of them is held
}

TEST_F(ProveTest, finds_the_quarantine_that_a_refresh_by_key_left_as_it_was) {
  claim_rows("VALUES ('good', 'p1', 1)");  // refuses nothing: what was refused before still waits
  refresh("silver.c", 1);

  const TableProof found = proof("silver.c");

  EXPECT_EQ(found.outcome, Outcome::kEqual) << found.message;
  say("DELETE FROM ops.quarantine WHERE key = 'c9'");
  EXPECT_EQ(proof("silver.c").outcome, Outcome::kDiffers);
}

TEST_F(ProveTest, reads_the_versions_that_the_table_was_computed_from) {
  // What a live lake looks like in the middle of a refresh: Silver is ahead of Gold, Bronze of
  // both, and the quarantine already of the next version of Silver.
  claim_rows("VALUES ('later', 'p1', 1)");
  refresh("silver.c");
  claim_rows("VALUES ('much later', 'nowhere', 1)");
  refresh("silver.c");

  const auto all = proofs({.from = ProofFrom::kBronze});

  for (const char* table : {"silver.c@0", "silver.c@2", "gold.t@0", "gold.whole@0"}) {
    ASSERT_TRUE(all.contains(table)) << table;
    EXPECT_EQ(all.at(table).outcome, Outcome::kEqual) << table << all.at(table).message;
    EXPECT_EQ(all.at(table).message, "") << table;
  }
  EXPECT_EQ(all.at("silver.c@0").rows, 100);
  EXPECT_EQ(all.at("silver.c@2").rows, 102);
}

TEST_F(ProveTest, the_date_is_the_one_that_the_table_was_computed_for) {
  as_of = *parse_date("2025-07-01");
  refresh("gold.t");

  EXPECT_EQ(proof("gold.t").as_of, "2025-07-01");
  EXPECT_EQ(proof("gold.t").outcome, Outcome::kEqual);
}

TEST_F(ProveTest, a_sample_is_the_same_keys_each_time_and_finds_what_is_wrong_with_them) {
  const TableProof half = proof("silver.c", 0.5);
  EXPECT_EQ(half.outcome, Outcome::kEqual) << half.message;
  EXPECT_FALSE(half.whole);
  EXPECT_GT(half.rows, 25);
  EXPECT_LT(half.rows, 75);
  EXPECT_EQ(proof("silver.c", 0.5).rows, half.rows);

  say("UPDATE silver.c SET amount = amount + 1");
  say("DELETE FROM ops.quarantine WHERE true");
  const TableProof wrong = proof("silver.c", 0.5);
  EXPECT_EQ(wrong.differing + wrong.only_recomputed, half.rows);
  EXPECT_GT(wrong.only_recomputed, 0);

  say("DELETE FROM silver.c WHERE true");
  EXPECT_EQ(proof("silver.c", 0.5).only_recomputed, half.rows);
}

TEST_F(ProveTest, a_table_without_a_key_is_compared_whole_and_says_so) {
  const TableProof found = proof("gold.whole", 0.1);

  EXPECT_EQ(found.outcome, Outcome::kEqual);
  EXPECT_TRUE(found.whole);
  EXPECT_EQ(found.rows, 90);
  EXPECT_THAT(found.message, HasSubstr("all rows"));
}

TEST_F(ProveTest, says_why_a_table_cannot_be_proved_and_what_to_do) {
  pack.models[0].hash = "2";
  const TableProof edited = proof("silver.c");
  EXPECT_EQ(edited.outcome, Outcome::kUnproved);
  EXPECT_THAT(edited.message, HasSubstr("another model or other rules"));
  EXPECT_THAT(edited.next, HasSubstr("claimlake run silver.c"));
  pack.models[0].hash = "1";

  say("CREATE TABLE gold.hand (plan VARCHAR)");
  pack::Model hand = pack.models[1];
  hand.name = "gold.hand";
  hand.table = "hand";
  pack.models.push_back(hand);
  EXPECT_THAT(proof("gold.hand").message, HasSubstr("no refresh wrote it"));
  pack.models.back().name = "gold.none";
  pack.models.back().table = "none";
  EXPECT_THAT(proof("gold.none").message, HasSubstr("no version yet"));
  EXPECT_EQ(proof("gold.none").version, std::nullopt);
}

TEST_F(ProveTest, without_a_quarantine_of_its_version_a_table_that_may_refuse_rows_is_unproved) {
  const auto files = store.list_all("ops/quarantine");
  for (const auto& file : *files) ASSERT_TRUE(store.remove(file.path));
  lake->forget({"ops", "quarantine"});

  const TableProof found = proof("silver.c");

  EXPECT_EQ(found.outcome, Outcome::kUnproved);
  EXPECT_THAT(found.message, HasSubstr("its refused rows cannot be compared"));
}

TEST_F(ProveTest, an_input_that_was_vacuumed_past_its_version_leaves_the_table_unproved) {
  const auto files = store.list_all("bronze/c_raw");
  ASSERT_TRUE(files);
  for (const auto& file : *files) {
    if (!file.path.ends_with(".parquet")) continue;
    ASSERT_TRUE(store.remove(file.path));
  }
  open();

  const auto all = proofs();

  EXPECT_EQ(all.at("silver.c").outcome, Outcome::kUnproved);
  EXPECT_THAT(all.at("silver.c").next, HasSubstr("claimlake run silver.c --force"));
  EXPECT_EQ(all.at("gold.t").outcome, Outcome::kEqual);
}

TEST_F(ProveTest, columns_that_the_model_does_not_give_are_a_difference) {
  say("ALTER TABLE gold.whole ADD COLUMN remark VARCHAR");

  const TableProof found = proof("gold.whole");

  EXPECT_EQ(found.outcome, Outcome::kDiffers);
  EXPECT_THAT(found.message, HasSubstr("its model has no column remark"));
}

TEST_F(ProveTest, tables_that_are_not_computed_are_refused_by_name) {
  NoProgress progress;
  const ProveContext context{*lake, *session, pack, clock, progress, Cancel()};

  const auto unknown = prove(context, {.tables = {"silver.d"}});
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().next, HasSubstr("silver.c"));

  const Cancel cancel;
  cancel.cancel();
  const auto stopped = prove({*lake, *session, pack, clock, progress, cancel}, {});
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().fault, Fault::kCancelled);
}

}  // namespace
}  // namespace claimlake::refresh
