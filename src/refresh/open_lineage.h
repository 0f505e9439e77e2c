#pragma once

#include <map>
#include <string>
#include <vector>

#include "lake/lake.h"
#include "pack/lineage.h"
#include "pack/pack.h"
#include "refresh/run_report.h"

namespace claimlake::refresh {

// What became of a run, for programs that keep the lineage of many: OpenLineage 2-0-2
// (docs/formats/open_lineage.md).
struct OpenLineageContext {
  lake::Lake& lake;
  const pack::Pack& pack;
  const pack::Lineage& lineage;
  std::string job_namespace;  // "claimlake"
  std::string place;          // of the lake: "/srv/lake", "s3://bucket/lake"
  std::string producer;       // a URI: "urn:claimlake:0.1.0"
};

// Namespace and name of a table, or of another path below the lake, as OpenLineage names them:
// "s3://bucket" and "lake/gold/monthly_kpis"; "file" and the whole path.
std::pair<std::string, std::string> dataset_name(std::string_view place, std::string_view path);

// Events are JSON objects without line ends, in order.

// When work on a table begins: its START, and before that of the `first` table the START of the
// run.
std::vector<std::string> open_lineage_begin(const OpenLineageContext& context,
                                            const BegunTable& begun, bool first);

// When a run of `kind` ("ingest" or "run") ends: COMPLETE or FAIL of each table that was built,
// refused or failed, START and COMPLETE or FAIL of its rules, and COMPLETE or FAIL of the run. Of
// tables, and of a run, of which open_lineage_begin() told nothing, START too. None where nothing
// was done. With `broke_off` the run did not come to its end: it and the tables that had begun and
// are not in the report are given ABORT where it was stopped, else FAIL.
struct OpenLineageEnd {
  std::map<std::string, Timestamp> begun = {};  // tables of which was told, and since when
  const Error* broke_off = nullptr;
  Timestamp at{};  // of `broke_off`
};
std::vector<std::string> open_lineage_events(const OpenLineageContext& context,
                                             const RunReport& report, std::string_view kind,
                                             const OpenLineageEnd& end = {});

}  // namespace claimlake::refresh
