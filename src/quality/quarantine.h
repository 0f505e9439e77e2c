#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "bronze/ingest.h"
#include "delta/schema.h"
#include "engine/row_source.h"
#include "pack/model.h"

namespace claimlake::quality {

// ops.quarantine holds every row that a rule or a parser refused (docs/concepts/quality.md).
// Partitioned by table_name, so that a run replaces the rows of its own table in one commit.
inline constexpr std::string_view kQuarantineTable = "ops.quarantine";
delta::Schema quarantine_schema();
std::vector<std::string> quarantine_partition();

struct RejectContext {
  std::string run_id;
  Timestamp now{};
  std::string waivers = {};  // the relation with the rows of ops.waivers; empty: there is none
};

// Of which state are rows that a rule keeps out of their table: the others went in.
inline constexpr std::string_view kIsRefused = "state IN ('open', 'dropped')";

// SQL of the value that a refused row had in a column, over rows of ops.quarantine (`relation`; ""
// where there is no other). Null if it cannot be read back.
std::string payload_value(const pack::ColumnDoc& column, std::string_view relation = {});
// Whether values of the column do not come back from there as they were.
bool is_nested(const pack::ColumnDoc& column);

// SQL of the key by which people name a row: that of its table as text, over the columns of a
// relation, which may be of other types ("" where there is no other relation). Null where a column
// of it is, or the table has none.
std::string key_text(const pack::Model& model, std::string_view relation = {});

// The rows that rules took out of `staged` (see checked_select), as rows of ops.quarantine that
// are seen for the first time.
std::string rejects_select(const pack::Model& model, std::string_view staged,
                           const RejectContext& context);

// The SQL of the quarantine_id of a refused row, over the columns of a relation of that name.
std::string refused_identity(const pack::Model& model, std::string_view relation = "rejected");

// All rows that ops.quarantine must hold for the table after this run: its old ones and `rejects`
// (a SELECT as rejects_select gives it; empty if the run refused nothing). A row that is refused
// again keeps the time it was first seen; one that was waiting and is refused no more went into
// the table: state waived where a person let it in, else replayed. `quarantine` is readable in the
// session, for example ops.quarantine.
std::string quarantine_merge_select(std::string_view table, std::string_view rejects,
                                    std::string_view quarantine, const RejectContext& context);

// Broken raw records as a relation for Session::bind_source.
std::shared_ptr<const engine::RowSource> broken_records_source(
    std::vector<bronze::BrokenRecord> records);

// The broken records of the Bronze table `table`, bound as `records`, that `quarantine` does not
// hold yet, as rows to append to it. Read again, the same records give no rows.
std::string broken_records_select(std::string_view table, std::string_view records,
                                  std::string_view quarantine, const RejectContext& context);

}  // namespace claimlake::quality
