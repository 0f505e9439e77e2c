#include "net/http_metrics.h"

#include <fmt/format.h>

namespace claimlake::net {
namespace {

std::string seconds(std::int64_t micros) {
  return fmt::format("{}.{:06}", micros / 1'000'000, micros % 1'000'000);
}

void head(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  fmt::format_to(std::back_inserter(out), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

}  // namespace

std::string label_value(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else {
      if (c == '\\' || c == '"') out += '\\';
      out += c;
    }
  }
  return out;
}

void HttpMetrics::count(std::string_view route, std::string_view method, int status,
                        std::chrono::microseconds time) {
  counts_.with([&](Counts& counts) {
    ++counts.requests[{std::string(route), std::string(method), status}];
    Latency& latency = counts.latencies[std::string(route)];
    ++latency.count;
    latency.sum_us += time.count();
    for (std::size_t i = 0; i < kBuckets.size(); ++i) {
      if (time.count() <= kBuckets[i]) {
        ++latency.buckets[i];
        break;
      }
    }
  });
}

void HttpMetrics::count_refused(std::string_view reason) {
  counts_.with([&](Counts& counts) { ++counts.refused[std::string(reason)]; });
}

void HttpMetrics::set_connections(std::int64_t open) {
  counts_.with([&](Counts& counts) { counts.connections = open; });
}

std::string HttpMetrics::text() const {
  const Counts counts = counts_.with([](const Counts& now) { return now; });
  std::string out;
  const auto to = std::back_inserter(out);
  head(out, "claimlake_http_connections", "gauge", "Open client connections.");
  fmt::format_to(to, "claimlake_http_connections {}\n", counts.connections);
  head(out, "claimlake_http_refused_total", "counter",
       "Connections and requests turned away before a handler saw them.");
  for (const auto& [reason, count] : counts.refused) {
    fmt::format_to(to, "claimlake_http_refused_total{{reason=\"{}\"}} {}\n", label_value(reason),
                   count);
  }
  head(out, "claimlake_http_requests_total", "counter", "Requests answered.");
  for (const auto& [labels, count] : counts.requests) {
    const auto& [route, method, status] = labels;
    fmt::format_to(to,
                   "claimlake_http_requests_total{{route=\"{}\",method=\"{}\",status=\"{}\"}} {}\n",
                   label_value(route), label_value(method), status, count);
  }
  const std::string_view name = "claimlake_http_request_duration_seconds";
  head(out, name, "histogram", "Time from the whole request to its answer.");
  for (const auto& [route, latency] : counts.latencies) {
    const std::string label = label_value(route);
    std::int64_t below = 0;
    for (std::size_t i = 0; i < kBuckets.size(); ++i) {
      below += latency.buckets[i];
      fmt::format_to(to, "{}_bucket{{route=\"{}\",le=\"{}\"}} {}\n", name, label,
                     seconds(kBuckets[i]), below);
    }
    fmt::format_to(to, "{}_bucket{{route=\"{}\",le=\"+Inf\"}} {}\n", name, label, latency.count);
    fmt::format_to(to, "{}_sum{{route=\"{}\"}} {}\n", name, label, seconds(latency.sum_us));
    fmt::format_to(to, "{}_count{{route=\"{}\"}} {}\n", name, label, latency.count);
  }
  return out;
}

}  // namespace claimlake::net
