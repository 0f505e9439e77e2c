#include <fmt/format.h>
#include <libpq-fe.h>

#include <memory>
#include <unordered_map>

#include "base/check.h"
#include "base/text.h"
#include "records/database.h"

namespace claimlake::records {
namespace {

// All writing transactions of all processes take this lock of the database: the order of the outbox
// is the order of commits. Any number; "claims" in ASCII.
constexpr const char* kWriteLock = "SELECT pg_advisory_xact_lock(109308826512499)";
// Types of columns as pg_type numbers them.
constexpr Oid kInt8 = 20;
constexpr Oid kInt4 = 23;
constexpr Oid kBool = 16;

struct CloseConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Handle = std::unique_ptr<PGconn, CloseConnection>;
using Answer = std::unique_ptr<PGresult, ClearResult>;
using Options = std::unique_ptr<PQconninfoOption, FreeOptions>;

Error unavailable(const std::string& why, const std::string& place) {
  return {Fault::kUnavailable, "PostgreSQL cannot be used: " + why, place,
          "see that the server runs and lets this user in (records of claimlake.yml)"};
}

// The primary message only: the detail of a constraint quotes values.
Error error_of(const PGresult* result, PGconn* connection, const std::string& place) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  const std::string code = state == nullptr ? "" : state;
  const std::string why = primary == nullptr ? "the connection was lost" : primary;
  if (PQstatus(connection) != CONNECTION_OK || primary == nullptr) return unavailable(why, place);
  if (code.starts_with("23")) {
    return {Fault::kConflict, "The operational store refuses it: " + why, place};
  }
  if (code == "57014" || code == "55P03") {
    return {Fault::kTimeout, "PostgreSQL took too long: " + why, place, "try again in a moment"};
  }
  return unavailable(fmt::format("{} ({})", why, code), place);
}

class PostgresConnection final : public Connection {
 public:
  PostgresConnection(Handle handle, std::string place)
      : handle_(std::move(handle)), place_(std::move(place)) {}

  Done begin(bool writes) override {
    if (!writes) {
      TRY_DONE(run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", {}));
      return done();
    }
    TRY_DONE(run("BEGIN", {}));
    auto locked = run(kWriteLock, {});
    if (locked) return done();
    roll_back();
    return std::move(locked).error();
  }

  Done commit() override {
    TRY_DONE(run("COMMIT", {}));
    return done();
  }

  void roll_back() override {
    if (PQtransactionStatus(handle_.get()) != PQTRANS_IDLE) (void)run("ROLLBACK", {});
  }

  bool is_usable() const override { return PQstatus(handle_.get()) == CONNECTION_OK; }

  Result<Rows> run(std::string_view sql, const std::vector<Value>& values) override {
    TRY(const std::string name, prepared(sql));
    std::vector<std::string> texts(values.size());
    std::vector<const char*> pointers(values.size(), nullptr);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (is_null(values[i])) continue;
      texts[i] = text(values[i]);
      pointers[i] = texts[i].c_str();
    }
    const Answer answer(PQexecPrepared(handle_.get(), name.c_str(), static_cast<int>(values.size()),
                                       pointers.data(), nullptr, nullptr, 0));
    const auto status = PQresultStatus(answer.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
      return error_of(answer.get(), handle_.get(), place_);
    }
    return rows_of(answer.get());
  }

 private:
  Result<std::string> prepared(std::string_view sql) {
    const auto found = names_.find(std::string(sql));
    if (found != names_.end()) return found->second;
    std::string name = "s" + std::to_string(names_.size() + 1);
    const Answer answer(
        PQprepare(handle_.get(), name.c_str(), std::string(sql).c_str(), 0, nullptr));
    if (PQresultStatus(answer.get()) != PGRES_COMMAND_OK) {
      return error_of(answer.get(), handle_.get(), place_);
    }
    names_.emplace(std::string(sql), name);
    return name;
  }

  static Rows rows_of(const PGresult* answer) {
    Rows rows(static_cast<std::size_t>(PQntuples(answer)));
    const int columns = PQnfields(answer);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      for (int c = 0; c < columns; ++c) {
        rows[i].push_back(value_at(answer, static_cast<int>(i), c));
      }
    }
    return rows;
  }

