#include "engine/session.h"

#include <fmt/format.h>

#include <atomic>
#include <duckdb/catalog/catalog_search_path.hpp>
#include <duckdb/main/client_context.hpp>
#include <duckdb/main/client_data.hpp>
#include <duckdb/main/connection.hpp>
#include <duckdb/main/materialized_query_result.hpp>
#include <duckdb/main/prepared_statement.hpp>
#include <duckdb/main/settings.hpp>
#include <duckdb/optimizer/optimizer.hpp>
#include <duckdb/parser/statement/select_statement.hpp>
#include <duckdb/planner/planner.hpp>
#include <functional>

#include "base/text.h"
#include "engine/column_lineage_walk.h"
#include "engine/duck_rows.h"
#include "engine/errors.h"
#include "engine/key_flow_walk.h"
#include "engine/key_index_build.h"
#include "engine/parquet_write.h"
#include "engine/plans.h"
#include "engine/read_through.h"
#include "engine/rows_of.h"
#include "engine/scan_counter.h"
#include "engine/session_state.h"
#include "engine/staged_files.h"
#include "engine/statement.h"
#include "engine/sum_shape.h"

namespace claimlake::engine {
namespace {

constexpr const char* kDefaultSchema = "gold";
// Where bindings without a schema are kept; a temp view of the same name shows them.
constexpr const char* kSessionSchema = "session";

// "keys" of "scratch('keys')".
std::string scratch_name(std::string_view relation) {
  CHECK(relation.starts_with(kScratch) && relation.ends_with("')"), "as it is read: scratch('x')");
  relation.remove_prefix(kScratch.size());
  relation.remove_suffix(2);
  return std::string(relation);
}

// A session over one DuckDB connection, made again when its instance died.
class DuckSession final : public Session {
 public:
  DuckSession(const SessionConfig& config, Instances& instances, Watchdog& watchdog)
      : config_(config),
        instances_(instances),
        watchdog_(watchdog),
        state_(duckdb::make_shared_ptr<SessionState>()) {
    state_->access = config.access;
    state_->default_schema =
        config.default_schema.empty() ? kDefaultSchema : to_lower(config.default_schema);
  }

  void read_through(TableDirectory& directory) { state_->directory = &directory; }

  DuckSession(const DuckSession&) = delete;
  DuckSession& operator=(const DuckSession&) = delete;
  ~DuckSession() override { forget_all(); }

  Result<std::unique_ptr<Rows>> query(std::string_view sql,
                                      const std::vector<std::string>& parameters) override {
    std::unique_ptr<Rows> rows;
    TRY_DONE(guarded(sql, [&](RunningQuery& query) {
      auto result = start(*query.connection, sql, parameters);
      if (result->HasError()) result->ThrowError();
      rows = make_rows(std::move(query), std::move(result));
    }));
    return rows;
  }

  Result<std::int64_t> execute(std::string_view sql) override {
    std::int64_t count = 0;
    TRY_DONE(guarded(sql, [&](RunningQuery& query) {
      auto result = start(*query.connection, sql, {});
      if (result->HasError()) result->ThrowError();
      const bool changed =
          result->properties.return_type == duckdb::StatementReturnType::CHANGED_ROWS;
      while (auto chunk = result->Fetch()) {
        if (chunk->size() == 0) break;
        count += changed ? chunk->GetValue(0, 0).GetValue<std::int64_t>()
                         : static_cast<std::int64_t>(chunk->size());
      }
      if (result->HasError()) result->ThrowError();
    }));
    return count;
  }

  Result<std::vector<ColumnInfo>> describe(std::string_view select) override {
    std::vector<ColumnInfo> columns;
    TRY_DONE(guarded(select, [&](RunningQuery& query) {
      auto statement = parse_select(select);
      duckdb::ClientContext& context = *query.connection->context;
      // Binding says all that is asked; a prepared statement would be optimised too.
      context.RunFunctionInTransaction([&] {
        duckdb::Planner planner(context);
        planner.CreatePlan(std::move(statement));
        for (std::size_t i = 0; i < planner.names.size(); ++i) {
          columns.push_back({planner.names[i], planner.types[i].ToString()});
        }
      });
    }));
    return columns;
  }

