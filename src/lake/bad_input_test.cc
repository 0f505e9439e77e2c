// What a person meets whose table is damaged, or who asks for what cannot be: an error that says
// what, where and what to do, and a table that is as it was.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <functional>
#include <map>

#include "check/check_table.h"
#include "check/rules.h"
#include "lake/statement_for_test.h"

namespace claimlake::lake {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;

// Version 0: rows 1 to 3; version 1: 4; version 2: no 1 any more, by a deletion vector; version
// 3: 5.
class BadInput : public testing::Test, protected StatementLake {
 protected:
  BadInput() {
    run("CREATE TABLE t AS SELECT i::BIGINT AS id, 'x' AS note FROM range(1, 4) r(i)");
    run("INSERT INTO t VALUES (4, 'x')");
    run("DELETE FROM t WHERE id = 1");
    run("INSERT INTO t VALUES (5, 'x')");
  }

  static std::string entry(int version) {
    return fmt::format("gold/t/_delta_log/{:020}.json", version);
  }
  void edit(const std::string& path, const std::function<void(std::string&)>& change) {
    std::string bytes = *store_.read(path);
    change(bytes);
    ASSERT_TRUE(store_.put(path, bytes));
    // A process that has not seen the table before.
    lake_.emplace(LakeContext{store_, clock_, random_, engine_->parquet_io(), "tester"});
    engine_->attach(*lake_);
    session_ = *engine_->session({.access = engine::Access::kInternal});
  }
  void lose(const std::string& path) {
    edit(path, [](std::string&) {});
    ASSERT_TRUE(store_.remove(path));
  }
  std::string read(const std::string& at = "") {
    return rows("SELECT id FROM gold.t " + at + " ORDER BY id");
  }
  // The path of the only data file whose statistics have this least id.
  std::string file_with(int id) {
    const auto snapshot = newest();
    for (const auto& file : snapshot->files()) {
      if (file.stats_json.find(fmt::format(R"("minValues":{{"id":{})", id)) != std::string::npos) {
        return "gold/t/" + file.path;
      }
    }
    ADD_FAILURE() << "no file begins with " << id;
    return "";
  }
  // All objects of the table, by path: what an error must leave as it is.
  std::map<std::string, std::string> objects() {
    std::map<std::string, std::string> out;
    const auto listed = *store_.list_all("gold/t");
    for (const auto& object : listed) {
      out[object.path] = *store_.read(object.path);
    }
    return out;
  }
  // The statement's error; nothing of the table has changed.
  std::string refused(const std::string& sql) {
    const auto before = objects();
    std::string text = run(sql);
    EXPECT_NE(text, "") << sql;
    EXPECT_TRUE(objects() == before) << sql << " has changed a file";
    return text;
  }
};

TEST_F(BadInput, a_gap_in_the_log_stops_writers_and_names_the_entry) {
  lose(entry(2));

  for (const char* sql : {"INSERT INTO t VALUES (6, 'x')", "DELETE FROM t WHERE id = 2",
                          "OPTIMIZE t", "RESTORE t TO VERSION AS OF 0", "VACUUM t"}) {
    EXPECT_THAT(refused(sql), HasSubstr("00000000000000000002.json")) << sql;
  }
  EXPECT_THAT(read(), HasSubstr("00000000000000000002.json"));
}

TEST_F(BadInput, a_truncated_entry_is_not_written_over) {
  edit(entry(3), [](std::string& bytes) { bytes.resize(bytes.size() / 2); });

  EXPECT_THAT(refused("INSERT INTO t VALUES (6, 'x')"), HasSubstr("00000000000000000003.json"));
  EXPECT_THAT(read(), HasSubstr("00000000000000000003.json"));
}

TEST_F(BadInput, two_protocols_in_one_entry_are_damage) {
  edit(entry(3), [](std::string& bytes) {
    bytes +=
        R"({"protocol":{"minReaderVersion":1,"minWriterVersion":2}})"
        "\n"
        R"({"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["deletionVectors"],"writerFeatures":["deletionVectors"]}})"
        "\n";
  });

  EXPECT_THAT(refused("INSERT INTO t VALUES (6, 'x')"),
              AllOf(HasSubstr("00000000000000000003.json"), HasSubstr("protocol")));
}

