#include "schedule/flow.h"

#include <algorithm>

#include "base/text.h"
#include "quality/quarantine.h"
#include "refresh/fingerprint.h"

namespace claimlake::schedule {
namespace {

// How many commits are looked at to count what waits; of a longer row the rest is not counted.
constexpr delta::LogVersion kCommitsMax = 1'000;

// The rows that a commit brought, changed or took, by the names that its kind of change has.
std::int64_t rows_of(const delta::CommitInfo& info) {
  if (info.operation == "OPTIMIZE" || info.operation.starts_with("VACUUM")) return 0;
  std::int64_t rows = 0;
  const auto add = [&](const char* metric) {
    const auto found = info.metrics.find(metric);
    if (found != info.metrics.end()) rows += whole_number(found->second).value_or(0);
    return found != info.metrics.end();
  };
  const bool merged = add("numTargetRowsInserted");
  add("numTargetRowsUpdated");
  add("numTargetRowsDeleted");
  add("numUpdatedRows");
  add("numDeletedRows");
  if (!merged) add("numOutputRows");
  return rows;
}

}  // namespace

std::chrono::microseconds TableFlow::lag(Timestamp now) const {
  return waiting_since && now > *waiting_since ? now - *waiting_since : std::chrono::microseconds{};
}

Flow::Commits Flow::commits_after(const lake::TableName& name, delta::LogVersion since,
                                  delta::LogVersion newest) {
  Commits commits;
  if (newest <= since) return commits;
  const auto history = lake_.history(
      name, static_cast<std::size_t>(std::min<delta::LogVersion>(newest - since, kCommitsMax)));
  if (!history) return commits;
  for (const auto& entry : *history) {
    if (entry.version <= since || entry.version > newest) continue;
    commits.rows += rows_of(entry.info);
    commits.first = entry.timestamp;
  }
  return commits;
}

void Flow::add_waiting(const pack::Model& model, const delta::Snapshot& table, TableFlow& flow) {
  for (const std::string& input : model.inputs) {
    const auto name = lake::TableName::parse(input);
    if (!name) continue;
    const auto newest = lake_.snapshot_if_any(*name);
    const auto taken = table.txn(refresh::input_app_id(input));
    if (!newest || *newest == nullptr || !taken) continue;
    const Commits commits = commits_after(*name, *taken, (*newest)->version());
    flow.waiting += commits.rows;
    if (commits.first && (!flow.waiting_since || *commits.first < *flow.waiting_since)) {
      flow.waiting_since = commits.first;
    }
  }
}

void Flow::look_at_quarantine() {
  const auto name = lake::TableName::parse(quality::kQuarantineTable);
  CHECK(name.has_value(), "ops tables have proper names");
  const auto snapshot = lake_.snapshot_if_any(*name);
  if (!snapshot || *snapshot == nullptr || (*snapshot)->version() == quarantine_version_) return;
  const auto session = engine_.session({.access = engine::Access::kInternal});
  if (!session) return;
  const auto rows = (*session)->query(
      "SELECT table_name, count(*) FROM ops.quarantine WHERE state = 'open' GROUP BY 1");
  if (!rows) return;
  const auto table = engine::read_all(**rows);
  if (!table) return;
  refused_.clear();
  for (const auto& row : table->rows) {
    refused_[row[0].value_or("")] = whole_number(row[1].value_or("")).value_or(0);
  }
  quarantine_version_ = (*snapshot)->version();
}

std::vector<TableFlow> Flow::look() {
  look_at_quarantine();
  const auto stale = stale_.look();
  std::vector<TableFlow> flows;
  for (const pack::Model& model : pack_.models) {
    if (!model.is_table()) continue;
    TableFlow flow;
    flow.table = model.name;
    flow.layer = model.schema;
    const lake::TableName name{model.schema, model.table};
    const auto snapshot = lake_.snapshot_if_any(name);
    Seen& seen = seen_[model.name];
    if (!snapshot) {
      flow.problem = snapshot.error().text();
    } else if (*snapshot != nullptr) {
      const delta::Snapshot& table = **snapshot;
      flow.version = table.version();
      flow.committed_at = table.timestamp();
      flow.rows = table.row_count().value_or(0);
      if (!first_) seen.rows_in += commits_after(name, seen.version, table.version()).rows;
      seen.version = table.version();
      add_waiting(model, table, flow);
    }
    flow.rows_in = seen.rows_in;
    if (const auto refused = refused_.find(model.name); refused != refused_.end()) {
      flow.refused = refused->second;
    }
    const refresh::Stale* found = stale ? refresh::find_stale(**stale, model.name) : nullptr;
    if (found != nullptr) flow.stale = *found;
    flows.push_back(std::move(flow));
  }
  first_ = false;
  return flows;
}

}  // namespace claimlake::schedule
