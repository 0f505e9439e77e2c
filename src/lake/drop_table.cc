#include "lake/drop_table.h"

#include <fmt/format.h>

#include "delta/dropped.h"
#include "lake/environment_files.h"
#include "lake/file_actions.h"
#include "lake/maintain.h"

namespace claimlake::lake {
namespace {

// Writers that are first so often in a row do nothing else.
constexpr int kAttempts = 100;

Done check_owner(Lake& lake, const TableName& name) {
  if (lake.views(name.schema).contains(name.table)) {
    return Error{Fault::kInvalidInput, fmt::format("{} is a view, not a table", name.text()), "",
                 "take its model out of the pack"};
  }
  const std::string owner = lake.built_by(name);
  if (owner.empty()) return done();
  return Error{
      Fault::kInvalidInput,
      fmt::format("Table {} is built by {}, which would make it again", name.text(), owner), "",
      "take it out there first; TRUNCATE only empties it until the next run"};
}

// An environment would lose rows with the files that it shares.
Done check_shared(Lake& lake, const TableName& name) {
  TRY(const auto shared, files_of_environments(lake, name, lake.context().clock.now()));
  if (shared.empty()) return done();
  const std::string& environment = shared.begin()->second;
  return Error{Fault::kConflict,
               fmt::format("The environment {} shares {} of the files of {}", environment,
                           shared.size() == 1 ? "one" : std::to_string(shared.size()), name.text()),
               "", fmt::format("drop the environment first: claimlake env drop {}", environment)};
}

// The one step that counts: a version without files that says that the table is dropped. What was
// committed before it is dropped with it, so it follows every other writer.
Result<delta::LogVersion> commit_end(Lake& lake, delta::Log& log, const TableName& name,
                                     const std::string& run) {
  for (int attempt = 1;; ++attempt) {
    TRY(const auto base, lake.snapshot(name));
    auto request = maintenance_request(lake, base, "DROP TABLE", run);
    request.read.whole_table = true;
    request.checked_rows = true;  // there are no new ones
    request.actions.emplace_back(delta::marked_dropped(base->metadata()));
    const Timestamp now = lake.context().clock.now();
    for (const delta::AddFile& file : base->files()) {
      request.actions.emplace_back(remove_file(file, now));
    }
    const auto committed = log.commit(std::move(request));
    if (committed) return (*committed)->version();
    if (committed.error().fault != Fault::kConflict || attempt == kAttempts) {
      return Error(committed.error()).at(name.text());
    }
  }
}

}  // namespace

Result<DropTable> read_drop_table(SqlCursor& cursor) {
  DropTable out;
  out.if_exists = cursor.take("if exists");
  TRY(out.name, cursor.table());
  TRY_DONE(cursor.end());
  return out;
}

Done drop_table(Lake& lake, const DropTable& drop, const std::string& run, const Cancel& cancel) {
  TRY_DONE(check_owner(lake, drop.name));
  TRY_DONE(check_shared(lake, drop.name));
  const LakeContext& context = lake.context();
  delta::Log log({context.store, context.parquet, context.clock, context.random},
                 drop.name.folder());
  const auto there = lake.snapshot(drop.name);
  std::optional<delta::LogVersion> marker;
  if (there) {
    const auto ended = commit_end(lake, log, drop.name, run);
    // Whoever drops it at the same time may have been first.
    if (!ended && ended.error().fault != Fault::kNotFound) return ended.error();
    if (ended) marker = *ended;
  } else if (there.error().fault != Fault::kNotFound) {
    return there.error();
  }
  if (!marker) {
    TRY(marker, log.dropped());
  }
  if (!marker) return there || drop.if_exists ? done() : Done(there.error());
  lake.forget(drop.name);
  return log.erase(*marker, cancel);
}

}  // namespace claimlake::lake
