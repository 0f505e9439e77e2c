// A raw file is known by its bytes, and a row of Bronze by the name of its file and the batch that
// it came with. The log leads from one to the other: the position of the bytes stands in the commit
// of their batch.
#include "refresh/prove_raw.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"
#include "bronze/raw_batch.h"
#include "quality/quarantine.h"
#include "refresh/bound_tables.h"
#include "refresh/bronze_source.h"
#include "refresh/publish.h"

namespace claimlake::refresh {
namespace {

constexpr const char* kTaken = "temp.claimlake_prove_files";
constexpr const char* kBroken = "claimlake_prove_broken";
// All files that are read together are open at once, and a process may open about a thousand.
constexpr std::size_t kFilesPerGroup = 256;

// A raw file whose bytes the table took in, and with which batch.
struct Taken {
  bronze::RawFile file;
  std::string batch;
};

class RawProver {
 public:
  RawProver(const ProveContext& context, const ProveOptions& options, const pack::Source& source,
            const delta::SnapshotPtr& table, TableProof& proof)
      : context_(context),
        session_(context.session),
        options_(options),
        source_(bronze_source(context.pack, source)),
        model_(*context.pack.model(source.table)),
        table_(table),
        proof_(proof) {}
  RawProver(const RawProver&) = delete;
  RawProver& operator=(const RawProver&) = delete;
  ~RawProver() {
    (void)session_.execute(fmt::format("DROP TABLE IF EXISTS {}", kTaken));
    (void)session_.drop_source("raw." + source_.name);
    (void)session_.drop_source(kBroken);
  }

  Done run() {
    CHECK(options_.raw_store != nullptr, "whoever asks for raw files says where they are");
    for (const char* needed : {"_source_file", "_batch_id"}) {
      if (model_.column(needed) != nullptr) continue;
      return Error{
          Fault::kInvalidInput,
          fmt::format("its model has no column {}, so its rows lead to no raw file", needed), "",
          "prove it without --from raw"};
    }
    BoundTables bound(session_);
    TRY_DONE(bound.bind(model_.name, {table_, source_.table.folder()}));
    TRY_DONE(read_batches());
    TRY(auto files, taken_files());
    for (std::size_t first = 0; first < files.size(); first += kFilesPerGroup) {
      const auto last =
          files.begin() + static_cast<long>(std::min(files.size(), first + kFilesPerGroup));
      TRY_DONE(compare({files.begin() + static_cast<long>(first), last}));
    }
    return judge();
  }

 private:
  Result<engine::TextTable> ask(const std::string& query, std::size_t rows_max = 10'000) {
    TRY(const auto rows, session_.query(query));
    return engine::read_all(*rows, rows_max);
  }

  // Which files have rows of which batches, and which version each batch is.
  Done read_batches() {
    TRY(const auto found,
        ask(fmt::format("SELECT _source_file, _batch_id, count(*) FROM {} GROUP BY ALL",
                        model_.name),
            10'000'000));
    for (const auto& row : found.rows) {
      const std::int64_t rows = whole_number(row.at(2).value_or("")).value_or(0);
      batches_[row.at(0).value_or("")].insert(row.at(1).value_or(""));
      stored_rows_ += rows;
    }
    constexpr std::size_t kHistoryMax = 100'000;
    TRY(const auto history, context_.lake.history(source_.table, kHistoryMax));
    for (const auto& entry : history) {
      const auto said = entry.info.parameters.find("batchId");
      if (said == entry.info.parameters.end()) continue;
      const auto text = nlohmann::json::parse(said->second, nullptr, false);
      if (text.is_string()) batch_of_[entry.version] = text.get<std::string>();
    }
    return done();
  }

  // The version that took in the bytes; absent where the log does not reach back to it.
  std::optional<delta::LogVersion> taken_by(const std::string& app_id) {
    delta::LogVersion without = -1;
    delta::LogVersion with = table_->version();
    while (with - without > 1) {
      const delta::LogVersion middle = without + (with - without) / 2;
      delta::SnapshotPtr& snapshot = versions_[middle];
      if (snapshot == nullptr) {
        const auto found =
            context_.lake.table(source_.table.schema, source_.table.table, {.version = middle});
        if (!found) {
          without = middle;  // older than all that can be read
          oldest_unread_ = std::max(oldest_unread_, middle);
          continue;
        }
        snapshot = found->snapshot;
      }
      (snapshot->txn(app_id) ? with : without) = middle;
    }
    if (without >= 0 && without == oldest_unread_) return std::nullopt;
    return with;
  }

  // The raw files that the table took in, each with its batch. Of several files with the same bytes
  // one was taken in: the one whose name rows have.
  Result<std::vector<Taken>> taken_files() {
    TRY(auto files,
        bronze::find_raw_files(*options_.raw_store, options_.raw_folder, source_.patterns));
    std::map<std::string, Taken> by_bytes;
    for (bronze::RawFile& file : files) {
      if (context_.cancel.cancelled()) return Error{Fault::kCancelled, "Stopped"};
      auto hash = bronze::content_hash(*options_.raw_store, file, context_.cancel);
      if (!hash && hash.error().fault == Fault::kCancelled) return std::move(hash).error();
      if (!hash) continue;  // it is being written, so it is none that was taken in
      file.sha256 = *std::move(hash);
      const std::string app_id = bronze::file_app_id(file.sha256);
      if (!table_->txn(app_id)) continue;
      const auto of_name = batches_.find(file.name);
      const auto version = taken_by(app_id);
      std::string batch;
      if (version && batch_of_.contains(*version)) {
        batch = batch_of_.at(*version);
      } else if (of_name != batches_.end() && of_name->second.size() == 1) {
        batch = *of_name->second.begin();
      }
      const bool named = of_name != batches_.end() && of_name->second.contains(batch);
      const std::string bytes = file.sha256;
      const auto known = by_bytes.find(bytes);
      if (known == by_bytes.end() || named) by_bytes[bytes] = {std::move(file), batch};
    }
    std::vector<Taken> out;
    for (auto& [bytes, taken] : by_bytes) out.push_back(std::move(taken));
    return out;
  }

