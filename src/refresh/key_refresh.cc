#include "refresh/key_refresh.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/log.h"
#include "base/text.h"
#include "engine/change_statement.h"
#include "lake/change.h"
#include "pack/key_mapping.h"
#include "pack/sql_text.h"
#include "quality/checked.h"
#include "quality/quarantine.h"
#include "refresh/bound_tables.h"

namespace claimlake::refresh {
namespace {

constexpr const char* kKeys = "temp.refresh_keys";
constexpr const char* kRows = "temp.refresh_rows";
constexpr const char* kClean = "temp.refresh_clean";

using Statement = engine::ChangeStatement;
using Columns = std::vector<std::string>;

// Temporary tables of a session. Gone on every way out.
class Scratch {
 public:
  explicit Scratch(engine::Session& session) : session_(session) {}
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    for (const std::string& table : tables_) {
      (void)session_.execute("DROP TABLE IF EXISTS " + table);
    }
  }
  Done make(const std::string& table, const std::string& select) {
    tables_.insert(table);
    TRY_DONE(session_.execute(fmt::format("CREATE OR REPLACE TEMP TABLE {} AS {}", table, select)));
    return done();
  }

 private:
  engine::Session& session_;
  std::set<std::string> tables_;
};

std::string list_of(const Columns& columns, std::string_view relation = {}) {
  std::string out;
  for (const std::string& column : columns) {
    out += (out.empty() ? "" : ", ") + (relation.empty() ? "" : std::string(relation) + ".") +
           sql_identifier(column);
  }
  return out;
}

std::string same_key(const Columns& key, std::string_view a, std::string_view b) {
  return pack::equal_columns(a, key, b, key);
}

// How many rows `now` has in files that `before` has not; absent where files went too, or where the
// log does not say.
std::optional<std::int64_t> rows_added(const delta::Snapshot& before, const delta::Snapshot& now) {
  std::set<std::string_view> known;
  for (const delta::AddFile& file : before.files()) known.insert(file.path);
  std::int64_t rows = 0;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < now.files().size(); ++i) {
    if (known.contains(now.files()[i].path)) {
      ++kept;
      continue;
    }
    const auto of_file = now.row_count(i);
    if (!of_file) return std::nullopt;
    rows += *of_file;
  }
  if (kept < known.size()) return std::nullopt;
  return rows;
}

class KeyRefresh {
 public:
  KeyRefresh(const KeyRefreshInput& input, TableReport& report)
      : in_(input),
        context_(input.context),
        session_(input.context.session),
        model_(input.model),
        report_(report),
        scratch_(input.context.session),
        table_(input.context.session),
        start_(input.context.clock.steady_now()) {}

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
    return fmt::format("by key it fails ({})", fault_name(error.fault));
  }
  Result<std::string> complete_quarantine();
  Result<std::string> find_keys();
  Result<std::string> compute();
  Done judge();
  Done publish();

  // What must be read of an input was cleaned up, or vacuumed.
  std::string cannot_read(const std::string& table, const Error& error) const {
    return fmt::format("what changed in {} since its version {} cannot be read: {}", table,
                       since_.at(table), error.message);
  }
  bool too_many(std::int64_t keys) const {
    const auto rows = in_.base->row_count();
    return rows && static_cast<double>(keys) > context_.by_key_share * static_cast<double>(*rows);
  }
  bool always() const { return context_.by_key_share >= 1; }
  // Then all of its rows differ, if only in when they were computed.
  Result<bool> built_whole_since(const lake::TableName& table, delta::LogVersion version) const;
  Result<std::int64_t> number(const std::string& query);
  std::string changed_name(const std::string& table) const;
  std::string keys_of_parent(const pack::ExistsIn& rule) const;
  std::string waiting_rows() const;
  std::string all_rows() const;
  Statement merge() const;

  const KeyRefreshInput& in_;
  const TableRefreshContext& context_;
  engine::Session& session_;
  const pack::Model& model_;
  TableReport& report_;
  Scratch scratch_;
  BoundTables table_;
  const std::chrono::steady_clock::time_point start_;
  std::map<std::string, delta::LogVersion> since_;  // of inputs that changed
  std::int64_t keys_ = 0;
  Columns columns_;  // of the table
  quality::CheckOptions check_;
};

Result<std::int64_t> KeyRefresh::number(const std::string& query) {
  TRY(const auto rows, session_.query(query));
  TRY(const bool any, rows->next());
  CHECK(any, "an aggregate gives a row");
  return rows->integer(0, 0);
}

