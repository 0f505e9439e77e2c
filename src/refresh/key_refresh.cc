#include "refresh/key_refresh.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "lake/change.h"
#include "pack/key_mapping.h"
#include "pack/sql_text.h"
#include "quality/checked.h"
#include "quality/quarantine.h"
#include "quality/waivers.h"
#include "refresh/bound_tables.h"
#include "refresh/day_turn.h"
#include "refresh/feed.h"
#include "refresh/found_rows.h"
#include "refresh/key_suits.h"
#include "refresh/key_texts.h"
#include "refresh/scratch.h"
#include "refresh/sum_refresh.h"
#include "refresh/waivers.h"

namespace claimlake::refresh {
namespace {

constexpr const char* kKeys = "scratch('keys')";
constexpr const char* kSums = "scratch('sums')";          // of what came and went
constexpr const char* kModel = "scratch('model')";        // rows of the keys, not judged yet
constexpr const char* kRows = "scratch('rows')";          // judged
constexpr const char* kOld = "scratch('old')";            // as the table has them, and where
constexpr const char* kFeed = "scratch('feed')";          // keys that changes of inputs touch
constexpr const char* kDay = "scratch('day')";            // what the day decides, of all rows
constexpr const char* kNow = "scratch('now')";            // when this began
constexpr const char* kComputed = "scratch('computed')";  // keys of which all is computed
constexpr std::int64_t kAllRowsMax = 100'000;  // a larger table is not held against all of them

using Columns = std::vector<std::string>;

class KeyRefresh {
 public:
  KeyRefresh(const KeyRefreshInput& input, TableReport& report)
      : in_(input),
        context_(input.context),
        session_(input.context.session),
        model_(input.model),
        report_(report),
        scratch_(input.context.session),
        found_(session_, context_.lake, model_, input.inputs, scratch_),
        table_(input.context.session),
        start_(input.context.clock.steady_now()),
        now_(input.context.clock.now()) {}

  Result<std::string> run() {
    TRY(const std::string reason, unsuitable());
    if (!reason.empty()) return reason;
    // What goes wrong by key need not go wrong with the table as a whole.
    auto computed = compute_keys();
    if (!computed) return fails(std::move(computed).error());
    if (!computed->empty() || report_.outcome == TableOutcome::kRefused) return computed;
    if (context_.cancel.cancelled()) {
      return Error{Fault::kCancelled, "Stopped before the commit"};
    }
    auto published = publish();
    if (!published) return fails(std::move(published).error());
    return std::string();
  }

 private:
  Result<std::string> unsuitable();
  std::string unsuitable_day();
  Result<std::string> unsuitable_inputs();
  Result<std::string> compute_keys() {
    TRY_DONE(table_.bind(model_.name, {in_.base, name_of(model_).folder()}));
    report_.by_key_tried = true;
    TRY(std::string reason, complete_quarantine());
    if (!reason.empty()) return reason;
    TRY(reason, find_keys());
    if (!reason.empty()) return reason;
    TRY(reason, compute());
    if (!reason.empty()) return reason;
    TRY_DONE(judge());
    return std::string();
  }
  // A conflict is tried again, a cancel ends the run; anything else is why it is not done by key.
  // It may quote a value, which must not get into the history.
  static Result<std::string> fails(Error error) {
    if (error.fault == Fault::kConflict || error.fault == Fault::kCancelled) return error;
    log(LogLevel::kDebug, "by_key_fails", {{"error", error.message}});
    return fmt::format("{} ({})", kByKeyFails, fault_name(error.fault));
  }
  Result<std::string> complete_quarantine();
  Result<std::string> find_keys();
  Result<std::string> find_day_keys();
  Result<std::string> find_all_keys();
  Result<std::string> published_without_key(const std::string& relation);
  Result<std::string> model_rows();
  Result<std::string> compute();
  Result<std::string> select_of_rows();
  Done judge();
  Done publish();

