#include "refresh/recheck.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "pack/key_mapping.h"
#include "pack/place.h"
#include "pack/sql_text.h"
#include "quality/checked.h"
#include "quality/quarantine.h"
#include "quality/waivers.h"
#include "refresh/waivers.h"

namespace claimlake::refresh {
namespace {

constexpr const char* kWaiting = "temp.recheck_waiting";  // refused rows that are asked for
constexpr const char* kKeys = "temp.recheck_keys";
constexpr const char* kJudged = "temp.recheck_judged";
constexpr const char* kOutcomes = "temp.recheck_outcomes";

class Rechecker {
 public:
  Rechecker(const RecheckContext& context, const RecheckRequest& request)
      : context_(context), session_(context.session), request_(request) {}
  Rechecker(const Rechecker&) = delete;
  Rechecker& operator=(const Rechecker&) = delete;
  ~Rechecker() {
    for (const char* table : {kWaiting, kKeys, kJudged, kOutcomes}) {
      (void)session_.execute(fmt::format("DROP TABLE IF EXISTS {}", table));
    }
  }

  Result<Rechecked> run() {
    TRY(model_, refusing_model(context_.pack, request_.table));
    TRY_DONE(find_waiting());
    TRY(const auto waivers, waivers_version(context_.lake, *model_));
    if (waivers) check_.waivers = quality::kWaiversTable;
    check_.processed_at = quality::sql_timestamp(context_.clock.now());
    check_.as_of = context_.as_of;
    TRY(const std::string rows, rows_select());
    TRY_DONE(
        make(kJudged, fmt::format("SELECT rejected.*, {} AS recheck_id FROM (\n{}\n) AS rejected",
                                  quality::refused_identity(*model_),
                                  quality::checked_select(
                                      *model_, pack::sql_as_of(rows, context_.as_of), check_))));
    return outcomes();
  }

 private:
  Done make(const char* table, const std::string& select) {
    TRY_DONE(session_.execute(fmt::format("CREATE OR REPLACE TEMP TABLE {} AS {}", table, select)));
    return done();
  }
  Result<engine::TextTable> table_of(const std::string& sql,
                                     const std::vector<std::string>& parameters = {}) {
    TRY(const auto rows, session_.query(sql, parameters));
    return engine::read_all(*rows);
  }

  Done find_waiting() {
    if (!request_.rule.empty()) {
      TRY_DONE(check_rule());
    }
    std::string where =
        fmt::format("table_name = {} AND {}", sql_string(model_->name), quality::kIsRefused);
    if (!request_.rule.empty()) {
      where += fmt::format(" AND list_contains(rules, {})", sql_string(request_.rule));
    }
    std::string keys;
    for (const std::string& key : request_.keys) {
      keys += (keys.empty() ? "" : ", ") + sql_string(key);
    }
    if (!keys.empty()) where += fmt::format(" AND (key IN ({0}) OR quarantine_id IN ({0}))", keys);
    TRY_DONE(
        make(kWaiting, fmt::format("SELECT * FROM {} WHERE {}", quality::kQuarantineTable, where)));
    for (const std::string& key : request_.keys) {
      TRY(const auto found,
          table_of(fmt::format("SELECT 1 FROM {} WHERE key = $1 OR quarantine_id = $1 LIMIT 1",
                               kWaiting),
                   {key}));
      if (!found.rows.empty()) continue;
      TRY_DONE(check_is_refused(key));
      return Error{Fault::kNotFound,
                   fmt::format("No row of {} with the key {} is refused{}", model_->name, key,
                               request_.rule.empty() ? "" : " by " + request_.rule),
                   "", "claimlake quality quarantine " + model_->name};
    }
    return done();
  }

  // An error if the quarantine knows rows of the key, and none is refused any more.
  Done check_is_refused(const std::string& key) {
    TRY(const auto known,
        table_of(fmt::format("SELECT COALESCE(bool_or({}), true) FROM {} WHERE table_name = $1 AND "
                             "(key = $2 OR quarantine_id = $2)",
                             quality::kIsRefused, quality::kQuarantineTable),
                 {model_->name, key}));
    if (known.rows[0][0] == "true") return done();
    return Error{
        Fault::kConflict,
        fmt::format("{} of {} is not refused: the table took it in, or the last run met it "
                    "no more",
                    key, model_->name),
        "", fmt::format("claimlake why {} --key {}", model_->name, sql_string(key))};
  }

