#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "base/progress.h"

namespace claimlake::app {

// Shows the running step on standard error: one line that is rewritten ten times a second once the
// work takes longer than a second, and is wiped at the end. Nothing is shown if standard error is
// not a terminal.
class ProgressLine final : public Progress {
 public:
  explicit ProgressLine(const Clock& clock);
  ~ProgressLine() override;
  void begin(std::string step, std::int64_t rows_expected,
             std::function<double()> fraction) override;
  void end(std::int64_t rows) override;

 private:
  void show();
  void draw();

  const Clock& clock_;
  std::chrono::steady_clock::time_point started_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  bool drawn_ = false;
  bool active_ = false;
  std::string step_;
  std::int64_t rows_expected_ = 0;
  std::function<double()> fraction_;
  std::chrono::steady_clock::time_point step_started_;
  std::thread painter_;
};

// "silver.fact_claims  42 %  1,200,000 rows/s  4.1 s left". Pure, for tests.
std::string progress_text(const std::string& step, std::int64_t rows_expected, double fraction,
                          double seconds);

}  // namespace claimlake::app
