// How many requests and how much time it takes over a link of 50 ms and 200 Mbit/s, in front of a
// real S3 server.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "servers.h"
#include "store/imposter_for_test.h"

namespace claimlake::store {
namespace {

using namespace std::chrono_literals;
using Seconds = std::chrono::duration<double>;

constexpr Imposter::Link kLink = {.round_trip = 50ms, .bytes_per_second = 200'000'000 / 8};

class SlowLink : public testing::Test {
 protected:
  void SetUp() override {
    const std::string at = servers().s3;
    if (at.empty()) GTEST_SKIP() << "there is no S3 server";
    const auto port = static_cast<std::uint16_t>(std::stoi(at.substr(at.rfind(':') + 1)));
    way_ = std::make_unique<Imposter>([](const Imposter::Request&) { return Imposter::Reply{}; },
                                      port, kLink);
    url_ = fresh_s3_url();
    near_ = open_at(url_, s3_access(at));
    far_ = open_at(url_, s3_access(way_->url()));
  }
  // Of what `action` asks over the link.
  template <class Action>
  int requests(const Action& action) {
    const int before = way_->requests();
    action();
    return way_->requests() - before;
  }

  std::unique_ptr<Imposter> way_;
  std::string url_;
  std::shared_ptr<Store> near_;
  std::shared_ptr<Store> far_;
};

TEST_F(SlowLink, a_scan_of_a_large_object_uses_four_fifths_of_it) {
  constexpr std::int64_t kBytes = 48 << 20;
  constexpr std::int64_t kPiece = 12 << 20;  // a row group
  ASSERT_TRUE(near_->put("data", std::string(kBytes, 'x')));
  const auto reader = far_->open("data");
  ASSERT_TRUE(reader) << reader.error().text();
  std::string piece(kPiece, ' ');
  // The connections are made once.
  ASSERT_TRUE((*reader)->read(0, piece));

  const SystemClock clock;
  double best = 0;
  // A busy machine may spoil one or two.
  for (int attempt = 0; attempt < 3 && best < 0.8; ++attempt) {
    const auto start = clock.steady_now();
    for (std::int64_t at = 0; at < kBytes; at += kPiece) {
      ASSERT_TRUE((*reader)->read(at, piece));
    }
    const double seconds = Seconds(clock.steady_now() - start).count();
    best = std::max(
        best, static_cast<double>(kBytes) / static_cast<double>(kLink.bytes_per_second) / seconds);
  }

  fmt::print("scan: {:.0f} % of the link\n", best * 100);
  EXPECT_GE(best, 0.8);
}

TEST_F(SlowLink, what_belongs_together_comes_with_one_request) {
  ASSERT_TRUE(near_->put("small", std::string(50'000, 'x')));
  ASSERT_TRUE(near_->put("large", std::string(5'000'000, 'x')));

  // A small file, opened and read in pieces.
  EXPECT_EQ(requests([&] {
              const auto reader = far_->open("small");
              std::string piece(1000, ' ');
              for (int at = 0; at < 50'000; at += 1000) EXPECT_TRUE((*reader)->read(at, piece));
            }),
            1);
  // The size of a Parquet file, the length of its footer, and the footer.
  EXPECT_EQ(requests([&] {
              const auto reader = far_->open("large");
              std::string tail(8, ' ');
              EXPECT_TRUE((*reader)->read((*reader)->size() - 8, tail));
              std::string footer(40'000, ' ');
              EXPECT_TRUE((*reader)->read((*reader)->size() - 40'008, footer));
            }),
            1);
  // Small reads one behind the other.
  EXPECT_EQ(requests([&] {
              const auto reader = far_->open("large");
              std::string piece(10'000, ' ');
              for (int at = 0; at < 200'000; at += 10'000) {
                EXPECT_TRUE((*reader)->read(at, piece));
              }
            }),
            2);
}

TEST_F(SlowLink, a_put_is_one_request_after_the_first_that_makes_sure) {
  // Two puts of the probe, and its removal.
  EXPECT_EQ(requests([&] { EXPECT_EQ(*far_->put_if_absent("log/0", "x"), Put::kDone); }), 4);
  EXPECT_EQ(requests([&] { EXPECT_EQ(*far_->put_if_absent("log/1", "x"), Put::kDone); }), 1);
  EXPECT_EQ(requests([&] { EXPECT_EQ(*far_->put_if_absent("log/1", "x"), Put::kExists); }), 1);
  EXPECT_EQ(requests([&] { EXPECT_TRUE(far_->list("log", "1")); }), 1);
  EXPECT_EQ(requests([&] { EXPECT_TRUE(far_->read("log/1")); }), 1);
}

}  // namespace
}  // namespace claimlake::store
