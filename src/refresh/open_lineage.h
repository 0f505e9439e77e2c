#pragma once

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

// The events of a run of `kind` ("ingest" or "run"), each one JSON object without line ends, in
// order: START and COMPLETE or FAIL of the run, of each table that was built, refused or failed,
// and of its rules. None where nothing was done.
std::vector<std::string> open_lineage_events(const OpenLineageContext& context,
                                             const RunReport& report, std::string_view kind);

}  // namespace claimlake::refresh
