#include "app/terminal.h"

#include <gtest/gtest.h>

namespace claimlake::app {
namespace {

TEST(Terminal, cuts_wide_cells_so_that_the_table_fits) {
  const TextRows table{
      {{"id"}, {"note"}, {"rows", Align::kRight}},
      {{"a", "a very long note that does not fit", "12"}, {"b", std::nullopt, "3"}}};

  const std::string text = render(table, 24);

  EXPECT_EQ(text,
            "id  note            rows\n"
            "──  ──────────────  ────\n"
            "a   a very long n…    12\n"
            "b   null               3\n");
}

TEST(Terminal, counts_columns_not_bytes) {
  EXPECT_EQ(display_width("Müller"), 6);
  EXPECT_EQ(display_width("🐶"), 2);
  EXPECT_EQ(fit("Müllerin", 5), "Müll…");
  EXPECT_EQ(fit("two\nlines", 20), "two⏎lines");
}

TEST(Terminal, says_numbers_as_people_do) {
  EXPECT_EQ(human_count(1'500'000), "1,500,000");
  EXPECT_EQ(human_count(-1'000), "-1,000");
  EXPECT_EQ(human_count(999), "999");
  EXPECT_EQ(human_bytes(999), "999 B");
  EXPECT_EQ(human_bytes(1'500'000), "1.5 MB");
  EXPECT_EQ(human_seconds(0.421), "0.42 s");
  EXPECT_EQ(human_seconds(200), "3 min 20 s");
}

}  // namespace
}  // namespace claimlake::app
