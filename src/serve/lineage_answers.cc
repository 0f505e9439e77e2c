// What every column of the pack hangs on, for whoever walks it.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "pack/lineage.h"
#include "pack/show_json.h"
#include "serve/answer.h"

namespace claimlake::serve {
namespace {

std::string or_null(const std::string& text) { return text.empty() ? "null" : json_string(text); }

std::string string_array(const std::vector<std::string>& texts) {
  std::vector<std::string> quoted;
  for (const std::string& text : texts) quoted.push_back(json_string(text));
  return fmt::format("[{}]", fmt::join(quoted, ","));
}

std::string sources_json(const std::vector<engine::ColumnSource>& sources) {
  std::vector<std::string> items;
  for (const engine::ColumnSource& source : sources) {
    items.push_back(fmt::format(R"({{"table":{},"column":{},"field":{},"way":"{}"}})",
                                json_string(source.table), or_null(source.column),
                                or_null(source.field), engine::lineage_way_name(source.way)));
  }
  return fmt::format("[{}]", fmt::join(items, ","));
}

// The columns of a model or source with their meaning, those that the program adds among them.
std::vector<pack::ColumnDoc> docs_of(const pack::Pack& pack, const std::string& table) {
  std::vector<pack::ColumnDoc> docs;
  std::vector<pack::ColumnDoc> added;
  if (const pack::Model* model = pack.model(table)) {
    docs = model->columns;
    if (model->is_table()) added = pack::program_columns(model->schema);
  } else if (const pack::Source* source = pack.source(table.substr(table.find('.') + 1))) {
    docs = source->columns;
    added = pack::arrival_columns();
  }
  docs.insert(docs.end(), added.begin(), added.end());
  return docs;
}

std::string table_json(const pack::Pack& pack, const pack::TableLineage& table) {
  const std::vector<pack::ColumnDoc> docs = docs_of(pack, table.name);
  std::vector<std::string> columns;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const auto& [name, sources] = table.columns[i];
    const pack::ColumnDoc doc = i < docs.size() ? docs[i] : pack::ColumnDoc{.name = name};
    columns.push_back(fmt::format(R"({{"column":{},"type":{},"doc":{},"unit":{},"sources":{}}})",
                                  json_string(name), json_string(doc.type), or_null(doc.doc),
                                  or_null(doc.unit), sources_json(sources)));
  }
  const pack::Model* model = pack.model(table.name);
  const pack::Source* source = pack.source(table.name.substr(table.name.find('.') + 1));
  const std::string kind = model != nullptr ? pack::kind_name(model->header.kind) : "source";
  const std::string description = model != nullptr    ? model->header.description
                                  : source != nullptr ? source->description
                                                      : "";
  return fmt::format(
      R"({{"table":{},"layer":{},"kind":"{}","description":{},"files":{},"reads":{},"sql":{},)"
      R"("columns":[{}],"rows":{}}})",
      json_string(table.name), json_string(table.name.substr(0, table.name.find('.'))), kind,
      json_string(description), string_array(table.files), string_array(table.reads),
      model != nullptr ? json_string(model->sql) : "null", fmt::join(columns, ","),
      sources_json(table.rows));
}

Result<std::optional<std::string>> get_lineage(const Reading& reading) {
  const pack::Pack& pack = reading.context.pack;
  TRY(const auto lineage, pack::read_lineage(pack, reading.context.engine));
  std::vector<std::string> tables;
  for (const pack::TableLineage& table : lineage.tables) tables.push_back(table_json(pack, table));
  return std::optional(
      fmt::format(R"("tables":[{}],"count":{})", fmt::join(tables, ","), tables.size()));
}

// The documentation of all models, in the order of the pack.
Result<std::optional<std::string>> list_models(const Reading& reading) {
  const pack::Pack& pack = reading.context.pack;
  nlohmann::json models = nlohmann::json::array();
  for (const pack::Model& model : pack.models) {
    TRY(const auto detail, pack::model_detail(pack, model.name));
    models.push_back(to_json(detail));
  }
  const std::size_t count = models.size();
  return std::optional(
      fmt::format(R"("models":{},"count":{})",
                  models.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), count));
}

}  // namespace

std::vector<Answer> lineage_answers() {
  return {{"getLineage", fixed({}), get_lineage}, {"listModels", fixed({}), list_models}};
}

}  // namespace claimlake::serve
