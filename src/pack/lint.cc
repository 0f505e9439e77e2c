#include "pack/lint.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"

namespace claimlake::pack {
namespace {

struct Advice {
  const char* why;
  const char* write;
};

// Words that are refused wherever they stand as a keyword.
const std::map<std::string, Advice, std::less<>> kWords = {
    {"QUALIFY", {"Spark before 4 and Trino lack it", "ROW_NUMBER in a CTE, with WHERE"}},
    {"PIVOT", {"not in all engines", "SUM(CASE WHEN ... END)"}},
    {"UNPIVOT", {"not in all engines", "UNION ALL"}},
    {"ASOF", {"DuckDB only", "ROW_NUMBER with WHERE"}},
    {"SEMI", {"not in all engines", "WHERE EXISTS"}},
    {"ANTI", {"not in all engines", "WHERE NOT EXISTS"}},
    {"POSITIONAL", {"DuckDB only", "a join on a key"}},
    {"SAMPLE", {"DuckDB only", "a condition"}},
    {"LATERAL", {"not alike in all engines", "a join or a CTE"}},
    {"UNNEST", {"not in all engines", "a join or a CTE"}},
    {"ILIKE", {"Trino lacks it", "LOWER(a) LIKE"}},
    {"SIMILAR", {"not in all engines", "LIKE or REGEXP_EXTRACT"}},
    {"LAMBDA", {"not alike in all engines", "a CTE"}},
    {"COLUMNS", {"DuckDB only", "the names of the columns"}},
    {"EXCLUDE", {"DuckDB only", "the names of the columns"}},
    {"CURRENT_TIMESTAMP", {"the result would not be repeatable", "_ingestion_timestamp of Bronze"}},
    {"LOCALTIMESTAMP", {"the result would not be repeatable", "_ingestion_timestamp of Bronze"}},
    {"NOW", {"the result would not be repeatable", "_ingestion_timestamp of Bronze"}},
    {"RANDOM", {"the result would not be repeatable", ""}},
    {"RAND", {"the result would not be repeatable", ""}},
    {"UUID", {"the result would not be repeatable", ""}}};

const std::map<std::string, Advice, std::less<>> kSymbols = {
    {"::", {"DuckDB only", "CAST(a AS type)"}},
    {"{{", {"templates are not SQL", "a header key"}},
    {"}}", {"templates are not SQL", "a header key"}},
    {"{%", {"templates are not SQL", "a header key"}},
    {"%}", {"templates are not SQL", "a header key"}},
    {"${", {"templates are not SQL", "a header key"}},
    {"$", {"parameters are written by name", "a parameter of the header"}},
    {"{", {"structs differ between engines", "plain columns"}},
    {"[", {"lists differ between engines", "ARRAY_AGG or SPLIT"}},
    {"->", {"lambdas and JSON paths differ between engines", "ARRAY_AGG or SPLIT"}},
    {"->>", {"JSON paths differ between engines", "plain columns"}},
    {"~", {"DuckDB only", "REGEXP_EXTRACT"}},
    {"~~", {"DuckDB only", "LIKE"}},
    {"!~", {"DuckDB only", "REGEXP_EXTRACT"}},
    {"~*", {"DuckDB only", "REGEXP_EXTRACT of LOWER(a)"}},
    {"!~*", {"DuckDB only", "REGEXP_EXTRACT of LOWER(a)"}},
    {"==", {"Trino lacks it", "="}},
    {"//", {"DuckDB only", "FLOOR(a / b)"}},
    {"**", {"DuckDB only", "a product"}}};

// Functions with the same meaning in all three engines.
const std::set<std::string, std::less<>> kFunctions = {"ABS",
                                                       "ARRAY_AGG",
                                                       "ARRAY_SORT",
                                                       "AVG",
                                                       "CAST",
                                                       "CEIL",
                                                       "COALESCE",
                                                       "CONCAT_WS",
                                                       "COUNT",
                                                       "DATE_TRUNC",
                                                       "DAY",
                                                       "EXTRACT",
                                                       "FLOOR",
                                                       "LAG",
                                                       "LENGTH",
                                                       "LOWER",
                                                       "LPAD",
                                                       "MAX",
                                                       "MIN",
                                                       "MONTH",
                                                       "NULLIF",
                                                       "QUARTER",
                                                       "REGEXP_EXTRACT",
                                                       "REGEXP_REPLACE",
                                                       "REPLACE",
                                                       "ROUND",
                                                       "ROW_NUMBER",
                                                       "SPLIT",
                                                       "SPLIT_PART",
                                                       "SQRT",
                                                       "STDDEV_POP",
                                                       "SUBSTR",
                                                       "SUM",
                                                       "TRANSLATE",
                                                       "TRIM",
                                                       "TRY_CAST",
                                                       "UPPER",
                                                       "YEAR"};

// Words that a parenthesis may follow without being called.
const std::set<std::string, std::less<>> kBeforeParenthesis = {
    "ALL",      "AND",    "ANY",     "AS",     "BETWEEN", "BY",   "CASE",   "CHAR", "DECIMAL",
    "DISTINCT", "ELSE",   "EXCEPT",  "EXISTS", "FILTER",  "FROM", "HAVING", "IN",   "INTERSECT",
    "JOIN",     "LIKE",   "NOT",     "ON",     "OR",      "OVER", "SELECT", "THEN", "UNION",
    "USING",    "VALUES", "VARCHAR", "WHEN",   "WHERE",   "WITH"};

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

class Linter {
 public:
  explicit Linter(const std::vector<Token>& tokens) : words_(without_comments(tokens)) {}

