// A change in five steps: the SELECT of change_select.h runs once, and its rows are kept; from them
// are read which rows of which files go; the rows that come are written; what is left of the files
// that lost rows is said by deletion vectors or written anew; all of it becomes one version. Where
// the table has a change feed, the rows that come and go are written for its readers, too.
#include "lake/change.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "delta/change_feed.h"
#include "delta/deletion_vector.h"
#include "delta/features.h"
#include "delta/json_writer.h"
#include "delta/properties.h"
#include "lake/change_feed.h"
#include "lake/change_select.h"
#include "lake/change_session.h"
#include "lake/file_actions.h"
#include "lake/kept_rows.h"
#include "lake/schema_evolution.h"
#include "lake/self_read.h"

namespace claimlake::lake {
namespace {

using Statement = engine::ChangeStatement;
using Effect = ChangeSelect::Effect;

constexpr const char* kChanges = ChangeSession::kChanges;
// How many keys an error names.
constexpr std::size_t kShownRows = 5;

const char* operation(Statement::Kind kind) {
  switch (kind) {
    case Statement::Kind::kInsert:
      return "WRITE";
    case Statement::Kind::kUpdate:
      return "UPDATE";
    case Statement::Kind::kDelete:
      return "DELETE";
    case Statement::Kind::kMerge:
      return "MERGE";
  }
  return "WRITE";
}

std::string numbers_of(const std::map<std::size_t, delta::RowSet>& files) {
  std::string out;
  for (const auto& [number, rows] : files)
    out += (out.empty() ? "" : ", ") + std::to_string(number);
  return out;
}

class RowChange {
 public:
  RowChange(Lake& lake, engine::Session& session, const Statement& statement,
            const ChangeOptions& options)
      : lake_(lake), session_(session), statement_(statement), options_(options) {}

  Result<ChangeReport> go() { return kept(run()); }
  // The change of which `select` is the SELECT.
  Result<ChangeReport> go(const ChangeSelect& select) { return kept(run(select)); }

 private:
  Result<ChangeReport> kept(Result<ChangeReport> report) {
    // Nothing names these files, unless the answer to the commit was lost.
    const bool lost = committing_ && !report && report.error().fault == Fault::kUnavailable;
    if (!report && !lost) discard();
    return report;
  }
  Done begin(ChangeSession& changes);
  Result<ChangeReport> run();
  Result<ChangeReport> run(const ChangeSelect& select);
  Result<ChangeReport> insert(ChangeSession& changes, const ChangeSelect& select);
  Result<ChangeSelect> replacing(const ChangeSelect& insert) const;
  Result<ChangeReport> change(ChangeSession& changes, const ChangeSelect& select);
  Done evolve();
  Result<std::vector<std::string>> source_columns();
  Done number_rows(ChangeSession& changes) const;
  Done keep_numbers(ChangeSession& changes);
  Done collect(const ChangeSelect& select);
  Error broken(const ChangeSelect& select) const;
  Error repeated() const;
  Done stage(const std::string& select);
  bool told_by_files() const;
  Done tell_changes(const ChangeSelect& select);
  Done take_rows_away();
  Done not_cancelled() const;
  Done by_vectors(const std::vector<std::size_t>& numbers);
  Done by_rewriting(const std::vector<std::size_t>& numbers);
  std::string in_clauses(const ChangeSelect& select) const;
  std::map<std::string, std::string> metrics() const;
  Result<ChangeReport> commit();
  void discard();

  const delta::AddFile& file(std::size_t number) const { return base_->files()[number]; }
  Timestamp now() const { return lake_.context().clock.now(); }

