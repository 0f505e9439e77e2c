#include "serve/row_texts.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "serve/answer.h"
#include "serve/lake_for_test.h"
#include "serve/session_pool.h"

namespace claimlake::serve {
namespace {

using testing::Pair;
using testing::UnorderedElementsAre;

RowTexts::Make gives(const std::string& text) {
  return [text] { return RowTexts::Texts{{"key", text}}; };
}
Result<RowTexts::Texts> fails() { return Error{Fault::kUnavailable, "no memory"}; }

TEST(RowTexts, are_made_once_for_each_versions_and_replace_those_before) {
  RowTexts texts;
  const auto first = texts.of("kind", "v1", gives("one"));

  EXPECT_EQ(texts.of("kind", "v1", gives("another")), first);
  EXPECT_EQ(texts.of("kind", "v1", nullptr), first);
  EXPECT_EQ(texts.of("kind", "v2", nullptr), nullptr);
  EXPECT_EQ(texts.of("kind", "v2", gives("two"))->at("key"), "two");
  EXPECT_EQ(texts.of("kind", "v1", nullptr), nullptr);
  EXPECT_EQ(first->at("key"), "one");
}

TEST(RowTexts, who_asks_while_they_are_made_waits_for_them) {
  RowTexts texts;
  std::future<std::shared_ptr<const RowTexts::Texts>> asked;

  const auto made = texts.of("kind", "v1", [&]() -> Result<RowTexts::Texts> {
    asked =
        std::async(std::launch::async, [&] { return texts.of("kind", "v1", gives("another")); });
    return RowTexts::Texts{{"key", "one"}};
  });

  EXPECT_EQ(made->at("key"), "one");
  EXPECT_EQ(asked.get(), made);
}

TEST(RowTexts, that_nobody_makes_are_not_waited_for) {
  RowTexts texts;

  EXPECT_EQ(texts.of("kind", "v1", nullptr), nullptr);
}

TEST(RowTexts, are_tried_again_when_the_first_attempt_failed) {
  RowTexts texts;
  EXPECT_EQ(texts.of("kind", "v1", fails), nullptr);
  EXPECT_EQ(texts.of("kind", "v1", nullptr), nullptr);

  EXPECT_EQ(texts.of("kind", "v1", gives("one"))->at("key"), "one");
}

TEST(RowTexts, that_cannot_be_made_are_not_tried_for_ever_for_the_same_versions) {
  RowTexts texts;
  for (int i = 0; i < RowTexts::kAttemptsMax; ++i) {
    EXPECT_EQ(texts.of("kind", "v1", fails), nullptr);
  }

  EXPECT_EQ(texts.of("kind", "v1", gives("one")), nullptr);
  EXPECT_NE(texts.of("kind", "v2", gives("two")), nullptr);
}

constexpr const char* kKinds[] = {
    "customers",          "claims",        "risk_scores",       "recommendations", "providers",
    "customer.customer",  "customer.pets", "customer.policies", "customer.claims", "customer.risk",
    "customer.cross_sell"};

class RowTextsOfALake : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    lake_ = std::make_unique<LakeForTest>();
    lake_->fill();
  }
  static void TearDownTestSuite() { lake_.reset(); }

  // The answer of the call to `target`, a path of the contract, from texts or from the tables.
  static std::string read(const std::string& target, RowTexts& texts, bool from_tables = false) {
    const ServeContext context = lake_->context();
    std::ifstream file(CLAIMLAKE_SOURCE_FOLDER "/api/openapi.json");
    const auto contract = *Contract::read(std::string(std::istreambuf_iterator(file), {}));
    net::Request request;
    EXPECT_TRUE(net::parse_target(target, request));
    const Operation& operation = *contract.find(request.segments);
    const auto parameters = std::get<Parameters>(Contract::parameters(operation, request));
    std::vector<Answer> answers = customer_answers();
    for (Answer& answer : insight_answers()) answers.push_back(std::move(answer));
    for (const Answer& answer : answers) {
      if (answer.operation != operation.id) continue;
      Pinner pinner(context.lake, context.clock);
      const Pins pins = *pinner.newest(answer.tables(context, pinner, parameters));
      if (from_tables) {
        for (const char* kind : kKinds) {
          for (int i = 0; i < RowTexts::kAttemptsMax; ++i) {
            texts.of(kind, pins.data_version(), fails);
          }
        }
      }
      PooledSession pooled(*context.engine.session({.access = engine::Access::kInternal}));
      const Relations from(pins, context.pack, pooled.mirror, Mirror::Copies::kMade);
      const auto members = answer.read(
          {context, operation, parameters, std::nullopt, pins, *pooled.session, from, texts});
      EXPECT_TRUE(members) << members.error().text();
      return members->value_or("");
    }
    ADD_FAILURE() << "nobody answers " << target;
    return "";
  }

  static inline std::unique_ptr<LakeForTest> lake_;
};

TEST_F(RowTextsOfALake, answers_are_the_same_bytes_from_texts_and_from_the_tables) {
  RowTexts texts;
  std::vector<std::string> targets = {"/api/insights/customers?sort=full_name&offset=300&limit=200",
                                      "/api/insights/customers?tier=Gold&search=a&total=true",
                                      "/api/insights/claims?sort=-paid_amount&limit=500",
                                      "/api/insights/claims?status=Denied&sort=processing_days",
                                      "/api/insights/risks?limit=300",
                                      "/api/insights/cross-sell?tier=Platinum&limit=300",
                                      "/api/insights/providers?sort=-severity_z_score",
                                      "/api/insights/customers/nobody"};
  for (const auto& row : lake_
                             ->sql("SELECT customer_id FROM gold.customer_360_view ORDER BY "
                                   "total_claims DESC, customer_id LIMIT 20")
                             .rows) {
    targets.push_back("/api/insights/customers/" + *row[0]);
  }

  for (const std::string& target : targets) {
    RowTexts none;
    EXPECT_EQ(read(target, texts), read(target, none, true)) << target;
  }
}

TEST_F(RowTextsOfALake, rows_are_kept_by_key_in_their_order_up_to_so_many) {
  const auto session = *lake_->context().engine.session({});

  const auto texts = read_texts(*session,
                                "SELECT i % 2 AS _key, i AS n, 'x' AS _hidden FROM range(7) r(i) "
                                "ORDER BY i DESC",
                                3);

  ASSERT_TRUE(texts);
  EXPECT_THAT(*texts, UnorderedElementsAre(Pair("0", R"({"n":6},{"n":4},{"n":2})"),
                                           Pair("1", R"({"n":5},{"n":3},{"n":1})")));
}

TEST_F(RowTextsOfALake, more_than_may_be_kept_is_an_error) {
  const auto session = *lake_->context().engine.session({});

  const auto texts =
      read_texts(*session, "SELECT i AS _key, repeat('x', 1000) AS text FROM range(20000) r(i)", 1);

  ASSERT_FALSE(texts);
  EXPECT_EQ(texts.error().fault, Fault::kUnavailable);
}

}  // namespace
}  // namespace claimlake::serve
