#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "records/database.h"

namespace claimlake::records {

// What happens to one operation of a database.
enum class DatabaseFate { kNormal, kFail, kDieBefore, kDieAfter };

// The database as one process sees it, that outlasts the process. Each begin, commit and statement
// asks `next`. After death, of it or of the rest of the process (`dead`), nothing works: what was
// not committed is gone.
struct ProcessFate {
  std::function<DatabaseFate()> next;
  std::function<bool()> dead;
  std::function<void()> die;
};

class FaultyConnection final : public Connection {
 public:
  FaultyConnection(std::unique_ptr<Connection> inner, const ProcessFate& fate)
      : inner_(std::move(inner)), fate_(fate) {}

  Done begin(bool writes) override {
    return meet<Done>([&] { return inner_->begin(writes); });
  }
  Done commit() override {
    return meet<Done>([&] { return inner_->commit(); });
  }
  void roll_back() override { inner_->roll_back(); }
  Result<Rows> run(std::string_view sql, const std::vector<Value>& values) override {
    return meet<Result<Rows>>([&] { return inner_->run(sql, values); });
  }

 private:
  template <class Answer>
  Answer meet(const std::function<Answer()>& action) {
    const Error dead{Fault::kCancelled, "the process has died"};
    if (fate_.dead()) return dead;
    switch (fate_.next()) {
      case DatabaseFate::kFail:
        return Error{Fault::kUnavailable, "the database failed"};
      case DatabaseFate::kDieBefore:
        fate_.die();
        return dead;
      case DatabaseFate::kDieAfter:
        (void)action();
        fate_.die();
        return dead;
      default:
        return action();
    }
  }

  const std::unique_ptr<Connection> inner_;
  const ProcessFate& fate_;
};

class FaultyDatabase final : public Database {
 public:
  FaultyDatabase(std::unique_ptr<Database> inner, const ProcessFate& fate)  // outlives this
      : inner_(std::move(inner)), fate_(fate) {}

  Result<std::unique_ptr<Connection>> connect() override {
    TRY(auto connection, inner_->connect());
    return std::unique_ptr<Connection>(
        std::make_unique<FaultyConnection>(std::move(connection), fate_));
  }
  std::string in_own_words(std::string_view statement) const override {
    return inner_->in_own_words(statement);
  }
  Done back_up(std::int64_t version) override { return inner_->back_up(version); }
  Result<bool> has_table(Connection& connection, std::string_view name) const override {
    return inner_->has_table(connection, name);
  }
  const std::string& place() const override { return inner_->place(); }

 private:
  const std::unique_ptr<Database> inner_;
  const ProcessFate& fate_;
};

}  // namespace claimlake::records
