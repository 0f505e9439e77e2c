#include "refresh/environment.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/text.h"
#include "delta/txn_list.h"
#include "lake/clone_table.h"
#include "pack/definition.h"
#include "quality/waivers.h"
#include "refresh/definitions.h"
#include "refresh/publish.h"
#include "store/environment.h"

namespace claimlake::refresh {
namespace {

// How often main is looked at again because it moved on while it was looked at.
constexpr int kLooksMax = 3;
// As many commits as tell what the ways of refresh cost, and the date of the last one.
constexpr std::size_t kHistoryMax = 20;

lake::TableName in_main(const lake::TableName& name) {
  return {name.schema + std::string(store::kOfMain), name.table};
}

// A table of main as it was looked at.
struct Source {
  lake::TableName name;  // in the environment, as in main
  delta::SnapshotPtr table;
  std::vector<delta::Txn> positions;
  std::map<std::string, delta::LogVersion> inputs;  // that it names; empty: no model's table

  bool is_model() const { return table->txn(kModelAppId).has_value(); }
};

// What reads comes before what is read: a run commits the other way round, so that the version of
// an input is then not older than the one that a table names.
int rank(const std::string& schema) {
  const std::vector<std::string> order = {"gold", "silver", "bronze", "ops"};
  const auto found = std::find(order.begin(), order.end(), schema);
  return static_cast<int>(found - order.begin()) % static_cast<int>(order.size());
}

class Cloner {
 public:
  Cloner(lake::Lake& lake, engine::Session& session, const std::string& run)
      : lake_(lake), session_(session), run_(run) {}

  Done go() {
    for (int look = 1; look <= kLooksMax; ++look) {
      TRY_DONE(look_at_main());
      if (all_up_to_date()) break;
    }
    if (sources_.empty()) {
      return Error{Fault::kNotFound, "The lake has no table that an environment could share", "",
                   "claimlake ingest and claimlake run first"};
    }
    // What a table was built by is looked up in the clone of ops.models.
    for (Source& source : sources_) {
      if (source.is_model()) continue;
      TRY_DONE(clone(source, {positions_of_clone(source), {}}));
    }
    TRY(definitions_, kept_definitions(lake_, session_));
    for (Source* source : models_in_order()) {
      TRY(const lake::CloneWith with, state_of(*source));
      TRY_DONE(clone(*source, with));
    }
    return done();
  }

 private:
  Done look_at_main() {
    sources_.clear();
    std::vector<lake::TableName> names;
    for (const std::string& schema : lake_.schemas()) {
      if (!schema.ends_with(store::kOfMain)) continue;
      const std::string own = schema.substr(0, schema.size() - store::kOfMain.size());
      for (const std::string& table : lake_.tables(schema)) names.push_back({own, table});
    }
    std::stable_sort(names.begin(), names.end(),
                     [](const auto& a, const auto& b) { return rank(a.schema) < rank(b.schema); });
    for (lake::TableName& name : names) {
      TRY(auto table, lake_.snapshot_if_any(in_main(name)));
      if (table == nullptr) continue;  // it is being dropped
      Source source{std::move(name), std::move(table), {}, {}};
      source.positions = delta::txns_of(*source.table);
      TRY(const std::vector<std::string> said, inputs_said(source));
      for (const std::string& table : said) {
        const auto position = source.table->txn(input_app_id(table));
        if (position) source.inputs[table] = *position;
      }
      sources_.push_back(std::move(source));
    }
    return done();
  }

  // The inputs of its last refresh: positions stay of those, too, that its model reads no more.
  Result<std::vector<std::string>> inputs_said(const Source& of) {
    std::vector<std::string> out;
    if (!of.is_model()) return out;
    TRY(const auto commits, lake_.latest_commits(in_main(of.name), kHistoryMax));
    for (const auto& commit : commits) {
      const auto said = commit.info->parameters.find("inputs");
      if (commit.version > of.table->version() || said == commit.info->parameters.end()) continue;
      const auto text = nlohmann::json::parse(said->second, nullptr, false);
      if (!text.is_string()) continue;
      for (const std::string& input : split(text.get<std::string>(), ' ')) {  // silver.claims@7
        if (!input.empty()) out.push_back(input.substr(0, input.rfind('@')));
      }
      return out;
    }
    return out;
  }