// What is known without reading a row.
Result<std::string> KeyRefresh::unsuitable() {
  if (model_.mapping == nullptr) return std::string("its model has no key");
  if (in_.base == nullptr) return std::string("it has no version yet");
  if (context_.force) return std::string("it was asked for");
  if (context_.by_key_share <= 0) return std::string("tables are built as a whole here");
  if (in_.past.by_hand) return std::string("somebody changed its rows");
  Inputs before = in_.inputs;
  for (auto& [table, version] : before) {
    const auto position = in_.base->txn(input_app_id(table));
    if (!position) return table + " was not read before";
    if (*position != version.version) since_[table] = *position;
    version.version = *position;
  }
  // The same model, tables and date in their last form give the state that the table is in.
  const std::int64_t last = fingerprint(model_.hash, before, date_of(context_, model_));
  if (in_.base->txn(kRefreshAppId) != last) {
    return std::string("its model, its rules, the date or one of its inputs is another one");
  }
  TRY(const bool complete, context_.ops.has_rejects_of(model_, last));
  if (!complete) return std::string("the quarantine is not that of its last refresh");
  for (const pack::ColumnDoc& column : model_.columns) columns_.push_back(column.name);
  for (const auto& column : pack::program_columns(model_.schema)) columns_.push_back(column.name);
  Columns present;
  for (const delta::Field& field : in_.base->schema().fields) present.push_back(field.name);
  if (present != columns_) return std::string("its columns are other ones");
  TRY(const std::string reason, unsuitable_inputs());
  if (!reason.empty()) return reason;
  const Past& past = in_.past;
  if (!always() && past.by_key_seconds && past.whole_seconds &&
      *past.by_key_seconds > *past.whole_seconds) {
    return fmt::format("by key it took {:.3f} s, as a whole {:.3f} s", *past.by_key_seconds,
                       *past.whole_seconds);
  }
  return std::string();
}

Result<bool> KeyRefresh::built_whole_since(const lake::TableName& table,
                                           delta::LogVersion version) const {
  constexpr std::size_t kEntries = 20;
  TRY(const auto history, context_.lake.history(table, kEntries));
  return std::any_of(history.begin(), history.end(), [&](const auto& entry) {
    const auto way = entry.info.parameters.find("way");
    return entry.version > version && way != entry.info.parameters.end() &&
           way->second.starts_with("\"" + std::string(kWhole));
  });
}

Result<std::string> KeyRefresh::unsuitable_inputs() {
  for (const auto& [table, version] : since_) {
    const std::string reason = model_.mapping->touches_all(table);
    if (!reason.empty()) return fmt::format("a change of {} may touch any key: {}", table, reason);
    if (always()) continue;
    TRY(const auto name, lake::TableName::parse(table));
    TRY(const auto now,
        context_.lake.table(name.schema, name.table, {.version = in_.inputs.at(table).version}));
    const auto before = context_.lake.table(name.schema, name.table, {.version = version});
    if (!before) return cannot_read(table, before.error());
    TRY(const bool rebuilt, built_whole_since(name, version));
    if (rebuilt) return table + " was itself built as a whole";
    const auto added = rows_added(*before->snapshot, *now.snapshot);
    if (added && too_many(*added)) return fmt::format("{} rows of {} are new", *added, table);
  }
  return std::string();
}

// Refused rows are found by what the quarantine holds of them. It may hold fewer than were refused:
// one of a key that has several, or none of those that a person took out.
Result<std::string> KeyRefresh::complete_quarantine() {
  check_ = {context_.clock.now(), context_.as_of};
  if (model_.rules.of(pack::RuleGroup::kRow).empty()) return std::string();
  TRY(const std::int64_t waiting,
      number(fmt::format("SELECT count(*) FROM {} WHERE table_name = {} AND state <> 'replayed'",
                         quality::kQuarantineTable, sql_string(model_.name))));
  if (in_.base->txn(kRefusedAppId) != waiting) {
    return std::string("the quarantine does not hold all of its refused rows");
  }
  const bool nested =
      std::any_of(model_.columns.begin(), model_.columns.end(), [](const pack::ColumnDoc& column) {
        return column.type.ends_with("]") || column.type.starts_with("STRUCT") ||
               column.type.starts_with("MAP");
      });
  if (waiting > 0 && nested) return std::string("refused rows hold lists");
  return std::string();
}

std::string KeyRefresh::changed_name(const std::string& table) const {
  const auto at = since_.find(table);
  return fmt::format("temp.refresh_changed_{}", std::distance(since_.begin(), at));
}

