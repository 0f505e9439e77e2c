#include "refresh/prove.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <set>

#include "base/text.h"
#include "quality/quarantine.h"
#include "refresh/bound_tables.h"
#include "refresh/proof_basis.h"
#include "refresh/prove_raw.h"
#include "refresh/prove_select.h"

namespace claimlake::refresh {
namespace {

constexpr const char* kKeys = "temp.claimlake_prove_keys";

// A version of a table that is to be proved; the newest where none is said.
struct Claimed {
  const pack::Model* model;
  std::optional<delta::LogVersion> version;
};

bool is_bronze(const pack::Model& model) { return model.header.kind == pack::Kind::kAppend; }

bool is_computed(const pack::Model& model) { return model.is_table() && !is_bronze(model); }

bool is_provable(const pack::Model& model, const ProveOptions& options) {
  return is_computed(model) || (is_bronze(model) && options.from == ProofFrom::kRaw);
}

Result<std::deque<Claimed>> asked_tables(const pack::Pack& pack, const ProveOptions& options) {
  const std::vector<std::string>& names = options.tables;
  std::deque<Claimed> out;
  for (const pack::Model& model : pack.models) {
    const bool asked = names.empty() || std::any_of(names.begin(), names.end(), [&](const auto& n) {
                         return to_lower(n) == model.name;
                       });
    if (asked && is_provable(model, options)) out.push_back({&model, std::nullopt});
  }
  for (const std::string& name : names) {
    const pack::Model* model = pack.model(to_lower(name));
    if (model == nullptr) {
      const std::string near = nearest(to_lower(name), pack.model_names());
      return Error{Fault::kNotFound, fmt::format("The pack has no model {}", name), "",
                   near.empty() ? "claimlake model list" : "did you mean " + near + "?"};
    }
    if (is_provable(*model, options)) continue;
    return Error{Fault::kInvalidInput,
                 fmt::format("{} is no table that is computed from other tables: its kind is {}",
                             model->name, pack::kind_name(model->header.kind)),
                 "",
                 is_bronze(*model) ? "claimlake prove " + model->name + " --from raw"
                                   : std::string("name tables of Silver and Gold")};
  }
  return out;
}

std::vector<std::string> column_names(const delta::Snapshot& table) {
  std::vector<std::string> names;
  for (const delta::Field& field : table.schema().fields) names.push_back(field.name);
  return names;
}

// Proves one version of one table.
class TableProver {
 public:
  TableProver(const ProveContext& context, const ProveOptions& options, const Claimed& claimed,
              TableProof& proof)
      : context_(context),
        session_(context.session),
        options_(options),
        claimed_(claimed),
        model_(*claimed.model),
        proof_(proof) {}
  TableProver(const TableProver&) = delete;
  TableProver& operator=(const TableProver&) = delete;
  ~TableProver() {
    if (keys_made_) (void)session_.execute(fmt::format("DROP TABLE IF EXISTS {}", kKeys));
  }

  // An error is why the table is not proved.
  Done run() {
    TRY_DONE(find_version());
    if (is_bronze(model_)) {
      TRY_DONE(from_raw());
    } else {
      TRY_DONE(find_basis());
      auto compared = from_inputs();
      if (!compared) return cannot_compare(std::move(compared).error());
      proof_.outcome = found_any() ? ProofOutcome::kDiffers : ProofOutcome::kEqual;
    }
    return name_writers();
  }

 private:
  Done from_inputs() {
    BoundTables bound(session_);
    TRY_DONE(bind(bound));
    return compare();
  }

  Done from_raw() {
    for (const pack::Source& source : context_.pack.sources) {
      if (source.table != model_.name) continue;
      return prove_raw(context_, options_, source, table_, proof_);
    }
    return Error{Fault::kNotFound, "No source of the pack gives it", "", "claimlake model check"};
  }

  // Files of the table or its inputs that are gone: whoever reads one version says what to do with
  // a table in general, but here it is known.
  Error cannot_compare(Error error) const {
    if (error.fault == Fault::kNotFound || error.fault == Fault::kCorrupt) {
      error.next = fmt::format(
          "claimlake run {} --force computes it anew from what its inputs are "
          "now; then prove it",
          model_.name);
    }
    return error;
  }

  Done find_version() {
    if (claimed_.version) {
      TRY(const auto found,
          context_.lake.table(model_.schema, model_.table, {.version = claimed_.version}));
      table_ = found.snapshot;
    } else {
      TRY(table_, context_.lake.snapshot_if_any(name_of(model_)));
    }
    if (table_ == nullptr) {
      return Error{Fault::kNotFound, "It has no version yet", "",
                   is_bronze(model_) ? "claimlake ingest" : "claimlake run " + model_.name};
    }
    proof_.version = table_->version();
    return done();
  }

