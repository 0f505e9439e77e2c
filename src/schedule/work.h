#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "bronze/raw_files.h"
#include "delta/action.h"
#include "refresh/run_report.h"

namespace claimlake::schedule {

// What the live pipeline does when it is time.
class Work {
 public:
  virtual ~Work() = default;
  // Takes these raw files into Bronze.
  virtual Result<refresh::RunReport> ingest(const std::vector<bronze::RawFile>& files) = 0;
  // Brings Silver and Gold up to date. `fails` is told at once of each table that failed or was
  // refused, by one thread at a time, while this call lasts.
  using Fails = std::function<void(const refresh::TableReport&)>;
  virtual Result<refresh::RunReport> refresh(Date as_of, const Fails& fails) = 0;
  // What could wait until the tables were up to date: the account of the ingests, and upkeep, of
  // which little is done while `hurry` says that more has arrived.
  virtual Done finish(const std::function<bool()>& hurry) = 0;
  // The newest version of each table of the pack, whoever committed it. Cheap.
  virtual Result<std::map<std::string, delta::LogVersion>> versions() = 0;
};

}  // namespace claimlake::schedule