  RowDiffInput selects() const {
    RowDiffInput out;
    std::string items;
    for (const pack::ColumnDoc& column : model_.columns) {
      // When a row was taken in is no part of what its file says.
      if (column.name == "_batch_id" || column.name == "_ingestion_timestamp") continue;
      items += (items.empty() ? "" : ", ") + sql_identifier(column.name);
      const bool place = column.name == "_source_file" || column.name == "_source_position";
      (place ? out.key : out.columns).push_back(column.name);
    }
    if (out.key.size() < 2) {
      out.columns.insert(out.columns.end(), out.key.begin(), out.key.end());
      out.key.clear();
    }
    out.left = fmt::format(
        "SELECT {} FROM {} AS _stored SEMI JOIN {} AS _taken ON _stored._source_file = "
        "_taken.file AND _stored._batch_id = _taken.batch",
        items, model_.name, kTaken);
    out.right = fmt::format("SELECT {} FROM (\n{}\n) AS _read", items, source_.select);
    return out;
  }

  Done compare(std::vector<Taken> group) {
    TRY(bronze::RawSchema schema, bronze::raw_schema(source_));
    const auto rows =
        std::make_shared<bronze::RawBatch>(std::move(schema), bronze::Arrival{}, context_.cancel);
    std::string taken;
    for (const Taken& each : group) {
      TRY_DONE(rows->add(*options_.raw_store, each.file));
      taken += fmt::format("{}({}, {})", taken.empty() ? "" : ", ", sql_string(each.file.name),
                           sql_string(each.batch));
    }
    TRY_DONE(session_.execute(fmt::format(
        "CREATE OR REPLACE TEMP TABLE {} AS SELECT * FROM (VALUES {}) AS t(file, batch)", kTaken,
        taken)));
    TRY_DONE(session_.bind_source("raw." + source_.name, rows));
    RowDiffInput input = selects();
    input.rows_max = std::max<std::size_t>(1, options_.rows_max - proof_.first_rows.size());
    auto found = diff_rows(session_, input);
    TRY_DONE(session_.drop_source("raw." + source_.name));
    if (auto refused = rows->too_broken()) return *std::move(refused);
    if (!found) return std::move(found).error();
    add_difference(proof_, *std::move(found), model_.name, input.key, options_.rows_max);
    return compare_broken(rows->take_broken());
  }

  // Records that are no rows must wait in the quarantine.
  Done compare_broken(std::vector<bronze::BrokenRecord> records) {
    if (records.empty()) return done();
    TRY_DONE(session_.bind_source(kBroken, quality::broken_records_source(std::move(records))));
    const quality::RejectContext context{"", context_.clock.now()};
    TRY(const auto missing,
        ask(fmt::format("SELECT quarantine_id, payload FROM ({})",
                        quality::broken_records_select(model_.name, kBroken,
                                                       quality::kQuarantineTable, context))));
    TRY_DONE(session_.drop_source(kBroken));
    proof_.only_recomputed += static_cast<std::int64_t>(missing.rows.size());
    for (const auto& row : missing.rows) {
      if (proof_.first_rows.size() >= options_.rows_max) break;
      DifferentRow different{DifferentRow::On::kRight, {row.at(0)}, {}};
      different.cells.push_back({"payload", std::nullopt, row.at(1)});
      proof_.first_rows.push_back({std::string(quality::kQuarantineTable),
                                   std::move(different),
                                   {"quarantine_id"},
                                   std::nullopt});
    }
    return done();
  }

  Done judge() {
    if (proof_.only_stored + proof_.only_recomputed + proof_.differing > 0) {
      proof_.outcome = ProofOutcome::kDiffers;
      return done();
    }
    if (const std::int64_t left = stored_rows_ - proof_.rows; left > 0) {
      return Error{
          Fault::kNotFound,
          fmt::format("{} of its {} rows are from files that are not in the raw folder, or have "
                      "other bytes now; the others are equal",
                      left, stored_rows_),
          "", "put the files back, or prove it without --from raw"};
    }
    proof_.outcome = ProofOutcome::kEqual;
    return done();
  }

  const ProveContext& context_;
  engine::Session& session_;
  const ProveOptions& options_;
  const bronze::BronzeSource source_;
  const pack::Model& model_;
  const delta::SnapshotPtr table_;
  TableProof& proof_;
  std::map<std::string, std::set<std::string>> batches_;  // by the name of a file
  std::map<delta::LogVersion, std::string> batch_of_;
  std::map<delta::LogVersion, delta::SnapshotPtr> versions_;
  delta::LogVersion oldest_unread_ = -1;
  std::int64_t stored_rows_ = 0;
};

}  // namespace

Done prove_raw(const ProveContext& context, const ProveOptions& options, const pack::Source& source,
               const delta::SnapshotPtr& table, TableProof& proof) {
  return RawProver(context, options, source, table, proof).run();
}

}  // namespace claimlake::refresh
