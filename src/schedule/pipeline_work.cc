#include "schedule/pipeline_work.h"

#include "quality/waivers.h"

namespace claimlake::schedule {

std::unique_lock<std::timed_mutex> PipelineWork::work() const {
  return at_work_ == nullptr ? std::unique_lock<std::timed_mutex>() : std::unique_lock(*at_work_);
}

Result<refresh::RunReport> PipelineWork::ingest(const std::vector<bronze::RawFile>& files) {
  refresh::IngestOptions options;
  options.raw_store = &lake_.store();
  options.raw_folder = raw_folder_;
  options.files = &files;
  options.record = false;
  const auto lock = work();
  auto report = pipeline_.ingest(options);
  if (report) unrecorded_.push_back(*report);
  return report;
}

Done PipelineWork::finish(const std::function<bool()>& hurry) {
  const auto lock = work();
  while (!unrecorded_.empty()) {
    TRY_DONE(pipeline_.record_ingest(unrecorded_.front()));
    unrecorded_.erase(unrecorded_.begin());
  }
  const auto kept_up = pipeline_.keep_up(hurry);
  if (!kept_up && kept_up.error().fault != Fault::kCancelled) return kept_up.error();
  return done();
}

Result<refresh::RunReport> PipelineWork::refresh(Date as_of, const Fails& fails) {
  refresh::RunOptions options;
  options.as_of = as_of;
  options.yield = true;
  options.fails = fails;
  const auto lock = work();
  return pipeline_.run(options);
}

Result<std::map<std::string, delta::LogVersion>> PipelineWork::versions() {
  std::map<std::string, delta::LogVersion> versions;
  for (const pack::Model& model : pack_.models) {
    if (!model.is_table()) continue;
    const auto snapshot = lake_.snapshot_if_any({model.schema, model.table});
    // One that cannot be read is told of by the refresh that reads it.
    if (snapshot && *snapshot != nullptr) versions[model.name] = (*snapshot)->version();
  }
  // What a person lets in, or takes back, is in no table of the pack.
  TRY(const auto waivers, lake::TableName::parse(quality::kWaiversTable));
  const auto said = lake_.snapshot_if_any(waivers);
  if (said && *said != nullptr) versions[waivers.text()] = (*said)->version();
  return versions;
}

}  // namespace claimlake::schedule
