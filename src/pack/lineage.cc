#include "pack/lineage.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "base/text.h"
#include "pack/bind.h"
#include "pack/sql_text.h"

namespace claimlake::pack {
namespace {

using engine::ColumnSource;
using engine::LineageWay;
using Sources = std::set<ColumnSource>;

std::vector<ColumnSource> list_of(const Sources& sources) {
  return {sources.begin(), sources.end()};
}

class Reader {
 public:
  Reader(const Pack& pack, engine::Session& session) : pack_(pack), session_(session) {}

  Result<Lineage> read() {
    for (const Source& source : pack_.sources) read_source(source);
    for (const Model& model : pack_.models) {
      TRY_DONE(read_model(model));
    }
    return std::move(lineage_);
  }

 private:
  void read_source(const Source& source) {
    TableLineage table{.name = "raw." + source.name, .files = source.files};
    std::vector<ColumnDoc>& columns = columns_[table.name];
    columns = source.columns;
    for (const ColumnDoc& column : arrival_columns()) columns.push_back(column);
    for (const ColumnDoc& column : columns) table.columns.push_back({column.name, {}});
    lineage_.tables.push_back(std::move(table));
  }

  Done read_model(const Model& model) {
    TRY(const auto tokens, tokenize(model.sql));
    const std::vector<TableReference> references = table_references(tokens);
    TRY(const std::vector<std::string> names, make_empty(references));
    std::vector<std::string> relations;
    for (const std::string& name : names) relations.push_back("(SELECT * FROM " + name + ")");
    auto found = session_.lineage(bindable_sql(model, references, relations));
    for (const std::string& name : names) {
      TRY_DONE(session_.execute("DROP TABLE " + name));
    }
    if (!found) return std::move(found).error();
    TableLineage table{.name = model.name, .reads = model.inputs};
    for (const std::string& input : model.rule_inputs) table.reads.push_back(input);
    for (auto& [column, sources] : found->columns) {
      table.columns.push_back({column, renamed(sources, references)});
    }
    table.rows = renamed(found->rows, references);
    add_rules(model, table);
    std::vector<ColumnDoc>& columns = columns_[model.name];
    columns = model.columns;
    for (const ColumnDoc& column : program_columns(model.schema)) columns.push_back(column);
    lineage_.tables.push_back(std::move(table));
    return done();
  }

  // Each place gets an empty table of its own, whose name says which one it is.
  Result<std::vector<std::string>> make_empty(const std::vector<TableReference>& references) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < references.size(); ++i) {
      std::string list;
      for (const ColumnDoc& column : columns_.at(references[i].name)) {
        list += (list.empty() ? "" : ", ") + sql_identifier(column.name) + " " + column.type;
      }
      names.push_back(fmt::format("claimlake_place_{}", i));
      TRY_DONE(session_.execute(fmt::format("CREATE TEMP TABLE {} ({})", names.back(), list)));
    }
    return names;
  }

  static std::vector<ColumnSource> renamed(const std::vector<ColumnSource>& sources,
                                           const std::vector<TableReference>& references) {
    Sources out;
    for (ColumnSource source : sources) {
      const auto number = whole_number(source.table.substr(source.table.rfind('_') + 1));
      const bool is_place = number && source.table.find("claimlake_place_") != std::string::npos;
      if (is_place) source.table = references.at(static_cast<std::size_t>(*number)).name;
      out.insert(std::move(source));
    }
    return list_of(out);
  }

  // What a rule looks at, by what the columns of the row are made from.
  static Sources looked_at(const Model& model, const Rule& rule, const TableLineage& table) {
    std::vector<std::string> names = rule_columns(rule);
    std::string sql = rule.when;
    if (const auto* condition = std::get_if<RowCondition>(&rule.body)) sql += " " + condition->sql;
    if (const auto tokens = tokenize(sql)) {
      for (const Token& token : without_comments(*tokens)) {
        if (token.kind == TokenKind::kWord && model.column(token.text) != nullptr) {
          names.emplace_back(token.text);
        }
      }
    }
    Sources out;
    for (const std::string& name : names) {
      const engine::ColumnLineage* column = table.column(name);
      if (column != nullptr) out.insert(column->sources.begin(), column->sources.end());
    }
    return out;
  }