  Done find_basis() {
    TRY(basis_, proof_basis(context_.lake, model_, *table_));
    for (const auto& [input, version] : basis_.inputs) proof_.inputs[input] = version.version;
    if (model_.header.clock_day) proof_.as_of = to_text(basis_.as_of);
    return done();
  }

  Done bind(BoundTables& bound) {
    for (const auto& [input, version] : basis_.versions) {
      TRY_DONE(bound.bind(input, version));
    }
    TRY_DONE(bound.bind(model_.name, {table_, name_of(model_).folder()}));
    if (basis_.quarantine == nullptr) return done();
    TRY(const auto name, lake::TableName::parse(quality::kQuarantineTable));
    return bound.bind(name.text(), {basis_.quarantine, name.folder()});
  }

  // The relation of the keys that are looked at; empty: all.
  Result<std::string> sampled_keys() {
    if (!options_.sample) return std::string();
    const auto select = sample_of_keys(model_, *options_.sample);
    if (!select) {
      note("all rows: its SQL does not lead to some of its keys");
      return std::string();
    }
    keys_made_ = true;
    TRY_DONE(
        session_.execute(fmt::format("CREATE OR REPLACE TEMP TABLE {} AS {}", kKeys, *select)));
    proof_.whole = false;
    return std::string(kKeys);
  }

  Done compare() {
    TRY(const std::string keys, sampled_keys());
    const std::vector<std::string> stored = column_names(*table_);
    // When the rows are computed again is not looked at.
    const ProofSelects selects(
        model_, stored,
        {quality::sql_timestamp(context_.clock.now()), basis_.as_of, {}, waivers_in(basis_.inputs)},
        keys);
    if (const std::string other = other_columns(model_, stored); !other.empty()) {
      note(other);
      columns_differ_ = true;
    }
    if (!may_refuse(model_)) return diff(selects.rows(), false).status;
    if (basis_.quarantine == nullptr) {
      TRY_DONE(diff(selects.rows(), false).status);
      if (found_any()) return done();
      return Error{
          Fault::kConflict,
          "Its rows are equal, but no version of ops.quarantine belongs to this version, so "
          "its refused rows cannot be compared",
          "", fmt::format("claimlake run {} --force; then prove it", model_.name)};
    }
    if (!model_.header.key.empty()) {
      auto both = diff(selects.rows_and_refused(), true);
      TRY_DONE(std::move(both.status));
      if (both.by_key) return done();
    }
    // Of several refused rows with one key the quarantine holds one, so these are told apart by
    // their identity only.
    TRY_DONE(diff(selects.rows(), false).status);
    return diff(selects.refused(), true, true).status;
  }

  struct Compared {
    Done status;
    bool by_key = false;
  };
  // Adds what two selects differ in to the proof. `with_refused`: the last column of the key is
  // kRefusedAs; then nothing is added where the key is not unique. `more`: beside what was found.
  Compared diff(RowDiffInput input, bool with_refused, bool more = false) {
    input.rows_max = options_.rows_max - std::min(options_.rows_max, proof_.first_rows.size());
    if (input.rows_max == 0) input.rows_max = 1;
    auto found = diff_rows(session_, input);
    if (!found) return {std::move(found).error(), false};
    if (with_refused && !more && !found->by_key) return {done(), false};
    add(*std::move(found), input, with_refused);
    return {done(), true};
  }

  void add(RowDiff found, const RowDiffInput& input, bool with_refused) {
    const std::size_t before = proof_.first_rows.size();
    add_difference(proof_, std::move(found), model_.name, input.key, options_.rows_max);
    if (!with_refused) return;
    for (std::size_t i = before; i < proof_.first_rows.size(); ++i) {
      ProvedRow& row = proof_.first_rows[i];
      const std::optional<std::string> refused = row.row.key.back();
      row.row.key.pop_back();
      row.key_columns.pop_back();
      if (!refused) continue;
      row.place = quality::kQuarantineTable;
      row.key_columns.insert(row.key_columns.begin(), "quarantine_id");
      row.row.key.insert(row.row.key.begin(), refused);
    }
  }

  bool found_any() const {
    return columns_differ_ || proof_.only_stored + proof_.only_recomputed + proof_.differing > 0;
  }

  // Which commits the rows are from. It is told as far as it can be: a log that is not there any
  // more makes the proof no other one.
  Done name_writers() {
    if (proof_.first_rows.empty()) return done();
    RowWriters table(context_.lake, session_, name_of(model_), table_);
    std::optional<RowWriters> quarantine;
    if (basis_.quarantine != nullptr) {
      TRY(const auto name, lake::TableName::parse(quality::kQuarantineTable));
      quarantine.emplace(context_.lake, session_, name, basis_.quarantine);
    }
    for (ProvedRow& row : proof_.first_rows) {
      if (context_.cancel.cancelled()) return Error{Fault::kCancelled, "Stopped"};
      const bool refused = row.place == quality::kQuarantineTable;
      if (refused && !quarantine) continue;
      RowWriters& writers = refused ? *quarantine : table;
      auto from = row.row.on == DifferentRow::On::kRight ? writers.who_removed(values_of(row))
                                                         : writers.of(values_of(row));
      if (!from && from.error().fault == Fault::kCancelled) return std::move(from).error();
      if (from) row.from = *std::move(from);
    }
    return done();
  }

