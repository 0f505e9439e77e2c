#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "records/value.h"

namespace claimlake::records {

// One connection to a database. One thread at a time. Destroyed within a transaction, it leaves
// nothing of that behind.
class Connection {
 public:
  virtual ~Connection() = default;

  // Begins a transaction: one that may write, alone among all connections of all processes, or one
  // that sees one state. Errors: kTimeout (others write too long), kUnavailable.
  virtual Done begin(bool writes) = 0;
  // When a writing one returns success, it is durable. Errors: kUnavailable (may have happened).
  virtual Done commit() = 0;
  virtual void roll_back() = 0;
  // As Transaction::run.
  virtual Result<Rows> run(std::string_view sql, const std::vector<Value>& values) = 0;
  // False after an error that only a new connection helps against.
  virtual bool is_usable() const { return true; }
};

// A place that keeps tables durably. Thread-safe.
class Database {
 public:
  virtual ~Database() = default;
  virtual Result<std::unique_ptr<Connection>> connect() = 0;
  // A statement of the schema, written for SQLite, in the words of this database.
  virtual std::string in_own_words(std::string_view statement) const = 0;
  // Keeps all that is there as it is under a name with `version`, before the schema changes.
  virtual Done back_up(std::int64_t version) = 0;
  // Whether there is a table of that name.
  virtual Result<bool> has_table(Connection& connection, std::string_view name) const = 0;
  // For people, without a secret.
  virtual const std::string& place() const = 0;
};

// `path` and its folder are made where they are not there.
std::unique_ptr<Database> sqlite_database(std::string path);
// Errors: kInvalidInput (not a URL that libpq understands).
Result<std::unique_ptr<Database>> postgres_database(const std::string& url);

}  // namespace claimlake::records
