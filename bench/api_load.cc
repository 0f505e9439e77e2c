// An open load on the API: requests leave at planned moments, whether or not earlier ones have been
// answered, and the latency counts from the planned moment. A server that stalls is so charged with
// all that it kept waiting, which a client that waits for each answer would not notice.
//
//   api_load PORT RATE SECONDS SEED         prints one JSON line per kind of call, and one of all
//
// The calls are those of the page and of list walkers, drawn from a seed. Most pages and details
// are asked for once only, so that the server's cache of answers seldom has them.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "net/http_client.h"

namespace claimlake::bench {
namespace {

using namespace std::chrono_literals;

// More than a server that keeps its limit ever has in hand at once; each is a connection.
constexpr int kSenders = 32;
constexpr auto kTimeout = 10s;

template <class List>
const auto& one_of(const List& list, Random& random) {
  return list[random.below(std::size(list))];
}

// Which calls there are, and how often of a hundred each is made.
struct Call {
  const char* kind;
  unsigned share;
};
constexpr Call kCalls[] = {{"customers", 30}, {"customer", 25},  {"claims", 10},   {"summary", 5},
                           {"kpis", 5},       {"categories", 5}, {"segments", 5},  {"tables", 5},
                           {"providers", 4},  {"risks", 3},      {"cross-sell", 3}};

constexpr const char* kCustomerSorts[] = {"-total_annual_premium", "full_name",   "-total_claims",
                                          "-total_paid_amount",    "-loss_ratio", "customer_since"};
constexpr const char* kCustomerFilters[] = {
    "", "", "&tier=Gold", "&tier=Silver", "&churn=High", "&search=an", "&search=m"};
constexpr const char* kClaimFilters[] = {"", "", "&status=Paid", "&status=Denied"};
constexpr const char* kClaimSorts[] = {"-submitted_date", "-claim_amount", "processing_days"};

// What one sender knows of earlier answers.
struct Memory {
  std::string next_page;  // of the customer list that it walks; empty: it begins another
};

class Plan {
 public:
  Plan(std::uint64_t seed, std::vector<std::string> customers)
      : random_(seed), customers_(std::move(customers)) {}

  const char* kind() {
    std::uint64_t draw = random_.below(100);
    for (const Call& call : kCalls) {
      if (draw < call.share) return call.kind;
      draw -= call.share;
    }
    return kCalls[0].kind;
  }

  std::string target(std::string_view kind, const Memory& memory) {
    if (kind == "customer") return "/api/insights/customers/" + one_of(customers_, random_);
    if (kind == "tables") return "/api/lake/tables";
    if (kind == "kpis") return fmt::format("/api/insights/kpis?limit={}", 12 + random_.below(25));
    if (kind == "customers") {
      if (!memory.next_page.empty() && random_.below(2) == 0) return memory.next_page;
      return fmt::format("/api/insights/customers?sort={}{}&limit={}&offset={}&total={}",
                         one_of(kCustomerSorts, random_), one_of(kCustomerFilters, random_),
                         random_.below(4) == 0 ? 100 : 12, random_.below(60) * 12,
                         random_.below(2) == 0 ? "true" : "false");
    }
    if (kind == "claims") {
      return fmt::format("/api/insights/claims?sort={}{}&limit=25&offset={}",
                         one_of(kClaimSorts, random_), one_of(kClaimFilters, random_),
                         random_.below(80) * 25);
    }
    if (kind == "summary" || kind == "categories" || kind == "segments") {
      return fmt::format("/api/insights/{}", kind);
    }
    return fmt::format("/api/insights/{}?limit=50&offset={}", kind, random_.below(20) * 10);
  }

 private:
  SeededRandom random_;  // thread-safe
  const std::vector<std::string> customers_;
};

// The text of the next string member `name` from `at` on; empty if there is none.
std::string string_member(std::string_view json, std::string_view name, std::size_t& at) {
  const std::string key = fmt::format("\"{}\":\"", name);
  const auto found = json.find(key, at);
  if (found == std::string_view::npos) return "";
  const auto from = found + key.size();
  at = json.find('"', from);
  return std::string(json.substr(from, at - from));
}

Result<std::vector<std::string>> customer_ids(std::uint16_t port) {
  TRY(auto client, net::HttpClient::connect(port, kTimeout));
  std::vector<std::string> ids;
  for (int page = 0; page < 5; ++page) {
    TRY(const auto response,
        client.send("GET",
                    fmt::format("/api/insights/customers?limit=1000&offset={}", page * 1000)));
    std::size_t at = 0;
    for (;;) {
      std::string id = string_member(response.body, "customer_id", at);
      if (id.empty()) break;
      ids.push_back(std::move(id));
    }
  }
  if (!ids.empty()) return ids;
  return Error{Fault::kNotFound, "the server has no customers", "", "claimlake demo fills a lake"};
}

struct Sample {
  const char* kind;
  double ms;
  bool failed;
};

// Sends each request at its moment, from kSenders threads.
class Load {
 public:
  Load(std::uint16_t port, int rate, int seconds, Plan& plan)
      : port_(port),
        interval_(std::chrono::nanoseconds(1s) / rate),
        count_(static_cast<std::int64_t>(rate) * seconds),
        plan_(plan),
        start_(clock_.steady_now() + 100ms) {}

