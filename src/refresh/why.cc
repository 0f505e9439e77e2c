// From the row downwards: at the versions that its table was computed from, the rows of each input
// that the key mapping leads to, and from their keys on to the raw files.
#include "refresh/why.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"
#include "pack/key_mapping.h"
#include "pack/place.h"
#include "quality/ops_tables.h"
#include "quality/quarantine.h"
#include "quality/waivers.h"
#include "refresh/fingerprint.h"
#include "refresh/key_texts.h"
#include "refresh/publish.h"

namespace claimlake::refresh {
namespace {

using engine::TextTable;

std::string at_version(const std::string& table, delta::LogVersion version) {
  return fmt::format("(SELECT * FROM {} AT (VERSION => {}))", table, version);
}

std::string parameter_of(const delta::Log::HistoryEntry& entry, const char* name) {
  const auto found = entry.info.parameters.find(name);
  if (found == entry.info.parameters.end()) return "";
  const auto text = nlohmann::json::parse(found->second, nullptr, false);
  return text.is_string() ? text.get<std::string>() : std::string();
}

class Explainer {
 public:
  Explainer(const WhyContext& context, engine::Session& session)
      : context_(context), session_(session) {}

  Result<Why> explain(const pack::Model& model, const std::vector<std::string>& key) {
    Why out{.table = model.name};
    TRY(const auto snapshot, context_.lake.snapshot(name_of(model)));
    out.version = snapshot->version();
    TRY(const std::string keys, keys_relation(model, key, out));
    const std::string row =
        fmt::format("SELECT _row.* FROM {} AS _row SEMI JOIN {} AS _keys ON {}",
                    at_version(model.name, out.version), keys,
                    pack::equal_columns("_row", model.header.key, "_keys", model.header.key));
    TRY(out.row, table_of(row));
    out.present = !out.row.rows.empty();
    TRY(out.refused, refused_of(model, fmt::format("{}", fmt::join(key, "|"))));
    TRY(out.waivers, waivers_of(model, sql_string(fmt::format("{}", fmt::join(key, "|"))), true));
    if (out.present) {
      TRY(out.written, written_by(model, out));
      TRY(out.rules, rules_of(model, out));
    }
    TRY(out.inputs, behind(model, *snapshot, keys, fmt::format("{}", fmt::join(key, "|"))));
    return out;
  }

 private:
  Result<TextTable> table_of(const std::string& sql, const std::vector<std::string>& values = {}) {
    TRY(const auto rows, session_.query(sql, values));
    return engine::read_all(*rows);
  }

  // The key as a relation of one row; its values, as the table writes them, go to `out`.
  Result<std::string> keys_relation(const pack::Model& model, const std::vector<std::string>& key,
                                    Why& out) {
    const std::vector<std::string>& columns = model.header.key;
    if (key.size() != columns.size()) {
      return Error{Fault::kInvalidInput,
                   fmt::format("the key of {} is {}, and {} values were given", model.name,
                               fmt::join(columns, ", "), key.size()),
                   "", fmt::format("--key {}", fmt::join(columns, ","))};
    }
    std::string items;
    for (std::size_t i = 0; i < key.size(); ++i) {
      const std::string& type = model.column(columns[i])->type;
      items += fmt::format("{}TRY_CAST({} AS {}) AS {}", i == 0 ? "" : ", ", sql_string(key[i]),
                           type, sql_identifier(columns[i]));
    }
    const std::string relation = "(SELECT " + items + ")";
    TRY(const auto values, table_of("SELECT * FROM " + relation));
    for (std::size_t i = 0; i < key.size(); ++i) {
      if (!values.rows[0][i]) {
        return Error{Fault::kInvalidInput,
                     fmt::format("'{}' is no {}, and {} of {} is one", excerpt(key[i]),
                                 model.column(columns[i])->type, columns[i], model.name)};
      }
      out.key.emplace_back(columns[i], *values.rows[0][i]);
    }
    return relation;
  }

