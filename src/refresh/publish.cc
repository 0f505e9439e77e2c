#include "refresh/publish.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/text.h"
#include "quality/waivers.h"
#include "refresh/definitions.h"
#include "refresh/feed.h"

namespace claimlake::refresh {
namespace {

// What the rules counted, in the history.
constexpr const char* kTally = "audit";

// How many keys a way says were touched: "by key (3 touched)", "whole: 300 keys are touched, ...";
// 0 if it does not say.
std::int64_t touched_in(std::string_view way) {
  for (const std::string_view behind :
       {" touched)", " touched,", " touched by the day)", " keys are touched"}) {
    const std::size_t end = way.find(behind);
    if (end == std::string_view::npos) continue;
    std::size_t begin = end;
    while (begin > 0 && way[begin - 1] >= '0' && way[begin - 1] <= '9') --begin;
    return whole_number(way.substr(begin, end - begin)).value_or(0);
  }
  return 0;
}

// How many rows a commit says came, went or differ.
std::int64_t rows_changed(const std::map<std::string, std::string>& metrics) {
  std::int64_t rows = 0;
  for (const char* name :
       {"numTargetRowsInserted", "numTargetRowsUpdated", "numTargetRowsDeleted"}) {
    const auto found = metrics.find(name);
    if (found != metrics.end()) rows += whole_number(found->second).value_or(0);
  }
  return rows;
}

}  // namespace

std::string waivers_in(const Inputs& inputs) {
  const std::string table(quality::kWaiversTable);
  return inputs.contains(table) ? table : std::string();
}

std::vector<delta::Txn> positions_of(const pack::Model& model, const Inputs& inputs,
                                     std::int64_t state, const Refused& refused) {
  std::vector<delta::Txn> positions = {
      {std::string(kRefreshAppId), state, std::nullopt},
      {std::string(kModelAppId), pack::definition_number(model.hash), std::nullopt}};
  for (const auto& [table, input] : inputs) {
    positions.push_back({input_app_id(table), input.version, std::nullopt});
  }
  positions.push_back({std::string(kRefusedAppId), refused.rows, std::nullopt});
  positions.push_back({std::string(kKeptAppId), refused.kept_in, std::nullopt});
  return positions;
}

std::int64_t kept_in(const delta::Snapshot& table, std::int64_t state) {
  return table.txn(kKeptAppId).value_or(state);
}

std::map<std::string, std::string> history_of(const TableRefreshContext& context,
                                              const pack::Model& model, const Inputs& inputs,
                                              const Doing& doing) {
  std::string versions;
  for (const auto& [table, input] : inputs) {
    versions += fmt::format("{}{}@{}", versions.empty() ? "" : " ", table, input.version);
  }
  std::map<std::string, std::string> out = {{"model", model.name},
                                            {"inputs", versions},
                                            {"way", doing.way},
                                            {"seconds", seconds_text(doing.seconds)},
                                            {kTally, doing.tally.text()}};
  if (model.header.clock_day) out[kAsOf] = to_text(context.as_of);
  if (!doing.compared) out[kExchanged] = "all";
  if (doing.in_parts.parts > 1) {
    out[kParts] = std::to_string(doing.in_parts.parts);
    out[kPartsMemory] = doing.in_parts.memory;
  }
  return out;
}

std::string seconds_text(double seconds) { return fmt::format("{:.6f}", seconds); }

double seconds_since(const Clock& clock, std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(clock.steady_now() - start).count();
}

bool Past::nearly_all_change() const {
  for (const ByKey& each : by_key) {
    if (each.changed && each.keys >= kManyKeys) return *each.changed * 100 >= each.keys * 95;
  }
  return false;
}

int Past::builds_before_by_key() const {
  constexpr int kDoubledMax = 4;  // the history that is read tells of no more builds
  const int all = (1 << std::min(by_key_failures, kDoubledMax)) - 1;
  return std::max(0, all - builds_since_failure);
}

std::string Past::dearer(std::int64_t keys, bool by_turn) const {
  if (const int builds = builds_before_by_key(); builds > 0) {
    return fmt::format("by key it failed of late, {} more as a whole come first", builds);
  }
  // As much as the largest of those that were not larger. A larger one says nothing: else a burst
  // would have single changes built as a whole.
  const ByKey* nearest = nullptr;
  for (const ByKey& each : by_turn ? by_day : by_key) {
    if (each.keys <= keys && (nearest == nullptr || each.keys > nearest->keys)) nearest = &each;
  }
  if (nearest == nullptr || !whole_seconds || nearest->seconds <= *whole_seconds) return "";
  return fmt::format("by key it took {:.3f} s, as a whole {:.3f} s", nearest->seconds,
                     *whole_seconds);
}

Result<Past> past_of(lake::Lake& lake, const pack::Model& model,
                     std::optional<delta::LogVersion> version) {
  // As many as tell what the ways cost; one that was dear is tried again when it is further back.
  constexpr std::size_t kEntries = 20;
  TRY(const auto history, lake.latest_commits(name_of(model), kEntries));
  Past past;
  bool refreshed = false;  // an entry of a refresh was seen
  bool went_well = false;  // by key, or what is further back was another definition
  for (const auto& entry : history) {
    if (version && entry.version > *version) continue;
    const auto text = [&](const char* name) {
      const auto found = entry.info->parameters.find(name);
      if (found == entry.info->parameters.end()) return std::string();
      const auto value = nlohmann::json::parse(found->second, nullptr, false);
      return value.is_string() ? value.get<std::string>() : std::string();
    };
    if (!entry.info->parameters.contains("model")) {
      // Rearranging files changes no row. After more of that than this, computing again is cheap in
      // comparison.
      const bool rearranged =
          entry.info->operation == "OPTIMIZE" || entry.info->operation.starts_with("VACUUM");
      past.by_hand = past.by_hand || (!refreshed && !rearranged);
      continue;
    }
    refreshed = true;
    const std::string way = text("way");
    if (past.way.empty()) {
      past.way = way;
      past.tally = quality::Tally::parse(text(kTally));
      if (const auto day = parse_date(text(kAsOf))) past.as_of = *day;
    }
    const std::string failed = text(kByKeyFailed);
    went_well = went_well || way.starts_with(kByKey) || (!failed.empty() && failed != model.hash);
    if (!went_well && !failed.empty()) ++past.by_key_failures;
    if (!went_well && past.by_key_failures == 0 && way.starts_with(kWhole)) {
      ++past.builds_since_failure;
    }
    // A commit that moved positions alone says none.
    if (!way.empty() && !text("seconds").empty()) {
      const double seconds = std::strtod(text("seconds").c_str(), nullptr);
      const bool by_day = way.ends_with(kByDay);
      auto& newest = way.starts_with(kByKey) ? past.by_key_seconds : past.whole_seconds;
      if (way.starts_with(kWhole) && !newest && !text(kParts).empty()) {
        past.in_parts = {static_cast<int>(whole_number(text(kParts)).value_or(1)),
                         text(kPartsMemory)};
      }
      if (!by_day && !newest) newest = seconds;
      // One that found no key touched has looked for them only.
      if (way.starts_with(kByKey) && touched_in(way) > 0) {
        std::optional<std::int64_t> changed;
        if (text(kExchanged).empty()) changed = rows_changed(entry.info->metrics);
        (by_day ? past.by_day : past.by_key).push_back({touched_in(way), seconds, changed});
      }
    }
    if (!text(kByKeySeconds).empty()) {
      const double took = std::strtod(text(kByKeySeconds).c_str(), nullptr);
      // Of how many keys it was is not known where it went wrong before it knew.
      if (touched_in(way) > 0) past.by_key.push_back({touched_in(way), took});
      if (!past.by_key_seconds) past.by_key_seconds = took;
    }
  }
  past.by_hand = past.by_hand || !refreshed;
  return past;
}

std::string date_of(const TableRefreshContext& context, const pack::Model& model) {
  return model.header.clock_day ? to_text(context.as_of) : std::string();
}

std::string why_refused(const quality::Audit& audit) {
  std::string why;
  for (const quality::RuleResult& result : audit.results) {
    // An old table is reported, but it is not why this one was held back.
    if (result.outcome == quality::Outcome::kFail && result.group != pack::RuleGroup::kTime) {
      why += fmt::format("{}rule {}: {}", why.empty() ? "" : "; ", result.rule, result.message);
    }
  }
  return why + "; readers keep the last good version";
}

}  // namespace claimlake::refresh
