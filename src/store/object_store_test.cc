// An object store against a service that answers as each test decides. Real servers: tests/stores/.
#include "store/object_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <latch>
#include <map>

#include "store/imposter_for_test.h"
#include "store/open_store.h"

namespace claimlake::store {
namespace {

using testing::HasSubstr;
using testing::Not;
using What = Imposter::Reply::What;

constexpr const char* kSecret = "a-secret-that-nobody-may-see";

// A store at the imposter, and the pauses between its attempts, which are not waited for.
struct Fixture {
  explicit Fixture(Imposter::Plan plan, std::map<std::string, std::string> settings = {})
      : imposter(std::move(plan)) {
    const std::map<std::string, std::string> variables = {{"AWS_ACCESS_KEY_ID", "id"},
                                                          {"AWS_SECRET_ACCESS_KEY", kSecret}};
    StoreSettings all([variables](std::string_view name) -> std::optional<std::string> {
      const auto found = variables.find(std::string(name));
      return found == variables.end() ? std::nullopt : std::optional(found->second);
    });
    settings.emplace("s3_endpoint", imposter.url());
    for (const auto& [key, value] : settings) EXPECT_TRUE(all.set(key, value));
    auto opened = open_store("s3://bucket/lake", {.clock = clock,
                                                  .random = random,
                                                  .settings = all,
                                                  .wait = [this](std::chrono::milliseconds pause) {
                                                    pauses.push_back(pause);
                                                    clock.advance(pause);
                                                    return true;
                                                  }});
    EXPECT_TRUE(opened) << opened.error().text();
    store = std::move(*opened);
  }

  SimClock clock{Timestamp(std::chrono::sys_days(std::chrono::year(2026) / 1 / 9))};
  SeededRandom random{7};
  std::vector<std::chrono::milliseconds> pauses;
  Imposter imposter;
  std::unique_ptr<Store> store;
};

Imposter::Reply say(int status, std::string body = "", std::string headers = "") {
  return {What::kAnswer, status, std::move(headers), std::move(body)};
}
Imposter::Reply fail(int status, const std::string& code, std::string headers = "") {
  return say(status,
             "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code><Message>no</Message></Error>",
             std::move(headers));
}
bool is_probe(const Imposter::Request& request) {
  return request.target.find("/.tmp/probe-") != std::string::npos;
}
// What a service answers that puts only if absent.
Imposter::Reply answer_probe(const Imposter::Request& request) {
  if (request.method == "DELETE") return say(204);
  return request.body == "probe" ? say(200) : fail(412, "PreconditionFailed");
}

// Plays the replies one after the other, the last one again and again; probes go well.
Imposter::Plan script(std::vector<Imposter::Reply> replies) {
  return [replies,
          next = std::make_shared<std::atomic<std::size_t>>(0)](const Imposter::Request& request) {
    if (is_probe(request)) return answer_probe(request);
    return replies[std::min((*next)++, replies.size() - 1)];
  };
}

TEST(ObjectStore, tries_again_when_the_service_is_busy_with_growing_pauses_of_chance) {
  Fixture fixture(script({fail(503, "SlowDown"), fail(500, "InternalError"),
                          fail(429, "TooManyRequests"), say(200, "bytes")}));

  EXPECT_EQ(*fixture.store->read("x"), "bytes");

  ASSERT_EQ(fixture.pauses.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_GE(fixture.pauses[i].count(), 25 << i);
    EXPECT_LE(fixture.pauses[i].count(), 50 << i);
  }
}

TEST(ObjectStore, waits_as_long_as_the_service_asks) {
  Fixture fixture(script({fail(503, "SlowDown", "Retry-After: 7\r\n"), say(200, "bytes")}));

  EXPECT_EQ(*fixture.store->read("x"), "bytes");

  EXPECT_EQ(fixture.pauses.at(0), std::chrono::seconds(7));
}

TEST(ObjectStore, gives_up_when_its_time_is_spent_and_says_how_often_it_tried) {
  Fixture fixture(script({fail(503, "SlowDown")}), {{"store_retry_seconds", "10"}});

  const auto read = fixture.store->read("x");

  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().fault, Fault::kUnavailable);
  EXPECT_THAT(read.error().message, HasSubstr("cannot read 's3://bucket/lake/x'"));
  EXPECT_THAT(read.error().message, HasSubstr("503 SlowDown"));
  EXPECT_THAT(read.error().message,
              HasSubstr("tried " + std::to_string(fixture.imposter.requests()) + " times"));
  std::chrono::milliseconds waited{0};
  for (const auto pause : fixture.pauses) waited += pause;
  EXPECT_LE(waited, std::chrono::seconds(10));
  EXPECT_GT(waited, std::chrono::seconds(4));
}

TEST(ObjectStore, says_ambiguous_when_what_is_there_may_be_its_own) {
  // Each of these leaves open whether the first request was carried out.
  for (const Imposter::Reply& unclear :
       {fail(500, "InternalError"), fail(503, "ServiceUnavailable"),
        Imposter::Reply{What::kLoseRequest}}) {
    Fixture fixture(script({unclear, fail(412, "PreconditionFailed")}));

    const auto put = fixture.store->put_if_absent("x", "mine");

    ASSERT_TRUE(put) << put.error().text();
    EXPECT_EQ(*put, Put::kAmbiguous);
  }
}

TEST(ObjectStore, says_ambiguous_when_no_answer_ever_comes) {
  Fixture fixture(script({Imposter::Reply{What::kLoseRequest}}), {{"store_retry_seconds", "2"}});

  EXPECT_EQ(*fixture.store->put_if_absent("x", "mine"), Put::kAmbiguous);
  const Done put = fixture.store->put("x", "mine");
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().fault, Fault::kTimeout);
  EXPECT_THAT(put.error().message, HasSubstr("may have happened"));
}

