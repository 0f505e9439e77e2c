#include "engine/lake_file_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <duckdb/common/multi_file/multi_file_reader.hpp>
#include <duckdb/planner/expression/bound_columnref_expression.hpp>
#include <duckdb/planner/expression/bound_comparison_expression.hpp>
#include <duckdb/planner/expression/bound_operator_expression.hpp>
#include <duckdb/storage/statistics/node_statistics.hpp>

#include "engine/errors.h"
#include "engine/file_condition.h"
#include "engine/file_system.h"
#include "engine/partition_check.h"
#include "engine/prune.h"

namespace claimlake::engine {
namespace {

using duckdb::ClientContext;
using duckdb::column_t;
using duckdb::idx_t;
using duckdb::Value;

// Rows that our writer, and DuckDB's, puts into a row group.
constexpr std::int64_t kRowGroupRows = 122'880;
// One thread has read a few rows of so many files before another one has begun.
constexpr std::size_t kFewFiles = 4;

// Whether `filter` lists rows by their number in a file.
bool lists_rows(const duckdb::Expression& filter, const duckdb::MultiFilePushdownInfo& info) {
  const duckdb::Expression* of = nullptr;
  if (filter.GetExpressionType() == duckdb::ExpressionType::COMPARE_IN) {
    of = filter.Cast<duckdb::BoundOperatorExpression>().children[0].get();
  } else if (filter.GetExpressionType() == duckdb::ExpressionType::COMPARE_EQUAL) {
    of = filter.Cast<duckdb::BoundComparisonExpression>().left.get();
  }
  if (of == nullptr || of->GetExpressionType() != duckdb::ExpressionType::BOUND_COLUMN_REF) {
    return false;
  }
  const auto& binding = of->Cast<duckdb::BoundColumnRefExpression>().binding;
  return binding.table_index == info.table_index &&
         info.column_ids.at(binding.column_index) ==
             duckdb::MultiFileReader::COLUMN_IDENTIFIER_FILE_ROW_NUMBER;
}

}  // namespace

class LakeFileList::Sieve {
 public:
  explicit Sieve(const LakeFileList& list)
      : list_(list), left_(list.kept()), left_out_(list.left_out()), few_rows_(list.few_rows()) {}

  template <class Keeps>
  void keep(const Keeps& keeps, const std::string& why) {
    const auto gone = std::erase_if(left_, [&](std::size_t file) { return !keeps(file); });
    if (gone == 0) return;
    left_out_.push_back({why, static_cast<std::int64_t>(gone)});
  }
  void keep_few_rows() { few_rows_ = true; }
  // Null if it is as it was.
  duckdb::unique_ptr<LakeFileList> finish() {
    if (left_.size() == list_.kept().size() && few_rows_ == list_.few_rows()) return nullptr;
    return duckdb::make_uniq<LakeFileList>(list_.table_,
                                           std::make_shared<const Numbers>(std::move(left_)),
                                           std::move(left_out_), few_rows_);
  }
  const Numbers& left() const { return left_; }

