#include "quality/audit.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"
#include "pack/model_reads.h"
#include "pack/references.h"
#include "pack/sql_text.h"
#include "quality/checked.h"

namespace claimlake::quality {
namespace {

using pack::Rule;

std::string count_text(std::int64_t count) {
  std::string text = std::to_string(count);
  for (std::size_t at = text.size(); at > 3 + (text[0] == '-' ? 1 : 0);) text.insert(at -= 3, ",");
  return text;
}

std::string number_text(double value) {
  if (value == std::floor(value) && std::abs(value) < 1e15) {
    return count_text(static_cast<std::int64_t>(value));
  }
  std::string text = std::to_string(value);
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

std::string not_null(const std::vector<std::string>& columns) {
  std::string sql;
  for (const std::string& column : columns) {
    sql += (sql.empty() ? "" : " AND ") + sql_identifier(column) + " IS NOT NULL";
  }
  return sql;
}

std::string list(const std::vector<std::string>& columns) {
  std::string sql;
  for (const std::string& column : columns) {
    sql += (sql.empty() ? "" : ", ") + sql_identifier(column);
  }
  return sql;
}

bool holds(double value, const std::string& comparison, double number) {
  if (comparison == "=") return value == number;
  if (comparison == "<>") return value != number;
  if (comparison == "<") return value < number;
  if (comparison == "<=") return value <= number;
  if (comparison == ">") return value > number;
  return value >= number;
}

// What makes up the names of rules that are to be measured; null: all.
using Names = std::set<std::string>;

// One audit: collects what has to be measured, measures it in one query, then judges.
class Auditor {
 public:
  Auditor(engine::Session& session, const AuditInput& input)
      : session_(session), in_(input), silver_(input.model.schema == "silver") {
    const std::optional<double> least = input.facts.least_score;
    clean_ = !silver_ || (least && *least == 100) || input.facts.rows == 0;
    maybe_rejects_ = silver_ && input.facts.rows > 0 && !(least && *least >= 0);
  }

  Result<Audit> run() {
    TRY(Tally tally, count(nullptr));
    return judge_all(std::move(tally));
  }

  // The numbers of the rules in `names`.
  Result<Tally> count(const Names* names) {
    Tally tally;
    std::vector<std::pair<const Rule*, Plan>> plans;
    for (const Rule& rule : in_.model.rules.rules) {
      if (names == nullptr || names->contains(rule.name)) plans.emplace_back(&rule, plan(rule));
    }
    plan_totals();
    TRY_DONE(measure());
    TRY_DONE(count_failures());
    tally.rows = whole(rows_);
    tally.rejected = maybe_rejects_ ? whole(rejected_) : 0;
    if (silver_) tally.score_hundredths = clean_ ? tally.rows * 10'000 : whole(score_);
    for (const auto& [rule, plan] : plans) {
      Tally::Numbers& numbers = tally.rules[rule->name];
      numbers = {number(plan.checked), number(plan.second)};
      if (rule->group != pack::RuleGroup::kRow) continue;
      const auto failed = failures_.find(rule->name);
      numbers.second = failed == failures_.end() ? 0 : static_cast<double>(failed->second);
    }
    return tally;
  }

  Result<Audit> judge_all(Tally tally) {
    audit_.rows = tally.rows;
    audit_.rejected = tally.rejected;
    if (tally.score_hundredths && tally.rows > 0) {
      audit_.mean_row_score = std::round(static_cast<double>(*tally.score_hundredths) /
                                         static_cast<double>(tally.rows)) /
                              100;
    }
    for (const Rule& rule : in_.model.rules.rules) {
      TRY(RuleResult result, judge(rule, tally.rules[rule.name]));
      audit_.results.push_back(std::move(result));
    }
    audit_.fails = fails_table(audit_.results);
    audit_.tally = std::move(tally);
    return std::move(audit_);
  }

 private:
  // Where the numbers of a rule come from: a known number, or the position of a measure.
  struct Source {
    std::optional<std::int64_t> known;
    std::optional<std::size_t> measure;  // neither: the rule has no such number
  };
  struct Plan {
    Source checked;
    Source second;  // rows with values, distinct values, nulls, a maximum or a query's number
  };

  // `aggregate` over all that is staged.
  Source measured(std::string aggregate) {
    measures_.push_back(std::move(aggregate));
    return {.measure = measures_.size() - 1};
  }
  // An aggregate over the rows that will be committed.
  Source kept(const std::string& aggregate, const std::string& condition = {}) {
    std::string filter = maybe_rejects_ ? "_quality_score >= 0" : "";
    if (!condition.empty()) filter += (filter.empty() ? "" : " AND ") + condition;
    return measured(aggregate + (filter.empty() ? "" : " FILTER (WHERE " + filter + ")"));
  }
  Source kept_rows() {
    if (!maybe_rejects_) return {.known = in_.facts.rows};
    return kept("count(*)");
  }
  // Rows that will be committed in which the columns have values.
  Source kept_with_values(const std::vector<std::string>& columns) {
    const auto nulls = in_.facts.null_counts.find(columns[0]);
    if (columns.size() == 1 && !maybe_rejects_ && nulls != in_.facts.null_counts.end()) {
      return {.known = in_.facts.rows - nulls->second};
    }
    return kept("count(*)", not_null(columns));
  }

  Plan plan(const Rule& rule) {
    Plan plan;
    if (rule.group == pack::RuleGroup::kRow) {
      plan.checked = applicable_rows(rule);
    } else if (const auto* unique = std::get_if<pack::Unique>(&rule.body)) {
      plan.checked = kept_with_values(unique->columns);
      plan.second =
          kept("count(DISTINCT hash(" + list(unique->columns) + "))", not_null(unique->columns));
    } else if (const auto* values = std::get_if<pack::NotNull>(&rule.body)) {
      plan.checked = kept_rows();
      plan.second = kept_with_values(values->columns);
    } else if (const auto* complete = std::get_if<pack::Completeness>(&rule.body)) {
      plan.checked = kept_rows();
      plan.second = kept_with_values({complete->column});
    } else if (const auto* query = std::get_if<pack::Query>(&rule.body)) {
      plan.second = measured(query_measure(*query));
    } else if (const auto* fresh = std::get_if<pack::Freshness>(&rule.body)) {
      plan.second = kept("max(epoch_us(CAST(" + sql_identifier(fresh->column) +
                         " AS TIMESTAMP WITH TIME ZONE)))");
    } else {
      plan.checked = kept_rows();
    }
    return plan;
  }

  // How many staged rows a row rule is about, from statistics where they know.
  Source applicable_rows(const Rule& rule) {
    const std::string condition = applies_condition(rule, "_staged", in_.as_of);
    if (condition == "TRUE") return {.known = in_.facts.rows};
    const std::vector<std::string> columns = pack::rule_columns(rule);
    if (rule.when.empty() && columns.size() == 1) {
      const auto nulls = in_.facts.null_counts.find(columns[0]);
      if (nulls != in_.facts.null_counts.end()) return {.known = in_.facts.rows - nulls->second};
    }
    return measured("count(*) FILTER (WHERE " + condition + ")");
  }

  std::string query_measure(const pack::Query& query) const {
    constexpr std::string_view kNew = "{new}";
    std::string sql = pack::sql_as_of(query.sql, in_.as_of);
    for (std::size_t at = 0; (at = sql.find(kNew, at)) != std::string::npos;) {
      sql.replace(at, kNew.size(), "_new");
    }
    const auto tokens = pack::tokenize(sql);
    CHECK(tokens, "load_pack has bound the queries of rules");
    pack::Rewriter rewriter(sql);
    for (const pack::TableReference& reference : pack::table_references(*tokens)) {
      const auto other = in_.in_place.find(reference.name);
      if (other == in_.in_place.end()) continue;
      rewriter.replace(reference.begin, reference.end,
                       pack::replacement(reference, "(SELECT * FROM " + other->second + ")"));
    }
    return "(SELECT COALESCE(CAST((" + rewriter.finish() + "\n) AS DOUBLE), 0))";
  }

  void plan_totals() {
    rows_ = kept_rows();
    if (maybe_rejects_) rejected_ = measured("count(*) FILTER (WHERE _quality_score < 0)");
    if (silver_ && !clean_) {
      score_ = kept("sum(CAST(round(_quality_score * 100) AS BIGINT))");
    }
  }

  Done measure() {
    if (!measures_.empty()) {
      measures_.emplace_back("count(*)");  // makes one row of measures that are queries only
      std::string sql = "WITH _new AS NOT MATERIALIZED (SELECT * FROM " + in_.relation;
      if (maybe_rejects_) sql += " WHERE _quality_score >= 0";
      sql += ")\nSELECT ";
      for (std::size_t i = 0; i < measures_.size(); ++i)
        sql += (i == 0 ? "" : ",\n  ") + measures_[i];
      TRY(const auto rows, session_.query(sql + "\nFROM " + in_.relation + " AS _staged"));
      TRY(const engine::TextTable table, engine::read_all(*rows));
      CHECK(table.rows.size() == 1, "aggregates give one row");
      values_ = table.rows[0];
    }
    return done();
  }

  // How many rows each row rule failed for; costs nothing where all is clean.
  Done count_failures() {
    if (clean_) return done();
    TRY(const auto rows,
        session_.query("SELECT rule, count(*) FROM (SELECT unnest(_dq) AS rule FROM " +
                       in_.relation + " WHERE NOT _is_valid) AS failed GROUP BY rule"));
    TRY(const engine::TextTable table, engine::read_all(*rows));
    for (const auto& row : table.rows) failures_[*row[0]] = std::stoll(*row[1]);
    return done();
  }

  std::optional<double> number(const Source& source) const {
    if (source.known) return static_cast<double>(*source.known);
    if (!source.measure) return std::nullopt;
    const std::optional<std::string>& text = values_[*source.measure];
    if (!text) return std::nullopt;
    return std::stod(*text);
  }
  std::int64_t whole(const Source& source) const {
    if (source.known) return *source.known;
    if (!source.measure) return 0;
    const std::optional<std::string>& text = values_[*source.measure];
    return text ? std::stoll(*text) : 0;
  }
  static std::int64_t whole(const std::optional<double>& number) {
    return static_cast<std::int64_t>(number.value_or(0));
  }

  Result<RuleResult> judge(const Rule& rule, const Tally::Numbers& plan) {
    RuleResult result{.table = in_.model.name,
                      .rule = rule.name,
                      .kind = pack::rule_kind_name(rule.body),
                      .group = rule.group,
                      .dimension = dimension_of(rule.body),
                      .threshold = pack::rule_text(rule)};
    if (rule.group == pack::RuleGroup::kRow) {
      judge_rows(rule, plan, result);
    } else if (const auto* unique = std::get_if<pack::Unique>(&rule.body)) {
      TRY_DONE(judge_unique(*unique, rule, plan, result));
    } else if (std::holds_alternative<pack::NotNull>(rule.body)) {
      result.checked = whole(plan.checked);
      result.failed = result.checked - whole(plan.second);
      decide(rule, result,
             count_text(result.failed) + " of " + count_text(result.checked) + " rows");
    } else if (const auto* count = std::get_if<pack::RowCount>(&rule.body)) {
      const std::int64_t rows = whole(plan.checked);
      const bool bad = (count->min && rows < *count->min) || (count->max && rows > *count->max);
      judge_whole(rule, static_cast<double>(rows), bad, count_text(rows) + " rows", result);
    } else if (const auto* complete = std::get_if<pack::Completeness>(&rule.body)) {
      judge_completeness(*complete, whole(plan.checked), whole(plan.second), result);
    } else if (const auto* query = std::get_if<pack::Query>(&rule.body)) {
      const double value = plan.second.value_or(0);
      const bool bad = !holds(value, query->comparison, std::stod(query->number));
      judge_whole(rule, value, bad, number_text(value), result);
    } else {
      judge_freshness(std::get<pack::Freshness>(rule.body), plan.second, result);
    }
    return result;
  }

  // The outcome of a rule whose failed rows are counted.
  static void decide(const Rule& rule, RuleResult& result, const std::string& found) {
    if (result.failed == 0) return;
    switch (rule.action) {
      case pack::Action::kFlag:
        result.outcome = Outcome::kFlag;
        break;
      case pack::Action::kWarn:
        result.outcome = Outcome::kWarn;
        break;
      case pack::Action::kQuarantine:
        result.outcome = Outcome::kQuarantine;
        break;
      case pack::Action::kDrop:
        result.outcome = Outcome::kDrop;
        break;
      case pack::Action::kFail:
        result.outcome = Outcome::kFail;
        break;
    }
    result.message =
        found + " against the rule: " + (rule.reason.empty() ? pack::rule_text(rule) : rule.reason);
  }

  static void judge_rows(const Rule& rule, const Tally::Numbers& numbers, RuleResult& result) {
    result.checked = whole(numbers.checked);
    result.failed = whole(numbers.second);
    decide(rule, result, count_text(result.failed) + " of " + count_text(result.checked) + " rows");
  }

  // Rows that share their 64-bit hash are almost surely equal; the exact count settles it.
  Done judge_unique(const pack::Unique& unique, const Rule& rule, const Tally::Numbers& plan,
                    RuleResult& result) {
    result.checked = whole(plan.checked);
    if (whole(plan.second) != result.checked) {
      std::string where = not_null(unique.columns);
      if (maybe_rejects_) where += " AND _quality_score >= 0";
      TRY(const auto rows,
          session_.query(
              "SELECT COALESCE(SUM(copies - 1), 0) FROM (SELECT count(*) AS copies FROM " +
              in_.relation + " WHERE " + where + " GROUP BY " + list(unique.columns) +
              " HAVING count(*) > 1) AS shared"));
      TRY(const engine::TextTable table, engine::read_all(*rows));
      result.failed = std::stoll(*table.rows[0][0]);
    }
    decide(rule, result, count_text(result.failed) + " surplus rows");
    return done();
  }

  // A rule on the table as a whole.
  static void judge_whole(const Rule& rule, double value, bool bad, const std::string& found,
                          RuleResult& result) {
    result.checked = 1;
    result.failed = bad ? 1 : 0;
    result.value = value;
    decide(rule, result, found);
  }

  static void judge_completeness(const pack::Completeness& rule, std::int64_t rows,
                                 std::int64_t with_value, RuleResult& result) {
    result.checked = rows;
    result.failed = rows - with_value;
    result.value =
        rows == 0 ? 100 : 100.0 * static_cast<double>(with_value) / static_cast<double>(rows);
    const auto below = [&](const std::optional<int>& limit_bp) {
      return limit_bp && with_value * 10'000 < *limit_bp * rows;
    };
    if (below(rule.warn_below_bp)) result.outcome = Outcome::kWarn;
    if (below(rule.fail_below_bp)) result.outcome = Outcome::kFail;
    if (result.outcome == Outcome::kPass) return;
    result.message = rule.column + " has a value in " + count_text(with_value) + " of " +
                     count_text(rows) + " rows, against the rule: " + result.threshold;
  }

  void judge_freshness(const pack::Freshness& rule, std::optional<double> newest_us,
                       RuleResult& result) const {
    if (!newest_us) return;  // a table without rows has no age
    const double age_ms =
        static_cast<double>(in_.now.time_since_epoch().count()) / 1'000 - *newest_us / 1'000;
    result.checked = 1;
    result.value = std::round(age_ms) / 1'000;
    const auto older = [&](const std::optional<std::chrono::milliseconds>& limit) {
      return limit && age_ms > static_cast<double>(limit->count());
    };
    if (older(rule.warn_after)) result.outcome = Outcome::kWarn;
    if (older(rule.fail_after)) result.outcome = Outcome::kFail;
    if (result.outcome == Outcome::kPass) return;
    result.failed = 1;
    result.message = "the newest " + rule.column + " is " +
                     number_text(std::floor(age_ms / 1'000)) +
                     " s old, against the rule: " + result.threshold;
  }

  engine::Session& session_;
  const AuditInput& in_;
  bool silver_;
  bool clean_;          // no row failed any rule
  bool maybe_rejects_;  // rows may have to be taken out
  std::vector<std::string> measures_;
  std::vector<std::optional<std::string>> values_;
  Source rows_, rejected_, score_;
  std::map<std::string, std::int64_t> failures_;
  Audit audit_;
};

// How the numbers of a rule come out of what they were and of rows that come and go.
enum class Going { kSum, kGreatest, kWhole };

Going going(const Rule& rule, const pack::Model& model, const ChangeAuditInput& input) {
  const std::set<std::string>& changed = input.changed;
  if (const auto* unique = std::get_if<pack::Unique>(&rule.body)) {
    // Rows of other keys then have other values.
    const auto& columns = unique->columns;
    const bool by_key = std::all_of(
        model.header.key.begin(), model.header.key.end(), [&](const std::string& column) {
          return std::find(columns.begin(), columns.end(), column) != columns.end();
        });
    return by_key && !model.header.key.empty() ? Going::kSum : Going::kWhole;
  }
  if (std::holds_alternative<pack::Freshness>(rule.body)) return Going::kGreatest;
  const auto* query = std::get_if<pack::Query>(&rule.body);
  if (query == nullptr) return Going::kSum;
  if (query->sums.empty()) return Going::kWhole;
  // On another day other rows may count.
  if (input.gone.as_of != input.come.as_of && pack::holds_day(query->sql)) return Going::kWhole;
  for (const engine::SumOver& sum : query->sums) {
    const auto moved = std::count_if(sum.tables.begin(), sum.tables.end(), [&](const auto& table) {
      return table == "_new" || changed.contains(table);
    });
    if (moved > 1) return Going::kWhole;
  }
  return Going::kSum;
}

// Sums of binary fractions drift away from what one sum gives; those of whole numbers do not, and
// amounts of money are whole numbers of ten-thousandths. Absent: they are neither.
std::optional<double> exact_sum(double a, double b, double c) {
  constexpr double kExact = 1e15;
  for (const double scale : {1.0, 1e4}) {
    const auto is_whole = [&](double value) {
      const double scaled = std::round(value * scale);
      return std::abs(scaled) <= kExact && scaled / scale == value;
    };
    if (!is_whole(a) || !is_whole(b) || !is_whole(c)) continue;
    return (std::round(a * scale) + std::round(b * scale) + std::round(c * scale)) / scale;
  }
  return std::nullopt;
}

// Absent: not to be told without the whole.
std::optional<Tally::Numbers> go_on(Going how, const Tally::Numbers& before,
                                    const Tally::Numbers& gone, const Tally::Numbers& come) {
  if (how == Going::kGreatest) {
    if (gone.second && (!before.second || *gone.second >= *before.second)) return std::nullopt;
    if (!come.second) return before;
    return Tally::Numbers{std::nullopt,
                          std::max(before.second.value_or(*come.second), *come.second)};
  }
  Tally::Numbers out;
  for (const auto number : {&Tally::Numbers::checked, &Tally::Numbers::second}) {
    if ((before.*number).has_value() != (come.*number).has_value()) return std::nullopt;
    if (!(before.*number)) continue;
    out.*number = exact_sum(*(before.*number), -(gone.*number).value_or(0), *(come.*number));
    if (!(out.*number)) return std::nullopt;
  }
  return out;
}

}  // namespace

std::string Tally::text() const {
  nlohmann::json json = {{"rows", rows}, {"rejected", rejected}};
  if (score_hundredths) json["score"] = *score_hundredths;
  auto& all = json["rules"] = nlohmann::json::object();
  const auto number = [](const std::optional<double>& value) {
    return value ? nlohmann::json(*value) : nlohmann::json();
  };
  for (const auto& [name, numbers] : rules) {
    all[name] = {number(numbers.checked), number(numbers.second)};
  }
  return json.dump();
}

std::optional<Tally> Tally::parse(std::string_view text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("rules") || !json["rules"].is_object()) {
    return std::nullopt;
  }
  const auto integer = [&](const char* name) {
    const auto found = json.find(name);
    return found != json.end() && found->is_number_integer() ? found->get<std::int64_t>() : -1;
  };
  Tally out;
  out.rows = integer("rows");
  out.rejected = integer("rejected");
  if (out.rows < 0 || out.rejected < 0) return std::nullopt;
  if (const std::int64_t score = integer("score"); score >= 0) out.score_hundredths = score;
  const auto number = [](const nlohmann::json& value) {
    return value.is_number() ? std::optional<double>(value.get<double>()) : std::nullopt;
  };
  for (const auto& [name, numbers] : json["rules"].items()) {
    if (!numbers.is_array() || numbers.size() != 2) return std::nullopt;
    out.rules[name] = {number(numbers[0]), number(numbers[1])};
  }
  return out;
}

StagedFacts staged_facts(const std::vector<engine::WrittenFile>& files) {
  StagedFacts facts;
  std::map<std::string, std::size_t> known_in;  // files that know the nulls of a column
  std::size_t scored = 0;
  std::size_t with_rows = 0;
  for (const engine::WrittenFile& file : files) {
    facts.rows += file.rows;
    if (file.rows > 0) ++with_rows;
    const auto stats = nlohmann::json::parse(file.stats_json, nullptr, false);
    if (!stats.is_object()) continue;
    if (const auto nulls = stats.find("nullCount"); nulls != stats.end() && nulls->is_object()) {
      for (const auto& [column, count] : nulls->items()) {
        if (!count.is_number_integer()) continue;
        facts.null_counts[column] += count.get<std::int64_t>();
        ++known_in[column];
      }
    }
    const auto least = stats.find("minValues");
    if (least == stats.end() || !least->is_object() || !least->contains("_quality_score")) continue;
    const auto& score = (*least)["_quality_score"];
    if (!score.is_number() || file.rows == 0) continue;
    ++scored;
    facts.least_score = std::min(facts.least_score.value_or(100), score.get<double>());
  }
  if (scored != with_rows) facts.least_score.reset();
  std::erase_if(facts.null_counts,
                [&](const auto& entry) { return known_in[entry.first] != files.size(); });
  return facts;
}

Result<Audit> audit(engine::Session& session, const AuditInput& input) {
  return Auditor(session, input).run();
}

Result<Audit> audit_change(engine::Session& session, const ChangeAuditInput& input) {
  const pack::Model& model = input.come.model;
  Names sums;
  Names others;
  for (const Rule& rule : model.rules.rules) {
    const bool known = input.before.rules.contains(rule.name);
    const bool sum = known && going(rule, model, input) != Going::kWhole;
    (sum ? sums : others).insert(rule.name);
  }
  TRY(const Tally gone, Auditor(session, input.gone).count(&sums));
  TRY(const Tally come, Auditor(session, input.come).count(&sums));
  Tally now;
  now.rows = input.before.rows - gone.rows + come.rows;
  now.rejected = input.before.rejected - gone.rejected + come.rejected;
  if (input.before.score_hundredths && gone.score_hundredths && come.score_hundredths) {
    now.score_hundredths =
        *input.before.score_hundredths - *gone.score_hundredths + *come.score_hundredths;
  }
  for (const Rule& rule : model.rules.rules) {
    if (!sums.contains(rule.name)) continue;
    const auto numbers = go_on(going(rule, model, input), input.before.rules.at(rule.name),
                               gone.rules.at(rule.name), come.rules.at(rule.name));
    if (numbers) {
      now.rules[rule.name] = *numbers;
    } else {
      others.insert(rule.name);
    }
  }
  if (!others.empty()) {
    TRY(const Tally whole, Auditor(session, input.whole).count(&others));
    for (const std::string& name : others) now.rules[name] = whole.rules.at(name);
  }
  return Auditor(session, input.whole).judge_all(std::move(now));
}

}  // namespace claimlake::quality
