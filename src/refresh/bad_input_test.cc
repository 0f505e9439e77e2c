// What a refresh meets that it should not: each time the state is told, nothing is lost, and
// nothing is published by halves.
#include <gmock/gmock.h>

#include <functional>

#include "lake/drop_table.h"
#include "refresh/pack_for_test.h"
#include "store/passing_store_for_test.h"

namespace claimlake::refresh {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class BadInput : public testing::Test {
 protected:
  void raw(const std::string& name, const std::string& lines) {
    ASSERT_TRUE(store.put("raw/" + name, lines));
  }
  // Three claims of two policies, in Silver and Gold.
  void fill() {
    raw("claims1.jsonl",
        R"({"id":"c1","policy":"p1","amount":10}
{"id":"c2","policy":"p1","amount":20}
{"id":"c3","policy":"p2","amount":30}
)");
    PipelineProcess process = start();
    EXPECT_EQ(process.ingest().at("bronze.claims").outcome, TableOutcome::kBuilt);
    EXPECT_EQ(process.run().at("gold.policies").outcome, TableOutcome::kBuilt);
    ASSERT_EQ(process.policies(), "p1 30 p2 30 ");
  }
  // Amounts are ten times as large from now on.
  void edit_claims() {
    files.write("2_silver/claims.sql",
                PackFiles::header("kind: keyed\nkey: id") +
                    "SELECT id, policy, amount * 10 AS amount FROM bronze.claims\n");
  }
  // As another process would.
  void apply_edit() {
    edit_claims();
    EXPECT_EQ(start().run().at("silver.claims").outcome, TableOutcome::kBuilt);
  }
  void drop_another() { raw("claims2.jsonl", "{\"id\":\"c4\",\"policy\":\"p2\",\"amount\":5}\n"); }
  // Who does not know the pack may drop what it builds.
  void drop(const std::string& schema, const std::string& table) {
    const auto engine = *engine::open_engine({.threads = 1}, store, clock);
    lake::Lake lake({store, clock, random, engine->parquet_io(), "somebody"});
    ASSERT_TRUE(lake::drop_table(lake, {{schema, table}, false}, "run"));
  }
  // As another process would. Returns the model's text.
  std::string drop_policies_with_their_model() {
    const std::string model = files.take_away("3_gold/policies.sql");
    PipelineProcess process = start();
    EXPECT_FALSE(process.run().contains("gold.policies"));
    EXPECT_EQ(process.say("DROP TABLE gold.policies"), "");
    return model;
  }
  PipelineProcess start() { return PipelineProcess(files, store, clock, random); }
  std::string load_error() {
    const auto engine = *engine::open_engine({.threads = 1}, store, clock);
    const auto pack = files.load(*engine);
    return pack ? "loaded" : pack.error().text();
  }

