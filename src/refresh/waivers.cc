#include "refresh/waivers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/characters.h"
#include "base/text.h"
#include "lake/commit_anew.h"
#include "pack/place.h"
#include "quality/checked.h"
#include "quality/quarantine.h"
#include "quality/waivers.h"
#include "refresh/prove_select.h"

namespace claimlake::refresh {
namespace {

using quality::kQuarantineTable;
using quality::kWaiversTable;

constexpr std::size_t kTextMax = 1'000;  // of what a person says, in characters

lake::TableName waivers_name() {
  auto name = lake::TableName::parse(kWaiversTable);
  CHECK(name.has_value(), "ops tables have proper names");
  return *std::move(name);
}

using Rules = std::set<std::string>;

// What is known of one refused row.
struct RefusedRowState {
  std::string id;
  std::string key;
  std::string state;
  Rules broken;                                // as the last refresh found
  std::map<std::string, std::string> waivers;  // that hold: waiver_id by rule
  std::string waived_by;
};

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// Waives or withdraws.
class Waivers {
 public:
  Waivers(const WaiverContext& context, const WaiverRequest& request)
      : context_(context), request_(request) {}

  Result<std::vector<WaiverChange>> waive() {
    TRY_DONE(check("waive"));
    for (const std::string& rule : request_.rules) {
      TRY_DONE(check_rule(rule));
    }
    TRY_DONE(make_table());
    return commit([this](std::vector<WaiverChange>& changes) -> Result<std::string> {
      std::vector<quality::WaivedRow> rows;
      TRY(const auto found, rows_of_keys());
      for (const RefusedRowState& row : found) {
        TRY(const auto rules, rules_to_waive(row));
        WaiverChange change{row.id, row.key, rules, {}};
        for (const std::string& rule : rules) {
          rows.push_back({uuid4(context_.random), row.id, row.key, rule});
        }
        for (const std::string& rule : row.broken) {
          const bool waived = row.waivers.contains(rule) ||
                              std::find(rules.begin(), rules.end(), rule) != rules.end();
          if (!waived && takes_out(rule)) change.still_refuses.push_back(rule);
        }
        changes.push_back(std::move(change));
      }
      return quality::waive_select(model_->name, rows, said());
    });
  }

  Result<std::vector<WaiverChange>> withdraw() {
    TRY_DONE(check("withdraw"));
    for (const std::string& rule : request_.rules) {
      TRY_DONE(check_rule(rule));
    }
    TRY(const auto present, context_.lake.snapshot_if_any(waivers_name()));
    if (present == nullptr) return none_holds(request_.keys.front());
    return commit([this](std::vector<WaiverChange>& changes) -> Result<std::string> {
      std::vector<std::string> ids;
      for (const std::string& key : request_.keys) {
        TRY(const auto held, held_of(key));
        if (held.empty()) return none_holds(key);
        for (const auto& [change, of_change] : held) {
          changes.push_back(change);
          ids.insert(ids.end(), of_change.begin(), of_change.end());
        }
      }
      return quality::withdraw_select(model_->name, ids, said());
    });
  }

 private:
  quality::Said said() const {
    return {trimmed(request_.by), trimmed(request_.why), context_.clock.now()};
  }

  Done check(const char* what) {
    TRY(model_, refusing_model(context_.pack, request_.table));
    const auto say = [&](const char* option) {
      return fmt::format("claimlake quality {} {} --key {} {}", what, model_->name,
                         request_.keys.empty() ? "KEY" : sql_string(request_.keys.front()), option);
    };
    if (request_.keys.empty()) {
      return Error{Fault::kInvalidInput, "Which rows is not said", "",
                   say("--why \"...\"") + "; claimlake quality quarantine " + model_->name +
                       " names the keys"};
    }
    if (trimmed(request_.why).empty()) {
      return Error{Fault::kInvalidInput,
                   "Why is not said, and who reads the table later must be able to know", "",
                   say("--why \"the amount is right, see the invoice\"")};
    }
    if (trimmed(request_.by).empty()) {
      return Error{Fault::kInvalidInput, "Who says so is not said", "", say("--by NAME")};
    }
    if (characters_count(request_.why) > kTextMax || characters_count(request_.by) > kTextMax) {
      return Error{Fault::kInvalidInput,
                   fmt::format("A name or a reason has more than {} characters", kTextMax), "",
                   "say it shorter, or name the place where it is written"};
    }
    return done();
  }

