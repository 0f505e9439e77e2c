#include "refresh/pipeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include "base/log.h"
#include "base/text.h"
#include "bronze/ingest.h"
#include "engine/read_through.h"
#include "lake/define.h"
#include "quality/ops_tables.h"
#include "refresh/bronze_source.h"
#include "refresh/definitions.h"
#include "refresh/index_upkeep.h"
#include "refresh/lanes.h"
#include "refresh/ops.h"
#include "refresh/publish.h"
#include "refresh/stale.h"
#include "refresh/table_refresh.h"
#include "refresh/table_set.h"

namespace claimlake::refresh {
namespace {

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
  for (const bronze::LeftOut& left_out : taken->left_out) {
    report.outcome = TableOutcome::kFailed;
    report.message += (report.message.empty() ? "" : "\n") + left_out.why.text();
    report.left_out.push_back({left_out.file, left_out.why.fault, left_out.why.text()});
  }
  return report;
}

// The files of `source`: those of the options, or all that are there.
Result<std::vector<bronze::RawFile>> raw_files(const IngestOptions& options,
                                               const bronze::BronzeSource& source) {
  if (options.files == nullptr) {
    return bronze::find_raw_files(*options.raw_store, options.raw_folder, source.patterns);
  }
  std::vector<bronze::RawFile> files;
  for (const bronze::RawFile& file : *options.files) {
    const bool wanted = std::any_of(
        source.patterns.begin(), source.patterns.end(),
        [&](const auto& pattern) { return bronze::matches_pattern(pattern, file.name); });
    if (wanted) files.push_back(file);
  }
  return files;
}

}  // namespace

void show_views(lake::Lake& lake, const pack::Pack& pack) {
  for (const pack::Model& model : pack.models) {
    if (model.header.kind == pack::Kind::kView) {
      lake.define_view(name_of(model), {model.sql, model.header.description});
    } else if (model.header.kind == pack::Kind::kFunction) {
      std::vector<std::string> parameters;
      for (const auto& [name, type] : model.header.parameters) parameters.push_back(name);
      lake.define_function(name_of(model), {parameters, model.sql});
    } else {
      lake.define_built(name_of(model), fmt::format("the model {} of the pack", model.name));
    }
    const std::string versions = quality::versions_select(model);
    if (!versions.empty()) {
      lake.define_view({"ops", quality::versions_view_name(model)},
                       {versions, "All versions of rows of " + model.name +
                                      " whose key arrived more than once; 1 is the newest"});
    }
  }
}

Pipeline::Pipeline(PipelineContext context, Progress& progress, Cancel cancel)
    : context_(context), progress_(progress), cancel_(std::move(cancel)) {}
Pipeline::~Pipeline() = default;

Done Pipeline::prepare() {
  show_views(context_.lake, context_.pack);
  TRY_DONE(Ops(context_.lake, context_.clock).prepare());
  for (const pack::Model& model : context_.pack.models) {
    if (model.header.kind != pack::Kind::kAppend) continue;
    TRY_DONE(prepare_bronze(model));
  }
  return done();
}

// What reads a Bronze table counts on the columns of its model, also on those that it had not yet
// when the last file arrived.
Done Pipeline::prepare_bronze(const pack::Model& model) {
  constexpr int kAttemptsMax = 3;  // while other processes do the same
  const lake::TableName name = name_of(model);
  for (int attempt = 1;; ++attempt) {
    const auto present = context_.lake.snapshot_if_any(name);
    // A table that cannot be read is not made anew; who needs it says why, and the others go on.
    if (!present) return done();
    TRY(const auto schema, engine::delta_schema(columns_of(model.columns)));
    if (*present == nullptr) {
      auto created = context_.lake.create(
          name, schema, model.header.partition,
          {{lake::kRowGroupRowsProperty, std::to_string(lake::kLookUpRowGroupRows)}}, "");
      if (created || created.error().fault == Fault::kConflict) return done();
      return std::move(created).error();
    }
    lake::AddColumns add{name, {}, {}, {}};
    for (const delta::Field& field : schema.fields) {
      if ((*present)->schema().find(field.name) == nullptr) add.fields.push_back(field);
    }
    if (add.fields.empty()) return done();
    add.parents.resize(add.fields.size());
    add.places.resize(add.fields.size());
    TRY(const auto session, open_session());
    auto added = lake::define(context_.lake, *session, add, "");
    if (added) return done();
    if (attempt == kAttemptsMax) return std::move(added).error();
  }
}

