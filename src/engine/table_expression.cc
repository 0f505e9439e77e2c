#include "engine/table_expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <duckdb/common/error_data.hpp>
#include <duckdb/common/exception/parser_exception.hpp>
#include <duckdb/parser/expression/cast_expression.hpp>
#include <duckdb/parser/expression/columnref_expression.hpp>
#include <duckdb/parser/expression/constant_expression.hpp>
#include <duckdb/parser/expression/function_expression.hpp>
#include <duckdb/parser/parsed_expression_iterator.hpp>
#include <duckdb/parser/parser.hpp>

#include "base/text.h"
#include "engine/errors.h"

namespace claimlake::engine {
namespace {

using duckdb::ExpressionClass;

// Functions and operators that give the same value here and in Spark for the same values.
constexpr std::array kSame{"+",
                           "-",
                           "*",
                           "/",
                           "%",
                           "||",
                           "abs",
                           "bit_length",
                           "ceil",
                           "ceiling",
                           "char_length",
                           "coalesce",
                           "date_part",
                           "date_trunc",
                           "day",
                           "dayofmonth",
                           "exp",
                           "floor",
                           "greatest",
                           "hour",
                           "if",
                           "isnan",
                           "least",
                           "length",
                           "ln",
                           "lower",
                           "ltrim",
                           "md5",
                           "minute",
                           "month",
                           "now",
                           "nullif",
                           "octet_length",
                           "pow",
                           "power",
                           "quarter",
                           "replace",
                           "reverse",
                           "round",
                           "rtrim",
                           "second",
                           "sign",
                           "sqrt",
                           "starts_with",
                           "trim",
                           "upper",
                           "uuid",
                           "year",
                           "~~",
                           "!~~",
                           "dayofyear",
                           "last_day",
                           "struct_extract",
                           "array_extract",
                           "mod"};

// Those that have another name here.
struct Renamed {
  const char* spark;
  const char* ours;
};
constexpr std::array kRenamed{Renamed{"current_timestamp", "now"},
                              Renamed{"nvl", "coalesce"},
                              Renamed{"ucase", "upper"},
                              Renamed{"lcase", "lower"},
                              Renamed{"character_length", "length"},
                              Renamed{"startswith", "starts_with"},
                              Renamed{"endswith", "ends_with"}};

[[noreturn]] void refuse(std::string what) {
  throw_error({Fault::kInvalidInput, std::move(what), "",
               "use plain operators, CASE, CAST, COALESCE and the common functions of texts, "
               "numbers and dates"});
}

// Goes over `text` outside of quotes. Single quotes stay; what stands in `from` becomes a text in
// `to`, with its quotes doubled as needed.
std::string requoted(std::string_view text, char from, char to) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c != '\'' && c != '"' && c != '`') {
      out += c;
      continue;
    }
    const char quote = c == from ? to : c;
    out += quote;
    for (++i; i < text.size(); ++i) {
      if (text[i] == c) {
        if (i + 1 >= text.size() || text[i + 1] != c) break;
        ++i;  // doubled, it stands for itself
        out += text[i];
        if (quote == c) out += c;
        continue;
      }
      out += text[i];
      if (text[i] == quote) out += quote;
    }
    out += quote;
  }
  return out;
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || (c & 0x80) != 0;
}

// Puts the words that are names of columns into double quotes.
std::string with_quoted_names(std::string_view text, const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    std::size_t end = i + 1;
    if (c == '\'' || c == '"') {
      end = std::min(text.find(c, i + 1), text.size() - 1) + 1;
    } else if (is_word(c)) {
      while (end < text.size() && is_word(text[end])) ++end;
    }
    const std::string word(text.substr(i, end - i));
    const bool name = std::any_of(names.begin(), names.end(), [&](const std::string& known) {
      return to_lower(known) == to_lower(word);
    });
    out += name ? sql_identifier(word) : word;
    i = end;
  }
  return out;
}

class Reader {
 public:
  TableExpression read(std::string_view text, const std::vector<std::string>& names) {
    if (text.find('\\') != std::string_view::npos) {
      refuse("A backslash stands in the expression, and engines read those in different ways");
    }
    // A text in double quotes is one in single quotes, then a name in backquotes one in double.
    const std::string quoted = requoted(requoted(text, '"', '\''), '`', '"');
    duckdb::vector<duckdb::unique_ptr<duckdb::ParsedExpression>> parsed;
    try {
      parsed = duckdb::Parser::ParseExpressionList(quoted);
    } catch (const duckdb::ParserException&) {
      parsed = duckdb::Parser::ParseExpressionList(with_quoted_names(quoted, names));
    }
    if (parsed.size() != 1) refuse("It is not one expression");
    visit(parsed[0]);
    std::sort(out_.columns.begin(), out_.columns.end());
    out_.columns.erase(std::unique(out_.columns.begin(), out_.columns.end()), out_.columns.end());
    out_.sql = "(" + parsed[0]->ToString() + ")";
    return std::move(out_);
  }

