#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "store/store.h"

namespace claimlake::check {

// Reads Parquet files through the SQL engine's own reader. What is wrong with a file is told as
// text ("" if nothing); errors are only those of the store and of the engine itself.
class ParquetFiles {
 public:
  ParquetFiles(const store::Store& store, engine::Session& session)
      : store_(store), session_(session) {}  // both outlive this

  // Each value of the file's columns that is not null, as its column's name and JSON.
  Result<std::string> each_value(
      const std::string& path,
      const std::function<void(std::int64_t row, const std::string& column, std::string json)>&
          use);

  // The rows of `sql`, which reads the file at `path`.
  Result<std::string> query(const std::string& sql, const std::string& path,
                            const std::function<void(engine::Rows& rows, std::size_t row)>& use);

  // How a file is named in SQL: 'lake://gold/t/a.parquet'.
  static std::string sql_path(const std::string& path);

  engine::Session& session() { return session_; }

 private:
  // Tells a damaged file from a store or an engine that failed.
  Result<std::string> problem_of(Error error, const std::string& path) const;

  const store::Store& store_;
  engine::Session& session_;
};

}  // namespace claimlake::check
