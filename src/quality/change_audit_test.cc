// An audit that goes on from the one before must say what an audit of the whole says.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/random.h"
#include "quality/fixture_for_test.h"

namespace claimlake::quality {
namespace {

constexpr const char* kRules = R"(    row:
      a_present: {column: a, not_null: true, else: warn}
      b_range:   {column: b, between: [0, 7], else: quarantine}
      paid:      {sql: b > 1, when: "c = 'x'", else: flag}
    set:
      one_id:    {unique: [id], else: fail}
      one_c:     {unique: [c], else: warn}
      rows:      {row_count: {min: 3, max: 20}, else: warn}
      c_known:   {column: c, completeness: {warn: "< 60%", fail: "< 20%"}}
      fives:     {sql: "SELECT COUNT(*) FROM {new} AS n WHERE n.b = 5", expect: "<= 2", else: warn}
      same_b:    {sql: "SELECT COALESCE(SUM(b), 0) - (SELECT COALESCE(SUM(o.b), 0) FROM other.o AS o) FROM {new}", expect: "= 0", else: warn}
      largest:   {sql: "SELECT MAX(b) FROM {new}", expect: "<= 6", else: warn}
    time:
      fresh:     {freshness: {column: seen, warn: 1h}}
)";

std::string text_of(const Audit& audit) {
  std::string out = fmt::format("{} {} {}", audit.rows, audit.rejected, audit.fails);
  for (const RuleResult& result : audit.results) {
    out += fmt::format("\n{} {} {}/{} {} {}", result.rule, outcome_name(result.outcome),
                       result.failed, result.checked, result.value.value_or(-1), result.message);
  }
  return out + "\n" + audit.tally.text();
}

class ChangeAudit : public QualityTest {
 protected:
  ChangeAudit() : session_(internal_session()) {
    model_ = silver({{"id", "INTEGER"},
                     {"a", "INTEGER"},
                     {"b", "INTEGER"},
                     {"c", "VARCHAR"},
                     {"seen", "TIMESTAMP"}},
                    kRules);
    for (pack::Rule& rule : model_.rules.rules) {
      auto* query = std::get_if<pack::Query>(&rule.body);
      if (query == nullptr) continue;
      const auto at = query->sql.find("{new}");
      const auto sums = session_->sums_of(std::string(query->sql).replace(at, 5, "_new"),
                                          {{"_new", {"id", "a", "b", "c"}}, {"other.o", {"b"}}});
      if (*sums) query->sums = **sums;
    }
  }
  void run(const std::string& sql) {
    const auto done = session_->execute(sql);
    ASSERT_TRUE(done) << sql << "\n" << done.error().text();
  }
  // Temp table `name` of the judged rows of `rows`.
  void judged(const std::string& name, const std::string& rows) {
    run(fmt::format(
        "CREATE OR REPLACE TEMP TABLE {} AS {}", name,
        checked_select(model_, rows, {.processed_at = sql_timestamp(kNow), .as_of = kToday})));
  }
  AuditInput input(const std::string& relation, const std::string& other) {
    AuditInput out{model_, relation, {}, kNow, kToday};
    out.facts.rows = std::stoll(lines(*session_, "SELECT count(*) FROM " + relation)[0]);
    out.in_place["other.o"] = other;
    return out;
  }

