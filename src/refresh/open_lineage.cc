#include "refresh/open_lineage.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "refresh/fingerprint.h"
#include "store/digest.h"

namespace claimlake::refresh {
namespace {

using nlohmann::json;

constexpr const char* kSpec = "https://openlineage.io/spec/";

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return text;
}

// An id that is the same each time it is asked for, in the form of a UUID of version 8.
std::string id_of(const std::string& run, const std::string& job) {
  std::string hex = store::to_hex(store::sha256(run + " " + job)).substr(0, 32);
  hex[12] = '8';
  hex[16] = 'a';
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4),
                     hex.substr(16, 4), hex.substr(20));
}

class Events {
 public:
  Events(const OpenLineageContext& context, const RunReport& report, std::string_view kind)
      : context_(context), report_(report), kind_(kind) {}

  std::vector<std::string> begin(const BegunTable& begun, bool first) {
    if (first) add_run("START", report_.started_at);
    begin_table(begun.table, begun.started_at);
    return std::move(events_);
  }

  std::vector<std::string> end(const OpenLineageEnd& end) {
    const bool any = std::any_of(report_.tables.begin(), report_.tables.end(),
                                 [](const TableReport& table) { return is_done(table.outcome); });
    if (!any && end.begun.empty()) return {};
    if (end.begun.empty()) add_run("START", report_.started_at);
    auto open = end.begun;
    for (const TableReport& table : report_.tables) {
      const bool told = open.erase(table.table) > 0;
      if (!told && !is_done(table.outcome)) continue;
      if (!told) begin_table(table.table, table.started_at);
      end_table(table);
    }
    const char* broke_off = end.broke_off == nullptr                    ? nullptr
                            : end.broke_off->fault == Fault::kCancelled ? "ABORT"
                                                                        : "FAIL";
    for (const auto& [table, started_at] : open) break_off(table, broke_off, end.at);
    if (broke_off != nullptr) {
      add_run(broke_off, end.at);
    } else {
      add_run(report_.ok() ? "COMPLETE" : "FAIL", after(report_.started_at, report_.seconds));
    }
    return std::move(events_);
  }

 private:
  // The run as a whole.
  void add_run(const char* type, Timestamp time) {
    const json run = {{"runId", report_.run}, {"facets", {{"processing_engine", engine()}}}};
    const json job = {{"namespace", context_.job_namespace},
                      {"name", job_name()},
                      {"facets", {{"jobType", job_type("PIPELINE")}}}};
    add(type, time, run, job, json::array(), json::array());
  }

  static bool is_done(TableOutcome outcome) {
    return outcome == TableOutcome::kBuilt || outcome == TableOutcome::kRefused ||
           outcome == TableOutcome::kFailed;
  }
  static Timestamp after(Timestamp start, double seconds) {
    return start + std::chrono::microseconds(static_cast<std::int64_t>(seconds * 1e6));
  }
  std::string job_name() const { return context_.pack.name + "." + kind_; }

  json facet(const char* version, const char* type, json fields) const {
    fields["_producer"] = context_.producer;
    fields["_schemaURL"] = fmt::format("{}facets/{}/{}.json#/$defs/{}", kSpec, version, type, type);
    return fields;
  }
  json engine() const {
    return facet("1-1-1", "ProcessingEngineRunFacet",
                 {{"name", "DuckDB"}, {"version", engine::engine_version()}});
  }
  json job_type(const char* type) const {
    return facet("2-0-4", "JobTypeJobFacet",
                 {{"processingType", "BATCH"}, {"integration", "CLAIMLAKE"}, {"jobType", type}});
  }
  json parent() const {
    return facet("1-2-0", "ParentRunFacet",
                 {{"run", {{"runId", report_.run}}},
                  {"job", {{"namespace", context_.job_namespace}, {"name", job_name()}}}});
  }

  void add(const char* type, Timestamp time, const json& run, const json& job, json inputs,
           json outputs) {
    const json event = {
        {"eventType", type},
        {"eventTime", to_rfc3339(time)},
        {"producer", context_.producer},
        {"schemaURL", fmt::format("{}2-0-2/OpenLineage.json#/$defs/RunEvent", kSpec)},
        {"run", run},
        {"job", job},
        {"inputs", std::move(inputs)},
        {"outputs", std::move(outputs)}};
    events_.push_back(event.dump(-1, ' ', false, json::error_handler_t::replace));
  }

  json dataset(const std::string& table) const {
    std::string path = table;
    std::replace(path.begin(), path.end(), '.', '/');
    const auto [space, name] = dataset_name(context_.place, path);
    return {{"namespace", space}, {"name", name}, {"facets", json::object()}};
  }