  Result<std::int64_t> expected_rows(std::string_view select) override {
    std::int64_t rows = 0;
    TRY_DONE(guarded(select, [&](RunningQuery& query) {
      auto statement = parse_select(select);
      duckdb::ClientContext& context = *query.connection->context;
      context.RunFunctionInTransaction([&] {
        duckdb::Planner planner(context);
        planner.CreatePlan(std::move(statement));
        duckdb::Optimizer optimizer(*planner.binder, context);
        const auto plan = optimizer.Optimize(std::move(planner.plan));
        rows = static_cast<std::int64_t>(plan->EstimateCardinality(context));
      });
    }));
    return rows;
  }

  Result<SelectLineage> lineage(std::string_view select) override {
    SelectLineage found;
    TRY_DONE(guarded(select, [&](RunningQuery& query) {
      found = lineage_of(*query.connection, parse_select(select));
    }));
    return found;
  }

  Result<KeyFlow> key_flow(std::string_view select, const std::vector<std::string>& key) override {
    KeyFlow flow;
    TRY_DONE(guarded(select, [&](RunningQuery& query) {
      flow = key_flow_of(*query.connection, parse_select(select), key);
    }));
    return flow;
  }

  Result<std::optional<std::vector<SumOver>>> sums_of(
      std::string_view select,
      const std::map<std::string, std::vector<std::string>>& columns) override {
    std::optional<std::vector<SumOver>> sums;
    TRY_DONE(guarded(
        select, [&](RunningQuery&) { sums = engine::sums_of(*parse_select(select), columns); }));
    return sums;
  }

  Done check(std::string_view sql) override {
    return guarded(sql, [&](RunningQuery& query) {
      auto statement = parse_statement(sql, Access::kInternal);
      duckdb::ClientContext& context = *query.connection->context;
      context.RunFunctionInTransaction([&] {
        duckdb::Planner planner(context);
        planner.CreatePlan(std::move(statement));
      });
    });
  }

  Result<Written> write_parquet(std::string_view select, const WriteOptions& options) override {
    if (config_.access != Access::kInternal) {
      return Error{Fault::kInvalidInput, "A read-only session cannot write files"};
    }
    Written written;
    TRY_DONE(guarded(select, [&](RunningQuery& query) {
      written =
          engine::write_parquet(*query.connection, *state_, instances_, plans_, select, options);
    }));
    return written;
  }

  Done bind_source(std::string_view name, std::shared_ptr<const RowSource> source) override {
    return bind(name, Binding{std::move(source), nullptr, {}});
  }

  Done bind_files(std::string_view name, const delta::Schema& schema,
                  const std::vector<WrittenFile>& files) override {
    return bind(name, Binding{nullptr, staged_snapshot(schema, files), {}});
  }

  Done bind_version(std::string_view name, const TableVersion& version) override {
    return bind(name, Binding{nullptr, nullptr, version});
  }

  Done drop_source(std::string_view name) override {
    const auto key = binding_key(name);
    if (state_->bindings.erase(key) == 0) {
      return Error{Fault::kNotFound, fmt::format("Nothing is bound as {}", name)};
    }
    if (key.first != kSessionSchema || !connection_) return done();
    return guarded("", [&](RunningQuery& query) {
      run(*query.connection, "DROP VIEW IF EXISTS temp." + sql_identifier(key.second));
    });
  }

