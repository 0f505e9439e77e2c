#include "pack/key_parts.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "pack/sql_text.h"

namespace claimlake::pack {
namespace {

using Way = engine::KeyRoute::Way;

class PartText {
 public:
  PartText(const Model& model, const Part& part, const RelationOf& relation_of)
      : model_(model), mapping_(*model.mapping), part_(part), relation_of_(relation_of) {}

  std::string text() const {
    Rewriter rewriter(model_.sql);
    for (std::size_t i = 0; i < mapping_.references.size(); ++i) {
      const TableReference& reference = mapping_.references[i];
      rewriter.replace(reference.begin, reference.end, replacement(reference, rows_of(i)));
    }
    // What lies behind a key of another part is there in part, so its rows are wrong.
    return fmt::format("SELECT _model.* FROM (\n{}\n) AS _model WHERE {}", rewriter.finish(),
                       falls_here("_model", model_.header.key));
  }

 private:
  // That rows of `relation`, which have the key in `columns`, fall to this part. Columns that lead
  // to the key have its types; should one not, then equal values must still fall to one part.
  std::string falls_here(std::string_view relation, const std::vector<std::string>& columns) const {
    std::string values;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      values += fmt::format("{}CAST({}.{} AS {})", i == 0 ? "" : ", ", relation,
                            sql_identifier(columns[i]), model_.column(model_.header.key[i])->type);
    }
    return fmt::format("hash({}) % {} = {}", values, part_.of, part_.number);
  }

  // The rows of one place that lead to keys of this part, as a SELECT in parentheses; "" if its
  // table is read whole.
  std::string rows_of(const engine::KeyRoute& route) const {
    if (route.way == Way::kWhole) return "";
    if (route.way == Way::kKey) {
      return fmt::format("(SELECT _row.* FROM {} AS _row WHERE {})", relation_of_(route.table),
                         falls_here("_row", route.columns));
    }
    const std::string others = rows_of(mapping_.places[route.other].route);
    if (others.empty()) return "";
    return fmt::format("(SELECT _row.* FROM {} AS _row SEMI JOIN {} AS _value ON {})",
                       relation_of_(route.table), others,
                       equal_columns("_row", route.columns, "_value", route.other_columns));
  }

  // What stands in the place of reference `i`.
  std::string rows_of(std::size_t i) const {
    std::string rows;
    for (const KeyMapping::Place& place : mapping_.places) {
      if (place.reference != i) continue;
      const std::string of_place = rows_of(place.route);
      // Of a CTE that leads to keys in two ways, the rows of both are read.
      if (of_place.empty() || (!rows.empty() && rows != of_place)) {
        rows.clear();
        break;
      }
      rows = of_place;
    }
    return rows.empty()
               ? fmt::format("(SELECT * FROM {})", relation_of_(mapping_.references[i].name))
               : rows;
  }

  const Model& model_;
  const KeyMapping& mapping_;
  const Part part_;
  const RelationOf& relation_of_;
};

}  // namespace

std::string why_not_in_parts(const Model& model) {
  if (model.mapping == nullptr) return "its model has no key";
  const KeyMapping& mapping = *model.mapping;
  if (!mapping.lost.empty()) return mapping.lost;
  if (!mapping.keyless.empty()) return mapping.keyless;
  // Such a column may be null where the key is not: its rows would fall to another part.
  if (!model.header.changes.empty()) return "its header says which rows lead to its keys";
  const bool leads = std::any_of(mapping.places.begin(), mapping.places.end(),
                                 [](const auto& place) { return place.route.way == Way::kKey; });
  return leads ? "" : "its SQL leads from no table to its key";
}

std::string select_of_part(const Model& model, const Part& part, const RelationOf& relation_of) {
  CHECK(why_not_in_parts(model).empty(), "the model leads to keys");
  CHECK(part.of % 2 == 1 && part.number < part.of, "a part is one of an odd number");
  return PartText(model, part, relation_of).text();
}

}  // namespace claimlake::pack
