#include "records/group_commit.h"

#include <algorithm>

namespace claimlake::records {
namespace {

// More would make those at its front wait for those at its end.
constexpr std::size_t kGroupMax = 256;

}  // namespace

GroupCommit::GroupCommit(Database& database) : database_(database), thread_([this] { run(); }) {}

GroupCommit::~GroupCommit() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void GroupCommit::on_commit(std::function<void()> tell) {
  const std::lock_guard lock(mutex_);
  tell_ = std::move(tell);
}

Done GroupCommit::write(const Work& work) {
  Waiting one{work};
  std::unique_lock lock(mutex_);
  if (stopped_) return Error{Fault::kCancelled, "The operational store is closed"};
  waiting_.push_back(&one);
  changed_.notify_one();
  one.changed.wait(lock, [&one] { return one.is_done; });
  return std::move(one.result);
}

void GroupCommit::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const auto end =
        waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), kGroupMax));
    const Group group(waiting_.begin(), end);
    waiting_.erase(waiting_.begin(), end);
    lock.unlock();
    commit(group);
    lock.lock();
    if (tell_) tell_();  // under the lock: who takes it back may go at once
    for (Waiting* one : group) {
      one->is_done = true;
      one->changed.notify_one();  // under the lock: `one` goes as soon as its owner wakes
    }
  }
}

void GroupCommit::commit(const Group& group) {
  Done committed = commit_once(group);
  if (!committed && connection_ != nullptr && !connection_->is_usable()) connection_.reset();
  if (committed) return;
  for (Waiting* one : group) one->result = committed;
}

Done GroupCommit::commit_once(const Group& group) {
  if (connection_ == nullptr) {
    TRY(connection_, database_.connect());
  }
  Done begun = connection_->begin(true);
  if (!begun && !connection_->is_usable()) {
    // The connection was lost while nothing was under way.
    TRY(connection_, database_.connect());
    begun = connection_->begin(true);
  }
  if (!begun) return begun;
  Done worked = work_on(group);
  if (!worked) {
    connection_->roll_back();
    return worked;
  }
  Done committed = connection_->commit();
  if (!committed) connection_->roll_back();
  return committed;
}

// Errors are of the group; that of one write is kept with it.
Done GroupCommit::work_on(const Group& group) {
  for (Waiting* one : group) {
    TRY_DONE(connection_->run("SAVEPOINT one_write", {}));
    one->result = work_on(*one);
    if (!one->result) {
      TRY_DONE(connection_->run("ROLLBACK TO SAVEPOINT one_write", {}));
    }
    TRY_DONE(connection_->run("RELEASE SAVEPOINT one_write", {}));
  }
  return done();
}

// What a library throws is told to who wrote it: on this thread nobody else would catch it.
Done GroupCommit::work_on(Waiting& one) {
  try {
    OpenTransaction transaction(*connection_);
    return one.work(transaction);
  } catch (const std::exception&) {
    return Error{Fault::kUnavailable, "What was to be written could not be worked out", "",
                 "report it, with what was sent but for personal data"};
  }
}

}  // namespace claimlake::records