TEST(ObjectStore, says_done_or_exists_when_that_is_certain) {
  Fixture busy(script({fail(409, "ConditionalRequestConflict"), say(200)}));
  Fixture throttled(script({fail(429, "SlowDown"), fail(412, "PreconditionFailed")}));
  Fixture failed_first(script({fail(500, "InternalError"), say(200)}));

  EXPECT_EQ(*busy.store->put_if_absent("x", "1"), Put::kDone);
  EXPECT_EQ(*throttled.store->put_if_absent("x", "1"), Put::kExists);
  EXPECT_EQ(*failed_first.store->put_if_absent("x", "1"), Put::kDone);
}

TEST(ObjectStore, is_an_error_and_not_ambiguous_when_nobody_saw_the_request) {
  Fixture fixture(script({say(200)}), {{"s3_endpoint", "http://127.0.0.1:1"}});

  const auto put = fixture.store->put_if_absent("x", "1");

  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().fault, Fault::kUnavailable);
  EXPECT_THAT(put.error().message, Not(HasSubstr("may have happened")));
}

TEST(ObjectStore, refuses_to_write_to_a_service_that_ignores_the_condition_but_reads) {
  int removed = 0;
  Fixture fixture([&](const Imposter::Request& request) {
    if (request.method == "DELETE") ++removed;
    return request.method == "GET" ? say(200, "bytes") : say(200);
  });

  for (const Done& written : {fixture.store->put("x", "1"), fixture.store->put("x", "1")}) {
    ASSERT_FALSE(written);
    EXPECT_THAT(written.error().message, HasSubstr("ignores If-None-Match"));
  }
  EXPECT_FALSE(fixture.store->put_if_absent("x", "1"));
  EXPECT_FALSE(fixture.store->create("x"));
  EXPECT_EQ(*fixture.store->read("x"), "bytes");
  EXPECT_EQ(removed, 1);
}

// The second probe fails and then finds the name taken: perhaps by itself, which proves nothing.
TEST(ObjectStore, does_not_take_a_lost_answer_for_proof_that_the_service_keeps_writers_apart) {
  int seconds = 0;
  Fixture fixture([&](const Imposter::Request& request) {
    if (!is_probe(request) || request.body != "probe again") {
      return is_probe(request) ? answer_probe(request) : say(200);
    }
    ++seconds;
    if (seconds == 1) return fail(500, "InternalError");
    return seconds == 2 ? fail(412, "PreconditionFailed") : say(200);
  });

  const Done first = fixture.store->put("x", "1");
  const Done second = fixture.store->put("x", "1");

  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().fault, Fault::kUnavailable);
  EXPECT_THAT(first.error().message, HasSubstr("could not be learnt"));
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr("ignores If-None-Match"));
}

TEST(ObjectStore, asks_for_the_rest_when_the_connection_breaks_in_the_middle) {
  const std::string whole = "0123456789abcdef";
  Fixture fixture([&](const Imposter::Request& request) {
    const std::size_t at = request.head.find("Range: bytes=");
    const std::size_t first =
        at == std::string::npos ? 0 : std::stoul(request.head.substr(at + 13));
    Imposter::Reply reply = say(first == 0 ? 200 : 206, whole.substr(first), "ETag: \"e\"\r\n");
    if (first > 0) {
      EXPECT_THAT(request.head, HasSubstr("If-Match: \"e\""));
      reply.headers += "Content-Range: bytes " + std::to_string(first) + "-15/16\r\n";
    }
    if (first < 14) reply.what = What::kAnswerCut;
    return reply;
  });

  const auto read = fixture.store->read("x");

  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(*read, whole);
  EXPECT_EQ(fixture.imposter.requests(), 4);  // from 0, 8, 12 and 14 on
}

