#include "engine/table_scan.h"

#include <fmt/format.h>

#include <array>
#include <duckdb/catalog/catalog.hpp>
#include <duckdb/catalog/catalog_entry/table_catalog_entry.hpp>
#include <duckdb/catalog/catalog_entry/table_function_catalog_entry.hpp>
#include <duckdb/common/multi_file/multi_file_data.hpp>
#include <duckdb/common/multi_file/multi_file_list.hpp>
#include <duckdb/common/multi_file/multi_file_reader.hpp>
#include <duckdb/common/multi_file/multi_file_states.hpp>
#include <duckdb/common/type_visitor.hpp>
#include <duckdb/function/partition_stats.hpp>
#include <duckdb/main/client_context.hpp>
#include <duckdb/main/config.hpp>
#include <duckdb/parser/tableref/table_function_ref.hpp>
#include <duckdb/planner/expression/bound_reference_expression.hpp>
#include <duckdb/planner/filter/expression_filter.hpp>
#include <duckdb/planner/table_filter.hpp>

#include "base/check.h"
#include "engine/errors.h"
#include "engine/file_columns.h"
#include "engine/file_facts.h"
#include "engine/file_system.h"
#include "engine/lake_file_list.h"
#include "engine/partition_check.h"
#include "engine/prune.h"
#include "engine/row_tracking_scan.h"
#include "engine/scan_text.h"

namespace claimlake::engine {
namespace {

using duckdb::ClientContext;
using duckdb::column_t;
using duckdb::idx_t;
using duckdb::MultiFileBindData;
using duckdb::MultiFileColumnDefinition;
using duckdb::Value;

// What the functions of one scan share.
struct ScanInfo final : duckdb::TableFunctionInfo {
  ScanInfo(duckdb::TableCatalogEntry& table, std::shared_ptr<const TableFiles> table_files,
           std::shared_ptr<ScanCounter> scan_counter)
      : entry(table), files(std::move(table_files)), counter(std::move(scan_counter)) {}
  duckdb::TableCatalogEntry& entry;
  const std::shared_ptr<const TableFiles> files;
  const std::shared_ptr<ScanCounter> counter;
};

// Leaves out the rows that a deletion vector names. Used by all threads that read the file.
class DeletionFilter final : public duckdb::DeleteFilter {
 public:
  explicit DeletionFilter(std::shared_ptr<const delta::RowSet> rows) : rows_(std::move(rows)) {}

  idx_t Filter(duckdb::row_t first, idx_t count, duckdb::SelectionVector& left) override {
    std::array<bool, STANDARD_VECTOR_SIZE> deleted;
    CHECK(count <= deleted.size(), "a scan of more rows than a vector has");
    rows_->mark(static_cast<std::uint64_t>(first), {deleted.data(), count});
    left.Initialize(STANDARD_VECTOR_SIZE);
    idx_t left_count = 0;
    for (idx_t i = 0; i < count; ++i) {
      if (!deleted[i]) left.set_index(left_count++, i);
    }
    return left_count;
  }