// Keys of rows that an exists_in rule judges by a value that a parent has come with or gone with:
// rows of the table, and refused ones.
std::string KeyRefresh::keys_of_parent(const pack::ExistsIn& rule) const {
  const std::string values = fmt::format(
      "(SELECT {0} AS v FROM {1} GROUP BY {0} HAVING sum(CASE _change_type WHEN 'insert' "
      "THEN 1 ELSE -1 END) <> 0)",
      sql_identifier(rule.parent_column), changed_name(rule.table));
  std::string waiting;
  for (const std::string& key : model_.header.key) {
    waiting += fmt::format("{}TRY_CAST(json_extract_string(waiting.payload, {}) AS {}) AS {}",
                           waiting.empty() ? "" : ", ", sql_string("$.\"" + key + "\""),
                           model_.column(key)->type, sql_identifier(key));
  }
  return fmt::format(
      "SELECT {} FROM {} AS present SEMI JOIN {} AS parent ON present.{} = parent.v\nUNION\nSELECT "
      "{} FROM {} AS waiting SEMI JOIN {} AS parent ON json_extract_string(waiting.payload, {}) = "
      "CAST(parent.v AS VARCHAR) WHERE waiting.table_name = {}",
      list_of(model_.header.key, "present"), model_.name, values, sql_identifier(rule.column),
      waiting, quality::kQuarantineTable, values, sql_string("$.\"" + rule.column + "\""),
      sql_string(model_.name));
}

Result<std::string> KeyRefresh::find_keys() {
  std::string touched;
  const auto add = [&](const std::string& select) {
    touched += (touched.empty() ? "" : "\nUNION\n") + select;
  };
  for (const auto& [table, since] : since_) {
    const std::string changed = changed_name(table);
    const auto made =
        scratch_.make(changed, fmt::format("SELECT * FROM table_diff({}, {}, {})",
                                           sql_string(table), since, in_.inputs.at(table).version));
    if (!made && made.error().fault == Fault::kCancelled) return made.error();
    if (!made) return cannot_read(table, made.error());
    const auto& inputs = model_.inputs;
    if (std::find(inputs.begin(), inputs.end(), table) != inputs.end()) {
      add(pack::touched_keys(model_, table, changed));
    }
  }
  for (const pack::Rule* rule : model_.rules.of(pack::RuleGroup::kRow)) {
    const auto* exists = std::get_if<pack::ExistsIn>(&rule->body);
    if (exists != nullptr && since_.contains(exists->table)) add(keys_of_parent(*exists));
  }
  if (touched.empty()) {  // tables that only rules over the whole table read
    touched = fmt::format("SELECT {} FROM {} WHERE false", list_of(model_.header.key), model_.name);
  }
  TRY_DONE(scratch_.make(kKeys, touched));
  std::string missing;
  for (const std::string& key : model_.header.key) {
    missing += fmt::format("{}{} IS NULL", missing.empty() ? "" : " OR ", sql_identifier(key));
  }
  TRY(const std::int64_t without,
      number(fmt::format("SELECT count(*) FROM {} WHERE {}", kKeys, missing)));
  if (without > 0) return std::string("rows without a key changed");
  TRY(keys_, number(fmt::format("SELECT count(*) FROM {}", kKeys)));
  if (!always() && too_many(keys_)) {
    return fmt::format("{} keys are touched, and it has {}", keys_,
                       in_.base->row_count().value_or(0));
  }
  return std::string();
}

Result<std::string> KeyRefresh::compute() {
  const std::string select = pack::select_of_keys(model_, kKeys);
  TRY_DONE(scratch_.make(
      kRows, quality::checked_select(model_, pack::sql_as_of(select, context_.as_of), check_)));
  TRY(const auto made, session_.describe(fmt::format("SELECT * FROM {}", kRows)));
  TRY(const delta::Schema schema, engine::delta_schema(made));
  for (std::size_t i = 0; i < schema.fields.size(); ++i) {
    // An older table may have narrower types than the model has now.
    if (schema.fields[i].type.text() != in_.base->schema().fields[i].type.text()) {
      return "its column " + schema.fields[i].name + " is of another type";
    }
  }
  const std::string key = list_of(model_.header.key);
  for (const std::string& rows :
       {std::string(kRows), fmt::format("{} AS r SEMI JOIN {} AS k ON {}", model_.name, kKeys,
                                        same_key(model_.header.key, "r", "k"))}) {
    TRY(const std::int64_t repeated,
        number(fmt::format("SELECT count(*) FROM (SELECT {0} FROM {1} GROUP BY {0} HAVING count(*) "
                           "> 1)",
                           key, rows)));
    if (repeated > 0) return std::string("its key is not unique");
  }
  return std::string();
}