  PackFiles files;
  SimClock clock{Timestamp(std::chrono::hours(24 * 365 * 50))};
  SeededRandom random{1};
  store::MemoryStore store{clock};
};

TEST_F(BadInput, a_model_whose_key_is_not_unique_is_built_whole_and_says_so) {
  fill();
  raw("claims2.jsonl", "{\"id\":\"c1\",\"policy\":\"p2\",\"amount\":5}\n");
  PipelineProcess process = start();
  process.ingest();

  const auto reports = process.run();

  EXPECT_EQ(reports.at("silver.claims").way, "whole: its key is not unique");
  EXPECT_EQ(process.claims(), "c1 p1 10 c1 p2 5 c2 p1 20 c3 p2 30 ");
  EXPECT_EQ(process.policies(), "p1 30 p2 35 ");
}

TEST_F(BadInput, a_row_without_a_key_is_built_whole_and_says_so) {
  fill();
  raw("claims2.jsonl", "{\"id\":\"c4\",\"amount\":5}\n");
  PipelineProcess process = start();
  process.ingest();

  const auto reports = process.run();

  EXPECT_EQ(reports.at("silver.claims").way, "by key (1 touched)");
  EXPECT_EQ(reports.at("gold.policies").way, "whole: rows without a key changed");
  EXPECT_EQ(process.policies(), "p1 30 p2 30 null 5 ");
}

TEST_F(BadInput, a_rule_that_the_key_is_unique_keeps_the_last_good_version) {
  files.write("2_silver/claims.yml",
              "tables:\n  silver.claims:\n    set: {one: {unique: [id], else: fail}}\n");
  fill();
  raw("claims2.jsonl", "{\"id\":\"c1\",\"policy\":\"p2\",\"amount\":5}\n");
  PipelineProcess process = start();
  process.ingest();

  const auto reports = process.run();

  EXPECT_EQ(reports.at("silver.claims").outcome, TableOutcome::kRefused);
  EXPECT_THAT(reports.at("silver.claims").message,
              AllOf(HasSubstr("rule one"), HasSubstr("readers keep the last good version")));
  EXPECT_EQ(reports.at("gold.policies").outcome, TableOutcome::kSkipped);
  EXPECT_EQ(process.policies(), "p1 30 p2 30 ");
}

TEST_F(BadInput, models_that_read_each_other_and_chance_are_refused_at_their_place) {
  files.write("3_gold/more.sql", PackFiles::header("kind: full\naggregation: customer") +
                                     "SELECT policy -- key\nFROM gold.most\n");
  files.write("3_gold/most.sql", PackFiles::header("kind: full\naggregation: customer") +
                                     "SELECT policy -- key\nFROM gold.more\n");
  EXPECT_THAT(load_error(),
              AllOf(HasSubstr("read each other in a circle: gold.more -> gold.most -> gold.more"),
                    HasSubstr("3_gold/more.sql:7:6"), HasSubstr("take one of these")));

  files.write("3_gold/most.sql", PackFiles::header("kind: full\naggregation: customer") +
                                     "SELECT UUID() AS policy -- key\nFROM silver.claims\n");
  EXPECT_THAT(load_error(), AllOf(HasSubstr("UUID gives another result each time"),
                                  HasSubstr("3_gold/most.sql:6:8")));
}

TEST_F(BadInput, an_input_that_is_restored_is_followed) {
  fill();
  PipelineProcess process = start();
  ASSERT_EQ(process.say("DELETE FROM bronze.claims WHERE id = 'c1'"), "");
  process.run();
  ASSERT_EQ(process.policies(), "p1 20 p2 30 ");
  ASSERT_EQ(process.say("RESTORE TABLE bronze.claims TO VERSION AS OF 1"), "");

  const auto reports = process.run();

  EXPECT_EQ(reports.at("silver.claims").way, "by key (1 touched)");
  EXPECT_EQ(process.policies(), "p1 30 p2 30 ");
}

TEST_F(BadInput, an_input_that_is_truncated_leaves_empty_tables) {
  fill();
  PipelineProcess process = start();
  ASSERT_EQ(process.say("TRUNCATE TABLE bronze.claims"), "");

  const auto reports = process.run();

  EXPECT_EQ(reports.at("silver.claims").outcome, TableOutcome::kBuilt);
  EXPECT_EQ(process.claims(), "");
  EXPECT_EQ(process.policies(), "");
}

TEST_F(BadInput, an_input_that_is_dropped_is_made_anew_from_the_files) {
  fill();
  drop("bronze", "claims");
  PipelineProcess process = start();

  auto reports = process.run();
  EXPECT_EQ(reports.at("silver.claims").way,
            "whole: its model, its rules, the date or one of its inputs is another one");
  EXPECT_EQ(process.policies(), "");
  process.ingest();
  reports = process.run();

  EXPECT_EQ(process.claims(), "c1 p1 10 c2 p1 20 c3 p2 30 ");
  EXPECT_EQ(process.policies(), "p1 30 p2 30 ");
  EXPECT_THAT(process.say("DROP TABLE silver.claims"), HasSubstr("is built by the model"));
}

TEST_F(BadInput, an_input_that_is_vacuumed_past_what_was_read_is_read_whole) {
  fill();
  {
    PipelineProcess process = start();
    ASSERT_EQ(process.say("UPDATE bronze.claims SET amount = amount + 1"), "");
    clock.advance(std::chrono::hours(24 * 8));
    ASSERT_EQ(process.say("VACUUM bronze.claims"), "");
  }
  PipelineProcess process = start();

  const auto reports = process.run();

  EXPECT_THAT(reports.at("silver.claims").way,
              AllOf(StartsWith("whole: what changed in bronze.claims since its version 1 cannot be "
                               "read: "),
                    HasSubstr("is gone")));
  EXPECT_EQ(process.policies(), "p1 32 p2 31 ");
}

TEST_F(BadInput, a_rule_that_fails_for_every_row_leaves_the_rows_waiting) {
  fill();
  files.write(
      "2_silver/claims.yml",
      "tables:\n  silver.claims:\n    row: {large: {sql: amount > 99, else: quarantine}}\n");
  PipelineProcess process = start();

  const auto reports = process.run();

  EXPECT_EQ(reports.at("silver.claims").outcome, TableOutcome::kBuilt);
  EXPECT_EQ(reports.at("silver.claims").refused_rows, 3);
  EXPECT_EQ(process.claims(), "");
  EXPECT_EQ(process.policies(), "");
  EXPECT_EQ(process.rows("SELECT key, state FROM ops.quarantine ORDER BY ALL"),
            "c1 open c2 open c3 open ");

  files.write("2_silver/claims.yml",
              "tables:\n  silver.claims:\n    row: {large: {sql: amount > 0, else: quarantine}}\n");
  PipelineProcess mended = start();
  mended.run();
  EXPECT_EQ(mended.policies(), "p1 30 p2 30 ");
  EXPECT_EQ(mended.rows("SELECT key, state FROM ops.quarantine ORDER BY ALL"),
            "c1 replayed c2 replayed c3 replayed ");
}

// Something else happens before the first commit of a table.
class BeforeCommit final : public store::PassingStore {
 public:
  BeforeCommit(store::Store& inner, std::string table, std::function<void()> happens)
      : PassingStore(inner), table_(std::move(table)), happens_(std::move(happens)) {}
  Result<store::Put> put_if_absent(std::string_view path, std::string_view bytes) override {
    if (happens_ && path.starts_with(table_ + "/_delta_log/")) std::exchange(happens_, nullptr)();
    return inner_.put_if_absent(path, bytes);
  }

