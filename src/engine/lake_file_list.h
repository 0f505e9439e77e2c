#pragma once

#include <duckdb/common/multi_file/multi_file_list.hpp>
#include <duckdb/planner/table_filter.hpp>
#include <memory>
#include <string>
#include <vector>

#include "engine/left_out.h"
#include "engine/table_files.h"

namespace claimlake::engine {

// The files of a scan: first all of the table that have rows, then fewer as filters become known.
// Never changes once it is made: ThreadSanitizer does not watch it
// (tools/lib/tsan_suppressions.txt).
class LakeFileList final : public duckdb::MultiFileList {
 public:
  using Numbers = std::vector<std::size_t>;

  static duckdb::unique_ptr<LakeFileList> all(std::shared_ptr<const TableFiles> table);

  const std::vector<std::size_t>& kept() const { return *kept_; }
  std::size_t number(duckdb::idx_t position) const { return (*kept_)[position]; }
  const TableFiles& table() const { return *table_; }
  // Why the others are not read, in the order in which that became known.
  const std::vector<LeftOut>& left_out() const { return left_out_; }
  // The column numbers of the filters that are known when the query runs are those of `ids`.
  template <class Ids>
  bool may_match_all(std::size_t number, const duckdb::TableFilterSet& filters,
                     const Ids& column_of) const {
    for (const auto& [key, filter] : filters.filters) {
      if (!may_match(number, column_of(key), *filter)) return false;
    }
    return true;
  }
  // A condition names their rows one by one: there are few, however many the files have.
  bool few_rows() const { return few_rows_; }
  // The first files that have `rows` rows together; null if that is all.
  duckdb::unique_ptr<LakeFileList> first_with(std::int64_t rows) const;

  duckdb::unique_ptr<MultiFileList> ComplexFilterPushdown(
      duckdb::ClientContext& context, const duckdb::MultiFileOptions& options,
      duckdb::MultiFilePushdownInfo& info,
      duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& filters) const override;
  duckdb::unique_ptr<MultiFileList> DynamicFilterPushdown(
      duckdb::ClientContext& context, const duckdb::MultiFileOptions& options,
      const duckdb::vector<std::string>& names, const duckdb::vector<duckdb::LogicalType>& types,
      const duckdb::vector<duckdb::column_t>& column_ids,
      duckdb::TableFilterSet& filters) const override;
  duckdb::vector<duckdb::OpenFileInfo> GetAllFiles() const override;
  duckdb::FileExpandResult GetExpandResult() const override;
  duckdb::idx_t GetTotalFileCount() const override { return kept_->size(); }
  duckdb::unique_ptr<MultiFileList> Copy() const override;
  duckdb::unique_ptr<duckdb::NodeStatistics> GetCardinality(duckdb::ClientContext&) const override;

  LakeFileList(std::shared_ptr<const TableFiles> table, std::shared_ptr<const Numbers> kept,
               std::vector<LeftOut> left_out, bool few_rows = false)
      : table_(std::move(table)),
        kept_(std::move(kept)),
        left_out_(std::move(left_out)),
        few_rows_(few_rows) {}

 protected:
  duckdb::OpenFileInfo GetFile(duckdb::idx_t position) const override;

 private:
  bool may_match(std::size_t number, duckdb::column_t column,
                 const duckdb::TableFilter& filter) const;
  // What is left of a list while filters are asked one after the other.
  class Sieve;

  const std::shared_ptr<const TableFiles> table_;
  const std::shared_ptr<const Numbers> kept_;
  const std::vector<LeftOut> left_out_;
  const bool few_rows_;
};

}  // namespace claimlake::engine