  bool takes_out(const std::string& name) const {
    const auto rules = model_->rules.of(pack::RuleGroup::kRow);
    return std::any_of(rules.begin(), rules.end(), [&](const pack::Rule* rule) {
      return rule->name == name && quality::rejects(rule->action);
    });
  }

  Done check_rule(const std::string& name) const {
    std::vector<std::string> names;
    for (const pack::Rule* rule : model_->rules.of(pack::RuleGroup::kRow)) {
      if (rule->name == name) {
        if (quality::can_be_waived(rule->action)) return done();
        return Error{Fault::kInvalidInput,
                     fmt::format("The rule {} of {} takes no row out by itself: it says {}", name,
                                 model_->name, pack::action_name(rule->action)),
                     "", "only rules that quarantine or drop are waived"};
      }
      if (quality::can_be_waived(rule->action)) names.push_back(rule->name);
    }
    const auto& all = model_->rules.rules;
    if (std::any_of(all.begin(), all.end(), [&](const auto& rule) { return rule.name == name; })) {
      return Error{
          Fault::kInvalidInput,
          fmt::format("The rule {} of {} takes no row out by itself: it is about the whole "
                      "table",
                      name, model_->name),
          "", "only rules that quarantine or drop are waived"};
    }
    return Error{Fault::kNotFound,
                 fmt::format("{} has no rule {} for its rows{}", model_->name, name,
                             pack::did_you_mean(name, names)),
                 "", fmt::format("claimlake quality show {}", model_->name)};
  }

  Error none_holds(const std::string& key) const {
    return {
        Fault::kNotFound,
        fmt::format(
            "No waiver{} holds for {} of {}",
            request_.rules.empty() ? "" : fmt::format(" of {}", fmt::join(request_.rules, ", ")),
            key, model_->name),
        "", "claimlake quality waivers " + model_->name};
  }

  // A table that is made by a waive is empty at version 0: then nothing was waived.
  Done make_table() {
    TRY(const auto present, context_.lake.snapshot_if_any(waivers_name()));
    if (present != nullptr) return done();
    auto created = context_.lake.create(waivers_name(), quality::waivers_schema(),
                                        quality::waivers_partition(), {}, "");
    if (!created && created.error().fault != Fault::kConflict) return std::move(created).error();
    return done();
  }

  Result<engine::TextTable> table_of(const std::string& sql,
                                     const std::vector<std::string>& parameters) {
    TRY(const auto rows, context_.session.query(sql, parameters));
    return engine::read_all(*rows);
  }

  // The rows of the keys that were given, each with the waivers that hold for it.
  Result<std::vector<RefusedRowState>> rows_of_keys() {
    std::vector<RefusedRowState> out;
    for (const std::string& key : request_.keys) {
      TRY(const auto found,
          table_of(fmt::format("SELECT quarantine_id, key, state, array_to_string(rules, ',') "
                               "FROM {} WHERE table_name = $1 AND (key = $2 OR quarantine_id = $2)",
                               kQuarantineTable),
                   {model_->name, key}));
      if (found.rows.empty()) {
        return Error{
            Fault::kNotFound,
            fmt::format("No row of {} with the key {} is or was refused", model_->name, key), "",
            fmt::format("claimlake quality quarantine {}", model_->name)};
      }
      for (const auto& row : found.rows) {
        RefusedRowState state{
            row[0].value_or(""), row[1].value_or(""), row[2].value_or(""), {}, {}, ""};
        for (std::string& rule : split(row[3].value_or(""), ',')) state.broken.insert(rule);
        TRY(const auto waivers,
            table_of(fmt::format("SELECT rule, waiver_id, waived_by FROM {} WHERE table_name = $1 "
                                 "AND quarantine_id = $2 AND withdrawn_at IS NULL",
                                 kWaiversTable),
                     {model_->name, state.id}));
        for (const auto& waiver : waivers.rows) {
          state.waivers[waiver[0].value_or("")] = waiver[1].value_or("");
          state.waived_by = waiver[2].value_or("");
        }
        const bool known = std::any_of(out.begin(), out.end(),
                                       [&](const auto& each) { return each.id == state.id; });
        if (!known) out.push_back(std::move(state));
      }
    }
    return out;
  }