  // A commit is never before the time at which its rows were computed; the log counts milliseconds.
  static std::optional<WrittenBy> first_since(
      const std::vector<delta::Log::HistoryEntry>& newest_first, Timestamp time,
      const std::function<bool(const delta::Log::HistoryEntry&)>& counts) {
    std::optional<WrittenBy> found;
    for (const auto& entry : newest_first) {
      if (entry.timestamp < std::chrono::floor<std::chrono::milliseconds>(time)) break;
      if (!counts(entry)) continue;
      found = WrittenBy{entry.version, entry.timestamp, entry.info.run, parameter_of(entry, "way")};
    }
    return found;
  }

  Result<std::optional<WrittenBy>> written_by(const pack::Model& model, const Why& out) {
    const std::string column = fmt::format("_{}_processed_at", model.schema);
    for (std::size_t i = 0; i < out.row.columns.size(); ++i) {
      if (out.row.columns[i].name != column || !out.row.rows[0][i]) continue;
      TRY(const Timestamp time, utc(*out.row.rows[0][i]));
      TRY(const auto history, context_.lake.history(name_of(model), kHistoryMax));
      return first_since(history, time, [](const delta::Log::HistoryEntry& entry) {
        return entry.info.parameters.contains("model");
      });
    }
    return std::optional<WrittenBy>();
  }

  // The text of a TIMESTAMP WITH TIME ZONE, in whatever zone the session shows it.
  Result<Timestamp> utc(const std::string& text) {
    TRY(const auto table,
        table_of("SELECT CAST(CAST($1 AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS VARCHAR)", {text}));
    return parse_timestamp(table.rows.at(0).at(0).value_or(""));
  }

  Result<std::vector<JudgedRule>> rules_of(const pack::Model& model, const Why& out) {
    std::set<std::string> failed;
    for (std::size_t i = 0; i < out.row.columns.size(); ++i) {
      if (out.row.columns[i].name != "_dq" || !out.row.rows[0][i]) continue;
      std::string names = *out.row.rows[0][i];  // "[a, b]"
      std::erase_if(names, [](char c) { return c == '[' || c == ']' || c == ' '; });
      for (std::string& name : split(names, ',')) failed.insert(std::move(name));
    }
    TRY(const auto results,
        table_of(fmt::format("SELECT rule, outcome FROM {0} WHERE table_name = $1 AND evaluated_at "
                             "= (SELECT MAX(evaluated_at) FROM {0} WHERE table_name = $1)",
                             quality::kResultsTable),
                 {model.name}));
    std::map<std::string, std::string> of_table;
    for (const auto& row : results.rows) of_table[row[0].value_or("")] = row[1].value_or("");
    std::vector<JudgedRule> rules;
    for (const pack::Rule& rule : model.rules.rules) {
      const bool of_row = rule.group == pack::RuleGroup::kRow;
      const std::string outcome =
          of_row ? (failed.contains(rule.name) ? "fails" : "holds") : of_table[rule.name];
      const bool waived =
          outcome == "fails" &&
          std::any_of(out.waivers.begin(), out.waivers.end(), [&](const RowWaiver& waiver) {
            return waiver.rule == rule.name && waiver.withdrawn_by.empty();
          });
      rules.push_back({rule.name, pack::rule_text(rule), waived ? "waived" : outcome, !of_row});
    }
    return rules;
  }

  // What people waived for rows of these keys, which stand in an IN (...); `all`: also what they
  // took back.
  Result<std::vector<RowWaiver>> waivers_of(const pack::Model& model, const std::string& keys,
                                            bool all) {
    std::vector<RowWaiver> out;
    TRY(const auto name, lake::TableName::parse(quality::kWaiversTable));
    TRY(const auto present, context_.lake.snapshot_if_any(name));
    if (present == nullptr) return out;
    TRY(const auto rows,
        table_of(fmt::format("SELECT table_name, key, rule, waived_by, waived_why, waived_at, "
                             "withdrawn_by FROM {} WHERE table_name = $1 AND key IN ({}){} ORDER "
                             "BY waived_at, rule LIMIT {}",
                             quality::kWaiversTable, keys, all ? "" : " AND withdrawn_at IS NULL",
                             kRowsShown),
                 {model.name}));
    for (const auto& row : rows.rows) {
      const auto text = [&](std::size_t i) { return row[i].value_or(""); };
      out.push_back({text(0), text(1), text(2), text(3), text(4), text(5), text(6)});
    }
    return out;
  }