TEST(ObjectStore, ends_a_request_under_way_when_it_is_cancelled) {
  const Cancel cancel;
  std::latch ended(1);
  Imposter imposter([&](const Imposter::Request&) {
    cancel.cancel();
    ended.wait();  // no answer before the store has given up
    return say(200, "too late");
  });
  const SystemClock clock;
  SeededRandom random(1);
  StoreSettings settings([](std::string_view) { return std::optional<std::string>("x"); });
  ASSERT_TRUE(settings.set("s3_endpoint", imposter.url()));
  const auto store = open_store(
      "s3://bucket", {.clock = clock, .random = random, .settings = settings, .cancel = cancel});
  ASSERT_TRUE(store) << store.error().text();

  const auto read = (*store)->read("x");
  ended.count_down();

  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().fault, Fault::kCancelled);
  // Nothing is begun any more either.
  EXPECT_EQ((*store)->head("x").error().fault, Fault::kCancelled);
  EXPECT_EQ(imposter.requests(), 1);
}

struct Refusal {
  int status;
  const char* code;
  const char* headers;
  const char* message;  // what a person reads of it
};

TEST(ObjectStore, says_which_credentials_bucket_or_clock_is_wrong_and_never_a_secret) {
  for (const Refusal& refusal : {
           Refusal{403, "InvalidAccessKeyId", "", "access key id is not known"},
           Refusal{403, "SignatureDoesNotMatch", "", "secret access key is wrong"},
           Refusal{400, "ExpiredToken", "", "have expired"},
           Refusal{403, "AccessDenied", "", "no permission"},
           Refusal{404, "NoSuchBucket", "", "the bucket does not exist"},
           Refusal{403, "RequestTimeTooSkewed", "Date: Fri, 09 Jan 2026 01:00:00 GMT\r\n",
                   "clock is 60 minutes behind the service's"},
           Refusal{301, "PermanentRedirect", "x-amz-bucket-region: eu-central-1\r\n",
                   "the bucket is in the region eu-central-1, not in us-east-1"},
       }) {
    Fixture fixture(script({fail(refusal.status, refusal.code, refusal.headers)}));

    const auto read = fixture.store->read("x");

    ASSERT_FALSE(read) << refusal.code;
    EXPECT_EQ(read.error().fault, Fault::kUnavailable) << refusal.code;
    EXPECT_THAT(read.error().text(), HasSubstr(refusal.message));
    EXPECT_THAT(read.error().text(), Not(HasSubstr(kSecret)));
    EXPECT_FALSE(read.error().next.empty()) << refusal.code;
  }
}

TEST(ObjectStore, reads_again_when_the_digest_does_not_agree) {
  Fixture fixture(
      script({say(200, "damaged",
                  "x-amz-checksum-sha256: LCa0a2j/xo/5m0U8HTBBNBNCLXBkg7+g+YpeiGJm564=\r\n"),
              say(200, "foo",
                  "x-amz-checksum-sha256: LCa0a2j/xo/5m0U8HTBBNBNCLXBkg7+g+YpeiGJm564=\r\n")}));

  EXPECT_EQ(*fixture.store->read("x"), "foo");
}

TEST(ObjectStore, a_finished_upload_whose_answer_was_lost_is_known_by_its_mark) {
  std::string mark;
  int finishes = 0;
  Fixture fixture([&](const Imposter::Request& request) {
    if (is_probe(request)) return answer_probe(request);
    if (request.target.ends_with("?uploads=")) {
      const std::size_t at = request.head.find("x-amz-meta-claimlake-upload: ") + 29;
      mark = request.head.substr(at, 36);
      return say(200,
                 "<InitiateMultipartUploadResult><UploadId>u1</UploadId>"
                 "</InitiateMultipartUploadResult>");
    }
    if (request.method == "HEAD")
      return say(200, "", "x-amz-meta-claimlake-upload: " + mark + "\r\n");
    if (request.method == "POST")
      return finishes++ == 0 ? Imposter::Reply{What::kLoseRequest} : fail(404, "NoSuchUpload");
    return say(200, "", "ETag: \"part\"\r\n");
  });
  auto writer = fixture.store->create("x");
  ASSERT_TRUE(writer);
  ASSERT_TRUE((*writer)->append(std::string(20 << 20, 'x')));

  const Done finished = (*writer)->finish();

  EXPECT_TRUE(finished) << finished.error().text();
  EXPECT_EQ(finishes, 2);
}

TEST(ObjectStore, an_upload_that_ends_in_an_error_after_all_is_one) {
  Fixture fixture([&](const Imposter::Request& request) {
    if (is_probe(request)) return answer_probe(request);
    if (request.target.ends_with("?uploads="))
      return say(200,
                 "<InitiateMultipartUploadResult><UploadId>u1</UploadId>"
                 "</InitiateMultipartUploadResult>");
    // It says 200 before it knows, and the error in the body.
    if (request.method == "POST") return fail(200, "QuotaExceeded");
    return say(200, "", "ETag: \"part\"\r\n");
  });
  auto writer = fixture.store->create("x");
  ASSERT_TRUE((*writer)->append(std::string(9 << 20, 'x')));

  const Done finished = (*writer)->finish();

  ASSERT_FALSE(finished);
  EXPECT_THAT(finished.error().message, HasSubstr("quota"));
}

}  // namespace
}  // namespace claimlake::store
