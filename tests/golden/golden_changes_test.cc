// The change feeds of tables that others wrote. What they must tell is derived here from the text
// of their logs and from their files alone, read by DuckDB's own read_parquet: a version with cdc
// actions tells what those files hold, another one the rows of the files that come and go. For the
// table with deletion vectors the rows are worked out by hand from the bytes of its vectors.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "golden_lake.h"

namespace claimlake {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class GoldenChanges : public testing::Test {
 public:
  void SetUp() override {
    SKIP_WITHOUT_GOLDEN_DATA();
    auto made = golden_lake()->engine().session({.access = engine::Access::kInternal});
    ASSERT_TRUE(made) << made.error().text();
    session_ = *std::move(made);
  }
  engine::TextTable rows(const std::string& sql) {
    const auto answer = session_->query(sql);
    EXPECT_TRUE(answer) << sql << "\n" << answer.error().text();
    auto table = answer ? engine::read_all(**answer) : engine::TextTable{};
    return table ? *std::move(table) : engine::TextTable{};
  }
  // As "a|b" lines; null as "-".
  std::vector<std::string> lines(const std::string& sql) {
    std::vector<std::string> out;
    for (const auto& row : rows(sql).rows) {
      std::string line;
      for (const auto& cell : row) line += (line.empty() ? "" : "|") + cell.value_or("-");
      out.push_back(line);
    }
    return out;
  }
  std::string told(const std::string& folder, int first, int last) {
    golden_lake()->show(folder);
    return fmt::format("table_changes('golden.{}', {}, {})", to_lower(folder), first, last);
  }

  // One SELECT for each file that tells changes of `version`, in the columns of the table.
  std::string expected(const std::string& folder, int version) {
    const std::string commit = fmt::format("lake://{}/_delta_log/{:020}.json", folder, version);
    const std::string actions = fmt::format("read_ndjson_objects('{}')", commit);
    const bool has_change_files =
        lines(fmt::format("SELECT 1 FROM {} WHERE (json->'$.cdc') IS NOT NULL", actions)).size() >
        0;
    const std::string wanted = has_change_files ? "kind = 'cdc'" : "kind <> 'cdc' AND changes";
    const auto files = rows(fmt::format(
        "SELECT kind, url_decode(action->>'$.path') AS path, action->>'$.partitionValues' AS part "
        "FROM (SELECT k.kind, (json->('$.' || k.kind)) AS action, coalesce((json->>('$.' || k.kind "
        "|| '.dataChange'))::BOOLEAN, true) AS changes FROM {}, (VALUES ('add'), ('remove'), "
        "('cdc')) AS k(kind)) WHERE action IS NOT NULL AND {}",
        actions, wanted));
    std::string out;
    for (const auto& file : files.rows) {
      const std::string type = *file[0] == "cdc"   ? "_change_type"
                               : *file[0] == "add" ? "'insert'"
                                                   : "'delete'";
      std::string columns;
      for (const auto& [name, sql_type] : table_columns(folder)) {
        const auto value =
            rows(fmt::format("SELECT ('{}'::JSON)->>'{}'", *file[2], name)).rows[0][0];
        columns += value ? fmt::format("CAST('{}' AS {}) AS \"{}\", ", *value, sql_type, name)
                         : fmt::format("\"{}\", ", name);
      }
      out += fmt::format(
          "{}SELECT {}{}, {} FROM read_parquet('lake://{}/{}', hive_partitioning = "
          "false)",
          out.empty() ? "" : " UNION ALL ", columns, type, version, folder, *file[1]);
    }
    return out;
  }
  std::vector<std::pair<std::string, std::string>> table_columns(const std::string& folder) {
    golden_lake()->show(folder);
    std::vector<std::pair<std::string, std::string>> out;
    const auto columns =
        session_->describe("SELECT * FROM lake.golden." + sql_identifier(to_lower(folder)));
    EXPECT_TRUE(columns);
    for (const auto& column : *columns) out.emplace_back(column.name, column.type);
    return out;
  }