// The refused rows of other keys, as they were staged when they were refused.
std::string KeyRefresh::waiting_rows() const {
  std::string items;
  for (const pack::ColumnDoc& column : model_.columns) {
    items += fmt::format("CAST(json_extract_string(payload, {}) AS {}) AS {}, ",
                         sql_string("$.\"" + column.name + "\""), column.type,
                         sql_identifier(column.name));
  }
  return fmt::format(
      "SELECT {} FROM (SELECT {} FALSE AS _is_valid, CAST(-1 AS DOUBLE) AS _quality_score, FALSE "
      "AS "
      "_is_duplicate, CAST(NULL AS VARCHAR) AS _duplicate_of, rules AS _dq, {} AS "
      "_silver_processed_at FROM {} WHERE table_name = {} AND state <> 'replayed') AS w WHERE NOT "
      "EXISTS (SELECT 1 FROM {} AS k WHERE {})",
      list_of(columns_), items, quality::sql_timestamp(check_.processed_at),
      quality::kQuarantineTable, sql_string(model_.name), kKeys,
      same_key(model_.header.key, "w", "k"));
}

// What a rebuild would have staged: the rows of other keys, refused ones too, and the new ones.
std::string KeyRefresh::all_rows() const {
  const std::string columns = list_of(columns_);
  std::string sql = fmt::format(
      "(SELECT {0} FROM {1} AS present ANTI JOIN {2} AS k ON {3}\nUNION ALL\nSELECT {0} FROM {4}",
      columns, model_.name, kKeys, same_key(model_.header.key, "present", "k"), kRows);
  if (!model_.rules.of(pack::RuleGroup::kRow).empty()) sql += "\nUNION ALL\n" + waiting_rows();
  return sql + ")";
}

Done KeyRefresh::judge() {
  const bool silver = model_.schema == "silver";
  const std::string all = all_rows();
  quality::AuditInput audit{model_, all, {}, check_.processed_at, context_.as_of};
  TRY(const auto facts, session_.query(fmt::format("SELECT count(*), {} FROM {}",
                                                   silver ? "min(_quality_score)" : "NULL", all)));
  TRY(const auto table, engine::read_all(*facts));
  audit.facts.rows = whole_number(table.rows.at(0).at(0).value_or("")).value_or(0);
  if (table.rows.at(0).at(1)) audit.facts.least_score = std::stod(*table.rows.at(0).at(1));
  TRY(const quality::Audit judged, quality::audit(session_, audit));
  report_.results = judged.results;
  report_.refused_rows = judged.rejected;
  if (judged.fails) {
    report_.outcome = TableOutcome::kRefused;
    report_.message = why_refused(judged);
    return done();
  }
  return scratch_.make(
      kClean, fmt::format("SELECT * FROM {}{}", kRows, silver ? " WHERE _quality_score >= 0" : ""));
}

Statement KeyRefresh::merge() const {
  const Columns& key = model_.header.key;
  Statement out;
  out.kind = Statement::Kind::kMerge;
  out.schema = model_.schema;
  out.table = model_.table;
  out.alias = "t";
  out.source_alias = "s";
  std::string keys;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const std::string name = fmt::format("__key_{}", i);
    keys += fmt::format("k.{} AS {}, ", sql_identifier(key[i]), name);
    out.condition +=
        fmt::format("{}t.{} = s.{}", i == 0 ? "" : " AND ", sql_identifier(key[i]), name);
    out.equalities.push_back({key[i], name});
  }
  out.source = fmt::format(
      "(SELECT {}r.*, r.{} IS NULL AS __gone FROM {} AS k LEFT JOIN {} AS r ON "
      "{}) AS s",
      keys, sql_identifier(key[0]), kKeys, kClean, same_key(key, "k", "r"));
  std::string differs;
  std::vector<Statement::Assignment> all;
  for (const std::string& column : columns_) {
    const std::string name = sql_identifier(column);
    all.push_back({column, "s." + name});
    // When a row was computed is no change of it.
    if (column == "_silver_processed_at" || column == "_gold_processed_at") continue;
    differs +=
        fmt::format("{}t.{} IS DISTINCT FROM s.{}", differs.empty() ? "" : " OR ", name, name);
  }
  using Clause = Statement::Clause;
  out.clauses = {{Clause::When::kMatched, Clause::Then::kDelete, "s.__gone", false, {}},
                 {Clause::When::kMatched, Clause::Then::kUpdate, differs, false, all},
                 {Clause::When::kNotMatched, Clause::Then::kInsert, "NOT s.__gone", false, all}};
  return out;
}

Done KeyRefresh::publish() {
  TRY_DONE(context_.ops.keep_rejects(session_, model_, all_rows(), report_.refused_rows > 0,
                                     in_.state, context_.run));
  table_.unbind(model_.name);
  report_.way = fmt::format("{} ({} touched)", kByKey, keys_);
  TRY(const lake::ChangeReport changed,
      lake::change_rows(context_.lake, session_, merge(),
                        {.run = context_.run,
                         .cancel = context_.cancel,
                         .base = in_.base,
                         .positions = positions_of(in_.inputs, in_.state, report_.refused_rows),
                         .parameters = [this] {
                           return history_of(context_, model_, in_.inputs, report_.way,
                                             seconds_since(context_.clock, start_));
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