Result<std::unique_ptr<engine::Session>> Pipeline::open_session() {
  return context_.engine.session({.access = engine::Access::kInternal});
}

Result<engine::Session*> Pipeline::session_of(const pack::Model& model) {
  return sessions_.with([&](auto& sessions) -> Result<engine::Session*> {
    auto& session = sessions[model.name];
    if (!session) {
      TRY(session, open_session());
      if (set_ != nullptr) engine::read_through(*session, set_->lake());
    }
    return session.get();
  });
}

// Makes a session known to interrupt() while it lives.
class Pipeline::Running {
 public:
  Running(Guarded<std::set<engine::Session*>>& all, engine::Session& session)
      : all_(all), session_(session) {
    all_.with([this](auto& sessions) { sessions.insert(&session_); });
  }
  ~Running() {
    all_.with([this](auto& sessions) { sessions.erase(&session_); });
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  Guarded<std::set<engine::Session*>>& all_;
  engine::Session& session_;
};

std::function<void()> Pipeline::begins(const RunReport& report, const char* kind,
                                       std::string table) const {
  if (!context_.begins) return {};
  return [this, &report, kind, table = std::move(table), told = false]() mutable {
    if (std::exchange(told, true)) return;
    context_.begins({report.run, kind, report.started_at, table, context_.clock.now()});
  };
}

Error Pipeline::broken_off(const RunReport& report, const char* kind, Error error) const {
  if (context_.broke_off) context_.broke_off(report, kind, error);
  return error;
}

Result<std::vector<Upkeep>> Pipeline::keep_up(const std::function<bool()>& hurry) {
  TRY(const auto session, open_session());
  const Running running(running_, *session);
  TRY(auto done_for, refresh::keep_up(context_.lake, *session, context_.clock,
                                      uuid4(context_.random), cancel_, hurry));
  if (context_.by_key_share > 0 && hurry && hurry()) {
    drop_gone_indexes(context_.lake, context_.engine);
  } else if (context_.by_key_share > 0) {
    TRY(const std::int64_t made,
        keep_indexes(context_.lake, context_.engine, *session, context_.pack, cancel_));
    if (made > 0) log(LogLevel::kDebug, "indexed", {{"files", std::to_string(made)}});
  }
  return done_for;
}

void Pipeline::interrupt() {
  running_.with([](auto& sessions) {
    for (engine::Session* session : sessions) session->interrupt();
  });
}

Result<TableReport> Pipeline::ingest_source(const IngestOptions& options,
                                            const pack::Source& declared, const RunReport& of,
                                            bool& matched) {
  const auto start = context_.clock.steady_now();
  const Timestamp started_at = context_.clock.now();
  const bronze::BronzeSource source = bronze_source(context_.pack, declared);
  TRY(auto files, raw_files(options, source));
  if (!options.only.empty()) {
    std::erase_if(files, [&](const auto& file) { return file.name != options.only; });
  }
  matched = !files.empty();
  if (!matched) return TableReport{};
  Ops ops(context_.lake, context_.clock);
  bronze::IngestContext ingest{
      context_.lake,   context_.engine, context_.clock,
      context_.random, progress_,       cancel_,
      of.run,          nullptr,         begins(of, "ingest", source.table.text())};
  ingest.keep_broken = [&](const lake::TableName& table,
                           const std::vector<bronze::BrokenRecord>& records) -> Done {
    TRY(const auto session, open_session());
    return ops.keep_broken(*session, table, records, of.run);
  };
  auto taken = bronze::ingest(ingest, source, *options.raw_store, std::move(files));
  if (!taken && taken.error().fault == Fault::kCancelled) return std::move(taken).error();
  TableReport table = ingest_table_report(source, taken);
  table.started_at = started_at;
  table.seconds = std::chrono::duration<double>(context_.clock.steady_now() - start).count();
  return table;
}

Result<RunReport> Pipeline::ingest(const IngestOptions& options) {
  RunReport report;
  report.run = uuid4(context_.random);
  report.started_at = context_.clock.now();
  const auto start = context_.clock.steady_now();
  struct Part {
    bool matched = false;
    Result<TableReport> table = TableReport{};
  };
  std::vector<Part> parts(context_.pack.sources.size());
  Lanes lanes;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    lanes.add(
        [&, i] {
          parts[i].table =
              ingest_source(options, context_.pack.sources[i], report, parts[i].matched);
        },
        {});
  }
  lanes.run(context_.lanes);
  std::optional<Error> broken;
  for (Part& part : parts) {
    if (!part.table && !broken) broken = part.table.error();
    if (part.table && part.matched) report.tables.push_back(*std::move(part.table));
  }
  if (broken) return broken_off(report, "ingest", *std::move(broken));
  if (report.tables.empty() && options.files == nullptr) return no_raw_files(options);
  if (options.record) {
    Done recorded = record_ingest(report);
    if (!recorded) return broken_off(report, "ingest", std::move(recorded).error());
  }
  report.seconds = std::chrono::duration<double>(context_.clock.steady_now() - start).count();
  if (context_.finished) context_.finished(report, "ingest");
  return report;
}

