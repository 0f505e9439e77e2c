#include "engine/curve.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <duckdb/catalog/catalog.hpp>
#include <duckdb/function/create_sort_key.hpp>
#include <duckdb/function/scalar_function.hpp>
#include <duckdb/main/connection.hpp>
#include <duckdb/main/materialized_query_result.hpp>
#include <duckdb/parser/parsed_data/create_scalar_function_info.hpp>

#include "base/text.h"
#include "engine/errors.h"
#include "engine/session_state.h"

namespace claimlake::engine {
namespace {

using duckdb::LogicalType;
using duckdb::Vector;

constexpr const char* kFunction = "lake_place_on_curve";
// Enough that a range of a column, one in 1024, is off by an eighth of its rows.
constexpr int kSampleRows = 1 << 16;
// What lies behind does not tell ranges apart in practice, and would make a sample large.
constexpr int kTextUnits = 64;

const duckdb::OrderModifiers kNullsFirst(duckdb::OrderType::ASCENDING,
                                         duckdb::OrderByNullType::NULLS_FIRST);

// The first bytes of `key` as a number that compares as they do.
std::uint64_t prefix_of(std::string_view key) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < sizeof(out); ++i) {
    out = out << 8 | (i < key.size() ? static_cast<unsigned char>(key[i]) : 0U);
  }
  return out;
}

// Calls `use` with the sort key of each value of `values`.
template <class Use>
void for_each_key(Vector& values, std::size_t count, Use&& use) {
  Vector keys(LogicalType::BLOB, count);
  duckdb::CreateSortKeyHelpers::CreateSortKey(values, count, kNullsFirst, keys);
  duckdb::UnifiedVectorFormat format;
  keys.ToUnifiedFormat(count, format);
  const auto* data = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(format);
  for (std::size_t i = 0; i < count; ++i) {
    const duckdb::string_t& key = data[format.sel->get_index(i)];
    use(i, std::string_view(key.GetData(), key.GetSize()));
  }
}

void place_on_curve(duckdb::DataChunk& values, duckdb::ExpressionState& state, Vector& result) {
  const Curve* curve = SessionState::of(state.GetContext())->curve;
  if (curve == nullptr || curve->columns() != values.ColumnCount()) {
    throw_error({Fault::kInvalidInput, fmt::format("{} is for writing files only", kFunction), "",
                 "OPTIMIZE table ZORDER BY (column, ...)"});
  }
  std::array<std::uint64_t, STANDARD_VECTOR_SIZE> places{};
  for (std::size_t column = 0; column < values.ColumnCount(); ++column) {
    for_each_key(values.data[column], values.size(), [&](std::size_t row, std::string_view key) {
      places[row] |= curve->part(column, key);
    });
  }
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  std::copy_n(places.begin(), values.size(), duckdb::FlatVector::GetData<std::uint64_t>(result));
}

LogicalType type_of(const std::vector<ResultColumn>& columns,
                    const std::vector<std::string>& path) {
  const auto column = std::find_if(columns.begin(), columns.end(), [&](const ResultColumn& other) {
    return to_lower(other.name) == to_lower(path.front());
  });
  if (column == columns.end()) {
    throw_error({Fault::kInvalidInput, fmt::format("no column {} to order by", path.front())});
  }
  LogicalType type = column->type;
  for (std::size_t i = 1; i < path.size() && type.id() == duckdb::LogicalTypeId::STRUCT; ++i) {
    for (const auto& [name, child] : duckdb::StructType::GetChildTypes(LogicalType(type))) {
      if (to_lower(name) == to_lower(path[i])) type = child;
    }
  }
  return type;
}

// The values at `path` as they are ordered by.
std::string expression_of(const std::vector<ResultColumn>& columns,
                          const std::vector<std::string>& path) {
  std::string out = "rows_";
  for (const std::string& name : path) out += "." + sql_identifier(name);
  if (type_of(columns, path).id() != duckdb::LogicalTypeId::VARCHAR) return out;
  return fmt::format("left({}, {})", out, kTextUnits);
}

