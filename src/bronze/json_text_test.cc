#include "bronze/json_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/random.h"
#include "base/text.h"
#include "bronze/raw_window.h"

namespace claimlake::bronze {
namespace {

bool accepts(const std::string& text) {
  std::string padded = text;
  padded.append(RawWindow::kPadding, '\0');
  JsonCursor cursor{padded.data(), padded.data() + text.size()};
  if (!skip_value(cursor)) return false;
  cursor.skip_space();
  return cursor.at == cursor.end;
}

// Does another parser take it? It is stricter about half pairs in \u escapes and about numbers past
// a double, which are no question of form.
bool other_accepts(const std::string& text) { return nlohmann::json::accept(text); }

TEST(JsonText, accepts_what_another_parser_accepts) {
  // Damage to good texts, a few letters at a time.
  const std::vector<std::string> seeds = {
      R"({"a":[1,2.5e-3,{"b":"x\n\u00e4"},[],{}],"c":null,"d":true,"e":false,"f":"","g":-0})",
      R"([[[]],{"k":{"k":{"k":[0]}}} , "a b" ,	12])", R"("text")", "17", "{ }"};
  const std::string letters = "{}[]\",:\\ 01.e-+tfnu\tx";
  SeededRandom random(1);
  int accepted = 0;
  for (int round = 0; round < 60'000; ++round) {
    std::string text = seeds[random.below(seeds.size())];
    for (std::uint64_t changes = random.below(4); changes > 0; --changes) {
      const std::size_t at = random.below(text.size());
      switch (random.below(3)) {
        case 0:
          text.erase(at, 1);
          break;
        case 1:
          text.insert(at, 1, letters[random.below(letters.size())]);
          break;
        default:
          text[at] = letters[random.below(letters.size())];
      }
      if (text.empty()) text = "x";
    }
    ASSERT_EQ(accepts(text), other_accepts(text)) << text;
    accepted += accepts(text);
  }
  EXPECT_GT(accepted, 5'000);
}

TEST(JsonText, nesting_has_a_limit) {
  EXPECT_TRUE(accepts(std::string(64, '[') + std::string(64, ']')));
  EXPECT_FALSE(accepts(std::string(65, '[') + std::string(65, ']')));
  EXPECT_FALSE(accepts(std::string(1'000'000, '[')));
}

TEST(JsonText, escapes_come_out_as_another_parser_reads_them) {
  SeededRandom random(2);
  TextArena arena;
  for (int round = 0; round < 20'000; ++round) {
    std::string inside;
    for (std::uint64_t count = random.below(8); count > 0; --count) {
      const char* pieces[] = {"a",       "\\n",     "\\\"",    "\\\\",           "\xc3\xa4",
                              "\\u0041", "\\u00e9", "\\u20ac", "\\ud83d\\ude00", "\\uD834\\uDD1E",
                              "\\/",     "\\u0000"};
      inside += pieces[random.below(std::size(pieces))];
    }
    const auto plain = unescape(inside, arena);
    ASSERT_TRUE(plain);
    ASSERT_EQ(*plain, nlohmann::json::parse('"' + inside + '"').get<std::string>()) << inside;
    EXPECT_TRUE(is_utf8(*plain));
    arena.clear();
  }
}

TEST(JsonText, half_a_pair_is_no_text) {
  TextArena arena;
  for (const char* inside :
       {"\\ud800", "\\udc00", "\\ud800x", "\\ud800\\n", "\\ud800\\u0041", "\\ud800\\ud800"}) {
    EXPECT_FALSE(unescape(inside, arena)) << inside;
  }
}

}  // namespace
}  // namespace claimlake::bronze
