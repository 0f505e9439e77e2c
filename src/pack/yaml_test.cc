#include "pack/yaml.h"

#include <gtest/gtest.h>

namespace claimlake::pack {
namespace {

std::string error_of(std::string_view text) {
  const auto result = parse_yaml(text, "f.yml");
  return result ? "read" : result.error().where + " " + result.error().message;
}

TEST(Yaml, keeps_order_places_and_quotes) {
  const auto yaml = parse_yaml("b: [x, 'null', null]\na:\n  é: {c: 1}\n", "f.yml");

  ASSERT_TRUE(yaml) << yaml.error().text();
  EXPECT_EQ(yaml->keys, (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(yaml->key_places[1], (Place{2, 1}));
  const Yaml& list = *yaml->find("b");
  ASSERT_EQ(list.items.size(), 3u);
  EXPECT_EQ(list.items[1].text, "null");
  EXPECT_TRUE(list.items[1].is_scalar());
  EXPECT_TRUE(list.items[2].is_null());
  EXPECT_EQ(list.items[2].place, (Place{1, 16}));
  EXPECT_EQ(yaml->find("a")->items[0].find("c")->place, (Place{3, 10}));
}

TEST(Yaml, reads_the_single_pairs_of_a_flow_list) {
  const auto yaml = parse_yaml("id: [not_null: fail, unique: warn]", "f.yml");

  ASSERT_TRUE(yaml) << yaml.error().text();
  const Yaml& list = *yaml->find("id");
  ASSERT_EQ(list.items.size(), 2u);
  EXPECT_EQ(list.items[1].keys, std::vector<std::string>{"unique"});
  EXPECT_EQ(list.items[1].items[0].text, "warn");
}

TEST(Yaml, refuses_what_is_not_plain) {
  EXPECT_EQ(error_of("a: 1\nb: 2\na: 3\n"), "f.yml:3:1 the key a is given twice");
  EXPECT_EQ(error_of("a: &x [1]\nb: *x\n"), "f.yml:1:4 anchors (&name) are not allowed here");
  EXPECT_EQ(error_of("a: *x\n").substr(0, 6), "f.yml:");
  EXPECT_EQ(error_of("a: !!int 3\n"), "f.yml:1:4 tags (!name) are not allowed here");
  EXPECT_EQ(error_of("a: 1\n---\nb: 2\n"), "f.yml:3:1 more than one YAML document");
  EXPECT_EQ(error_of("? [a]\n: 1\n"), "f.yml:1:3 a key must be a text");
  EXPECT_EQ(error_of("a: [1\nb: 2").substr(0, 6), "f.yml:");
  EXPECT_EQ(error_of("a: \xff"), "f.yml:1:1 the YAML is not UTF-8 text");
  EXPECT_NE(error_of(std::string(200, '[')), "read");
}

TEST(YamlReader, names_the_unknown_key_its_place_and_the_nearest) {
  const auto yaml = parse_yaml("kind: x\nowmer: y\n", "f.yml");
  ASSERT_TRUE(yaml);

  const auto result = YamlReader("f.yml").map(*yaml, "a model", {"kind", "owner"});

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().where, "f.yml:2:1");
  EXPECT_EQ(result.error().message, "a model has no key owmer (did you mean owner?)");
  EXPECT_EQ(result.error().next, "known keys: kind, owner");
}

TEST(YamlReader, reads_durations_in_all_units_and_refuses_others) {
  const YamlReader reader("f.yml");
  const auto read = [&](const char* text) {
    const auto result = reader.duration(*parse_yaml(text, "f.yml"), "d");
    return result ? result->count() : -1;
  };

  EXPECT_EQ(read("5ms"), 5);
  EXPECT_EQ(read("10s"), 10'000);
  EXPECT_EQ(read("5m"), 300'000);
  EXPECT_EQ(read("26h"), 93'600'000);
  EXPECT_EQ(read("30d"), 2'592'000'000);
  for (const char* bad : {"30", "d", "1w", "-1s", "1.5h", "9999999d", "[1s]"}) {
    EXPECT_EQ(read(bad), -1) << bad;
  }
}

TEST(YamlReader, reads_whole_numbers_within_limits) {
  const YamlReader reader("f.yml");
  const auto read = [&](const char* text) {
    const auto result = reader.whole(*parse_yaml(text, "f.yml"), "n", -5, 100);
    return result ? *result : -99;
  };

  EXPECT_EQ(read("-5"), -5);
  EXPECT_EQ(read("100"), 100);
  for (const char* bad : {"101", "-6", "1.0", "'7'", "x", "99999999999999999999", "-"}) {
    EXPECT_EQ(read(bad), -99) << bad;
  }
}

}  // namespace
}  // namespace claimlake::pack
