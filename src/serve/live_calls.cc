#include "serve/live_calls.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "refresh/report_json.h"
#include "refresh/why_json.h"
#include "schedule/waiting.h"
#include "serve/json_body.h"

namespace claimlake::serve {
namespace {

using Json = nlohmann::json;
using namespace std::chrono_literals;

// Between two signs of life of a stream in which nothing happens: a client that went is noticed.
constexpr auto kSignOfLife = 15s;

std::string event_text(std::string_view name, const std::string& json) {
  return fmt::format("event: {}\ndata: {}\n\n", name, json);
}

// What a stream has sent so far.
struct Told {
  std::shared_ptr<const void> listener;
  std::int64_t number = 0;
  std::int64_t left = 0;
  std::chrono::steady_clock::time_point at;
};

}  // namespace

LiveCalls::LiveCalls(const ServeContext& context, SessionPool& sessions)
    : context_(context),
      sessions_(sessions),
      quarantine_(context),
      calls_({
          {"getLivePipeline", [this](const auto&, const auto&) { return status(); }},
          {"getPipelineMode", [this](const auto&, const auto&) { return mode(); }},
          {"setPipelineMode",
           [this](const auto&, const auto& request) { return set_mode(request); }},
          {"listWaiting",
           [this](const auto& given, const auto& request) { return waiting(given, request); }},
          {"takeStep", [this](const auto&, const auto& request) { return step(request); }},
          {"streamEvents",
           [this](const auto& given, const auto& request) { return events(given, request); }},
          {"getWhy", [this](const auto&, const auto& request) { return why(request); }},
          {"waiveRow",
           [this](const auto&, const auto& request) { return quarantine_.waive(request); }},
          {"withdrawWaiver",
           [this](const auto&, const auto& request) { return quarantine_.withdraw(request); }},
          {"recheckRows",
           [this](const auto&, const auto& request) { return quarantine_.recheck(request); }},
          {"replayRows",
           [this](const auto&, const auto& request) { return quarantine_.replay(request); }},
      }) {}

net::Response LiveCalls::answer(const Operation& operation, const Parameters& parameters,
                                const net::Request& request) const {
  if (operation.method != "GET") {
    if (const auto problem = refused_change(request)) return to_response(*problem, request.path);
  }
  return calls_.at(operation.id)(parameters, request);
}

net::Response LiveCalls::status() const {
  const auto status = context_.control.status();
  return status ? json_response(to_json(*status)) : failed(status.error(), {});
}

net::Response LiveCalls::mode() const {
  const auto schedule = context_.control.schedule();
  if (!schedule) return failed(schedule.error(), {});
  return json_response(schedule::mode_json(*schedule, context_.control.owner()));
}

net::Response LiveCalls::set_mode(const net::Request& request) const {
  auto read = texts_of(request.body, {{"mode"}, {"every"}, {"cron"}});
  if (const auto* problem = std::get_if<Problem>(&read)) return to_response(*problem, request.path);
  auto& texts = std::get<0>(read);
  const char* field = "mode";
  if (texts["mode"].empty() || schedule::parse_mode(texts["mode"])) {
    field = texts["cron"].empty() ? "every" : "cron";
  }
  auto wanted = schedule::make_schedule(texts["mode"], texts["every"], texts["cron"]);
  if (!wanted) return failed(wanted.error(), request, field);
  const auto kept = context_.control.set_schedule(*std::move(wanted));
  if (!kept) return failed(kept.error(), request);
  return json_response(schedule::mode_json(*kept, context_.control.owner()));
}

net::Response LiveCalls::waiting(const Parameters& parameters, const net::Request& request) const {
  const auto select = schedule::all_waiting(context_.lake, context_.pack, parameters.text("step"));
  if (!select) return failed(select.error(), request);
  std::string counts = "[]";
  std::string rows = "[]";
  if (!select->empty()) {
    const auto read = sessions_.with<std::pair<std::string, std::string>>(
        [&](PooledSession& pooled) -> Result<std::pair<std::string, std::string>> {
          TRY(auto of_counts, rows_json(*pooled.session, schedule::waiting_counts(*select)));
          TRY(auto of_rows, rows_json(*pooled.session,
                                      schedule::waiting_rows(*select, parameters.integer("limit"),
                                                             parameters.integer("offset"))));
          return std::pair(std::move(of_counts), std::move(of_rows));
        });
    if (!read) return failed(read.error(), request);
    std::tie(counts, rows) = *read;
  }
  net::Response response;
  response.headers.add("Content-Type", "application/json");
  response.headers.add("Cache-Control", "no-store");
  response.body = fmt::format(R"({{"counts":{},"rows":{}}})", counts, rows);
  return response;
}

net::Response LiveCalls::step(const net::Request& request) const {
  auto read = texts_of(request.body, {{"step"}});
  if (const auto* problem = std::get_if<Problem>(&read)) return to_response(*problem, request.path);
  const auto made = context_.control.step(std::get<0>(read)["step"], request.cancel);
  return made ? json_response(to_json(*made)) : failed(made.error(), request, "step");
}

net::Response LiveCalls::events(const Parameters& parameters, const net::Request& request) const {
  Told told{context_.control.events().listen(), context_.control.events().newest(),
            parameters.integer("limit"), context_.clock.steady_now()};
  if (told.listener == nullptr) {
    return to_response({429, "too_many_requests", "Too many listen to the pipeline already.",
                        "Close a page that shows it, or ask /api/pipeline/live now and then."},
                       request.path);
  }
  const auto status = context_.control.status();
  if (!status) return failed(status.error(), request);
  net::Response response;
  response.headers.add("Content-Type", "text/event-stream");
  response.headers.add("Cache-Control", "no-store");
  response.body = event_text("status", json_response(to_json(*status)).body);
  --told.left;
  const bool endless = !parameters.has("limit");
  response.more = [this, told, endless]() mutable -> std::optional<std::string> {
    if (!endless && told.left <= 0) return std::nullopt;
    std::string text;
    for (const auto& event : context_.control.events().after(told.number)) {
      if (!endless && told.left-- <= 0) break;
      told.number = event.number;
      text += event_text(event.name, event.json);
    }
    const auto now = context_.clock.steady_now();
    if (text.empty() && now - told.at >= kSignOfLife) text = ":\n\n";
    if (!text.empty()) told.at = now;
    return text;
  };
  return response;
}

net::Response LiveCalls::why(const net::Request& request) const {
  auto read = texts_of(request.body, {{"table", true, 200}, {"key", true, 1'000}});
  if (const auto* problem = std::get_if<Problem>(&read)) return to_response(*problem, request.path);
  Texts& texts = std::get<Texts>(read);
  const std::string& table = texts["table"];
  const auto lineage = lineage_.with([&](auto& kept) -> Result<const pack::Lineage*> {
    if (!kept) {
      TRY(kept, pack::read_lineage(context_.pack, context_.engine));
    }
    return &*kept;
  });
  if (!lineage) return failed(lineage.error(), request);
  const auto why =
      refresh::why({context_.lake, context_.engine, context_.pack, sessions_.time_limit()}, table,
                   refresh::key_values(context_.pack, table, texts["key"]));
  if (!why) {
    return failed(why.error(), request, why.error().fault == Fault::kNotFound ? "table" : "key");
  }
  return json_response(to_json(*why, *(*lineage)->table(why->table)));
}

}  // namespace claimlake::serve