 private:
  const std::shared_ptr<const delta::RowSet> rows_;
};

// True if DuckDB may cast the constants of a filter from the table's type to that of the file, as
// it does: only between integers is the outcome exact, or no filter at all. 3.5 would become 4.
bool filter_casts_exactly(const duckdb::LogicalType& file, const duckdb::LogicalType& table) {
  return file == table || (file.IsIntegral() && table.IsIntegral());
}

// `filter` on a column of `table` type for a file that has it in `file` type; null if it was a hint
// that the file can do without.
duckdb::unique_ptr<duckdb::TableFilter> fit_filter(const duckdb::TableFilter& filter,
                                                   const duckdb::LogicalType& table,
                                                   const duckdb::LogicalType& file) {
  // The constant of a filter on a whole struct has the fields of the table, in their order.
  const bool of_whole =
      table.IsNested() && filter.filter_type != duckdb::TableFilterType::STRUCT_EXTRACT;
  if (filter_casts_exactly(file, table) && !of_whole) return filter.Copy();
  if (filter.filter_type == duckdb::TableFilterType::OPTIONAL_FILTER ||
      filter.filter_type == duckdb::TableFilterType::DYNAMIC_FILTER) {
    return nullptr;
  }
  // An expression is not cast: DuckDB then casts the values, and asks the filter afterwards.
  return duckdb::make_uniq<duckdb::ExpressionFilter>(
      filter.ToExpression(duckdb::BoundReferenceExpression(table, 0ULL)));
}

class LakeReader final : public duckdb::MultiFileReader {
 public:
  explicit LakeReader(duckdb::shared_ptr<duckdb::TableFunctionInfo> info)
      : holder_(std::move(info)),
        info_(holder_->Cast<ScanInfo>()),
        rows_(*info_.files->snapshot()) {}
  static duckdb::unique_ptr<MultiFileReader> create(const duckdb::TableFunction& function) {
    return duckdb::make_uniq<LakeReader>(function.function_info);
  }
  static const LakeReader& of(const duckdb::FunctionData& bind) {
    return bind.Cast<MultiFileBindData>().multi_file_reader->Cast<LakeReader>();
  }
  const ScanInfo& info() const { return info_; }

  duckdb::unique_ptr<MultiFileReader> Copy() const override {
    return duckdb::make_uniq<LakeReader>(holder_);
  }
  duckdb::shared_ptr<duckdb::MultiFileList> CreateFileList(ClientContext&,
                                                           const duckdb::vector<std::string>&,
                                                           const duckdb::FileGlobInput&) override {
    return LakeFileList::all(info_.files);
  }
  bool Bind(duckdb::MultiFileOptions&, duckdb::MultiFileList&,
            duckdb::vector<duckdb::LogicalType>& types, duckdb::vector<std::string>& names,
            duckdb::MultiFileReaderBindData& bind) override {
    for (const TableColumn& column : info_.files->columns()) {
      // What a file calls it is found out when the file is open (CreateMapping).
      bind.schema.emplace_back(column.name, column.type);
      types.push_back(column.type);
      names.push_back(column.name);
    }
    bind.mapping = duckdb::MultiFileColumnMappingMode::BY_NAME;
    return true;
  }
  void BindOptions(duckdb::MultiFileOptions&, duckdb::MultiFileList&,
                   duckdb::vector<duckdb::LogicalType>&, duckdb::vector<std::string>&,
                   duckdb::MultiFileReaderBindData&) override {}

  duckdb::shared_ptr<duckdb::BaseFileReader> CreateReader(ClientContext& context,
                                                          duckdb::GlobalTableFunctionState& state,
                                                          const duckdb::OpenFileInfo& file,
                                                          idx_t position,
                                                          const MultiFileBindData& bind) override {
    try {
      return MultiFileReader::CreateReader(context, state, file, position, bind);
    } catch (const duckdb::InvalidInputException& exception) {
      throw_error({Fault::kCorrupt,
                   fmt::format("A file of table {} is damaged: {}", info_.files->name(),
                               duckdb::ErrorData(exception).RawMessage()),
                   file.path, "restore the file, or the table to a version without it"});
    } catch (const duckdb::NotImplementedException& exception) {
      throw_error(
          {Fault::kInvalidInput,
           fmt::format("A file of table {} is written in a way that the SQL engine does not "
                       "know: {}",
                       info_.files->name(), duckdb::ErrorData(exception).RawMessage()),
           file.path, "rewrite the file with the engine that wrote it, with older settings"});
    }
  }

