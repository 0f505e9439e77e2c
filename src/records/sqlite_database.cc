#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <system_error>
#include <unordered_map>

#include "base/check.h"
#include "records/database.h"

namespace claimlake::records {
namespace {

// How long a transaction waits for those of other processes.
constexpr int kBusyMillis = 5'000;

struct CloseDatabase {
  void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Handle = std::unique_ptr<sqlite3, CloseDatabase>;
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

// SQLite's messages name tables and columns, never values.
Error error_of(sqlite3* handle, int code, const std::string& place) {
  const std::string why = handle == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(handle);
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
      return {Fault::kConflict, "The operational store refuses it: " + why, place};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Fault::kTimeout, "Another process writes to the operational store", place,
              "try again in a moment"};
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return {Fault::kCorrupt, "The operational store cannot be read: " + why, place,
              "restore it from a backup, or name another place for it (records)"};
    case SQLITE_INTERRUPT:
      return {Fault::kCancelled, "The operational store was interrupted", place};
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return {Fault::kUnavailable, "The operational store cannot be used: " + why, place,
              "see that its folder is there and writable, and that the disk has room"};
    default:
      return {Fault::kUnavailable, "The operational store failed: " + why, place};
  }
}

class SqliteConnection final : public Connection {
 public:
  SqliteConnection(Handle handle, std::string place)
      : handle_(std::move(handle)), place_(std::move(place)) {}

  Done begin(bool writes) override {
    TRY_DONE(run(writes ? "BEGIN IMMEDIATE" : "BEGIN", {}));
    return done();
  }

  Done commit() override {
    TRY_DONE(run("COMMIT", {}));
    return done();
  }

  void roll_back() override {
    // SQLite may have rolled back by itself, on an I/O error.
    if (sqlite3_get_autocommit(handle_.get()) == 0) (void)run("ROLLBACK", {});
  }

  Result<Rows> run(std::string_view sql, const std::vector<Value>& values) override {
    TRY(sqlite3_stmt* const statement, prepared(sql));
    Done bound = bind(statement, values);
    Result<Rows> rows = bound ? rows_of(statement) : Result<Rows>(std::move(bound).error());
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return rows;
  }

 private:
  Result<sqlite3_stmt*> prepared(std::string_view sql) {
    const auto found = statements_.find(std::string(sql));
    if (found != statements_.end()) return found->second.get();
    sqlite3_stmt* raw = nullptr;
    const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
    if (code != SQLITE_OK) return error_of(handle_.get(), code, place_);
    Statement statement(raw);
    statements_.emplace(std::string(sql), std::move(statement));
    return raw;
  }

  Done bind(sqlite3_stmt* statement, const std::vector<Value>& values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::string name = "$" + std::to_string(i + 1);
      const int index = sqlite3_bind_parameter_index(statement, name.c_str());
      CHECK(index > 0, "a statement that does not use " + name);
      int code = SQLITE_OK;
      if (const auto* number = std::get_if<std::int64_t>(&values[i])) {
        code = sqlite3_bind_int64(statement, index, *number);
      } else if (const auto* text = std::get_if<std::string>(&values[i])) {
        code = sqlite3_bind_text64(statement, index, text->data(), text->size(), SQLITE_STATIC,
                                   SQLITE_UTF8);
      }
      if (code != SQLITE_OK) return error_of(handle_.get(), code, place_);
    }
    return done();
  }

  Result<Rows> rows_of(sqlite3_stmt* statement) {
    Rows rows;
    int code = sqlite3_step(statement);
    for (; code == SQLITE_ROW; code = sqlite3_step(statement)) {
      Row row;
      const int columns = sqlite3_column_count(statement);
      row.reserve(static_cast<std::size_t>(columns));
      for (int i = 0; i < columns; ++i) row.push_back(value_at(statement, i));
      rows.push_back(std::move(row));
    }
    if (code != SQLITE_DONE) return error_of(handle_.get(), code, place_);
    return rows;
  }

  static Value value_at(sqlite3_stmt* statement, int column) {
    switch (sqlite3_column_type(statement, column)) {
      case SQLITE_NULL:
        return std::monostate{};
      case SQLITE_INTEGER:
        return std::int64_t{sqlite3_column_int64(statement, column)};
      default: {
        const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
        return std::string(bytes, size);
      }
    }
  }

  const Handle handle_;
  const std::string place_;
  // Of the program's statements, which are few.
  std::unordered_map<std::string, Statement> statements_;  // before handle_ goes
};

// Makes the file, if there is none, so that nobody but its owner reads what people entered; the
// files that SQLite puts beside it are as it is. One that is there is left alone: to close it would
// drop the locks that SQLite has on it. What fails here, fails again when it is opened.
void make_private(const std::string& path) {
  const int file = ::open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file >= 0) ::close(file);
}

class SqliteDatabase final : public Database {
 public:
  explicit SqliteDatabase(std::string path) : path_(std::move(path)) {}

  Result<std::unique_ptr<Connection>> connect() override {
    std::error_code failed;
    const auto folder = std::filesystem::path(path_).parent_path();
    if (!folder.empty()) std::filesystem::create_directories(folder, failed);
    make_private(path_);
    sqlite3* raw = nullptr;
    const int code =
        sqlite3_open_v2(path_.c_str(), &raw,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    Handle handle(raw);
    if (code != SQLITE_OK) return error_of(raw, code, path_);
    sqlite3_busy_timeout(raw, kBusyMillis);
    auto connection = std::make_unique<SqliteConnection>(std::move(handle), path_);
    for (const char* pragma :
         {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON",
          "PRAGMA trusted_schema = OFF", "PRAGMA cache_size = -2048"}) {
      TRY_DONE(connection->run(pragma, {}));
    }
    return std::unique_ptr<Connection>(std::move(connection));
  }

  std::string in_own_words(std::string_view statement) const override {
    return std::string(statement);
  }

  Done back_up(std::int64_t version) override {
    const std::string to = fmt::format("{}.version_{}", path_, version);
    // One of an attempt that died is of the same rows or older ones: made anew.
    std::error_code ignored;
    std::filesystem::remove(to, ignored);
    TRY(const auto connection, connect());
    make_private(to);  // an empty file is written into
    auto kept = connection->run("VACUUM INTO $1", {to});
    if (!kept) return std::move(kept).error().in("The backup before the change failed");
    return done();
  }

  Result<bool> has_table(Connection& connection, std::string_view name) const override {
    TRY(const Rows rows,
        connection.run("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = $1",
                       {std::string(name)}));
    return !rows.empty();
  }

  const std::string& place() const override { return path_; }

 private:
  const std::string path_;
};

}  // namespace

std::unique_ptr<Database> sqlite_database(std::string path) {
  return std::make_unique<SqliteDatabase>(std::move(path));
}

}  // namespace claimlake::records
