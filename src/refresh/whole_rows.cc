#include "refresh/whole_rows.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "delta/column_mapping.h"
#include "engine/lacks_memory.h"
#include "pack/key_parts.h"
#include "pack/sql_text.h"
#include "refresh/scratch.h"

namespace claimlake::refresh {
namespace {

// Each time that a build does not fit, its parts are made this much smaller, and no smaller than
// these: of a table that does not fit then, what does not is not its keys.
constexpr int kTimesMore = 5;
constexpr int kPartsMax = 125;
constexpr const char* kPart = "scratch('part')";  // rows of one, not judged yet

class Staging {
 public:
  Staging(const TableRefreshContext& context, const pack::Model& model,
          const quality::CheckOptions& check)
      : context_(context), model_(model), check_(check) {}

  Result<lake::Staged> at_once() const {
    return stage_rows(context_, model_, checked(model_.sql, check_));
  }

  Result<lake::Staged> in_parts(int parts) const {
    lake::Staged all;
    for (int i = 0; i < parts; ++i) {
      auto part = one_part({i, parts}, all);
      if (!part) {
        context_.lake.discard(all);
        return std::move(part).error();
      }
      if (i == 0) {
        all = *std::move(part);
        continue;
      }
      all.files.insert(all.files.end(), std::make_move_iterator(part->files.begin()),
                       std::make_move_iterator(part->files.end()));
    }
    return all;
  }

 private:
  std::string checked(const std::string& sql, const quality::CheckOptions& check) const {
    std::string select =
        quality::checked_select(model_, pack::sql_as_of(sql, context_.as_of), check);
    log(LogLevel::kDebug, "table_select", {{"table", model_.name}, {"sql", select}});
    return select;
  }

  // Of the parents of exists_in rules, which the engine holds in memory, those of the part's rows.
  quality::CheckOptions with_parents_of(std::string_view rows) const {
    quality::CheckOptions check = check_;
    for (const pack::Rule* rule : model_.rules.of(pack::RuleGroup::kRow)) {
      const auto* exists = std::get_if<pack::ExistsIn>(&rule->body);
      if (exists == nullptr) continue;
      // A parent column that several rules ask for must hold the values of all of them.
      std::string& parents = check.parents[exists->table + "." + exists->parent_column];
      const std::string of_rule = fmt::format(
          "SELECT _known.* FROM {} AS _known SEMI JOIN {} AS _asking ON _known.{} = _asking.{}",
          exists->table, rows, sql_identifier(exists->parent_column),
          sql_identifier(exists->column));
      parents = parents.empty() ? fmt::format("({})", of_rule)
                                : fmt::format("({} UNION ALL {})", parents, of_rule);
    }
    return check;
  }

  Result<lake::Staged> one_part(const pack::Part& part, const lake::Staged& before) const {
    if (context_.cancel.cancelled()) {
      return Error{Fault::kCancelled, "Stopped between two parts of a table"};
    }
    std::string rows = pack::select_of_part(model_, part);
    Scratch scratch(context_.session);
    if (model_.schema == "silver") {  // its rules ask for the rows again
      TRY_DONE(scratch.make(kPart, pack::sql_as_of(rows, context_.as_of)));
      rows = fmt::format("SELECT * FROM {}", kPart);
    }
    const std::string select = checked(rows, with_parents_of(kPart));
    TRY(const auto table, context_.lake.snapshot_if_any(name_of(model_)));
    const bool mapped =
        table != nullptr && delta::stored_columns(*table).mapping != delta::ColumnMapping::kNone;
    if (part.number == 0 || !mapped) return stage_rows(context_, model_, select);
    // A column that is new has one name in all files.
    delta::StoredColumns columns = delta::stored_columns(*table);
    columns.schema = before.schema;
    return context_.lake.stage(context_.session, name_of(model_), select, model_.header.partition,
                               "", std::move(columns),
                               {.row_group_rows = lake::kLookUpRowGroupRows});
  }

  const TableRefreshContext& context_;
  const pack::Model& model_;
  const quality::CheckOptions& check_;
};

// What the sessions of this process may use, as the engine says it.
Result<std::string> memory_of(engine::Session& session) {
  TRY(const auto rows, session.query("SELECT current_setting('memory_limit')"));
  TRY(const auto table, engine::read_all(*rows));
  CHECK(table.rows.size() == 1 && table.rows[0][0], "the setting has a value");
  return *table.rows[0][0];
}

// `error`, and what became of the parts.
Error with_parts(Error error, const pack::Model& model, int parts) {
  const std::string why_not = pack::why_not_in_parts(model);
  error.message += why_not.empty() ? fmt::format("; in {} parts too", parts)
                                   : "; it is not computed in parts: " + why_not;
  return error;
}

}  // namespace

Result<lake::Staged> stage_rows(const TableRefreshContext& context, const pack::Model& model,
                                const std::string& select) {
  return context.lake.stage(context.session, name_of(model), select, model.header.partition, "",
                            std::nullopt, {.row_group_rows = lake::kLookUpRowGroupRows});
}

Result<WholeRows> stage_whole(const TableRefreshContext& context, const pack::Model& model,
                              const quality::CheckOptions& check, const InParts& past) {
  const Staging staging(context, model, check);
  const bool can = pack::why_not_in_parts(model).empty();
  TRY(std::string memory, memory_of(context.session));
  int parts = can && past.parts > 1 && past.memory == memory ? past.parts : 1;
  for (;; parts *= kTimesMore) {
    auto staged = parts == 1 ? staging.at_once() : staging.in_parts(parts);
    if (staged) return WholeRows{*std::move(staged), {parts, std::move(memory)}};
    if (!engine::lacks_memory(staged.error())) return std::move(staged).error();
    if (!can || parts * kTimesMore > kPartsMax) {
      return with_parts(std::move(staged).error(), model, parts);
    }
    log(LogLevel::kInfo, "table_does_not_fit_in_memory",
        {{"table", model.name}, {"parts", std::to_string(parts)}});
  }
}

}  // namespace claimlake::refresh
