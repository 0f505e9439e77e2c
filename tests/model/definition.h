#pragma once

#include "statement.h"

// Statements about what a table is.

namespace claimlake::model {

struct Create final : Statement {
  Table table;  // with its rows: AS SELECT
  bool as_select = false;
  std::string sql() const override;
  Effect apply(const Table& before, const Past& past) const override;
  std::string operation() const override {
    return as_select ? "CREATE TABLE AS SELECT" : "CREATE TABLE";
  }
};

struct AddColumn final : Statement {
  Column column;
  std::string sql() const override;
  Effect apply(const Table& before, const Past& past) const override;
  std::string operation() const override { return "ADD COLUMNS"; }
};

struct RenameColumn final : Statement {
  std::string column;
  std::string name;
  std::string sql() const override;
  Effect apply(const Table& before, const Past& past) const override;
  std::string operation() const override { return "RENAME COLUMN"; }
};

struct DropColumn final : Statement {
  std::string column;
  std::string sql() const override;
  Effect apply(const Table& before, const Past& past) const override;
  std::string operation() const override { return "DROP COLUMNS"; }
};

struct AddConstraint final : Statement {
  std::string name;
  Comparison check;
  std::string sql() const override;
  Effect apply(const Table& before, const Past& past) const override;
  std::string operation() const override { return "ADD CONSTRAINT"; }
};

struct SetProperty final : Statement {
  std::string key;
  std::string value;
  std::string sql() const override;
  Effect apply(const Table& before, const Past& past) const override;
  std::string operation() const override { return "SET TBLPROPERTIES"; }
};

}  // namespace claimlake::model
