#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "delta/action.h"
#include "expression.h"
#include "table.h"

// Statements about one table: as SQL, and as what they do to a version of it.

namespace claimlake::model {

// What a statement does to one version.
struct Effect {
  // It must say so by an error of this kind, or may (then it may also do what the rest says).
  std::optional<Fault> refused;
  std::vector<Fault> may_refuse;
  Table after;
  std::int64_t inserted = 0;
  std::int64_t updated = 0;
  std::int64_t deleted = 0;
  // Whether there is a new version of it: yes if rows were changed, unless this says otherwise.
  std::optional<bool> version;
  bool perhaps_version = false;

  bool must_make_version() const {
    return !perhaps_version && version.value_or(inserted + updated + deleted > 0);
  }
  bool may_make_version() const { return perhaps_version || must_make_version(); }
};

// Older versions, for RESTORE.
struct Past {
  std::function<const Table*(delta::LogVersion)> at;  // null: there is none
  std::function<bool(delta::LogVersion)> is_kept;     // no VACUUM was allowed to take its files
  bool vacuum_at_work = false;                        // or died without saying its end
};

class Statement {
 public:
  virtual ~Statement() = default;
  virtual std::string sql() const = 0;
  virtual Effect apply(const Table& before, const Past& past) const = 0;
  // In the history.
  virtual std::string operation() const = 0;
  // The figures that the history shows, of what it did.
  virtual std::vector<std::pair<std::string, std::int64_t>> metrics(const Effect&) const {
    return {};
  }
  virtual bool is_vacuum() const { return false; }
  virtual bool is_restore() const { return false; }
};
using StatementPtr = std::shared_ptr<const Statement>;

// A table that takes no rows away refuses what would.
bool is_append_only(const Table& table);
Effect refused(Fault fault, const Table& before);
// A table that is not there is the same mistake for all statements but CREATE.
std::optional<Effect> without_table(const Table& before);
// NOT NULL, or a constraint.
bool breaks_a_rule(const Table& table, const Row& row);
// "VALUES (...), (...)", and the columns' names.
std::string values(const std::vector<Column>& columns, const std::vector<Row>& rows);
std::string names(const std::vector<Column>& columns);
Effect unless_append_only(const Table& before, Effect effect);

struct Insert final : Statement {
  std::vector<Column> columns;  // of `rows`
  std::vector<Row> rows;
  bool all_columns = false;  // their names are not said
  bool by_name = false;
  bool overwrite = false;  // the rows that are there go
  // REPLACE WHERE: those for which this holds go, and it must hold for the rows that come.
  std::optional<Condition> replaced;
  // Otherwise what the table's own rows give for which this holds.
  std::optional<Condition> from_itself;
  std::string sql() const override;
  Effect apply(const Table& before, const Past& past) const override;
  std::string operation() const override { return "WRITE"; }
  std::vector<std::pair<std::string, std::int64_t>> metrics(const Effect& effect) const override;
};

struct Update final : Statement {
  std::vector<Assignment> assignments;
  Where where;
  std::string sql() const override;
  Effect apply(const Table& before, const Past& past) const override;
  std::string operation() const override { return "UPDATE"; }
  std::vector<std::pair<std::string, std::int64_t>> metrics(const Effect& effect) const override;
};

struct Delete final : Statement {
  Where where;
  bool truncate = false;
  std::string sql() const override;
  Effect apply(const Table& before, const Past& past) const override;
  std::string operation() const override { return "DELETE"; }
  std::vector<std::pair<std::string, std::int64_t>> metrics(const Effect& effect) const override;
};

struct Optimize final : Statement {
  Condition condition;
  std::string sql() const override;
  Effect apply(const Table& before, const Past& past) const override;
  std::string operation() const override { return "OPTIMIZE"; }
};

struct Vacuum final : Statement {
  bool dry_run = false;
  std::string sql() const override;
  Effect apply(const Table& before, const Past& past) const override;
  // There are two of it, or none if there was nothing to delete.
  std::string operation() const override { return delta::kVacuumStart; }
  bool is_vacuum() const override { return true; }
};

struct Restore final : Statement {
  delta::LogVersion version = 0;
  std::string sql() const override;
  Effect apply(const Table& before, const Past& past) const override;
  std::string operation() const override { return "RESTORE"; }
  bool is_restore() const override { return true; }
};

}  // namespace claimlake::model
