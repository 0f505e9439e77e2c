#include "refresh/row_diff.h"

#include <gmock/gmock.h>

#include "store/memory_store.h"

namespace claimlake::refresh {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class RowDiffTest : public testing::Test {
 protected:
  RowDiffTest() {
    engine =
        *engine::open_engine({.threads = 2, .spill_folder = "", .random = &random}, store, clock);
    session = *engine->session({.access = engine::Access::kInternal});
  }
  // Rows of (k, v, w), each side written as VALUES.
  RowDiff diff(const std::string& left, const std::string& right,
               const std::vector<std::string>& key = {"k"}, std::size_t rows_max = 10) {
    const auto select = [](const std::string& values) {
      return "SELECT * FROM (VALUES " + values + ") AS rows(k, v, w)";
    };
    RowDiffInput input{select(left), select(right), key, {}, rows_max};
    for (const char* column : {"k", "v", "w"}) {
      if (std::find(key.begin(), key.end(), column) == key.end())
        input.columns.emplace_back(column);
    }
    auto made = diff_rows(*session, input);
    EXPECT_TRUE(made) << made.error().text();
    return made ? *std::move(made) : RowDiff{};
  }

  SystemClock clock;
  SeededRandom random{1};
  store::MemoryStore store{clock};
  std::unique_ptr<engine::Engine> engine;
  std::unique_ptr<engine::Session> session;
};

TEST_F(RowDiffTest, equal_rows_in_another_order_are_equal_and_null_equals_null) {
  const RowDiff found = diff("(1, 'a', NULL), (2, 'b', 2.5)", "(2, 'b', 2.5), (1, 'a', NULL)");

  EXPECT_TRUE(found.equal());
  EXPECT_TRUE(found.by_key);
  EXPECT_EQ(found.left_rows, 2);
  EXPECT_EQ(found.right_rows, 2);
  EXPECT_THAT(found.rows, IsEmpty());
}

TEST_F(RowDiffTest, names_the_columns_that_differ_with_both_values) {
  const RowDiff found = diff("(1, 'a', 1.0), (2, 'b', 2.0), (3, 'c', 3.0)",
                             "(1, 'a', 1.5), (2, NULL, 2.5), (3, 'c', 3.0)");

  EXPECT_EQ(found.differing, 2);
  EXPECT_THAT(found.by_column, ElementsAre(Pair("v", 1), Pair("w", 2)));
  ASSERT_EQ(found.rows.size(), 2U);
  EXPECT_THAT(found.rows[1].key, ElementsAre("2"));
  ASSERT_EQ(found.rows[1].cells.size(), 2U);
  EXPECT_EQ(found.rows[1].cells[0].column, "v");
  EXPECT_EQ(found.rows[1].cells[0].left, "b");
  EXPECT_EQ(found.rows[1].cells[0].right, std::nullopt);
  EXPECT_EQ(found.rows[1].cells[1].right, "2.5");
}

TEST_F(RowDiffTest, tells_rows_of_one_side_only) {
  const RowDiff found = diff("(1, 'a', 1), (2, 'b', 2)", "(2, 'b', 2), (3, 'c', 3), (4, 'd', 4)");

  EXPECT_EQ(found.only_left, 1);
  EXPECT_EQ(found.only_right, 2);
  EXPECT_EQ(found.differing, 0);
  EXPECT_THAT(found.by_column, IsEmpty());
  ASSERT_EQ(found.rows.size(), 3U);
  EXPECT_EQ(found.rows[0].on, DifferentRow::On::kRight);
  EXPECT_THAT(found.rows[0].key, ElementsAre("3"));
  EXPECT_EQ(found.rows[1].on, DifferentRow::On::kLeft);
  EXPECT_EQ(found.rows[1].cells[0].left, "a");
}

TEST_F(RowDiffTest, a_row_that_one_side_has_twice_is_found) {
  for (const auto& [left, right] : std::vector<std::pair<std::string, std::string>>{
           {"(1, 'a', 1), (1, 'a', 1)", "(1, 'a', 1)"},
           {"(1, 'a', 1)", "(1, 'a', 1), (1, 'a', 1)"}}) {
    const RowDiff found = diff(left, right);

    EXPECT_FALSE(found.by_key);
    EXPECT_EQ(found.only_left + found.only_right, 1);
    EXPECT_EQ(found.left_rows + found.right_rows, 3);
    ASSERT_EQ(found.rows.size(), 1U);
    EXPECT_THAT(found.rows[0].key, ElementsAre("1"));
  }
}

TEST_F(RowDiffTest, the_same_repeated_keys_on_both_sides_are_equal) {
  EXPECT_TRUE(diff("(1, 'a', 1), (1, 'b', 1)", "(1, 'b', 1), (1, 'a', 1)").equal());
}

TEST_F(RowDiffTest, doubles_of_columns_that_are_compared_nearly_may_differ_by_a_billionth) {
  RowDiffInput input{.left = "SELECT 1 AS k, CAST(3 AS DOUBLE) AS v, 1 AS w",
                     .right = "SELECT 1 AS k, 3 + 1e-12 AS v, 2 AS w",
                     .key = {"k"},
                     .columns = {"v", "w"}};
  EXPECT_EQ(diff_rows(*session, input)->by_column.count("v"), 1U);
  input.nearly = {"v"};

  const auto found = diff_rows(*session, input);

  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ(found->by_column.count("v"), 0U);
  ASSERT_EQ(found->rows.size(), 1U);
  ASSERT_EQ(found->rows[0].cells.size(), 1U);
  EXPECT_EQ(found->rows[0].cells[0].column, "w");
  for (const char* other : {"CAST(3.1 AS DOUBLE)", "CAST(NULL AS DOUBLE)"}) {
    input.right = std::string("SELECT 1 AS k, ") + other + " AS v, 1 AS w";
    EXPECT_EQ(diff_rows(*session, input)->by_column.count("v"), 1U) << other;
  }
}

TEST_F(RowDiffTest, a_key_of_null_is_a_key) {
  const RowDiff found = diff("(NULL, 'a', 1), (2, 'b', 2)", "(NULL, 'x', 1), (2, 'b', 2)");

  EXPECT_TRUE(found.by_key);
  EXPECT_EQ(found.differing, 1);
  ASSERT_EQ(found.rows.size(), 1U);
  EXPECT_THAT(found.rows[0].key, ElementsAre(std::nullopt));
}

TEST_F(RowDiffTest, without_a_key_whole_rows_are_compared) {
  const RowDiff found =
      diff("(1, 'a', 1), (1, 'a', 1), (2, 'b', 2)", "(1, 'a', 1), (2, 'c', 2)", {});

  EXPECT_EQ(found.only_left, 2);
  EXPECT_EQ(found.only_right, 1);
  ASSERT_EQ(found.rows.size(), 3U);
  EXPECT_EQ(found.rows[0].cells[1].right, "c");
}

TEST_F(RowDiffTest, the_last_digit_of_a_float_is_a_difference) {
  EXPECT_EQ(diff("(1, 'a', 0.1e0::DOUBLE + 0.2e0::DOUBLE)", "(1, 'a', 0.3e0::DOUBLE)").differing,
            1);
}

TEST_F(RowDiffTest, tells_no_more_rows_than_asked_for_and_some_of_each_kind) {
  const auto values = [](int first, int last, const char* v) {
    std::string out;
    for (int i = first; i < last; ++i) {
      out += (out.empty() ? "(" : ", (") + std::to_string(i) + ", '" + v + "', 1)";
    }
    return out;
  };
  const RowDiff found = diff(values(0, 50, "a"), values(10, 60, "b"), {"k"}, 3);

  EXPECT_EQ(found.differing, 40);
  ASSERT_EQ(found.rows.size(), 3U);
  EXPECT_THAT(found.rows[0].key, ElementsAre("10"));
  EXPECT_THAT(found.rows[1].key, ElementsAre("50"));
  EXPECT_THAT(found.rows[2].key, ElementsAre("0"));
}

TEST_F(RowDiffTest, several_columns_make_a_key_and_a_key_may_be_all_there_is) {
  const RowDiff found =
      diff("(1, 'a', 1), (1, 'b', 1)", "(1, 'b', 1), (1, 'c', 1)", {"k", "v", "w"});

  EXPECT_EQ(found.only_left, 1);
  EXPECT_EQ(found.only_right, 1);
}

}  // namespace
}  // namespace claimlake::refresh