  // The columns that the program adds, and the rows that rules take out.
  static void add_rules(const Model& model, TableLineage& table) {
    Sources judged;
    Sources rows(table.rows.begin(), table.rows.end());
    for (const Rule* rule : model.rules.of(RuleGroup::kRow)) {
      const bool takes_out = rule->action == Action::kQuarantine || rule->action == Action::kDrop;
      for (ColumnSource source : looked_at(model, *rule, table)) {
        if (gives_values(source.way)) {
          source.way = LineageWay::kTransformation;
          judged.insert(source);
          source.way = LineageWay::kFilter;
        } else {
          judged.insert(source);
        }
        if (takes_out) rows.insert(source);
      }
      if (const auto* exists = std::get_if<ExistsIn>(&rule->body)) {
        const ColumnSource parent{exists->table, exists->parent_column, "", LineageWay::kJoin};
        judged.insert(parent);
        if (takes_out) rows.insert(parent);
      }
    }
    if (!model.is_table()) return;
    table.rows = list_of(rows);
    for (const ColumnDoc& column : program_columns(model.schema)) {
      const bool of_rules =
          column.name == "_is_valid" || column.name == "_quality_score" || column.name == "_dq";
      table.columns.push_back({column.name, of_rules ? list_of(judged) : list_of({})});
    }
  }

  const Pack& pack_;
  engine::Session& session_;
  Lineage lineage_;
  std::map<std::string, std::vector<ColumnDoc>> columns_;
};

}  // namespace

const engine::ColumnLineage* TableLineage::column(std::string_view column_name) const {
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const auto& each) {
    return to_lower(each.column) == to_lower(column_name);
  });
  return found == columns.end() ? nullptr : &*found;
}

const TableLineage* Lineage::table(std::string_view name) const {
  const auto found = std::find_if(tables.begin(), tables.end(),
                                  [&](const TableLineage& each) { return each.name == name; });
  return found == tables.end() ? nullptr : &*found;
}

std::vector<std::string> Lineage::names() const {
  std::vector<std::string> out;
  for (const TableLineage& table : tables) out.push_back(table.name);
  return out;
}

Result<Lineage> read_lineage(const Pack& pack, engine::Engine& engine) {
  TRY(const auto session, engine.session({.access = engine::Access::kInternal}));
  return Reader(pack, *session).read();
}

Result<ColumnName> find_column(const Lineage& lineage, std::string_view text) {
  const std::vector<std::string> parts = split(to_lower(text), '.');
  if (parts.size() < 2 || parts.size() > 3) {
    return Error{Fault::kInvalidInput, fmt::format("'{}' names no table or column", excerpt(text)),
                 "", "write layer.table or layer.table.column, as gold.monthly_kpis.loss_ratio"};
  }
  const std::string name = parts[0] + "." + parts[1];
  const TableLineage* table = lineage.table(name);
  if (table == nullptr) {
    return Error{Fault::kNotFound,
                 fmt::format("the pack makes no {}{}", name, did_you_mean(name, lineage.names())),
                 "", "claimlake model list"};
  }
  if (parts.size() == 2) return ColumnName{name, ""};
  const engine::ColumnLineage* column = table->column(parts[2]);
  if (column == nullptr) {
    std::vector<std::string> known;
    for (const auto& each : table->columns) known.push_back(each.column);
    return Error{
        Fault::kNotFound,
        fmt::format("{} has no column {}{}", name, parts[2], did_you_mean(parts[2], known)), "",
        "claimlake lineage " + name};
  }
  return ColumnName{name, column->column};
}

std::vector<LineageEdge> edges(const Lineage& lineage, const ColumnName& start, Direction direction,
                               int depth) {
  std::vector<LineageEdge> all;
  for (const TableLineage& table : lineage.tables) {
    for (const auto& [column, sources] : table.columns) {
      for (const ColumnSource& source : sources) all.push_back({source, table.name, column});
    }
    for (const ColumnSource& source : table.rows) all.push_back({source, table.name, ""});
  }
  std::vector<LineageEdge> out;
  std::set<LineageEdge> seen;
  std::set<ColumnName> asked = {start};
  std::deque<ColumnName> border = {start};
  for (int step = 0; step < depth && !border.empty(); ++step) {
    std::deque<ColumnName> next;
    for (const ColumnName& at : border) {
      for (const LineageEdge& edge : all) {
        const ColumnName from{edge.from.table, edge.from.column};
        const ColumnName to{edge.table, edge.column};
        const bool up = direction == Direction::kUpstream;
        const ColumnName& near = up ? to : from;
        const bool of_rows = up && near.column.empty();  // behind each column
        if (near.table != at.table) continue;
        if (!at.column.empty() && near.column != at.column && !of_rows) continue;
        if (!seen.insert(edge).second) continue;
        out.push_back(edge);
        const ColumnName& far = up ? from : to;
        const bool followed = !edge.column.empty() && !far.column.empty();
        if (followed && asked.insert(far).second) next.push_back(far);
      }
    }
    border = std::move(next);
  }
  return out;
}

}  // namespace claimlake::pack