  Done check_rule() const {
    std::vector<std::string> names;
    for (const pack::Rule* rule : model_->rules.of(pack::RuleGroup::kRow)) {
      if (rule->name == request_.rule) return done();
      names.push_back(rule->name);
    }
    return Error{Fault::kNotFound,
                 fmt::format("{} has no rule {} for its rows{}", model_->name, request_.rule,
                             pack::did_you_mean(request_.rule, names)),
                 "", "claimlake quality show " + model_->name};
  }

  // The rows as the inputs have them now; as they were refused, where no key leads to them.
  Result<std::string> rows_select() {
    const bool by_key = model_->mapping != nullptr && model_->mapping->lost.empty();
    if (by_key) {
      const auto made = make(kKeys, fmt::format("SELECT DISTINCT {} FROM {} AS waiting",
                                                key_of_refused(*model_, "waiting"), kWaiting));
      if (made) return pack::select_of_keys(*model_, kKeys);
      if (made.error().fault != Fault::kInvalidInput) return made.error();  // not what they hold
    }
    std::string items;
    for (const pack::ColumnDoc& column : model_->columns) {
      items += fmt::format("{}{} AS {}", items.empty() ? "" : ", ", quality::payload_value(column),
                           sql_identifier(column.name));
    }
    return fmt::format("SELECT {} FROM {}", items, kWaiting);
  }

  Result<Rechecked> outcomes() {
    const std::string waived = check_.waivers.empty()
                                   ? "SELECT '' AS quarantine_id WHERE false"
                                   : quality::waived_ids_select(model_->name, check_.waivers);
    TRY_DONE(make(
        kOutcomes,
        fmt::format(
            "SELECT waiting.quarantine_id AS id, COALESCE(waiting.key, '') AS key, "
            "COALESCE(array_to_string(now.rules, ', '), '') AS rules, COALESCE(now.reason, "
            "waiting.reason) AS reason, CASE WHEN judged.recheck_id IS NULL THEN 3 WHEN "
            "now.quarantine_id IS "
            "NOT NULL THEN 0 WHEN judged.failed AND waiting.quarantine_id IN ({}) THEN 2 ELSE 1 "
            "END AS outcome FROM {} AS waiting LEFT JOIN (SELECT recheck_id, bool_or(NOT "
            "_is_valid) AS failed "
            "FROM {} GROUP BY recheck_id) AS judged ON judged.recheck_id = waiting.quarantine_id "
            "LEFT JOIN ({}) AS now ON now.quarantine_id = waiting.quarantine_id",
            waived, kWaiting, kJudged,
            quality::rejects_select(*model_, kJudged, {"", context_.clock.now(), ""}))));
    Rechecked out;
    const auto number = [](const std::optional<std::string>& cell) {
      return whole_number(cell.value_or("")).value_or(0);
    };
    TRY(const auto counts,
        table_of(fmt::format("SELECT outcome, count(*) FROM {} GROUP BY outcome", kOutcomes)));
    for (const auto& row : counts.rows) {
      out.counts[static_cast<Recheck>(number(row[0]))] = number(row[1]);
    }
    TRY(const auto found,
        session_.query(fmt::format("SELECT id, key, rules, reason, outcome FROM {} ORDER BY key, "
                                   "id LIMIT {}",
                                   kOutcomes, request_.rows_max)));
    TRY(const auto first, engine::read_all(*found, std::numeric_limits<std::size_t>::max()));
    for (const auto& row : first.rows) {
      out.rows.push_back({row[0].value_or(""), row[1].value_or(""), row[2].value_or(""),
                          row[3].value_or(""), static_cast<Recheck>(number(row[4]))});
    }
    return out;
  }

  const RecheckContext& context_;
  engine::Session& session_;
  const RecheckRequest& request_;
  const pack::Model* model_ = nullptr;
  quality::CheckOptions check_;
};

}  // namespace

const char* recheck_name(Recheck outcome) {
  switch (outcome) {
    case Recheck::kRefused:
      return "refused";
    case Recheck::kGoesIn:
      return "goes in";
    case Recheck::kIsWaived:
      return "waived";
    case Recheck::kIsGone:
      return "gone";
  }
  return "";
}

bool Rechecked::any_changes() const {
  return std::any_of(counts.begin(), counts.end(), [](const auto& each) {
    return each.first != Recheck::kRefused && each.second > 0;
  });
}

Result<Rechecked> recheck(const RecheckContext& context, const RecheckRequest& request) {
  return Rechecker(context, request).run();
}

}  // namespace claimlake::refresh
