#include "delta/row_tracking.h"

#include <simdjson.h>

#include <algorithm>

#include "base/text.h"
#include "delta/features.h"
#include "delta/json_writer.h"
#include "delta/log_json.h"

namespace claimlake::delta {
namespace {

constexpr const char* kIdColumn = kRowIdColumnName;
constexpr const char* kVersionColumn = kRowVersionColumnName;
constexpr const char* kHighWaterMark = "rowIdHighWaterMark";

std::optional<std::string> property(const Metadata& metadata, const char* name) {
  const auto found = metadata.configuration.find(name);
  if (found == metadata.configuration.end()) return std::nullopt;
  return found->second;
}

bool is_on(const Metadata& metadata, const char* name) {
  return to_lower(property(metadata, name).value_or("")) == "true";
}

std::optional<std::int64_t> high_water_mark(const DomainMetadata& domain) {
  if (domain.domain != kRowTrackingDomain || domain.removed) return std::nullopt;
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  std::int64_t mark = 0;
  if (parser.parse(domain.configuration.data(), domain.configuration.size(), true).get(json) ||
      json[kHighWaterMark].get(mark)) {
    return std::nullopt;
  }
  return mark;
}

}  // namespace

bool assigns_row_ids(const Protocol& protocol, const Metadata& metadata) {
  return has_feature(protocol, "rowTracking") && !is_on(metadata, kRowTrackingSuspended);
}

bool tracks_rows(const Protocol& protocol, const Metadata& metadata) {
  return assigns_row_ids(protocol, metadata) && is_on(metadata, kRowTracking);
}

std::optional<RowTrackingColumns> row_tracking_columns(const Protocol& protocol,
                                                       const Metadata& metadata) {
  if (!tracks_rows(protocol, metadata)) return std::nullopt;
  auto id = property(metadata, kIdColumn);
  auto version = property(metadata, kVersionColumn);
  if (!id || !version) return std::nullopt;
  return RowTrackingColumns{*std::move(id), *std::move(version)};
}

Done name_row_tracking_columns(Metadata& metadata, const Metadata* before, Random& random) {
  for (const char* name : {kIdColumn, kVersionColumn}) {
    if (before == nullptr) {  // what it is made like has names of its own
      metadata.configuration.erase(name);
    } else if (property(metadata, name) != property(*before, name)) {
      return Error{Fault::kInvalidInput,
                   "table property " + std::string(name) + " is set by the table itself", "",
                   "leave it out"};
    }
  }
  if (!is_on(metadata, kRowTracking)) return done();
  if (is_on(metadata, kRowTrackingSuspended)) {
    return Error{
        Fault::kInvalidInput,
        std::string(kRowTracking) + " and " + kRowTrackingSuspended + " cannot both be true", "",
        "set one of them to false"};
  }
  metadata.configuration.try_emplace(kIdColumn, "_row-id-col-" + uuid4(random));
  metadata.configuration.try_emplace(kVersionColumn, "_row-commit-version-col-" + uuid4(random));
  return done();
}

std::int64_t row_id_high_water_mark(const std::map<std::string, DomainMetadata>& domains) {
  const auto domain = domains.find(kRowTrackingDomain);
  return domain == domains.end() ? -1 : high_water_mark(domain->second).value_or(-1);
}

std::optional<std::int64_t> row_id_high_water_mark(const Action& action) {
  const auto* domain = std::get_if<DomainMetadata>(&action);
  return domain == nullptr ? std::nullopt : high_water_mark(*domain);
}

RowIds::RowIds(std::span<const Action> actions, std::int64_t last_id) : last_id_(last_id) {
  for (std::size_t i = 0; i < actions.size(); ++i) {
    const auto* add = std::get_if<AddFile>(&actions[i]);
    if (add == nullptr) continue;
    if (add->base_row_id && add->default_row_commit_version) {
      // One that comes back, from a version that others may have forgotten to count.
      const std::int64_t rows = num_records(add->stats_json).value_or(0);
      last_id_ = std::max(last_id_, *add->base_row_id + std::max<std::int64_t>(rows, 1) - 1);
    } else {
      files_.push_back(i);
    }
  }
}

Result<std::optional<Action>> RowIds::assign(std::span<Action> actions, LogVersion version) const {
  std::int64_t last = last_id_;
  for (const std::size_t place : files_) {
    auto& add = std::get<AddFile>(actions[place]);
    const auto rows = num_records(add.stats_json);
    if (!rows || *rows < 0 || *rows > INT64_MAX - 1 - last) {
      return Error{Fault::kInvalidInput,
                   "the table gives each row an id (feature rowTracking), and the statistics of "
                   "file " +
                       add.path + " do not say how many rows it has",
                   "", "write the rows anew with CREATE TABLE ... AS SELECT or INSERT"};
    }
    add.base_row_id = last + 1;
    add.default_row_commit_version = version;
    last += *rows;
  }
  if (files_.empty()) return std::optional<Action>();
  std::string text;
  JsonWriter(text).open_object().key(kHighWaterMark).number(last).close_object();
  return std::optional<Action>(DomainMetadata{kRowTrackingDomain, text, false});
}

}  // namespace claimlake::delta
