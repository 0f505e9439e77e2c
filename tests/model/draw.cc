#include "draw.h"

#include <fmt/format.h>

#include <algorithm>

#include "definition.h"

namespace claimlake::model {
namespace {

constexpr const char* kTexts[] = {"a", "b", "it's", "", "\xc3\xbc", "x|y"};
constexpr const char* kPartitionTexts[] = {
    "a",    "b",   "",    "a b",  "\xc3\xbc/x", "p=1",
    "100%", "%41", "a:b", "null", "..",         "__HIVE_DEFAULT_PARTITION__"};
constexpr const char* kDates[] = {"2026-01-31", "2026-02-01", "1969-12-31", "0001-01-01"};
constexpr const char* kDecimals[] = {"0.00", "1.50", "-12.34", "99999999.99"};

template <class Statement>
std::shared_ptr<Statement> make() {
  return std::make_shared<Statement>();
}

}  // namespace

Cell Draw::cell(const Column& column, const std::string& partition) {
  if (column.nullable ? one_in(6) : one_in(200)) return std::nullopt;
  const auto pick = [&](const auto& texts) { return std::string(texts[below(std::size(texts))]); };
  switch (column.type) {
    case Type::kInteger:
      return std::to_string(below(column.name == partition ? 3 : 10));
    case Type::kText:
      return column.name == partition && one_in(2) ? pick(kPartitionTexts) : pick(kTexts);
    case Type::kDate:
      return pick(kDates);
    case Type::kDecimal:
      break;
  }
  return pick(kDecimals);
}

Row Draw::row(const std::vector<Column>& columns, const std::string& partition) {
  Row out;
  for (const Column& column : columns) out.push_back(cell(column, partition));
  return out;
}

StatementPtr Draw::create() {
  auto out = make<Create>();
  out->table.columns = {{"id", Type::kInteger, true}, {"val", Type::kInteger, true}};
  constexpr Type kTypes[] = {Type::kText, Type::kInteger, Type::kDate};
  out->table.columns.insert(out->table.columns.begin() + static_cast<std::ptrdiff_t>(below(3)),
                            {"part", kTypes[below(3)], true});
  out->table.columns.push_back({"note", Type::kText, true});
  if (one_in(2)) out->table.columns.push_back({"amount", Type::kDecimal, true});
  if (!one_in(3)) out->table.partition = "part";
  out->as_select = one_in(3);
  if (out->as_select) {
    const auto count = 1 + below(5);
    for (std::uint64_t i = 0; i < count; ++i) {
      out->table.rows.push_back(row(out->table.columns, out->table.partition));
    }
  } else if (one_in(3)) {
    out->table.columns[*out->table.find("id")].nullable = false;
  }
  auto& properties = out->table.properties;
  if (one_in(3)) properties["delta.enableDeletionVectors"] = "false";
  if (one_in(2)) properties["delta.columnMapping.mode"] = "name";
  if (one_in(4)) properties["delta.isolationLevel"] = "Serializable";
  if (one_in(4)) properties["delta.enableChangeDataFeed"] = "true";
  if (one_in(2)) properties["delta.checkpointInterval"] = std::to_string(1 + below(5));
  return out;
}

std::vector<Column> Draw::some_columns(const Table& table) {
  std::vector<Column> out;
  for (const Column& column : table.columns) {
    if (!column.nullable || !one_in(4)) out.push_back(column);
  }
  if (out.empty()) out.push_back(table.columns[0]);
  for (std::size_t i = out.size(); i > 1; --i) std::swap(out[i - 1], out[below(i)]);
  return out;
}

Comparison Draw::comparison(const Table& table) {
  Comparison out;
  // Mostly by key or partition, as people do.
  const bool by_key = one_in(2);
  const Column& column =
      table.columns[by_key ? *table.find(one_in(3) ? "part" : "id") : below(table.columns.size())];
  out.column = column.name;
  out.type = column.type;
  constexpr Comparison::Kind kKinds[] = {
      Comparison::Kind::kEqual,  Comparison::Kind::kLess,      Comparison::Kind::kAtLeast,
      Comparison::Kind::kIn,     Comparison::Kind::kIn,        Comparison::Kind::kEqual,
      Comparison::Kind::kIsNull, Comparison::Kind::kIsNotNull, Comparison::Kind::kDistinct};
  out.kind = kKinds[below(std::size(kKinds))];
  const auto count = out.kind == Comparison::Kind::kIn ? 1 + below(4) : 1;
  for (std::uint64_t i = 0; i < count; ++i) out.values.push_back(cell(column, table.partition));
  return out;
}

Condition Draw::condition(const Table& table, std::uint64_t most) {
  Condition out;
  const auto count = below(most + 1);
  for (std::uint64_t i = 0; i < count; ++i) out.push_back(comparison(table));
  return out;
}

std::vector<Assignment> Draw::assignments(const Table& table, bool with_source, bool insert) {
  std::vector<Assignment> out;
  for (const Column& column : table.columns) {
    const bool skip = insert ? one_in(column.nullable ? 4 : 20) : !one_in(3);
    if (skip) continue;
    Assignment& each = out.emplace_back();
    each.column = column.name;
    each.value.type = column.type;
    each.value.constant = cell(column, table.partition);
    if (with_source && !one_in(3)) {
      each.value = {Value::Kind::kColumn, column.type, {}, true, column.name};
    } else if (!insert && column.type == Type::kInteger && !one_in(3)) {
      each.value = {Value::Kind::kPlus, column.type, "1", false, column.name};
    }
  }
  if (out.empty()) {
    const Column& column = table.columns[*table.find("val")];
    out.push_back({"val", {Value::Kind::kConstant, column.type, cell(column, ""), false, ""}});
  }
  return out;
}

StatementPtr Draw::insert(const Table& table) {
  auto out = make<Insert>();
  out->columns = one_in(3) ? some_columns(table) : table.columns;
  out->all_columns = out->columns == table.columns && !one_in(3);
  out->overwrite = one_in(12);
  if (one_in(8)) {
    out->all_columns = false;
    out->from_itself = condition(table, 2);
    if (out->from_itself->empty()) out->from_itself->push_back(comparison(table));
    return out;
  }
  if (out->columns == table.columns && one_in(6)) {
    out->overwrite = false;
    out->replaced = Condition{comparison(table)};
    const auto count = 1 + below(30);
    for (std::uint64_t i = 0; i < count && out->rows.size() < 3; ++i) {
      Row row = this->row(out->columns, table.partition);
      // Mostly rows that may come.
      if (holds(*out->replaced, {&table.columns, &row}) || one_in(60)) out->rows.push_back(row);
    }
    if (out->rows.empty()) out->rows.push_back(this->row(out->columns, table.partition));
    return out;
  }
  out->by_name = !out->all_columns && one_in(2);
  const auto count = 1 + below(4);
  for (std::uint64_t i = 0; i < count; ++i) out->rows.push_back(row(out->columns, table.partition));
  return out;
}

StatementPtr Draw::update(const Table& table) {
  auto out = make<Update>();
  out->assignments = assignments(table, false, false);
  out->where.condition = condition(table, 2);
  if (one_in(10)) out->where.among = condition(table, 1);
  return out;
}

StatementPtr Draw::remove(const Table& table) {
  auto out = make<Delete>();
  out->truncate = one_in(15);
  out->where.condition = condition(table, 2);
  if (out->where.condition.empty()) out->where.condition.push_back(comparison(table));
  if (one_in(10)) out->where.among = condition(table, 1);
  return out;
}

Merge::Clause Draw::clause(const Table& table, Merge::When when) {
  Merge::Clause out;
  out.when = when;
  const bool with_source = when != Merge::When::kNotMatchedBySource;
  const bool insert = when == Merge::When::kNotMatched;
  if (one_in(2)) {
    out.condition.push_back(comparison(table));
    out.condition[0].of_source = insert || (with_source && one_in(2));
  }
  if (one_in(12)) {
    out.then = Merge::Then::kNothing;
  } else if (insert) {
    out.then = Merge::Then::kInsert;
  } else if (one_in(3)) {
    out.then = Merge::Then::kDelete;
  }
  if (out.then == Merge::Then::kDelete || out.then == Merge::Then::kNothing) return out;
  out.all_columns = with_source && one_in(2);
  if (!out.all_columns) out.assignments = assignments(table, with_source, insert);
  // Nothing of the table is known where no row of it matched.
  for (Assignment& each : out.assignments) {
    if (insert && each.value.kind == Value::Kind::kPlus) each.value.of_source = true;
  }
  return out;
}

StatementPtr Draw::merge(const Table& table) {
  auto out = make<Merge>();
  out->source_columns = table.columns;
  for (Column& column : out->source_columns) column.nullable = true;
  const auto count = 1 + below(5);
  for (std::uint64_t i = 0; i < count; ++i) {
    Row row = this->row(out->source_columns, table.partition);
    const std::size_t id = *table.find("id");
    // Keys that repeat in the source are an error: not too often.
    for (int tries = 0; tries < 3; ++tries) {
      const bool repeats = std::any_of(out->source.begin(), out->source.end(),
                                       [&](const Row& other) { return other[id] == row[id]; });
      if (repeats) row[id] = cell(out->source_columns[id], "");
    }
    out->source.push_back(std::move(row));
  }
  out->keys = {"id"};
  if (one_in(4)) out->keys.emplace_back("part");
  const auto clauses = 1 + below(3);
  for (std::uint64_t i = 0; i < clauses; ++i) {
    const auto kind = below(5);
    out->clauses.push_back(clause(table, kind < 2   ? Merge::When::kMatched
                                         : kind < 4 ? Merge::When::kNotMatched
                                                    : Merge::When::kNotMatchedBySource));
  }
  // The engine's grammar wants a clause that takes all to be the last of its kind.
  std::stable_sort(out->clauses.begin(), out->clauses.end(), [](const auto& a, const auto& b) {
    return !a.condition.empty() && b.condition.empty();
  });
  std::vector<Merge::Clause> kept;
  for (const Merge::Clause& clause : out->clauses) {
    const bool again = std::any_of(kept.begin(), kept.end(), [&](const Merge::Clause& other) {
      return other.when == clause.when && other.condition.empty();
    });
    if (!again) kept.push_back(clause);
  }
  out->clauses = std::move(kept);
  return out;
}

StatementPtr Draw::property() {
  auto out = make<SetProperty>();
  switch (below(8)) {
    case 0:
      out->key = "delta.isolationLevel";
      out->value = one_in(2) ? "Serializable" : "WriteSerializable";
      break;
    case 1:
      out->key = "delta.checkpointInterval";
      out->value = std::to_string(1 + below(5));
      break;
    case 2:
      out->key = "delta.appendOnly";
      out->value = one_in(3) ? "true" : "false";
      break;
    case 3:
    case 4:
      out->key = "delta.enableChangeDataFeed";
      out->value = one_in(2) ? "true" : "false";
      break;
    default:
      out->key = "delta.enableDeletionVectors";
      out->value = one_in(2) ? "true" : "false";
  }
  return out;
}

StatementPtr Draw::optimize(const Table& table) {
  auto out = make<Optimize>();
  if (table.partition.empty() || one_in(2)) return out;
  Comparison only = comparison(table);
  const Column& column = table.columns[*table.find(table.partition)];
  only.column = column.name;
  only.type = column.type;
  for (Cell& value : only.values) value = cell(column, table.partition);
  out->condition.push_back(std::move(only));
  return out;
}

// A name that no column has had, mostly; of one type only.
std::string Draw::fresh_name(Type type) {
  return fmt::format("c{}{}", "itdm"[static_cast<std::size_t>(type)], below(1'000'000));
}

StatementPtr Draw::column_change(const Table& table) {
  constexpr Type kTypes[] = {Type::kInteger, Type::kText, Type::kDate, Type::kDecimal};
  const Column& column = table.columns[below(table.columns.size())];
  // Statements need these.
  const bool fixed = column.name == "id" || column.name == "val" || column.name == "part";
  if (one_in(5)) {
    auto out = make<AddConstraint>();
    out->name = fmt::format("k{}", below(3));
    out->check = comparison(table);
    // Most rows meet it.
    if (one_in(2)) out->check.kind = Comparison::Kind::kIsNotNull;
    return out;
  }
  if (!fixed && one_in(4)) {
    auto out = make<DropColumn>();
    out->column = column.name;
    return out;
  }
  if (!fixed && one_in(2)) {
    auto out = make<RenameColumn>();
    out->column = column.name;
    out->name = one_in(6) ? "id" : fresh_name(column.type);
    return out;
  }
  auto out = make<AddColumn>();
  const Type type = kTypes[below(4)];
  out->column = {one_in(8) ? column.name : fresh_name(type), type, true};
  return out;
}

StatementPtr Draw::change(const Table& table) {
  if (!table.exists) return create();
  const bool full = table.rows.size() > 40;
  const auto kind = below(100);
  if (kind < (full ? 5 : 35)) return insert(table);
  if (kind < 55) return update(table);
  if (kind < 72) return remove(table);
  return merge(table);
}

StatementPtr Draw::any(const Table& table, delta::LogVersion newest) {
  if (!table.exists) return create();
  const auto kind = below(100);
  if (kind < 75) return change(table);
  if (kind < 79) {
    return column_change(table);
  }
  if (kind < 84) return property();
  if (kind < 89) return optimize(table);
  if (kind < 93) {
    auto out = make<Vacuum>();
    out->dry_run = one_in(5);
    return out;
  }
  if (kind < 94) return create();
  auto out = make<Restore>();
  out->version = static_cast<delta::LogVersion>(below(static_cast<std::uint64_t>(newest) + 1)) +
                 (one_in(30) ? 5 : 0);
  return out;
}

}  // namespace claimlake::model