  std::unique_ptr<engine::Session> session_;
};

TEST_F(GoldenChanges, feeds_tell_what_their_logs_and_files_say) {
  const std::vector<std::pair<std::string, int>> tables = {
      {"cdf-table", 3},
      {"cdf-table-data-change", 1},
      {"cdf-table-delete-conditional-all-rows", 1},
      {"cdf-table-delete-conditional-two-rows", 1},
      {"cdf-table-delete-unconditional", 1},
      {"cdf-table-non-partitioned", 3},
      {"cdf-table-partitioned", 2},
      {"cdf-table-simple", 2},
      {"cdf-table-update-ops", 2}};
  for (const auto& [name, last] : tables) {
    SCOPED_TRACE(name);
    const std::string folder = "features/" + name;
    std::string sql;
    for (int version = 0; version <= last; ++version) {
      const std::string select = expected(folder, version);
      if (!select.empty()) sql += (sql.empty() ? "" : " UNION ALL ") + select;
    }

    const auto ours =
        lines("SELECT * EXCLUDE _commit_timestamp FROM " + told(folder, 0, last) + " ORDER BY ALL");

    EXPECT_FALSE(ours.empty());
    EXPECT_EQ(ours, lines("SELECT * FROM (" + sql + ") ORDER BY ALL"));
  }
}

TEST_F(GoldenChanges, a_vector_that_gives_way_to_another_tells_the_rows_between_them) {
  const std::string folder = "features/cdf-table-with-dv";
  if (!golden_lake()->has(folder)) GTEST_SKIP() << "it is not here";

  // The one file holds 0 to 9. Vectors by version: none, {0, 9}, none, {0, 1, 4, 5}, {0, 5}.
  EXPECT_THAT(lines("SELECT value, _change_type, _commit_version FROM " + told(folder, 1, 4) +
                    " ORDER BY _commit_version, value"),
              ElementsAre("0|delete|1", "9|delete|1", "0|insert|2", "9|insert|2", "0|delete|3",
                          "1|delete|3", "4|delete|3", "5|delete|3", "1|insert|4", "4|insert|4"));
}

TEST_F(GoldenChanges, a_vector_that_is_damaged_is_named) {
  const std::string folder = "features/cdf-table-with-dv";
  if (!golden_lake()->has(folder)) GTEST_SKIP() << "it is not here";
  golden_lake()->show(folder);

  // Five of its characters stand for more than four bytes hold.
  const auto changes = session_->query("SELECT * FROM " + told(folder, 4, 5));
  ASSERT_FALSE(changes);
  EXPECT_THAT(changes.error().text(),
              AllOf(HasSubstr("damaged"), HasSubstr("part-00000-fae5310a")));
}

// Rows that came and went must lead from one version to the other.
TEST_F(GoldenChanges, versions_differ_by_what_the_feed_tells_between_them) {
  for (const auto& [name, last] : std::vector<std::pair<std::string, int>>{
           {"cdf-table", 3}, {"cdf-table-non-partitioned", 3}, {"cdf-table-partitioned", 2}}) {
    SCOPED_TRACE(name);
    const std::string folder = "features/" + name;
    std::string columns;
    for (const auto& [column, type] : table_columns(folder))
      columns += sql_identifier(column) + ", ";
    const std::string net = "SELECT " + columns +
                            "sum(CASE WHEN _change_type IN ('insert', 'update_postimage') THEN 1 "
                            "ELSE -1 END) AS n FROM ";

    const auto told_rows =
        lines(net + told(folder, 1, last) + " GROUP BY ALL HAVING n <> 0 ORDER BY ALL");

    EXPECT_EQ(told_rows,
              lines(net + fmt::format("table_diff('golden.{}', 0, {})", to_lower(folder), last) +
                    " GROUP BY ALL ORDER BY ALL"));
  }
}

}  // namespace
}  // namespace claimlake