 private:
  void visit(duckdb::unique_ptr<duckdb::ParsedExpression>& expression) {
    switch (expression->GetExpressionClass()) {
      case ExpressionClass::COLUMN_REF:
        column(expression);
        return;
      case ExpressionClass::FUNCTION:
        function(expression->Cast<duckdb::FunctionExpression>());
        break;
      case ExpressionClass::CAST:
        cast(expression->Cast<duckdb::CastExpression>());
        break;
      case ExpressionClass::CONSTANT:
      case ExpressionClass::COMPARISON:
      case ExpressionClass::CONJUNCTION:
      case ExpressionClass::OPERATOR:
      case ExpressionClass::CASE:
      case ExpressionClass::BETWEEN:
        break;
      default:
        refuse(fmt::format("{} is nothing that an expression of a table may hold",
                           expression->ToString()));
    }
    duckdb::ParsedExpressionIterator::EnumerateChildren(
        *expression, [&](duckdb::unique_ptr<duckdb::ParsedExpression>& child) { visit(child); });
  }

  void column(duckdb::unique_ptr<duckdb::ParsedExpression>& expression) {
    const auto& names = expression->Cast<duckdb::ColumnRefExpression>().column_names;
    const std::string name = to_lower(names[0]);
    if (names.size() == 1 && (name == "current_timestamp" || name == "current_date")) return;
    out_.columns.push_back(name);
  }

  static void function(duckdb::FunctionExpression& call) {
    const std::string name = to_lower(call.function_name);
    const auto* renamed = std::find_if(kRenamed.begin(), kRenamed.end(),
                                       [&](const Renamed& known) { return name == known.spark; });
    const bool own_schema = !call.schema.empty() && call.schema != "main";
    if (call.distinct || call.filter || own_schema) {
      refuse(fmt::format("{} is nothing that an expression of a table may hold", call.ToString()));
    }
    if (renamed != kRenamed.end()) {
      call.function_name = renamed->ours;
    } else if (name == "substring" || name == "substr") {
      substring(call);
    } else if (name == "concat") {
      concat(call);
    } else if (name != "current_date" &&
               std::find(kSame.begin(), kSame.end(), name) == kSame.end()) {
      refuse(fmt::format("The function {} is not known to mean the same everywhere", name));
    }
  }

  // Counted from 0 or from the end, the two differ.
  static void substring(duckdb::FunctionExpression& call) {
    const bool constant = call.children.size() > 1 &&
                          call.children[1]->GetExpressionClass() == ExpressionClass::CONSTANT;
    const auto* start =
        constant ? &call.children[1]->Cast<duckdb::ConstantExpression>().value : nullptr;
    if (start == nullptr || !start->type().IsIntegral() || start->GetValue<std::int64_t>() < 1) {
      refuse("The start of a SUBSTRING must be a number from 1");
    }
  }

  // In Spark one null makes all of it null, as || does here.
  static void concat(duckdb::FunctionExpression& call) {
    if (call.children.size() < 2) refuse("CONCAT needs two values or more");
    while (call.children.size() > 2) {
      duckdb::vector<duckdb::unique_ptr<duckdb::ParsedExpression>> pair;
      pair.push_back(std::move(call.children[0]));
      pair.push_back(std::move(call.children[1]));
      call.children.erase(call.children.begin());
      auto joined = duckdb::make_uniq<duckdb::FunctionExpression>("||", std::move(pair));
      joined->is_operator = true;
      call.children[0] = std::move(joined);
    }
    call.function_name = "||";
    call.is_operator = true;
  }

  // TIMESTAMP has a zone in Spark.
  static void cast(duckdb::CastExpression& cast) {
    const std::string type = to_lower(cast.cast_type.ToString());
    if (type == "timestamp") {
      cast.cast_type = duckdb::LogicalType::TIMESTAMP_TZ;
    } else if (type == "timestamp_ntz" || type == "\"timestamp_ntz\"") {
      cast.cast_type = duckdb::LogicalType::TIMESTAMP;
    }
  }

  TableExpression out_;
};

}  // namespace

Result<TableExpression> table_expression(std::string_view text,
                                         const std::vector<std::string>& names) {
  try {
    return Reader().read(text, names);
  } catch (const std::exception& exception) {
    Error error = to_error(duckdb::ErrorData(exception), text);
    error.message = fmt::format("The expression {} cannot be used: {}", text, error.message);
    error.where.clear();
    return error;
  }
}

std::string stored_expression(std::string_view typed) { return requoted(typed, '"', '`'); }

}  // namespace claimlake::engine