  Result<std::vector<RefusedRow>> refused_of(const pack::Model& model, const std::string& key) {
    TRY(const auto rows,
        table_of(fmt::format("SELECT table_name, key, reason, state, source_file, source_position, "
                             "batch_id, first_seen_at FROM {} WHERE table_name = $1 AND key = $2 "
                             "AND {} ORDER BY first_seen_at DESC",
                             quality::kQuarantineTable, quality::kIsRefused),
                 {model.name, key}));
    std::vector<RefusedRow> out;
    for (const auto& row : rows.rows) {
      const auto text = [&](std::size_t i) { return row[i].value_or(""); };
      out.push_back({text(0), text(1), text(2), text(3), text(4), row[5], text(6), text(7)});
    }
    return out;
  }

  // What stands behind the rows of `keys` in `model` as `snapshot` has it. `key`: the only one, as
  // the quarantine writes it, or "".
  Result<std::vector<RowsBehind>> behind(const pack::Model& model, const delta::Snapshot& snapshot,
                                         const std::string& keys, const std::string& key) {
    std::vector<RowsBehind> out;
    std::map<std::string, delta::LogVersion> versions;
    for (const std::string& input : model.inputs) {
      const auto version = snapshot.txn(input_app_id(input));
      if (version) versions[input] = *version;
    }
    const pack::RelationOf relation_of = [&](const std::string& table) {
      const auto version = versions.find(table);
      return version == versions.end() ? table : at_version(table, version->second);
    };
    for (const std::string& input : model.inputs) {
      RowsBehind& rows = out.emplace_back(RowsBehind{.table = input});
      if (const auto version = versions.find(input); version != versions.end()) {
        rows.version = version->second;
      }
      rows.whole = model.mapping == nullptr ? model.name + " is computed as a whole"
                                            : model.mapping->touches_all(input);
      if (!rows.whole.empty()) continue;
      const auto read = read_rows(model, pack::rows_of_keys(model, input, keys, relation_of), rows);
      if (!read && read.error().fault == Fault::kCancelled) return read.error();
      if (!read) {
        rows.problem = read.error().message;
        continue;
      }
      TRY_DONE(go_on(model, key, rows));
    }
    return out;
  }

  // Fills `rows` with what `select` gives, and keeps it as a table of the session.
  Done read_rows(const pack::Model& reader, const std::string& select, RowsBehind& rows) {
    const std::string kept = fmt::format("temp.why_rows_{}", ++tables_);
    TRY_DONE(session_.execute(fmt::format("CREATE OR REPLACE TEMP TABLE {} AS {}", kept, select)));
    TRY(const auto count, table_of("SELECT CAST(COUNT(*) AS VARCHAR) FROM " + kept));
    rows.count = whole_number(count.rows[0][0].value_or("0")).value_or(0);
    TRY(const auto all, table_of(fmt::format("SELECT * FROM {} LIMIT 1", kept)));
    std::set<std::string> known;
    for (std::size_t i = 0; i < all.columns.size(); ++i) {
      known.insert(all.columns[i].name);
      if (rows.count == 1) rows.values[all.columns[i].name] = all.rows[0][i];
    }
    std::vector<std::string> shown;
    const pack::Model* model = context_.pack.model(rows.table);
    const auto& key =
        model == nullptr || model->header.key.empty() ? reader.header.key : model->header.key;
    for (const std::string& column : key) shown.push_back(column);
    for (const char* column : {"_quality_score", "_dq"}) shown.emplace_back(column);
    if (rows.table.starts_with("bronze.")) {
      for (const char* column :
           {"_source_file", "_source_position", "_batch_id", "_ingestion_timestamp"}) {
        shown.emplace_back(column);
      }
    }
    std::erase_if(shown, [&](const std::string& column) { return !known.contains(column); });
    if (shown.empty()) shown.assign(known.begin(), known.end());
    TRY(rows.rows, table_of(fmt::format("SELECT {0} FROM {1} ORDER BY {0} LIMIT {2}",
                                        list_of(shown), kept, kRowsShown)));
    return done();
  }

