#include "delta/properties.h"

#include <functional>
#include <limits>
#include <vector>

#include "base/text.h"

namespace claimlake::delta {
namespace {

using std::chrono::milliseconds;

// Longer than any sensible retention, and far from overflow.
constexpr milliseconds kLongest = std::chrono::days(365 * 1000);

struct Unit {
  std::string_view name;
  std::int64_t micros;
};
constexpr Unit kUnits[] = {{"microsecond", 1},       {"millisecond", 1'000},
                           {"second", 1'000'000},    {"minute", 60'000'000},
                           {"hour", 3'600'000'000},  {"day", 86'400'000'000},
                           {"week", 604'800'000'000}};

std::optional<std::int64_t> unit_micros(std::string_view word) {
  for (const Unit& unit : kUnits) {
    if (word == unit.name) return unit.micros;
    if (word.size() == unit.name.size() + 1 && word.starts_with(unit.name) && word.back() == 's') {
      return unit.micros;
    }
  }
  return std::nullopt;
}

// Reads one property if it is set, through `read`, which says what is wrong or nothing.
using Setter = std::function<std::optional<std::string>(const std::string&, TableProperties&)>;

Setter number_setter(int TableProperties::*member, int least) {
  return [=](const std::string& text, TableProperties& out) -> std::optional<std::string> {
    const auto value = whole_number(text);
    if (!value || *value < least || *value > 1'000'000'000) {
      return "must be a whole number of at least " + std::to_string(least);
    }
    out.*member = static_cast<int>(*value);
    return std::nullopt;
  };
}

Setter bool_setter(bool TableProperties::*member) {
  return [=](const std::string& text, TableProperties& out) -> std::optional<std::string> {
    const std::string word = to_lower(text);
    if (word != "true" && word != "false") return "must be true or false";
    out.*member = word == "true";
    return std::nullopt;
  };
}

template <class Member>
Setter interval_setter(Member TableProperties::*member) {
  return [=](const std::string& text, TableProperties& out) -> std::optional<std::string> {
    const auto interval = parse_interval(text);
    if (!interval) return "must be a time such as 'interval 7 days'";
    out.*member = *interval;
    return std::nullopt;
  };
}

std::optional<std::string> set_column_mapping(const std::string& text, TableProperties& out) {
  const std::string mode = to_lower(text);
  if (mode != "none" && mode != "id" && mode != "name") return "must be none, id or name";
  out.column_mapping = mode;
  return std::nullopt;
}

// "104857600", "100mb", "1 GB".
std::optional<std::string> set_target_size(const std::string& text, TableProperties& out) {
  const std::string words = to_lower(text);
  const auto digits = std::min(words.find_first_not_of("0123456789"), words.size());
  const auto unit = std::min(words.find_first_not_of(' ', digits), words.size());
  const auto number = whole_number(words.substr(0, digits));
  constexpr std::pair<std::string_view, int> kUnitsOfBytes[] = {
      {"", 0}, {"b", 0}, {"k", 10}, {"kb", 10}, {"m", 20}, {"mb", 20}, {"g", 30}, {"gb", 30}};
  for (const auto& [name, shift] : kUnitsOfBytes) {
    if (words.substr(unit) != name || !number || *number < 1) continue;
    if (*number > std::numeric_limits<std::int64_t>::max() >> shift) break;
    out.target_file_bytes = *number << shift;
    return std::nullopt;
  }
  return "must be a number of bytes, such as 134217728 or 128mb";
}

std::optional<std::string> set_isolation(const std::string& text, TableProperties& out) {
  const std::string level = to_lower(text);
  if (level != "serializable" && level != "writeserializable") {
    return "must be Serializable or WriteSerializable";
  }
  out.serializable = level == "serializable";
  return std::nullopt;
}

std::optional<std::string> set_checkpoint_policy(const std::string& text, TableProperties& out) {
  const std::string policy = to_lower(text);
  if (policy != "classic" && policy != "v2") return "must be classic or v2";
  out.v2_checkpoints = policy == "v2";
  return std::nullopt;
}

const std::vector<std::pair<std::string, Setter>>& setters() {
  using P = TableProperties;
  static const std::vector<std::pair<std::string, Setter>> kSetters = {
      {"delta.checkpointInterval", number_setter(&P::checkpoint_interval, 1)},
      {"delta.deletedFileRetentionDuration", interval_setter(&P::deleted_file_retention)},
      {"delta.logRetentionDuration", interval_setter(&P::log_retention)},
      {"delta.enableExpiredLogCleanup", bool_setter(&P::log_cleanup)},
      {"delta.setTransactionRetentionDuration", interval_setter(&P::txn_retention)},
      {"delta.appendOnly", bool_setter(&P::append_only)},
      {"delta.enableInCommitTimestamps", bool_setter(&P::in_commit_timestamps)},
      {"delta.enableDeletionVectors", bool_setter(&P::deletion_vectors)},
      {"delta.enableChangeDataFeed", bool_setter(&P::change_data_feed)},
      {"delta.dropFeatureTruncateHistory.retentionDuration",
       interval_setter(&P::drop_feature_retention)},
      {"delta.enableTypeWidening", bool_setter(&P::type_widening)},
      {"delta.isolationLevel", set_isolation},
      {"delta.targetFileSize", set_target_size},
      {"claimlake.rowGroupRows", number_setter(&P::row_group_rows, 2'048)},
      {"delta.dataSkippingNumIndexedCols", number_setter(&P::stats_columns, -1)},
      {"delta.dataSkippingStringPrefixLength", number_setter(&P::string_prefix, 0)},
      {"delta.columnMapping.mode", set_column_mapping},
      {"delta.checkpointPolicy", set_checkpoint_policy},
      {"delta.checkpoint.writeStatsAsJson", bool_setter(&P::checkpoint_stats_json)},
      {"delta.checkpoint.writeStatsAsStruct", bool_setter(&P::checkpoint_stats_typed)}};
  return kSetters;
}

}  // namespace

Result<milliseconds> parse_interval(std::string_view text) {
  const auto bad = [&] {
    return Error{Fault::kInvalidInput, "this is not a length of time: " + std::string(text), "",
                 "write it as 'interval 7 days' (weeks, days, hours, minutes, seconds)"};
  };
  std::vector<std::string> words;
  for (std::string& word : split(to_lower(text), ' ')) {
    if (!word.empty()) words.push_back(std::move(word));
  }
  if (!words.empty() && words.front() == "interval") words.erase(words.begin());
  if (words.empty() || words.size() % 2 != 0) return bad();
  constexpr std::int64_t kLongestMicros = std::chrono::microseconds(kLongest).count();
  std::int64_t micros = 0;
  for (std::size_t i = 0; i < words.size(); i += 2) {
    const auto count = whole_number(words[i]);
    const auto unit = unit_micros(words[i + 1]);
    if (!count || !unit || *count < 0 || *count > (kLongestMicros - micros) / *unit) return bad();
    micros += *count * *unit;
  }
  return milliseconds(micros / 1'000);
}

Result<TableProperties> parse_properties(const std::map<std::string, std::string>& configuration) {
  TableProperties out;
  for (const auto& [name, set] : setters()) {
    const auto property = configuration.find(name);
    if (property == configuration.end()) continue;
    if (const auto problem = set(property->second, out)) {
      return Error{Fault::kInvalidInput,
                   "table property " + name + " = '" + property->second + "' " + *problem};
    }
  }
  return out;
}

TableProperties read_properties(const std::map<std::string, std::string>& configuration) {
  TableProperties out;
  for (const auto& [name, set] : setters()) {
    const auto property = configuration.find(name);
    if (property != configuration.end()) (void)set(property->second, out);
  }
  return out;
}

int commits_per_checkpoint(const TableProperties& properties, std::size_t files) {
  constexpr std::size_t kLeast = 10;
  constexpr std::size_t kMost = 100;
  constexpr std::size_t kFilesPerStep = 1000;
  if (properties.checkpoint_interval > 0) return properties.checkpoint_interval;
  return static_cast<int>(std::min(kLeast * (1 + files / kFilesPerStep), kMost));
}

std::vector<std::string> known_properties() {
  std::vector<std::string> out;
  for (const auto& [name, set] : setters()) out.push_back(name);
  return out;
}

}  // namespace claimlake::delta
