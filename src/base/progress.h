#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace claimlake {

// Is told what long work is doing, one step at a time. begin() and end() come from the working
// thread; whoever shows progress may call `fraction` from another thread between the two.
class Progress {
 public:
  virtual ~Progress() = default;
  // `rows_expected`: 0 if not known. `fraction`: how far in [0, 1], negative if not known.
  virtual void begin(std::string step, std::int64_t rows_expected,
                     std::function<double()> fraction) = 0;
  virtual void end(std::int64_t rows) = 0;
};

// For those who do not want to know.
class NoProgress final : public Progress {
 public:
  void begin(std::string, std::int64_t, std::function<double()>) override {}
  void end(std::int64_t) override {}
};

// One step: begun by the constructor, ended by the destructor.
class ProgressStep {
 public:
  ProgressStep(Progress& progress, std::string step, std::int64_t rows_expected = 0,
               std::function<double()> fraction = nullptr)
      : progress_(progress) {
    progress_.begin(std::move(step), rows_expected, std::move(fraction));
  }
  ~ProgressStep() { progress_.end(rows_); }
  ProgressStep(const ProgressStep&) = delete;
  ProgressStep& operator=(const ProgressStep&) = delete;
  void rows(std::int64_t rows) { rows_ = rows; }

 private:
  Progress& progress_;
  std::int64_t rows_ = 0;
};

}  // namespace claimlake
