#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/fixture_for_test.h"
#include "pack/model.h"
#include "pack/rules.h"
#include "quality/audit.h"
#include "quality/checked.h"

namespace claimlake::quality {

inline const Timestamp kNow =
    Timestamp(std::chrono::sys_days(std::chrono::year(2026) / 1 / 31)) + std::chrono::hours(12);
inline const Date kToday = std::chrono::sys_days(std::chrono::year(2026) / 1 / 31);

// Small tables judged by hand-made rules.
class QualityTest : public engine::EngineTest {
 protected:
  // A Silver model of these columns ("name TYPE"), keyed by the first, with these rules.
  pack::Model silver(const std::vector<std::pair<std::string, std::string>>& columns,
                     const std::string& rules) {
    pack::Model model;
    model.name = "silver.t";
    model.schema = "silver";
    model.table = "t";
    model.header.kind = pack::Kind::kKeyed;
    model.header.key = {columns[0].first};
    for (const auto& [name, type] : columns) model.columns.push_back({.name = name, .type = type});
    const auto parsed = pack::parse_rules("tables:\n  silver.t:\n" + rules, "silver.t", "t.yml");
    EXPECT_TRUE(parsed) << parsed.error().text();
    if (parsed) model.rules = *parsed;
    return model;
  }

  // Makes temp table `staged` of the checked rows of `model_sql`.
  void stage(engine::Session& session, const pack::Model& model, const std::string& model_sql) {
    const auto made = session.execute(
        "create or replace temp table staged as " +
        checked_select(model, model_sql, {.processed_at = sql_timestamp(kNow), .as_of = kToday}));
    ASSERT_TRUE(made) << made.error().text();
  }

  // What a run would know of `staged` from the statistics of its files.
  StagedFacts facts(engine::Session& session, bool with_statistics) {
    const auto row = lines(session, "select count(*), min(_quality_score) from staged");
    const auto parts = split(row[0], '|');
    StagedFacts facts{.rows = std::stoll(parts[0])};
    if (with_statistics && parts[1] != "-") facts.least_score = std::stod(parts[1]);
    return facts;
  }

  // The audit as lines: "rule outcome failed/checked value".
  std::vector<std::string> audited(engine::Session& session, const pack::Model& model,
                                   bool with_statistics = true) {
    const auto made = audit(session, {.model = model,
                                      .relation = "staged",
                                      .facts = facts(session, with_statistics),
                                      .now = kNow,
                                      .as_of = kToday});
    if (!made) return {failure(made.error())};
    last = *made;
    std::vector<std::string> out;
    for (const RuleResult& result : made->results) {
      std::string line = result.rule + " " + outcome_name(result.outcome) + " " +
                         std::to_string(result.failed) + "/" + std::to_string(result.checked);
      if (result.value) line += " " + std::to_string(*result.value).substr(0, 6);
      out.push_back(line);
    }
    return out;
  }

  Audit last;
};

}  // namespace claimlake::quality