  std::vector<Lint> all() {
    for (at_ = 0; at_ < words_.size(); ++at_) {
      const Token& token = words_[at_];
      switch (token.kind) {
        case TokenKind::kWord:
          word();
          break;
        case TokenKind::kSymbol:
          symbol();
          break;
        case TokenKind::kString:
          string();
          break;
        case TokenKind::kQuotedName:
          add(std::string(token.text), "engines quote names differently", "a plain name");
          break;
        default:
          break;
      }
    }
    return std::move(lints_);
  }

 private:
  bool near_is(int step, std::string_view what) const {
    const auto index = static_cast<std::ptrdiff_t>(at_) + step;
    return index >= 0 && index < static_cast<std::ptrdiff_t>(words_.size()) &&
           words_[static_cast<std::size_t>(index)].is(what);
  }
  void add(std::string form, const char* why, const char* write) {
    lints_.push_back({words_[at_].offset, std::move(form) + " is not portable: " + why, write});
  }

  void word() {
    const std::string name = upper(words_[at_].text);
    const bool called = near_is(1, "(");
    const bool column = near_is(-1, ".") || near_is(-1, "AS") || near_is(1, ".");
    if (name == "FROM" && (at_ == 0 || near_is(-1, "("))) {
      add("FROM without SELECT", "DuckDB only", "SELECT names FROM t");
    }
    if (name == "ALL" && near_is(-1, "BY")) {
      add(upper(words_[at_ - 2].text) + " BY ALL", "DuckDB only", "the names of the columns");
    }
    if (name == "REPLACE" && near_is(-1, "*") && called) {
      add("* REPLACE", "DuckDB only", "the names of the columns");
      return;
    }
    if ((name == "VARCHAR" || name == "TEXT" || name == "STRING") && near_is(-1, "AS") &&
        near_is(1, ")")) {
      add("CAST to " + name + " without a length", "Spark wants one", "CAST(a AS VARCHAR(32))");
      return;
    }
    if (column && !called) return;
    const auto refused = kWords.find(name);
    // Some of these words are ordinary column names where nothing follows that makes them more.
    const bool only_called = name == "NOW" || name == "RANDOM" || name == "RAND" ||
                             name == "UUID" || name == "COLUMNS" || name == "LAMBDA";
    if (refused != kWords.end() && (!only_called || called || name == "LAMBDA")) {
      add(name, refused->second.why, refused->second.write);
    } else if (called && !kFunctions.contains(name) && !kBeforeParenthesis.contains(name) &&
               !is_cte()) {
      add(name + "()", "not alike in DuckDB, Spark and Trino",
          "one of the functions in docs/formats/model.md");
    }
  }

  // "WITH name (columns) AS (": a name and not a call.
  bool is_cte() const { return near_is(-1, "WITH") || near_is(-1, "RECURSIVE"); }