  Lake& lake_;
  engine::Session& session_;
  const Statement& statement_;
  const ChangeOptions& options_;
  bool committing_ = false;
  TableName name_;
  delta::SnapshotPtr base_;  // with the columns that the statement adds
  bool evolves_ = false;
  RowRules rules_;
  std::map<std::size_t, delta::RowSet> gone_;   // rows of files that lose some
  std::map<std::size_t, std::int64_t> broken_;  // rows that break a rule, by its number
  // Files with rows that stay, and kept others from being inserted.
  std::set<std::size_t> found_;
  bool repeats_ = false;  // several rows of the source want one of them
  Staged staged_;
  Staged told_;  // change files
  std::string vector_file_;
  std::vector<delta::Action> actions_;
  ChangeReport report_;
};

// A place in the SELECT that was made says nothing: nobody wrote that text.
template <class Value>
Result<Value> without_place(Result<Value> result) {
  if (result) return result;
  Error error = std::move(result).error();
  if (error.fault == Fault::kInvalidInput) error.where.clear();
  return error;
}

Result<std::vector<std::string>> RowChange::source_columns() {
  std::vector<std::string> names;
  const std::string select = source_select(statement_);
  if (select.empty()) return names;
  TRY(const auto columns, session_.describe(select));
  for (const engine::ColumnInfo& column : columns) names.push_back(column.name);
  return names;
}

Done RowChange::number_rows(ChangeSession& changes) const {
  for (std::size_t i = 0; i < rules_.columns.size(); ++i) {
    const auto& identity = rules_.columns[i].identity;
    if (!identity) continue;
    TRY_DONE(changes.count(identity_sequence(i), *identity));
  }
  return done();
}

// The schema remembers the last number given, in the same version as the rows that have it.
Done RowChange::keep_numbers(ChangeSession& changes) {
  delta::Schema schema = base_->schema();
  bool counted = false;
  for (std::size_t i = 0; i < rules_.columns.size(); ++i) {
    if (!rules_.columns[i].identity) continue;
    TRY(const auto last, changes.last(identity_sequence(i)));
    if (!last) continue;
    delta::Identity identity = *rules_.columns[i].identity;
    identity.high_water_mark = last;
    delta::set_identity(schema.fields[i], identity);
    counted = true;
  }
  if (!counted && !evolves_) return done();
  delta::Metadata metadata = base_->metadata();
  metadata.schema_json = delta::to_json(schema);
  actions_.emplace_back(std::move(metadata));
  return done();
}

Error RowChange::broken(const ChangeSelect& select) const {
  std::string said;
  for (const auto& [number, rows] : broken_) {
    said += fmt::format("{}{} {} {}", said.empty() ? "" : "; ", rows,
                        rows == 1 ? "row breaks" : "rows break", select.broken[number]);
  }
  return {Fault::kInvalidInput, said, name_.text(),
          "correct the rows; ALTER TABLE ... DROP CONSTRAINT takes a constraint away"};
}

Done RowChange::collect(const ChangeSelect& select) {
  TRY(const auto rows, session_.query(fmt::format(
                           "SELECT {}, {}, {}, {}, {} FROM {}", ChangeSelect::kClause,
                           ChangeSelect::kFile, ChangeSelect::kRow, ChangeSelect::kSame,
                           select.broken.empty() ? "NULL" : ChangeSelect::kBroken, kChanges)));
  std::map<std::size_t, delta::RowSet> unchanged;
  for (;;) {
    TRY(const bool more, rows->next());
    if (!more) break;
    for (std::size_t i = 0; i < rows->row_count(); ++i) {
      if (rows->integer(0, i) == ChangeSelect::kFound) {
        found_.insert(static_cast<std::size_t>(rows->integer(1, i)));
        continue;
      }
      if (!rows->is_null(4, i)) ++broken_[static_cast<std::size_t>(rows->integer(4, i))];
      const Effect effect = select.clauses[static_cast<std::size_t>(rows->integer(0, i))];
      if (effect == Effect::kError) {
        return Error{Fault::kInvalidInput, "A row came to a clause of the MERGE that says ERROR",
                     name_.text(), "look for rows that the other clauses do not take"};
      }
      if (effect == Effect::kInsert) {
        ++report_.rows_inserted;
        continue;
      }
      const auto number = static_cast<std::size_t>(rows->integer(1, i));
      const std::int64_t row = rows->integer(2, i);
      const bool same = rows->integer(3, i) != 0;
      delta::RowSet& set = same ? unchanged[number] : gone_[number];
      if (select.may_repeat) {
        const auto other = same ? gone_.find(number) : unchanged.find(number);
        const bool in_other = other != (same ? gone_.end() : unchanged.end()) &&
                              other->second.contains(static_cast<std::uint64_t>(row));
        repeats_ |= in_other || set.contains(static_cast<std::uint64_t>(row));
      }
      if (!same && !set.contains(static_cast<std::uint64_t>(row))) {
        ++(effect == Effect::kUpdate ? report_.rows_updated : report_.rows_deleted);
      }
      set.add(static_cast<std::uint64_t>(row));
    }
  }
  for (const auto& [number, rows_of_it] : unchanged) {
    if (select.may_insert) found_.insert(number);
  }
  return done();
}

// Names the row that several rows of the source want to change, by the columns of the condition.
Error RowChange::repeated() const {
  std::string columns;
  for (const delta::Field& field : base_->schema().fields) {
    const bool named = statement_.condition.find(field.name) != std::string::npos ||
                       std::find(statement_.using_columns.begin(), statement_.using_columns.end(),
                                 field.name) != statement_.using_columns.end();
    if (!named || field.type.primitive() == nullptr) continue;
    columns +=
        fmt::format("{}'{} = ' || coalesce(CAST({} AS VARCHAR), 'NULL')",
                    columns.empty() ? "" : " || ', ' || ", field.name, sql_identifier(field.name));
  }
  Error error{
      Fault::kInvalidInput,
      "Several rows of the source match the same row of the table, and which one is to be "
      "taken is not said",
      name_.text(),
      "make the source unique by what is matched, for example with GROUP BY or DISTINCT ON"};
  if (columns.empty()) return error;
  const auto rows = session_.query(fmt::format(
      "SELECT DISTINCT {} FROM (SELECT __file, __row FROM {} WHERE __file IS NOT NULL GROUP BY "
      "ALL HAVING count(*) > 1 LIMIT {}) AS twice JOIN lake.{}.{} AS t ON "
      "t.file_number = twice.__file AND t.file_row_number = twice.__row ORDER BY 1",
      columns, kChanges, kShownRows, sql_identifier(name_.schema), sql_identifier(name_.table)));
  if (!rows) return error;
  const auto table = engine::read_all(**rows, kShownRows);
  if (!table) return error;
  std::string keys;
  for (const auto& row : table->rows) keys += (keys.empty() ? "" : "; ") + row[0].value_or("");
  if (!keys.empty()) error.message += ": " + keys;
  return error;
}

// Writes the rows of `select` beside those that are staged already.
Done RowChange::stage(const std::string& select) {
  TRY(Staged more, lake_.stage(session_, name_, select, base_->metadata().partition_columns, "",
                               columns_with_kept(*base_)));
  staged_.table = name_;
  staged_.files.insert(staged_.files.end(), std::make_move_iterator(more.files.begin()),
                       std::make_move_iterator(more.files.end()));
  return done();
}

std::string RowChange::in_clauses(const ChangeSelect& select) const {
  std::string out;
  for (std::size_t i = 0; i < select.clauses.size(); ++i) {
    if (select.clauses[i] == Effect::kDelete) continue;
    out += (out.empty() ? "" : ", ") + std::to_string(i);
  }
  return out;
}

// True if the files that come and go tell by themselves which rows do.
bool RowChange::told_by_files() const {
  if (report_.rows_updated > 0) return false;
  return std::all_of(gone_.begin(), gone_.end(), [&](const auto& entry) {
    const auto rows = base_->row_count(entry.first);
    return !file(entry.first).deletion_vector && rows &&
           *rows == static_cast<std::int64_t>(entry.second.size());
  });
}

Done RowChange::tell_changes(const ChangeSelect& select) {
  if (!delta::has_change_feed(base_->protocol(), base_->metadata()) || told_by_files()) {
    return done();
  }
  TRY_DONE(delta::check_change_feed(base_->schema()));
  std::vector<std::size_t> files;
  for (const auto& [number, rows] : gone_) files.push_back(number);
  delta::StoredColumns columns = delta::stored_columns(*base_);
  // It is no column of the table, and is called the same in all change files.
  columns.schema.fields.push_back({delta::kChangeType, delta::PrimitiveType{"string"}});
  TRY(told_,
      lake_.stage(session_, name_,
                  change_feed_select(select, {name_, base_->schema(), rules_}, kChanges, files),
                  base_->metadata().partition_columns, delta::kChangeFolder, std::move(columns)));
  return done();
}

Done RowChange::take_rows_away() {
  if (gone_.empty()) return done();
  const bool vectors = delta::has_feature(base_->protocol(), "deletionVectors") &&
                       delta::read_properties(base_->metadata().configuration).deletion_vectors;
  std::vector<std::size_t> with_vector;
  std::vector<std::size_t> rewritten;
  for (const auto& [number, rows] : gone_) {
    actions_.emplace_back(remove_file(file(number), now()));
    // A vector needs the number of rows in the statistics of its file.
    (vectors && base_->row_count(number) ? with_vector : rewritten).push_back(number);
  }
  if (!with_vector.empty()) {
    TRY_DONE(by_vectors(with_vector));
  }
  return rewritten.empty() ? done() : by_rewriting(rewritten);
}

Done RowChange::by_vectors(const std::vector<std::size_t>& numbers) {
  const LakeContext& context = lake_.context();
  delta::DeletionVectorFile vectors(name_.folder(), context.random);
  for (const std::size_t number : numbers) {
    const delta::AddFile& old = file(number);
    delta::RowSet rows = gone_.at(number);
    if (old.deletion_vector) {
      TRY(const delta::RowSet before,
          delta::read_deletion_vector(context.store, name_.folder(), *old.deletion_vector));
      rows.add_all(before);
    }
    if (static_cast<std::int64_t>(rows.size()) >= *base_->row_count(number)) {
      ++report_.files_removed;
      continue;
    }
    actions_.emplace_back(with_wide_vector(old, vectors.add(rows)));
    ++report_.vectors_added;
  }
  if (vectors.empty()) return done();
  vector_file_ = vectors.path();
  return vectors.write(context.store);
}

// Copies what is left of the files that lose rows.
Done RowChange::by_rewriting(const std::vector<std::size_t>& numbers) {
  std::string list;
  std::string columns;
  for (const std::size_t number : numbers) {
    ++report_.files_removed;
    list += (list.empty() ? "" : ", ") + std::to_string(number);
  }
  for (const delta::Field& field : base_->schema().fields) {
    columns += (columns.empty() ? "" : ", ") + std::string("t.") + sql_identifier(field.name);
  }
  columns += kept_by_copies(*base_, "t");
  return stage(fmt::format(
      "SELECT {} FROM lake.{}.{} AS t WHERE t.file_number IN ({}) AND NOT EXISTS (SELECT 1 FROM {} "
      "AS c WHERE c.__file = t.file_number AND c.__row = t.file_row_number AND NOT c.__same)",
      columns, sql_identifier(name_.schema), sql_identifier(name_.table), list, kChanges));
}

Done RowChange::not_cancelled() const {
  if (!options_.cancel.cancelled()) return done();
  return Error{Fault::kCancelled, "The change was stopped; nothing of it was committed",
               name_.text()};
}

// Under the names that Spark gives them.
std::map<std::string, std::string> RowChange::metrics() const {
  const bool merge = statement_.kind == Statement::Kind::kMerge;
  const std::string target = merge ? "Target" : "";
  std::map<std::string, std::string> out;
  const auto put = [&](const std::string& name, std::int64_t value) {
    out[name] = std::to_string(value);
  };
  if (statement_.kind == Statement::Kind::kInsert) {
    put("numFiles", report_.files_added);
    put("numOutputRows", report_.rows_inserted);
    put("numOutputBytes", staged_.bytes());
    if (statement_.overwrite) put("numRemovedFiles", report_.files_removed);
    return out;
  }
  if (merge) {
    put("numTargetRowsInserted", report_.rows_inserted);
    put("numTargetRowsUpdated", report_.rows_updated);
    put("numTargetRowsDeleted", report_.rows_deleted);
    put("numOutputRows", staged_.rows());
  } else if (statement_.kind == Statement::Kind::kUpdate) {
    put("numUpdatedRows", report_.rows_updated);
  } else {
    put("numDeletedRows", report_.rows_deleted);
  }
  put(merge ? "numTargetFilesAdded" : "numAddedFiles", report_.files_added);
  put(merge ? "numTargetFilesRemoved" : "numRemovedFiles", report_.files_removed);
  put("num" + target + "DeletionVectorsAdded", report_.vectors_added);
  put(merge ? "numTargetChangeFilesAdded" : "numAddedChangeFiles", report_.change_files_added);
  return out;
}

Result<ChangeReport> RowChange::commit() {
  delta::CommitRequest request;
  request.base = base_;
  request.actions = std::move(actions_);
  for (const engine::WrittenFile& written : staged_.files) {
    request.actions.emplace_back(add_file(written, name_, now()));
  }
  for (const engine::WrittenFile& written : told_.files) {
    request.actions.emplace_back(change_file(written, name_));
  }
  report_.files_added = static_cast<std::int64_t>(staged_.files.size());
  report_.change_files_added = static_cast<std::int64_t>(told_.files.size());
  for (const delta::Txn& position : options_.positions) request.actions.emplace_back(position);
  if (request.actions.empty()) {
    report_.snapshot = base_;
    return report_;
  }
  request.checked_rows = true;
  delta::CommitInfo& info = request.info;
  info.operation = operation(statement_.kind);
  // Rows that somebody else changes meanwhile would stay unseen behind the positions.
  request.read.whole_table =
      !options_.positions.empty() || reads_itself(statement_, lake_.definitions());
  if (statement_.kind == Statement::Kind::kInsert) {
    info.parameters["mode"] = delta::json_string(statement_.overwrite ? "Overwrite" : "Append");
    request.read.rows = !statement_.replace.empty();
    request.read.whole_table |= statement_.overwrite && statement_.replace.empty();
  } else {
    request.read.rows = true;
  }
  if (request.read.rows) {
    const bool replaces = !statement_.replace.empty();
    info.parameters["predicate"] =
        delta::json_string(replaces ? statement_.replace : statement_.condition);
    for (const std::size_t number : found_) request.read.files.insert(file(number).path);
  }
  if (options_.parameters) {
    for (const auto& [name, text] : options_.parameters()) {
      info.parameters[name] = delta::json_string(text);
    }
  }
  info.metrics = metrics();
  info.user = lake_.context().user;
  info.run = options_.run;
  TRY_DONE(not_cancelled());
  committing_ = true;
  TRY(report_.snapshot, lake_.commit_actions(name_, std::move(request)));
  report_.committed = true;
  return report_;
}

void RowChange::discard() {
  staged_.table = name_;
  lake_.discard(staged_);
  lake_.discard(told_);
  if (!vector_file_.empty()) (void)lake_.store().remove(vector_file_);
}

// From here on the table has the columns of the rows.
Done RowChange::evolve() {
  TRY(const auto rows, without_place(session_.describe(rows_select(statement_))));
  TRY(const delta::SnapshotPtr after, evolved(base_, statement_, rows, lake_.context().random));
  if (!(after->protocol() == base_->protocol())) actions_.emplace_back(after->protocol());
  evolves_ = after != base_;
  base_ = after;
  return done();
}

Done RowChange::begin(ChangeSession& changes) {
  base_ = options_.base;
  if (base_ == nullptr) {
    TRY(base_, lake_.snapshot(name_));
  }
  if (statement_.evolve) {
    TRY_DONE(evolve());
  }
  TRY_DONE(changes.bind(base_, name_.folder()));
  TRY(rules_, row_rules(base_->metadata(), base_->schema()));
  return done();
}

Result<ChangeReport> RowChange::run(const ChangeSelect& select) {
  TRY(name_, TableName::parse(statement_.schema + "." + statement_.table));
  ChangeSession changes(session_, name_);
  TRY_DONE(begin(changes));
  return change(changes, select);
}

Result<ChangeReport> RowChange::run() {
  const std::string schema =
      statement_.schema.empty() ? TableName::kDefaultSchema : statement_.schema;
  TRY(name_, TableName::parse(schema + "." + statement_.table));
  ChangeSession changes(session_, name_);
  TRY_DONE(begin(changes));
  TRY_DONE(number_rows(changes));
  if (!statement_.replace.empty()) {
    rules_.checks.push_back({fmt::format("coalesce({}, false)", statement_.replace),
                             "the condition of REPLACE WHERE: " + statement_.replace,
                             {}});
  }
  const auto key = narrowing_key(statement_, *base_, session_, lake_.context().large_table_rows);
  const ChangeTarget target{name_, base_->schema(), rules_, key};
  TRY(const auto columns, without_place(source_columns()));
  TRY(ChangeSelect select, change_select(statement_, target, columns));
  if (!statement_.replace.empty()) {
    TRY(select, replacing(select));
  } else if (statement_.kind == Statement::Kind::kInsert) {
    return insert(changes, select);
  }
  return change(changes, select);
}

Result<ChangeReport> RowChange::insert(ChangeSession& changes, const ChangeSelect& select) {
  TRY_DONE(without_place(stage(select.sql)));
  report_.rows_inserted = staged_.rows();
  for (std::size_t i = 0; statement_.overwrite && i < base_->files().size(); ++i) {
    actions_.emplace_back(remove_file(file(i), now()));
    ++report_.files_removed;
  }
  TRY_DONE(keep_numbers(changes));
  return commit();
}

// The rows that come and those that go in their place, as two clauses of one change.
Result<ChangeSelect> RowChange::replacing(const ChangeSelect& insert) const {
  Statement gone;
  gone.kind = Statement::Kind::kDelete;
  gone.schema = statement_.schema;
  gone.table = statement_.table;
  gone.condition = statement_.replace;
  TRY(const ChangeSelect select, change_select(gone, {name_, base_->schema(), rules_}, {}));
  ChangeSelect out;
  out.clauses = {Effect::kInsert, Effect::kDelete};
  out.sql = fmt::format(
      "SELECT 0 AS {0}, CAST(NULL AS BIGINT) AS {1}, CAST(NULL AS BIGINT) AS {2}, false AS {3}, * "
      "FROM ({4}) UNION ALL BY NAME SELECT 1 AS {0}, {1}, {2}, {3} FROM ({5})",
      ChangeSelect::kClause, ChangeSelect::kFile, ChangeSelect::kRow, ChangeSelect::kSame,
      insert.sql, select.sql);
  return out;
}

Result<ChangeReport> RowChange::change(ChangeSession& changes, const ChangeSelect& select) {
  TRY_DONE(without_place(changes.make(select.sql)));
  TRY_DONE(collect(select));
  TRY_DONE(not_cancelled());
  if (repeats_) return repeated();
  if (!broken_.empty()) return broken(select);
  if (report_.rows_inserted + report_.rows_updated > 0) {
    std::string names;
    for (const delta::Field& field : base_->schema().fields) {
      names += (names.empty() ? "" : ", ") + sql_identifier(field.name);
    }
    names += kept_by_changes(*base_, name_, fmt::format("changes.{}", ChangeSelect::kFile),
                             fmt::format("changes.{}", ChangeSelect::kRow), numbers_of(gone_));
    TRY_DONE(stage(fmt::format("SELECT {} FROM {} AS changes WHERE {} IN ({}) AND NOT {}", names,
                               kChanges, ChangeSelect::kClause, in_clauses(select),
                               ChangeSelect::kSame)));
  }
  TRY_DONE(take_rows_away());
  TRY_DONE(tell_changes(select));
  TRY_DONE(keep_numbers(changes));
  return commit();
}

}  // namespace

Result<ChangeReport> change_rows(Lake& lake, engine::Session& session, const Statement& statement,
                                 const ChangeOptions& options) {
  return RowChange(lake, session, statement, options).go();
}

Result<ChangeReport> exchange_rows(Lake& lake, engine::Session& session, const TableName& table,
                                   const ChangeSelect& select, const ChangeOptions& options) {
  Statement statement;
  statement.kind = Statement::Kind::kMerge;
  statement.schema = table.schema;
  statement.table = table.table;
  return RowChange(lake, session, statement, options).go(select);
}

}  // namespace claimlake::lake
