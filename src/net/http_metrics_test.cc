#include "net/http_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace claimlake::net {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

TEST(HttpMetrics, counts_requests_and_latencies) {
  HttpMetrics metrics;
  metrics.count("/a", "GET", 200, 700us);
  metrics.count("/a", "GET", 200, 3ms);
  metrics.count("/a", "GET", 404, 60s);
  metrics.count_refused("malformed");
  metrics.set_connections(3);

  const std::string text = metrics.text();

  EXPECT_THAT(text, HasSubstr("claimlake_http_connections 3\n"));
  EXPECT_THAT(text, HasSubstr("claimlake_http_refused_total{reason=\"malformed\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("requests_total{route=\"/a\",method=\"GET\",status=\"200\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{route=\"/a\",le=\"0.000500\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{route=\"/a\",le=\"0.001000\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{route=\"/a\",le=\"0.005000\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{route=\"/a\",le=\"30.000000\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{route=\"/a\",le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("_sum{route=\"/a\"} 60.003700\n"));
  EXPECT_THAT(text, HasSubstr("_count{route=\"/a\"} 3\n"));
}

TEST(LabelValue, escapes_what_would_end_the_label) {
  EXPECT_EQ(label_value("a\"b\\c\n"), "a\\\"b\\\\c\\n");
}

}  // namespace
}  // namespace claimlake::net