TEST_F(BadInput, a_missing_data_file_is_named_and_older_versions_stay_readable) {
  const std::string file = file_with(5);
  lose(file);

  EXPECT_THAT(read(), HasSubstr(file.substr(file.rfind('/') + 1)));
  EXPECT_THAT(refused("DELETE FROM t WHERE id = 5"), HasSubstr(file.substr(file.rfind('/') + 1)));
  EXPECT_EQ(read("AT (VERSION => 2)"), "2 3 4 ");
  EXPECT_EQ(run("INSERT INTO t VALUES (6, 'x')"), "") << "rows may still come";
  EXPECT_EQ(run("RESTORE t TO VERSION AS OF 2"), "");
  EXPECT_EQ(read(), "2 3 4 ");
}

TEST_F(BadInput, a_damaged_deletion_vector_stops_what_needs_its_file) {
  std::string vector;
  const auto listed = *store_.list_all("gold/t");
  for (const auto& object : listed) {
    if (object.path.ends_with(".bin")) vector = object.path;
  }
  ASSERT_NE(vector, "") << "a deletion vector in a file";
  const std::string sound = *store_.read(vector);
  for (const std::string& bytes :
       {sound.substr(0, sound.size() - 3), std::string(sound.size(), 'x')}) {
    edit(vector, [&](std::string& text) { text = bytes; });
    EXPECT_THAT(read(), HasSubstr("deletion vector"));
    EXPECT_THAT(refused("DELETE FROM t WHERE id = 2"), HasSubstr("deletion vector"));
    EXPECT_EQ(read("AT (VERSION => 1)"), "1 2 3 4 ");
  }
}

TEST_F(BadInput, a_checkpoint_that_disagrees_with_the_log_is_found_by_table_check) {
  run("ALTER TABLE t SET TBLPROPERTIES ('delta.checkpointInterval' = '1')");
  run("INSERT INTO t VALUES (6, 'x')");  // with a checkpoint
  const int version = static_cast<int>(newest()->version());
  edit(entry(version), [](std::string& bytes) {
    // One file more in the entry than in the checkpoint.
    std::string more = bytes.substr(bytes.find(R"({"add")"));
    more.insert(more.find(R"("path":")") + 8, "other-");
    bytes += more;
  });

  NoProgress progress;
  const auto report = check::check_table(
      {{store_, engine_->parquet_io(), clock_, random_}, *session_, progress, {}}, "gold/t", {});
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_TRUE(std::ranges::any_of(report->findings.kept(), [](const check::Finding& finding) {
    return std::string_view(check::info(finding.rule).name).starts_with("checkpoint");
  }));
}

TEST_F(BadInput, a_name_that_is_taken_is_not_given_twice) {
  run("ALTER TABLE t SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name')");
  EXPECT_THAT(refused("ALTER TABLE t RENAME COLUMN note TO id"), HasSubstr("id"));
  EXPECT_THAT(refused("ALTER TABLE t RENAME COLUMN note TO ID"), HasSubstr("upper and lower case"));
  EXPECT_THAT(refused("ALTER TABLE t RENAME COLUMN other TO third"), HasSubstr("other"));
}

TEST_F(BadInput, a_type_that_would_lose_values_is_refused_with_those_that_would_not) {
  run("ALTER TABLE t SET TBLPROPERTIES ('delta.enableTypeWidening' = 'true')");
  EXPECT_THAT(refused("ALTER TABLE t ALTER COLUMN id TYPE INT"),
              AllOf(HasSubstr("column id"), HasSubstr("it may become DECIMAL(20, 0)")));
}

TEST_F(BadInput, a_constraint_that_rows_break_says_how_many_and_shows_five) {
  run("INSERT INTO t SELECT i, NULL FROM range(100, 107) r(i)");
  const std::string text = refused("ALTER TABLE t ADD CONSTRAINT small CHECK (id < 100)");
  EXPECT_THAT(text, HasSubstr("7 rows"));
  int shown = 0;
  for (int id = 100; id < 107; ++id) {
    shown += text.find(std::to_string(id), text.find("7 rows")) != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(shown, 5) << text;
}

TEST_F(BadInput, a_clock_that_was_set_back_makes_no_older_version) {
  clock_.advance(-2h);
  ASSERT_EQ(run("INSERT INTO t VALUES (6, 'x')"), "");

  const auto history = *lake_->history({"gold", "t"}, 10);
  for (std::size_t i = 1; i < history.size(); ++i) {
    EXPECT_LE(history[i].timestamp, history[i - 1].timestamp);
  }
  EXPECT_EQ(read(), "2 3 4 5 6 ");
}

}  // namespace
}  // namespace claimlake::lake
