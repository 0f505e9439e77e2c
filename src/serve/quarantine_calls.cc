#include "serve/quarantine_calls.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "refresh/quarantine_json.h"
#include "refresh/report_json.h"
#include "serve/json_body.h"

namespace claimlake::serve {
namespace {

using Json = nlohmann::json;
using refresh::Recheck;

constexpr std::int64_t kRowsMax = 1'000;  // of an answer; the counts are of all
constexpr std::size_t kNameMax = 200;
constexpr std::size_t kTextMax = 1'000;  // a key, a reason; in characters

// What is at fault where `error` came of a request about rows of `table`: its checks come in this
// order, too.
std::string field_of(const Error& error, const pack::Pack& pack, const std::string& table,
                     const std::string& rule) {
  if (error.fault != Fault::kInvalidInput && error.fault != Fault::kNotFound) return "";
  const auto model = refresh::refusing_model(pack, table);
  if (!model) return "table";
  if (rule.empty()) return "key";
  if (error.fault == Fault::kInvalidInput) return "rule";  // it cannot be waived, or not broken
  const auto rules = (*model)->rules.of(pack::RuleGroup::kRow);
  const bool known = std::any_of(rules.begin(), rules.end(),
                                 [&](const pack::Rule* each) { return each->name == rule; });
  return known ? "key" : "rule";
}

// What a client of the API does next, where a command would say it to a person at a terminal.
Error for_clients(Error error, const std::string& field, const std::string& table) {
  if (error.fault == Fault::kNotFound && field == "key") {
    error.next = "GET /api/quality/quarantine?table=" + to_lower(table) +
                 " lists refused rows; /api/quality/quarantine/recheck those that are named here.";
  } else if (field == "table") {
    error.next = "GET /api/quality/quarantine counts refused rows by table.";
  } else if (error.fault == Fault::kNotFound && field == "rule") {
    error.next = "GET /api/lake/models lists the rules of each table.";
  } else if (error.fault == Fault::kInvalidInput && field == "rule") {
    error.next =
        "Only rules that quarantine or drop, and that the row breaks, are waived: leave "
        "`rule` out for all of them.";
  } else if (error.next.starts_with("claimlake run")) {
    error.next = "POST /api/quality/quarantine/replay with its table and key takes it in.";
  } else if (error.next.starts_with("claimlake why") ||
             error.next.starts_with("claimlake quality waivers")) {
    error.next = "POST /api/lake/why with its table and key says why it is as it is.";
  } else if (error.fault == Fault::kConflict && field.empty() &&
             error.next.find("claimlake pipeline mode") != std::string::npos) {
    error.next =
        "Try again when it has come to rest; PUT /api/pipeline/mode with {\"mode\": \"manual\"} "
        "lets it rest.";
  }
  return error;
}

net::Response refused(Error error, const net::Request& request, const pack::Pack& pack,
                      const std::string& table, const std::string& rule) {
  const std::string field = field_of(error, pack, table, rule);
  return failed(for_clients(std::move(error), field, table), request, field);
}

Json rechecked_json(const refresh::Rechecked& found, const std::string& table) {
  Json counts = {{"refused", 0}, {"goes_in", 0}, {"waived", 0}, {"gone", 0}};
  for (const auto& [outcome, count] : found.counts) {
    counts[outcome == Recheck::kGoesIn ? "goes_in" : recheck_name(outcome)] = count;
  }
  return {{"counts", std::move(counts)}, {"rows", refresh::to_json(found.rows, table)}};
}

// Of recheck and replay, which take the same.
std::variant<refresh::RecheckRequest, Problem> rows_of(const net::Request& request) {
  auto read =
      texts_of(request.body,
               {{"table", true, kNameMax}, {"key", false, kTextMax}, {"rule", false, kNameMax}});
  if (auto* problem = std::get_if<Problem>(&read)) return std::move(*problem);
  Texts& texts = std::get<Texts>(read);
  refresh::RecheckRequest rows{texts["table"], {}, texts["rule"]};
  rows.rows_max = kRowsMax;
  if (!texts["key"].empty()) rows.keys = {texts["key"]};
  return rows;
}

}  // namespace

net::Response QuarantineCalls::waive(const net::Request& request) const {
  return change(request, true);
}

net::Response QuarantineCalls::withdraw(const net::Request& request) const {
  return change(request, false);
}

net::Response QuarantineCalls::change(const net::Request& request, bool waives) const {
  auto read = texts_of(request.body, {{"table", true, kNameMax},
                                      {"key", true, kTextMax},
                                      {"why", true, kTextMax},
                                      {"rule", false, kNameMax},
                                      {"by", false, kNameMax}});
  if (const auto* problem = std::get_if<Problem>(&read)) return to_response(*problem, request.path);
  Texts& texts = std::get<Texts>(read);
  for (const char* said : {"why", "by"}) {
    const bool given = !texts[said].empty();
    if (!given || texts[said].find_first_not_of(" \t\r\n") != std::string::npos) continue;
    return to_response(invalid_parameter(said, std::string(said) + " is blank",
                                         "Those who read the table later must be able to know."),
                       request.path);
  }
  refresh::WaiverRequest wanted{texts["table"], {texts["key"]}, {}, texts["by"], texts["why"]};
  if (!texts["rule"].empty()) wanted.rules = {texts["rule"]};
  auto changes = waives ? context_.control.waive(wanted) : context_.control.withdraw(wanted);
  if (!changes) {
    return refused(std::move(changes).error(), request, context_.pack, wanted.table, texts["rule"]);
  }
  return json_response(Json::object({{"changes", refresh::to_json(*changes, wanted)}}));
}

net::Response QuarantineCalls::recheck(const net::Request& request) const {
  const auto read = rows_of(request);
  if (const auto* problem = std::get_if<Problem>(&read)) return to_response(*problem, request.path);
  const auto& wanted = std::get<refresh::RecheckRequest>(read);
  auto found = context_.control.recheck(wanted);
  if (!found) {
    return refused(std::move(found).error(), request, context_.pack, wanted.table, wanted.rule);
  }
  return json_response(rechecked_json(*found, wanted.table));
}

net::Response QuarantineCalls::replay(const net::Request& request) const {
  const auto read = rows_of(request);
  if (const auto* problem = std::get_if<Problem>(&read)) return to_response(*problem, request.path);
  const auto& wanted = std::get<refresh::RecheckRequest>(read);
  auto replayed = context_.control.replay(wanted, request.cancel);
  if (!replayed) {
    return refused(std::move(replayed).error(), request, context_.pack, wanted.table, wanted.rule);
  }
  Json json = rechecked_json(replayed->found, wanted.table);
  json["run"] = replayed->run ? refresh::to_json(*replayed->run) : Json();
  return json_response(json);
}

}  // namespace claimlake::serve
