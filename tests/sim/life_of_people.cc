// What people do beside statements: they waive rules for rows, and try things in an environment.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/environments.h"
#include "life.h"
#include "quality/quarantine.h"
#include "quality/waivers.h"
#include "refresh/environment.h"
#include "refresh/waivers.h"
#include "store/environment.h"

namespace claimlake::sim {
namespace {

constexpr const char* kClaims = "silver.claims";

}  // namespace

Done Life::say_waiver(const Process& process) {
  const auto is_there = [&](std::string_view table) {
    const auto snapshot = process.lake.snapshot_if_any(*lake::TableName::parse(table));
    return snapshot && *snapshot != nullptr;
  };
  if (!is_there(quality::kQuarantineTable)) return done();
  TRY(const auto session, process.engine.session({.access = engine::Access::kInternal}));
  const bool withdraws = is_there(quality::kWaiversTable) && world_.random.below(3) == 0;
  return waive(process, *session, withdraws);
}

Done Life::waive(const Process& process, engine::Session& session, bool withdraws) {
  const std::string sql =
      withdraws ? "SELECT DISTINCT key FROM ops.waivers WHERE withdrawn_at IS NULL ORDER BY key"
                : "SELECT key FROM ops.quarantine WHERE table_name = 'silver.claims' AND state = "
                  "'open' ORDER BY key";
  TRY(const auto rows, session.query(sql, {}));
  TRY(const engine::TextTable found, engine::read_all(*rows));
  refresh::WaiverRequest request{.table = kClaims, .by = kPerson, .why = "it is right"};
  const auto count = 1 + world_.random.below(2);
  for (std::uint64_t i = 0; i < count; ++i) {
    // Now and then of a row of which there is nothing to say.
    if (found.rows.empty() || world_.random.below(10) == 0) {
      request.keys.push_back(fmt::format("C{}", world_.random.below(12)));
    } else {
      request.keys.push_back(found.rows[world_.random.below(found.rows.size())][0].value_or(""));
    }
  }
  constexpr const char* kRules[] = {"amount_positive", "policy_exists"};
  if (world_.random.below(3) == 0) request.rules = {kRules[world_.random.below(2)]};
  world_.say(fmt::format("  {} {} {} for {}", name_, withdraws ? "withdraws" : "waives",
                         request.rules.empty() ? "all" : request.rules.front(),
                         fmt::join(request.keys, ", ")));
  const refresh::WaiverContext context{process.lake, session, process.pack, world_.clock, random_};
  if (withdraws) {
    TRY_DONE(refresh::withdraw(context, request));
    return done();
  }
  TRY(const auto changes, refresh::waive(context, request));
  Checker& checker = fortune_.in_environment ? *world_.environment->checker : world_.checker;
  for (const refresh::WaiverChange& change : changes) {
    for (const std::string& rule : change.rules) checker.waived(change.key, rule);
  }
  return done();
}

// As `claimlake vacuum` does.
Done Life::vacuum(const Process& process) {
  for (const pack::Model& model : process.pack.models) {
    TRY_DONE(say_sql(process.engine, process.lake, "VACUUM " + model.name));
  }
  return done();
}

// As `claimlake env create` does. A name is not used again: requests of those who died may still
// be on their way to what had it.
Done Life::make_environment(store::Store& store) {
  app::Environment environment{.name = fmt::format("e{}", ++world_.environments),
                               .complete = false};
  environment.created_at = world_.clock.now();
  const auto acknowledged = world_.acknowledged;
  TRY_DONE(app::claim_environment(store, environment));
  folder_ = store::environment_folder(environment.name);
  const auto inside = store::make_environment_store(store, environment.name);
  const auto clone = [&]() -> Done {
    TRY(const auto engine,
        engine::open_engine({.threads = 1, .random = &random_}, *inside, world_.clock));
    lake::Lake lake({*inside, world_.clock, random_, engine->parquet_io(), name_});
    engine->attach(lake);
    TRY(const auto session, engine->session({.access = engine::Access::kInternal}));
    TRY_DONE(refresh::clone_main(lake, *session, "clone"));
    environment.complete = true;
    return app::write_environment(store, environment);
  };
  Done made = clone();
  if (!made) {
    (void)app::erase_environment(store, environment.name);
    return made;
  }
  world_.say(fmt::format("  {} has made the environment {}", name_, environment.name));
  auto seen = std::make_unique<Environment>();
  seen->name = environment.name;
  seen->store = store::make_environment_store(world_.store, environment.name);
  seen->checker = std::make_unique<Checker>(*seen->store, world_.clock, world_.checker_random,
                                            world_.raw, world_.editions);
  seen->checker->is_made_of(world_.checker);
  seen->acknowledged = acknowledged;
  seen->edition = world_.edition;
  world_.environment = std::move(seen);
  return done();
}

// Of all that there is, also of what was not made or dropped to its end.
Done Life::drop_environment(store::Store& store) {
  world_.environment = nullptr;
  TRY(const auto all, app::list_environments(store_));
  for (const app::Environment& each : all) {
    folder_ = store::environment_folder(each.name);
    TRY_DONE(app::erase_environment(store, each.name));
    world_.say(fmt::format("  {} has dropped the environment {}", name_, each.name));
  }
  return done();
}

}  // namespace claimlake::sim
