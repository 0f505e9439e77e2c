// An environment of a lake in a service, from its beginning to its end. What it shares with main is
// named there by whole addresses, s3://... and az://..., and an object store has no folders.
#include <gmock/gmock.h>

#include "app/environments.h"
#include "refresh/environment.h"
#include "refresh/pack_for_test.h"
#include "servers.h"
#include "store/environment.h"

namespace claimlake::store {
namespace {

using refresh::PipelineProcess;
using testing::HasSubstr;
using testing::IsEmpty;

struct Service {
  const char* name;
  std::shared_ptr<Store> (*open)();  // null: it is not there
};
std::ostream& operator<<(std::ostream& out, const Service& service) { return out << service.name; }

std::shared_ptr<Store> open_s3() {
  const std::string at = servers().s3;
  return at.empty() ? nullptr : open_at(fresh_s3_url(), s3_access(at));
}
std::shared_ptr<Store> open_azure() {
  const std::string at = servers().azure;
  if (at.empty()) return nullptr;
  const Access access = azure_access(at);
  return open_at(fresh_azure_url(access), access);
}

class EnvironmentInService : public testing::TestWithParam<Service> {
 protected:
  void SetUp() override {
    main_ = GetParam().open();
    if (main_ == nullptr) GTEST_SKIP() << "there is no server";
    clock_.advance(SystemClock().now() - clock_.now());
    arrives("claims_1.jsonl", R"({"id":"a","policy":"p","amount":1})"
                              "\n"
                              R"({"id":"b","policy":"q","amount":4})"
                              "\n");
    build(*main_);
  }
  void arrives(const std::string& name, const std::string& text) {
    ASSERT_TRUE(main_->put("raw/" + name, text));
  }
  void build(Store& store) {
    PipelineProcess process(files_, store, clock_, random_);
    process.ingest();
    for (const auto& [table, report] : process.run()) EXPECT_EQ(report.message, "") << table;
  }
  std::unique_ptr<Store> make(const std::string& name) {
    app::Environment dev{.name = name, .complete = false, .created_at = clock_.now()};
    EXPECT_TRUE(app::claim_environment(*main_, dev));
    auto inside = make_environment_store(*main_, name);
    const auto engine = *engine::open_engine({.threads = 1, .random = &random_}, *inside, clock_);
    lake::Lake lake({*inside, clock_, random_, engine->parquet_io(), "tester"});
    engine->attach(lake);
    const auto session = *engine->session({.access = engine::Access::kInternal});
    const auto made = refresh::clone_main(lake, *session, "run");
    EXPECT_TRUE(made) << made.error().text();
    dev.complete = true;
    EXPECT_TRUE(app::write_environment(*main_, dev));
    return inside;
  }
  std::string policies(Store& store) {
    return PipelineProcess(files_, store, clock_, random_).policies();
  }
  // Names of all objects that are not of an environment, with their sizes.
  std::vector<std::string> objects_of_main() {
    std::vector<std::string> out;
    const auto all = main_->list_all("");
    EXPECT_TRUE(all) << all.error().text();
    for (const ObjectInfo& object : *all) {
      if (object.path.starts_with("environments/")) continue;
      out.push_back(object.path + " " + std::to_string(object.size));
    }
    return out;
  }
  std::vector<std::string> objects_of_environments() {
    std::vector<std::string> out;
    const auto all = main_->list_all("environments");
    EXPECT_TRUE(all) << all.error().text();
    for (const ObjectInfo& object : *all) out.push_back(object.path);
    return out;
  }

  refresh::PackFiles files_;
  std::shared_ptr<Store> main_;
  SimClock clock_;
  SystemRandom random_;
};

TEST_P(EnvironmentInService, reads_changes_and_refreshes_on_its_own_and_leaves_nothing) {
  const auto before = objects_of_main();
  const auto dev = make("dev");
  EXPECT_TRUE(app::read_environment(*main_, "dev"));
  for (const std::string& path : objects_of_environments()) {
    EXPECT_FALSE(path.ends_with(".parquet") && path.find("/part-") != std::string::npos) << path;
  }
  EXPECT_EQ(policies(*dev), "p 1 q 4 ");  // out of main's files

  arrives("claims_2.jsonl", R"({"id":"c","policy":"q","amount":2})"
                            "\n");
  {
    PipelineProcess process(files_, *dev, clock_, random_);
    EXPECT_EQ(process.say("DELETE FROM bronze.claims WHERE id = 'a'"), "");
    EXPECT_EQ(process.say("UPDATE bronze.claims SET amount = 10 WHERE id = 'b'"), "");
    process.ingest();
    process.run();
    EXPECT_EQ(process.policies(), "q 12 ");
    EXPECT_EQ(process.rows("SELECT id, amount FROM bronze__main.claims ORDER BY ALL"), "a 1 b 4 ");
    EXPECT_THAT(process.say("DELETE FROM bronze__main.claims"), HasSubstr("main"));
    EXPECT_EQ(process.say("VACUUM bronze.claims"), "");
  }
  EXPECT_EQ(policies(*main_), "p 1 q 4 ");
  ASSERT_TRUE(main_->remove("raw/claims_2.jsonl"));
  EXPECT_EQ(objects_of_main(), before);

  const auto erased = app::erase_environment(*main_, "dev");
  ASSERT_TRUE(erased) << erased.error().text();
  EXPECT_GT(*erased, 0);
  EXPECT_THAT(objects_of_environments(), IsEmpty());
  EXPECT_EQ(app::read_environment(*main_, "dev").error().fault, Fault::kNotFound);
  EXPECT_THAT(*app::list_environments(*main_), IsEmpty());
  EXPECT_EQ(objects_of_main(), before);
  EXPECT_EQ(policies(*main_), "p 1 q 4 ");
}

TEST_P(EnvironmentInService, keeps_its_rows_when_main_changes_them_and_is_vacuumed) {
  const auto dev = make("dev");
  {
    PipelineProcess process(files_, *main_, clock_, random_);
    EXPECT_EQ(process.say("UPDATE bronze.claims SET amount = 7"), "");
    process.run();
    // Objects are as old as the service says: nothing is young enough to be kept for its age.
    clock_.advance(std::chrono::hours(24 * 30));
    for (const char* table : {"bronze.claims", "silver.claims", "gold.policies"}) {
      EXPECT_EQ(process.say(std::string("VACUUM ") + table), "");
    }
    EXPECT_EQ(process.policies(), "p 7 q 7 ");
  }

  EXPECT_EQ(policies(*dev), "p 1 q 4 ");
  PipelineProcess process(files_, *main_, clock_, random_);
  EXPECT_THAT(process.say("DROP TABLE bronze.claims"), HasSubstr("dev"));

  ASSERT_TRUE(app::erase_environment(*main_, "dev"));
  EXPECT_EQ(process.say("VACUUM gold.policies"), "");
  EXPECT_EQ(policies(*main_), "p 7 q 7 ");
}

INSTANTIATE_TEST_SUITE_P(Services, EnvironmentInService,
                         testing::Values(Service{"s3", open_s3}, Service{"azure", open_azure}),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace claimlake::store
