#include "store/courier.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/deadline.h"
#include "base/text.h"

namespace claimlake::store {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr auto kFirstPause = 50ms;
constexpr auto kLongestPause = 5000ms;
constexpr std::int64_t kBudgetSeconds = 60;

// The time that Retry-After asks for, in its form of seconds; its other form, a date, is not used
// by these services.
milliseconds asked_pause(const net::Response& response) {
  const std::string_view text = response.headers.get("Retry-After");
  const std::int64_t seconds = whole_number(text).value_or(0);
  return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, 3600));
}

}  // namespace

struct Courier::Attempts {
  const std::string& what;
  Deadline deadline;
  int sent = 0;
  bool renewed = false;
  bool maybe_done = false;
  milliseconds asked{0};
  Error last{Fault::kUnavailable, "no answer"};

  // The end of trying.
  Error given_up(const Call& call) const {
    Error error = last;
    if (sent > 1) error.message += fmt::format(" (tried {} times)", sent);
    if (call.changes() && maybe_done) {
      error.fault = Fault::kTimeout;
      error.message += "; it may have happened all the same";
    }
    return std::move(error).in("cannot " + what);
  }
};

Courier::Courier(std::unique_ptr<ObjectService> service, const StoreContext& context,
                 net::WebClientOptions options)
    : service_(std::move(service)),
      clock_(context.clock),
      random_(context.random),
      wait_(context.wait ? context.wait : cancellable_wait(context.cancel)),
      budget_(context.settings.number("store_retry_seconds", kBudgetSeconds)),
      client_(std::move(options)) {}

RequestCounts Courier::counts() const {
  return counts_.with([](const RequestCounts& counts) { return counts; });
}

void Courier::count(const Call& call, const net::WebAnswer& answer, bool repeated) const {
  counts_.with([&](RequestCounts& counts) {
    switch (call.kind) {
      case Call::Kind::kRead:
        ++counts.reads;
        break;
      case Call::Kind::kHead:
        ++counts.heads;
        break;
      case Call::Kind::kList:
        ++counts.lists;
        break;
      case Call::Kind::kWrite:
        ++counts.writes;
        break;
      case Call::Kind::kRemove:
        ++counts.removes;
        break;
    }
    if (repeated) ++counts.repeated;
    counts.bytes_read += static_cast<std::int64_t>(answer.response.body.size());
    counts.bytes_written += static_cast<std::int64_t>(call.bytes().size());
  });
}

Result<std::optional<Answer>> Courier::judge(const Call& call, net::WebAnswer answer,
                                             Attempts& attempts) const {
  using Fate = net::WebAnswer::Fate;
  const bool cut_read = answer.fate == Fate::kCut && call.kind == Call::Kind::kRead &&
                        answer.response.status / 100 == 2;
  if (answer.fate != Fate::kWhole && !cut_read) {
    if (answer.fate != Fate::kNotSent) attempts.maybe_done = true;
    attempts.last = {Fault::kUnavailable, answer.reason, "",
                     answer.fate == Fate::kNotSent
                         ? "check the network, the name of the server and its certificate"
                         : "check the network, then try again"};
    if (answer.hopeless) return attempts.given_up(call);
    if (answer.fate == Fate::kCancelled) {
      attempts.last = {Fault::kCancelled, "stopped"};
      return attempts.given_up(call);
    }
    return std::optional<Answer>();
  }
  Judgement judgement = service_->judge(call, answer.response);
  switch (judgement.verdict) {
    case Verdict::kTryAgain:
      // The service says that it failed, not that it did nothing.
      if (answer.response.status >= 500) attempts.maybe_done = true;
      attempts.asked = asked_pause(answer.response);
      attempts.last = std::move(judgement.error);
      return std::optional<Answer>();
    case Verdict::kRenew:
      attempts.last = std::move(judgement.error);
      if (std::exchange(attempts.renewed, true)) return attempts.given_up(call);
      service_->forget_credentials();
      return std::optional<Answer>();
    case Verdict::kFailed:
      attempts.last = std::move(judgement.error);
      return attempts.given_up(call);
    default:
      return std::optional(
          Answer{judgement.verdict, std::move(answer.response), attempts.maybe_done, cut_read});
  }
}

Done Courier::wait(const Call& call, Attempts& attempts) const {
  // Half of the time is chance: many who failed together do not come back together.
  const milliseconds full =
      std::min<milliseconds>(kLongestPause, kFirstPause * (1 << std::min(attempts.sent - 1, 10)));
  const auto half = static_cast<std::uint64_t>(full.count() / 2);
  const milliseconds chosen(static_cast<std::int64_t>(half + random_.below(half + 1)));
  const milliseconds pause = std::max(chosen, std::exchange(attempts.asked, 0ms));
  if (clock_.steady_now() + pause >= attempts.deadline.end()) return attempts.given_up(call);
  if (!wait_(pause)) {
    attempts.last = {Fault::kCancelled, "stopped"};
    return attempts.given_up(call);
  }
  return done();
}

Result<Answer> Courier::send(const Call& call, const std::string& what) const {
  Attempts attempts{.what = what, .deadline = Deadline::in(clock_, budget_)};
  for (;;) {
    auto request = service_->sign(call);
    if (!request) {
      attempts.last = std::move(request).error();
      return attempts.given_up(call);
    }
    net::WebAnswer answer = client_.send(*request);
    count(call, answer, attempts.sent++ > 0);
    TRY(auto judged, judge(call, std::move(answer), attempts));
    if (judged) return *std::move(judged);
    TRY_DONE(wait(call, attempts));
  }
}

}  // namespace claimlake::store
