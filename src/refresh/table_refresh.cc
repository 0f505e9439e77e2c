#include "refresh/table_refresh.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "quality/audit.h"
#include "quality/checked.h"
#include "quality/waivers.h"
#include "refresh/bound_tables.h"
#include "refresh/definitions.h"
#include "refresh/fingerprint.h"
#include "refresh/key_refresh.h"
#include "refresh/publish.h"
#include "refresh/rearranged.h"
#include "refresh/waivers.h"
#include "refresh/whole_rows.h"

namespace claimlake::refresh {
namespace {

constexpr const char* kStagedRelation = "staged_rows";
// How often a table is computed anew because another process committed it first.
constexpr int kAttemptsMax = 3;

// The versions that the table will be computed from; `reads` is bound to them.
Result<Inputs> input_versions(lake::Lake& lake, const pack::Model& model, BoundTables& reads) {
  Inputs versions;
  for (const auto* inputs : {&model.inputs, &model.rule_inputs}) {
    for (const std::string& input : *inputs) {
      TRY(const auto name, lake::TableName::parse(input));
      TRY(const auto snapshot, lake.snapshot_if_any(name));
      if (snapshot == nullptr) {
        return Error{Fault::kNotFound,
                     fmt::format("waits for {}, which has no version yet", input)};
      }
      versions[input] = {snapshot->metadata().id, snapshot->version()};
      TRY_DONE(reads.bind(input, {snapshot, name.folder()}));
    }
  }
  TRY(const auto name, lake::TableName::parse(quality::kWaiversTable));
  TRY(const auto said, lake.snapshot_if_any(name));
  if (const auto waivers = waivers_version(said, model)) {
    // What is newer there is of other tables.
    versions[name.text()] = *waivers;
    TRY_DONE(reads.bind(name.text(), {said, name.folder()}));
  }
  return versions;
}

std::map<std::string, std::string> docs_of(const pack::Model& model) {
  std::map<std::string, std::string> docs;
  for (const pack::ColumnDoc& column : model.columns) {
    docs[column.name] = column.doc + (column.unit.empty() ? "" : " [" + column.unit + "]");
  }
  return docs;
}

// What is staged and how it was judged.
struct Judged {
  lake::Staged staged;
  InParts in_parts;
  quality::Audit audit;
};

// Stages the model's rows and judges them. What must not be published goes to the quarantine and
// out of the staged files. On an error nothing stays staged.
Result<Judged> stage_and_judge(const TableRefreshContext& context, const pack::Model& model,
                               const Inputs& inputs, std::int64_t state, const Past& past) {
  engine::Session& session = context.session;
  const Timestamp now = context.clock.now();
  const quality::CheckOptions check{
      quality::sql_timestamp(now), context.as_of, {}, waivers_in(inputs)};
  Judged judged;
  TRY(auto whole, stage_whole(context, model, check, past.in_parts));
  judged.staged = std::move(whole.staged);
  judged.in_parts = std::move(whole.in_parts);
  log(LogLevel::kDebug, "table_staged", {{"table", model.name}});
  auto finished = [&]() -> Done {
    TRY_DONE(session.bind_files(kStagedRelation, judged.staged.schema, judged.staged.files));
    const quality::AuditInput input{model, kStagedRelation,
                                    quality::staged_facts(judged.staged.files), now, context.as_of};
    TRY(judged.audit, quality::audit(session, input));
    log(LogLevel::kDebug, "table_judged", {{"table", model.name}});
    if (judged.audit.fails) return done();
    TRY_DONE(
        context.ops.keep_rejects(session, model, kStagedRelation,
                                 {judged.audit.rejected > 0, state, context.run, check.waivers}));
    if (judged.audit.rejected == 0) return done();
    const std::string good =
        fmt::format("SELECT * FROM {} WHERE _quality_score >= 0", kStagedRelation);
    TRY(auto clean, stage_rows(context, model, good));
    context.lake.discard(std::exchange(judged.staged, std::move(clean)));
    return done();
  }();
  (void)session.drop_source(kStagedRelation);  // nothing is bound if the first step failed
  if (!finished) {
    context.lake.discard(judged.staged);
    return std::move(finished).error();
  }
  return judged;
}

lake::WriteRequest write_request(const TableRefreshContext& context, const pack::Model& model,
                                 const Inputs& inputs, std::int64_t state, lake::Staged staged,
                                 delta::SnapshotPtr base, std::int64_t refused) {
  lake::WriteRequest request;
  request.staged = std::move(staged);
  request.mode = lake::WriteMode::kOverwrite;
  request.positions = positions_of(model, inputs, state, {refused, state});
  // A change of few rows then names them, and leaves the files that they are in.
  request.properties = {{"delta.enableDeletionVectors", "true"},
                        {lake::kRowGroupRowsProperty, std::to_string(lake::kLookUpRowGroupRows)}};
  request.description = model.header.description;
  request.column_docs = docs_of(model);
  request.column_tags = pack::tags_by_column(model);
  request.run = context.run;
  request.base = std::move(base);
  return request;
}

// An error if the table was built by another definition of its model than ours, or `before` ours.
Done check_is_ours(const delta::Snapshot& table, const pack::Model& model,
                   std::optional<std::int64_t> before) {
  const auto definition = table.txn(kModelAppId);
  if (!definition || definition == before) return done();
  if (*definition == pack::definition_number(model.hash)) return done();
  return Error{Fault::kInvalidInput,
               "Another process has built it by another definition than this one has; it is left "
               "as it is",
               "", "start this process again, so that it reads the models as they are now"};
}

// An error if an edit took the model away before its table was dropped. One that was dropped by
// hand is made anew.
Done check_goes_on(const TableRefreshContext& context, const pack::Model& model,
                   TableReport& report) {
  TRY(const KeptDefinitions kept, kept_definitions(context.lake, context.session));
  report.left_to_others = kept.has_ended(model.name);
  if (!report.left_to_others) return done();
  report.of_other_definition = true;
  return Error{Fault::kInvalidInput,
               "The table was dropped, and another process has read that the pack has its model no "
               "more; it is left so",
               "", "start this process again, so that it reads the models as they are now"};
}

// An error if the table, null where there is none, is left to others (RunOptions::yield).
Done check_yields(const TableRefreshContext& context, const pack::Model& model,
                  const Inputs& inputs, const delta::Snapshot* table, TableReport& report) {
  if (table == nullptr) return check_goes_on(context, model, report);
  Done ours = check_is_ours(*table, model, context.built_by);
  report.of_other_definition = !ours;
  report.left_to_others =
      !ours && std::all_of(inputs.begin(), inputs.end(), [&](const auto& input) {
        return table->txn(input_app_id(input.first)) == input.second.version;
      });
  return ours;
}

// Moves the positions of a table whose inputs hold the rows that they held; whether it is one.
Result<bool> moved_positions(const TableRefreshContext& context, const pack::Model& model,
                             const Inputs& inputs, std::int64_t state,
                             const delta::SnapshotPtr& base, const Past& past,
                             TableReport& report) {
  if (base == nullptr || context.force || past.by_hand || !past.tally) return false;
  TRY(const bool same, holds_same_rows(context, model, inputs, *base));
  if (!same) return false;
  TRY(const bool complete,
      context.ops.has_rejects_of(model, kept_in(*base, base->txn(kRefreshAppId).value_or(state))));
  if (!complete) return false;
  TRY_DONE(move_positions(context, model, inputs, state, base, past, report));
  return true;
}

// One attempt. Fills `report`; an error is why the table was not brought up to date.
Done attempt(const TableRefreshContext& context, const pack::Model& model, TableReport& report) {
  // Nothing stays of an attempt before.
  report = [&] {
    TableReport begun;
    begun.table = report.table;
    begun.started_at = report.started_at;
    return begun;
  }();
  BoundTables reads(context.session);
  TRY(const Inputs inputs, input_versions(context.lake, model, reads));
  TRY(auto base, context.lake.snapshot_if_any(name_of(model)));
  const std::int64_t state = fingerprint(model.hash, inputs, date_of(context, model));
  if (base != nullptr) report.version = base->version();
  if (context.yield) {
    TRY_DONE(check_yields(context, model, inputs, base.get(), report));
  }
  Past past;
  if (base != nullptr && !context.force) {
    TRY(past, past_of(context.lake, model, base->version()));
  }
  if (base != nullptr && !context.force && base->txn(kRefreshAppId) == state && !past.by_hand) {
    TRY(const bool complete, context.ops.has_rejects_of(model, kept_in(*base, state)));
    if (complete) {
      report.outcome = TableOutcome::kSkipped;
      return done();
    }
  }
  TRY(const bool moved, moved_positions(context, model, inputs, state, base, past, report));
  if (moved) return done();
  if (context.begins) context.begins();
  const auto tried = context.clock.steady_now();
  TRY(const std::string why_whole,
      refresh_by_key({context, model, inputs, base, state, past}, report));
  if (why_whole.empty()) return done();
  report.way = fmt::format("{}: {}", kWhole, why_whole);
  const auto start = context.clock.steady_now();
  TRY(Judged judged, stage_and_judge(context, model, inputs, state, past));
  if (judged.in_parts.parts > 1) {
    report.way = fmt::format("{}, in {} parts: did not fit in memory at once; {}", kWhole,
                             judged.in_parts.parts, why_whole);
  }
  report.results = judged.audit.results;
  report.refused_rows = judged.audit.rejected;
  if (judged.audit.fails) {
    context.lake.discard(judged.staged);
    report.outcome = TableOutcome::kRefused;
    report.message = why_refused(judged.audit);
    return done();
  }
  if (context.cancel.cancelled()) {
    context.lake.discard(judged.staged);
    return Error{Fault::kCancelled, "Stopped before the commit"};
  }
  report.rows = judged.staged.rows();
  lake::WriteRequest request = write_request(context, model, inputs, state,
                                             std::move(judged.staged), base, report.refused_rows);
  request.parameters = history_of(context, model, inputs,
                                  {report.way, seconds_since(context.clock, start),
                                   judged.audit.tally, true, std::move(judged.in_parts)});
  if (report.by_key_tried) {
    request.parameters[kByKeySeconds] =
        seconds_text(std::chrono::duration<double>(start - tried).count());
    if (why_whole.starts_with(kByKeyFails)) request.parameters[kByKeyFailed] = model.hash;
  }
  TRY(const auto committed, context.lake.commit(std::move(request)));
  report.version = committed->version();
  report.outcome = TableOutcome::kBuilt;
  return done();
}

}  // namespace

Result<TableReport> refresh_table(const TableRefreshContext& context, const pack::Model& model) {
  TableReport report;
  report.table = model.name;
  report.started_at = context.clock.now();
  const auto start = context.clock.steady_now();
  ProgressStep step(context.progress, model.name, 0, [&] { return context.session.progress(); });
  for (int attempts = 1;; ++attempts) {
    const auto finished = attempt(context, model, report);
    report.seconds = seconds_since(context.clock, start);
    if (finished) break;
    const Error& error = finished.error();
    if (error.fault == Fault::kCancelled || context.cancel.cancelled()) return error;
    if (error.fault == Fault::kConflict && attempts < kAttemptsMax) continue;
    const bool waits = error.fault == Fault::kNotFound && !report.version;
    report.outcome = waits ? TableOutcome::kWaiting : TableOutcome::kFailed;
    report.message = error.text();
    break;
  }
  step.rows(report.rows);
  return report;
}

}  // namespace claimlake::refresh