  // Of a refused row: the rules that were given, or all that take it out.
  Result<std::vector<std::string>> rules_to_waive(const RefusedRowState& row) const {
    const std::string name = row.key.empty() ? row.id : row.key;
    std::vector<std::string> rules = request_.rules;
    if (rules.empty()) {
      for (const std::string& rule : row.broken) {
        if (takes_out(rule)) rules.push_back(rule);
      }
    }
    if (row.state == "replayed") {
      return Error{Fault::kConflict,
                   fmt::format("{} of {} is not refused: the table took it in, or the last run met "
                               "it no more",
                               name, model_->name),
                   "", fmt::format("claimlake why {} --key {}", model_->name, sql_string(name))};
    }
    for (const std::string& rule : rules) {
      if (row.broken.contains(rule)) continue;
      return Error{Fault::kInvalidInput,
                   fmt::format("{} of {} does not break {}: it breaks {}", name, model_->name, rule,
                               fmt::join(row.broken, ", ")),
                   "", "waive what it breaks, or leave --rule out for all of it"};
    }
    std::erase_if(rules, [&](const std::string& rule) { return row.waivers.contains(rule); });
    if (!rules.empty()) return rules;
    return Error{
        Fault::kConflict,
        row.waivers.empty()
            ? fmt::format("{} of {} is refused by no rule that the pack has now", name,
                          model_->name)
            : fmt::format("{} of {} is waived already, by {}", name, model_->name, row.waived_by),
        "",
        row.waivers.empty() || row.state != "waived" ? "claimlake run takes it in"
                                                     : "claimlake quality waivers " + model_->name};
  }

  // The waivers that hold for a key, by refused row.
  Result<std::vector<std::pair<WaiverChange, std::vector<std::string>>>> held_of(
      const std::string& key) {
    TRY(const auto found,
        table_of(fmt::format("SELECT quarantine_id, COALESCE(key, ''), rule, waiver_id FROM {} "
                             "WHERE table_name = $1 AND (key = $2 OR quarantine_id = $2) AND "
                             "withdrawn_at IS NULL ORDER BY ALL",
                             kWaiversTable),
                 {model_->name, key}));
    std::map<std::string, std::pair<WaiverChange, std::vector<std::string>>> by_row;
    for (const auto& row : found.rows) {
      const std::string rule = row[2].value_or("");
      const auto& asked = request_.rules;
      if (!asked.empty() && std::find(asked.begin(), asked.end(), rule) == asked.end()) continue;
      auto& [change, ids] = by_row[row[0].value_or("")];
      change.quarantine_id = row[0].value_or("");
      change.key = row[1].value_or("");
      change.rules.push_back(rule);
      ids.push_back(row[3].value_or(""));
    }
    std::vector<std::pair<WaiverChange, std::vector<std::string>>> out;
    for (auto& [id, held] : by_row) out.push_back(std::move(held));
    return out;
  }

  // Replaces the waivers of the table by what `select_of` gives. The position is the version that
  // the commit makes: a table that has read up to it has read this.
  template <class SelectOf>
  Result<std::vector<WaiverChange>> commit(SelectOf select_of) {
    const lake::TableName name = waivers_name();
    std::vector<WaiverChange> changes;
    const auto make =
        [&](const delta::SnapshotPtr& base) -> Result<std::optional<lake::WriteRequest>> {
      changes.clear();
      TRY(const std::string select, select_of(changes));
      lake::WriteRequest write;
      TRY(write.staged,
          context_.lake.stage(context_.session, name, select, quality::waivers_partition()));
      write.mode = lake::WriteMode::kReplacePartitions;
      write.replace = {{{"table_name", model_->name}}};
      write.positions = {{std::string(kWaiversAppId), base->version() + 1, std::nullopt},
                         {waivers_app_id(model_->name), base->version() + 1, std::nullopt}};
      write.names_version = true;
      return std::optional(std::move(write));
    };
    TRY_DONE(lake::commit_anew(context_.lake, name, make));
    return changes;
  }