std::vector<std::vector<std::string>> sample(duckdb::Connection& connection,
                                             std::string_view select, const std::string& values,
                                             std::size_t columns) {
  const auto result = connection.Query(
      fmt::format("SELECT * FROM (SELECT {} FROM ({}) AS rows_) USING SAMPLE reservoir({} ROWS)",
                  values, select, kSampleRows));
  if (result->HasError()) result->ThrowError();
  std::vector<std::vector<std::string>> out(columns);
  while (const auto chunk = result->Fetch()) {
    for (std::size_t column = 0; column < columns; ++column) {
      for_each_key(chunk->data[column], chunk->size(),
                   [&](std::size_t, std::string_view key) { out[column].emplace_back(key); });
    }
  }
  return out;
}

}  // namespace

Curve::Curve(std::vector<std::vector<std::string>> samples) {
  const auto count = static_cast<unsigned>(samples.size());
  const unsigned bits = std::min(kMostBits, 64U / std::max(count, 1U));
  const std::size_t ranges = std::size_t{1} << bits;
  for (unsigned at = 0; at < count; ++at) {
    std::vector<std::string>& keys = samples[at];
    std::sort(keys.begin(), keys.end());
    Column column;
    // A value that very many rows have is a bound several times. Its rows get the number of the
    // first of these ranges and the next value that of the last: so the high bits, which come first
    // on the curve, also tell the few values of a column with few values apart.
    for (std::size_t i = 0; i < ranges && !keys.empty(); ++i) {
      const std::string& key = keys[i * keys.size() / ranges];
      column.bounds.push_back({prefix_of(key), key});
    }
    for (std::size_t number = 0; number < ranges; ++number) {
      std::uint64_t spread = 0;
      for (unsigned bit = 0; bit < bits; ++bit) {
        spread |= static_cast<std::uint64_t>(number >> bit & 1) << (bit * count + count - 1 - at);
      }
      column.numbers.push_back(spread);
    }
    columns_.push_back(std::move(column));
  }
}

std::uint64_t Curve::part(std::size_t column, std::string_view sort_key) const {
  const auto& [bounds, numbers] = columns_[column];
  const std::uint64_t prefix = prefix_of(sort_key);
  const auto bound = std::partition_point(bounds.begin(), bounds.end(), [&](const Bound& other) {
    return other.prefix != prefix ? other.prefix < prefix : other.key < sort_key;
  });
  const auto below = static_cast<std::size_t>(bound - bounds.begin());
  return numbers[std::min(below, numbers.size() - 1)];
}

AlongCurve along_curve(duckdb::Connection& connection, std::string_view select,
                       const std::vector<ResultColumn>& columns,
                       const std::vector<std::vector<std::string>>& paths, bool one_thread) {
  std::string values;
  for (const auto& path : paths) {
    values += (values.empty() ? "" : ", ") + expression_of(columns, path);
  }
  AlongCurve out;
  std::string order = values;  // of one column the curve is its order
  if (paths.size() > 1) {
    std::string named;
    for (std::size_t i = 0; i < paths.size(); ++i) {
      named +=
          fmt::format("{}{} AS value_{}", i == 0 ? "" : ", ", expression_of(columns, paths[i]), i);
    }
    out.curve.emplace(sample(connection, select, named, paths.size()));
    order = fmt::format("{}({})", kFunction, values);
  }
  out.select = fmt::format("SELECT * FROM ({}) AS rows_ ORDER BY {} NULLS FIRST", select, order);
  if (one_thread) {
    // Rows are numbered one after the other, so that what follows has one thread as well.
    constexpr const char* kPlace = "\"place on the curve\"";
    out.select = fmt::format(
        "SELECT * EXCLUDE ({0}) FROM (SELECT *, row_number() OVER () AS {0} FROM ({1})) WHERE {0} "
        "> "
        "0",
        kPlace, out.select);
  }
  return out;
}

void register_curve(duckdb::DatabaseInstance& database) {
  duckdb::ScalarFunction function(kFunction, {}, LogicalType::UBIGINT, place_on_curve);
  function.SetVarArgs(LogicalType::ANY);
  function.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  duckdb::CreateScalarFunctionInfo info(std::move(function));
  info.internal = true;
  auto transaction = duckdb::CatalogTransaction::GetSystemTransaction(database);
  duckdb::Catalog::GetSystemCatalog(database).CreateFunction(transaction, info);
}

}  // namespace claimlake::engine