  void symbol() {
    const auto refused = kSymbols.find(words_[at_].text);
    if (refused == kSymbols.end()) return;
    add(std::string(words_[at_].text), refused->second.why, refused->second.write);
  }

  void string() {
    const std::string_view text = words_[at_].text;
    if (!text.starts_with("'")) {
      add(std::string(text.substr(0, 2)) + "...", "DuckDB only", "a string in single quotes");
    } else if (text.find('\\') != std::string_view::npos) {
      add("a backslash in a string", "Spark reads it as an escape",
          "a character class such as [.] or [0-9]");
    } else if (text.find("{{") != std::string_view::npos ||
               text.find("${") != std::string_view::npos) {
      add("a template in a string", "templates are not SQL", "a header key");
    }
  }

  std::vector<Token> words_;
  std::size_t at_ = 0;
  std::vector<Lint> lints_;
};

// The SQL texts of a rule.
std::vector<std::string> sql_texts(const Rule& rule) {
  std::vector<std::string> texts;
  if (!rule.when.empty()) texts.push_back(rule.when);
  if (const auto* condition = std::get_if<RowCondition>(&rule.body))
    texts.push_back(condition->sql);
  return texts;
}

}  // namespace

std::vector<Lint> lint_sql(const std::vector<Token>& tokens) { return Linter(tokens).all(); }

std::vector<Error> lint_model(const Model& model) {
  std::vector<Error> errors;
  if (const auto tokens = tokenize(model.sql)) {
    for (const Lint& lint : lint_sql(*tokens)) {
      errors.push_back(error_at(model.file, model.place(lint.offset), lint.what,
                                lint.write.empty() ? "" : "write " + lint.write));
    }
  }
  for (const Rule& rule : model.rules.rules) {
    for (const std::string& sql : sql_texts(rule)) {
      const auto tokens = tokenize(sql);
      if (!tokens) continue;
      for (const Lint& lint : lint_sql(*tokens)) {
        errors.push_back(error_at(rule.file, rule.place, "rule " + rule.name + ": " + lint.what,
                                  lint.write.empty() ? "" : "write " + lint.write));
      }
    }
  }
  return errors;
}

std::vector<ClockUse> clock_uses(const std::vector<Token>& tokens, bool clock_day) {
  std::vector<ClockUse> uses;
  const std::vector<Token> words = without_comments(tokens);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool name = (i > 0 && (words[i - 1].is(".") || words[i - 1].is("AS"))) ||
                      (i + 1 < words.size() && words[i + 1].is("."));
    const bool called = i + 1 < words.size() && words[i + 1].is("(");
    const bool date = words[i].is("CURRENT_DATE");
    const bool time = words[i].is("CURRENT_TIMESTAMP") || words[i].is("LOCALTIMESTAMP") ||
                      words[i].is("CURRENT_TIME") || words[i].is("LOCALTIME") ||
                      ((words[i].is("NOW") || words[i].is("TODAY")) && called);
    if (!name && ((date && !clock_day) || time)) {
      uses.push_back({words[i].offset, upper(words[i].text)});
    }
  }
  return uses;
}

std::vector<ClockUse> chance_uses(const std::vector<Token>& tokens) {
  constexpr std::string_view kFunctions[] = {"RANDOM",  "RAND",    "UUID",        "GEN_RANDOM_UUID",
                                             "UUIDV4",  "UUIDV7",  "SETSEED",     "NEXTVAL",
                                             "CURRVAL", "SHUFFLE", "TXID_CURRENT"};
  std::vector<ClockUse> uses;
  const std::vector<Token> words = without_comments(tokens);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool called = i + 1 < words.size() && words[i + 1].is("(");
    const bool function = called && (i == 0 || !words[i - 1].is(".")) &&
                          std::any_of(std::begin(kFunctions), std::end(kFunctions),
                                      [&](std::string_view name) { return words[i].is(name); });
    const bool sample =
        words[i].is("TABLESAMPLE") || (words[i].is("SAMPLE") && i > 0 && words[i - 1].is("USING"));
    if (function || sample) uses.push_back({words[i].offset, upper(words[i].text)});
  }
  return uses;
}

}  // namespace claimlake::pack
