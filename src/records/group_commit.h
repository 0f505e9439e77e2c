#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/result.h"
#include "records/database.h"
#include "records/records.h"

namespace claimlake::records {

// A transaction over a connection that is in one.
class OpenTransaction final : public Transaction {
 public:
  explicit OpenTransaction(Connection& connection) : connection_(connection) {}
  Result<Rows> run(std::string_view sql, const std::vector<Value>& values) override {
    return connection_.run(sql, values);
  }

 private:
  Connection& connection_;
};

// The one writer of a database: writes that wait at the same time share one commit, and so one
// fsync (docs/formats/records.md, Group commit). Thread-safe.
class GroupCommit {
 public:
  using Work = std::function<Done(Transaction&)>;

  explicit GroupCommit(Database& database);  // outlives this
  ~GroupCommit();                            // does what waits first
  GroupCommit(const GroupCommit&) = delete;
  GroupCommit& operator=(const GroupCommit&) = delete;

  // Returns when `work` is durable, or why it is not. As Records::write.
  Done write(const Work& work);
  void on_commit(std::function<void()> tell);

 private:
  struct Waiting {
    const Work& work;
    Done result = done();
    bool is_done = false;
    std::condition_variable changed = {};
  };
  using Group = std::vector<Waiting*>;

  void run();
  void commit(const Group& group);
  Done commit_once(const Group& group);
  Done work_on(const Group& group);
  Done work_on(Waiting& one);

  Database& database_;
  std::unique_ptr<Connection> connection_;  // of the thread
  std::mutex mutex_;
  std::condition_variable changed_;
  Group waiting_;
  bool stopped_ = false;
  std::function<void()> tell_;
  std::thread thread_;  // last: works on all of the above
};

}  // namespace claimlake::records
