#include "refresh/definitions.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "quality/checked.h"
#include "refresh/fingerprint.h"

namespace claimlake::refresh {
namespace {

// How often a commit is tried anew because another process committed first.
constexpr int kAttemptsMax = 5;
constexpr std::size_t kRowsMax = 100'000;

lake::TableName models_table() {
  auto name = lake::TableName::parse(kModelsTable);
  CHECK(name.has_value(), "ops tables have proper names");
  return *std::move(name);
}

// The rows that `kept` does not have yet; "" if there are none.
std::string missing_rows(const KeptDefinitions& kept, const pack::Pack& pack, Timestamp now,
                         const std::string& run) {
  std::string values;
  const auto add = [&](const std::string& model, std::int64_t number, const std::string& text) {
    values += fmt::format("{}({}, {}, {}, {}, {})", values.empty() ? "" : ", ", sql_string(model),
                          number, text.empty() ? "NULL" : sql_string(text),
                          quality::sql_timestamp(now), sql_string(run));
  };
  std::set<std::string> there;
  for (const pack::Model& model : pack.models) {
    there.insert(model.name);
    const pack::Definition definition = pack::definition_of(pack, model);
    const pack::Definition* newest = kept.newest(model.name);
    if (newest != nullptr && *newest == definition) continue;
    add(model.name, pack::definition_number(model.hash), pack::to_text(definition));
  }
  for (const std::string& model : kept.models()) {
    if (!there.contains(model)) add(model, 0, "");
  }
  if (values.empty()) return values;
  return "SELECT model, CAST(number AS BIGINT) AS number, CAST(definition AS VARCHAR) AS "
         "definition, kept_at, run_id FROM (VALUES " +
         values + ") AS models(model, number, definition, kept_at, run_id)";
}

}  // namespace

delta::Schema models_schema() {
  const auto field = [](const char* name, const char* type) {
    return delta::Field{name, delta::PrimitiveType{type}};
  };
  return {{field("model", "string"), field("number", "long"), field("definition", "string"),
           field("kept_at", "timestamp"), field("run_id", "string")}};
}

const pack::Definition* KeptDefinitions::of(std::string_view model, std::int64_t number) const {
  const auto found = std::find_if(rows_.rbegin(), rows_.rend(), [&](const Row& row) {
    return row.model == model && row.number == number && !row.gone;
  });
  return found == rows_.rend() ? nullptr : &found->definition;
}

const pack::Definition* KeptDefinitions::newest(std::string_view model) const {
  const auto found = std::find_if(rows_.rbegin(), rows_.rend(),
                                  [&](const Row& row) { return row.model == model; });
  return found == rows_.rend() || found->gone ? nullptr : &found->definition;
}

bool KeptDefinitions::has_ended(std::string_view model) const {
  const auto found = std::find_if(rows_.rbegin(), rows_.rend(),
                                  [&](const Row& row) { return row.model == model; });
  return found != rows_.rend() && found->gone;
}

std::vector<std::string> KeptDefinitions::models() const {
  std::set<std::string> names;
  for (const Row& row : rows_) {
    if (newest(row.model) != nullptr) names.insert(row.model);
  }
  return {names.begin(), names.end()};
}

Result<KeptDefinitions> kept_definitions(lake::Lake& lake, engine::Session& session) {
  KeptDefinitions kept;
  TRY(const auto snapshot, lake.snapshot_if_any(models_table()));
  if (snapshot == nullptr) return kept;
  TRY(const auto rows,
      session.query(fmt::format("SELECT model, number, definition FROM {} ORDER BY kept_at, model",
                                kModelsTable)));
  TRY(const auto table, engine::read_all(*rows, kRowsMax));
  for (const auto& row : table.rows) {
    KeptDefinitions::Row out;
    out.model = row[0].value_or("");
    out.number = whole_number(row[1].value_or("")).value_or(0);
    out.gone = !row[2];
    if (row[2]) {
      auto definition = pack::definition_from(*row[2]);
      if (!definition) continue;  // of a newer program, perhaps: then it is not known
      out.definition = *std::move(definition);
    }
    kept.rows_.push_back(std::move(out));
  }
  return kept;
}

std::int64_t definitions_number(const pack::Pack& pack) {
  std::string texts;
  for (const pack::Model& model : pack.models) {
    texts += model.name + pack::to_text(pack::definition_of(pack, model));
  }
  return fingerprint(texts, {}, "");
}

Done keep_definitions(lake::Lake& lake, const Clock& clock, engine::Session& session,
                      const pack::Pack& pack, const std::string& run,
                      const std::optional<std::int64_t>* known) {
  const lake::TableName name = models_table();
  const std::int64_t number = definitions_number(pack);
  for (int attempt = 1;; ++attempt) {
    TRY(const auto base, lake.snapshot(name));
    const auto kept_number = base->txn(kModelsAppId);
    if (kept_number == number) return done();
    if (known != nullptr && kept_number && kept_number != *known) return done();
    TRY(const auto kept, kept_definitions(lake, session));
    const std::string select = missing_rows(kept, pack, clock.now(), run);
    if (select.empty()) return done();
    lake::WriteRequest request;
    TRY(request.staged, lake.stage(session, name, select));
    request.positions.push_back({std::string(kModelsAppId), number, std::nullopt});
    request.base = base;
    request.run = run;
    auto committed = lake.commit(std::move(request));
    if (committed) return done();
    if (committed.error().fault != Fault::kConflict || attempt == kAttemptsMax) {
      return std::move(committed).error();
    }
  }
}

}  // namespace claimlake::refresh
