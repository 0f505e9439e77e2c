// The end of a table: docs/decisions/0006-dropping-a-table.md.
#include <algorithm>

#include "delta/column_rules.h"
#include "delta/dropped.h"
#include "delta/log.h"
#include "delta/log_reader.h"

namespace claimlake::delta {

bool is_dropped(const Metadata& metadata) { return metadata.configuration.contains(kDropped); }

Metadata marked_dropped(Metadata metadata) {
  metadata.configuration.erase("delta.appendOnly");
  metadata.configuration[kDropped] = "true";
  return metadata;
}

Error dropped_error(std::string table_path) {
  return {Fault::kNotFound, "the table was dropped, and its files are not all gone yet",
          std::move(table_path), "DROP TABLE once more removes what is left"};
}

Result<std::optional<LogVersion>> Log::dropped() const {
  const LogReader reader(context_, table_path_);
  TRY(const LogListing listing, reader.list_all());
  for (auto commit = listing.commits.rbegin(); commit != listing.commits.rend(); ++commit) {
    TRY(const auto read, reader.read_commit(commit->version));
    if (!read) continue;
    for (const Action& action : read->actions) {
      const auto* metadata = std::get_if<Metadata>(&action);
      if (metadata == nullptr) continue;
      if (is_dropped(*metadata)) return std::optional<LogVersion>(commit->version);
      return std::optional<LogVersion>();
    }
  }
  return std::optional<LogVersion>();
}

Done Log::erase(LogVersion marker, const Cancel& cancel) {
  const std::string folder = log_folder(table_path_) + "/";
  const std::string last = commit_path(table_path_, marker);
  TRY(const auto objects, context_.store.list_all(table_path_));
  // The data first, then what the log is told shorter by, then its entries, the oldest first.
  const auto rank = [&](const store::ObjectInfo& object) {
    if (!object.path.starts_with(folder)) return 0;
    if (object.path == last) return 3;
    return sort_out({object}).commits.empty() ? 1 : 2;
  };
  std::vector<std::pair<int, std::string>> order;
  order.reserve(objects.size());
  for (const store::ObjectInfo& object : objects) order.emplace_back(rank(object), object.path);
  std::sort(order.begin(), order.end());
  for (const auto& [step, path] : order) {
    if (cancel.cancelled()) {
      return Error{Fault::kCancelled, "the table is dropped, and its files are not all gone",
                   table_path_, "DROP TABLE once more removes what is left"};
    }
    // Names in a log come again when a table is made anew: once another DROP has come to its end,
    // these are not ours any more.
    if (step > 0) {
      const auto there = context_.store.head(last);
      if (!there && there.error().fault == Fault::kNotFound) return done();
      if (!there) return there.error();
    }
    const auto removed = context_.store.remove(path);
    if (!removed && removed.error().fault != Fault::kNotFound) return removed.error();
  }
  return done();
}

}  // namespace claimlake::delta
