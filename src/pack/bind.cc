#include "pack/bind.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "pack/lint.h"
#include "pack/sql_text.h"

namespace claimlake::pack {
namespace {

struct Edit {
  std::size_t begin;
  std::size_t end;
  std::string text;
};

// Uses of a function's parameters: the plain name, neither behind a table nor as an alias.
std::vector<Edit> parameter_edits(const Model& model, const std::vector<Token>& words) {
  std::vector<Edit> edits;
  for (const auto& [name, type] : model.header.parameters) {
    for (std::size_t i = 0; i < words.size(); ++i) {
      const bool qualified = (i > 0 && (words[i - 1].is(".") || words[i - 1].is("AS"))) ||
                             (i + 1 < words.size() && words[i + 1].is("."));
      if (words[i].kind != TokenKind::kWord || qualified) continue;
      if (to_lower(words[i].text) != to_lower(name)) continue;
      edits.push_back({words[i].offset, words[i].end(), "CAST(NULL AS " + type + ")"});
    }
  }
  return edits;
}

Rewriter bindable(const Model& model, const std::vector<TableReference>& references,
                  const std::vector<std::string>& relations) {
  const auto tokens = tokenize(model.sql);
  CHECK(tokens, "the loader has read the SQL");
  std::vector<Edit> edits = parameter_edits(model, without_comments(*tokens));
  for (std::size_t i = 0; i < references.size(); ++i) {
    edits.push_back(
        {references[i].begin, references[i].end, replacement(references[i], relations[i])});
  }
  std::sort(edits.begin(), edits.end(),
            [](const Edit& a, const Edit& b) { return a.begin < b.begin; });
  Rewriter rewriter(model.sql);
  for (const Edit& edit : edits) rewriter.replace(edit.begin, edit.end, edit.text);
  return rewriter;
}

// The first line of an engine's message, without the kind of error in front of it.
std::string plain_message(const std::string& message) {
  std::string line = message.substr(0, message.find('\n'));
  for (const char* kind : {"Binder Error: ", "Catalog Error: ", "Parser Error: "}) {
    if (const std::size_t at = line.find(kind); at != std::string::npos) {
      line = line.substr(at + std::string_view(kind).size());
    }
  }
  return line;
}

// Reads "line:column" at the end of the engine's `where`; the start of the text if there is none.
Place engine_place(const std::string& where) {
  Place place;
  const std::size_t colon = where.rfind(':');
  if (colon == std::string::npos) return place;
  const std::size_t before = where.find_last_not_of("0123456789", colon - 1);
  const std::size_t begin = colon == 0 ? colon : before == std::string::npos ? 0 : before + 1;
  const std::string line = where.substr(begin, colon - begin);
  const std::string column = where.substr(colon + 1);
  const auto number = [](const std::string& text) {
    return !text.empty() && text.size() < 9 &&
           text.find_first_not_of("0123456789") == std::string::npos;
  };
  if (number(line) && number(column)) place = {std::stoi(line), std::stoi(column)};
  return place;
}

Done need_column(const Model& model, const char* key, const std::string& name) {
  if (model.column(name)) return done();
  return error_at(model.file, model.header.places.at(key),
                  std::string(key) + " names a column that the SELECT does not give: " + name +
                      did_you_mean(name, column_names(model.columns)));
}

// The header's columns must be columns of the SELECT.
Done check_header_columns(const Model& model) {
  for (const std::string& name : model.header.key) {
    TRY_DONE(need_column(model, "key", name));
  }
  for (const std::string& name : model.header.partition) {
    TRY_DONE(need_column(model, "partition", name));
  }
  for (const auto& [tag, names] : model.header.tags) {
    for (const std::string& name : names) {
      TRY_DONE(need_column(model, "tags", name));
    }
  }
  return done();
}

Done check_changes(const Model& model, const ColumnsOf& columns_of) {
  for (const auto& [table, names] : model.header.changes) {
    const Place place = model.header.places.at("changes");
    if (std::find(model.inputs.begin(), model.inputs.end(), table) == model.inputs.end()) {
      return error_at(model.file, place,
                      "changes names a table that the SQL does not read: " + table +
                          did_you_mean(table, model.inputs));
    }
    const std::vector<std::string> known = column_names(*columns_of(table));
    for (const std::string& name : names) {
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      return error_at(model.file, place,
                      "changes: " + table + " has no column " + name + did_you_mean(name, known));
    }
  }
  return done();
}

// latest_by is a list of expressions over the one table that the model reads.
Done check_latest_by(const Model& model, const ColumnsOf& columns_of, engine::Session& session) {
  if (model.header.latest_by.empty()) return done();
  const Place place = model.header.places.at("latest_by");
  if (model.inputs.size() != 1) {
    return error_at(model.file, place, "latest_by needs a model that reads exactly one table");
  }
  std::string sql = "SELECT ";
  for (const std::string& text : model.header.key) sql += sql_identifier(text) + ", ";
  for (const std::string& text : model.header.latest_by) sql += "(" + text + "\n), ";
  sql += "1 FROM " + empty_relation(*columns_of(model.inputs[0])) + " AS arrived";
  const auto bound = session.describe(sql);
  if (!bound) {
    return error_at(model.file, place, "latest_by: " + plain_message(bound.error().message),
                    "it lists expressions over a row of " + model.inputs[0]);
  }
  return done();
}

// A type that Delta cannot hold is an error at its column.
Done check_storable(const Model& model) {
  if (!model.is_table()) return done();
  for (const ColumnDoc& column : model.columns) {
    if (engine::delta_schema({{column.name, column.type}})) continue;
    return error_at(
        model.file, column.place,
        "column " + column.name + " has a type that a table cannot hold: " + column.type,
        column.type == "HUGEINT" ? "write CAST(... AS BIGINT)" : "cast it to another type");
  }
  return done();
}

// Gives a view that says SELECT * the columns of the one table that it reads.
Done pass_on(Model& model, const ColumnsOf& columns_of) {
  if (model.inputs.size() != 1) {
    return error_at(model.file, model.place(0),
                    "only a view of one table may say SELECT *; this one reads " +
                        std::to_string(model.inputs.size()),
                    "write the columns");
  }
  model.columns = *columns_of(model.inputs[0]);
  return done();
}

}  // namespace

std::string bindable_sql(const Model& model, const std::vector<TableReference>& references,
                         const std::vector<std::string>& relations) {
  return bindable(model, references, relations).finish();
}

Done bind_model(Model& model, const std::vector<TableReference>& references,
                const ColumnsOf& columns_of, engine::Session& session) {
  std::vector<std::string> relations;
  for (const TableReference& reference : references) {
    relations.push_back(empty_relation(*columns_of(reference.name)));
  }
  Rewriter rewriter = bindable(model, references, relations);
  const std::string sql = rewriter.finish();

  if (model.columns.empty()) {
    TRY_DONE(pass_on(model, columns_of));
  }
  const auto bound = session.describe(sql);
  if (!bound) {
    if (bound.error().fault != Fault::kInvalidInput) return bound.error();
    const std::size_t at = offset_of(sql, engine_place(bound.error().where));
    return error_at(model.file, model.place(rewriter.original(at)),
                    model.name + ": " + plain_message(bound.error().message), bound.error().next);
  }
  if (bound->size() != model.columns.size()) {
    return error_at(model.file, model.place(0),
                    model.name + ": the engine sees " + std::to_string(bound->size()) +
                        " columns where the outermost SELECT lists " +
                        std::to_string(model.columns.size()),
                    "write the outermost SELECT as a plain list of columns");
  }
  std::set<std::string> seen;
  for (std::size_t i = 0; i < bound->size(); ++i) {
    model.columns[i].type = (*bound)[i].type;
    const std::string& name = model.columns[i].name;
    if (!seen.insert(to_lower(name)).second) {
      return error_at(model.file, model.columns[i].place, "two columns are called " + name);
    }
  }
  for (const ColumnDoc& added : program_columns(model.schema)) {
    if (const ColumnDoc* own = model.column(added.name)) {
      return error_at(model.file, own->place, "the program adds this column itself: " + added.name,
                      "give it another name");
    }
  }
  TRY_DONE(check_storable(model));
  TRY_DONE(check_header_columns(model));
  TRY_DONE(check_changes(model, columns_of));
  return check_latest_by(model, columns_of, session);
}

}  // namespace claimlake::pack