  std::vector<Sample> run() {
    std::vector<std::jthread> senders;
    std::vector<std::vector<Sample>> samples(kSenders);
    for (auto& own : samples) senders.emplace_back([this, &own] { send_all(own); });
    senders.clear();  // joins
    std::vector<Sample> all;
    for (const auto& own : samples) all.insert(all.end(), own.begin(), own.end());
    return all;
  }

 private:
  void send_all(std::vector<Sample>& samples) {
    auto client = net::HttpClient::connect(port_, kTimeout);
    Memory memory;
    for (;;) {
      const std::int64_t index = next_.fetch_add(1);
      if (index >= count_) return;
      const auto planned = start_ + index * interval_;
      const char* const kind = plan_.kind();
      const std::string target = plan_.target(kind, memory);
      wait_until(planned);
      if (!client) client = net::HttpClient::connect(port_, kTimeout);
      bool failed = true;
      if (client) {
        // As a browser asks, but for the walker, who reads where the next page is.
        const bool walks = std::string_view(kind) == "customers";
        net::Headers headers;
        if (!walks) headers.add("Accept-Encoding", "gzip");
        auto response = client->send("GET", target, headers);
        failed = !response || response->status != 200;
        if (failed) report(target, response);
        if (!response) client = std::move(response).error();
        if (!failed && walks) remember(target, response->body, memory);
      }
      const std::chrono::duration<double, std::milli> taken = clock_.steady_now() - planned;
      samples.push_back({kind, taken.count(), failed});
    }
  }

  static void remember(const std::string& target, const std::string& body, Memory& memory) {
    std::size_t at = 0;
    const std::string cursor = string_member(body, "next_cursor", at);
    memory.next_page.clear();
    if (cursor.empty()) return;
    // A cursor takes the place of offset and of an older cursor; filters and order stay.
    memory.next_page = target.substr(0, target.find("&offset="));
    memory.next_page = memory.next_page.substr(0, memory.next_page.find("&cursor="));
    memory.next_page += "&cursor=" + cursor;
  }

  static void report(const std::string& target, const Result<net::Response>& response) {
    static std::atomic<int> reported{0};
    if (reported.fetch_add(1) >= 5) return;
    std::fprintf(stderr, "%s: %s\n", target.c_str(),
                 response ? response->body.c_str() : response.error().text().c_str());
  }

  void wait_until(std::chrono::steady_clock::time_point moment) {
    std::unique_lock lock(mutex_);
    never_.wait_until(lock, moment, [] { return false; });
  }

  const SystemClock clock_;
  const std::uint16_t port_;
  const std::chrono::nanoseconds interval_;
  const std::int64_t count_;
  Plan& plan_;
  const std::chrono::steady_clock::time_point start_;
  std::atomic<std::int64_t> next_{0};
  std::mutex mutex_;
  std::condition_variable never_;  // nobody notifies it
};

void print(const std::string& kind, std::vector<double> ms, std::size_t failed) {
  std::sort(ms.begin(), ms.end());
  const auto at = [&](double share) {
    const auto rank = static_cast<std::size_t>(share * static_cast<double>(ms.size()));
    return ms[std::min(rank, ms.size() - 1)];
  };
  fmt::print(
      R"({{"bench":"api","call":"{}","requests":{},"failed":{},"p50_ms":{:.2f},"p90_ms":{:.2f},)"
      R"("p99_ms":{:.2f},"max_ms":{:.2f}}})"
      "\n",
      kind, ms.size(), failed, at(0.5), at(0.9), at(0.99), ms.back());
}

Result<bool> run(std::uint16_t port, int rate, int seconds, std::uint64_t seed) {
  TRY(auto customers, customer_ids(port));
  Plan plan(seed, std::move(customers));
  Load load(port, rate, seconds, plan);
  const auto samples = load.run();
  std::map<std::string, std::vector<double>> by_kind;
  std::map<std::string, std::size_t> failed;
  for (const Sample& sample : samples) {
    for (const char* kind : {sample.kind, "all"}) {
      by_kind[kind].push_back(sample.ms);
      failed[kind] += sample.failed ? 1 : 0;
    }
  }
  for (auto& [kind, ms] : by_kind) print(kind, std::move(ms), failed[kind]);
  return failed["all"] == 0;
}

}  // namespace
}  // namespace claimlake::bench

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fputs("usage: api_load PORT RATE SECONDS SEED\n", stderr);
    return 2;
  }
  const auto ran =
      claimlake::bench::run(static_cast<std::uint16_t>(std::atoi(argv[1])), std::atoi(argv[2]),
                            std::atoi(argv[3]), static_cast<std::uint64_t>(std::atoll(argv[4])));
  if (!ran) std::fprintf(stderr, "%s\n", ran.error().text().c_str());
  return ran && *ran ? 0 : 1;
}
