#include "engine/duck_rows.h"

#include <fmt/format.h>

#include <duckdb/common/types/data_chunk.hpp>
#include <duckdb/main/connection.hpp>

#include "base/check.h"
#include "engine/json_value.h"

namespace claimlake::engine {
namespace {

using duckdb::FlatVector;
using duckdb::LogicalTypeId;
using duckdb::PhysicalType;

// The integer behind a value of a flat vector, whatever its width.
std::int64_t integer_at(duckdb::Vector& vector, std::size_t row) {
  switch (vector.GetType().InternalType()) {
    case PhysicalType::BOOL:
      return FlatVector::GetData<bool>(vector)[row];
    case PhysicalType::INT8:
      return FlatVector::GetData<std::int8_t>(vector)[row];
    case PhysicalType::INT16:
      return FlatVector::GetData<std::int16_t>(vector)[row];
    case PhysicalType::INT32:
      return FlatVector::GetData<std::int32_t>(vector)[row];
    case PhysicalType::INT64:
      return FlatVector::GetData<std::int64_t>(vector)[row];
    case PhysicalType::UINT8:
      return FlatVector::GetData<std::uint8_t>(vector)[row];
    case PhysicalType::UINT16:
      return FlatVector::GetData<std::uint16_t>(vector)[row];
    case PhysicalType::UINT32:
      return FlatVector::GetData<std::uint32_t>(vector)[row];
    case PhysicalType::UINT64:
      return static_cast<std::int64_t>(FlatVector::GetData<std::uint64_t>(vector)[row]);
    case PhysicalType::INT128: {
      std::int64_t value = 0;
      CHECK(duckdb::Hugeint::TryCast(FlatVector::GetData<duckdb::hugeint_t>(vector)[row], value),
            "the value does not fit into 64 bits: read it as text");
      return value;
    }
    default:
      CHECK(false, "the column holds no integers: read it as text");
  }
  return 0;
}

class DuckRows final : public Rows {
 public:
  DuckRows(RunningQuery query, duckdb::unique_ptr<duckdb::QueryResult> result)
      : query_(std::move(query)), result_(std::move(result)) {
    for (std::size_t i = 0; i < result_->names.size(); ++i) {
      columns_.push_back({result_->names[i], result_->types[i].ToString()});
    }
  }

  const std::vector<Column>& columns() const override { return columns_; }

  Result<bool> next() override {
    if (!result_) return false;
    chunk_.reset();
    try {
      chunk_ = result_->Fetch();
      if (result_->HasError()) {
        return fail(to_error(result_->GetErrorObject(), query_.sql, *query_.instance));
      }
      if (chunk_ && chunk_->size() > 0) {
        chunk_->Flatten();
        return true;
      }
    } catch (...) {
      return fail(current_exception_error(query_.sql, *query_.instance));
    }
    chunk_.reset();
    end();
    return false;
  }

  std::size_t row_count() const override { return chunk_ ? chunk_->size() : 0; }

  bool is_null(std::size_t column, std::size_t row) const override {
    return !FlatVector::Validity(chunk_->data[column]).RowIsValid(row);
  }

  std::string text(std::size_t column, std::size_t row) const override {
    duckdb::Vector& vector = chunk_->data[column];
    if (vector.GetType().id() == LogicalTypeId::VARCHAR) {
      return FlatVector::GetData<duckdb::string_t>(vector)[row].GetString();
    }
    return vector.GetValue(row).ToString();
  }

  std::int64_t integer(std::size_t column, std::size_t row) const override {
    return integer_at(chunk_->data[column], row);
  }

  void json(std::size_t column, std::size_t row, std::string& out) const override {
    duckdb::Vector& vector = chunk_->data[column];
    const auto& type = vector.GetType();
    if (is_null(column, row)) {
      out += "null";
    } else if (type.id() == LogicalTypeId::VARCHAR && !type.IsJSONType()) {
      const auto& value = FlatVector::GetData<duckdb::string_t>(vector)[row];
      append_json_string({value.GetData(), value.GetSize()}, out);
    } else if (type.IsIntegral() && type.InternalType() != PhysicalType::INT128 &&
               type.InternalType() != PhysicalType::UINT128 &&
               type.InternalType() != PhysicalType::UINT64) {
      fmt::format_to(std::back_inserter(out), "{}", integer_at(vector, row));
    } else {
      append_json(vector.GetValue(row), out);
    }
  }

 private:
  // Lets go of what the query holds as soon as its rows are read or cannot be.
  void end() {
    result_.reset();
    query_.time_limit.reset();
  }
  Error fail(Error error) {
    chunk_.reset();
    error = query_.explain(std::move(error));
    end();
    return error;
  }

  RunningQuery query_;
  duckdb::unique_ptr<duckdb::QueryResult> result_;
  std::vector<Column> columns_;
  duckdb::unique_ptr<duckdb::DataChunk> chunk_;
};

}  // namespace

Error RunningQuery::explain(Error error) const {
  if (error.fault != Fault::kCancelled || !time_limit || !time_limit->fired()) return error;
  return {Fault::kTimeout,
          fmt::format("The query took longer than it may: {} s",
                      static_cast<double>(limit.count()) / 1000),
          "", "read fewer rows, or allow more time"};
}

std::unique_ptr<Rows> make_rows(RunningQuery query,
                                duckdb::unique_ptr<duckdb::QueryResult> result) {
  return std::make_unique<DuckRows>(std::move(query), std::move(result));
}

Result<TextTable> read_all(Rows& rows, std::size_t row_limit) {
  TextTable table{rows.columns(), {}};
  while (true) {
    TRY(const bool more, rows.next());
    if (!more) return table;
    for (std::size_t row = 0; row < rows.row_count(); ++row) {
      if (table.rows.size() == row_limit) return table;
      auto& cells = table.rows.emplace_back(table.columns.size());
      for (std::size_t column = 0; column < table.columns.size(); ++column) {
        if (!rows.is_null(column, row)) cells[column] = rows.text(column, row);
      }
    }
  }
}

}  // namespace claimlake::engine
