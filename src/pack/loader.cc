// Reads the files of a pack, then makes one whole of them: references, order, types, rules.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "base/text.h"
#include "pack/bind.h"
#include "pack/definition.h"
#include "pack/graph.h"
#include "pack/key_mapping.h"
#include "pack/lint.h"
#include "pack/pack.h"
#include "pack/references.h"
#include "pack/sql_text.h"
#include "pack/yaml.h"

namespace claimlake::pack {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kLayers = {"sources", "bronze", "silver", "gold", "serving"};

int layer_of(std::string_view schema) {
  const auto at = std::find(kLayers.begin(), kLayers.end(), schema);
  return static_cast<int>(at - kLayers.begin());
}

Result<std::string> read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) {
    return Error{Fault::kUnavailable, "the file cannot be read", path.string(),
                 "check that it exists and that you may read it"};
  }
  return std::move(text).str();
}

// The entries of a folder by name, so that loading does not depend on the file system.
Result<std::vector<fs::path>> entries(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> list;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (!it->path().filename().string().starts_with(".")) list.push_back(it->path());
  }
  if (error) {
    return Error{Fault::kUnavailable, "the folder cannot be read: " + error.message(),
                 folder.string(), "check that it exists and that you may read it"};
  }
  std::sort(list.begin(), list.end());
  return list;
}