  bool too_many(std::int64_t some, const delta::Snapshot& of) const {
    return is_share(some, of, context_.by_key_share);
  }
  std::string dearer(std::int64_t keys) const {
    return always() ? std::string() : in_.past.dearer(keys, by_day());
  }
  bool always() const { return context_.by_key_share >= 1; }
  Result<std::int64_t> number(const std::string& query) {
    TRY(const auto only, numbers(session_, query, 1));
    return only.front();
  }
  pack::Finder finder() {
    return [this](const engine::LookUp& look_up) { return found_.find(look_up); };
  }
  std::string changed_name(const std::string& table) const;
  Result<std::string> keys_of_parent(const pack::ExistsIn& rule);
  bool may_exchange_all() const;
  bool has_row_rules() const { return !model_.rules.of(pack::RuleGroup::kRow).empty(); }
  enum class Waiting { kTouched, kOthers, kAll };
  std::string waiting_rows(Waiting which, const Columns& columns) const;
  std::string waiting_rows(Waiting which) const { return waiting_rows(which, columns_); }
  std::string present_rows() const;
  std::string all_rows() const;
  // The day turned, and the rows hang on it.
  bool by_day() const { return day_ || all_keys_; }
  quality::ChangeAuditInput change_audit() const;
  Done join_little(quality::AuditInput& input, const char* relation);
  Result<std::int64_t> touched_waiting();

