#include "refresh/proof_basis.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "quality/quarantine.h"
#include "quality/waivers.h"
#include "refresh/prove_select.h"

namespace claimlake::refresh {
namespace {

// How many commits are read to find the date that a table was computed for.
constexpr std::size_t kHistoryMax = 100;
// And how many days before its commit are tried where they do not say it.
constexpr int kDaysMax = 4000;
// How many versions of the quarantine are looked at; each refresh that refuses rows makes one.
constexpr std::int64_t kQuarantineMax = 1000;

std::string run_again(const pack::Model& model) {
  return fmt::format("claimlake run {} --force computes it anew; then prove it", model.name);
}

// The dates that the newest refreshes up to this version say they were for.
std::vector<Date> said_dates(lake::Lake& lake, const pack::Model& model,
                             const delta::Snapshot& table) {
  std::vector<Date> dates;
  const auto history = lake.history(name_of(model), kHistoryMax);
  if (!history) return dates;
  for (const auto& entry : *history) {
    const auto said = entry.info.parameters.find("asOf");
    if (entry.version > table.version() || said == entry.info.parameters.end()) continue;
    const auto text = nlohmann::json::parse(said->second, nullptr, false);
    const auto date = text.is_string() ? parse_date(text.get<std::string>())
                                       : Result<Date>(Error{Fault::kInvalidInput, "no date"});
    if (date) dates.push_back(*date);
  }
  return dates;
}

// The state of a table is a hash over its date, too: the right date gives the state that it has.
std::optional<Date> date_of_state(lake::Lake& lake, const pack::Model& model,
                                  const delta::Snapshot& table, const Inputs& inputs) {
  const auto state = table.txn(kRefreshAppId);
  if (!model.header.clock_day) {
    if (fingerprint(model.hash, inputs, "") == state) return Date{};
    return std::nullopt;
  }
  for (const Date date : said_dates(lake, model, table)) {
    if (fingerprint(model.hash, inputs, to_text(date)) == state) return date;
  }
  const Date committed = std::chrono::floor<std::chrono::days>(table.timestamp());
  for (int back = -2; back < kDaysMax; ++back) {
    const Date date = committed - std::chrono::days(back);
    if (fingerprint(model.hash, inputs, to_text(date)) == state) return date;
  }
  return std::nullopt;
}

// The quarantine is committed before the table, so a newer version of it may already belong to the
// next refresh.
Result<delta::SnapshotPtr> quarantine_of(lake::Lake& lake, const pack::Model& model,
                                         std::int64_t state) {
  TRY(const auto name, lake::TableName::parse(quality::kQuarantineTable));
  TRY(delta::SnapshotPtr found, lake.snapshot_if_any(name));
  const std::string app_id = quarantine_app_id(model.name);
  for (std::int64_t i = 0; i < kQuarantineMax && found != nullptr; ++i) {
    if (found->txn(app_id).value_or(state) == state) return found;
    if (found->version() == 0) break;
    auto before = lake.table(name.schema, name.table, {.version = found->version() - 1});
    if (!before) break;
    found = before->snapshot;
  }
  return delta::SnapshotPtr();
}

// What was waived for a table is the same in all versions since it was last changed, of which the
// first may have left the log.
Result<engine::TableVersion> unchanged_waivers(lake::Lake& lake, const pack::Model& model,
                                               const lake::TableName& name,
                                               delta::LogVersion position) {
  TRY(auto newest, lake.table(name.schema, name.table, {}));
  if (newest.snapshot->txn(waivers_app_id(model.name)) == position) return newest;
  return Error{Fault::kNotFound, "what is waived has changed since"};
}

}  // namespace

Result<ProofBasis> proof_basis(lake::Lake& lake, const pack::Model& model,
                               const delta::Snapshot& table) {
  const auto state = table.txn(kRefreshAppId);
  if (!state) {
    return Error{Fault::kNotFound,
                 model.name + " names no versions that it was computed from: no refresh wrote it",
                 "", run_again(model)};
  }
  ProofBasis basis;
  const std::string waivers(quality::kWaiversTable);
  const bool waived = may_refuse(model) && table.txn(input_app_id(waivers)).has_value();
  const std::vector<std::string> said = waived ? std::vector{waivers} : std::vector<std::string>();
  for (const auto* inputs : {&model.inputs, &model.rule_inputs, &said}) {
    for (const std::string& input : *inputs) {
      const auto position = table.txn(input_app_id(input));
      if (!position) {
        return Error{
            Fault::kConflict,
            fmt::format("{} was computed by a model that did not read {}", model.name, input), "",
            "claimlake run " + model.name + "; then prove it"};
      }
      TRY(const auto name, lake::TableName::parse(input));
      auto version = lake.table(name.schema, name.table, {.version = *position});
      if (!version && input == waivers) version = unchanged_waivers(lake, model, name, *position);
      if (!version) {
        return std::move(version)
            .error()
            .in(fmt::format("Version {} of {}, from which it was computed, cannot be read",
                            *position, input))
            .then(run_again(model));
      }
      basis.inputs[input] = {version->snapshot->metadata().id, *position};
      basis.versions[input] = *std::move(version);
    }
  }
  const auto date = date_of_state(lake, model, table, basis.inputs);
  if (!date) {
    return Error{Fault::kConflict,
                 fmt::format("{} was computed by another model or other rules than the pack has "
                             "now, or from a table that was made anew since",
                             model.name),
                 "", "claimlake run " + model.name + "; then prove it"};
  }
  basis.as_of = *date;
  if (may_refuse(model)) {
    TRY(basis.quarantine, quarantine_of(lake, model, kept_in(table, *state)));
  }
  return basis;
}

}  // namespace claimlake::refresh
