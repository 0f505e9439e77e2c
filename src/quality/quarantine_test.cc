#include "quality/quarantine.h"

#include <gmock/gmock.h>

#include "quality/fixture_for_test.h"

namespace claimlake::quality {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class QuarantineTest : public QualityTest {
 protected:
  QuarantineTest() {
    directory.view_map["silver"]["parents"] = {.sql = "select unnest(['p1', 'p2']) as id",
                                               .description = ""};
    directory.view_map["bronze"]["t_raw"] = {
        .sql =
            "select 'a.csv' as _source_file, 30::bigint as _source_position, timestamptz "
            "'2026-01-30 00:00:00+00' as _ingestion_timestamp, 'B7' as _batch_id",
        .description = ""};
    model =
        silver({{"id", "VARCHAR"},
                {"parent", "VARCHAR"},
                {"amount", "DECIMAL(18,2)"},
                {"_ingestion_timestamp", "TIMESTAMP WITH TIME ZONE"},
                {"_source_file", "VARCHAR"},
                {"_source_position", "BIGINT"}},
               "    row:\n"
               "      id_there: {column: id, not_null: true, else: quarantine}\n"
               "      parent:   {column: parent, exists_in: silver.parents.id, else: quarantine, "
               "recheck: 30d}\n"
               "      amount:   {column: amount, between: [0.01, null], else: drop, reason: "
               "It's no amount.}\n"
               "      small:    {sql: amount < 100, else: flag}\n");
    model.inputs = {"bronze.t_raw"};
  }

  // Rows of "id, parent, amount, position".
  void stage_rows(engine::Session& session, const std::string& values) {
    stage(session, model,
          "select id, parent, cast(amount as decimal(18,2)) as amount, timestamptz '2026-01-30 "
          "00:00:00+00' as _ingestion_timestamp, 'a.csv' as _source_file, position::bigint as "
          "_source_position from (values " +
              values + ") as v (id, parent, amount, position)");
  }

  // One run: `quarantine` becomes what it must hold after it.
  void run(engine::Session& session, bool rejects, const std::string& run_id, Timestamp now,
           const std::string& waivers = "") {
    const RejectContext context{.run_id = run_id, .now = now, .waivers = waivers};
    const auto made = session.execute(
        "create or replace temp table quarantine_next as " +
        quarantine_merge_select("silver.t", rejects ? rejects_select(model, "staged", context) : "",
                                "quarantine", context));
    ASSERT_TRUE(made) << made.error().text();
    ASSERT_TRUE(session.execute("create or replace temp table quarantine as from quarantine_next"));
  }
  void empty_quarantine(engine::Session& session) {
    const auto made = session.execute("create or replace temp table quarantine as " +
                                      rejects_select(model, "staged", {}) + " limit 0");
    ASSERT_TRUE(made) << made.error().text();
  }

