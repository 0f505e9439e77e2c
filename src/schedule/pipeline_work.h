#pragma once

#include "lake/lake.h"
#include "pack/pack.h"
#include "refresh/pipeline.h"
#include "schedule/work.h"

namespace claimlake::schedule {

// The work on a lake: its pipeline.
class PipelineWork final : public Work {
 public:
  // All outlive this. `raw_folder` is in the lake's own store.
  PipelineWork(lake::Lake& lake, const pack::Pack& pack, refresh::Pipeline& pipeline,
               std::string raw_folder)
      : lake_(lake), pack_(pack), pipeline_(pipeline), raw_folder_(std::move(raw_folder)) {}

  Result<refresh::RunReport> ingest(const std::vector<bronze::RawFile>& files) override;
  Result<refresh::RunReport> refresh(Date as_of) override;
  Done finish() override;
  Result<std::map<std::string, delta::LogVersion>> versions() override;

 private:
  lake::Lake& lake_;
  const pack::Pack& pack_;
  refresh::Pipeline& pipeline_;
  const std::string raw_folder_;
  std::vector<refresh::RunReport> unrecorded_;  // ingests
};

}  // namespace claimlake::schedule
