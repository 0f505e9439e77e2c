#include "pack/test_file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "base/text.h"
#include "pack/sql_text.h"
#include "pack/yaml.h"

namespace claimlake::pack {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kOpening = "/* claimlake";
constexpr const char* kForm = "write INSERT INTO table (columns) VALUES (...), (...);";

// Reads one file from front to back.
class Reader {
 public:
  Reader(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  Result<std::vector<ModelTest>> read() {
    if (!is_utf8(text_)) return error(0, "the file is not UTF-8 text", "save it as UTF-8");
    auto tokens = tokenize(text_);
    if (!tokens) {
      return Error{Fault::kInvalidInput, tokens.error().message, file_ + ":" + tokens.error().where,
                   tokens.error().next};
    }
    current_ = {.name = "", .model = "", .as_of = {}, .given = {}, .file = file_, .place = {}};
    std::vector<Token> statement;
    for (const Token& token : *tokens) {
      const bool header = token.kind == TokenKind::kComment && token.text.starts_with(kOpening);
      if (token.kind == TokenKind::kComment && !header) continue;
      if (!header && !token.is(";")) {
        statement.push_back(token);
        continue;
      }
      TRY_DONE(take_statement(statement, token.offset));
      statement.clear();
      if (header) {
        TRY_DONE(take_header(token));
      }
    }
    TRY_DONE(take_statement(statement, text_.size()));
    TRY_DONE(finish());
    if (tests_.empty()) return error(0, "there is no test in this file", kNoTest);
    return std::move(tests_);
  }

 private:
  static constexpr const char* kNoTest =
      "begin each with /* claimlake, test: what must hold, and */";

  Error error(std::size_t offset, std::string message, std::string next = {}) const {
    return error_at(file_, place_of(text_, offset), std::move(message), std::move(next));
  }

  // Ends the test that is being read, or what stands before the first.
  Done finish() {
    if (current_.name.empty()) {
      shared_ = current_;
      return done();
    }
    if (current_.model.empty()) {
      return error_at(file_, current_.place, "the test does not say which model it is of",
                      "add model: schema.table");
    }
    tests_.push_back(current_);
    return done();
  }

  Done take_header(const Token& token) {
    TRY_DONE(finish());
    const Place place = place_of(text_, token.offset);
    // Blanks in place of what stands before it keep the places right.
    std::string yaml(static_cast<std::size_t>(place.line - 1), '\n');
    yaml.append(kOpening.size(), ' ');
    yaml += token.text.substr(kOpening.size(), token.text.size() - kOpening.size() - 2);
    TRY(const Yaml root, parse_yaml(yaml, file_));
    const YamlReader reader(file_);
    TRY_DONE(reader.map(root, "the header of a test", {"test", "model", "as_of", "description"}));
    const bool first = tests_.empty() && current_.name.empty();
    if (root.find("test") == nullptr && (!first || shared_read_)) {
      return reader.error(root, "the header of a test needs the key test", "say what must hold");
    }
    shared_read_ = true;
    current_ = shared_;
    current_.place = place;
    if (const Yaml* node = root.find("test")) {
      TRY(current_.name, reader.text(*node, "test"));
    }
    if (const Yaml* node = root.find("model")) {
      TRY(current_.model, reader.text(*node, "model"));
      current_.model = to_lower(current_.model);
    }
    if (const Yaml* node = root.find("as_of")) {
      TRY(const std::string text, reader.text(*node, "as_of"));
      const auto date = parse_date(text);
      if (!date) return reader.error(*node, "as_of is no date: " + text, "write it as 2026-01-31");
      current_.as_of = *date;
    }
    return done();
  }

  // Reads INSERT INTO a.b (c, d) VALUES ..., which ends at `end`.
  Done take_statement(const std::vector<Token>& words, std::size_t end) {
    if (words.empty()) return done();
    std::size_t at = 0;
    const auto is = [&](std::string_view what) { return at < words.size() && words[at].is(what); };
    const auto here = [&] { return at < words.size() ? words[at].offset : end; };
    TestRows rows;
    rows.place = place_of(text_, words[0].offset);
    for (const char* word : {"INSERT", "INTO"}) {
      if (!is(word)) return error(here(), "a test consists of INSERT INTO statements", kForm);
      ++at;
    }
    if (at < words.size()) rows.table = to_lower(words[at++].text);
    while (is(".") && at + 1 < words.size()) {
      rows.table += "." + to_lower(words[at + 1].text);
      at += 2;
    }
    if (!is("(")) return error(here(), "the columns that the rows give are not named", kForm);
    for (++at; at < words.size() && !words[at].is(")"); ++at) {
      if (!words[at].is(",")) rows.columns.push_back(to_lower(words[at].text));
    }
    ++at;
    if (!is("VALUES") && !is("SELECT") && !is("WITH")) {
      return error(here(), "here VALUES or a SELECT must stand", kForm);
    }
    rows.rows = text_.substr(words[at].offset, words.back().end() - words[at].offset);
    rows.rows_place = place_of(text_, words[at].offset);
    const std::set<std::string> once(rows.columns.begin(), rows.columns.end());
    if (rows.columns.empty() || once.size() != rows.columns.size()) {
      return error_at(file_, rows.place, "no column is named, or one of them twice", kForm);
    }
    current_.given.push_back(std::move(rows));
    return done();
  }

  std::string_view text_;
  const std::string& file_;
  ModelTest shared_;
  ModelTest current_;
  bool shared_read_ = false;
  std::vector<ModelTest> tests_;
};

std::vector<std::string> tables_of(const Model& model) {
  std::vector<std::string> tables = model.inputs;
  tables.insert(tables.end(), model.rule_inputs.begin(), model.rule_inputs.end());
  return tables;
}

bool gives(const ModelTest& test, const std::string& table) {
  return std::any_of(test.given.begin(), test.given.end(),
                     [&](const TestRows& rows) { return rows.table == table; });
}

// What a model of the same layer is computed from may be given in its place.
const Model* of_same_layer(const Pack& pack, const Model& reader, const std::string& table) {
  const Model* model = pack.model(table);
  return model != nullptr && model->schema == reader.schema ? model : nullptr;
}

// The tables that rows of a test of `model` may go into.
void add_readable(const Pack& pack, const Model& model, std::vector<std::string>& tables) {
  for (const std::string& table : tables_of(model)) {
    if (std::find(tables.begin(), tables.end(), table) != tables.end()) continue;
    tables.push_back(table);
    const Model* behind = of_same_layer(pack, model, table);
    if (behind != nullptr) add_readable(pack, *behind, tables);
  }
}

// Adds those of `model`; whether rows of the test come into it.
bool add_computed(const Pack& pack, const ModelTest& test, const Model& model,
                  std::vector<const Model*>& computed) {
  bool any = false;
  for (const std::string& table : tables_of(model)) {
    const Model* behind = of_same_layer(pack, model, table);
    if (gives(test, table)) {
      any = true;
    } else if (std::find(computed.begin(), computed.end(), behind) != computed.end()) {
      any = true;
    } else if (behind != nullptr && add_computed(pack, test, *behind, computed)) {
      computed.push_back(behind);
      any = true;
    }
  }
  return any;
}

// Holds a test against its model.
Done check_test(const Pack& pack, const ModelTest& test) {
  const Model* model = pack.model(test.model);
  if (model == nullptr) {
    return error_at(
        test.file, test.place, "the pack has no model " + test.model,
        "claimlake model list names them" + did_you_mean(test.model, pack.model_names()));
  }
  if (model->header.kind == Kind::kFunction) {
    return error_at(test.file, test.place, test.model + " is a function, which has no tests",
                    "test the views and tables that it reads");
  }
  std::vector<const Model*> computed = computed_inputs(pack, test);
  computed.push_back(model);
  for (const Model* each : computed) {
    if (!each->header.clock_day || test.as_of) continue;
    return error_at(test.file, test.place, each->name + " depends on the date",
                    "add as_of: 2026-01-31 to the header");
  }
  std::vector<std::string> tables;
  add_readable(pack, *model, tables);
  tables.emplace_back(kExpected);
  tables.emplace_back(kRefused);
  for (const TestRows& rows : test.given) {
    if (std::find(tables.begin(), tables.end(), rows.table) != tables.end()) continue;
    return error_at(test.file, rows.place,
                    test.model + " does not read " + rows.table + did_you_mean(rows.table, tables),
                    "give rows to what the model or its rules read, expected, or refused");
  }
  return done();
}

// The files of the pack that hold tests, by name.
Result<std::set<std::string>> test_files(const Pack& pack) {
  std::set<std::string> files;
  std::error_code problem;
  const fs::path folder = fs::path(pack.folder) / "tests";
  if (fs::is_directory(folder, problem)) {
    for (fs::directory_iterator entry(folder, problem), end; !problem && entry != end;
         entry.increment(problem)) {
      if (entry->path().extension() == ".sql") files.insert(entry->path().string());
    }
  }
  if (problem && problem != std::errc::no_such_file_or_directory) {
    return Error{Fault::kUnavailable, "cannot list the tests: " + problem.message(),
                 folder.string(), "check the permissions of the folder"};
  }
  for (const Model& model : pack.models) {
    for (const std::string& test : model.header.tests) {
      files.insert((fs::path(pack.folder) / test).string());
    }
  }
  return files;
}

}  // namespace

std::vector<const Model*> computed_inputs(const Pack& pack, const ModelTest& test) {
  std::vector<const Model*> computed;
  const Model* model = pack.model(test.model);
  if (model != nullptr) add_computed(pack, test, *model, computed);
  return computed;
}

Result<std::vector<ModelTest>> parse_tests(std::string_view text, const std::string& file) {
  return Reader(text, file).read();
}

Result<std::vector<ModelTest>> load_tests(const Pack& pack,
                                          const std::vector<std::string>& models) {
  std::set<std::string> wanted;
  for (const std::string& name : models) {
    const Model* model = pack.model(to_lower(name));
    if (model == nullptr) {
      const std::string near = nearest(to_lower(name), pack.model_names());
      return Error{Fault::kNotFound, "The pack has no model " + name, "",
                   near.empty() ? "claimlake model list" : "did you mean " + near + "?"};
    }
    wanted.insert(model->name);
  }
  TRY(const auto files, test_files(pack));
  std::vector<ModelTest> tests;
  for (const std::string& file : files) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) {
      return Error{Fault::kUnavailable, "cannot read the tests", file,
                   "check the permissions of the file"};
    }
    TRY(auto parsed, parse_tests(text.str(), file));
    for (ModelTest& test : parsed) {
      TRY_DONE(check_test(pack, test));
      if (wanted.empty() || wanted.contains(test.model)) tests.push_back(std::move(test));
    }
  }
  return tests;
}

}  // namespace claimlake::pack
