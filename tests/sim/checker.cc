#include "checker.h"

#include <fmt/format.h>

#include <algorithm>

#include "bronze/ingest.h"
#include "refresh/fingerprint.h"

namespace claimlake::sim {
namespace {

constexpr const char* kBronzePolicies = "bronze.policies";
constexpr const char* kBronzeClaims = "bronze.claims";
constexpr const char* kSilverPolicies = "silver.policies";
constexpr const char* kSilverClaims = "silver.claims";
constexpr const char* kPolicyTotals = "gold.policy_totals";
constexpr const char* kPlanTotals = "gold.plan_totals";
constexpr const char* kQuarantine = "ops.quarantine";

constexpr const char* kPolicyColumns = "policy_id, plan, revision";
constexpr const char* kClaimColumns = "claim_id, policy_id, amount, revision";
constexpr const char* kPolicyTotalColumns = "policy_id, plan, claims, amount";
constexpr const char* kPlanTotalColumns = "plan, policies, amount";
constexpr const char* kQuarantineColumns =
    "quarantine_id, table_name, key, CAST(rules AS VARCHAR), state, source_file, source_position, "
    "payload";

lake::TableName name_of(const std::string& table) {
  auto name = lake::TableName::parse(table);
  CHECK(name.has_value(), table);
  return *std::move(name);
}

std::string place(const std::string& table, delta::LogVersion version) {
  return fmt::format("{} version {}", table, version);
}

std::string differs(const std::string& what, const Table& expected, const Table& found) {
  return fmt::format("{} is wrong; expected\n{}  found\n{}", what, show(expected), show(found));
}

}  // namespace

Checker::Checker(store::Store& store, const Clock& clock, Random& random, const RawFiles& raw)
    : store_(store), raw_(raw) {
  auto engine = engine::open_engine({.threads = 1, .random = &random}, store, clock);
  CHECK(engine.has_value(), engine.error().text());
  engine_ = *std::move(engine);
  lake_ = std::make_unique<lake::Lake>(
      lake::LakeContext{store, clock, random, engine_->parquet_io(), "checker"});
  engine_->attach(*lake_);
  auto session = engine_->session({});
  CHECK(session.has_value(), session.error().text());
  session_ = *std::move(session);
}

Checker::~Checker() = default;

Result<Table> Checker::read(const std::string& table, Version version, const std::string& columns) {
  TRY(const auto rows, session_->query(fmt::format("SELECT {} FROM lake.{} AT (VERSION => {})",
                                                   columns, table, version)));
  TRY(const engine::TextTable text, engine::read_all(*rows));
  Table found;
  for (const auto& row : text.rows) {
    auto& cells = found.emplace_back();
    for (const auto& cell : row) cells.push_back(cell.value_or("NULL"));
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<const Content*> Checker::of(const Contents& contents) const {
  std::vector<const Content*> found;
  for (const std::size_t index : contents) found.push_back(&raw_.contents()[index]);
  return found;
}

Checker::Contents Checker::taken() {
  Contents all;
  for (const char* table : {kBronzePolicies, kBronzeClaims}) {
    if (!bronze_[table].empty()) all.merge(Contents(bronze_[table].rbegin()->second));
  }
  return all;
}

Checker::Version Checker::position(const std::string& table, Version version,
                                   const std::string& input) {
  const lake::TableName name = name_of(table);
  const auto at = lake_->table(name.schema, name.table, {.version = version, .timestamp = {}});
  if (!at) return -1;
  return at->snapshot->txn(refresh::input_app_id(input)).value_or(-1);
}

std::string Checker::check_log_files() {
  const auto objects = store_.list_all("");
  CHECK(objects.has_value(), "the durable store answers");
  std::set<std::string> there;
  for (const store::ObjectInfo& object : *objects) {
    there.insert(object.path);
    if (object.path.find("/_delta_log/") == std::string::npos || !object.path.ends_with(".json")) {
      continue;
    }
    const auto [known, is_new] = log_files_.emplace(object.path, "");
    const auto bytes = store_.read(object.path);
    CHECK(bytes.has_value(), object.path);
    if (is_new) known->second = *bytes;
    if (known->second != *bytes) return "the commit " + object.path + " was changed afterwards";
  }
  for (const auto& [path, bytes] : log_files_) {
    if (!there.contains(path)) return "the commit " + path + " is gone";
  }
  for (const std::string& path : data_files_) {
    if (!there.contains(path)) return "the file " + path + " is gone, and a version needs it";
  }
  return "";
}

template <class Check>
std::string Checker::each_new(const std::string& table, const Check& check) {
  const lake::TableName name = name_of(table);
  const auto newest = lake_->snapshot_if_any(name);
  if (!newest) return table + " cannot be read: " + newest.error().text();
  if (*newest == nullptr) return seen_.contains(table) ? table + " is gone" : "";
  const auto known = seen_.find(table);
  for (Version version = known == seen_.end() ? 0 : known->second + 1;
       version <= (*newest)->version(); ++version) {
    const auto at = lake_->table(name.schema, name.table, {.version = version, .timestamp = {}});
    if (!at) return place(table, version) + " cannot be read: " + at.error().text();
    for (const delta::AddFile& file : at->snapshot->files()) {
      data_files_.insert(name.folder() + "/" + file.path);
    }
    const std::string wrong = check(version);
    if (!wrong.empty()) return wrong;
    seen_[table] = version;
  }
  return "";
}

// Every file whose position the version carries is in it once and whole, and nothing else is.
std::string Checker::check_bronze(const std::string& table, Source source, Version version) {
  const bool claims = source == Source::kClaims;
  const auto rows = read(table, version,
                         std::string("_batch_id, _source_file, _source_position, ") +
                             (claims ? "claim_id, policy_id, revision, CAST(amount * 100 AS BIGINT)"
                                     : "policy_id, plan, revision, 0"));
  if (!rows) return place(table, version) + " cannot be read: " + rows.error().text();
  std::map<std::pair<std::string, std::string>, std::vector<RawRow>> arrived;
  for (const auto& row : *rows) {
    arrived[{row[0], row[1]}].push_back(
        {row[3], row[4], std::stoll(row[6]), std::stoll(row[5]), std::stoll(row[2])});
  }
  const lake::TableName name = name_of(table);
  const auto at = lake_->table(name.schema, name.table, {.version = version, .timestamp = {}});
  CHECK(at.has_value(), "each_new has read it");
  Contents done;
  for (std::size_t i = 0; i < raw_.contents().size(); ++i) {
    const Content& content = raw_.contents()[i];
    if (content.source == source && at->snapshot->txn(bronze::file_app_id(content.sha256))) {
      done.insert(i);
    }
  }
  Contents missing = done;
  for (auto& [arrival, found] : arrived) {
    std::sort(found.begin(), found.end());
    // Two contents may hold the same rows (they differ in a broken line). The one that stood under
    // fewer names is taken first, so that the other stays for the names that only it had.
    auto match = missing.end();
    for (auto candidate = missing.begin(); candidate != missing.end(); ++candidate) {
      const Content& content = raw_.contents()[*candidate];
      std::vector<RawRow> expected = content.rows;
      std::sort(expected.begin(), expected.end());
      if (!content.names.contains(arrival.second) || expected != found) continue;
      if (match == missing.end() || content.names.size() < raw_.contents()[*match].names.size()) {
        match = candidate;
      }
    }
    if (match == missing.end()) {
      return fmt::format("{} has {} rows of {} in batch {} that are no whole file taken in once",
                         place(table, version), found.size(), arrival.second, arrival.first);
    }
    missing.erase(match);
  }
  if (!missing.empty()) {
    return fmt::format("{} says that content {} is in it, but its rows are not",
                       place(table, version), *missing.begin());
  }
  bronze_[table][version] = done;
  return "";
}

std::string Checker::check_silver_policies(Version version) {
  const auto found = read(kSilverPolicies, version, kPolicyColumns);
  if (!found) return place(kSilverPolicies, version) + ": " + found.error().text();
  const Version from = position(kSilverPolicies, version, kBronzePolicies);
  if (from < 0) return place(kSilverPolicies, version) + " has no position";
  const auto& inputs = bronze_[kBronzePolicies];
  Table expected;
  // An input may grow between the moment its version is noted and the moment it is read.
  for (auto input = inputs.lower_bound(from); input != inputs.end(); ++input) {
    const Newest candidate = newest(of(input->second));
    expected = policies_table(candidate);
    if (expected != *found) continue;
    policies_[version] = candidate;
    return "";
  }
  return differs(place(kSilverPolicies, version), expected, *found);
}

std::string Checker::check_silver_claims(Version version) {
  const auto found = read(kSilverClaims, version, kClaimColumns);
  if (!found) return place(kSilverClaims, version) + ": " + found.error().text();
  const Version from = position(kSilverClaims, version, kBronzeClaims);
  const Version parents_from = position(kSilverClaims, version, kSilverPolicies);
  if (from < 0 || parents_from < 0) return place(kSilverClaims, version) + " has no position";
  const auto& inputs = bronze_[kBronzeClaims];
  Table expected;
  for (auto input = inputs.lower_bound(from); input != inputs.end(); ++input) {
    const Newest claims = newest(of(input->second));
    for (auto parents = policies_.lower_bound(parents_from); parents != policies_.end();
         ++parents) {
      const Newest candidate = accepted(claims, parents->second);
      expected = claims_table(candidate);
      if (expected != *found) continue;
      claims_[version] = candidate;
      return "";
    }
  }
  return differs(place(kSilverClaims, version), expected, *found);
}

std::string Checker::check_policy_totals(Version version) {
  const auto found = read(kPolicyTotals, version, kPolicyTotalColumns);
  if (!found) return place(kPolicyTotals, version) + ": " + found.error().text();
  const Version from = position(kPolicyTotals, version, kSilverPolicies);
  const Version claims_from = position(kPolicyTotals, version, kSilverClaims);
  if (from < 0 || claims_from < 0) return place(kPolicyTotals, version) + " has no position";
  Table expected;
  for (auto policies = policies_.lower_bound(from); policies != policies_.end(); ++policies) {
    for (auto claims = claims_.lower_bound(claims_from); claims != claims_.end(); ++claims) {
      const PolicyTotals candidate = policy_totals(policies->second, claims->second);
      expected = policy_totals_table(candidate);
      if (expected != *found) continue;
      totals_[version] = candidate;
      return "";
    }
  }
  return differs(place(kPolicyTotals, version), expected, *found);
}

std::string Checker::check_plan_totals(Version version) {
  const auto found = read(kPlanTotals, version, kPlanTotalColumns);
  if (!found) return place(kPlanTotals, version) + ": " + found.error().text();
  const Version from = position(kPlanTotals, version, kPolicyTotals);
  if (from < 0) return place(kPlanTotals, version) + " has no position";
  Table expected;
  for (auto totals = totals_.lower_bound(from); totals != totals_.end(); ++totals) {
    expected = plan_totals_table(totals->second);
    if (expected == *found) return "";
  }
  return differs(place(kPlanTotals, version), expected, *found);
}

// A refused row is there once, and never leaves.
std::string Checker::check_quarantine(Version version) {
  const auto rows = read(kQuarantine, version, kQuarantineColumns);
  if (!rows) return place(kQuarantine, version) + ": " + rows.error().text();
  std::set<std::string> ids;
  for (const auto& row : *rows) {
    if (!ids.insert(row[0]).second) {
      return fmt::format("{} holds a row twice: {}", place(kQuarantine, version),
                         fmt::join(row, " | "));
    }
  }
  if (!std::includes(ids.begin(), ids.end(), quarantined_.begin(), quarantined_.end())) {
    return place(kQuarantine, version) + " has lost a row";
  }
  quarantined_ = std::move(ids);
  return "";
}

std::string Checker::check_versions() {
  std::string wrong;
  const auto all = [&](const char* table, const auto& check) {
    if (wrong.empty()) wrong = each_new(table, check);
  };
  all(kBronzePolicies,
      [&](Version v) { return check_bronze(kBronzePolicies, Source::kPolicies, v); });
  all(kBronzeClaims, [&](Version v) { return check_bronze(kBronzeClaims, Source::kClaims, v); });
  all(kSilverPolicies, [&](Version v) { return check_silver_policies(v); });
  all(kSilverClaims, [&](Version v) { return check_silver_claims(v); });
  all(kPolicyTotals, [&](Version v) { return check_policy_totals(v); });
  all(kPlanTotals, [&](Version v) { return check_plan_totals(v); });
  all(kQuarantine, [&](Version v) { return check_quarantine(v); });
  for (const char* table : {"ops.runs", "ops.quality_results"}) {
    all(table, [&](Version v) {
      const auto rows = read(table, v, "run_id");
      return rows ? "" : place(table, v) + ": " + rows.error().text();
    });
  }
  return wrong.empty() ? check_log_files() : wrong;
}

std::string Checker::check_taken(const std::set<std::size_t>& contents) {
  const Contents in = taken();
  for (const std::size_t index : contents) {
    if (!in.contains(index)) {
      return fmt::format("content {} was acknowledged, but its rows are not in Bronze", index);
    }
  }
  return "";
}

std::string Checker::check_refused(const Contents& contents) {
  std::vector<const Content*> policies, claims;
  for (const Content* content : of(contents)) {
    (content->source == Source::kPolicies ? policies : claims).push_back(content);
  }
  auto expected = refused(newest(claims), newest(policies));
  const auto rows = read(kQuarantine, seen_[kQuarantine], kQuarantineColumns);
  if (!rows) return rows.error().text();
  for (const auto& row : *rows) {
    if (row[1] != kSilverClaims) continue;
    const auto waits = expected.find(row[2]);
    const std::string state = waits == expected.end() ? "replayed" : "open";
    if (row[4] != state || (waits != expected.end() && row[3] != waits->second)) {
      return fmt::format("{} should be {} {} in the quarantine, and is: {}", row[2], state,
                         waits == expected.end() ? "" : waits->second, fmt::join(row, " | "));
    }
    if (waits != expected.end()) expected.erase(waits);
  }
  if (expected.empty()) return "";
  return expected.begin()->first + " is refused by " + expected.begin()->second +
         ", but not in the quarantine";
}

// Each broken line of a file that was taken in is kept; one of a file that vanished may be.
std::string Checker::check_broken_lines(const Contents& contents) {
  const auto rows = read(kQuarantine, seen_[kQuarantine], kQuarantineColumns);
  if (!rows) return rows.error().text();
  std::set<std::vector<std::string>> kept;
  for (const auto& row : *rows) {
    if (row[1] == kSilverClaims) continue;
    std::string payload = row[7];
    while (payload.ends_with('\n')) payload.pop_back();
    if (!kept.insert({row[5], row[6], payload}).second) {
      return fmt::format("a broken line is kept twice: {}", fmt::join(row, " | "));
    }
  }
  std::set<std::vector<std::string>> known;
  for (std::size_t index = 0; index < raw_.contents().size(); ++index) {
    const Content& content = raw_.contents()[index];
    for (const BrokenLine& line : content.broken) {
      bool found = false;
      for (const std::string& name : content.names) {
        const std::vector<std::string> row = {name, std::to_string(line.position), line.bytes};
        known.insert(row);
        found = found || kept.contains(row);
      }
      if (!found && contents.contains(index)) {
        return fmt::format("content {} was taken in, but its broken line at {} ({}) is lost", index,
                           line.position, line.bytes);
      }
    }
  }
  for (const auto& row : kept) {
    if (!known.contains(row)) {
      return fmt::format("the quarantine has a broken line that never was: {}",
                         fmt::join(row, " | "));
    }
  }
  return "";
}

std::string Checker::check_settled() {
  Contents present;
  for (const auto& [name, index] : raw_.present()) present.insert(index);
  std::string wrong = check_taken(present);
  if (!wrong.empty()) return wrong;
  const Contents in = taken();
  std::vector<const Content*> policies, claims;
  for (const Content* content : of(in)) {
    (content->source == Source::kPolicies ? policies : claims).push_back(content);
  }
  const Newest known = newest(policies);
  const Newest good = accepted(newest(claims), known);
  const PolicyTotals totals = policy_totals(known, good);
  const struct {
    const char* table;
    const char* columns;
    Table expected;
  } tables[] = {{kSilverPolicies, kPolicyColumns, policies_table(known)},
                {kSilverClaims, kClaimColumns, claims_table(good)},
                {kPolicyTotals, kPolicyTotalColumns, policy_totals_table(totals)},
                {kPlanTotals, kPlanTotalColumns, plan_totals_table(totals)}};
  for (const auto& [table, columns, expected] : tables) {
    if (!seen_.contains(table)) return std::string(table) + " was never built";
    const auto found = read(table, seen_[table], columns);
    if (!found) return found.error().text();
    if (*found != expected) {
      return differs(place(table, seen_[table]) + ", held against the raw rows,", expected, *found);
    }
  }
  wrong = check_refused(in);
  return wrong.empty() ? check_broken_lines(in) : wrong;
}

std::map<std::string, delta::LogVersion> Checker::refreshed_versions() {
  std::map<std::string, delta::LogVersion> versions;
  for (const char* table : {kSilverPolicies, kSilverClaims, kPolicyTotals, kPlanTotals}) {
    if (seen_.contains(table)) versions[table] = seen_[table];
  }
  return versions;
}

}  // namespace claimlake::sim