  // What the row is looked for by.
  static RowValues values_of(const ProvedRow& row) {
    RowValues values;
    if (row.place == quality::kQuarantineTable) {
      values.emplace_back("quarantine_id", row.row.key.front());
      return values;
    }
    for (std::size_t i = 0; i < row.row.key.size(); ++i) {
      values.emplace_back(row.key_columns[i], row.row.key[i]);
    }
    if (!values.empty()) return values;
    for (const DifferentCell& cell : row.row.cells) {
      values.emplace_back(cell.column,
                          row.row.on == DifferentRow::On::kRight ? cell.right : cell.left);
    }
    return values;
  }

  void note(const std::string& text) {
    proof_.message += (proof_.message.empty() ? "" : "; ") + text;
  }

  const ProveContext& context_;
  engine::Session& session_;
  const ProveOptions& options_;
  const Claimed& claimed_;
  const pack::Model& model_;
  TableProof& proof_;
  delta::SnapshotPtr table_;
  ProofBasis basis_;
  bool keys_made_ = false;
  bool columns_differ_ = false;
};

Result<TableProof> prove_table(const ProveContext& context, const ProveOptions& options,
                               const Claimed& claimed) {
  TableProof proof;
  proof.table = claimed.model->name;
  const auto start = context.clock.steady_now();
  ProgressStep step(context.progress, proof.table, 0, [&] { return context.session.progress(); });
  auto finished = TableProver(context, options, claimed, proof).run();
  proof.seconds = seconds_since(context.clock, start);
  step.rows(proof.rows);
  if (finished) return proof;
  Error error = std::move(finished).error();
  if (error.fault == Fault::kCancelled || context.cancel.cancelled()) return error;
  proof.outcome = ProofOutcome::kUnproved;
  proof.message = error.message + (error.where.empty() ? "" : " (" + error.where + ")");
  proof.next = error.next.empty() ? fmt::format(
                                        "claimlake run {} --force computes it anew from "
                                        "what its inputs are now; then prove it",
                                        proof.table)
                                  : error.next;
  return proof;
}

}  // namespace

const char* proof_name(ProofOutcome outcome) {
  switch (outcome) {
    case ProofOutcome::kEqual:
      return "equal";
    case ProofOutcome::kDiffers:
      return "differs";
    case ProofOutcome::kUnproved:
      return "unproved";
  }
  return "";
}

void add_difference(TableProof& proof, RowDiff found, const std::string& place,
                    const std::vector<std::string>& key_columns, std::size_t rows_max) {
  proof.rows += found.left_rows;
  proof.recomputed += found.right_rows;
  proof.only_stored += found.only_left;
  proof.only_recomputed += found.only_right;
  proof.differing += found.differing;
  for (const auto& [column, rows] : found.by_column) proof.by_column[column] += rows;
  for (DifferentRow& row : found.rows) {
    if (proof.first_rows.size() >= rows_max) break;
    proof.first_rows.push_back({place, std::move(row), key_columns, std::nullopt});
  }
}

bool ProofReport::ok() const {
  return std::all_of(tables.begin(), tables.end(),
                     [](const TableProof& table) { return table.outcome == ProofOutcome::kEqual; });
}

Result<ProofReport> prove(const ProveContext& context, const ProveOptions& options) {
  TRY(auto open, asked_tables(context.pack, options));
  const auto start = context.clock.steady_now();
  ProofReport report;
  std::set<std::pair<std::string, delta::LogVersion>> seen;
  while (!open.empty()) {
    const Claimed claimed = open.front();
    open.pop_front();
    if (claimed.version && seen.contains({claimed.model->name, *claimed.version})) continue;
    if (context.cancel.cancelled()) return Error{Fault::kCancelled, "Stopped"};
    TRY(TableProof proof, prove_table(context, options, claimed));
    if (proof.version) seen.insert({proof.table, *proof.version});
    for (const auto& [input, version] : proof.inputs) {
      const pack::Model* model = context.pack.model(input);
      if (options.from == ProofFrom::kInputs || model == nullptr) continue;
      if (is_provable(*model, options)) open.push_back({model, version});
    }
    report.tables.push_back(std::move(proof));
  }
  report.seconds = seconds_since(context.clock, start);
  return report;
}

}  // namespace claimlake::refresh