  // With its columns and, if it is known, its version.
  json described(const std::string& table, std::optional<delta::LogVersion> version) const {
    json out = dataset(table);
    json fields = json::array();
    if (const pack::Model* model = context_.pack.model(table)) {
      for (const pack::ColumnDoc& column : model->columns) fields.push_back(field(column));
      if (model->is_table()) {
        for (const auto& column : pack::program_columns(model->schema)) {
          fields.push_back(field(column));
        }
      }
    } else if (const pack::Source* source = source_of(table)) {
      for (const pack::ColumnDoc& column : source->columns) fields.push_back(field(column));
      for (const pack::ColumnDoc& column : pack::arrival_columns()) fields.push_back(field(column));
    }
    out["facets"]["schema"] = facet("1-2-0", "SchemaDatasetFacet", {{"fields", fields}});
    if (version) {
      out["facets"]["version"] = facet("1-0-1", "DatasetVersionDatasetFacet",
                                       {{"datasetVersion", std::to_string(*version)}});
    }
    return out;
  }
  static json field(const pack::ColumnDoc& column) {
    json out = {{"name", column.name}, {"type", column.type}};
    if (!column.doc.empty()) out["description"] = column.doc;
    return out;
  }
  const pack::Source* source_of(const std::string& table) const {
    return table.starts_with("raw.") ? context_.pack.source(table.substr(4)) : nullptr;
  }

  // Run and job of the work on one table.
  json run_of(const std::string& table) const {
    return {{"runId", id_of(report_.run, table)},
            {"facets", {{"parent", parent()}, {"processing_engine", engine()}}}};
  }
  json job_of(const pack::Model& model) const {
    return {{"namespace", context_.job_namespace},
            {"name", job_name() + "." + model.name},
            {"facets",
             {{"jobType", job_type("TABLE")},
              {"sql", facet("1-1-0", "SQLJobFacet", {{"query", model.sql}, {"dialect", "duckdb"}})},
              {"documentation", facet("1-1-0", "DocumentationJobFacet",
                                      {{"description", model.header.description}})}}}};
  }
  json output_of(const std::string& table, std::optional<delta::LogVersion> version) const {
    json output = described(table, version);
    output["facets"]["columnLineage"] = column_lineage(table);
    return output;
  }

  // What will be read and written is known, the versions are not.
  void begin_table(const std::string& table, Timestamp time) {
    const pack::Model* model = context_.pack.model(table);
    if (model == nullptr) return;
    add("START", time, run_of(table), job_of(*model), inputs_of(*model, std::nullopt),
        json::array({output_of(table, std::nullopt)}));
  }

  void end_table(const TableReport& table) {
    const pack::Model* model = context_.pack.model(table.table);
    if (model == nullptr) return;
    json run = run_of(table.table);
    const bool built = table.outcome == TableOutcome::kBuilt;
    const bool failed =
        table.outcome == TableOutcome::kRefused || table.outcome == TableOutcome::kFailed;
    json output = output_of(table.table, built ? table.version : std::nullopt);
    if (built) {
      output["outputFacets"] = {
          {"outputStatistics",
           facet("1-0-2", "OutputStatisticsOutputDatasetFacet", {{"rowCount", table.rows}})}};
    } else if (failed) {
      // What went wrong with a value may quote it, and stays in the lake.
      run["facets"]["errorMessage"] =
          error_facet(table.outcome == TableOutcome::kRefused
                          ? table.message
                          : table.table + " could not be brought up to date; ops.runs says why");
    }
    const Timestamp end = after(table.started_at, table.seconds);
    // One that waits was given up; one that is skipped was found up to date after all.
    const char* type = failed                                    ? "FAIL"
                       : table.outcome == TableOutcome::kWaiting ? "ABORT"
                                                                 : "COMPLETE";
    add(type, end, run, job_of(*model), inputs_of(*model, built ? table.version : std::nullopt),
        json::array({output}));
    if (!table.results.empty()) add_rules(table, end);
  }

  // One that had begun when the run ended before its end.
  void break_off(const std::string& table, const char* type, Timestamp time) {
    const pack::Model* model = context_.pack.model(table);
    if (model == nullptr) return;
    add(type == nullptr ? "ABORT" : type, time, run_of(table), job_of(*model),
        inputs_of(*model, std::nullopt), json::array({output_of(table, std::nullopt)}));
  }

  json error_facet(const std::string& message) const {
    return facet("1-0-1", "ErrorMessageRunFacet",
                 {{"message", message}, {"programmingLanguage", "SQL"}});
  }

  // The versions that were read stand in the version that was written.
  json inputs_of(const pack::Model& model, std::optional<delta::LogVersion> written) const {
    delta::SnapshotPtr snapshot;
    if (written) {
      const auto found = context_.lake.table(model.schema, model.table, {.version = written});
      if (found) snapshot = found->snapshot;
    }
    json out = json::array();
    for (const auto* inputs : {&model.inputs, &model.rule_inputs}) {
      for (const std::string& input : *inputs) {
        std::optional<delta::LogVersion> version;
        if (snapshot != nullptr) version = snapshot->txn(input_app_id(input));
        out.push_back(described(input, version));
      }
    }
    return out;
  }

