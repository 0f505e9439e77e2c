#include "pack/model.h"

#include <algorithm>

#include "base/text.h"
#include "pack/header.h"
#include "pack/sql_text.h"

namespace claimlake::pack {
namespace {

constexpr std::string_view kOpening = "/* claimlake";

// A kInvalidInput error of the tokenizer, moved from the SQL to the file.
Error moved(const Error& error, const Model& model) {
  Place place;
  const std::size_t colon = error.where.find(':');
  if (colon != std::string::npos) {
    place.line = std::stoi(error.where.substr(0, colon));
    place.column = std::stoi(error.where.substr(colon + 1));
  }
  return error_at(model.file, model.place(offset_of(model.sql, place)), error.message, error.next);
}

// Sets sql and its place from all that stands behind the header.
void take_sql(std::string_view text, std::size_t begin, Model& model) {
  const std::size_t first = text.find_first_not_of(" \t\r\n", begin);
  const std::size_t start = first == std::string_view::npos ? text.size() : first;
  const std::size_t last = text.find_last_not_of(" \t\r\n");
  model.sql = start < text.size() ? std::string(text.substr(start, last + 1 - start)) : "";
  const Place place = place_of(text, start);
  model.sql_first_line = place.line;
  model.sql_first_column = place.column;
}

// Cuts the final semicolon and refuses a second statement and what is not a SELECT.
Done check_statement(const std::vector<Token>& tokens, Model& model) {
  const std::vector<Token> words = without_comments(tokens);
  if (words.empty()) {
    return error_at(model.file, model.place(0), "there is no SELECT behind the header",
                    "write one SELECT, with a WITH before it where wanted");
  }
  if (!words[0].is("SELECT") && !words[0].is("WITH")) {
    return error_at(model.file, model.place(words[0].offset),
                    "a model is one SELECT; this begins with " + std::string(words[0].text));
  }
  const auto semicolon =
      std::find_if(words.begin(), words.end(), [](const Token& token) { return token.is(";"); });
  if (semicolon == words.end()) return done();
  if (semicolon + 1 != words.end()) {
    return error_at(model.file, model.place((semicolon + 1)->offset),
                    "a model is one SELECT; here a second statement begins",
                    "put it into a file of its own");
  }
  model.sql.resize(semicolon->offset);
  model.sql.resize(model.sql.find_last_not_of(" \t\r\n") + 1);
  return done();
}

// Names and documents the columns; the binder adds their types.
Done take_columns(const std::vector<Token>& tokens, Model& model) {
  int number = 0;
  const std::vector<SelectItem> items = select_items(tokens, model.sql);
  // A view may pass a table on as it is; the binder knows that table's columns.
  if (model.header.kind == Kind::kView && items.size() == 1 && items[0].star) return done();
  for (const SelectItem& item : items) {
    ++number;
    const Place place = model.place(item.offset);
    if (item.star) {
      return error_at(model.file, place, "the outermost SELECT must name its columns, not *",
                      "write the columns, so that a new one upstream does not change this table");
    }
    if (!item.named) {
      return error_at(model.file, place,
                      "column " + std::to_string(number) + " has no name: " + item.sql,
                      "write AS name behind it");
    }
    ColumnDoc column{.name = item.name, .type = "", .doc = item.comment, .place = place};
    const std::size_t open = column.doc.rfind('[');
    if (column.doc.ends_with("]") && open != std::string::npos) {
      column.unit = column.doc.substr(open + 1, column.doc.size() - open - 2);
      column.doc.resize(open);
      while (column.doc.ends_with(" ")) column.doc.pop_back();
    }
    if ((model.schema == "gold" || model.schema == "serving") && column.doc.empty()) {
      return error_at(model.file, place,
                      "a column of Gold or serving has no formula beside it: " + item.sql,
                      "write it behind the column: -- formula [unit]");
    }
    model.columns.push_back(std::move(column));
  }
  if (model.columns.empty()) {
    return error_at(model.file, model.place(0), "the outermost SELECT has no columns");
  }
  return done();
}

}  // namespace

const ColumnDoc* Model::column(std::string_view column_name) const {
  const std::string wanted = to_lower(column_name);
  for (const ColumnDoc& column : columns) {
    if (to_lower(column.name) == wanted) return &column;
  }
  return nullptr;
}

Place Model::place(std::size_t offset) const {
  Place inside = place_of(sql, offset);
  if (inside.line == 1) inside.column += sql_first_column - 1;
  inside.line += sql_first_line - 1;
  return inside;
}

Result<Model> parse_model(std::string_view text, std::string_view name, std::string_view file) {
  Model model;
  model.name = name;
  model.schema = name.substr(0, name.find('.'));
  model.table = name.substr(name.find('.') + 1);
  model.file = file;
  model.rules.table = name;
  if (!is_utf8(text)) return error_at(file, {}, "the file is not UTF-8 text", "save it as UTF-8");
  if (!text.starts_with(kOpening)) {
    return error_at(file, {}, "a model begins with its header",
                    "write /* claimlake, the header in YAML, and */ before the SELECT");
  }
  const std::size_t end = text.find("*/");
  if (end == std::string_view::npos) {
    return error_at(file, {}, "the header has no end", "close it with */");
  }
  const std::string yaml = std::string(kOpening.size(), ' ') +
                           std::string(text.substr(kOpening.size(), end - kOpening.size()));
  TRY(model.header, parse_header(yaml, name, file));
  take_sql(text, end + 2, model);
  auto tokens = tokenize(model.sql);
  if (!tokens) return moved(tokens.error(), model);
  TRY_DONE(check_statement(*tokens, model));
  TRY_DONE(take_columns(*tokens, model));
  return model;
}

std::map<std::string, std::vector<std::string>> tags_by_column(const Model& model) {
  std::map<std::string, std::vector<std::string>> out;
  for (const auto& [tag, names] : model.header.tags) {
    for (const std::string& name : names) {
      const ColumnDoc* column = model.column(name);
      out[column == nullptr ? name : column->name].push_back(tag);
    }
  }
  return out;
}

std::vector<std::string> column_names(const std::vector<ColumnDoc>& columns) {
  std::vector<std::string> names;
  for (const ColumnDoc& column : columns) names.push_back(column.name);
  return names;
}

std::vector<ColumnDoc> program_columns(std::string_view schema) {
  if (schema == "silver") {
    return {
        {"_is_valid", "BOOLEAN", "true where no rule failed"},
        {"_quality_score", "DOUBLE", "100 × (1 − weight of failed ÷ weight of applicable rules)"},
        {"_is_duplicate", "BOOLEAN", "false: of several versions of a key only the newest is here"},
        {"_duplicate_of", "VARCHAR", "position of the newest version; null here"},
        {"_dq", "VARCHAR[]", "names of the rules that failed; null where none"},
        {"_silver_processed_at", "TIMESTAMP WITH TIME ZONE", "when the run computed the row"}};
  }
  if (schema == "gold") {
    return {{"_gold_processed_at", "TIMESTAMP WITH TIME ZONE", "when the run computed the row"},
            {"_source_tables", "VARCHAR", "tables that the row was computed from"},
            {"_aggregation_type", "VARCHAR", "what a row is about"}};
  }
  return {};
}

}  // namespace claimlake::pack
