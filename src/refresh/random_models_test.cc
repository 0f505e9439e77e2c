// Random models over tables that change at random, each brought up to date by key where it can be,
// with a second model that reads the first. After each change a table must be what its SQL gives;
// and where it was built as a whole, its model, or its rows, must be such that it has to.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>

#include "pack/random_model_for_test.h"
#include "refresh/memory_lake_for_test.h"

namespace claimlake::refresh {
namespace {

using pack::DrawModel;
using pack::kTables;

const std::vector<pack::ColumnDoc> kInputColumns = {
    {"id", "BIGINT"}, {"x", "BIGINT"}, {"y", "BIGINT"}, {"v", "BIGINT"}};
const std::vector<pack::ColumnDoc> kModelColumns = {
    {"k", "BIGINT"}, {"p", "BIGINT"}, {"q", "BIGINT"}};

// `sql` with the day, as its number in the month, in some of the values, conditions and columns to
// join by that it is drawn from.
std::string put_day_into(std::string sql, DrawModel& draw) {
  const std::vector<std::tuple<std::string, std::string, std::uint64_t>> places = {
      {" v AS q", " CASE WHEN v < DAY(CURRENT_DATE) - 2 THEN v ELSE 7 END AS q", 2},
      {" l.q AS q", " CASE WHEN l.k < DAY(CURRENT_DATE) THEN l.q END AS q", 2},
      {" COALESCE(r.q, 7)", " CASE WHEN l.q + r.q < DAY(CURRENT_DATE) THEN 1 ELSE 7 END", 2},
      {" WHERE v <> ", " WHERE v < DAY(CURRENT_DATE) - ", 6},
      {" q > ", " q > DAY(CURRENT_DATE) - 2 - ", 6},
      {" id AS p", " CASE WHEN id < DAY(CURRENT_DATE) THEN x ELSE y END AS p", 6},
      {" MAX(q)", " MAX(q - DAY(CURRENT_DATE))", 3}};
  for (const auto& [from, to, one_in] : places) {
    for (std::size_t at = sql.find(from); at != std::string::npos; at = sql.find(from, at + 1)) {
      if (draw.below(one_in) == 0) sql.replace(at, from.size(), to);
    }
  }
  return sql;
}

class RandomModels : public testing::Test, protected MemoryLake {
 protected:
  RandomModels() : MemoryLake(Timestamp(std::chrono::hours(24 * 365 * 50))) {
    for (const std::string& table : kTables) {
      say(fmt::format("CREATE TABLE {} (id BIGINT, x BIGINT, y BIGINT, v BIGINT)", table));
    }
  }

  void say(const std::string& sql) {
    clock.advance(std::chrono::seconds(1));
    MemoryLake::say(sql);
  }
  std::int64_t number(const std::string& query) {
    const auto rows = session->query(query);
    EXPECT_TRUE(rows) << rows.error().text() << "\n" << query;
    if (!rows || !*(*rows)->next()) return -1;
    return (*rows)->integer(0, 0);
  }

  // One statement about one of the tables, of those that people and programs write.
  void change(DrawModel& draw) {
    const std::string& table = draw.one(kTables);
    const auto value = [&](std::uint64_t n) {
      return draw.below(25) == 0 ? std::string("NULL") : std::to_string(draw.below(n));
    };
    switch (draw.below(12)) {
      case 0:
      case 1:
      case 2:
      case 3:
        say(fmt::format("INSERT INTO {} VALUES ({}, {}, {}, {}), ({}, {}, {}, {})", table, value(9),
                        value(5), value(5), value(5), value(9), value(5), value(5), value(5)));
        return;
      case 4:
      case 5:
      case 6:
        say(fmt::format("UPDATE {} SET {} = {} WHERE {} = {}", table,
                        draw.one<std::string>({"id", "x", "y", "v"}), draw.below(6),
                        draw.one<std::string>({"id", "x", "y"}), draw.below(6)));
        return;
      case 7:
      case 8:
        say(fmt::format("DELETE FROM {} WHERE {} = {}", table,
                        draw.one<std::string>({"id", "x", "v"}), draw.below(6)));
        return;
      case 9:
        say(fmt::format("RESTORE TABLE {} TO VERSION AS OF {}", table,
                        draw.below(static_cast<std::uint64_t>(version(table)) + 1)));
        return;
      case 10:
        say("OPTIMIZE " + table);
        return;
      default:
        say(draw.below(4) == 0 ? "TRUNCATE TABLE " + table
                               : fmt::format("INSERT INTO {} SELECT x, id, v, y FROM {}", table,
                                             draw.one(kTables)));
    }
  }

  pack::Model model(const std::string& name, const std::string& sql) {
    pack::Model out;
    out.name = name;
    out.schema = name.substr(0, name.find('.'));
    out.table = name.substr(name.find('.') + 1);
    out.header.kind = pack::Kind::kKeyed;
    out.header.key = {"k"};
    out.sql = sql;
    out.columns = kModelColumns;
    out.hash = name;
    out.header.clock_day = pack::holds_day(sql);
    const auto tokens = pack::tokenize(sql);
    const auto references = pack::table_references(*tokens);
    for (const auto& reference : references) {
      if (std::find(out.inputs.begin(), out.inputs.end(), reference.name) == out.inputs.end()) {
        out.inputs.push_back(reference.name);
      }
    }
    auto mapping = pack::key_mapping(
        out, references,
        [](const std::string& table) {
          return table.starts_with("silver.") ? &kInputColumns : &kModelColumns;
        },
        *session);
    EXPECT_TRUE(mapping) << mapping.error().text() << "\n" << sql;
    if (mapping) out.mapping = std::make_shared<pack::KeyMapping>(*std::move(mapping));
    return out;
  }

