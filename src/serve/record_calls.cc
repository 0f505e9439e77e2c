#include "serve/record_calls.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/money.h"
#include "base/text.h"
#include "serve/entry.h"
#include "serve/idempotency.h"
#include "serve/json_body.h"
#include "serve/plans.h"
#include "serve/record_json.h"

namespace claimlake::serve {
namespace {

using records::Entity;
using records::Record;

net::Response json_answer(std::string body, int status = 200) {
  net::Response response;
  response.status = status;
  response.headers.add("Content-Type", "application/json");
  response.headers.add("Cache-Control", "no-store");
  response.body = std::move(body);
  return response;
}

std::string capitalized(std::string word) {
  word[0] = static_cast<char>(word[0] - 'a' + 'A');
  return word;
}

net::Response not_found(const Entity& entity, const std::string& id, const net::Request& request) {
  return to_response({404, "not_found",
                      fmt::format("There is no {} '{}' here: not found", entity.name, excerpt(id)),
                      fmt::format("See GET /api/{} for what there is.", entity.table)},
                     request.path);
}

std::string compact_day(Date date) {
  std::string text = to_text(date);
  std::erase(text, '-');
  return text;
}

// "1767312000000000.CLM-0123": the page begins behind this record.
std::string cursor_text(const Record& record) {
  return fmt::format("{}.{}", record.created_at, record.id());
}

std::optional<records::After> parse_cursor(const std::string& text) {
  const std::size_t dot = text.find('.');
  if (dot == std::string::npos || dot + 1 == text.size()) return std::nullopt;
  const auto micros = whole_number(std::string_view(text).substr(0, dot));
  if (!micros || !is_utf8(text) || text.find('\0') != std::string::npos) return std::nullopt;
  return records::After{*micros, text.substr(dot + 1)};
}

// The filters of a list: parameters that are columns too.
records::Listing listing_of(const Entity& entity, const Parameters& parameters) {
  records::Listing listing;
  for (const records::Column& column : entity.columns) {
    if (!parameters.has(column.name)) continue;
    const std::string value = parameters.text(column.name);
    listing.equal.emplace_back(column.name, column.name == "email" ? to_lower(value) : value);
  }
  return listing;
}

// Which revision a change was made from, by If-Match.
std::variant<std::int64_t, Problem> revision_of(const net::Request& request) {
  const std::string_view given = request.headers.get("If-Match");
  if (given.empty()) {
    return Problem{428, "precondition_required", "A change must say what it was made from.",
                   "Read it, and send its ETag as If-Match.", "If-Match"};
  }
  const bool quoted = given.size() > 2 && given.front() == '"' && given.back() == '"';
  const auto revision = quoted ? whole_number(given.substr(1, given.size() - 2)) : std::nullopt;
  if (revision) return *revision;
  return invalid_parameter("If-Match", "If-Match is no ETag of a record",
                           "Send the ETag as it came, with its quotes.");
}

Problem changed_meanwhile(const Record& now) {
  return {412, "precondition_failed",
          fmt::format("The {} was changed meanwhile: its ETag is now {}", now.entity().name,
                      etag_of(now)),
          "Read it again, and make your change from that.", "If-Match"};
}

}  // namespace

RecordCalls::RecordCalls(records::Records* records, const Clock& clock)
    : records_(records),
      clock_(clock),
      calls_({
          {"createCustomer", [this](const Asked& a) { return create(records::customers(), a); }},
          {"createPet", [this](const Asked& a) { return create(records::pets(), a); }},
          {"createPolicy", [this](const Asked& a) { return create(records::policies(), a); }},
          {"createClaim", [this](const Asked& a) { return create(records::claims(), a); }},
          {"changeCustomer", [this](const Asked& a) { return change(records::customers(), a); }},
          {"changePet", [this](const Asked& a) { return change(records::pets(), a); }},
          {"readCustomer", [this](const Asked& a) { return read(records::customers(), a); }},
          {"readPet", [this](const Asked& a) { return read(records::pets(), a); }},
          {"readPolicy", [this](const Asked& a) { return read(records::policies(), a); }},
          {"readClaim", [this](const Asked& a) { return read(records::claims(), a); }},
          {"readClaimStatus", [this](const Asked& a) { return claim_status(a); }},
          {"listEnteredCustomers",
           [this](const Asked& a) { return list(records::customers(), a); }},
          {"listPets", [this](const Asked& a) { return list(records::pets(), a); }},
          {"listPolicies", [this](const Asked& a) { return list(records::policies(), a); }},
          {"listEnteredClaims", [this](const Asked& a) { return list(records::claims(), a); }},
          {"listPlans", [this](const Asked&) { return list_plans(); }},
      }) {}

net::Response RecordCalls::answer(const Operation& operation, const Parameters& parameters,
                                  const net::Request& request, const Caller& caller) const {
  if (operation.method != "GET") {
    if (const auto problem = refused_change(request)) return to_response(*problem, request.path);
  }
  if (records_ == nullptr && operation.id != "listPlans") {
    return to_response({503, "not_ready", "This server has no operational store.",
                        "Set records in claimlake.yml (docs/reference/configuration.md), and "
                        "start it again."},
                       request.path);
  }
  return calls_.at(operation.id)(Asked{parameters, request, caller});
}

Date RecordCalls::today() const { return std::chrono::floor<std::chrono::days>(clock_.now()); }

void RecordCalls::enter(Form& form, Record& record, bool is_new) const {
  const std::string& kind = record.entity().name;
  if (kind == "customer") {
    enter_customer(form, record, is_new, today());
  } else if (kind == "pet") {
    enter_pet(form, record, is_new, today());
  } else if (kind == "policy") {
    enter_policy(form, record, today());
  } else {
    enter_claim(form, record, today());
  }
}

net::Response RecordCalls::create(const Entity& entity, const Asked& asked) const {
  const auto idempotency = Idempotency::of(asked.request, asked.caller);
  if (const auto* problem = std::get_if<Problem>(&idempotency)) {
    return to_response(*problem, asked.request.path);
  }
  auto fields = read_body_fields(asked.request.body);
  if (const auto* problem = std::get_if<Problem>(&fields)) {
    return to_response(*problem, asked.request.path);
  }
  Form form(std::get<BodyFields>(std::move(fields)));
  Record record(entity);
  enter(form, record, true);
  const auto& key = std::get<Idempotency>(idempotency);
  if (const auto problem = form.problem()) {
    // What was right when it came first may not be so now: the day has turned.
    const auto before = records_->read<std::optional<net::Response>>(
        [&](records::Transaction& all) { return key.answered(all, asked.request); });
    if (!before) return failed(before.error(), asked.request);
    return *before ? **before : to_response(*problem, asked.request.path);
  }
  const auto kept =
      records_->write<net::Response>([&](records::Transaction& all) -> Result<net::Response> {
        TRY(auto before, key.answered(all, asked.request));
        if (before) return *std::move(before);
        TRY(auto response, keep(all, form, record, asked));
        if (response.status == 201) {
          TRY_DONE(key.keep(all, response, records::next_micros(clock_)));
        }
        return response;
      });
  return kept ? *kept : failed(kept.error(), asked.request);
}

// Keeps `record`, if it refers to what is there; else says what does not.
Result<net::Response> RecordCalls::keep(records::Transaction& all, Form form, Record record,
                                        const Asked& asked) const {
  const Entity& entity = record.entity();
  const CanSee can_see = [&asked](const std::string& of) { return asked.caller.may_see(of); };
  if (entity.name != "customer") {
    TRY_DONE(check_references(all, form, record, can_see));
    if (const auto problem = form.problem()) return to_response(*problem, asked.request.path);
  }
  std::string number;
  std::string prefix;
  if (entity.name == "policy") {
    number = "policy_number";
    prefix = "PI-" + compact_day(today()) + "-";
  } else if (entity.name == "claim") {
    number = "claim_number";
    prefix = "CLM-" + compact_day(today()) + "-";
  }
  TRY_DONE(records::insert(all, *records_, record, number, prefix));
  if (entity.name == "claim") {
    TRY_DONE(records::add_event(all, record.id(),
                                {"submitted", asked.caller.user_id, "", record.created_at}));
  }
  net::Response response =
      json_answer(fmt::format("{{{},\"message\":\"{} created\"}}", record_members(record),
                              capitalized(entity.name)),
                  201);
  response.headers.add("Location", fmt::format("/api/{}/{}", entity.table, record.id()));
  response.headers.add("ETag", etag_of(record));
  return response;
}

net::Response RecordCalls::change(const Entity& entity, const Asked& asked) const {
  const auto revision = revision_of(asked.request);
  if (const auto* problem = std::get_if<Problem>(&revision)) {
    return to_response(*problem, asked.request.path);
  }
  auto fields = read_body_fields(asked.request.body);
  if (const auto* problem = std::get_if<Problem>(&fields)) {
    return to_response(*problem, asked.request.path);
  }
  const std::string id = asked.parameters.text(entity.key);
  const auto kept =
      records_->write<net::Response>([&](records::Transaction& all) -> Result<net::Response> {
        TRY(auto record, records::find(all, entity, id));
        if (!record || !asked.caller.may_see(record->text("customer_id"))) {
          return not_found(entity, id, asked.request);
        }
        if (record->revision != std::get<std::int64_t>(revision)) {
          return to_response(changed_meanwhile(*record), asked.request.path);
        }
        Form form(std::get<BodyFields>(fields));
        enter(form, *record, false);
        if (const auto problem = form.problem()) return to_response(*problem, asked.request.path);
        TRY_DONE(records::update(all, *records_, *record));
        net::Response response = json_answer(record_object(*record));
        response.headers.add("ETag", etag_of(*record));
        return response;
      });
  return kept ? *kept : failed(kept.error(), asked.request);
}

net::Response RecordCalls::read(const Entity& entity, const Asked& asked) const {
  const std::string id = asked.parameters.text(entity.key);
  const auto found =
      records_->read<net::Response>([&](records::Transaction& all) -> Result<net::Response> {
        TRY(const auto record, records::find(all, entity, id));
        if (!record || !asked.caller.may_see(record->text("customer_id"))) {
          return not_found(entity, id, asked.request);
        }
        net::Response response;
        if (net::matches_etag(asked.request.headers.get("If-None-Match"), etag_of(*record))) {
          response.status = 304;
          response.headers.add("Cache-Control", "no-store");
        } else if (entity.name == "claim") {
          TRY(const auto events, records::events_of(all, id));
          response = json_answer(
              fmt::format("{{{},\"timeline\":{}}}", record_members(*record), events_json(events)));
        } else {
          response = json_answer(record_object(*record));
        }
        response.headers.add("ETag", etag_of(*record));
        return response;
      });
  return found ? *found : failed(found.error(), asked.request);
}

net::Response RecordCalls::list(const Entity& entity, const Asked& asked) const {
  records::Listing listing = listing_of(entity, asked.parameters);
  if (asked.caller.customer_id)
    listing.equal.emplace_back("customer_id", *asked.caller.customer_id);
  const std::int64_t limit = asked.parameters.integer("limit");
  listing.limit = limit + 1;  // one more tells whether another page follows
  if (asked.parameters.has("cursor")) {
    listing.after = parse_cursor(asked.parameters.text("cursor"));
    if (!listing.after) {
      return to_response(
          {422, "invalid_cursor", "cursor is none that this server gave",
           "Take pagination.next_cursor of the page before, or leave it out.", "cursor"},
          asked.request.path);
    }
  }
  const auto page =
      records_->read<net::Response>([&](records::Transaction& all) -> Result<net::Response> {
        TRY(auto found, records::list(all, entity, listing));
        std::string next = "null";
        if (static_cast<std::int64_t>(found.size()) > limit) {
          found.pop_back();
          next = json_string(cursor_text(found.back()));
        }
        std::string total = "null";
        if (asked.parameters.boolean("total")) {
          TRY(const auto counted, records::count(all, entity, listing));
          total = std::to_string(counted);
        }
        std::string rows;
        for (const Record& record : found) {
          rows += (rows.empty() ? "" : ",") + record_object(record);
        }
        return json_answer(fmt::format(
            R"({{"{}":[{}],"count":{},"pagination":{{"limit":{},"next_cursor":{},"total":{}}}}})",
            entity.table, rows, found.size(), limit, next, total));
      });
  return page ? *page : failed(page.error(), asked.request);
}

net::Response RecordCalls::claim_status(const Asked& asked) const {
  const std::string id = asked.parameters.text("claim_id");
  const auto found = records_->read<std::optional<Record>>(
      [&](records::Transaction& all) { return records::find(all, records::claims(), id); });
  if (!found) return failed(found.error(), asked.request);
  if (!*found || !asked.caller.may_see((*found)->text("customer_id"))) {
    return not_found(records::claims(), id, asked.request);
  }
  const Record& claim = **found;
  const auto amount = [&claim](const char* column) {
    return to_text(Money::cents(claim.whole(column)));
  };
  const auto or_null = [&claim](const char* column, std::string text) {
    return records::is_null(claim.get(column)) ? "null" : text;
  };
  return json_answer(fmt::format(
      R"({{"claim_id":{},"claim_number":{},"status":{},"claim_amount":{},"covered_amount":{},)"
      R"("paid_amount":{},"processing_days":{},"denial_reason":{},"updated_at":"{}"}})",
      json_string(claim.id()), json_string(claim.text("claim_number")),
      json_string(claim.text("status")), amount("claim_amount"), amount("covered_amount"),
      amount("paid_amount"), or_null("processing_days", claim.text("processing_days")),
      or_null("denial_reason", json_string(claim.text("denial_reason"))),
      records::micros_text(claim.updated_at)));
}

net::Response RecordCalls::list_plans() const {
  std::string json;
  for (const Plan& plan : plans()) {
    json += fmt::format(
        R"({}{{"name":{},"monthly_premium":{},"annual_deductible":{},"coverage_limit":{},)"
        R"("reimbursement_percentage":{},"waiting_period_days":{}}})",
        json.empty() ? "" : ",", json_string(plan.name),
        to_text(Money::cents(plan.monthly_premium_cents)),
        to_text(Money::cents(plan.annual_deductible_cents)),
        to_text(Money::cents(plan.coverage_limit_cents)), plan.reimbursement_percentage,
        plan.waiting_period_days);
  }
  return json_answer("{\"plans\":[" + json + "]}");
}

}  // namespace claimlake::serve
