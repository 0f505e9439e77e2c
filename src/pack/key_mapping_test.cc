// Random models over small tables, random rows and random changes. Computed as a whole before and
// after a change, they say which keys differ; the mapping must have named these keys, and its
// SELECT for keys must give what the whole one gives for them.
#include "pack/key_mapping.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>

#include "base/text.h"
#include "engine/fixture_for_test.h"
#include "pack/key_parts.h"
#include "pack/model.h"
#include "pack/random_model_for_test.h"
#include "pack/sql_text.h"

namespace claimlake::pack {
namespace {

using testing::HasSubstr;

std::vector<ColumnDoc> columns_of_tables() {
  return {{"id", "BIGINT"}, {"x", "BIGINT"}, {"y", "BIGINT"}, {"v", "BIGINT"}};
}

class Mapping : public engine::EngineTest {
 protected:
  std::unique_ptr<engine::Session> sql = session({.access = engine::Access::kInternal});

  void run(const std::string& statement) {
    const auto done = sql->execute(statement);
    ASSERT_TRUE(done) << done.error().text() << "\n" << statement;
  }
  // The value of a query that gives one.
  std::string value(const std::string& query) {
    auto rows = sql->query(query);
    if (!rows) return rows.error().text() + "\n" + query;
    const auto table = engine::read_all(**rows);
    return table ? table->rows.at(0).at(0).value_or("null") : table.error().text();
  }

  Result<Model> model_of(const std::string& select, const std::string& key,
                         const std::string& header = "") {
    const auto columns = columns_of_tables();
    TRY(Model model, parse_model("/* claimlake\ndescription: D.\nkind: keyed\nkey: [" + key +
                                     "]\n" + header + "*/\n" + select,
                                 "silver.m", "m.sql"));
    model.columns = {{"k", "BIGINT"}, {"p", "BIGINT"}, {"q", "BIGINT"}};
    TRY(const auto tokens, tokenize(model.sql));
    TRY(auto mapping,
        key_mapping(
            model, table_references(tokens), [&](const std::string&) { return &columns; }, *sql));
    model.mapping = std::make_shared<KeyMapping>(std::move(mapping));
    return model;
  }

  static RelationOf tables(const std::string& prefix) {
    return
        [prefix](const std::string& table) { return prefix + table.substr(table.find('.') + 1); };
  }
  static std::string whole(const Model& model, const std::string& prefix) {
    Rewriter rewriter(model.sql);
    for (const TableReference& reference : model.mapping->references) {
      rewriter.replace(reference.begin, reference.end,
                       replacement(reference, tables(prefix)(reference.name)));
    }
    return "(SELECT * FROM (" + rewriter.finish() + ") AS w)";
  }

  // Rows of small numbers, some null, some twice; then a few of them other ones.
  void fill(DrawModel& draw) {
    for (const std::string& table : kTables) {
      const std::string name = table.substr(7);
      const auto number = [&](std::uint64_t n) {
        return draw.below(9) == 0 ? std::string("NULL") : std::to_string(draw.below(n));
      };
      const auto rows = [&](std::uint64_t count) {
        std::string values;
        for (std::uint64_t i = 0; i < count; ++i) {
          values += fmt::format("{}({}, {}, {}, {})", i == 0 ? "" : ", ", number(9), number(5),
                                number(5), number(5));
        }
        return "SELECT * FROM (VALUES " + values + ") AS r(id, x, y, v)";
      };
      run(
          fmt::format("CREATE OR REPLACE TEMP TABLE old_{} (id BIGINT, x BIGINT, y BIGINT, v "
                      "BIGINT)",
                      name));
      run(fmt::format("INSERT INTO old_{} {}", name, rows(1 + draw.below(8))));
      run(fmt::format("CREATE OR REPLACE TEMP TABLE new_{0} AS FROM old_{0}", name));
      if (draw.below(3) != 0) {
        run(fmt::format("DELETE FROM new_{} WHERE v = {}", name, draw.below(6)));
        run(fmt::format("UPDATE new_{} SET {} = {} WHERE x = {}", name,
                        draw.one<std::string>({"id", "x", "y", "v"}), draw.below(6),
                        draw.below(6)));
        if (draw.below(2) == 0) run(fmt::format("INSERT INTO new_{} {}", name, rows(2)));
      }
      run(
          fmt::format("CREATE OR REPLACE TEMP TABLE changed_{0} AS (FROM old_{0} EXCEPT ALL FROM "
                      "new_{0}) UNION ALL (FROM new_{0} EXCEPT ALL FROM old_{0})",
                      name));
    }
  }

  // The tables that the model reads and that changed.
  std::vector<std::string> changed_inputs(const Model& model) {
    std::vector<std::string> out;
    for (const std::string& table : kTables) {
      const bool read =
          std::any_of(model.mapping->references.begin(), model.mapping->references.end(),
                      [&](const auto& each) { return each.name == table; });
      const std::string count = value("SELECT count(*) FROM " + tables("changed_")(table));
      if (read && count != "0") out.push_back(table);
    }
    return out;
  }