 private:
  const LakeFileList& list_;
  Numbers left_;
  std::vector<LeftOut> left_out_;
  bool few_rows_;
};

duckdb::unique_ptr<LakeFileList> LakeFileList::all(std::shared_ptr<const TableFiles> table) {
  auto numbers = std::make_shared<Numbers>();
  std::int64_t empty = 0;
  std::int64_t deleted = 0;
  for (std::size_t i = 0; i < table->file_count(); ++i) {
    if (table->live_rows(i) != 0) {
      numbers->push_back(i);
    } else {
      ++(table->snapshot()->files()[i].deletion_vector ? deleted : empty);
    }
  }
  std::vector<LeftOut> left_out;
  if (deleted > 0) left_out.push_back({"all rows deleted", deleted});
  if (empty > 0) left_out.push_back({"no rows", empty});
  return duckdb::make_uniq<LakeFileList>(std::move(table), std::move(numbers), std::move(left_out));
}

duckdb::unique_ptr<LakeFileList> LakeFileList::first_with(std::int64_t rows) const {
  Sieve sieve(*this);
  std::int64_t found = 0;
  sieve.keep(
      [&](std::size_t file) {
        if (found >= rows) return false;
        found += table_->live_rows(file).value_or(0);  // unknown: not counted on
        return true;
      },
      "enough rows for LIMIT");
  return sieve.finish();
}

bool LakeFileList::may_match(std::size_t number, column_t column,
                             const duckdb::TableFilter& filter) const {
  if (column == kFileNumberColumn) {
    const Value value = Value::BIGINT(static_cast<std::int64_t>(number));
    return engine::may_match(filter, duckdb::LogicalType::BIGINT, {value, value, 0}, std::nullopt);
  }
  if (column >= table_->columns().size()) return true;  // another virtual column
  return engine::may_match(filter, *table_, {column}, number);
}

duckdb::unique_ptr<duckdb::MultiFileList> LakeFileList::ComplexFilterPushdown(
    ClientContext& context, const duckdb::MultiFileOptions&, duckdb::MultiFilePushdownInfo& info,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& filters) const {
  Sieve sieve(*this);
  // Exact for what is about partition columns only, whatever it says.
  duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> others;
  for (auto& filter : filters) {
    PartitionCheck check(context, *table_, info);
    check.add(*filter);
    if (check.empty()) {
      others.push_back(std::move(filter));
      continue;
    }
    sieve.keep([&](std::size_t file) { return check.passes(file); },
               "partition of " + check.names());
    // Each row of the files that are left meets it: without it, counting needs no file.
    if (!check.is_exact()) others.push_back(std::move(filter));
  }
  filters = std::move(others);
  // Where rows are listed, what else is said leaves out none of their files.
  const auto lists = [&](const auto& filter) { return lists_rows(*filter, info); };
  if (std::any_of(filters.begin(), filters.end(), lists)) {
    sieve.keep_few_rows();
    return sieve.finish();
  }
  for (const auto& filter : filters) {
    if (sieve.left().empty()) break;
    const auto condition = FileCondition::of(context, *filter, *table_, info);
    if (!condition) continue;
    sieve.keep([&](std::size_t file) { return condition->may_hold(file); }, condition->basis());
  }
  return sieve.finish();
}

duckdb::unique_ptr<duckdb::MultiFileList> LakeFileList::DynamicFilterPushdown(
    ClientContext&, const duckdb::MultiFileOptions&, const duckdb::vector<std::string>&,
    const duckdb::vector<duckdb::LogicalType>&, const duckdb::vector<column_t>& column_ids,
    duckdb::TableFilterSet& filters) const {
  Sieve sieve(*this);
  for (const auto& [key, filter] : filters.filters) {
    const column_t column = column_ids[key];
    const std::string name =
        column < table_->columns().size() ? table_->columns()[column].name : std::string("row ids");
    // What the query says was asked before: what still leaves files out was found by running it.
    sieve.keep([&, &filter = filter](std::size_t file) { return may_match(file, column, *filter); },
               "join on " + name);
  }
  return sieve.finish();
}

duckdb::vector<duckdb::OpenFileInfo> LakeFileList::GetAllFiles() const {
  duckdb::vector<duckdb::OpenFileInfo> files;
  for (idx_t i = 0; i < kept_->size(); ++i) files.push_back(GetFile(i));
  return files;
}

// "Single" gives the scan one thread, for no file is open yet that would tell how many row groups
// it has. So it is said only where another thread would find nothing worth its start: of few files
// that hold a row group's rows together, or of which few rows are read.
duckdb::FileExpandResult LakeFileList::GetExpandResult() const {
  if (kept_->empty()) return duckdb::FileExpandResult::NO_FILES;
  if (kept_->size() > kFewFiles) return duckdb::FileExpandResult::MULTIPLE_FILES;
  std::int64_t rows = 0;
  for (const std::size_t file : *kept_) {
    rows += table_->snapshot()->row_count(file).value_or(kRowGroupRows + 1);
  }
  return few_rows_ || rows <= kRowGroupRows ? duckdb::FileExpandResult::SINGLE_FILE
                                            : duckdb::FileExpandResult::MULTIPLE_FILES;
}

duckdb::unique_ptr<duckdb::MultiFileList> LakeFileList::Copy() const {
  return duckdb::make_uniq<LakeFileList>(table_, kept_, left_out_, few_rows_);
}

duckdb::unique_ptr<duckdb::NodeStatistics> LakeFileList::GetCardinality(ClientContext&) const {
  idx_t rows = 0;
  for (const std::size_t file : *kept_) {
    const auto count = table_->live_rows(file);
    if (!count) return nullptr;
    rows += static_cast<idx_t>(*count);
  }
  return duckdb::make_uniq<duckdb::NodeStatistics>(rows, rows);
}

duckdb::OpenFileInfo LakeFileList::GetFile(idx_t position) const {
  if (position >= kept_->size()) return {};
  const std::size_t file = number(position);
  duckdb::OpenFileInfo info(value_or_throw(table_->url(file)));
  info.extended_info = duckdb::make_shared_ptr<duckdb::ExtendedOpenFileInfo>();
  auto& options = info.extended_info->options;
  options[kCatalogFileKey] = Value::UBIGINT(file);
  options["validate_external_file_cache"] = Value::BOOLEAN(false);
  options["file_size"] =
      Value::UBIGINT(static_cast<std::uint64_t>(table_->snapshot()->files()[file].size));
  options["etag"] = Value("immutable");
  options["last_modified"] = Value::TIMESTAMP(duckdb::timestamp_t(0));
  options["has_deletes"] =
      Value::BOOLEAN(table_->snapshot()->files()[file].deletion_vector.has_value());
  return info;
}

}  // namespace claimlake::engine
