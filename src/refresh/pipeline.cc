#include "refresh/pipeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "bronze/ingest.h"
#include "quality/ops_tables.h"
#include "refresh/ops.h"
#include "refresh/table_refresh.h"

namespace claimlake::refresh {
namespace {

lake::TableName name_of(const pack::Model& model) { return {model.schema, model.table}; }

std::vector<engine::ColumnInfo> columns_of(const std::vector<pack::ColumnDoc>& docs) {
  std::vector<engine::ColumnInfo> columns;
  for (const pack::ColumnDoc& doc : docs) columns.push_back({doc.name, doc.type});
  return columns;
}

// The Bronze model that takes the rows of `source`; load_pack has made sure that it is there.
bronze::BronzeSource bronze_source(const pack::Pack& pack, const pack::Source& source) {
  const pack::Model* model = pack.model(source.table);
  CHECK(model != nullptr, source.table);
  bronze::BronzeSource made;
  made.name = source.name;
  made.table = name_of(*model);
  made.patterns = source.files;
  made.required = source.required;
  made.columns = columns_of(source.columns);
  made.select = model->sql;
  for (const pack::ColumnDoc& column : source.columns) made.column_docs[column.name] = column.doc;
  return made;
}

void show_views(lake::Lake& lake, const pack::Pack& pack) {
  for (const pack::Model& model : pack.models) {
    if (model.header.kind == pack::Kind::kView) {
      lake.define_view(name_of(model), {model.sql, model.header.description});
    } else if (model.header.kind == pack::Kind::kFunction) {
      std::vector<std::string> parameters;
      for (const auto& [name, type] : model.header.parameters) parameters.push_back(name);
      lake.define_function(name_of(model), {parameters, model.sql});
    }
    const std::string versions = quality::versions_select(model);
    if (!versions.empty()) {
      lake.define_view({"ops", quality::versions_view_name(model)},
                       {versions, "All versions of rows of " + model.name +
                                      " whose key arrived more than once; 1 is the newest"});
    }
  }
}

// The models to refresh: those that are asked for and all tables that they read, or all.
Result<std::set<std::string>> wanted_models(const pack::Pack& pack,
                                            const std::vector<std::string>& tables) {
  std::set<std::string> wanted;
  std::vector<std::string> open = tables;
  while (!open.empty()) {
    const std::string name = std::move(open.back());
    open.pop_back();
    const pack::Model* model = pack.model(name);
    if (model == nullptr) {
      const std::string near = nearest(name, pack.model_names());
      return Error{Fault::kNotFound, fmt::format("The pack has no model {}", name), "",
                   near.empty() ? "claimlake model list" : "did you mean " + near + "?"};
    }
    if (!wanted.insert(name).second) continue;
    open.insert(open.end(), model->inputs.begin(), model->inputs.end());
    open.insert(open.end(), model->rule_inputs.begin(), model->rule_inputs.end());
    std::erase_if(open, [](const std::string& input) { return input.starts_with("raw."); });
  }
  return wanted;
}

TableReport ingest_table_report(const bronze::BronzeSource& source,
                                const Result<bronze::IngestReport>& taken) {
  TableReport report;
  report.table = source.table.text();
  if (!taken) {
    report.outcome = TableOutcome::kFailed;
    report.message = taken.error().text();
    return report;
  }
  report.version = taken->version->version();
  report.outcome = taken->files_new > 0 ? TableOutcome::kBuilt : TableOutcome::kSkipped;
  report.rows = taken->rows;
  report.refused_rows = taken->broken;
  for (const Error& error : taken->unreadable) {
    report.outcome = TableOutcome::kFailed;
    report.message += (report.message.empty() ? "" : "\n") + error.text();
  }
  return report;
}

}  // namespace

Pipeline::Pipeline(PipelineContext context, Progress& progress, Cancel cancel)
    : context_(context), progress_(progress), cancel_(std::move(cancel)) {}

Done Pipeline::prepare() {
  show_views(context_.lake, context_.pack);
  TRY_DONE(Ops(context_.lake, context_.clock).prepare());
  for (const pack::Model& model : context_.pack.models) {
    if (model.header.kind != pack::Kind::kAppend) continue;
    TRY(const auto present, context_.lake.snapshot_if_any(name_of(model)));
    if (present != nullptr) continue;
    TRY(const auto schema, engine::delta_schema(columns_of(model.columns)));
    auto created = context_.lake.create(name_of(model), schema, model.header.partition, {}, "");
    if (!created && created.error().fault != Fault::kConflict) return std::move(created).error();
  }
  return done();
}

Result<std::unique_ptr<engine::Session>> Pipeline::open_session() {
  return context_.engine.session({.access = engine::Access::kInternal});
}

void Pipeline::interrupt() {
  running_.with([](engine::Session* session) {
    if (session != nullptr) session->interrupt();
  });
}

Result<RunReport> Pipeline::ingest(const IngestOptions& options) {
  RunReport report;
  report.run = uuid4(context_.random);
  report.started_at = context_.clock.now();
  const auto start = context_.clock.steady_now();
  Ops ops(context_.lake, context_.clock);
  TRY(const auto session, open_session());
  bronze::IngestContext ingest{context_.lake, context_.engine, context_.clock, context_.random,
                               progress_,     cancel_,         report.run,     nullptr};
  ingest.keep_broken = [&](const lake::TableName& table,
                           const std::vector<bronze::BrokenRecord>& records) {
    return ops.keep_broken(*session, table, records, report.run);
  };
  std::size_t matched = 0;
  for (const pack::Source& declared : context_.pack.sources) {
    const bronze::BronzeSource source = bronze_source(context_.pack, declared);
    TRY(auto files,
        bronze::find_raw_files(*options.raw_store, options.raw_folder, source.patterns));
    if (!options.only.empty()) {
      std::erase_if(files, [&](const auto& file) { return file.name != options.only; });
    }
    matched += files.size();
    if (files.empty()) continue;
    const auto table_start = context_.clock.steady_now();
    auto taken = bronze::ingest(ingest, source, *options.raw_store, std::move(files));
    if (!taken && taken.error().fault == Fault::kCancelled) return std::move(taken).error();
    TableReport table = ingest_table_report(source, taken);
    table.seconds =
        std::chrono::duration<double>(context_.clock.steady_now() - table_start).count();
    report.tables.push_back(std::move(table));
  }
  if (matched == 0) return no_raw_files(options);
  TRY_DONE(ops.record(*session, report, "ingest"));
  report.seconds = std::chrono::duration<double>(context_.clock.steady_now() - start).count();
  return report;
}

Error Pipeline::no_raw_files(const IngestOptions& options) const {
  std::string patterns;
  for (const pack::Source& source : context_.pack.sources) {
    for (const std::string& pattern : source.files) {
      patterns += (patterns.empty() ? "" : ", ") + pattern;
    }
  }
  return {Fault::kNotFound,
          fmt::format("No raw file fits the sources of pack {}; they take {}", context_.pack.name,
                      patterns),
          options.raw_store->root() + (options.raw_folder.empty() ? "" : "/" + options.raw_folder) +
              (options.only.empty() ? "" : "/" + options.only),
          "name another folder, or make files with claimlake generate"};
}

Result<RunReport> Pipeline::run(const RunOptions& options) {
  RunReport report;
  report.run = uuid4(context_.random);
  report.started_at = context_.clock.now();
  const auto start = context_.clock.steady_now();
  TRY(const auto wanted, wanted_models(context_.pack, options.tables));
  Ops ops(context_.lake, context_.clock);
  TRY(const auto session, open_session());
  const TableRefreshContext table_context{context_.lake,  *session,      ops,
                                          context_.clock, progress_,     cancel_,
                                          report.run,     options.as_of, options.force};
  running_.with([&](engine::Session*& running) { running = session.get(); });
  auto finished = [&]() -> Done {
    for (const pack::Model& model : context_.pack.models) {
      if (!model.is_table() || model.header.kind == pack::Kind::kAppend) continue;
      if (!wanted.empty() && !wanted.contains(model.name)) continue;
      if (cancel_.cancelled()) return Error{Fault::kCancelled, "Stopped"};
      TRY(auto table, refresh_table(table_context, model));
      report.tables.push_back(std::move(table));
    }
    return done();
  }();
  running_.with([](engine::Session*& running) { running = nullptr; });
  if (!finished) return std::move(finished).error();
  report.seconds = std::chrono::duration<double>(context_.clock.steady_now() - start).count();
  const bool any_change =
      std::any_of(report.tables.begin(), report.tables.end(),
                  [](const auto& t) { return t.outcome != TableOutcome::kSkipped; });
  if (any_change) {
    TRY_DONE(ops.record(*session, report, "run"));
  }
  return report;
}

}  // namespace claimlake::refresh
