#include "serve/service_answers.h"

#include <fmt/format.h>

namespace claimlake::serve {
namespace {

net::Response json_response(int status, std::string body) {
  net::Response response;
  response.status = status;
  response.headers.add("Content-Type", "application/json");
  response.headers.add("Cache-Control", "no-store");
  response.body = std::move(body);
  return response;
}

struct Check {
  std::string name;
  bool ok = false;
  std::string detail;
};

Check check_table(Pinner& pinner, const std::string& table) {
  const auto pins = pinner.newest(std::vector<std::string>{table});
  if (!pins) return {table, false, pins.error().message};
  const delta::SnapshotPtr& snapshot = pins->snapshot(table);
  if (snapshot == nullptr) return {table, false, "no version yet; run: claimlake run"};
  return {table, true, fmt::format("version {}", snapshot->version())};
}

void head(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  fmt::format_to(std::back_inserter(out), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

// One gauge with a value for each table that has a version.
template <class Value>
void table_gauge(std::string& out, const Pins& pins, std::string_view name, std::string_view help,
                 const Value& value) {
  head(out, name, "gauge", help);
  for (const auto& [table, snapshot] : pins.tables()) {
    if (snapshot == nullptr) continue;
    fmt::format_to(std::back_inserter(out), "{}{{table=\"{}\"}} {}\n", name,
                   net::label_value(table), value(*snapshot));
  }
}

void table_metrics(std::string& out, const Pins& pins) {
  table_gauge(out, pins, "claimlake_table_version", "Newest committed version.",
              [](const delta::Snapshot& table) { return table.version(); });
  table_gauge(out, pins, "claimlake_table_rows", "Rows of the newest version.",
              [](const delta::Snapshot& table) { return table.row_count().value_or(0); });
  table_gauge(out, pins, "claimlake_table_files", "Files of the newest version.",
              [](const delta::Snapshot& table) { return table.files().size(); });
  table_gauge(out, pins, "claimlake_table_bytes", "Size of these files.",
              [](const delta::Snapshot& table) { return table.files_bytes(); });
  table_gauge(out, pins, "claimlake_table_committed_timestamp_seconds",
              "When the newest version was committed.", [](const delta::Snapshot& table) {
                const auto us = table.timestamp().time_since_epoch().count();
                return fmt::format("{}.{:06}", us / 1'000'000, us % 1'000'000);
              });
}

}  // namespace

net::Response health(const ServeContext& context) {
  return json_response(200, fmt::format(R"({{"status":"ok","service":"claimlake","version":{}}})",
                                        json_string(context.version)));
}

net::Response readiness(const ServeContext& context, Pinner& pinner) {
  std::vector<Check> checks{{"lake", true, "open"}};
  for (const pack::Model& model : context.pack.models) {
    if (model.is_table() && model.schema == "gold") {
      checks.push_back(check_table(pinner, model.name));
    }
  }
  bool ready = true;
  std::string items;
  for (const Check& check : checks) {
    ready = ready && check.ok;
    items += fmt::format(R"({}{{"name":{},"ok":{},"detail":{}}})", items.empty() ? "" : ",",
                         json_string(check.name), check.ok, json_string(check.detail));
  }
  net::Response response = json_response(
      ready ? 200 : 503,
      fmt::format(R"({{"status":"{}","checks":[{}]}})", ready ? "ready" : "not_ready", items));
  if (!ready) response.headers.add("Retry-After", "5");
  return response;
}

net::Response metrics(const ServeContext& context, Pinner& pinner, const net::HttpMetrics& http,
                      const AnswerCache& cache) {
  std::string out = http.text();
  const auto to = std::back_inserter(out);
  head(out, "claimlake_build_info", "gauge", "The version of the program, as a label.");
  fmt::format_to(to, "claimlake_build_info{{version=\"{}\",engine=\"duckdb {}\"}} 1\n",
                 net::label_value(context.version), net::label_value(engine::engine_version()));
  const AnswerCache::Counts counts = cache.counts();
  head(out, "claimlake_answer_cache_hits_total", "counter", "Answers taken from the cache.");
  fmt::format_to(to, "claimlake_answer_cache_hits_total {}\n", counts.hits);
  head(out, "claimlake_answer_cache_misses_total", "counter", "Answers that had to be made.");
  fmt::format_to(to, "claimlake_answer_cache_misses_total {}\n", counts.misses);
  head(out, "claimlake_answer_cache_bytes", "gauge", "Memory of the cached answers.");
  fmt::format_to(to, "claimlake_answer_cache_bytes {}\n", counts.bytes);
  // A lake that cannot be read just now still has the metrics above.
  if (const auto pins = pinner.newest(pinner.all_tables())) table_metrics(out, *pins);
  net::Response response;
  response.headers.add("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  response.headers.add("Cache-Control", "no-store");
  response.body = std::move(out);
  return response;
}

}  // namespace claimlake::serve
