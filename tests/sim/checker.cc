#include "checker.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "bronze/ingest.h"
#include "delta/deletion_vector.h"
#include "delta/partition_path.h"
#include "refresh/fingerprint.h"
#include "store/environment.h"

namespace claimlake::sim {
namespace {

constexpr const char* kBronzePolicies = "bronze.policies";
constexpr const char* kBronzeClaims = "bronze.claims";
constexpr const char* kSilverPolicies = "silver.policies";
constexpr const char* kSilverClaims = "silver.claims";
constexpr const char* kPolicyTotals = "gold.policy_totals";
constexpr const char* kPlanTotals = "gold.plan_totals";
constexpr const char* kMonthTotals = "gold.month_totals";
constexpr const char* kQuarantine = "ops.quarantine";
constexpr const char* kWaivers = "ops.waivers";

// How long old versions stay readable, and their entries in the log; a little less, so that it does
// not matter which moment of a commit counts.
constexpr std::chrono::hours kFilesKept{24 * 7 - 1};
constexpr std::chrono::hours kLogKept{24 * 29};

constexpr const char* kQuarantineColumns =
    "quarantine_id, table_name, key, CAST(rules AS VARCHAR), state, source_file, source_position, "
    "payload";

const std::map<std::string, const char*>& gold_columns() {
  static const std::map<std::string, const char*> columns = {
      {kPolicyTotals, "policy_id, plan, claims, CAST(amount * 100 AS BIGINT)"},
      {kPlanTotals, "plan, policies, CAST(amount * 100 AS BIGINT)"},
      {kMonthTotals, "month, status, claims, CAST(amount * 100 AS BIGINT), closed"}};
  return columns;
}

lake::TableName name_of(const std::string& table) {
  auto name = lake::TableName::parse(table);
  CHECK(name.has_value(), table);
  return *std::move(name);
}

std::string place(const std::string& table, delta::LogVersion version) {
  return fmt::format("{} version {}", table, version);
}

template <class Found>
std::string differs(const std::string& what, const Found& expected, const Found& found) {
  return fmt::format("{} is wrong; expected\n{}  found\n{}", what, show(expected), show(found));
}

// The columns of a RawRow, with the channel where the table has it.
std::string row_columns(const std::string& table, const delta::Schema& schema) {
  if (table == kBronzePolicies || table == kSilverPolicies) {
    return "policy_id, plan, 0, '', '', revision, '', ''";
  }
  const bool channel = std::any_of(schema.fields.begin(), schema.fields.end(),
                                   [](const auto& field) { return field.name == "channel"; });
  const bool bronze = table == kBronzeClaims;
  return fmt::format(
      "claim_id, policy_id, CAST(amount * 100 AS BIGINT), status, {}, revision, {}, {}",
      bronze ? "CAST(service_date AS VARCHAR)" : "month", channel ? "COALESCE(channel, '')" : "''",
      bronze ? "''" : "COALESCE(array_to_string(_dq, ', '), '')");
}

RawRow row_of(const std::vector<std::string>& cells) {
  return {cells[0], cells[1], std::stoll(cells[2]), cells[3], cells[4], std::stoll(cells[5]),
          cells[6], cells[7]};
}

// Who takes a file in knows the channel of its rows, or does not.
RawRow without_channel(RawRow row) {
  row.channel.clear();
  return row;
}

// True if these rows are those of `content`, which stood under that name.
bool is_arrival_of(const Content& content, const std::string& name,
                   const std::vector<PlacedRow>& found) {
  std::vector<PlacedRow> expected = content.rows;
  for (PlacedRow& row : expected) row.row = without_channel(row.row);
  std::sort(expected.begin(), expected.end());
  return content.names.contains(name) && expected == found;
}

// True if each arrival can have a content of its own. Two contents may hold the same rows: they
// differ in a broken line.
bool can_pair(const std::vector<std::vector<std::size_t>>& candidates) {
  std::map<std::size_t, std::size_t> pairs;  // arrival by content
  std::function<bool(std::size_t, std::set<std::size_t>&)> place =
      [&](std::size_t arrival, std::set<std::size_t>& tried) {
        for (const std::size_t content : candidates[arrival]) {
          if (!tried.insert(content).second) continue;
          const auto taken = pairs.find(content);
          if (taken != pairs.end() && !place(taken->second, tried)) continue;
          pairs[content] = arrival;
          return true;
        }
        return false;
      };
  for (std::size_t arrival = 0; arrival < candidates.size(); ++arrival) {
    std::set<std::size_t> tried;
    if (!place(arrival, tried)) return false;
  }
  return true;
}

}  // namespace

bool Checker::New::same_rows() const {
  return info.operation == "OPTIMIZE" || info.operation.starts_with("VACUUM") ||
         info.operation.starts_with("ADD COLUMN");
}

Checker::Checker(store::Store& store, const Clock& clock, Random& random, const RawFiles& raw,
                 const Editions& editions)
    : store_(store), clock_(clock), raw_(raw), editions_(editions) {
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

Result<std::vector<BronzeRow>> Checker::read_bronze(const std::string& table, const New& at) {
  TRY(const Table found,
      read(table, at.version,
           row_columns(table, at.snapshot->schema()) +
               ", epoch_us(_ingestion_timestamp), _source_file, _source_position, _batch_id"));
  std::vector<BronzeRow> rows;
  for (const auto& cells : found) {
    rows.push_back(
        {row_of(cells), std::stoll(cells[8]), cells[9], std::stoll(cells[10]), cells[11]});
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

Result<Rows> Checker::read_silver(const std::string& table, const New& at) {
  TRY(const Table found, read(table, at.version, row_columns(table, at.snapshot->schema())));
  Rows rows;
  for (const auto& cells : found) rows.push_back(row_of(cells));
  std::sort(rows.begin(), rows.end());
  return rows;
}

Checker::Contents Checker::taken() {
  Contents all = taken_[kBronzePolicies];
  all.merge(Contents(taken_[kBronzeClaims]));
  return all;
}

std::string Checker::check_log_files() {
  const auto objects = store_.list_all("");
  CHECK(objects.has_value(), "the durable store answers");
  std::set<std::string> there;
  for (const store::ObjectInfo& object : *objects) {
    if (object.path.starts_with(store::kEnvironmentsFolder)) continue;  // has its own checker
    there.insert(object.path);
    if (!dropping_.empty() && object.path.starts_with(name_of(dropping_).folder() + "/")) continue;
    if (object.path.find("/_delta_log/") == std::string::npos || !object.path.ends_with(".json")) {
      continue;
    }
    const auto [known, is_new] = log_files_.try_emplace(object.path);
    const auto bytes = store_.read(object.path);
    CHECK(bytes.has_value(), object.path);
    if (is_new) known->second = {*bytes, clock_.now()};
    if (known->second.first != *bytes) {
      return "the commit " + object.path + " was changed afterwards";
    }
  }
  for (auto known = log_files_.begin(); known != log_files_.end();) {
    const bool gone = !there.contains(known->first);
    if (gone && known->second.second + kLogKept > clock_.now()) {
      return "the commit " + known->first + " is gone";
    }
    known = gone ? log_files_.erase(known) : std::next(known);
  }
  return "";
}

// The files of the newest versions are there, and those of versions that were replaced lately.
std::string Checker::check_data_files() {
  for (auto& [table, versions] : files_) {
    for (auto version = versions.begin(); version != versions.end();) {
      const auto next = std::next(version);
      if (next != versions.end() && next->second.committed_at + kFilesKept < clock_.now()) {
        version = versions.erase(version);
        continue;
      }
      for (const std::string& path : version->second.paths) {
        if (!store_.head(path)) {
          return fmt::format("the file {} is gone, and {} needs it", path,
                             place(table, version->first));
        }
      }
      version = next;
    }
  }
  return "";
}

void Checker::forget(const std::string& table) {
  seen_.erase(table);
  ids_.erase(table);
  files_.erase(table);
  bronze_.erase(table);
  taken_.erase(table);
  std::erase_if(log_files_, [&](const auto& known) {
    return known.first.starts_with(name_of(table).folder() + "/");
  });
}

template <class Check>
std::string Checker::each_new(const std::string& table, const Check& check) {
  const lake::TableName name = name_of(table);
  const auto newest = lake_->snapshot_if_any(name);
  if (!newest) return table + " cannot be read: " + newest.error().text();
  const bool known = seen_.contains(table);
  if (known && *newest == nullptr && table == dropping_) forget(table);
  if (*newest == nullptr) return seen_.contains(table) ? table + " is gone" : "";
  const bool other =
      known ? (*newest)->metadata().id != ids_[table] : table == dropping_ && was_there_;
  if (other) return table + " is made anew while what is left of it is there";
  ids_[table] = (*newest)->metadata().id;
  const Version first = seen_.contains(table) ? seen_[table] + 1 : 0;
  if (first > (*newest)->version()) return "";
  const auto history =
      lake_->history(name, static_cast<std::size_t>((*newest)->version() - first + 1));
  if (!history) return table + " has no history: " + history.error().text();
  for (auto entry = history->rbegin(); entry != history->rend(); ++entry) {
    if (entry->version < first || entry->version > (*newest)->version()) continue;
    const auto at =
        lake_->table(name.schema, name.table, {.version = entry->version, .timestamp = {}});
    if (!at) return place(table, entry->version) + " cannot be read: " + at.error().text();
    Files& files = files_[table][entry->version];
    files.committed_at = clock_.now();
    for (const delta::AddFile& file : at->snapshot->files()) {
      const auto path = delta::path_in_store(file.path, name.folder(), store_.root());
      if (!path) return place(table, entry->version) + " names a strange file: " + file.path;
      files.paths.insert(*path);
      if (!file.deletion_vector) continue;
      const auto vector =
          delta::deletion_vector_path(*file.deletion_vector, name.folder(), store_.root());
      if (vector) files.paths.insert(*vector);
    }
    const std::string wrong = check(New{entry->version, at->snapshot, entry->info});
    if (!wrong.empty()) return wrong;
    seen_[table] = entry->version;
  }
  return seen_[table] == (*newest)->version() ? "" : table + " lacks versions in its history";
}

// Each file whose position the version carries first is in it once and whole; rows that were there
// stay, and nothing else comes.
std::string Checker::check_bronze(const std::string& table, Source source, const New& at) {
  const std::string where = place(table, at.version);
  auto rows = read_bronze(table, at);
  if (!rows) return where + " cannot be read: " + rows.error().text();
  for (const BronzeRow& row : *rows) {
    if (!row.row.channel.empty() && row.row.channel != channel_of(row.row.revision)) {
      return where + " has a channel that never was: " + show(Rows{row.row});
    }
  }
  Contents done;
  for (std::size_t i = 0; i < raw_.contents().size(); ++i) {
    const Content& content = raw_.contents()[i];
    if (content.source == source && at.snapshot->txn(bronze::file_app_id(content.sha256))) {
      done.insert(i);
    }
  }
  Contents fresh;
  std::set_difference(done.begin(), done.end(), taken_[table].begin(), taken_[table].end(),
                      std::inserter(fresh, fresh.end()));
  if (done.size() != taken_[table].size() + fresh.size()) return where + " has lost a position";
  const auto& before = bronze_[table];
  const std::vector<BronzeRow> last =
      before.empty() ? std::vector<BronzeRow>() : before.rbegin()->second;
  std::string wrong;
  if (at.is_clone()) {
    wrong = check_clone(table, at, *rows, main_->bronze_);
  } else if (!at.by_hand() || at.same_rows()) {
    wrong = check_arrivals(where, last, *rows, fresh);
  }
  bronze_[table][at.version] = *std::move(rows);
  taken_[table] = std::move(done);
  return wrong;
}

std::string Checker::check_arrivals(const std::string& where, std::vector<BronzeRow> before,
                                    const std::vector<BronzeRow>& now, const Contents& fresh) {
  std::vector<BronzeRow> lost, added;
  std::set_difference(before.begin(), before.end(), now.begin(), now.end(),
                      std::back_inserter(lost));
  std::set_difference(now.begin(), now.end(), before.begin(), before.end(),
                      std::back_inserter(added));
  if (!lost.empty()) return where + " has lost a row: " + show(Rows{lost.front().row});
  std::map<std::pair<std::string, std::string>, std::vector<PlacedRow>> arrived;
  for (const BronzeRow& row : added) {
    arrived[{row.batch, row.file}].push_back({without_channel(row.row), row.position});
  }
  std::vector<std::vector<std::size_t>> candidates;  // contents, of each arrival
  for (auto& [arrival, found] : arrived) {
    std::sort(found.begin(), found.end());
    auto& of_this = candidates.emplace_back();
    for (const std::size_t content : fresh) {
      if (is_arrival_of(raw_.contents()[content], arrival.second, found)) {
        of_this.push_back(content);
      }
    }
  }
  if (candidates.size() == fresh.size() && can_pair(candidates)) return "";
  std::string said;
  for (const auto& [arrival, found] : arrived) {
    said += fmt::format(" {} rows of {} in batch {};", found.size(), arrival.second, arrival.first);
  }
  return fmt::format("{} took in{} these are not the contents {}, once each and whole", where, said,
                     fmt::join(fresh, ", "));
}

std::string Checker::origin_of(const std::string& table, const New& at, Origin& origin) {
  const pack::Model* model = editions_.front().pack.model(table);
  CHECK(model != nullptr, table);
  std::map<std::string, refresh::InputVersion> inputs;
  for (const auto* names : {&model->inputs, &model->rule_inputs}) {
    for (const std::string& input : *names) {
      const auto position = at.snapshot->txn(refresh::input_app_id(input));
      if (!position) return place(table, at.version) + " has no position of " + input;
      origin.inputs[input] = *position;
      inputs[input] = {ids_[input], *position};
    }
  }
  const auto waivers = at.snapshot->txn(refresh::input_app_id(kWaivers));
  if (table == kSilverClaims && waivers) {
    origin.inputs[kWaivers] = *waivers;
    inputs[kWaivers] = {ids_[kWaivers], *waivers};
  }
  if (model->header.clock_day) {
    const auto as_of = at.info.parameters.find("asOf");
    if (as_of == at.info.parameters.end()) return place(table, at.version) + " names no day";
    origin.today = as_of->second.substr(1, as_of->second.size() - 2);  // a JSON text
  }
  const auto state = at.snapshot->txn(refresh::kRefreshAppId);
  for (const Edition& edition : editions_) {
    const std::string& hash = edition.pack.model(table)->hash;
    if (state == refresh::fingerprint(hash, inputs, origin.today)) origin.edition = &edition;
  }
  if (origin.edition != nullptr) return "";
  return place(table, at.version) + " is in a state that no edition of the pack explains";
}

std::string Checker::check_silver(const std::string& table, const New& at) {
  const std::string where = place(table, at.version);
  const auto found = read_silver(table, at);
  if (!found) return where + ": " + found.error().text();
  auto& versions = silver_[table];
  if (at.is_clone()) {
    std::string wrong = check_clone(table, at, *found, main_->silver_);
    versions[at.version] = *found;
    if (!wrong.empty() || !at.snapshot->txn(refresh::kRefreshAppId)) return wrong;
  }
  Rows expected;
  if (at.by_hand()) {
    expected = at.same_rows() && !versions.empty() ? versions.rbegin()->second : *found;
  } else {
    Origin origin;
    const std::string wrong = origin_of(table, at, origin);
    if (!wrong.empty()) return wrong;
    const bool claims = table == kSilverClaims;
    const auto& inputs = bronze_[claims ? kBronzeClaims : kBronzePolicies];
    const auto input = inputs.find(origin.inputs[claims ? kBronzeClaims : kBronzePolicies]);
    if (input == inputs.end()) return where + " is of a version of its input that is not there";
    expected = newest(input->second);
    if (claims) {
      const auto policies = silver_[kSilverPolicies].find(origin.inputs[kSilverPolicies]);
      if (policies == silver_[kSilverPolicies].end()) return where + " is of no policies";
      Waivers held;
      if (const auto said = origin.inputs.find(kWaivers); said != origin.inputs.end()) {
        const auto at_that = waivers_.find(said->second);
        if (at_that == waivers_.end()) return where + " is of waivers that are not there";
        held = at_that->second;
      }
      const Terms& terms = origin.edition->terms;
      expected = accepted(typed(expected, terms), policies->second, terms, held);
    }
  }
  if (expected != *found) return differs(where, expected, *found);
  versions[at.version] = *found;
  return "";
}

Table Checker::gold(const std::string& table, const Origin& origin) {
  const auto rows = [&](const char* input) {
    return silver_[input][origin.inputs.at(input)];  // absent: no rows, which then differ
  };
  if (table == kPlanTotals)
    return plan_totals(gold_[kPolicyTotals][origin.inputs.at(kPolicyTotals)]);
  if (table == kMonthTotals) return month_totals(rows(kSilverClaims), origin.today);
  return policy_totals(rows(kSilverPolicies), rows(kSilverClaims), origin.edition->terms);
}

std::string Checker::check_gold(const std::string& table, const New& at) {
  const std::string where = place(table, at.version);
  const auto found = read(table, at.version, gold_columns().at(table));
  if (!found) return where + ": " + found.error().text();
  auto& versions = gold_[table];
  if (at.is_clone()) {
    std::string wrong = check_clone(table, at, *found, main_->gold_);
    versions[at.version] = *found;
    if (!wrong.empty() || !at.snapshot->txn(refresh::kRefreshAppId)) return wrong;
  }
  Table expected;
  if (at.by_hand()) {
    expected = at.same_rows() && !versions.empty() ? versions.rbegin()->second : *found;
  } else {
    Origin origin;
    const std::string wrong = origin_of(table, at, origin);
    if (!wrong.empty()) return wrong;
    expected = gold(table, origin);
    std::sort(expected.begin(), expected.end());
  }
  if (expected != *found) return differs(where, expected, *found);
  versions[at.version] = *found;
  return "";
}

// A refused row is there once, and never leaves.
std::string Checker::check_quarantine(const New& at) {
  const auto rows = read(kQuarantine, at.version, kQuarantineColumns);
  if (!rows) return place(kQuarantine, at.version) + ": " + rows.error().text();
  std::set<std::string> ids;
  for (const auto& row : *rows) {
    if (!ids.insert(row[0]).second) {
      return fmt::format("{} holds a row twice: {}", place(kQuarantine, at.version),
                         fmt::join(row, " | "));
    }
  }
  if (!std::includes(ids.begin(), ids.end(), quarantined_.begin(), quarantined_.end())) {
    return place(kQuarantine, at.version) + " has lost a row";
  }
  quarantined_ = std::move(ids);
  return "";
}

template <class Held>
std::string Checker::check_clone(const std::string& table, const New& at, const Held& now,
                                 const std::map<std::string, std::map<Version, Held>>& versions) {
  const auto said = at.info.parameters.find("sourceVersion");
  if (said == at.info.parameters.end()) return place(table, at.version) + " is a clone of nothing";
  std::string number = said->second;
  std::erase(number, '"');
  const auto of_main = versions.find(table);
  if (of_main == versions.end()) return "";  // dropped since
  const auto source = of_main->second.find(std::stoll(number));
  if (source == of_main->second.end()) {
    return fmt::format("{} is a clone of version {}, which main never had",
                       place(table, at.version), number);
  }
  if (source->second == now) return "";
  return fmt::format("{} does not hold what version {} of main does", place(table, at.version),
                     number);
}

std::string Checker::check_versions() {
  std::string wrong = main_ == nullptr ? "" : main_->check_versions();
  const auto all = [&](const char* table, const auto& check) {
    if (wrong.empty()) wrong = each_new(table, check);
  };
  all(kBronzePolicies,
      [&](const New& at) { return check_bronze(kBronzePolicies, Source::kPolicies, at); });
  all(kBronzeClaims,
      [&](const New& at) { return check_bronze(kBronzeClaims, Source::kClaims, at); });
  all(kWaivers, [&](const New& at) { return check_waivers(at); });
  for (const char* table : {kSilverPolicies, kSilverClaims}) {
    all(table, [&](const New& at) { return check_silver(table, at); });
  }
  for (const char* table : {kPolicyTotals, kPlanTotals, kMonthTotals}) {
    all(table, [&](const New& at) { return check_gold(table, at); });
  }
  all(kQuarantine, [&](const New& at) { return check_quarantine(at); });
  for (const char* table : {"ops.runs", "ops.quality_results"}) {
    all(table, [&](const New& at) {
      const auto rows = read(table, at.version, "run_id");
      return rows ? "" : place(table, at.version) + ": " + rows.error().text();
    });
  }
  if (wrong.empty()) wrong = check_waived();
  if (wrong.empty()) wrong = check_log_files();
  return wrong.empty() ? check_data_files() : wrong;
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

std::map<std::string, delta::LogVersion> Checker::refreshed_versions() {
  std::map<std::string, delta::LogVersion> versions;
  for (const char* table :
       {kSilverPolicies, kSilverClaims, kPolicyTotals, kPlanTotals, kMonthTotals}) {
    if (seen_.contains(table)) versions[table] = seen_[table];
  }
  return versions;
}

}  // namespace claimlake::sim
