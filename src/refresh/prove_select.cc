#include "refresh/prove_select.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "pack/key_mapping.h"
#include "pack/sql_text.h"
#include "quality/quarantine.h"

namespace claimlake::refresh {
namespace {

using Columns = std::vector<std::string>;

bool contains(const Columns& columns, std::string_view name) {
  return std::find(columns.begin(), columns.end(), name) != columns.end();
}

Columns all_columns(const pack::Model& model) {
  Columns names = pack::column_names(model.columns);
  for (const auto& column : pack::program_columns(model.schema)) names.push_back(column.name);
  return names;
}

std::string items_of(const Columns& columns) {
  std::string items;
  for (const std::string& column : columns) {
    items += (items.empty() ? "" : ", ") + sql_identifier(column);
  }
  return items;
}

}  // namespace

bool may_refuse(const pack::Model& model) {
  return model.schema == "silver" && !model.rules.of(pack::RuleGroup::kRow).empty();
}

std::string other_columns(const pack::Model& model, const Columns& stored) {
  const Columns own = all_columns(model);
  std::string text;
  for (const std::string& column : own) {
    if (!contains(stored, column)) text += fmt::format("the table has no column {}; ", column);
  }
  for (const std::string& column : stored) {
    if (!contains(own, column)) text += fmt::format("its model has no column {}; ", column);
  }
  if (!text.empty()) text.resize(text.size() - 2);
  return text;
}

ProofSelects::ProofSelects(const pack::Model& model, Columns stored, quality::CheckOptions check,
                           std::string keys)
    : model_(model), check_(std::move(check)), keys_(std::move(keys)) {
  for (const std::string& column : all_columns(model)) {
    // When a row was computed is no part of what it says.
    if (column == "_silver_processed_at" || column == "_gold_processed_at") continue;
    if (contains(stored, column) && !contains(model.header.key, column)) columns_.push_back(column);
  }
}

std::string ProofSelects::only_keys(const std::string& relation, const std::string& as) const {
  if (keys_.empty()) return relation + " AS " + as;
  return fmt::format("{} AS {} SEMI JOIN {} AS _keys ON {}", relation, as, keys_,
                     pack::equal_columns(as, model_.header.key, "_keys", model_.header.key));
}

std::string ProofSelects::stored_rows(const std::string& items) const {
  return fmt::format("SELECT {} FROM {}", items, only_keys(model_.name, "_stored"));
}

// `items` over the columns that rows were staged with when they were refused.
std::string ProofSelects::waiting(const std::string& items) const {
  std::string columns;
  for (const pack::ColumnDoc& column : model_.columns) {
    const std::string value = quality::is_nested(column)
                                  ? fmt::format("CAST(NULL AS {})", column.type)
                                  : quality::payload_value(column);
    columns += fmt::format("{} AS {}, ", value, sql_identifier(column.name));
  }
  const std::string rows = fmt::format(
      "(SELECT {}FALSE AS _is_valid, CAST(-1 AS DOUBLE) AS _quality_score, FALSE AS "
      "_is_duplicate, CAST(NULL AS VARCHAR) AS _duplicate_of, rules AS _dq, quarantine_id AS {} "
      "FROM {} WHERE table_name = {} AND {})",
      columns, kRefusedAs, quality::kQuarantineTable, sql_string(model_.name), quality::kIsRefused);
  return fmt::format("SELECT {} FROM {}", items, only_keys(rows, "_waiting"));
}

std::string ProofSelects::recomputed(const std::string& items, const std::string& where) const {
  const std::string select = keys_.empty() ? model_.sql : pack::select_of_keys(model_, keys_);
  return fmt::format("SELECT {} FROM (\n{}\n) AS rejected{}", items,
                     quality::checked_select(model_, pack::sql_as_of(select, check_.as_of), check_),
                     where);
}

RowDiffInput ProofSelects::input(std::string left, std::string right) const {
  RowDiffInput out;
  out.left = std::move(left);
  out.right = std::move(right);
  out.key = model_.header.key;
  out.columns = columns_;
  return out;
}

RowDiffInput ProofSelects::rows_and_refused() const {
  if (!may_refuse(model_)) return rows();
  Columns names = model_.header.key;
  names.insert(names.end(), columns_.begin(), columns_.end());
  const std::string items = items_of(names);
  std::string computed;
  for (const std::string& name : names) {
    const pack::ColumnDoc* column = model_.column(name);
    const std::string quoted = sql_identifier(name);
    computed += column != nullptr && quality::is_nested(*column)
                    ? fmt::format(
                          "CASE WHEN rejected._quality_score >= 0 THEN rejected.{} END AS "
                          "{}, ",
                          quoted, quoted)
                    : fmt::format("rejected.{}, ", quoted);
  }
  RowDiffInput out =
      input(stored_rows(fmt::format("{}, CAST(NULL AS VARCHAR) AS {}", items, kRefusedAs)) +
                "\nUNION ALL\n" + waiting(fmt::format("{}, {}", items, kRefusedAs)),
            recomputed(fmt::format("{}CASE WHEN rejected._quality_score < 0 THEN {} END AS {}",
                                   computed, quality::refused_identity(model_), kRefusedAs),
                       ""));
  // A model without a key tells no rows apart.
  if (!out.key.empty()) out.key.emplace_back(kRefusedAs);
  if (out.key.empty()) out.columns.emplace_back(kRefusedAs);
  return out;
}

RowDiffInput ProofSelects::rows() const {
  Columns names = model_.header.key;
  names.insert(names.end(), columns_.begin(), columns_.end());
  return input(
      stored_rows(items_of(names)),
      recomputed(items_of(names), may_refuse(model_) ? " WHERE rejected._quality_score >= 0" : ""));
}

RowDiffInput ProofSelects::refused() const {
  RowDiffInput out = input(
      waiting(kRefusedAs),
      recomputed(fmt::format("DISTINCT {} AS {}", quality::refused_identity(model_), kRefusedAs),
                 " WHERE rejected._quality_score < 0"));
  out.key = {kRefusedAs};
  out.columns.clear();
  return out;
}

std::optional<std::string> sample_of_keys(const pack::Model& model, double share) {
  if (model.mapping == nullptr || !model.mapping->lost.empty()) return std::nullopt;
  const std::string key = items_of(model.header.key);
  std::string all = fmt::format("SELECT {} FROM {}", key, model.name);
  bool leads = false;
  for (const std::string& input : model.inputs) {
    if (!model.mapping->touches_all(input).empty()) continue;
    all += "\nUNION ALL\n" + pack::touched_keys(model, input, input);
    leads = true;
  }
  if (!leads) return std::nullopt;
  if (may_refuse(model)) {
    std::string waiting;
    for (const std::string& name : model.header.key) {
      waiting += fmt::format("{}{}", waiting.empty() ? "" : ", ",
                             quality::payload_value(*model.column(name)));
    }
    all += fmt::format("\nUNION ALL\nSELECT {} FROM {} WHERE table_name = {} AND {}", waiting,
                       quality::kQuarantineTable, sql_string(model.name), quality::kIsRefused);
  }
  constexpr std::int64_t kParts = 1'000'000;
  return fmt::format("SELECT DISTINCT {} FROM (\n{}\n) WHERE hash({}) % {} < {}", key, all, key,
                     kParts, std::llround(share * static_cast<double>(kParts)));
}

}  // namespace claimlake::refresh