  const KeyRefreshInput& in_;
  const TableRefreshContext& context_;
  engine::Session& session_;
  const pack::Model& model_;
  TableReport& report_;
  Scratch scratch_;
  FoundRows found_;
  BoundTables table_;
  const std::chrono::steady_clock::time_point start_;
  const Timestamp now_;
  std::map<std::string, delta::LogVersion> since_;  // of inputs that changed
  std::int64_t keys_ = 0;
  std::int64_t waiting_ = 0;  // refused rows of the table in the quarantine
  std::int64_t old_rows_ = 0;
  std::int64_t new_rows_ = 0;  // refused ones too
  std::int64_t refused_ = 0;   // of these
  std::int64_t touched_waiting_ = 0;
  std::int64_t kept_in_ = 0;  // the state in which the quarantine got the refused rows
  Columns columns_;           // of the table
  quality::CheckOptions check_;
  quality::Tally tally_;
  std::string added_up_;  // the table whose rows the model adds up, if it changed (sum_refresh.h)
  Date day_before_{};     // of the last refresh
  std::optional<DayTurn> day_;             // it turned, and decides values of columns
  bool all_keys_ = false;                  // it turned, and decides which rows there are
  bool compare_ = true;                    // rows with those of the table
  std::string old_columns_;                // of these; NULL where they are not read
  bool keyless_ = false;                   // refused rows that have no key changed
  std::map<std::string, Columns> narrow_;  // columns of inputs in which changes count
};

// What is known without reading a row.
Result<std::string> KeyRefresh::unsuitable() {
  if (model_.mapping == nullptr) return std::string("its model has no key");
  if (in_.base == nullptr) return std::string("it has no version yet");
  if (context_.force) return std::string("it was asked for");
  if (context_.by_key_share <= 0) return std::string("tables are built as a whole here");
  if (in_.past.by_hand) return std::string("somebody changed its rows");
  Inputs before = in_.inputs;
  // A table that was computed before anything of it was waived knows no waivers.
  const std::string waivers = waivers_in(in_.inputs);
  if (!waivers.empty() && !in_.base->txn(input_app_id(waivers))) {
    since_[waivers] = 0;
    before.erase(waivers);
  }
  for (auto& [table, version] : before) {
    const auto position = in_.base->txn(input_app_id(table));
    if (!position) return table + " was not read before";
    if (*position != version.version) since_[table] = *position;
    version.version = *position;
  }
  // The same model, tables and date in their last form give the state that the table is in.
  if (model_.header.clock_day) day_before_ = in_.past.as_of.value_or(context_.as_of);
  const std::int64_t last =
      fingerprint(model_.hash, before, model_.header.clock_day ? to_text(day_before_) : "");
  if (in_.base->txn(kRefreshAppId) != last) {
    return std::string("its model, its rules, the date or one of its inputs is another one");
  }
  if (std::string why = unsuitable_day(); !why.empty()) return why;
  kept_in_ = kept_in(*in_.base, last);
  TRY(const bool complete, context_.ops.has_rejects_of(model_, kept_in_));
  if (!complete) return std::string("the quarantine is not that of its last refresh");
  for (const pack::ColumnDoc& column : model_.columns) columns_.push_back(column.name);
  for (const auto& column : pack::program_columns(model_.schema)) columns_.push_back(column.name);
  TRY(std::string reason, unlike_its_model(*in_.base, columns_));
  if (!reason.empty()) return reason;
  TRY(added_up_, added_up(session_, model_));
  if (!since_.contains(added_up_) || by_day()) added_up_.clear();
  TRY(reason, unsuitable_inputs());
  if (!reason.empty()) return reason;
  return by_day() ? std::string() : dearer(1);
}

// What the turn of the day asks for, if it turned.
std::string KeyRefresh::unsuitable_day() {
  if (!model_.header.clock_day || day_before_ == context_.as_of) return "";
  const pack::DayWay::Kind kind = pack::day_way(model_).kind;
  if (kind == pack::DayWay::Kind::kColumns) {
    if (!model_.mapping->lost.empty()) return model_.mapping->lost;
    day_.emplace(model_, day_before_, context_.as_of);
  }
  all_keys_ = kind == pack::DayWay::Kind::kRows;
  if (all_keys_ && !always() && in_.base->row_count().value_or(0) > kAllRowsMax) {
    return "the day decides which rows it has";
  }
  return "";
}

Result<std::string> KeyRefresh::unsuitable_inputs() {
  if (all_keys_) return std::string();
  for (const auto& [table, version] : since_) {
    if (table == quality::kWaiversTable) continue;  // few rows, which say their keys
    const std::string reason = model_.mapping->touches_all(table);
    if (!reason.empty()) return fmt::format("a change of {} may touch any key: {}", table, reason);
    TRY(const auto name, lake::TableName::parse(table));
    TRY(const Since since, refreshed_since(context_.lake, name, version));
    TRY(const auto now,
        context_.lake.table(name.schema, name.table, {.version = in_.inputs.at(table).version}));
    narrow_[table] = columns_read(model_, table, now.snapshot->schema());
    if (always()) continue;
    const auto before = context_.lake.table(name.schema, name.table, {.version = version});
    if (!before) return cannot_read(table, version, before.error());
    // How many differ in what is read is seen when they are read.
    if (since.turned && !narrow_[table].empty()) continue;
    if (since.built_whole) return table + " was itself built as a whole";
    const auto added = rows_added(*before->snapshot, *now.snapshot);
    // What is added up costs what changed, however many keys that are.
    const delta::Snapshot& of = table == added_up_ ? *now.snapshot : *in_.base;
    if (added && too_many(*added, of)) return fmt::format("{} rows of {} are new", *added, table);
  }
  return std::string();
}

// Refused rows are found by what the quarantine holds of them. It may hold fewer than were refused:
// one of a key that has several, or none of those that a person took out.
Result<std::string> KeyRefresh::complete_quarantine() {
  // A text that says the time would be another one at each refresh.
  TRY_DONE(scratch_.make(kNow, fmt::format("SELECT {} AS began", quality::sql_timestamp(now_))));
  check_ = {
      fmt::format("(SELECT began FROM {})", kNow), context_.as_of, {}, waivers_in(in_.inputs)};
  if (!has_row_rules()) return std::string();
  TRY(waiting_,
      number(fmt::format("SELECT count(*) FROM {} WHERE table_name = {} AND {}",
                         quality::kQuarantineTable, sql_string(model_.name), quality::kIsRefused)));
  if (in_.base->txn(kRefusedAppId) != waiting_) {
    return std::string("the quarantine does not hold all of its refused rows");
  }
  if (waiting_ > 0 && holds_lists(model_)) return std::string("refused rows hold lists");
  return std::string();
}

std::string KeyRefresh::changed_name(const std::string& table) const {
  return fmt::format("scratch('changed {}')", table);
}

// Keys of rows that an exists_in rule judges by a value that a parent has come with or gone with:
// rows of the table, and refused ones.
Result<std::string> KeyRefresh::keys_of_parent(const pack::ExistsIn& rule) {
  const std::string values =
      fmt::format("scratch('values {} {} {}')", rule.table, rule.parent_column, rule.column);
  TRY_DONE(scratch_.make(
      values, fmt::format("SELECT {0} AS v FROM {1} GROUP BY {0} HAVING sum(CASE _change_type WHEN "
                          "'insert' THEN 1 ELSE -1 END) <> 0",
                          sql_identifier(rule.parent_column), changed_name(rule.table))));
  TRY(const std::string present, found_.find({model_.name, {{{rule.column}, values, {"v"}}}}));
  std::string sql =
      fmt::format("SELECT {} FROM {} AS present", list_of(model_.header.key, "present"), present);
  if (waiting_ == 0) return sql;
  return sql + "\nUNION\n" + keys_of_refused(model_, rule.column, values);
}

Result<std::string> KeyRefresh::find_keys() {
  if (all_keys_) return find_all_keys();
  std::string touched;
  const auto add = [&](const std::string& select) {
    touched += (touched.empty() ? "" : "\nUNION\n") + select;
  };
  for (const auto& [table, since] : since_) {
    const std::string changed = changed_name(table);
    const auto made = scratch_.make(
        changed, difference(table, since, in_.inputs.at(table).version, narrow_[table]));
    if (!made && made.error().fault == Fault::kCancelled) return made.error();
    if (!made) return cannot_read(table, since, made.error());
    const auto& inputs = model_.inputs;
    if (std::find(inputs.begin(), inputs.end(), table) != inputs.end()) {
      TRY(const std::string keys, pack::touched_keys(model_, table, changed, finder()));
      add(keys);
    }
    if (table == quality::kWaiversTable) add(keys_of_waivers(model_, changed));
  }
  for (const pack::Rule* rule : model_.rules.of(pack::RuleGroup::kRow)) {
    const auto* exists = std::get_if<pack::ExistsIn>(&rule->body);
    if (exists == nullptr || !since_.contains(exists->table)) continue;
    TRY(const std::string keys, keys_of_parent(*exists));
    add(keys);
  }
  if (touched.empty()) {  // tables that only rules over the whole table read
    touched = fmt::format("SELECT {} FROM {} WHERE false", list_of(model_.header.key), model_.name);
  }
  TRY_DONE(scratch_.make(kKeys, touched));
  const std::string missing = without_key(model_.header.key);
  const std::string counted =
      fmt::format("SELECT count(*), count(*) FILTER (WHERE {}) FROM {}", missing, kKeys);
  TRY(const auto counts, numbers(session_, counted, 2));
  keys_ = counts[0] - counts[1];
  if (counts[1] > 0) {
    if (added_up_.empty()) return std::string("rows without a key changed");
    const std::string sums = sums_over(model_, context_.as_of, changed_name(added_up_));
    TRY(const std::int64_t rows,
        number(fmt::format("SELECT count(*) FROM ({}) WHERE {}", sums, missing)));
    if (rows > 0) return std::string("rows without a key changed");
    TRY_DONE(scratch_.make(kKeys, fmt::format("SELECT * FROM {} WHERE NOT {}", kKeys, missing)));
  }
  if (!always() && added_up_.empty() && too_many(keys_, *in_.base)) {
    return fmt::format("{} keys are touched, and it has {}", keys_,
                       in_.base->row_count().value_or(0));
  }
  if (day_) return find_day_keys();
  const std::string reason = dearer(keys_);
  // What was spent on finding the keys is not what going by them takes.
  if (!reason.empty()) report_.by_key_tried = false;
  return reason;
}

// Adds the keys of rows that are not on this day what they were on the day before.
Result<std::string> KeyRefresh::find_day_keys() {
  TRY_DONE(scratch_.make(kFeed, fmt::format("SELECT * FROM {}", kKeys)));
  TRY_DONE(scratch_.make(kDay, day_->narrow()));
  const std::string before = present_rows();
  TRY(const auto keys, scratch_.make(kKeys, fmt::format("SELECT * FROM {}\nUNION\n{}", kFeed,
                                                        day_->touched(kDay, before))));
  keys_ = keys.rows;
  if (std::string reason = dearer(keys_); !reason.empty()) return reason;
  TRY(const std::int64_t without, number(day_->keyless(kDay, before)));
  keyless_ = without > 0;
  return keyless_ ? published_without_key(model_.name) : std::string();
}

// All rows are computed, and held against those that the table has.
Result<std::string> KeyRefresh::find_all_keys() {
  const Columns& key = model_.header.key;
  TRY_DONE(scratch_.make(kModel, pack::sql_as_of(model_.sql, context_.as_of)));
  TRY(const auto all,
      scratch_.make(kFeed, fmt::format("SELECT {0} FROM {1}\nUNION\nSELECT {0} FROM {2}",
                                       list_of(key), kModel, present_rows())));
  TRY(const auto keys,
      scratch_.make(kKeys, fmt::format("SELECT * FROM {} WHERE NOT {}", kFeed, without_key(key))));
  keys_ = keys.rows;
  keyless_ = all.rows > keys_;
  return keyless_ ? published_without_key(model_.name) : std::string();
}

// Rows without a key are followed as long as all of them are refused.
Result<std::string> KeyRefresh::published_without_key(const std::string& relation) {
  TRY(const std::int64_t rows,
      number(fmt::format("SELECT count(*) FROM {} WHERE {}{}", relation,
                         without_key(model_.header.key),
                         model_.schema == "silver" ? " AND _quality_score >= 0" : "")));
  return std::string(rows > 0 ? "rows without a key changed" : "");
}

// The model's rows for the keys: from what it had and what came and went, or else from all rows
// behind them.
Result<std::string> KeyRefresh::select_of_rows() {
  const pack::Finder find = finder();
  if (!added_up_.empty()) {
    TRY(const std::string sums,
        select_of_sums({model_, context_.as_of, changed_name(added_up_), kKeys, kOld, find}));
    TRY_DONE(scratch_.make(kSums, sums));
    TRY(const std::int64_t impossible,
        number(fmt::format("SELECT count(*) FROM ({})", impossible_sums(model_, kSums))));
    if (impossible == 0) return fmt::format("SELECT * FROM {}", kSums);
    added_up_.clear();
  }
  TRY(const std::string select, pack::select_of_keys(model_, kKeys, find));
  return pack::sql_as_of(select, context_.as_of);
}

// The model's rows of the keys that are touched, or that the day touches.
Result<std::string> KeyRefresh::model_rows() {
  const Columns& key = model_.header.key;
  if (all_keys_) return fmt::format("SELECT * FROM {}", kModel);
  if (!day_) return select_of_rows();
  // Of rows that the table has, and no change of an input leads to, only the day's columns are new.
  TRY(const auto computed,
      scratch_.make(kComputed, fmt::format("SELECT * FROM {}\nUNION\nSELECT k.* FROM {} AS k ANTI "
                                           "JOIN {} AS o ON {}",
                                           kFeed, kKeys, kOld, same_key(key, "k", "o"))));
  std::string rows = day_->patched(kDay, kOld, kComputed);
  if (computed.rows > 0) {
    TRY(const std::string select, pack::select_of_keys(model_, kComputed, finder()));
    rows += "\nUNION ALL\nSELECT * FROM (" + select + ")";
  }
  if (keyless_) {
    rows += fmt::format("\nUNION ALL\nSELECT * FROM (\n{}\n) AS _model WHERE {}", model_.sql,
                        without_key(key, "_model"));
  }
  return pack::sql_as_of(rows, context_.as_of);
}

// Rows of many keys that nearly all change are not read for the sake of the few that do not: a
// large table would be read nearly whole, all of its columns.
bool KeyRefresh::may_exchange_all() const {
  return keys_ >= kManyKeys && in_.past.nearly_all_change() && !by_day() && added_up_.empty() &&
         model_.schema != "silver" && look_ups_of_rules(model_, kOld).empty();
}

Result<std::string> KeyRefresh::compute() {
  const Columns& key = model_.header.key;
  Columns read;  // of the rows as they are; none: all
  if (may_exchange_all()) {
    const auto judged = columns_judged(model_, in_.base->schema());
    read.assign(judged.begin(), judged.end());
    read.insert(read.end(), key.begin(), key.end());
  }
  compare_ = read.empty();
  old_columns_ = compare_ ? list_of(columns_) : list_of_some(columns_, read);
  TRY(const engine::RowsFound old, session_.rows_of({model_.name, {{key, kKeys, key}}, read}));
  TRY(const auto present, scratch_.make(kOld, old.select));
  TRY(std::string select, model_rows());
  if (has_row_rules()) {
    if (!all_keys_) {
      TRY_DONE(scratch_.make(kModel, select));
    }
    for (const auto& [name, look_up] : parents_of(model_, kModel)) {
      TRY(check_.parents[name], found_.find(look_up));
    }
    select = fmt::format("SELECT * FROM {}", kModel);
  }
  TRY(const auto judged, scratch_.make(kRows, quality::checked_select(model_, select, check_)));
  TRY(const std::string reason, of_other_types(judged.columns, *in_.base));
  if (!reason.empty()) return reason;
  if (keyless_) {
    TRY(const std::string published, published_without_key(kRows));
    if (!published.empty()) return published;
  }
  const std::string counted =
      fmt::format("SELECT ({}) + ({}), (SELECT count(*) FROM {} WHERE {})",
                  shared_keys(key, kRows, keyless_), shared_keys(key, kOld, keyless_), kRows,
                  model_.schema == "silver" ? "_quality_score < 0" : "FALSE");
  TRY(const auto counts, numbers(session_, counted, 2));
  new_rows_ = judged.rows;
  old_rows_ = present.rows;
  refused_ = counts[1];
  return std::string(counts[0] > 0 ? "its key is not unique" : "");
}

// Refused rows, those that are touched or the others.
std::string KeyRefresh::waiting_rows(Waiting which, const Columns& columns) const {
  const Columns& key = model_.header.key;
  std::string condition =
      fmt::format("EXISTS (SELECT 1 FROM {} AS k WHERE {})", kKeys, same_key(key, "w", "k"));
  if (keyless_) condition += " OR " + without_key(key, "w");
  if (which == Waiting::kOthers) condition = "NOT (" + condition + ")";
  if (which == Waiting::kAll) condition = "TRUE";
  const bool of_keys = which == Waiting::kTouched && !keyless_;
  return refused_rows(model_, columns, now_, condition, of_keys ? kKeys : "");
}

// The rows that the table has, and those that were refused.
std::string KeyRefresh::present_rows() const {
  std::string sql = fmt::format("(SELECT {} FROM {}", list_of(columns_), model_.name);
  if (waiting_ > 0) sql += "\nUNION ALL\n" + waiting_rows(Waiting::kAll);
  return sql + ")";
}

// What a rebuild would have staged: the rows of other keys, refused ones too, and the new ones.
std::string KeyRefresh::all_rows() const {
  const std::string columns = list_of(columns_);
  std::string sql = fmt::format(
      "(SELECT {0} FROM {1} AS present ANTI JOIN {2} AS k ON {3}\nUNION ALL\nSELECT {0} FROM {4}",
      columns, model_.name, kKeys, same_key(model_.header.key, "present", "k"), kRows);
  if (waiting_ > 0) sql += "\nUNION ALL\n" + waiting_rows(Waiting::kOthers);
  return sql + ")";
}

quality::ChangeAuditInput KeyRefresh::change_audit() const {
  const std::string columns = list_of(columns_);
  std::string old = fmt::format("(SELECT {} FROM {}", old_columns_, kOld);
  if (touched_waiting_ > 0) old += "\nUNION ALL\n" + waiting_rows(Waiting::kTouched);
  const auto of = [&](std::string relation, std::int64_t rows, std::string_view change) {
    quality::AuditInput input{model_, std::move(relation), {}, now_, context_.as_of};
    if (change == "delete" && model_.header.clock_day) input.as_of = day_before_;
    input.facts.rows = rows;
    for (const auto& [table, since] : since_) {
      if (change.empty()) continue;
      input.in_place[table] =
          fmt::format("(SELECT * FROM {} WHERE _change_type = '{}')", changed_name(table), change);
    }
    return input;
  };
  quality::ChangeAuditInput out{
      {},
      of(old + ")", old_rows_ + touched_waiting_, "delete"),
      of(kRows, new_rows_, "insert"),
      of(all_rows(),
         in_.base->row_count().value_or(0) + waiting_ - old_rows_ - touched_waiting_ + new_rows_,
         ""),
      {}};
  for (const auto& [table, since] : since_) out.changed.insert(table);
  return out;
}

// Of large tables that rules join to rows of `relation`, which did not change, little is read.
Done KeyRefresh::join_little(quality::AuditInput& input, const char* relation) {
  for (const auto& [table, look_up] : look_ups_of_rules(model_, relation)) {
    if (since_.contains(table)) continue;
    TRY(const bool alike, found_.of_one_type(look_up));
    if (!alike) continue;
    TRY(input.in_place[table], input.facts.rows == 0 ? found_.none(table) : found_.find(look_up));
  }
  return done();
}

Done KeyRefresh::judge() {
  TRY(touched_waiting_, touched_waiting());
  quality::ChangeAuditInput input = change_audit();
  quality::Audit judged;
  if (in_.past.tally && !all_keys_) {
    input.before = *in_.past.tally;
    for (const std::string& table : read_apart_by_rules(model_, input.changed)) {
      TRY(input.come.in_place[table], found_.none(table));
      input.gone.in_place[table] = input.come.in_place[table];
    }
    TRY_DONE(join_little(input.come, has_row_rules() ? kModel : kRows));
    if (touched_waiting_ == 0) {
      TRY_DONE(join_little(input.gone, kOld));
    }
    TRY(judged, quality::audit_change(session_, input));
  } else {
    TRY(judged, quality::audit(session_, input.whole));
  }
  report_.results = judged.results;
  report_.refused_rows = judged.rejected;
  if (judged.fails) {
    report_.outcome = TableOutcome::kRefused;
    report_.message = why_refused(judged);
  }
  tally_ = std::move(judged.tally);
  return done();
}

Result<std::int64_t> KeyRefresh::touched_waiting() {
  if (waiting_ == 0) return 0;
  return number(
      fmt::format("SELECT count(*) FROM ({})", waiting_rows(Waiting::kTouched, model_.header.key)));
}

Done KeyRefresh::publish() {
  // What waits and is not touched stays as the quarantine has it.
  const bool waivers_changed = since_.contains(std::string(quality::kWaiversTable));
  if (refused_ > 0 || touched_waiting_ > 0 || waivers_changed) {
    std::string rows = fmt::format("(SELECT {} FROM {}", list_of(columns_), kRows);
    if (waiting_ > 0) rows += "\nUNION ALL\n" + waiting_rows(Waiting::kOthers);
    TRY_DONE(context_.ops.keep_rejects(
        session_, model_, rows + ")",
        {report_.refused_rows > 0, in_.state, context_.run, check_.waivers}));
    kept_in_ = in_.state;
  }
  table_.unbind(model_.name);
  const std::string_view more = added_up_.empty() ? ")" : ", added to what they had)";
  report_.way = fmt::format("{} ({} touched{}", kByKey, keys_, by_day() ? kByDay : more);
  TRY(const lake::ChangeReport changed,
      lake::exchange_rows(context_.lake, session_, name_of(model_),
                          exchange_select(model_, columns_, kOld, kRows, compare_),
                          {.run = context_.run,
                           .cancel = context_.cancel,
                           .base = in_.base,
                           .positions = positions_of(model_, in_.inputs, in_.state,
                                                     {report_.refused_rows, kept_in_}),
                           .parameters = [this] {
                             return history_of(context_, model_, in_.inputs,
                                               {report_.way, seconds_since(context_.clock, start_),
                                                tally_, compare_});
                           }}));
  report_.rows = changed.rows_inserted + changed.rows_updated + changed.rows_deleted;
  report_.version = changed.snapshot->version();
  report_.outcome = TableOutcome::kBuilt;
  return done();
}

}  // namespace

Result<std::string> refresh_by_key(const KeyRefreshInput& input, TableReport& report) {
  return KeyRefresh(input, report).run();
}

}  // namespace claimlake::refresh
