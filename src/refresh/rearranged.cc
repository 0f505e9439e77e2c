#include "refresh/rearranged.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace claimlake::refresh {
namespace {

// After more versions than this that are not known to hold the same rows, computing is cheap beside
// looking.
constexpr delta::LogVersion kVersionsMax = 100;

bool changes_no_row(const delta::CommitInfo& info) {
  if (info.operation == "OPTIMIZE" || info.operation == delta::kVacuumStart ||
      info.operation == delta::kVacuumEnd) {
    return true;
  }
  const auto way = info.parameters.find("way");
  return way != info.parameters.end() && way->second.starts_with("\"" + std::string(kPositions));
}

// Whether all versions of `table` after `since`, up to `now`, hold the rows of `since`.
Result<bool> same_since(lake::Lake& lake, const std::string& table, delta::LogVersion since,
                        delta::LogVersion now) {
  if (since == now) return true;
  if (since > now || now - since > kVersionsMax) return false;
  TRY(const auto name, lake::TableName::parse(table));
  // Mostly the newest says enough. More may have come than are asked about; they count as well.
  for (const std::size_t entries : {std::size_t{1}, static_cast<std::size_t>(now - since)}) {
    TRY(const auto history, lake.latest_commits(name, entries));
    for (const auto& entry : history) {
      if (entry.version > since && !changes_no_row(*entry.info)) return false;
    }
    if (!history.empty() && history.back().version == since + 1) return true;
  }
  return false;
}

}  // namespace

Result<bool> holds_same_rows(const TableRefreshContext& context, const pack::Model& model,
                             const Inputs& inputs, const delta::Snapshot& base) {
  Inputs before = inputs;
  for (auto& [table, version] : before) {
    const auto position = base.txn(input_app_id(table));
    if (!position) return false;
    version.version = *position;
  }
  if (base.txn(kRefreshAppId) != fingerprint(model.hash, before, date_of(context, model))) {
    return false;
  }
  for (const auto& [table, version] : inputs) {
    TRY(const bool same,
        same_since(context.lake, table, before.at(table).version, version.version));
    if (!same) return false;
  }
  return true;
}

Done move_positions(const TableRefreshContext& context, const pack::Model& model,
                    const Inputs& inputs, std::int64_t state, const delta::SnapshotPtr& base,
                    const Past& past, TableReport& report) {
  CHECK(past.tally.has_value(), "the audit goes on");
  const std::int64_t last = base->txn(kRefreshAppId).value_or(state);
  const Refused refused{base->txn(kRefusedAppId).value_or(0), kept_in(*base, last)};
  report.way = fmt::format("{}: its inputs hold the rows that they held", kPositions);
  delta::CommitRequest request;
  request.base = base;
  // Rows that somebody else changes meanwhile would stay unseen behind the positions.
  request.read.whole_table = true;
  for (delta::Txn& position : positions_of(model, inputs, state, refused)) {
    request.actions.emplace_back(std::move(position));
  }
  request.info.operation = "WRITE";
  request.info.user = context.lake.context().user;
  request.info.run = context.run;
  auto parameters = history_of(context, model, inputs, {report.way, 0, *past.tally});
  parameters.erase("seconds");  // it says nothing of what either way costs
  for (const auto& [name, text] : parameters) {
    request.info.parameters[name] = nlohmann::json(text).dump();
  }
  TRY(const auto committed, context.lake.commit_actions(name_of(model), std::move(request)));
  report.version = committed->version();
  report.refused_rows = refused.rows;
  report.outcome = TableOutcome::kBuilt;
  return done();
}

}  // namespace claimlake::refresh