  Result<Kept> keep(std::string_view relation, std::string_view select) override {
    const std::string name = scratch_name(relation);
    Kept kept;
    TRY_DONE(guarded(select, [&](RunningQuery& query) {
      auto result = plans_.run(*query.connection, *state_, select, false);
      if (result->HasError()) result->ThrowError();
      auto& scratch = state_->scratches[name];
      if (!scratch || scratch->types != result->types || scratch->columns != result->names) {
        if (scratch) scratch->rows = nullptr;  // plans that read it find none
        scratch = std::make_shared<Scratch>(Scratch{name, result->names, result->types, nullptr});
      }
      for (std::size_t i = 0; i < result->names.size(); ++i) {
        kept.columns.push_back({result->names[i], result->types[i].ToString()});
      }
      scratch->rows = result->Cast<duckdb::MaterializedQueryResult>().TakeCollection();
      kept.rows = static_cast<std::int64_t>(scratch->rows->Count());
    }));
    return kept;
  }

  void forget(std::string_view relation) override {
    const auto found = state_->scratches.find(scratch_name(relation));
    if (found != state_->scratches.end()) found->second->rows = nullptr;
  }

  Result<RowsFound> rows_of(const LookUp& look_up) override {
    RowsFound found;
    TRY_DONE(guarded("", [&](RunningQuery& query) {
      found = engine::rows_of(*query.connection, *state_, instances_, plans_, look_up);
    }));
    return found;
  }

  Result<std::int64_t> index_keys(const TableVersion& version,
                                  const std::vector<std::string>& columns) override {
    TRY(const auto missing, instances_.key_index().missing(version, columns));
    if (missing.empty()) return std::int64_t{0};
    TRY_DONE(guarded("", [&](RunningQuery& query) {
      KeyIndexBuild build(*query.connection, *state_, instances_, version);
      for (const std::size_t file : missing) build.make({file}, columns);
    }));
    return static_cast<std::int64_t>(missing.size());
  }

  double progress() const override {
    const auto connection = shared_connection_.with([](const auto& held) { return held; });
    if (!connection) return -1;
    const double percent = connection->GetQueryProgress();
    return percent < 0 ? -1 : percent / 100;
  }

  void interrupt() override {
    const auto connection = shared_connection_.with([](const auto& held) { return held; });
    if (connection) stop(*state_, *connection);
  }

  std::vector<ScanReport> scan_reports() const override {
    std::vector<ScanReport> reports;
    state_->scans.with([&](const auto& scans) {
      for (const auto& scan : scans) reports.push_back(scan->report());
    });
    return reports;
  }

  // Opens the connection, or a new one if the instance died, with all that was bound.
  Done connect() {
    if (connection_ && !instance_->dead()) return done();
    forget_all();  // what was kept is of the old instance
    TRY(instance_, instances_.current());
    try {
      connection_ = instance_->connect();
      connection_->context->registered_state->Insert(SessionState::kKey, state_);
      if (config_.access == Access::kInternal) {
        // Rows of a table have no order; keeping one would cost memory when files are written.
        connection_->context->config.user_settings.SetUserSetting(
            duckdb::PreserveInsertionOrderSetting::SettingIndex, duckdb::Value::BOOLEAN(false));
      }
      connection_->context->RunFunctionInTransaction([&] {
        duckdb::ClientData::Get(*connection_->context)
            .catalog_search_path->Set(duckdb::CatalogSearchEntry("lake", state_->default_schema),
                                      duckdb::CatalogSetPathType::SET_SCHEMA);
      });
      for (const auto& [key, binding] : state_->bindings) show_as_view(key);
    } catch (...) {
      const auto failed = std::exchange(connection_, nullptr);
      return current_exception_error("", *instance_);
    }
    shared_connection_.with([&](auto& held) { held = connection_; });
    return done();
  }

 private:
  using Key = std::pair<std::string, std::string>;

  // While it lives, a statement is at work.
  class AtWork {
   public:
    explicit AtWork(SessionState& state) : state_(state) {
      state_.stop.with([](auto& now) { now = {.at_work = true}; });
    }
    ~AtWork() {
      state_.stop.with([](auto& now) { now = {}; });
    }
    AtWork(const AtWork&) = delete;
    AtWork& operator=(const AtWork&) = delete;

   private:
    SessionState& state_;
  };