  const WaiverContext& context_;
  const WaiverRequest& request_;
  const pack::Model* model_ = nullptr;
};

}  // namespace

Result<std::optional<InputVersion>> waivers_version(lake::Lake& lake, const pack::Model& model) {
  TRY(const auto snapshot, lake.snapshot_if_any(waivers_name()));
  return waivers_version(snapshot, model);
}

std::optional<InputVersion> waivers_version(const delta::SnapshotPtr& waivers,
                                            const pack::Model& model) {
  if (waivers == nullptr || !may_refuse(model)) return std::nullopt;
  const auto changed = waivers->txn(waivers_app_id(model.name));
  if (!changed) return std::nullopt;
  return InputVersion{waivers->metadata().id, *changed};
}

std::string key_of_refused(const pack::Model& model, std::string_view relation) {
  std::string items;
  for (const std::string& key : model.header.key) {
    items += fmt::format("{}{} AS {}", items.empty() ? "" : ", ",
                         quality::payload_value(*model.column(key), relation), sql_identifier(key));
  }
  return items;
}

std::string keys_of_waivers(const pack::Model& model, std::string_view changed) {
  // A row that somebody deleted from the quarantine has its key in its waivers, too, as text; null
  // where that may be read in several ways, which counts as a row without a key.
  const std::vector<std::string>& key = model.header.key;
  std::string items;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const std::string part = key.size() == 1
                                 ? "said.key"
                                 : fmt::format(
                                       "CASE WHEN len(string_split(said.key, '|')) = {} THEN "
                                       "string_split(said.key, '|')[{}] END",
                                       key.size(), i + 1);
    items += fmt::format("{}TRY_CAST({} AS {}) AS {}", items.empty() ? "" : ", ", part,
                         model.column(key[i])->type, sql_identifier(key[i]));
  }
  return fmt::format(
      "SELECT {0} FROM {1} AS waiting WHERE waiting.table_name = {2} AND waiting.quarantine_id IN "
      "(SELECT quarantine_id FROM {3} WHERE table_name = {2})\nUNION\nSELECT {4} FROM {3} AS said "
      "WHERE said.table_name = {2} AND NOT EXISTS (SELECT 1 FROM {1} AS known WHERE "
      "known.table_name = {2} AND known.quarantine_id = said.quarantine_id)",
      key_of_refused(model, "waiting"), kQuarantineTable, sql_string(model.name), changed, items);
}

Result<std::vector<WaiverChange>> waive(const WaiverContext& context,
                                        const WaiverRequest& request) {
  return Waivers(context, request).waive();
}

Result<std::vector<WaiverChange>> withdraw(const WaiverContext& context,
                                           const WaiverRequest& request) {
  return Waivers(context, request).withdraw();
}

Result<const pack::Model*> refusing_model(const pack::Pack& pack, const std::string& table) {
  const std::string name = to_lower(table);
  const pack::Model* model = pack.model(name);
  if (model == nullptr) {
    return Error{Fault::kNotFound,
                 fmt::format("The pack makes no table {}{}", name,
                             pack::did_you_mean(name, pack.model_names())),
                 "", "claimlake model list"};
  }
  if (may_refuse(*model)) return model;
  const bool broken_records = model->header.kind == pack::Kind::kAppend;
  return Error{Fault::kInvalidInput,
               broken_records
                   ? fmt::format("What {} refused is text that is no record; no rule did it", name)
                   : fmt::format("No rule of {} takes rows out", name),
               "",
               broken_records ? "mend the record in a file of another name, and take that in"
                              : "claimlake quality quarantine names the tables that refuse rows"};
}

}  // namespace claimlake::refresh