  std::unique_ptr<engine::Session> session_;
  pack::Model model_;
};

TEST_F(ChangeAudit, says_what_an_audit_of_the_whole_says) {
  const auto rows_where = [](const char* condition) {
    return fmt::format("SELECT id, a, b, c, seen FROM t WHERE {}", condition);
  };
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE(seed);
    SeededRandom random(seed);
    const auto draw = [&](std::int64_t n) {
      return static_cast<std::int64_t>(random.next() % static_cast<std::uint64_t>(n));
    };
    const auto row = [&](std::int64_t id) {
      return fmt::format("({}, {}, {}, {}, TIMESTAMP '2026-01-31 11:00:00' + INTERVAL ({}) MINUTE)",
                         id, draw(4) == 0 ? "NULL" : "1",
                         draw(5) == 0 ? "NULL" : std::to_string(draw(9)),
                         draw(3) == 0   ? "NULL"
                         : draw(2) == 0 ? "'x'"
                                        : fmt::format("'c{}'", draw(9)),
                         draw(60));
    };
    run("CREATE OR REPLACE TEMP TABLE t (id INTEGER, a INTEGER, b INTEGER, c VARCHAR, seen "
        "TIMESTAMP)");
    for (std::int64_t id = 0; id < 12; ++id) run("INSERT INTO t VALUES " + row(id));
    judged("all_rows", rows_where("true"));
    run("CREATE OR REPLACE TEMP TABLE o AS SELECT b FROM t");
    const auto first = audit(*session_, input("all_rows", "o"));
    ASSERT_TRUE(first) << first.error().text();
    auto before = Tally::parse(first->tally.text());
    ASSERT_TRUE(before);
    for (int step = 0; step < 4; ++step) {
      const std::int64_t low = draw(14);
      const std::string keys = fmt::format("id BETWEEN {} AND {}", low, low + draw(3));
      judged("gone", rows_where(keys.c_str()));
      run("CREATE OR REPLACE TEMP TABLE o_gone AS SELECT b FROM gone");
      run("DELETE FROM t WHERE " + keys);
      for (std::int64_t id = low; id <= low + 1; ++id) {
        run(fmt::format(
            "INSERT INTO t SELECT * FROM (VALUES {}) AS v(id, a, b, c, seen) WHERE {} AND "
            "NOT EXISTS (SELECT 1 FROM t WHERE t.id = v.id)",
            row(id), keys));
      }
      judged("come", rows_where(keys.c_str()));
      run("CREATE OR REPLACE TEMP TABLE o_come AS SELECT b FROM come");
      judged("all_rows", rows_where("true"));
      run("CREATE OR REPLACE TEMP TABLE o AS SELECT b FROM t");
      const auto whole = audit(*session_, input("all_rows", "o"));
      const auto change = audit_change(*session_, {*before,
                                                   input("gone", "o_gone"),
                                                   input("come", "o_come"),
                                                   input("all_rows", "o"),
                                                   {"other.o"}});
      ASSERT_TRUE(whole && change) << (change ? "" : change.error().text());
      EXPECT_EQ(text_of(*change), text_of(*whole)) << "step " << step;
      before = Tally::parse(change->tally.text());
      ASSERT_TRUE(before);
    }
  }
}

// One row for another, where only rules go on that rows add up to: the whole cannot be read.
class RowsAddUp : public ChangeAudit {
 protected:
  // `same_b`: what that rule had found before.
  Result<Audit> after_one_change(double same_b) {
    std::erase_if(model_.rules.rules, [](const pack::Rule& rule) {
      return rule.name == "one_c" || rule.name == "largest" || rule.name == "fresh";
    });
    judged("gone",
           "SELECT 1 AS id, 1 AS a, 2 AS b, 'x' AS c, TIMESTAMP '2026-01-31 11:00:00' AS seen");
    judged("come",
           "SELECT 1 AS id, 1 AS a, 5 AS b, 'x' AS c, TIMESTAMP '2026-01-31 11:00:00' AS seen");
    run("CREATE OR REPLACE TEMP TABLE o_gone AS SELECT b FROM gone");
    run("CREATE OR REPLACE TEMP TABLE o_come AS SELECT b - 0.01 AS b FROM come");
    Tally before{.rows = 3, .rejected = 1, .rules = {}};
    for (const pack::Rule& rule : model_.rules.rules) before.rules[rule.name] = {3, 2};
    before.rules["one_id"] = {3, 3};
    before.rules["rows"] = {3, {}};
    before.rules["fives"] = {{}, 0};
    before.rules["same_b"] = {{}, same_b};
    return audit_change(*session_,
                        {before,
                         input("gone", "o_gone"),
                         input("come", "o_come"),
                         AuditInput{model_, "there_is_no_such_relation", {}, kNow, kToday},
                         {"other.o"}});
  }
};

TEST_F(RowsAddUp, and_nothing_of_the_whole_is_read) {
  const auto change = after_one_change(0);
  ASSERT_TRUE(change) << change.error().text();
  EXPECT_EQ(change->rows, 3);
  EXPECT_EQ(change->tally.rules.at("fives").second, 1);
  EXPECT_EQ(change->tally.rules.at("same_b").second, 0.01);
}

TEST_F(RowsAddUp, amounts_of_money_to_the_cent) {
  for (const auto& [before, after] :
       {std::pair(0.05, 0.06), {-0.01, 0.0}, {123456789.28, 123456789.29}}) {
    const auto change = after_one_change(before);
    ASSERT_TRUE(change) << change.error().text();
    EXPECT_EQ(change->tally.rules.at("same_b").second, after)
        << "in binary 0.05 + 0.01 is not 0.06";
  }
  EXPECT_FALSE(after_one_change(1.0 / 3)) << "such sums drift: the whole is asked";
}

TEST_F(ChangeAudit, reads_no_tally_from_what_is_none) {
  for (const char* text :
       {"", "[]", "{}", R"({"rows":1,"rejected":0})", R"({"rows":-1,"rejected":0,"rules":{}})",
        R"({"rows":1,"rejected":0,"rules":{"r":[1]}})"}) {
    EXPECT_FALSE(Tally::parse(text)) << text;
  }
}

}  // namespace
}  // namespace claimlake::quality