  // By now the filters of joins and of TOP N are known: a file may still turn out not to matter.
  duckdb::ReaderInitializeType InitializeReader(
      duckdb::MultiFileReaderData& data, const MultiFileBindData& bind,
      const duckdb::vector<MultiFileColumnDefinition>& columns,
      const duckdb::vector<duckdb::ColumnIndex>& ids,
      duckdb::optional_ptr<duckdb::TableFilterSet> filters, ClientContext& context,
      duckdb::MultiFileGlobalState& state) override {
    const auto& list = state.file_list.Cast<LakeFileList>();
    const std::size_t number = list.number(data.reader->file_list_idx.GetIndex());
    if (filters && !list.may_match_all(number, *filters,
                                       [&](idx_t key) { return ids[key].GetPrimaryIndex(); })) {
      info_.counter->skip("values found while running");
      return duckdb::ReaderInitializeType::SKIP_READING_FILE;
    }
    info_.counter->read(number, info_.files->snapshot()->files()[number].size);
    if (auto deleted = value_or_throw(info_.files->deleted_rows().of(number))) {
      data.reader->deletion_filter = duckdb::make_uniq<DeletionFilter>(std::move(deleted));
    }
    return MultiFileReader::InitializeReader(data, bind, columns, ids, filters, context, state);
  }

  duckdb::ReaderInitializeType CreateMapping(
      ClientContext& context, duckdb::MultiFileReaderData& data,
      const duckdb::vector<MultiFileColumnDefinition>&,
      const duckdb::vector<duckdb::ColumnIndex>& ids,
      duckdb::optional_ptr<duckdb::TableFilterSet> filters, duckdb::MultiFileList& list,
      const duckdb::MultiFileReaderBindData& bind,
      const duckdb::virtual_column_map_t& virtual_columns) override {
    const auto& columns = info_.files->columns();
    FileColumns file_columns(info_.files->mapping(), data.reader->columns);
    // Only the columns that are read have their places; they stand where DuckDB looks for them.
    duckdb::vector<MultiFileColumnDefinition> wanted(
        columns.size(), MultiFileColumnDefinition("", duckdb::LogicalType::SQLNULL));
    duckdb::TableFilterSet fitting;
    for (idx_t i = 0; i < ids.size(); ++i) {
      const column_t id = ids[i].GetPrimaryIndex();
      const duckdb::LogicalType* type_in_file = nullptr;
      if (id < columns.size()) {
        auto place = file_columns.find(info_.files->field(id), columns[id].type);
        wanted[id] = place.wanted;
        if (place.found && !columns[id].partition) type_in_file = &place.found->type;
      }
      const auto filter = filters ? filters->filters.find(i) : fitting.filters.end();
      if (!filters || filter == filters->filters.end()) continue;
      auto fitted = type_in_file ? fit_filter(*filter->second, columns[id].type, *type_in_file)
                                 : filter->second->Copy();
      if (fitted) fitting.filters.emplace(i, std::move(fitted));
    }
    return MultiFileReader::CreateMapping(context, data, wanted, ids, &fitting, list, bind,
                                          virtual_columns,
                                          duckdb::MultiFileColumnMappingMode::BY_NAME);
  }

  void FinalizeBind(duckdb::MultiFileReaderData& data, const duckdb::MultiFileOptions& options,
                    const duckdb::MultiFileReaderBindData& bind,
                    const duckdb::vector<MultiFileColumnDefinition>& columns,
                    const duckdb::vector<duckdb::ColumnIndex>& ids, ClientContext& context,
                    duckdb::optional_ptr<duckdb::MultiFileReaderGlobalState> state) override {
    MultiFileReader::FinalizeBind(data, options, bind, columns, ids, context, state);
    const auto number =
        data.reader->file.extended_info->options.at(kCatalogFileKey).GetValue<std::uint64_t>();
    for (idx_t i = 0; i < ids.size(); ++i) {
      const column_t id = ids[i].GetPrimaryIndex();
      const duckdb::MultiFileGlobalIndex place(i);
      if (id == kFileNumberColumn) {
        data.constant_map.Add(place, Value::BIGINT(static_cast<std::int64_t>(number)));
      } else if (id < info_.files->columns().size() && info_.files->columns()[id].partition) {
        data.constant_map.Add(place, value_or_throw(info_.files->partition_value(number, id)));
      } else if (auto value = rows_.constant(id, info_.files->snapshot()->files()[number],
                                             data.reader->columns)) {
        data.constant_map.Add(place, *std::move(value));
      }
    }
  }