 private:
  const std::string table_;
  std::function<void()> happens_;
};

TEST_F(BadInput, a_model_that_is_edited_while_its_refresh_runs_is_computed_as_it_is_now) {
  fill();
  drop_another();
  start().ingest();
  BeforeCommit slow(store, "silver/claims", [this] { apply_edit(); });
  PipelineProcess old(files, slow, clock, random);

  old.run();  // with the model as it was
  PipelineProcess process = start();
  process.run();

  EXPECT_EQ(process.claims(), "c1 p1 100 c2 p1 200 c3 p2 300 c4 p2 50 ");
  EXPECT_EQ(process.policies(), "p1 300 p2 350 ");
  EXPECT_EQ(process.run().at("silver.claims").outcome, TableOutcome::kSkipped);
}

TEST_F(BadInput, who_runs_on_does_not_undo_an_edit_that_another_has_applied) {
  fill();
  PipelineProcess old = start();
  EXPECT_EQ(old.run({.yield = true}).at("silver.claims").outcome, TableOutcome::kSkipped);
  edit_claims();
  start().run();
  ASSERT_EQ(old.claims(), "c1 p1 100 c2 p1 200 c3 p2 300 ");

  drop_another();
  old.ingest();
  const auto reports = old.run({.yield = true});

  EXPECT_EQ(reports.at("silver.claims").outcome, TableOutcome::kFailed);
  EXPECT_THAT(reports.at("silver.claims").message, HasSubstr("start this process again"));
  EXPECT_EQ(old.claims(), "c1 p1 100 c2 p1 200 c3 p2 300 ");
  EXPECT_EQ(old.policies(), "p1 300 p2 300 ") << "a table of the same definition goes on";
  PipelineProcess process = start();
  EXPECT_EQ(process.run({.yield = true}).at("silver.claims").outcome, TableOutcome::kBuilt);
  EXPECT_EQ(process.claims(), "c1 p1 100 c2 p1 200 c3 p2 300 c4 p2 50 ");
}

TEST_F(BadInput, who_runs_on_leaves_what_was_built_since_its_pack_was_read) {
  fill();
  PipelineProcess old = start();
  edit_claims();
  start().run();
  drop_another();
  old.ingest();

  const auto reports = old.run({.yield = true});  // its first one

  EXPECT_THAT(reports.at("silver.claims").message, HasSubstr("start this process again"));
  EXPECT_EQ(old.claims(), "c1 p1 100 c2 p1 200 c3 p2 300 ");
}

TEST_F(BadInput, who_runs_on_leaves_what_is_built_while_its_first_refresh_runs) {
  fill();
  drop_another();
  start().ingest();
  BeforeCommit slow(store, "silver/claims", [this] { apply_edit(); });
  PipelineProcess old(files, slow, clock, random);

  const auto reports = old.run({.yield = true});

  EXPECT_THAT(reports.at("silver.claims").message, HasSubstr("start this process again"));
  EXPECT_EQ(start().claims(), "c1 p1 100 c2 p1 200 c3 p2 300 c4 p2 50 ");
}

TEST_F(BadInput, who_has_read_the_newer_models_is_not_kept_from_them_by_an_older_process) {
  fill();
  PipelineProcess old = start();
  edit_claims();
  PipelineProcess process = start();
  drop_another();
  old.ingest();
  EXPECT_EQ(old.run({.yield = true}).at("silver.claims").outcome, TableOutcome::kBuilt);

  EXPECT_EQ(process.run({.yield = true}).at("silver.claims").outcome, TableOutcome::kBuilt);

  EXPECT_EQ(process.claims(), "c1 p1 100 c2 p1 200 c3 p2 300 c4 p2 50 ");
  EXPECT_THAT(old.run({.yield = true}).at("silver.claims").message,
              HasSubstr("start this process again"));
}

TEST_F(BadInput, who_runs_on_does_not_make_anew_what_was_dropped_with_its_model) {
  fill();
  PipelineProcess old = start();
  EXPECT_EQ(old.run({.yield = true}).at("gold.policies").outcome, TableOutcome::kSkipped);
  PipelineProcess late = start();  // whose first run is yet to come
  drop_policies_with_their_model();

  drop_another();
  old.ingest();
  for (PipelineProcess* each : {&old, &late}) {
    const auto reports = each->run({.yield = true});

    EXPECT_THAT(reports.at("gold.policies").message, HasSubstr("start this process again"));
    EXPECT_TRUE(reports.at("gold.policies").left_to_others);
    EXPECT_EQ(*each->lake().snapshot_if_any({"gold", "policies"}), nullptr);
  }
  EXPECT_EQ(old.claims(), "c1 p1 10 c2 p1 20 c3 p2 30 c4 p2 5 ") << "the others go on";
}

TEST_F(BadInput, who_runs_late_does_not_bring_back_a_model_whose_table_is_dropped_after_that) {
  fill();
  PipelineProcess late = start();
  files.take_away("3_gold/policies.sql");
  EXPECT_FALSE(start().run().contains("gold.policies"));
  EXPECT_EQ(late.run({.yield = true}).at("gold.policies").outcome, TableOutcome::kSkipped);
  drop("gold", "policies");

  EXPECT_TRUE(late.run({.yield = true}).at("gold.policies").left_to_others);
  EXPECT_EQ(*late.lake().snapshot_if_any({"gold", "policies"}), nullptr);
}

TEST_F(BadInput, who_runs_late_says_nothing_of_models_that_others_have_changed_since) {
  fill();
  PipelineProcess late = start();
  const std::string model = drop_policies_with_their_model();
  files.write("3_gold/renamed.sql", model);
  start().run();
  const std::string query =
      "SELECT model, number, definition IS NULL FROM ops.models ORDER BY kept_at, model";
  const std::string before = late.rows(query);

  late.run({.yield = true});

  EXPECT_EQ(late.rows(query), before);
}

TEST_F(BadInput, a_model_that_came_back_is_built_also_by_who_runs_on) {
  fill();
  const std::string model = drop_policies_with_their_model();
  files.write("3_gold/policies.sql", model);
  PipelineProcess process = start();
  EXPECT_EQ(process.run({.yield = true}).at("gold.policies").outcome, TableOutcome::kBuilt);
  EXPECT_EQ(process.policies(), "p1 30 p2 30 ");
}

TEST_F(BadInput, who_runs_on_makes_anew_what_was_dropped_by_hand) {
  fill();
  PipelineProcess old = start();
  old.run({.yield = true});
  drop("gold", "policies");
  EXPECT_EQ(old.run({.yield = true}).at("gold.policies").outcome, TableOutcome::kBuilt);
  EXPECT_EQ(old.policies(), "p1 30 p2 30 ");

  PipelineProcess late = start();
  drop("gold", "policies");
  EXPECT_EQ(late.run({.yield = true}).at("gold.policies").outcome, TableOutcome::kBuilt);
}

TEST_F(BadInput, who_runs_on_begins_with_an_empty_lake) {
  raw("claims.jsonl", "{\"id\":\"c1\",\"policy\":\"p1\",\"amount\":5}\n");
  PipelineProcess process = start();
  process.ingest();

  EXPECT_EQ(process.run({.yield = true}).at("silver.claims").outcome, TableOutcome::kBuilt);
}

// A disk that takes no more after so many operations that write.
class FullDisk final : public store::FaultPlan {
 public:
  explicit FullDisk(int writes) : left_(writes) {}
  store::Fate next(store::Operation operation, std::string_view) override {
    const bool writes =
        operation >= store::Operation::kCreate && operation != store::Operation::kRemove;
    if (!writes) return store::Fate::kNormal;
    full = full || --left_ < 0;
    return full ? store::Fate::kFail : store::Fate::kNormal;
  }
  bool arrives(std::string_view) override { return false; }