  const Source* source(const std::string& table) const {
    const auto found = std::find_if(sources_.begin(), sources_.end(),
                                    [&](const auto& each) { return each.name.text() == table; });
    return found == sources_.end() ? nullptr : &*found;
  }

  bool up_to_date(const Source& of) const {
    return std::all_of(of.inputs.begin(), of.inputs.end(), [&](const auto& input) {
      const Source* found = source(input.first);
      if (found == nullptr) return false;
      // A table reads the waivers of its own rows alone.
      if (input.first != quality::kWaiversTable) return found->table->version() == input.second;
      return found->table->txn(waivers_app_id(of.name.text())) == input.second;
    });
  }

  // A clone begins with version 0, and that is where the waivers that it has were given.
  static std::vector<delta::Txn> positions_of_clone(const Source& of) {
    std::vector<delta::Txn> positions = of.positions;
    for (delta::Txn& position : positions) {
      if (position.app_id.starts_with(kWaiversAppId)) position.version = 0;
    }
    return positions;
  }
  bool all_up_to_date() const {
    return std::all_of(sources_.begin(), sources_.end(),
                       [&](const auto& each) { return up_to_date(each); });
  }

  // Inputs before what reads them.
  std::vector<Source*> models_in_order() {
    std::vector<Source*> order;
    const auto is_done = [&](const std::string& table) {
      const Source* input = source(table);
      return input == nullptr || !input->is_model() ||
             std::find(order.begin(), order.end(), input) != order.end();
    };
    for (std::size_t before = sources_.size() + 1; before != order.size();) {
      before = order.size();
      for (Source& each : sources_) {
        const bool open =
            each.is_model() && std::find(order.begin(), order.end(), &each) == order.end();
        const bool ready = std::all_of(each.inputs.begin(), each.inputs.end(),
                                       [&](const auto& input) { return is_done(input.first); });
        if (open && ready) order.push_back(&each);
      }
    }
    // A circle is none that a pack made; its tables are cloned, too.
    for (Source& each : sources_) {
      if (each.is_model() && std::find(order.begin(), order.end(), &each) == order.end()) {
        order.push_back(&each);
      }
    }
    return order;
  }

  // The clone of `of` in the state that `of` has in main, told by the versions of the clones.
  Result<lake::CloneWith> state_of(const Source& of) {
    lake::CloneWith out;
    for (const delta::Txn& position : of.positions) {
      const bool translated =
          position.app_id == kRefreshAppId || position.app_id.starts_with(input_app_id(""));
      if (!translated) out.positions.push_back(position);
    }
    pack::Model in_main_model;
    in_main_model.schema = in_main(of.name).schema;
    in_main_model.table = of.name.table;
    TRY(const Past past, past_of(lake_, in_main_model, of.table->version()));
    const auto state = of.table->txn(kRefreshAppId);
    const auto number = of.table->txn(kModelAppId);
    const pack::Definition* definition =
        number ? definitions_.of(of.name.text(), *number) : nullptr;
    if (!state || definition == nullptr || past.by_hand || !up_to_date(of)) return out;
    Inputs before;
    Inputs after;
    std::string versions;
    for (const auto& [table, version] : of.inputs) {
      const Source* input = source(table);
      before[table] = {input->table->metadata().id, version};
      TRY(const auto clone, lake_.snapshot(input->name));
      after[table] = {clone->metadata().id, clone->version()};
      versions += fmt::format("{}{}@{}", versions.empty() ? "" : " ", table, clone->version());
    }
    TRY(const auto history, lake_.history(in_main(of.name), kHistoryMax));
    const std::string hash = pack::definition_hash(*definition);
    const auto date = date_of_state(history, hash, before, *state);
    if (!date) return out;
    out.positions.push_back(
        {std::string(kRefreshAppId), fingerprint(hash, after, *date), std::nullopt});
    for (const auto& [table, input] : after) {
      out.positions.push_back({input_app_id(table), input.version, std::nullopt});
    }
    if (!of.table->txn(kKeptAppId)) {
      out.positions.push_back({std::string(kKeptAppId), *state, std::nullopt});
    }
    out.parameters = history_of_clone(history, *of.table, past, versions);
    return out;
  }