  // What a row keeps stands in a column of its file that the table does not have.
  duckdb::unique_ptr<duckdb::Expression> GetVirtualColumnExpression(
      ClientContext& context, duckdb::MultiFileReaderData& data,
      const duckdb::vector<MultiFileColumnDefinition>& local, idx_t& column,
      const duckdb::LogicalType& type, duckdb::MultiFileLocalIndex index,
      duckdb::optional_ptr<MultiFileColumnDefinition>& reference) override {
    reference = rows_.kept(column);
    if (reference) return nullptr;
    return MultiFileReader::GetVirtualColumnExpression(context, data, local, column, type, index,
                                                       reference);
  }

 private:
  const duckdb::shared_ptr<duckdb::TableFunctionInfo> holder_;
  const ScanInfo& info_;
  RowTrackingScan rows_;
};

bool holds_variant(const duckdb::LogicalType& type) {
  return duckdb::TypeVisitor::Contains(type, duckdb::LogicalTypeId::VARIANT);
}

// While it lives and is `on`, a scan that is bound takes a group of `value` and `metadata` for a
// variant, which is how they are stored by writers from before Parquet had a word for them. Only
// for tables that have variants: elsewhere such a group is a struct.
class VariantEncoding {
 public:
  VariantEncoding(ClientContext& context, bool on) : settings_(context.config.user_settings) {
    duckdb::ExtensionOption option;
    if (!on || !duckdb::DBConfig::GetConfig(context).TryGetExtensionOption(kVariantSetting, option))
      return;
    index_ = option.setting_index;
    settings_.SetUserSetting(index_.GetIndex(), Value::BOOLEAN(true));
  }
  ~VariantEncoding() {
    if (index_.IsValid()) settings_.ClearSetting(index_.GetIndex());
  }
  VariantEncoding(const VariantEncoding&) = delete;
  VariantEncoding& operator=(const VariantEncoding&) = delete;