  pack::Model model;
};

TEST_F(QuarantineTest, a_refused_row_comes_with_reason_payload_and_place) {
  auto session = internal_session();
  stage_rows(*session, "('c1', 'p9', 500, 30), ('c2', 'p1', 5, 40)");

  const std::string sql = rejects_select(model, "staged", {.run_id = "r1", .now = kNow});

  EXPECT_THAT(
      lines(*session,
            "select key, rules, reason, action, state, source_file, source_position, "
            "batch_id, run_id, overdue_at from (" +
                sql + ")"),
      ElementsAre("c1|[parent, small]|parent = p9 breaks parent (parent is in "
                  "silver.parents.id); breaks small (amount < 100)|quarantine|open|a.csv|30|B7|"
                  "r1|2026-03-02 12:00:00+00"));
  EXPECT_THAT(
      lines(*session, "select payload from (" + sql + ")"),
      ElementsAre(
          "{\"id\":\"c1\",\"parent\":\"p9\",\"amount\":500.00,\"_ingestion_timestamp\":"
          "\"2026-01-30 00:00:00+00\",\"_source_file\":\"a.csv\",\"_source_position\":30}"));
}

TEST_F(QuarantineTest, a_dropped_row_is_kept_with_its_reason) {
  auto session = internal_session();
  stage_rows(*session, "('c1', 'p9', 0, 30)");

  EXPECT_THAT(
      lines(*session, "select action, state, reason from (" +
                          rejects_select(model, "staged", {.now = kNow}) + ")"),
      ElementsAre("drop|dropped|parent = p9 breaks parent (parent is in silver.parents.id); "
                  "amount = 0.00 breaks amount (It's no amount.)"));
}

TEST_F(QuarantineTest, rows_without_a_key_are_told_apart_by_their_place) {
  auto session = internal_session();
  stage_rows(*session, "(null, 'p1', 5, 30), (null, 'p1', 5, 40), ('c1', 'p9', 5, 50)");

  const auto ids =
      lines(*session, "select count(distinct quarantine_id), count(*), count(key) from (" +
                          rejects_select(model, "staged", {.now = kNow}) + ")");

  EXPECT_THAT(ids, ElementsAre("3|3|1"));
}

TEST_F(QuarantineTest, a_row_waits_is_seen_again_and_comes_back) {
  auto session = internal_session();
  const auto state = [&] {
    return lines(*session,
                 "select key, state, run_id, source_position, first_seen_at, last_seen_at, "
                 "resolved_at, overdue_at from quarantine order by key");
  };
  const std::string day1 = "2026-01-31 12:00:00+00", day2 = "2026-02-01 12:00:00+00",
                    day3 = "2026-02-02 12:00:00+00", late = "2026-03-02 12:00:00+00";

  stage_rows(*session, "('c1', 'p9', 5, 30), ('c2', 'p8', 5, 40), ('c3', 'p1', 5, 50)");
  empty_quarantine(*session);
  run(*session, true, "r1", kNow);
  EXPECT_THAT(state(), ElementsAre("c1|open|r1|30|" + day1 + "|" + day1 + "|-|" + late,
                                   "c2|open|r1|40|" + day1 + "|" + day1 + "|-|" + late));

  // A newer version of c1 still has no parent; the parent of c2 has come.
  stage_rows(*session, "('c1', 'p9', 6, 60), ('c2', 'p2', 5, 40)");
  run(*session, true, "r2", kNow + std::chrono::hours(24));
  EXPECT_THAT(state(),
              ElementsAre("c1|open|r2|60|" + day1 + "|" + day2 + "|-|" + late,
                          "c2|replayed|r1|40|" + day1 + "|" + day1 + "|" + day2 + "|" + late));

  // Nothing is refused any more.
  run(*session, false, "r3", kNow + std::chrono::hours(48));
  EXPECT_THAT(state(),
              ElementsAre("c1|replayed|r2|60|" + day1 + "|" + day2 + "|" + day3 + "|" + late,
                          "c2|replayed|r1|40|" + day1 + "|" + day1 + "|" + day2 + "|" + late));

  // c2 loses its parent again: the wait goes on under the same row.
  stage_rows(*session, "('c2', 'p8', 5, 40)");
  run(*session, true, "r4", kNow + std::chrono::hours(48));
  EXPECT_EQ(state()[1], "c2|open|r4|40|" + day1 + "|" + day3 + "|-|" + late);
  EXPECT_EQ(state().size(), 2u);
}

TEST_F(QuarantineTest, a_row_that_a_person_let_in_is_waived_and_waits_again_without_the_waiver) {
  auto session = internal_session();
  stage_rows(*session, "('c1', 'p9', 5, 30)");
  empty_quarantine(*session);
  run(*session, true, "r1", kNow);
  ASSERT_TRUE(session->execute(
      "create temp table waivers as select quarantine_id, table_name, cast(null as timestamp) as "
      "withdrawn_at from quarantine"));

  run(*session, false, "r2", kNow + std::chrono::hours(24), "waivers");
  EXPECT_THAT(lines(*session, "select state, resolved_at from quarantine"),
              ElementsAre("waived|2026-02-01 12:00:00+00"));
  run(*session, false, "r3", kNow + std::chrono::hours(48), "waivers");
  EXPECT_THAT(lines(*session, "select state, resolved_at from quarantine"),
              ElementsAre("waived|2026-02-01 12:00:00+00"))
      << "it went in once";

  ASSERT_TRUE(session->execute("update waivers set withdrawn_at = timestamp '2026-02-03'"));
  run(*session, true, "r4", kNow + std::chrono::hours(72), "waivers");
  EXPECT_THAT(lines(*session, "select state, first_seen_at, resolved_at from quarantine"),
              ElementsAre("open|2026-01-31 12:00:00+00|-"));
  run(*session, false, "r5", kNow + std::chrono::hours(96), "waivers");
  EXPECT_THAT(lines(*session, "select state from quarantine"), ElementsAre("replayed"))
      << "it came in by itself";
}

TEST_F(QuarantineTest, running_the_same_run_twice_changes_nothing) {
  auto session = internal_session();
  stage_rows(*session, "('c1', 'p9', 5, 30), ('c2', 'p1', 0, 40)");
  empty_quarantine(*session);
  run(*session, true, "r1", kNow);
  const auto once = lines(*session, "select * from quarantine order by quarantine_id");

  run(*session, true, "r1", kNow);

  EXPECT_EQ(lines(*session, "select * from quarantine order by quarantine_id"), once);
}

TEST_F(QuarantineTest, other_tables_are_left_alone) {
  auto session = internal_session();
  stage_rows(*session, "('c1', 'p9', 5, 30)");
  empty_quarantine(*session);
  run(*session, true, "r1", kNow);
  ASSERT_TRUE(session->execute("update quarantine set table_name = 'silver.other'"));

  run(*session, false, "r2", kNow);

  EXPECT_THAT(lines(*session, "from quarantine"), IsEmpty());  // the merge gives one table's rows
}

TEST_F(QuarantineTest, broken_records_are_kept_once) {
  auto session = internal_session();
  stage_rows(*session, "('c1', 'p9', 5, 30)");
  empty_quarantine(*session);
  ASSERT_TRUE(session->bind_source(
      "broken", broken_records_source({{"claims.jsonl", 17, "no JSON", "{\"a\": "},
                                       {"claims.jsonl", 99, "no claim_id", "{}"}})));
  const std::string sql = broken_records_select("bronze.claims_raw", "broken", "quarantine",
                                                {.run_id = "i1", .now = kNow});

  EXPECT_THAT(
      lines(*session,
            "select table_name, rules, reason, state, payload, source_file, "
            "source_position, run_id from (" +
                sql + ") order by source_position"),
      ElementsAre("bronze.claims_raw|[record_valid]|no JSON|open|{\"a\": |claims.jsonl|17|i1",
                  "bronze.claims_raw|[record_valid]|no claim_id|open|{}|claims.jsonl|99|i1"));
  ASSERT_TRUE(session->execute("insert into quarantine " + sql)) << error_of(*session, sql).text();
  EXPECT_THAT(lines(*session, sql), IsEmpty());
}

TEST_F(QuarantineTest, another_broken_record_in_the_same_place_of_a_changed_file_is_kept_too) {
  auto session = internal_session();
  stage_rows(*session, "('c1', 'p9', 5, 30)");
  empty_quarantine(*session);
  const RejectContext context{.run_id = "i1", .now = kNow};
  const std::string sql =
      broken_records_select("bronze.claims_raw", "broken", "quarantine", context);
  ASSERT_TRUE(session->bind_source(
      "broken", broken_records_source({{"claims.jsonl", 17, "no JSON", "{\"a\": "}})));
  ASSERT_TRUE(session->execute("insert into quarantine " + sql)) << error_of(*session, sql).text();
  ASSERT_TRUE(session->drop_source("broken"));
  ASSERT_TRUE(session->bind_source(
      "broken", broken_records_source({{"claims.jsonl", 17, "no JSON", "{\"b\": "}})));

  EXPECT_THAT(lines(*session, "select payload from (" + sql + ")"), ElementsAre("{\"b\": "));
}

TEST_F(QuarantineTest, every_select_has_the_columns_of_the_table) {
  auto session = internal_session();
  stage_rows(*session, "('c1', 'p9', 5, 30)");
  empty_quarantine(*session);
  ASSERT_TRUE(session->bind_source("broken", broken_records_source({})));
  const RejectContext context{.run_id = "r", .now = kNow};
  const std::string rejects = rejects_select(model, "staged", context);

  for (const std::string& sql :
       {rejects, quarantine_merge_select("silver.t", rejects, "quarantine", context),
        quarantine_merge_select("silver.t", "", "quarantine", context),
        broken_records_select("bronze.x", "broken", "quarantine", context)}) {
    const auto columns = session->describe(sql);
    ASSERT_TRUE(columns) << columns.error().text();
    const auto schema = engine::delta_schema(*columns);
    ASSERT_TRUE(schema);
    EXPECT_EQ(schema->fields, quarantine_schema().fields);
  }
}

}  // namespace
}  // namespace claimlake::quality