  static Value value_at(const PGresult* answer, int row, int column) {
    if (PQgetisnull(answer, row, column) != 0) return std::monostate{};
    const std::string value = PQgetvalue(answer, row, column);
    const Oid type = PQftype(answer, column);
    if (type == kBool) return std::int64_t{value == "t" ? 1 : 0};
    if (type != kInt8 && type != kInt4) return value;
    const auto number = whole_number(value);
    CHECK(number.has_value(), "PostgreSQL gave an integer that is none");
    return *number;
  }

  const Handle handle_;
  const std::string place_;
  std::unordered_map<std::string, std::string> names_;  // of prepared statements
};

class PostgresDatabase final : public Database {
 public:
  PostgresDatabase(std::string url, std::string place)
      : url_(std::move(url)), place_(std::move(place)) {}

  Result<std::unique_ptr<Connection>> connect() override {
    // What the URL says wins over these. Text times are not used; a lost server is noticed.
    const char* keywords[] = {"connect_timeout", "application_name", "client_encoding",
                              "keepalives_idle", "dbname",           nullptr};
    const char* values[] = {"5", "claimlake", "UTF8", "30", url_.c_str(), nullptr};
    Handle handle(PQconnectdbParams(keywords, values, 1));
    if (handle == nullptr || PQstatus(handle.get()) != CONNECTION_OK) {
      // libpq names host, port, user and database here, never the password.
      std::string why = handle == nullptr ? "out of memory" : PQerrorMessage(handle.get());
      while (!why.empty() && why.back() == '\n') why.pop_back();
      return unavailable(why, place_);
    }
    PQsetNoticeProcessor(
        handle.get(), [](void*, const char*) {}, nullptr);
    auto connection = std::make_unique<PostgresConnection>(std::move(handle), place_);
    TRY_DONE(connection->run("SET statement_timeout = '10s'", {}));
    TRY_DONE(connection->run("SET lock_timeout = '5s'", {}));
    // Durable when acknowledged, whatever the server's default.
    TRY_DONE(connection->run("SET synchronous_commit = on", {}));
    return std::unique_ptr<Connection>(std::move(connection));
  }

  std::string in_own_words(std::string_view statement) const override {
    std::string words(statement);
    const auto replace_all = [&words](std::string_view from, std::string_view to) {
      for (std::size_t at = 0; (at = words.find(from, at)) != std::string::npos; at += to.size()) {
        words.replace(at, from.size(), to);
      }
    };
    replace_all(" INTEGER", " BIGINT");
    replace_all(") STRICT", ")");
    return words;
  }

  // The change of the schema is one transaction; backups of the server are its keeper's.
  Done back_up(std::int64_t) override { return done(); }

  Result<bool> has_table(Connection& connection, std::string_view name) const override {
    TRY(const Rows rows, connection.run("SELECT to_regclass($1) IS NOT NULL", {std::string(name)}));
    return whole(rows.at(0).at(0)) == 1;
  }

  const std::string& place() const override { return place_; }

 private:
  const std::string url_;  // may hold a password
  const std::string place_;
};

}  // namespace

Result<std::unique_ptr<Database>> postgres_database(const std::string& url) {
  char* why = nullptr;
  const Options options(PQconninfoParse(url.c_str(), &why));
  if (options == nullptr) {
    // libpq's reason may quote a part of the URL, and so of the password.
    PQfreemem(why);
    return Error{Fault::kInvalidInput, "Not a URL of a PostgreSQL database", "",
                 "write it as postgresql://user@host:5432/database, the password in PGPASSWORD"};
  }
  std::string host = "localhost";
  std::string database;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    if (std::string_view(option->keyword) == "host") host = option->val;
    if (std::string_view(option->keyword) == "dbname") database = option->val;
  }
  return std::unique_ptr<Database>(
      std::make_unique<PostgresDatabase>(url, fmt::format("postgresql://{}/{}", host, database)));
}

}  // namespace claimlake::records