  static std::string same_key(const Model& model) {
    std::string on;
    for (const std::string& key : model.header.key) {
      on += fmt::format("{}l.{} = r.{}", on.empty() ? "" : " AND ", key, key);
    }
    return on;
  }
  // The parts together are the rows of the model.
  void expect_same_in_parts(const Model& model) {
    std::string parts;
    for (int i = 0; i < 3; ++i) {
      parts += fmt::format("{}(SELECT * FROM ({}))", i == 0 ? "" : " UNION ALL ",
                           select_of_part(model, {i, 3}, tables("new_")));
    }
    EXPECT_EQ(value(fmt::format("SELECT count(*) FROM ((({0}) EXCEPT ALL {1}) UNION ALL ({1} "
                                "EXCEPT ALL ({0})))",
                                parts, whole(model, "new_"))),
              "0")
        << model.sql << "\n"
        << parts;
  }
  void expect_same_for_keys(const Model& model, const std::string& keys) {
    const std::string some = "(" + select_of_keys(model, keys, tables("new_")) + ")";
    const std::string all = fmt::format("(SELECT l.* FROM {} AS l SEMI JOIN {} AS r ON {})",
                                        whole(model, "new_"), keys, same_key(model));
    EXPECT_EQ(value(fmt::format("SELECT count(*) FROM (({0} EXCEPT ALL {1}) UNION ALL ({1} EXCEPT "
                                "ALL {0}))",
                                some, all)),
              "0")
        << model.sql << "\n"
        << some;
  }
};

TEST_F(Mapping, names_all_keys_that_differ_and_computes_them_alone_or_in_parts) {
  // A longer run by hand: CLAIMLAKE_MODELS=10000.
  const char* const asked = std::getenv("CLAIMLAKE_MODELS");
  const std::uint64_t models = asked != nullptr ? std::strtoull(asked, nullptr, 10) : 340;
  int by_key = 0;
  int whole_ones = 0;
  int in_parts = 0;
  for (std::uint64_t seed = 1; seed <= models && !HasFailure(); ++seed) {
    DrawModel draw(seed);
    const auto model = model_of(draw.select(1 + static_cast<int>(draw.below(3))),
                                draw.below(4) == 0 ? "k, p" : "k");
    ASSERT_TRUE(model) << model.error().text();
    fill(draw);
    SCOPED_TRACE(fmt::format("seed {}", seed));
    run("CREATE OR REPLACE TEMP TABLE chosen AS SELECT k, p FROM range(6) a(k), range(6) b(p) "
        "WHERE "
        "(k "
        "+ p) % 3 = 0");
    expect_same_for_keys(*model, "chosen");
    if (why_not_in_parts(*model).empty()) {
      ++in_parts;
      expect_same_in_parts(*model);
    }

    std::string touched;
    bool all = false;
    for (const std::string& input : changed_inputs(*model)) {
      all = all || !model->mapping->touches_all(input).empty();
      if (all) break;
      touched += (touched.empty() ? "" : " UNION ") +
                 touched_keys(*model, input, tables("changed_")(input), tables("new_"));
    }
    whole_ones += all ? 1 : 0;
    if (all || touched.empty()) continue;
    ++by_key;
    run("CREATE OR REPLACE TEMP TABLE touched AS " + touched);
    expect_same_for_keys(*model, "touched");
    const std::string before = whole(*model, "old_");
    const std::string after = whole(*model, "new_");
    EXPECT_EQ(
        value(fmt::format("SELECT count(*) FROM (({0} EXCEPT ALL {1}) UNION ALL ({1} EXCEPT "
                          "ALL {0})) AS l ANTI JOIN touched AS r ON {2} WHERE {3}",
                          before, after, same_key(*model),
                          model->header.key.size() == 1 ? "l.k IS NOT NULL"
                                                        : "l.k IS NOT NULL AND l.p IS NOT NULL")),
        "0")
        << model->sql << "\n"
        << touched;
  }
  // Both kinds are there, so that neither half of this test is empty.
  EXPECT_GT(by_key, static_cast<int>(models) / 4);
  EXPECT_GT(whole_ones, static_cast<int>(models) / 20);
  EXPECT_GT(in_parts, static_cast<int>(models) / 4);
}

TEST_F(Mapping, takes_columns_of_the_header_where_the_sql_does_not_lead_to_the_key) {
  const std::string select =
      "SELECT id + 0 AS k, x AS p, CAST(SUM(v) AS BIGINT) AS q FROM silver.a GROUP BY id + 0, x";
  const auto plain = model_of(select, "k");
  ASSERT_TRUE(plain) << plain.error().text();
  EXPECT_THAT(plain->mapping->touches_all("silver.a"), HasSubstr("not grouped by the key"));
  const auto told = model_of(select, "k", "changes: {silver.a: id}\n");
  ASSERT_TRUE(told) << told.error().text();
  EXPECT_EQ(told->mapping->touches_all("silver.a"), "");
  EXPECT_THAT(why_not_in_parts(*told), HasSubstr("its header")) << "id may be null where k is not";
}

TEST_F(Mapping, refuses_columns_of_the_header_for_a_table_that_is_read_as_a_whole_too) {
  const auto wrong = model_of(
      "SELECT one.id AS k, one.v AS p, total.v AS q FROM silver.a AS one CROSS JOIN (SELECT "
      "CAST(SUM(v) AS BIGINT) AS v FROM silver.a) AS total",
      "k", "changes: {silver.a: id}\n");
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, HasSubstr("in several places"));
}

TEST_F(Mapping, refuses_columns_of_the_header_that_the_sql_contradicts) {
  const auto wrong =
      model_of("SELECT id AS k, x AS p, v AS q FROM silver.a", "k", "changes: {silver.a: x}\n");
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, HasSubstr("the key is in other columns of silver.a: id"));
  EXPECT_EQ(wrong.error().where.substr(0, 6), "m.sql:");
}

}  // namespace
}  // namespace claimlake::pack