  // The date ("" for none) with which the state of a table is what it is.
  static std::optional<std::string> date_of_state(
      const std::vector<delta::Log::HistoryEntry>& history, const std::string& hash,
      const Inputs& inputs, std::int64_t state) {
    if (fingerprint(hash, inputs, "") == state) return "";
    for (const auto& entry : history) {
      const auto said = entry.info.parameters.find("asOf");
      if (said == entry.info.parameters.end()) continue;
      const auto date = nlohmann::json::parse(said->second, nullptr, false);
      if (!date.is_string()) continue;
      if (fingerprint(hash, inputs, date.get<std::string>()) == state) {
        return date.get<std::string>();
      }
    }
    return std::nullopt;
  }

  // So that what main knows of the table goes on: its audit, its date, what each way took.
  static std::map<std::string, std::string> history_of_clone(
      const std::vector<delta::Log::HistoryEntry>& history, const delta::Snapshot& table,
      const Past& past, const std::string& inputs) {
    std::map<std::string, std::string> out;
    const auto text = [](const std::string& of) { return nlohmann::json(of).dump(); };
    for (const auto& entry : history) {
      if (entry.version > table.version() || !entry.info.parameters.contains("model")) continue;
      for (const char* kept : {"model", "audit", "asOf"}) {
        const auto found = entry.info.parameters.find(kept);
        if (found != entry.info.parameters.end()) out[kept] = found->second;
      }
      break;
    }
    out["inputs"] = text(inputs);
    out["way"] = text(fmt::format("{}: cloned from main at version {}", kWhole, table.version()));
    if (past.whole_seconds) out["seconds"] = text(seconds_text(*past.whole_seconds));
    if (past.by_key_seconds) out[kByKeySeconds] = text(seconds_text(*past.by_key_seconds));
    return out;
  }

  Done clone(const Source& of, const lake::CloneWith& with) {
    lake::CreateTable create;
    create.name = of.name;
    create.clone.emplace();
    create.clone->table = in_main(of.name);
    create.clone->version = of.table->version();
    return lake::clone_table(lake_, create, nullptr, run_, with);
  }

  lake::Lake& lake_;
  engine::Session& session_;
  const std::string& run_;
  std::vector<Source> sources_;
  KeptDefinitions definitions_;
};

}  // namespace

Result<std::vector<EnvironmentTable>> clone_main(lake::Lake& lake, engine::Session& session,
                                                 const std::string& run) {
  TRY_DONE(Cloner(lake, session, run).go());
  return environment_tables(lake);
}

Result<std::vector<EnvironmentTable>> environment_tables(lake::Lake& lake) {
  std::vector<EnvironmentTable> out;
  for (const lake::TableName& name : lake.all_tables()) {
    TRY(const auto table, lake.snapshot_if_any(name));
    if (table == nullptr) continue;
    EnvironmentTable each{.table = name.text()};
    each.shared = true;
    for (const delta::AddFile& file : table->files()) {
      ++each.files;
      // What a clone shares is named by an absolute place; a vector of its own takes rows out.
      const bool own = file.path.find(":/") == std::string::npos && !file.path.starts_with('/');
      const bool less = file.deletion_vector && file.deletion_vector->storage_type == "u";
      each.shared = each.shared && !own && !less;
      each.own_files += own ? 1 : 0;
      (own ? each.own_bytes : each.shared_bytes) += file.size;
    }
    // An empty table that nobody wrote to is as shared as one can be.
    if (table->files().empty()) each.shared = table->version() == 0;
    out.push_back(std::move(each));
  }
  return out;
}

}  // namespace claimlake::refresh
