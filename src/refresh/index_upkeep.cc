#include "refresh/index_upkeep.h"

#include <algorithm>
#include <optional>

#include "base/log.h"
#include "engine/key_index.h"
#include "pack/key_mapping.h"
#include "refresh/sum_refresh.h"

namespace claimlake::refresh {
namespace {

using Looked = std::map<std::string, std::set<std::vector<std::string>>>;

bool leads_to_keys(const pack::Model& model) {
  return model.mapping->lost.empty() &&
         std::any_of(model.inputs.begin(), model.inputs.end(), [&](const std::string& input) {
           return model.mapping->touches_all(input).empty();
         });
}

void add_model(const pack::Model& model, Looked& all) {
  const pack::Finder note = [&](const engine::LookUp& look_up) -> Result<std::string> {
    for (const engine::LookUp::By& by : look_up.any) all[look_up.table].insert(by.columns);
    return look_up.table;
  };
  // Only what they look up is wanted: a text that cannot be made looks up nothing.
  for (const engine::LookUp& look_up : look_ups_of_sums(model)) {
    for (const engine::LookUp::By& by : look_up.any) all[look_up.table].insert(by.columns);
  }
  const auto selected = pack::select_of_keys(model, "touched", note);
  if (!selected) return;
  all[model.name].insert(model.header.key);
  for (const std::string& input : model.inputs) {
    if (!model.mapping->touches_all(input).empty()) continue;
    const auto touched = pack::touched_keys(model, input, "changed", note);
    if (!touched) return;
  }
  for (const pack::Rule* rule : model.rules.of(pack::RuleGroup::kRow)) {
    const auto* exists = std::get_if<pack::ExistsIn>(&rule->body);
    if (exists == nullptr) continue;
    all[exists->table].insert({exists->parent_column});
    all[model.name].insert({exists->column});
  }
}

// Its newest version, if it has one that can be read.
std::optional<engine::TableVersion> newest(lake::Lake& lake, const std::string& table) {
  const auto name = lake::TableName::parse(table);
  if (!name) return std::nullopt;
  auto version = lake.table(name->schema, name->table, {});
  if (!version) return std::nullopt;
  return *std::move(version);
}

Result<std::int64_t> make_missing(engine::Session& session, const std::string& table,
                                  const engine::TableVersion& version,
                                  const std::set<std::vector<std::string>>& ways,
                                  const Cancel& cancel) {
  std::int64_t made = 0;
  for (const auto& columns : ways) {
    if (cancel.cancelled()) return Error{Fault::kCancelled, "Stopped"};
    const auto files = session.index_keys(version, columns);
    if (files) {
      made += *files;
    } else if (files.error().fault == Fault::kCancelled) {
      return files.error();
    } else {  // who looks rows up there says what is wrong
      log(LogLevel::kDebug, "index_left",
          {{"table", table}, {"fault", fault_name(files.error().fault)}});
    }
  }
  return made;
}

// Tables of other names than those of the lake: of an environment, or dropped.
void forget_dropped(lake::Lake& lake, engine::KeyIndex& index) {
  for (const std::string& folder : index.tables()) {
    const auto log = lake.store().list(folder + "/_delta_log");
    if (log && log->empty()) index.forget(folder);
  }
}

}  // namespace

Looked looked_up(const pack::Pack& pack) {
  Looked all;
  for (const pack::Model& model : pack.models) {
    if (model.is_table() && model.mapping != nullptr && leads_to_keys(model)) add_model(model, all);
  }
  return all;
}

Result<std::vector<IndexState>> index_states(lake::Lake& lake, engine::Engine& engine,
                                             const pack::Pack& pack) {
  std::vector<IndexState> out;
  for (const auto& [table, ways] : looked_up(pack)) {
    const auto version = newest(lake, table);
    if (!version) continue;
    const auto size = engine.key_index().size(version->path);
    IndexState state{table, 0, size.files, size.bytes};
    for (const auto& columns : ways) {
      const auto missing = engine.key_index().missing(*version, columns);
      if (missing) state.missing += static_cast<std::int64_t>(missing->size());
    }
    out.push_back(std::move(state));
  }
  return out;
}

Result<std::int64_t> keep_indexes(lake::Lake& lake, engine::Engine& engine,
                                  engine::Session& session, const pack::Pack& pack,
                                  const Cancel& cancel) {
  std::int64_t made = 0;
  for (const auto& [table, ways] : looked_up(pack)) {
    const auto version = newest(lake, table);
    if (!version) continue;
    TRY(const std::int64_t files, make_missing(session, table, *version, ways, cancel));
    made += files;
    engine.key_index().keep_only(*version);
  }
  forget_dropped(lake, engine.key_index());
  return made;
}

void drop_gone_indexes(lake::Lake& lake, engine::Engine& engine) {
  engine::KeyIndex& index = engine.key_index();
  for (const std::string& folder : index.tables()) {
    std::string table = folder;
    std::replace(table.begin(), table.end(), '/', '.');
    const auto version = newest(lake, table);
    if (version && version->path == folder) index.keep_only(*version);
  }
}

}  // namespace claimlake::refresh
