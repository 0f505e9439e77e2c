// Tables: what each is, where it stands, and where it comes from.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "serve/answer.h"
#include "serve/ops_tables.h"
#include "serve/session_pool.h"

namespace claimlake::serve {
namespace {

// Every table of the lake, and those of the pack that nothing has made yet.
std::vector<std::string> table_names(const ServeContext& context, Pinner& pinner) {
  std::vector<std::string> names = pinner.all_tables();
  for (const pack::Model& model : context.pack.models) {
    if (model.is_table()) names.push_back(model.name);
  }
  for (const char* kept : {kRuns, kResults, kQuarantine}) names.emplace_back(kept);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string layer_of(std::string_view table) {
  return std::string(table.substr(0, table.find('.')));
}

// Bronze, Silver, Gold, ops: the way of the data.
int layer_rank(const std::string& layer) {
  static const std::vector<std::string> kLayers{"bronze", "silver", "gold", "ops"};
  return static_cast<int>(std::find(kLayers.begin(), kLayers.end(), layer) - kLayers.begin());
}

std::string string_array(const std::vector<std::string>& texts) {
  std::vector<std::string> quoted;
  for (const std::string& text : texts) quoted.push_back(json_string(text));
  return fmt::format("[{}]", fmt::join(quoted, ","));
}

std::string or_null(const std::string& text) { return text.empty() ? "null" : json_string(text); }

std::string object_of(const std::map<std::string, std::string>& values) {
  std::string out = "{";
  for (const auto& [key, value] : values) {
    out += fmt::format("{}{}:{}", out.size() > 1 ? "," : "", json_string(key), json_string(value));
  }
  return out + '}';
}

// What the ops tables say about tables, by name.
struct Facts {
  std::map<std::string, std::string> last_run;       // JSON of schema Run
  std::map<std::string, std::string> refused;        // rows waiting
  std::map<std::string, std::string> quality_score;  // as text
};

Result<std::map<std::string, std::string>> by_name(const Reading& reading, const std::string& sql) {
  TRY(const auto rows, reading.session.query(sql));
  TRY(const engine::TextTable table, engine::read_all(*rows));
  std::map<std::string, std::string> values;
  for (const auto& row : table.rows) {
    if (row[0] && row[1]) values[*row[0]] = *row[1];
  }
  return values;
}

Result<std::map<std::string, std::string>> last_runs(const Reading& reading) {
  TRY(const auto rows,
      reading.session.query(fmt::format(
          "SELECT table_name, {{'run_id': run_id, 'status': status, 'operation': operation, "
          "'started_at': started_at, 'finished_at': finished_at, 'rows_written': rows_written, "
          "'message': message}} FROM ({}) QUALIFY row_number() OVER (PARTITION BY table_name ORDER "
          "BY started_at DESC) = 1",
          runs_relation(reading.from(kRuns)))));
  std::map<std::string, std::string> runs;
  for (;;) {
    TRY(const bool more, rows->next());
    if (!more) return runs;
    for (std::size_t row = 0; row < rows->row_count(); ++row) {
      rows->json(1, row, runs[rows->text(0, row)]);
    }
  }
}

Result<Facts> facts_of(const Reading& reading, const std::vector<std::string>& tables) {
  Facts facts;
  TRY(facts.last_run, last_runs(reading));
  TRY(facts.refused, by_name(reading, fmt::format("SELECT table_name, count(*) FROM {} WHERE state "
                                                  "= 'open' GROUP BY table_name",
                                                  reading.from(kQuarantine))));
  std::string scores;
  for (const std::string& table : tables) {
    const pack::Model* model = reading.context.pack.model(table);
    const delta::SnapshotPtr& snapshot = reading.pins.snapshot(table);
    const bool scored = model != nullptr && !model->rules.rules.empty() && snapshot != nullptr &&
                        snapshot->schema().find("_quality_score") != nullptr;
    if (!scored) continue;
    scores += fmt::format("{}SELECT '{}', round(avg(_quality_score), 2) FROM {}",
                          scores.empty() ? "" : " UNION ALL ", table, reading.from.in_place(table));
  }
  if (!scores.empty()) {
    TRY(facts.quality_score, by_name(reading, scores));
  }
  return facts;
}

template <class Map>
std::string value_or(const Map& map, const std::string& key, const char* otherwise) {
  const auto found = map.find(key);
  return found == map.end() ? otherwise : found->second;
}

// Schema Table.
std::string table_json(const Reading& reading, const std::string& table, const Facts& facts) {
  const pack::Model* model = reading.context.pack.model(table);
  const delta::SnapshotPtr& snapshot = reading.pins.snapshot(table);
  std::string version = "null", committed_at = "null";
  std::string description = model != nullptr ? model->header.description : "";
  std::int64_t rows = 0, bytes = 0;
  std::size_t files = 0;
  if (snapshot != nullptr) {
    version = std::to_string(snapshot->version());
    committed_at = '"' + to_rfc3339(snapshot->timestamp()) + '"';
    rows = snapshot->row_count().value_or(0);
    files = snapshot->files().size();
    bytes = snapshot->files_bytes();
    if (description.empty()) description = snapshot->metadata().description;
  }
  return fmt::format(
      R"({{"table":{},"layer":{},"name":{},"description":{},"key":{},"inputs":{},"version":{},)"
      R"("committed_at":{},"stale":{},"rows":{},"files":{},"bytes":{},"quality_score":{},"refused_rows":{},)"
      R"("last_run":{}}})",
      json_string(table), json_string(layer_of(table)),
      json_string(table.substr(table.find('.') + 1)), json_string(description),
      string_array(model != nullptr ? model->header.key : std::vector<std::string>()),
      string_array(model != nullptr ? model->inputs : std::vector<std::string>()), version,
      committed_at, reading.pins.stale_json(table), rows, files, bytes,
      value_or(facts.quality_score, table, "null"), value_or(facts.refused, table, "0"),
      value_or(facts.last_run, table, "null"));
}

std::vector<std::string> all_tables(const ServeContext& context, Pinner& pinner,
                                    const Parameters&) {
  return table_names(context, pinner);
}

Result<std::optional<std::string>> list_tables(const Reading& reading) {
  const std::string layer = reading.parameters.text("layer");
  std::vector<std::string> tables;
  for (const auto& [table, snapshot] : reading.pins.tables()) {
    if (layer_rank(layer_of(table)) == 4) continue;  // a layer that the contract does not know
    if (layer.empty() || layer_of(table) == layer) tables.push_back(table);
  }
  std::stable_sort(tables.begin(), tables.end(), [](const auto& a, const auto& b) {
    return layer_rank(layer_of(a)) < layer_rank(layer_of(b));
  });
  TRY(const Facts facts, facts_of(reading, tables));
  std::vector<std::string> items;
  for (const std::string& table : tables) items.push_back(table_json(reading, table, facts));
  return std::optional(
      fmt::format(R"("tables":[{}],"count":{})", fmt::join(items, ","), items.size()));
}

std::string columns_json(const pack::Model* model, const delta::SnapshotPtr& snapshot) {
  if (snapshot == nullptr) return "[]";
  std::vector<pack::ColumnDoc> added;
  if (model != nullptr) added = pack::program_columns(model->schema);
  std::vector<std::string> items;
  for (const delta::Field& field : snapshot->schema().fields) {
    std::string doc, unit;
    if (const pack::ColumnDoc* known = model ? model->column(field.name) : nullptr) {
      doc = known->doc;
      unit = known->unit;
    }
    for (const pack::ColumnDoc& column : added) {
      if (column.name == field.name) doc = column.doc;
    }
    // Where values are computed, the comment beside the column is its formula.
    const bool computed = model != nullptr && model->schema != "bronze" && !doc.empty();
    items.push_back(fmt::format(
        R"({{"name":{},"type":{},"nullable":{},"description":{},"formula":{},"unit":{}}})",
        json_string(field.name), json_string(field.type.text()), field.nullable, or_null(doc),
        computed ? json_string(doc) : "null", or_null(unit)));
  }
  return fmt::format("[{}]", fmt::join(items, ","));
}

Result<std::string> history_json(const Reading& reading, const std::string& table) {
  TRY(const lake::TableName name, lake::TableName::parse(table));
  const delta::LogVersion newest = reading.pins.snapshot(table)->version();
  const auto limit = static_cast<std::size_t>(reading.parameters.integer("history"));
  TRY(const auto history, reading.context.lake.history(name, limit));
  std::vector<std::string> items;
  for (const auto& entry : history) {
    if (entry.version > newest) continue;  // committed since the answer's versions were chosen
    items.push_back(fmt::format(
        R"({{"version":{},"timestamp":"{}","operation":{},"user":{},"run_id":{},"parameters":{},)"
        R"("metrics":{}}})",
        entry.version, to_rfc3339(entry.timestamp), json_string(entry.info.operation),
        or_null(entry.info.user), or_null(entry.info.run), object_of(entry.info.parameters),
        object_of(entry.info.metrics)));
  }
  return fmt::format("[{}]", fmt::join(items, ","));
}

// All tables reached from `table` by `step`, the nearest first.
std::vector<std::string> reach(
    const std::string& table,
    const std::function<std::vector<std::string>(const std::string&)>& step) {
  std::vector<std::string> found;
  std::set<std::string> seen{table};
  std::vector<std::string> border{table};
  while (!border.empty()) {
    std::vector<std::string> next;
    for (const std::string& at : border) {
      for (std::string& neighbour : step(at)) {
        if (!seen.insert(neighbour).second) continue;
        found.push_back(neighbour);
        next.push_back(std::move(neighbour));
      }
    }
    border = std::move(next);
  }
  return found;
}

std::string lineage_json(const pack::Pack& pack, const std::string& table) {
  const auto upstream = reach(table, [&](const std::string& at) {
    const pack::Model* model = pack.model(at);
    return model != nullptr ? model->inputs : std::vector<std::string>();
  });
  const auto downstream = reach(table, [&](const std::string& at) {
    std::vector<std::string> readers;
    for (const pack::Model& model : pack.models) {
      const bool reads =
          std::find(model.inputs.begin(), model.inputs.end(), at) != model.inputs.end();
      if (reads && model.is_table()) readers.push_back(model.name);
    }
    return readers;
  });
  return fmt::format(R"("upstream":{},"downstream":{})", string_array(upstream),
                     string_array(downstream));
}

std::vector<std::string> one_table(const ServeContext&, Pinner&, const Parameters& parameters) {
  return {parameters.text("table"), kRuns, kResults, kQuarantine};
}

Result<std::optional<std::string>> get_table(const Reading& reading) {
  const std::string table = reading.parameters.text("table");
  const pack::Model* model = reading.context.pack.model(table);
  const delta::SnapshotPtr& snapshot = reading.pins.snapshot(table);
  const bool is_known = model != nullptr && model->is_table();
  if (snapshot == nullptr && !is_known) return std::optional<std::string>();
  TRY(const Facts facts, facts_of(reading, {table}));
  std::string history = "[]", properties = "{}", partition_by = "[]";
  if (snapshot != nullptr) {
    TRY(history, history_json(reading, table));
    properties = object_of(snapshot->metadata().configuration);
    partition_by = string_array(snapshot->metadata().partition_columns);
  }
  TRY(const std::string refused,
      rows_json(reading.session,
                refused_counts(fmt::format("({}) AS t WHERE t.\"table\" = $1",
                                           quarantine_relation(reading.from(kQuarantine)))),
                {table}));
  const std::string results = reading.from(kResults);
  TRY(const std::string checks,
      rows_json(reading.session,
                fmt::format("SELECT * EXCLUDE (severity) FROM ({}) WHERE \"table\" = $1 AND run_id "
                            "= (SELECT arg_max(run_id, evaluated_at) FROM {} WHERE table_name = "
                            "$1) ORDER BY severity, rule",
                            results_relation(results, reading.context.pack), results),
                {table}));
  return std::optional(fmt::format(
      R"("table":{},"columns":{},"partition_by":{},"properties":{},"history":{},{},"model":{},)"
      R"("refused":{},"results":{})",
      table_json(reading, table, facts), columns_json(model, snapshot), partition_by, properties,
      history, lineage_json(reading.context.pack, table),
      model != nullptr && model->schema != "bronze" ? json_string(model->file) : "null", refused,
      checks));
}

}  // namespace

std::vector<Answer> lake_answers() {
  return {{"listTables", all_tables, list_tables}, {"getTable", one_table, get_table}};
}

}  // namespace claimlake::serve