 private:
  duckdb::LocalUserSettings& settings_;
  duckdb::optional_idx index_;
};

const LakeFileList& list_of(const duckdb::FunctionData& bind) {
  return bind.Cast<MultiFileBindData>().file_list->Cast<LakeFileList>();
}

duckdb::unique_ptr<duckdb::BaseStatistics> column_statistics(ClientContext&,
                                                             const duckdb::FunctionData* bind,
                                                             column_t column) {
  const auto& table = *LakeReader::of(*bind).info().files;
  // Nothing is planned better for knowing the bounds of a few rows.
  if (column >= table.columns().size() || list_of(*bind).few_rows()) return nullptr;
  return merged_statistics(table, list_of(*bind).kept(), column);
}

duckdb::vector<duckdb::PartitionStatistics> known_of_files(ClientContext&,
                                                           duckdb::GetPartitionStatsInput& input) {
  return file_facts(LakeReader::of(*input.bind_data).info().files, list_of(*input.bind_data));
}

// In EXPLAIN: what is known before the query runs.
duckdb::InsertionOrderPreservingMap<std::string> planned_text(
    duckdb::TableFunctionToStringInput& input) {
  return describe_plan(list_of(*input.bind_data));
}

// In EXPLAIN ANALYZE: what came of it. Joins may have given the scan a shorter list.
duckdb::InsertionOrderPreservingMap<std::string> outcome_text(
    duckdb::TableFunctionDynamicToStringInput& input) {
  const auto& state = input.global_state->Cast<duckdb::MultiFileGlobalState>();
  return describe_outcome(state.file_list.Cast<LakeFileList>(),
                          *LakeReader::of(*input.bind_data).info().counter);
}

}  // namespace

duckdb::virtual_column_map_t table_virtual_columns() {
  using duckdb::LogicalType;
  using duckdb::MultiFileReader;
  using duckdb::TableColumn;
  duckdb::virtual_column_map_t columns;
  columns.emplace(MultiFileReader::COLUMN_IDENTIFIER_FILENAME,
                  TableColumn("filename", LogicalType::VARCHAR));
  columns.emplace(MultiFileReader::COLUMN_IDENTIFIER_FILE_ROW_NUMBER,
                  TableColumn("file_row_number", LogicalType::BIGINT));
  columns.emplace(kFileNumberColumn, TableColumn("file_number", LogicalType::BIGINT));
  columns.emplace(duckdb::COLUMN_IDENTIFIER_EMPTY, TableColumn("", LogicalType::BOOLEAN));
  add_row_tracking_columns(columns);
  return columns;
}

duckdb::vector<column_t> table_row_id_columns() {
  return {kFileNumberColumn, duckdb::MultiFileReader::COLUMN_IDENTIFIER_FILE_ROW_NUMBER};
}

duckdb::TableFunction make_table_scan(ClientContext& context, duckdb::TableCatalogEntry& entry,
                                      std::shared_ptr<const TableFiles> files,
                                      std::shared_ptr<ScanCounter> counter,
                                      duckdb::unique_ptr<duckdb::FunctionData>& bind_data) {
  auto& parquet =
      duckdb::Catalog::GetSystemCatalog(context).GetEntry<duckdb::TableFunctionCatalogEntry>(
          context, DEFAULT_SCHEMA, "parquet_scan");
  auto scan = parquet.functions.GetFunctionByOffset(0);
  scan.name = kScanName;
  scan.get_multi_file_reader = LakeReader::create;
  scan.statistics = column_statistics;
  scan.statistics_extended = nullptr;
  scan.get_partition_stats = known_of_files;
  scan.to_string = planned_text;
  scan.dynamic_to_string = outcome_text;
  scan.get_bind_info = [](const duckdb::optional_ptr<duckdb::FunctionData> bind) {
    return duckdb::BindInfo(LakeReader::of(*bind).info().entry);
  };
  scan.get_virtual_columns = [](ClientContext&, duckdb::optional_ptr<duckdb::FunctionData> bind) {
    auto columns = table_virtual_columns();
    bind->Cast<MultiFileBindData>().virtual_columns = columns;
    return columns;
  };
  scan.get_row_id_columns = [](ClientContext&, duckdb::optional_ptr<duckdb::FunctionData>) {
    return table_row_id_columns();
  };
  // The optimiser copies plans by writing and reading them back, which a scan that holds a snapshot
  // cannot do: with this answer it keeps the plan as it is. Without it the copy fails half-way.
  scan.serialize = [](duckdb::Serializer&, duckdb::optional_ptr<duckdb::FunctionData>,
                      const duckdb::TableFunction&) {
    throw duckdb::NotImplementedException("a scan of the lake cannot be copied");
  };
  scan.deserialize = [](duckdb::Deserializer&,
                        duckdb::TableFunction&) -> duckdb::unique_ptr<duckdb::FunctionData> {
    throw duckdb::NotImplementedException("a scan of the lake cannot be copied");
  };
  const bool has_variant =
      std::any_of(files->columns().begin(), files->columns().end(),
                  [](const TableColumn& column) { return holds_variant(column.type); });
  scan.function_info =
      duckdb::make_shared_ptr<ScanInfo>(entry, std::move(files), std::move(counter));

  const VariantEncoding encoding(context, has_variant);
  duckdb::vector<Value> inputs{Value("")};
  duckdb::named_parameter_map_t parameters;
  duckdb::vector<duckdb::LogicalType> no_types, types;
  duckdb::vector<std::string> no_names, names;
  duckdb::TableFunctionRef reference;
  duckdb::TableFunctionBindInput input(inputs, parameters, no_types, no_names, nullptr, nullptr,
                                       scan, reference);
  bind_data = scan.bind(context, input, types, names);
  bind_data->Cast<MultiFileBindData>().virtual_columns = table_virtual_columns();
  return scan;
}

}  // namespace claimlake::engine