Done Pipeline::record_ingest(const RunReport& report) {
  TRY(const auto session, open_session());
  return Ops(context_.lake, context_.clock).record(*session, report, "ingest");
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

BuiltBy built_by(lake::Lake& lake, const pack::Pack& pack) {
  BuiltBy out;
  for (const pack::Model& model : pack.models) {
    if (!model.is_table()) continue;
    const auto table = lake.snapshot_if_any(name_of(model));
    if (!table) continue;
    out[model.name] = *table == nullptr ? std::nullopt : (*table)->txn(kModelAppId);
  }
  const auto models = lake.snapshot_if_any(*lake::TableName::parse(kModelsTable));
  if (models) {
    out[std::string(kModelsTable)] =
        *models == nullptr ? std::nullopt : (*models)->txn(kModelsAppId);
  }
  return out;
}

Result<TableReport> Pipeline::refresh_model(const RunOptions& options, const pack::Model& model,
                                            const RunReport& of) {
  if (cancel_.cancelled()) return Error{Fault::kCancelled, "Stopped"};
  TRY(engine::Session* const session, session_of(model));
  const Running running(running_, *session);
  lake::Lake& lake = set_ == nullptr ? context_.lake : set_->lake();
  Ops ops(lake, context_.clock);
  const bool ours = ours_.with([&](const auto& tables) { return tables.contains(model.name); });
  const auto seen = context_.built_by.find(model.name);
  const bool known = seen != context_.built_by.end();
  const TableRefreshContext table_context{lake,
                                          *session,
                                          ops,
                                          context_.clock,
                                          progress_,
                                          cancel_,
                                          of.run,
                                          options.as_of,
                                          options.force,
                                          context_.by_key_share,
                                          options.yield && (ours || known),
                                          begins(of, "run", model.name),
                                          ours || !known ? std::nullopt : seen->second};
  TRY(auto report, refresh_table(table_context, model));
  // One that is still to be published may come to nothing.
  const bool is_built = report.outcome == TableOutcome::kBuilt && set_ == nullptr;
  if (is_built || report.outcome == TableOutcome::kSkipped) {
    ours_.with([&](auto& tables) { tables.insert(model.name); });
  }
  return report;
}

std::int64_t Pipeline::input_bytes(const pack::Model& model) const {
  std::int64_t bytes = 0;
  for (const auto* inputs : {&model.inputs, &model.rule_inputs}) {
    for (const std::string& input : *inputs) {
      const auto name = lake::TableName::parse(input);
      if (!name) continue;
      const auto snapshot = (set_ == nullptr ? context_.lake : set_->lake()).snapshot_if_any(*name);
      if (snapshot && *snapshot != nullptr) bytes += (*snapshot)->files_bytes();
    }
  }
  return bytes;
}

// The pack does not change while this lives.
Done Pipeline::keep_definitions() {
  std::atomic<bool>* of_all = context_.definitions_kept;
  if (definitions_kept_ || (of_all != nullptr && of_all->load())) return done();
  TRY(const auto session, open_session());
  const auto known = context_.built_by.find(std::string(kModelsTable));
  TRY_DONE(refresh::keep_definitions(context_.lake, context_.clock, *session, context_.pack,
                                     uuid4(context_.random),
                                     known == context_.built_by.end() ? nullptr : &known->second));
  definitions_kept_ = true;
  if (of_all != nullptr) of_all->store(true);
  return done();
}

// What a run works on, and what it says.
struct Pipeline::Run {
  const RunOptions& options;
  std::vector<const pack::Model*> models;
  RunReport& report;
};

Done Pipeline::refresh_models(Run& run) {
  const auto& models = run.models;
  std::vector<Result<TableReport>> tables(models.size(), TableReport{});
  Lanes lanes;
  std::mutex telling;
  const auto work_on = [&](const pack::Model& model) {
    auto table = refresh_model(run.options, model, run.report);
    const bool fails = table && (table->outcome == TableOutcome::kFailed ||
                                 table->outcome == TableOutcome::kRefused);
    if (fails && run.options.fails) {
      const std::lock_guard lock(telling);
      run.options.fails(*table);
    }
    return table;
  };
  std::map<std::string, std::size_t> numbers;
  for (std::size_t i = 0; i < models.size(); ++i) {
    // The pack's order puts what a model reads before it.
    std::vector<std::size_t> after;
    for (const auto* inputs : {&models[i]->inputs, &models[i]->rule_inputs}) {
      for (const std::string& input : *inputs) {
        if (const auto found = numbers.find(input); found != numbers.end()) {
          after.push_back(found->second);
        }
      }
    }
    numbers[models[i]->name] =
        lanes.add([&, i] { tables[i] = work_on(*models[i]); }, std::move(after),
                  [&, i] { return input_bytes(*models[i]); },
                  seconds_.contains(models[i]->name) ? seconds_.at(models[i]->name) : 1);
  }
  lanes.run(context_.lanes, context_.side_by_side_bytes);
  std::optional<Error> broken;
  for (Result<TableReport>& table : tables) {
    if (!table && !broken) broken = table.error();
    if (!table) continue;
    if (table->outcome != TableOutcome::kSkipped) seconds_[table->table] = table->seconds;
    run.report.tables.push_back(*std::move(table));
  }
  if (broken) return *std::move(broken);
  return done();
}

Done Pipeline::refresh_together(Run& run) {
  constexpr int kAttemptsMax = 3;  // while others write to the same tables
  if (set_ == nullptr) {
    set_ = std::make_unique<TableSet>(context_.lake, context_.engine, context_.pack);
  }
  std::vector<TableReport>& tables = run.report.tables;
  std::map<std::string, TableReport> published;  // by an attempt that came as far as that
  for (int attempt = 1;; ++attempt) {
    tables.clear();
    const Done refreshed = refresh_models(run);
    if (!refreshed) {
      set_->drop(tables, "the run broke off");
      return refreshed;
    }
    const TableSet::End end = set_->settle(tables);
    for (TableReport& table : tables) {
      const auto before = published.find(table.table);
      if (table.outcome == TableOutcome::kBuilt) {
        published.insert_or_assign(table.table, table);
        ours_.with([&](auto& ours) { ours.insert(table.table); });
      } else if (table.outcome == TableOutcome::kSkipped && before != published.end()) {
        table = before->second;
      }
    }
    if (end != TableSet::End::kAgain || attempt == kAttemptsMax) return done();
  }
}

Result<RunReport> Pipeline::run(const RunOptions& options) {
  RunReport report;
  report.run = uuid4(context_.random);
  report.started_at = context_.clock.now();
  report.together = context_.pack.publish == pack::Publish::kTogether;
  const auto start = context_.clock.steady_now();
  TRY(const auto wanted, wanted_models(context_.pack, options.tables));
  Run run{options, {}, report};
  for (const pack::Model& model : context_.pack.models) {
    if (!model.is_table() || model.header.kind == pack::Kind::kAppend) continue;
    if (!options.layer.empty() && model.schema != options.layer) continue;
    if (wanted.empty() || wanted.contains(model.name)) run.models.push_back(&model);
  }
  TRY_DONE(keep_definitions());
  const Done refreshed = report.together ? refresh_together(run) : refresh_models(run);
  if (!refreshed) return broken_off(report, "run", refreshed.error());
  report.seconds = std::chrono::duration<double>(context_.clock.steady_now() - start).count();
  const bool any_change =
      std::any_of(report.tables.begin(), report.tables.end(),
                  [](const auto& table) { return table.outcome != TableOutcome::kSkipped; });
  if (any_change) {
    const Done recorded = [&]() -> Done {
      TRY(const auto session, open_session());
      return Ops(context_.lake, context_.clock).record(*session, report, "run");
    }();
    if (!recorded) return broken_off(report, "run", recorded.error());
  }
  // Also where nothing was to be done: then what was stale is not any more.
  const Done kept = keep_stale(context_.lake, context_.engine, report);
  if (!kept) return broken_off(report, "run", kept.error());
  if (context_.finished) context_.finished(report, "run");
  return report;
}

}  // namespace claimlake::refresh
