#include "delta/stats_reader.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <cmath>
#include <limits>

namespace claimlake::delta {
namespace {

using simdjson::dom::element;

// The member `column` of `values`, by its whole name or else part by part; false if absent.
bool find_column(element values, std::string_view column, element& out) {
  simdjson::dom::object object;
  if (values.get(object)) return false;
  if (object[column].get(out) == simdjson::SUCCESS) return true;
  for (std::size_t dot = column.find('.'); dot != std::string_view::npos;
       dot = column.find('.', dot + 1)) {
    element inner;
    if (object[column.substr(0, dot)].get(inner) == simdjson::SUCCESS &&
        find_column(inner, column.substr(dot + 1), out)) {
      return true;
    }
  }
  return false;
}

// A number with a fraction comes as the double next to it, and a decimal may have more digits than
// that: so a bound goes outwards to the next double. Cast to a decimal it is rounded to the true
// one where a double is fine enough, and is beyond it where not.
std::optional<std::string> bound(element stats, std::string_view kind, std::string_view column,
                                 double outwards) {
  element values;
  element value;
  if (stats[kind].get(values) || !find_column(values, column, value)) return std::nullopt;
  if (value.is_null() || value.is_object() || value.is_array()) return std::nullopt;
  if (std::string_view text; !value.get(text)) return std::string(text);
  if (value.type() != simdjson::dom::element_type::DOUBLE) return simdjson::minify(value);
  return fmt::format("{}", std::nextafter(double(value), outwards));
}

}  // namespace

StatsReader::StatsReader(std::string_view column) : column_(column) {}

ColumnStatsEntry StatsReader::read(std::string_view stats_json) {
  ColumnStatsEntry out;
  if (stats_json.empty()) return out;
  thread_local simdjson::dom::parser parser;
  buffer_.reserve(stats_json.size() + simdjson::SIMDJSON_PADDING);
  buffer_ = stats_json;
  element stats;
  if (parser.parse(buffer_.data(), buffer_.size(), false).get(stats)) return out;
  constexpr double kEnd = std::numeric_limits<double>::infinity();
  out.min = bound(stats, "minValues", column_, -kEnd);
  out.max = bound(stats, "maxValues", column_, kEnd);
  element counts;
  element count;
  std::int64_t nulls = 0;
  if (!stats["nullCount"].get(counts) && find_column(counts, column_, count) && !count.get(nulls)) {
    out.null_count = nulls;
  }
  return out;
}

}  // namespace claimlake::delta
