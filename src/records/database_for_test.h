#pragma once

#include <stdio.h>
#include <stdlib.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "records/database.h"
#include "store/temporary_folder_for_test.h"

namespace claimlake::records {

// A place for an operational store that one test has for itself.
class TestPlace {
 public:
  virtual ~TestPlace() = default;
  virtual std::string name() const = 0;
  virtual std::unique_ptr<Database> database() const = 0;
};

struct DatabaseMaker {
  std::string name;
  std::function<std::string()> absent;  // why it cannot be tested here; "" if it can
  std::function<std::unique_ptr<TestPlace>()> make;
};

class SqlitePlace final : public TestPlace {
 public:
  std::string name() const override { return folder_.path() + "/records.db"; }
  std::unique_ptr<Database> database() const override { return sqlite_database(name()); }

 private:
  store::TemporaryFolder folder_;
};

// What a shell command prints on standard output; nothing if it fails.
inline std::string output_of(const std::string& command) {
  std::string output;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return output;
  for (int c = fgetc(pipe); c != EOF; c = fgetc(pipe)) output += static_cast<char>(c);
  if (pclose(pipe) != 0) output.clear();
  while (output.ends_with('\n')) output.pop_back();
  return output;
}

// A server that is started when the first test asks for it, and stopped with this program.
class PostgresServer {
 public:
  static PostgresServer& one() {
    static PostgresServer server;
    return server;
  }
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;
  ~PostgresServer() { (void)output_of(script_ + " stop " + folder_.path() + "/server"); }

  // "" if it is not there.
  const std::string& url() const { return url_; }
  std::string fresh_database() {
    const std::string name = "test_" + std::to_string(++databases_count_);
    auto database = postgres_database(url_);
    auto connection = (*database)->connect();
    CHECK(connection, connection.error().text());
    const auto made = (*connection)->run("CREATE DATABASE " + name, {});
    CHECK(made, made.error().text());
    return url_.substr(0, url_.rfind('/') + 1) + name;
  }

 private:
  PostgresServer() {
    // The server runs as another user where this one is root: the way there must be open.
    (void)output_of("chmod 755 " + folder_.path());
    url_ = output_of(script_ + " start " + folder_.path() + "/server");
  }

  const std::string script_ = "bash " CLAIMLAKE_SOURCE_FOLDER "/tools/lib/postgres.sh";
  store::TemporaryFolder folder_;
  std::string url_;
  int databases_count_ = 0;
};

class PostgresPlace final : public TestPlace {
 public:
  std::string name() const override { return name_; }
  std::unique_ptr<Database> database() const override { return *postgres_database(name_); }

 private:
  const std::string name_ = PostgresServer::one().fresh_database();
};

inline std::vector<DatabaseMaker> database_makers() {
  return {{"sqlite", [] { return std::string(); },
           []() -> std::unique_ptr<TestPlace> { return std::make_unique<SqlitePlace>(); }},
          {"postgresql",
           [] {
             return std::string(PostgresServer::one().url().empty() ? "there is no PostgreSQL here"
                                                                    : "");
           },
           []() -> std::unique_ptr<TestPlace> { return std::make_unique<PostgresPlace>(); }}};
}

}  // namespace claimlake::records