bool is_plain_name(std::string_view name) {
  return !name.empty() && name.size() <= 63 && !(name[0] >= '0' && name[0] <= '9') &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

// A model on its way into the pack.
struct Draft {
  Model model;
  std::vector<TableReference> references;
};

class Loader {
 public:
  Loader(const std::string& folder, engine::Engine& engine) : folder_(folder), engine_(engine) {
    pack_.folder = folder;
  }

  Result<Pack> load() {
    TRY_DONE(read_pack());
    TRY_DONE(read_folders());
    for (Draft& draft : drafts_) {
      TRY_DONE(find_references(draft));
    }
    for (const Source& source : pack_.sources) {
      TRY_DONE(check_source(source));
    }
    TRY_DONE(order());
    TRY_DONE(bind());
    return std::move(pack_);
  }

 private:
  Done read_pack() {
    const fs::path path = folder_ / "pack.yml";
    if (!fs::exists(path)) {
      return Error{Fault::kNotFound, "there is no pack here: pack.yml is missing", folder_.string(),
                   "name a folder that holds a pack.yml"};
    }
    TRY(const std::string text, read_file(path));
    TRY(const Yaml root, parse_yaml(text, path.string()));
    const YamlReader yaml(path.string());
    TRY_DONE(yaml.map(root, "a pack",
                      {"name", "title", "description", "time_zone", "owner", "publish"}));
    const std::tuple<const char*, std::string*, bool> keys[] = {
        {"name", &pack_.name, true},
        {"title", &pack_.title, true},
        {"time_zone", &pack_.time_zone, true},
        {"description", &pack_.description, false},
        {"owner", &pack_.owner, false}};
    for (const auto& [key, field, needed] : keys) {
      const Yaml* node = root.find(key);
      if (!node && !needed) continue;
      TRY(node, yaml.need(root, "a pack", key));
      TRY(*field, yaml.text(*node, key));
    }
    if (const Yaml* node = root.find("publish")) {
      TRY(const std::string word, yaml.text(*node, "publish"));
      if (word != "each" && word != "together") {
        return yaml.error(
            *node,
            "publish is each or together, not " + word + did_you_mean(word, {"each", "together"}),
            "each: a table is published as soon as it is audited; together: all "
            "tables of a refresh, or none");
      }
      if (word == "together") pack_.publish = Publish::kTogether;
    }
    const std::string name = fs::absolute(folder_).lexically_normal().filename().string();
    if (!name.empty() && pack_.name != name) {
      return yaml.error(*root.find("name"),
                        "the pack is called " + pack_.name + " but its folder " + name);
    }
    return done();
  }

  Done read_folders() {
    TRY(const std::vector<fs::path> folders, entries(folder_));
    for (const fs::path& folder : folders) {
      const std::string name = folder.filename().string();
      const bool numbered = name.size() > 2 && name[0] >= '0' && name[0] <= '9' && name[1] == '_';
      if (!numbered || !fs::is_directory(folder)) continue;
      const std::string layer = name.substr(2);
      if (layer_of(layer) == static_cast<int>(kLayers.size())) {
        return Error{Fault::kInvalidInput,
                     "a pack has no layer " + layer + did_you_mean(layer, kLayers), folder.string(),
                     "layers: sources, bronze, silver, gold, serving"};
      }
      TRY(const std::vector<fs::path> files, entries(folder));
      for (const fs::path& file : files) {
        TRY_DONE(read_entry(file, layer));
      }
    }
    return done();
  }

  Done read_entry(const fs::path& file, const std::string& layer) {
    const std::string name = file.stem().string();
    const std::string ending = file.extension().string();
    const bool rules = ending == ".yml" && (layer == "silver" || layer == "gold");
    const bool known = layer == "sources" ? ending == ".yml" : ending == ".sql" || rules;
    if (!known) {
      return Error{Fault::kInvalidInput, "this file does not belong into a pack", file.string(),
                   layer == "sources"
                       ? "sources are .yml files"
                       : "models are .sql files; Silver and Gold have rules in .yml"};
    }
    if (!is_plain_name(name)) {
      return Error{Fault::kInvalidInput, "this is not a name for a table: " + name, file.string(),
                   "use lower-case letters, digits and _"};
    }
    if (layer == "sources") {
      TRY(const std::string text, read_file(file));
      TRY(Source source, parse_source(text, name, file.string()));
      pack_.sources.push_back(std::move(source));
      return done();
    }
    if (rules) {  // read with its model
      if (fs::exists(fs::path(file).replace_extension(".sql"))) return done();
      return Error{Fault::kInvalidInput, "these rules stand beside no model", file.string(),
                   "rename the file, or add " + name + ".sql"};
    }
    return read_model(file, layer + "." + name);
  }

  Done read_model(const fs::path& file, const std::string& name) {
    Draft draft;
    TRY(const std::string sql, read_file(file));
    TRY(draft.model, parse_model(sql, name, file.string()));
    for (const Draft& other : drafts_) {
      if (other.model.name != name) continue;
      return error_at(file.string(), {}, "the model " + name + " is there twice",
                      "the other one is " + other.model.file);
    }
    TRY_DONE(check_kind(draft.model));
    if (draft.model.header.owner.empty()) draft.model.header.owner = pack_.owner;
    for (const std::string& test : draft.model.header.tests) {
      if (fs::exists(folder_ / test)) continue;
      return error_at(draft.model.file, draft.model.header.places.at("tests"),
                      "tests names a file that is not in the pack: " + test);
    }
    draft.model.rules.rules = draft.model.header.expect;
    const fs::path rules_file = fs::path(file).replace_extension(".yml");
    if (draft.model.is_table() && fs::exists(rules_file)) {
      TRY(const std::string text, read_file(rules_file));
      TRY(TableRules rules, parse_rules(text, name, rules_file.string()));
      TRY_DONE(merge_rules(draft.model.rules, std::move(rules)));
    }
    drafts_.push_back(std::move(draft));
    return done();
  }

  // Which kinds of models a layer holds.
  static Done check_kind(const Model& model) {
    const Kind kind = model.header.kind;
    const bool right = model.schema == "bronze"    ? kind == Kind::kAppend
                       : model.schema == "serving" ? !model.is_table()
                                                   : kind == Kind::kKeyed || kind == Kind::kFull;
    if (right) return done();
    return error_at(model.file, model.header.places.at("kind"),
                    "a model of layer " + model.schema + " cannot be of kind " + kind_name(kind),
                    "Bronze: append; Silver and Gold: keyed or full; serving: view or function");
  }

  static Done merge_rules(TableRules& into, TableRules from) {
    for (Rule& rule : from.rules) {
      const bool taken = std::any_of(into.rules.begin(), into.rules.end(),
                                     [&](const Rule& known) { return known.name == rule.name; });
      if (taken) {
        return error_at(rule.file, rule.place,
                        "the header of the model has a rule of this name too: " + rule.name,
                        "give one of them another name");
      }
      into.rules.push_back(std::move(rule));
    }
    return check_rules(into.rules);
  }

  bool exists(const std::string& name) const {
    if (name.starts_with("raw.")) return pack_.source(name.substr(4)) != nullptr;
    return std::any_of(drafts_.begin(), drafts_.end(),
                       [&](const Draft& draft) { return draft.model.name == name; });
  }
  std::vector<std::string> known_names() const {
    std::vector<std::string> names;
    for (const Source& source : pack_.sources) names.push_back("raw." + source.name);
    for (const Draft& draft : drafts_) names.push_back(draft.model.name);
    return names;
  }

  // Finds what a model reads, and refuses what is not there and what its layer may not read.
  Done find_references(Draft& draft) {
    Model& model = draft.model;
    TRY(const std::vector<Token> tokens, tokenize(model.sql));
    for (const ClockUse& use : clock_uses(tokens, model.header.clock_day)) {
      return error_at(model.file, model.place(use.offset),
                      use.word + " makes the result depend on when it is computed",
                      use.word == "CURRENT_DATE"
                          ? "add clock: day to the header"
                          : "take the time from a column, or use CURRENT_DATE"
                            " with clock: day in the header");
    }
    for (const ClockUse& use : chance_uses(tokens)) {
      return error_at(model.file, model.place(use.offset),
                      use.word + " gives another result each time it is computed",
                      "a table must be what its inputs give: take the value from a column, or make "
                      "it from one, as MD5(claim_id)");
    }
    for (const TableReference& name : undefined_names(tokens)) {
      return error_at(model.file, model.place(name.begin),
                      name.name +
                          " is no CTE of this model, and tables are named with their schema" +
                          did_you_mean(model.schema + "." + name.name, known_names()));
    }
    draft.references = table_references(tokens);
    for (const TableReference& reference : draft.references) {
      const Place place = model.place(reference.begin);
      TRY_DONE(check_readable(model, reference.name, model.file, place, false));
      if (std::find(model.inputs.begin(), model.inputs.end(), reference.name) ==
          model.inputs.end()) {
        model.inputs.push_back(reference.name);
      }
    }
    for (const std::string& table : rule_tables(model.rules)) {
      const Rule& rule = rule_that_reads(model.rules, table);
      TRY_DONE(check_readable(model, table, rule.file, rule.place, true));
      if (std::find(model.inputs.begin(), model.inputs.end(), table) == model.inputs.end()) {
        model.rule_inputs.push_back(table);
      }
    }
    return done();
  }

  static const Rule& rule_that_reads(const TableRules& rules, const std::string& table) {
    for (const Rule& rule : rules.rules) {
      const std::vector<std::string> tables = rule_tables({.table = {}, .rules = {rule}});
      if (std::find(tables.begin(), tables.end(), table) != tables.end()) return rule;
    }
    CHECK(false, "some rule named the table");
  }

  Done check_readable(const Model& model, const std::string& name, const std::string& file,
                      Place place, bool by_rule) const {
    if (!exists(name)) {
      return error_at(file, place,
                      model.name + " reads a table that is not in the pack: " + name +
                          did_you_mean(name, known_names()));
    }
    const std::string schema = name.substr(0, name.find('.'));
    const bool allowed =
        model.schema == "bronze"   ? schema == "raw"
        : model.schema == "silver" ? schema == "bronze" || (by_rule && schema == "silver")
        : model.schema == "gold"   ? schema == "silver" || schema == "gold"
                                   : schema == "silver" || schema == "gold" || schema == "serving";
    if (allowed) return done();
    return error_at(file, place, "a model of layer " + model.schema + " may not read " + name,
                    "Bronze reads raw, Silver reads Bronze, Gold reads Silver and Gold, serving "
                    "reads all behind Bronze");
  }

  Done check_source(const Source& source) const {
    for (const Draft& draft : drafts_) {
      if (draft.model.name != source.table) continue;
      const auto& inputs = draft.model.inputs;
      if (std::find(inputs.begin(), inputs.end(), "raw." + source.name) != inputs.end()) {
        return done();
      }
      return error_at(source.file, source.place, source.table + " does not read raw." + source.name,
                      "the SQL of that model must say FROM raw." + source.name);
    }
    return error_at(source.file, source.place,
                    "there is no model for the table " + source.table +
                        did_you_mean(source.table, known_names()));
  }

  Done order() {
    std::vector<GraphNode> nodes;
    for (const Draft& draft : drafts_) {
      GraphNode node{draft.model.name, layer_of(draft.model.schema), draft.model.inputs};
      node.reads.insert(node.reads.end(), draft.model.rule_inputs.begin(),
                        draft.model.rule_inputs.end());
      nodes.push_back(std::move(node));
    }
    TRY(const std::vector<std::size_t> order,
        dependency_order(nodes, [&](std::size_t from, const std::string& to) {
          const Model& model = drafts_[from].model;
          for (const TableReference& reference : drafts_[from].references) {
            if (reference.name == to) return where(model.file, model.place(reference.begin));
          }
          const Rule& rule = rule_that_reads(model.rules, to);
          return where(rule.file, rule.place);
        }));
    std::vector<Draft> sorted;
    for (const std::size_t i : order) sorted.push_back(std::move(drafts_[i]));
    drafts_ = std::move(sorted);
    return done();
  }

  Done bind() {
    TRY(const std::unique_ptr<engine::Session> session, engine_.session({}));
    TRY(const auto mapper, engine_.session({.access = engine::Access::kInternal}));
    for (const Source& source : pack_.sources) {
      std::vector<ColumnDoc>& columns = columns_["raw." + source.name];
      columns = source.columns;
      for (const ColumnDoc& column : arrival_columns()) columns.push_back(column);
    }
    const ColumnsOf columns_of = [this](const std::string& name) {
      const auto known = columns_.find(name);
      return known == columns_.end() ? nullptr : &known->second;
    };
    for (Draft& draft : drafts_) {
      Model& model = draft.model;
      TRY_DONE(bind_model(model, draft.references, columns_of, *session));
      TRY_DONE(bind_rules(model, columns_of, *session));
      if (model.header.kind == Kind::kKeyed) {
        TRY(auto mapping, key_mapping(model, draft.references, columns_of, *mapper));
        model.mapping = std::make_shared<KeyMapping>(std::move(mapping));
      }
      std::vector<ColumnDoc>& columns = columns_[model.name];
      columns = model.columns;
      for (const ColumnDoc& column : program_columns(model.schema)) columns.push_back(column);
      model.hash = definition_hash(definition_of(pack_, model));
      pack_.models.push_back(std::move(model));
    }
    return done();
  }

  fs::path folder_;
  engine::Engine& engine_;
  Pack pack_;
  std::vector<Draft> drafts_;
  std::map<std::string, std::vector<ColumnDoc>> columns_;  // of all that is bound
};

}  // namespace

Result<Pack> load_pack(const std::string& folder, engine::Engine& engine) {
  return Loader(folder, engine).load();
}

}  // namespace claimlake::pack