  // Brings it up to date and holds it against its SQL. Returns the way.
  std::string refresh(const pack::Model& model) {
    const TableReport report = MemoryLake::refresh(model, {.by_key_share = 1, .as_of = today_});
    const std::string differs =
        "SELECT count(*) FROM ((SELECT k, p, q FROM {0} EXCEPT ALL SELECT k, p, q FROM ({1}) AS a) "
        "UNION ALL (SELECT k, p, q FROM ({1}) AS b EXCEPT ALL SELECT k, p, q FROM {0}))";
    EXPECT_EQ(number(fmt::format(fmt::runtime(differs), model.name, sql_today(model))), 0)
        << sql_today(model) << "\n"
        << report.way;
    return report.way;
  }

  // A table is computed by key unless its model or its rows forbid it.
  void expect_honest(const pack::Model& model, const std::string& way, bool had_bad_keys) {
    if (way.empty() || way.starts_with("by key") || way.starts_with("positions")) return;
    if (way.find("may touch any key") != std::string::npos) {
      const bool leads = std::all_of(
          model.inputs.begin(), model.inputs.end(),
          [&](const std::string& input) { return model.mapping->touches_all(input).empty(); });
      EXPECT_FALSE(leads) << way << "\n" << model.sql;
      return;
    }
    // A changed row without a key may be one that the model leaves out; that is not known.
    if (way == "whole: rows without a key changed") return;
    const bool bad_keys = had_bad_keys || number(bad_keys_of(model)) > 0;
    EXPECT_TRUE(bad_keys) << way << "\n" << model.sql;
    EXPECT_EQ(way, "whole: its key is not unique");
  }
  std::string sql_today(const pack::Model& model) const {
    return pack::sql_as_of(model.sql, today_);
  }
  std::string bad_keys_of(const pack::Model& model) const {
    return fmt::format(
        "SELECT count(*) FROM (SELECT k FROM ({}) AS m GROUP BY k HAVING k IS NULL OR count(*) > "
        "1)",
        sql_today(model));
  }

  // Random models, each refreshed after random changes. Returns how often by which way.
  std::map<std::string, int> run(std::uint64_t models, bool with_day);

  Date today_ = *parse_date("2026-01-04");
};

std::map<std::string, int> RandomModels::run(std::uint64_t models, bool with_day) {
  std::map<std::string, int> ways;
  for (std::uint64_t seed = 1; seed <= models && !HasFailure(); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    DrawModel draw(seed);
    std::string sql = draw.select(1 + static_cast<int>(draw.below(3)));
    if (with_day) sql = put_day_into(sql, draw);
    if (draw.below(4) != 0) {  // one row per key, as a model should have
      sql = fmt::format(
          "SELECT k, MIN(p) AS p, CAST(SUM(q) AS BIGINT) AS q FROM ({}) AS g WHERE k IS NOT NULL "
          "GROUP BY k",
          sql);
    }
    const pack::Model first = model(fmt::format("gold.m{}", seed), sql);
    const pack::Model second =
        model(fmt::format("gold.n{}", seed),
              fmt::format("SELECT p AS k, COUNT(*) AS p, MAX(k) AS q FROM {} WHERE p IS NOT NULL "
                          "GROUP BY p",
                          first.name));
    if (HasFailure()) return ways;
    change(draw);
    refresh(first);
    refresh(second);
    for (int round = 0; round < 3 && !HasFailure(); ++round) {
      const bool bad_keys = number(bad_keys_of(first)) > 0;
      const auto changes = with_day ? draw.below(2) : 1 + draw.below(2);
      for (std::uint64_t i = 0; i < changes; ++i) change(draw);
      // To any of the first nine days of the month, back or forth, or not at all.
      if (with_day) today_ = Date(std::chrono::days(20'454 + static_cast<int>(draw.below(9))));
      for (const pack::Model* each : {&first, &second}) {
        const std::string way = refresh(*each);
        expect_honest(*each, way, bad_keys && each == &first);
        ++ways[way.ends_with("by the day)") ? "day" : way.substr(0, way.find(' '))];
      }
    }
  }
  return ways;
}

// A longer run by hand: CLAIMLAKE_MODELS=1000.
std::uint64_t models_asked() {
  const char* const asked = std::getenv("CLAIMLAKE_MODELS");
  return asked != nullptr ? std::strtoull(asked, nullptr, 10) : 40;
}

TEST_F(RandomModels, refreshed_after_any_change_are_what_their_sql_gives) {
  const std::uint64_t models = models_asked();

  std::map<std::string, int> ways = run(models, false);

  // Both ways are there, so that neither half of this test is empty.
  EXPECT_GT(ways["by"], static_cast<int>(models)) << "of " << 6 * models;
  EXPECT_GT(ways["whole:"], static_cast<int>(models) / 10);
}

TEST_F(RandomModels, refreshed_after_the_day_turned_are_what_their_sql_gives_on_the_new_one) {
  const std::uint64_t models = models_asked();

  std::map<std::string, int> ways = run(models, true);

  EXPECT_GT(ways["day"], static_cast<int>(models) / 2) << "of " << 3 * models;
}

}  // namespace
}  // namespace claimlake::refresh
