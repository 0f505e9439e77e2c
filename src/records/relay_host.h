#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "base/guarded.h"
#include "records/relay.h"

namespace claimlake::records {

// Where the relay of this process stands.
struct RelayState {
  std::int64_t files = 0;  // written by this process
  std::int64_t rows = 0;
  std::string problem;  // why it cannot go on just now; "" if it can
  Timestamp problem_since{};
};

// The relay on a thread of its own: after each commit, and again after a failure.
class RelayHost {
 public:
  // All outlive this. One for each Records.
  RelayHost(Records& records, store::Store& store);
  ~RelayHost();  // what waits is brought at the next start
  RelayHost(const RelayHost&) = delete;
  RelayHost& operator=(const RelayHost&) = delete;

  RelayState state() const;

 private:
  void run();
  void work();
  void fail(const Error& error);

  Records& records_;
  Relay relay_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_told_ = true;  // of commits, or that it starts
  bool is_stopped_ = false;
  bool is_busy_ = false;  // the last turn wrote something: more may wait
  int failures_count_ = 0;
  std::chrono::steady_clock::time_point tidied_at_;
  Guarded<RelayState> state_;
  std::thread thread_;  // last: works on all of the above
};

}  // namespace claimlake::records
