#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

namespace claimlake::schedule {

// A raw file of which somebody told.
struct ArrivedFile {
  std::string name;    // relative to the raw folder
  bool whole = false;  // it got its name when it was complete (a rename)
};

// What was told since the last wait.
struct Arrived {
  std::vector<ArrivedFile> files;
  bool look_at_all = false;  // something may have arrived that nobody told of: list the folder
  std::string problem;       // why nothing can be told at present; "" if it can
};

// Tells when raw files may have arrived. What it tells is a hint: it may tell of a file that is not
// there, and may miss one, so that who waits lists the folder now and then.
class Arrivals {
 public:
  virtual ~Arrivals() = default;
  // Returns when a file may have arrived, when somebody calls wake(), or after `at_most`. One
  // thread at a time.
  virtual Arrived wait(std::chrono::microseconds at_most) = 0;
  // Ends a wait, or the next one if there is none. From any thread.
  virtual void wake() = 0;
  // False: no file is ever told of, only listing finds them.
  virtual bool tells() const = 0;
};

// For stores that tell nobody: only the time passes.
class SilentArrivals final : public Arrivals {
 public:
  Arrived wait(std::chrono::microseconds at_most) override;
  void wake() override;
  bool tells() const override { return false; }

 private:
  std::mutex mutex_;
  std::condition_variable woken_;
  bool wake_ = false;
};

}  // namespace claimlake::schedule