  json column_lineage(const std::string& name) const {
    const pack::TableLineage* table = context_.lineage.table(name);
    json fields = json::object();
    json rows = json::array();
    if (table != nullptr) {
      for (const auto& [column, sources] : table->columns) {
        json from = input_fields(sources);
        if (!from.empty()) fields[column] = {{"inputFields", std::move(from)}};
      }
      rows = input_fields(table->rows);
    }
    return facet("1-2-0", "ColumnLineageDatasetFacet", {{"fields", fields}, {"dataset", rows}});
  }

  // Each field once with all its ways. Rows that count have no field to name.
  json input_fields(const std::vector<engine::ColumnSource>& sources) const {
    std::map<std::pair<std::string, std::string>, json> by_field;
    for (const engine::ColumnSource& source : sources) {
      if (source.column.empty()) continue;
      const std::string field = source.column + (source.field.empty() ? "" : "." + source.field);
      json& ways = by_field[{source.table, field}];
      ways.push_back({{"type", engine::gives_values(source.way) ? "DIRECT" : "INDIRECT"},
                      {"subtype", upper(engine::lineage_way_name(source.way))},
                      {"masking", false}});
    }
    json out = json::array();
    for (auto& [key, ways] : by_field) {
      json from = dataset(key.first);
      from.erase("facets");
      from["field"] = key.second;
      from["transformations"] = std::move(ways);
      out.push_back(std::move(from));
    }
    return out;
  }

  // A run of its own that reads the table, so that its results are those of a table.
  void add_rules(const TableReport& table, Timestamp time) {
    const std::string name = job_name() + "." + table.table + ".rules";
    const json run = {{"runId", id_of(report_.run, table.table + ".rules")},
                      {"facets", {{"parent", parent()}}}};
    const json job = {{"namespace", context_.job_namespace},
                      {"name", name},
                      {"facets", {{"jobType", job_type("RULES")}}}};
    json assertions = json::array();
    const pack::Model* model = context_.pack.model(table.table);
    for (const quality::RuleResult& result : table.results) {
      assertions.push_back(assertion(result, *model));
    }
    json input = described(table.table, table.version);
    input["inputFacets"] = {
        {"dataQualityAssertions",
         facet("1-1-0", "DataQualityAssertionsDatasetFacet", {{"assertions", assertions}})}};
    add("START", time, run, job, json::array({input}), json::array());
    const bool fails = quality::fails_table(table.results);
    add(fails ? "FAIL" : "COMPLETE", time, run, job, json::array({input}), json::array());
  }
  static json assertion(const quality::RuleResult& result, const pack::Model& model) {
    json out = {{"assertion", result.kind},
                {"name", result.rule},
                {"success", result.failed == 0},
                {"severity", result.outcome == quality::Outcome::kFail ? "error" : "warn"}};
    if (!result.threshold.empty()) out["expected"] = result.threshold;
    if (result.value) out["actual"] = fmt::format("{}", *result.value);
    out["params"] = {{"checked", result.checked}, {"failed", result.failed}};
    for (const pack::Rule& rule : model.rules.rules) {
      if (rule.name != result.rule) continue;
      out["description"] = pack::rule_text(rule);
      const auto columns = pack::rule_columns(rule);
      if (columns.size() == 1) out["column"] = columns.front();
    }
    return out;
  }

  const OpenLineageContext& context_;
  const RunReport& report_;
  const std::string kind_;
  std::vector<std::string> events_;
};

}  // namespace

std::pair<std::string, std::string> dataset_name(std::string_view place, std::string_view path) {
  const std::size_t scheme = place.find("://");
  if (scheme == std::string_view::npos) return {"file", fmt::format("{}/{}", place, path)};
  const std::size_t slash = place.find('/', scheme + 3);
  if (slash == std::string_view::npos) return {std::string(place), std::string(path)};
  std::string prefix(place.substr(slash + 1));
  while (prefix.ends_with('/')) prefix.pop_back();
  return {std::string(place.substr(0, slash)),
          (prefix.empty() ? "" : prefix + "/") + std::string(path)};
}

std::vector<std::string> open_lineage_begin(const OpenLineageContext& context,
                                            const BegunTable& begun, bool first) {
  RunReport report;
  report.run = begun.run;
  report.started_at = begun.run_started_at;
  return Events(context, report, begun.kind).begin(begun, first);
}

std::vector<std::string> open_lineage_events(const OpenLineageContext& context,
                                             const RunReport& report, std::string_view kind,
                                             const OpenLineageEnd& end) {
  return Events(context, report, kind).end(end);
}

}  // namespace claimlake::refresh