  // Under the lock, so that it is for the statement that is at work now and for no later one.
  static void stop(SessionState& state, duckdb::Connection& connection) {
    state.stop.with([&](auto& now) {
      now.asked = now.at_work;
      connection.Interrupt();
    });
  }

  static void run(duckdb::Connection& connection, const std::string& sql) {
    const auto result = connection.Query(sql);
    if (result->HasError()) result->ThrowError();
  }

  // Runs `work` with a live connection and the time limit armed; exceptions become errors.
  Done guarded(std::string_view sql, const std::function<void(RunningQuery&)>& work) {
    TRY_DONE(connect());
    RunningQuery query{std::string(sql), instance_, connection_, nullptr, config_.time_limit};
    const AtWork at_work(*state_);  // before the limit, which is forgotten where nothing is at work
    if (config_.time_limit.count() > 0) {
      query.time_limit = watchdog_.watch(
          Deadline::in(watchdog_.clock(), config_.time_limit),
          [state = state_, connection = connection_] { stop(*state, *connection); });
    }
    state_->scans.with([](auto& scans) { scans.clear(); });
    try {
      work(query);
    } catch (...) {
      return query.explain(current_exception_error(sql, *instance_));
    }
    return done();
  }

  duckdb::unique_ptr<duckdb::QueryResult> start(duckdb::Connection& connection,
                                                std::string_view sql,
                                                const std::vector<std::string>& parameters) {
    if (parameters.empty() && reads_scratch(sql)) {
      return plans_.run(connection, *state_, sql, true);
    }
    auto statement = parse_statement(sql, config_.access);
    if (parameters.empty()) return connection.SendQuery(std::move(statement));
    duckdb::case_insensitive_map_t<duckdb::BoundParameterData> values;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      values[std::to_string(i + 1)] = duckdb::BoundParameterData(duckdb::Value(parameters[i]));
    }
    auto pending = connection.PendingQuery(std::move(statement), values,
                                           duckdb::QueryResultOutputType::ALLOW_STREAMING);
    if (pending->HasError()) pending->ThrowError();
    return pending->Execute();
  }

  void forget_all() {
    plans_.clear();
    state_->scratches.clear();
  }

  static Key binding_key(std::string_view name) {
    auto parts = split(to_lower(name), '.');
    if (parts.size() == 3 && parts[0] == "lake") parts.erase(parts.begin());
    if (parts.size() == 2 && parts[0] != "temp") return {parts[0], parts[1]};
    return {kSessionSchema, parts.back()};
  }

  void show_as_view(const Key& key) {
    if (key.first != kSessionSchema) return;  // readable under its own name
    const std::string name = sql_identifier(key.second);
    run(*connection_, fmt::format("CREATE OR REPLACE TEMP VIEW {} AS SELECT * FROM lake.{}.{}",
                                  name, kSessionSchema, name));
  }

  Done bind(std::string_view name, Binding binding) {
    const Key key = binding_key(name);
    TRY_DONE(connect());
    state_->bindings[key] = std::move(binding);
    return guarded("", [&](RunningQuery&) { show_as_view(key); });
  }

  const SessionConfig config_;
  Instances& instances_;
  Watchdog& watchdog_;
  duckdb::shared_ptr<SessionState> state_;
  std::shared_ptr<Instance> instance_;
  std::shared_ptr<duckdb::Connection> connection_;
  Guarded<std::shared_ptr<duckdb::Connection>> shared_connection_;  // for other threads
  Plans plans_;
};

}  // namespace

Result<std::unique_ptr<Session>> make_session(const SessionConfig& config, Instances& instances,
                                              Watchdog& watchdog) {
  auto session = std::make_unique<DuckSession>(config, instances, watchdog);
  TRY_DONE(session->connect());
  return std::unique_ptr<Session>(std::move(session));
}

void read_through(Session& session, TableDirectory& directory) {
  auto* const ours = dynamic_cast<DuckSession*>(&session);
  CHECK(ours != nullptr, "sessions are made by make_session");
  ours->read_through(directory);
}

}  // namespace claimlake::engine
