#pragma once

#include <atomic>
#include <memory>

namespace claimlake {

// A wish to stop, seen by everybody who holds a copy. Thread-safe; cancel() is safe in a signal
// handler.
class Cancel {
 public:
  Cancel() : flag_(std::make_shared<std::atomic<bool>>(false)) {}
  void cancel() const { flag_->store(true, std::memory_order_relaxed); }
  bool cancelled() const { return flag_->load(std::memory_order_relaxed); }

 private:
  std::shared_ptr<std::atomic<bool>> flag_;
};

}  // namespace claimlake
