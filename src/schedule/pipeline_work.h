#pragma once

#include <mutex>

#include "lake/lake.h"
#include "pack/pack.h"
#include "refresh/pipeline.h"
#include "schedule/work.h"

namespace claimlake::schedule {

// The work on a lake: its pipeline.
class PipelineWork final : public Work {
 public:
  // All outlive this. `raw_folder` is in the lake's own store. `at_work` is held while tables are
  // worked on: who takes a step in the same process waits for it; null where nobody does.
  PipelineWork(lake::Lake& lake, const pack::Pack& pack, refresh::Pipeline& pipeline,
               std::string raw_folder, std::timed_mutex* at_work = nullptr)
      : lake_(lake),
        pack_(pack),
        pipeline_(pipeline),
        raw_folder_(std::move(raw_folder)),
        at_work_(at_work) {}

  Result<refresh::RunReport> ingest(const std::vector<bronze::RawFile>& files) override;
  Result<refresh::RunReport> refresh(Date as_of, const Fails& fails) override;
  Done finish(const std::function<bool()>& hurry) override;
  Result<std::map<std::string, delta::LogVersion>> versions() override;

 private:
  std::unique_lock<std::timed_mutex> work() const;

  lake::Lake& lake_;
  const pack::Pack& pack_;
  refresh::Pipeline& pipeline_;
  const std::string raw_folder_;
  std::timed_mutex* const at_work_;
  std::vector<refresh::RunReport> unrecorded_;  // ingests
};

}  // namespace claimlake::schedule