  // From the rows that were read last to what is behind them.
  Done go_on(const pack::Model& reader, const std::string& key, RowsBehind& rows) {
    const std::string kept = fmt::format("temp.why_rows_{}", tables_);
    const pack::Model* model = context_.pack.model(rows.table);
    if (model == nullptr) return done();
    if (rows.table.starts_with("bronze.")) return add_ingests(*model, kept, rows);
    if (model->header.key.empty() || !rows.version) return done();
    const bool same_key = rows.count == 0 && !key.empty() && keeps_key(reader, *model);
    if (same_key) {
      TRY(rows.refused, refused_of(*model, key));
    }
    TRY(rows.waivers,
        waivers_of(*model, fmt::format("SELECT {} FROM {}", quality::key_text(*model), kept),
                   false));
    const lake::TableName name = name_of(*model);
    TRY(const auto read, context_.lake.table(name.schema, name.table, {.version = rows.version}));
    const std::string keys =
        same_key ? key_texts(*model, key)
                 : fmt::format("(SELECT DISTINCT {} FROM {})", list_of(model->header.key), kept);
    TRY(rows.inputs, behind(*model, *read.snapshot, keys, same_key ? key : ""));
    return done();
  }

  // Whether a row of `reader` has the key of the row of `input` that it is made from.
  static bool keeps_key(const pack::Model& reader, const pack::Model& input) {
    return std::any_of(reader.mapping->places.begin(), reader.mapping->places.end(),
                       [&](const pack::KeyMapping::Place& place) {
                         return place.route.table == input.name &&
                                place.route.way == engine::KeyRoute::Way::kKey &&
                                place.route.columns == input.header.key;
                       });
  }
  static std::string key_texts(const pack::Model& model, const std::string& key) {
    const std::vector<std::string> values = split(key, '|');
    std::string items;
    for (std::size_t i = 0; i < model.header.key.size(); ++i) {
      const std::string& column = model.header.key[i];
      items += fmt::format("{}TRY_CAST({} AS {}) AS {}", i == 0 ? "" : ", ",
                           sql_string(i < values.size() ? values[i] : ""),
                           model.column(column)->type, sql_identifier(column));
    }
    return "(SELECT " + items + ")";
  }

  Done add_ingests(const pack::Model& model, const std::string& kept, RowsBehind& rows) {
    if (model.column("_ingestion_timestamp") == nullptr) return done();
    TRY(const auto times,
        table_of("SELECT DISTINCT CAST(_ingestion_timestamp AS VARCHAR) AS t FROM " + kept +
                 " WHERE _ingestion_timestamp IS NOT NULL ORDER BY t LIMIT 20"));
    if (times.rows.empty()) return done();
    TRY(const auto history, context_.lake.history(name_of(model), kHistoryMax));
    std::set<delta::LogVersion> known;
    for (const auto& row : times.rows) {
      TRY(const Timestamp time, utc(*row[0]));
      const auto written =
          first_since(history, time, [](const auto& entry) { return !entry.info.run.empty(); });
      if (written && known.insert(written->version).second) rows.written.push_back(*written);
    }
    return done();
  }

  static constexpr std::size_t kHistoryMax = 10'000;

  const WhyContext& context_;
  engine::Session& session_;
  int tables_ = 0;
};

}  // namespace

Result<Why> why(const WhyContext& context, const std::string& table,
                const std::vector<std::string>& key) {
  const std::string name = to_lower(table);
  const pack::Model* model = context.pack.model(name);
  if (model == nullptr) {
    return Error{Fault::kNotFound,
                 fmt::format("the pack makes no table {}{}", name,
                             pack::did_you_mean(name, context.pack.model_names())),
                 "", "claimlake model list"};
  }
  if (!model->is_table()) {
    return Error{Fault::kInvalidInput,
                 fmt::format("{} is a {}: its rows are computed when it is read", model->name,
                             pack::kind_name(model->header.kind)),
                 "", model->inputs.empty() ? "" : "claimlake why " + model->inputs.front()};
  }
  if (model->header.key.empty()) {
    return Error{Fault::kInvalidInput, fmt::format("{} has no key that names one row", model->name),
                 "", "ask about a table of kind keyed: claimlake model list"};
  }
  TRY(const auto session, context.engine.session({.access = engine::Access::kInternal,
                                                  .time_limit = context.time_limit}));
  return Explainer(context, *session).explain(*model, key);
}

}  // namespace claimlake::refresh
