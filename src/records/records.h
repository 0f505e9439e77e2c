#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "records/value.h"

namespace claimlake::records {

// The rows of one transaction. Valid while the function runs that got it.
class Transaction {
 public:
  virtual ~Transaction() = default;
  // Runs one statement; `sql` is text of the program, never of a user. "$1" is the first of
  // `values`. It is SQL that SQLite and PostgreSQL read alike: INSERT … ON CONFLICT, RETURNING.
  // Errors: kConflict (a key is taken, a reference leads nowhere), kUnavailable, kTimeout.
  // After an error the function must return it: what it wrote is taken back.
  virtual Result<Rows> run(std::string_view sql, const std::vector<Value>& values = {}) = 0;
};

class Database;  // records/database.h

// The operational store (docs/formats/records.md). Thread-safe; made once, outlives its users.
class Records {
  class Core;

 public:
  // `place` is the path of a SQLite file, which is made with its folder where it is not there, or
  // the URL of a PostgreSQL database ("postgresql://user@host/database"). The schema is brought
  // forward. `clock` and `random` outlive this. Errors: kUnavailable (cannot be opened: says why),
  // kCorrupt (not such a file), kConflict (written by a newer program), kInvalidInput (a URL that
  // is none). No message holds a password.
  static Result<std::unique_ptr<Records>> open(const std::string& place, const Clock& clock,
                                               Random& random);
  // The same over any database, for tests.
  static Result<std::unique_ptr<Records>> open(std::unique_ptr<Database> database,
                                               const Clock& clock, Random& random);
  explicit Records(std::unique_ptr<Core> core);  // see open()
  // Writes that wait are done first.
  ~Records();

  // Runs `work` in a transaction, after and before other writes, never beside one. When this
  // returns a value, what was written is durable and seen by every read. When it returns an error
  // of `work` nothing was written; kUnavailable and kTimeout of the commit itself may still have
  // happened. `work` runs on another thread, while the caller waits; it must be short and may run
  // more than once (after a lost connection), so it must do nothing else.
  template <class T>
  Result<T> write(const std::function<Result<T>(Transaction&)>& work) {
    Result<T> result = Error{Fault::kCancelled, "The operational store is closed"};
    Done written = write_all([&](Transaction& transaction) -> Done {
      result = work(transaction);
      return result ? done() : Done(result.error());
    });
    if (!written) return std::move(written).error();
    return result;
  }

  // Runs `work` over one state of the store, beside writes and other reads.
  template <class T>
  Result<T> read(const std::function<Result<T>(Transaction&)>& work) const {
    Result<T> result = Error{Fault::kCancelled, "The operational store is closed"};
    Done read = read_all([&](Transaction& transaction) -> Done {
      result = work(transaction);
      return result ? done() : Done(result.error());
    });
    if (!read) return std::move(read).error();
    return result;
  }

  // Called after each commit that may have added to the outbox, on the writing thread: it must not
  // block, nor call this. When on_commit({}) returns, the one before is called no more.
  void on_commit(std::function<void()> tell);

  const Clock& clock() const;
  Random& random() const;
  // The id of this store: 8 lower-case hexadecimal digits, drawn when it was made.
  const std::string& id() const;
  // For people: "records.db" with its folder, or "postgresql://host/database". Never a secret.
  const std::string& place() const;

 private:
  Done write_all(const std::function<Done(Transaction&)>& work);
  Done read_all(const std::function<Done(Transaction&)>& work) const;

  const std::unique_ptr<Core> core_;
};

// The time for a change of a row that was last changed at `before`, in microseconds: now, but later
// than that.
std::int64_t next_micros(const Clock& clock, std::int64_t before = 0);

}  // namespace claimlake::records