  bool full = false;

 private:
  int left_;
};

TEST_F(BadInput, a_disk_that_is_full_in_the_middle_leaves_whole_tables) {
  fill();
  raw("claims2.jsonl", "{\"id\":\"c1\",\"policy\":\"p2\",\"amount\":5}\n");
  files.write("2_silver/claims.sql",
              PackFiles::header("kind: keyed\nkey: id") +
                  "SELECT id, MAX(policy) AS policy, CAST(SUM(amount) AS BIGINT) AS amount FROM "
                  "bronze.claims GROUP BY id\n");
  bool full = true;
  int tried = 0;
  for (int writes = 0; full; ++writes, ++tried) {
    SCOPED_TRACE(writes);
    FullDisk plan(writes);
    store::FaultyStore disk(store, plan);
    PipelineProcess process(files, disk, clock, random);
    process.try_all();
    full = plan.full;
    const std::string claims = process.claims(), policies = process.policies();
    EXPECT_TRUE(claims == "c1 p1 10 c2 p1 20 c3 p2 30 " || claims == "c1 p2 15 c2 p1 20 c3 p2 30 ")
        << claims;
    EXPECT_TRUE(policies == "p1 30 p2 30 " || policies == "p1 20 p2 45 ") << policies;
    if (full) {
      EXPECT_THAT(process.said, HasSubstr("simulated failure"));
    }
    ASSERT_LT(tried, 200);
  }
  PipelineProcess process = start();
  EXPECT_EQ(process.run().at("gold.policies").outcome, TableOutcome::kSkipped);
  EXPECT_EQ(process.policies(), "p1 20 p2 45 ");
}

TEST_F(BadInput, a_column_that_a_source_declares_later_is_there_before_its_first_file) {
  fill();
  files.write("0_sources/claims.yml",
              "source: claims\ntable: bronze.claims\nfiles: [claims*.jsonl]\nrequired: [id]\n"
              "columns: {id: string, policy: string, amount: bigint, channel: string}\n");
  files.write("1_bronze/claims.sql",
              PackFiles::header("kind: append") +
                  "SELECT id, policy, amount, channel, _source_file FROM raw.claims\n");
  files.write("2_silver/claims.sql", PackFiles::header("kind: keyed\nkey: id") +
                                         "SELECT id, policy, amount, channel FROM bronze.claims\n");
  PipelineProcess process = start();

  const auto reports = process.run();

  EXPECT_EQ(reports.at("silver.claims").message, "");
  EXPECT_EQ(process.rows("SELECT id, channel FROM silver.claims ORDER BY ALL"),
            "c1 null c2 null c3 null ");
}

}  // namespace
}  // namespace claimlake::refresh
