#include "store/environment.h"

#include <gmock/gmock.h>

#include "store/memory_store.h"

namespace claimlake::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class EnvironmentStoreTest : public testing::Test {
 protected:
  static std::vector<std::string> paths(const Result<std::vector<ObjectInfo>>& listed) {
    std::vector<std::string> out;
    for (const ObjectInfo& object : *listed) out.push_back(object.path);
    return out;
  }
  SimClock clock;
  MemoryStore main{clock};
  std::unique_ptr<Store> dev = make_environment_store(main, "dev");
};

TEST_F(EnvironmentStoreTest, keeps_what_is_its_own_in_its_folder) {
  ASSERT_TRUE(main.put("gold/t/a", "main"));
  ASSERT_TRUE(dev->put("gold/t/a", "dev"));
  ASSERT_TRUE(dev->put_if_absent("gold/t/b", "dev"));

  EXPECT_EQ(*main.read("environments/dev/gold/t/a"), "dev");
  EXPECT_EQ(*main.read("gold/t/a"), "main");
  EXPECT_EQ(*dev->read("gold/t/a"), "dev");
  EXPECT_EQ(dev->head("gold/t/a")->path, "gold/t/a");
  EXPECT_THAT(paths(dev->list("gold/t")), ElementsAre("gold/t/a", "gold/t/b"));
  EXPECT_THAT(paths(dev->list_all("")), ElementsAre("gold/t/a", "gold/t/b"));
  ASSERT_TRUE(dev->remove("gold/t/a"));
  EXPECT_EQ(*main.read("gold/t/a"), "main");
  EXPECT_EQ(dev->root(), "memory:/environments/dev");
}

TEST_F(EnvironmentStoreTest, shows_main_and_changes_nothing_of_it) {
  ASSERT_TRUE(main.put("gold/t/a", "main"));
  ASSERT_TRUE(main.put("raw/claims.csv", "raw"));
  ASSERT_TRUE(main.put("environments/other/gold/t/a", "other"));
  ASSERT_TRUE(dev->put("silver/t/a", "dev"));

  EXPECT_EQ(*dev->read("gold__main/t/a"), "main");
  EXPECT_EQ(*dev->read(".main/gold/t/a"), "main");
  EXPECT_EQ(*dev->read("raw/claims.csv"), "raw");
  EXPECT_THAT(paths(dev->list_all("gold__main")), ElementsAre("gold__main/t/a"));
  EXPECT_THAT(*dev->list_folders(""), ElementsAre("silver", "gold__main"));
  for (const char* path : {"gold__main/t/a", ".main/gold/t/a", "raw/claims.csv"}) {
    EXPECT_THAT(dev->put(path, "x").error().text(), HasSubstr("without --env")) << path;
    EXPECT_FALSE(dev->put_if_absent(std::string(path) + "x", "x")) << path;
    EXPECT_FALSE(dev->create(path)) << path;
    EXPECT_FALSE(dev->remove(path)) << path;
  }
  EXPECT_EQ(*main.read("gold/t/a"), "main");
}

TEST(EnvironmentPlaces, lead_to_where_everybody_finds_them) {
  const std::string root = "file:/data/lake/environments/dev";
  const auto place = [&](const std::string& path) {
    const auto [found, below] = real_place(root, path);
    return found + " " + below;
  };

  EXPECT_EQ(place("gold/t/a"), root + " gold/t/a");
  EXPECT_EQ(place("gold__main/t/a"), "file:/data/lake gold/t/a");
  EXPECT_EQ(place(path_of_main("gold/t/a")), "file:/data/lake gold/t/a");
  EXPECT_EQ(root_of_main("s3://bucket/environments/dev"), "s3://bucket");
  EXPECT_EQ(root_of_main("file:/data/lake"), std::nullopt);
  EXPECT_EQ(root_of_main("file:/data/environments"), std::nullopt);
  EXPECT_EQ(root_of_main("file:/data/my_environments/dev"), std::nullopt);
}

}  // namespace
}  // namespace claimlake::store
