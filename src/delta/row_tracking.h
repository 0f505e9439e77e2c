#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "delta/action.h"

namespace claimlake::delta {

// Row tracking (PROTOCOL.md, "Row Tracking"): each row has an id that stays with it, and knows the
// version that wrote it last.

inline constexpr const char* kRowTracking = "delta.enableRowTracking";
inline constexpr const char* kRowIdColumnName = "delta.rowTracking.materializedRowIdColumnName";
inline constexpr const char* kRowVersionColumnName =
    "delta.rowTracking.materializedRowCommitVersionColumnName";
// While it is true no ids are given: that is how a table gives them up.
inline constexpr const char* kRowTrackingSuspended = "delta.rowTrackingSuspended";
inline constexpr const char* kRowTrackingDomain = "delta.rowTracking";

// Whether each file of a commit must get ids for its rows: the table has the feature, and it is not
// suspended.
bool assigns_row_ids(const Protocol& protocol, const Metadata& metadata);
// Whether rows that are copied must keep theirs.
bool tracks_rows(const Protocol& protocol, const Metadata& metadata);

// The columns of data files that hold what rows keep; no columns of the table.
struct RowTrackingColumns {
  std::string id;
  std::string version;
};
// Absent if rows of the table are not tracked.
std::optional<RowTrackingColumns> row_tracking_columns(const Protocol& protocol,
                                                       const Metadata& metadata);
// Gives them names in a table that is asked to track rows and has none yet. `before`: what the
// table has; null if it is new. Errors: kInvalidInput, a table that is to track rows and not to; a
// name that is not the table's.
Done name_row_tracking_columns(Metadata& metadata, const Metadata* before, Random& random);

// The highest id that a table has given, as its domain says; -1 if it gave none.
std::int64_t row_id_high_water_mark(const std::map<std::string, DomainMetadata>& domains);
std::optional<std::int64_t> row_id_high_water_mark(const Action& action);

// Gives ids to the rows of the files of one commit that have none. Which ids, and which version,
// is known only when the commit is tried, and may change with each try.
class RowIds {
 public:
  RowIds() = default;
  // Takes the files of `actions` that need ids. `last_id` is the highest that was given.
  RowIds(std::span<const Action> actions, std::int64_t last_id);
  // Others were first, and gave ids up to this one.
  void follow(std::int64_t last_id) { last_id_ = std::max(last_id_, last_id); }
  // Numbers the files, and returns what tells of the highest id; absent if no file needs any.
  // Errors: kInvalidInput, a file that does not say how many rows it has.
  Result<std::optional<Action>> assign(std::span<Action> actions, LogVersion version) const;

 private:
  std::vector<std::size_t> files_;  // their places among the actions
  std::int64_t last_id_ = -1;
};

}  // namespace claimlake::delta
