// Many writers of one name, and faults of the way between, at real servers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>

#include "servers.h"
#include "store/imposter_for_test.h"

namespace claimlake::store {
namespace {

using testing::HasSubstr;
using What = Imposter::Reply::What;

// A real server and a way to open a fresh place in it, also through another port.
struct Server {
  std::string name;
  std::uint16_t port = 0;
  std::function<std::shared_ptr<Store>(const std::string& url, std::uint16_t port)> open;
  std::function<std::string()> fresh_url;
};
std::ostream& operator<<(std::ostream& out, const Server& server) { return out << server.name; }

std::uint16_t port_of(const std::string& url) {
  return static_cast<std::uint16_t>(std::stoi(url.substr(url.find(':', 8) + 1)));
}

std::string with_port(std::string url, std::uint16_t port) {
  const std::size_t colon = url.find(':', 8);
  const std::size_t end = std::min(url.find('/', colon), url.size());
  return url.replace(colon + 1, end - colon - 1, std::to_string(port));
}

std::vector<Server> all_servers() {
  std::vector<Server> all;
  const Servers at = servers();
  if (!at.s3.empty()) {
    all.push_back({"s3", port_of(at.s3),
                   [at](const std::string& url, std::uint16_t port) {
                     return open_at(url, s3_access(with_port(at.s3, port)));
                   },
                   fresh_s3_url});
  }
  if (!at.azure.empty()) {
    all.push_back({"azure", port_of(at.azure),
                   [at](const std::string& url, std::uint16_t port) {
                     return open_at(url, azure_access(with_port(at.azure, port)));
                   },
                   [at] { return fresh_azure_url(azure_access(at.azure)); }});
  }
  return all;
}

class RealServer : public testing::TestWithParam<Server> {
 protected:
  std::shared_ptr<Store> open(const std::string& url) const {
    return GetParam().open(url, GetParam().port);
  }
  std::shared_ptr<Store> open_through(const Imposter& way, const std::string& url) const {
    return GetParam().open(url, way.port());
  }
};

TEST_P(RealServer, of_fifty_writers_of_one_name_exactly_one_wins) {
  constexpr int kWriters = 50;
  constexpr int kRounds = 60;
  const auto store = open(GetParam().fresh_url());
  for (int round = 0; round < kRounds; ++round) {
    const std::string path = "_delta_log/" + std::to_string(round) + ".json";
    std::atomic<int> winners = 0;
    std::atomic<int> losers = 0;
    std::atomic<int> winner = -1;
    std::latch start(kWriters);
    std::vector<std::jthread> writers;
    for (int i = 0; i < kWriters; ++i) {
      writers.emplace_back([&, i] {
        start.arrive_and_wait();
        const auto put = store->put_if_absent(path, "writer " + std::to_string(i));
        ASSERT_TRUE(put) << put.error().text();
        if (*put == Put::kDone) {
          ++winners;
          winner = i;
        }
        if (*put == Put::kExists) ++losers;
      });
    }
    writers.clear();

    EXPECT_EQ(winners, 1) << round;
    EXPECT_EQ(losers, kWriters - 1) << round;
    EXPECT_EQ(*store->read(path), "writer " + std::to_string(winner)) << round;
  }
}

// Spoils the requests that put `path` only if absent, each in the way that `next` says.
Imposter::Plan spoil(const std::string& path, std::vector<Imposter::Reply> replies) {
  return [path, replies, next = std::make_shared<std::atomic<std::size_t>>(0)](
             const Imposter::Request& request) -> Imposter::Reply {
    if (request.method != "PUT" || request.target.find(path) == std::string::npos) return {};
    const std::size_t i = (*next)++;
    return i < replies.size() ? replies[i] : Imposter::Reply{};
  };
}

TEST_P(RealServer, an_answer_that_is_lost_is_ambiguous_and_the_object_is_there) {
  const std::string url = GetParam().fresh_url();
  const Imposter way(spoil("log/1", {{.what = What::kLoseAnswer}}), GetParam().port);
  const auto store = open_through(way, url);
  // The connection that this leaves alive is the one on which the answer is lost.
  ASSERT_TRUE(store->put("log/0", "0"));

  const auto put = store->put_if_absent("log/1", "mine");

  ASSERT_TRUE(put) << put.error().text();
  EXPECT_EQ(*put, Put::kAmbiguous);
  EXPECT_EQ(*open(url)->read("log/1"), "mine");
}

TEST_P(RealServer, a_request_that_is_lost_is_sent_again) {
  const std::string url = GetParam().fresh_url();
  const Imposter way(spoil("log/1", {{.what = What::kLoseRequest}}), GetParam().port);
  const auto store = open_through(way, url);

  EXPECT_EQ(*store->put_if_absent("log/1", "mine"), Put::kDone);

  EXPECT_EQ(*open(url)->read("log/1"), "mine");
}

TEST_P(RealServer, a_500_for_what_was_done_is_ambiguous) {
  const std::string url = GetParam().fresh_url();
  const Imposter way(spoil("log/1", {{.what = What::kReplace, .status = 500}}), GetParam().port);
  const auto store = open_through(way, url);

  EXPECT_EQ(*store->put_if_absent("log/1", "mine"), Put::kAmbiguous);

  EXPECT_EQ(*open(url)->read("log/1"), "mine");
}

TEST_P(RealServer, a_503_for_what_was_not_done_is_sent_again) {
  const std::string url = GetParam().fresh_url();
  const Imposter way(spoil("log/1", {{.what = What::kAnswer, .status = 503},
                                     {.what = What::kAnswer, .status = 503}}),
                     GetParam().port);
  const auto store = open_through(way, url);

  EXPECT_EQ(*store->put_if_absent("log/1", "mine"), Put::kDone);
}

TEST_P(RealServer, reads_come_whole_although_every_second_answer_is_cut) {
  const std::string url = GetParam().fresh_url();
  std::string bytes;
  for (int i = 0; bytes.size() < 12'000'000; ++i) bytes += std::to_string(i) + ";";
  ASSERT_TRUE(open(url)->put("big", bytes));
  const Imposter way(
      [](const Imposter::Request& request) {
        const bool cuts = request.method == "GET" && request.number % 2 == 0;
        return Imposter::Reply{.what = cuts ? What::kCut : What::kPass};
      },
      GetParam().port);
  const auto store = open_through(way, url);

  const auto whole = store->read("big");
  ASSERT_TRUE(whole) << whole.error().text();
  EXPECT_TRUE(*whole == bytes);

  const auto reader = store->open("big");
  ASSERT_TRUE(reader) << reader.error().text();
  for (const auto& [offset, size] :
       {std::pair{0, 11'000'000}, {5, 10}, {11'999'000, 1000}, {700'000, 300'000}}) {
    std::string part(static_cast<std::size_t>(size), ' ');
    const Done read = (*reader)->read(offset, part);
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_TRUE(part == bytes.substr(static_cast<std::size_t>(offset), part.size())) << offset;
  }
}

TEST_P(RealServer, lists_more_than_one_page) {
  const auto store = open(GetParam().fresh_url());
  std::atomic<int> next = 0;
  {
    std::vector<std::jthread> writers;
    for (int i = 0; i < 8; ++i) {
      writers.emplace_back([&] {
        for (int j = next++; j < 1100; j = next++) {
          EXPECT_TRUE(store->put("t/" + std::to_string(10'000 + j), "x"));
        }
      });
    }
  }

  const auto all = store->list("t");
  ASSERT_TRUE(all) << all.error().text();
  EXPECT_EQ(all->size(), 1100u);
  const auto some = store->list("t", "11098");
  ASSERT_TRUE(some);
  ASSERT_EQ(some->size(), 2u);
  EXPECT_EQ(some->front().path, "t/11098");
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RealServer);
INSTANTIATE_TEST_SUITE_P(Stores, RealServer, testing::ValuesIn(all_servers()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace claimlake::store
