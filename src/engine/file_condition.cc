#include "engine/file_condition.h"

#include <fmt/format.h>

#include <algorithm>
#include <duckdb/execution/expression_executor.hpp>
#include <duckdb/planner/expression/bound_between_expression.hpp>
#include <duckdb/planner/expression/bound_cast_expression.hpp>
#include <duckdb/planner/expression/bound_columnref_expression.hpp>
#include <duckdb/planner/expression/bound_comparison_expression.hpp>
#include <duckdb/planner/expression/bound_conjunction_expression.hpp>
#include <duckdb/planner/expression/bound_function_expression.hpp>
#include <duckdb/planner/expression/bound_operator_expression.hpp>

#include "base/text.h"
#include "engine/prune.h"

namespace claimlake::engine {

using duckdb::Expression;
using duckdb::ExpressionClass;
using duckdb::ExpressionType;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;

namespace {

// True if a cast keeps the order of values, so that bounds can be cast like the values.
bool keeps_order(const LogicalType& from, const LogicalType& to) {
  if (from.IsNumeric()) return to.IsNumeric();
  return from.id() == LogicalTypeId::DATE && to.id() == LogicalTypeId::TIMESTAMP;
}

// What a text must start with to be like `pattern`.
std::string fixed_start(const std::string& pattern) {
  return pattern.substr(0, pattern.find_first_of("%_\\"));
}

}  // namespace

// Makes conditions of the expressions of one pushdown.
class FileCondition::Compiler {
 public:
  Compiler(duckdb::ClientContext& context, const TableFiles& table,
           const duckdb::MultiFilePushdownInfo& info)
      : context_(context), table_(table), info_(info) {}

  using Made = std::unique_ptr<FileCondition>;

  Made compile(const Expression& expression) const {
    switch (expression.GetExpressionClass()) {
      case ExpressionClass::BOUND_CONJUNCTION:
        return conjunction(expression.Cast<duckdb::BoundConjunctionExpression>());
      case ExpressionClass::BOUND_COMPARISON: {
        const auto& comparison = expression.Cast<duckdb::BoundComparisonExpression>();
        if (auto made =
                compare(expression.GetExpressionType(), *comparison.left, *comparison.right))
          return made;
        return compare(duckdb::FlipComparisonExpression(expression.GetExpressionType()),
                       *comparison.right, *comparison.left);
      }
      case ExpressionClass::BOUND_BETWEEN:
        return between(expression.Cast<duckdb::BoundBetweenExpression>());
      case ExpressionClass::BOUND_OPERATOR:
        return about_null_or_list(expression.Cast<duckdb::BoundOperatorExpression>());
      case ExpressionClass::BOUND_FUNCTION:
        return prefix(expression.Cast<duckdb::BoundFunctionExpression>());
      default:
        return nullptr;
    }
  }

 private:
  Made make(Kind kind) const { return std::make_unique<FileCondition>(kind, table_); }

  // Of AND, what is known may already say no; of OR, all must.
  Made conjunction(const duckdb::BoundConjunctionExpression& expression) const {
    const bool all = expression.GetExpressionType() == ExpressionType::CONJUNCTION_AND;
    Made made = make(all ? Kind::kAnd : Kind::kOr);
    for (const auto& child : expression.children) {
      Made part = compile(*child);
      if (part) {
        made->children_.push_back(std::move(part));
      } else if (!all) {
        return nullptr;
      }
    }
    return made->children_.empty() ? nullptr : std::move(made);
  }

  Made compare(ExpressionType type, const Expression& column, const Expression& constant) const {
    auto value = constant_of(constant);
    if (!value || value->IsNull()) return nullptr;
    auto subject = subject_of(column);
    if (!subject || value->type() != subject->type) return nullptr;
    Made made = make(Kind::kCompare);
    made->comparison_ = type;
    made->subject_ = *std::move(subject);
    made->constants_.push_back(*std::move(value));
    return made;
  }

  Made between(const duckdb::BoundBetweenExpression& expression) const {
    Made made = make(Kind::kAnd);
    const auto add = [&](ExpressionType type, const Expression& bound) {
      if (Made part = compare(type, *expression.input, bound)) {
        made->children_.push_back(std::move(part));
      }
    };
    add(expression.lower_inclusive ? ExpressionType::COMPARE_GREATERTHANOREQUALTO
                                   : ExpressionType::COMPARE_GREATERTHAN,
        *expression.lower);
    add(expression.upper_inclusive ? ExpressionType::COMPARE_LESSTHANOREQUALTO
                                   : ExpressionType::COMPARE_LESSTHAN,
        *expression.upper);
    return made->children_.empty() ? nullptr : std::move(made);
  }

  Made about_null_or_list(const duckdb::BoundOperatorExpression& expression) const {
    const auto type = expression.GetExpressionType();
    if (type == ExpressionType::COMPARE_IN) return list(expression);
    if (type != ExpressionType::OPERATOR_IS_NULL && type != ExpressionType::OPERATOR_IS_NOT_NULL) {
      return nullptr;
    }
    // Not behind a cast: the null count is of the column.
    if (expression.children[0]->GetExpressionClass() == ExpressionClass::BOUND_CAST) return nullptr;
    auto subject = subject_of(*expression.children[0]);
    if (!subject) return nullptr;
    Made made = make(type == ExpressionType::OPERATOR_IS_NULL ? Kind::kIsNull : Kind::kIsNotNull);
    made->subject_ = *std::move(subject);
    return made;
  }

  Made list(const duckdb::BoundOperatorExpression& expression) const {
    auto subject = subject_of(*expression.children[0]);
    if (!subject) return nullptr;
    Made made = make(Kind::kIn);
    for (std::size_t i = 1; i < expression.children.size(); ++i) {
      auto value = constant_of(*expression.children[i]);
      if (!value || value->type() != subject->type) return nullptr;
      if (!value->IsNull()) made->constants_.push_back(*std::move(value));  // null equals nothing
    }
    std::sort(made->constants_.begin(), made->constants_.end());
    made->subject_ = *std::move(subject);
    return made;
  }

  // starts_with(a, 'x'), and a LIKE 'x%', which comes as prefix(a, 'x') or as itself. Of a text in
  // the midst or at the end only that null has none is known: what starts with nothing.
  Made prefix(const duckdb::BoundFunctionExpression& expression) const {
    const std::string& function = expression.function.name;
    const bool is_like = function == "~~";
    const bool elsewhere = function == "suffix" || function == "contains";
    const bool at_start = function == "prefix" || function == "starts_with" || function == "^@";
    if (!is_like && !at_start && !elsewhere) return nullptr;
    if (expression.children.size() != 2) return nullptr;
    const auto constant = constant_of(*expression.children[1]);
    if (!constant || constant->IsNull() || constant->type().id() != LogicalTypeId::VARCHAR) {
      return nullptr;
    }
    auto subject = subject_of(*expression.children[0]);
    if (!subject || subject->type != LogicalType::VARCHAR) return nullptr;
    const std::string& text = duckdb::StringValue::Get(*constant);
    Made made = make(Kind::kPrefix);
    made->constants_.emplace_back(is_like ? fixed_start(text) : at_start ? text : "");
    made->subject_ = *std::move(subject);
    return made;
  }

  std::optional<Value> constant_of(const Expression& expression) const {
    if (!expression.IsFoldable() || expression.HasParameter() || expression.IsVolatile()) return {};
    Value value;
    if (!duckdb::ExpressionExecutor::TryEvaluateScalar(context_, expression, value)) return {};
    return value;
  }

  std::optional<Subject> subject_of(const Expression& expression) const {
    if (expression.GetExpressionClass() == ExpressionClass::BOUND_CAST) {
      const auto& cast = expression.Cast<duckdb::BoundCastExpression>();
      if (cast.try_cast || !keeps_order(cast.child->return_type, cast.return_type)) return {};
      auto subject = subject_of(*cast.child);
      if (subject) cast_bounds(*subject, cast.return_type);
      return subject;
    }
    const auto path = path_of(expression);
    if (!path) return {};
    const auto& bounds = table_.bounds(*path);
    if (bounds.empty()) return {};
    return Subject{expression.return_type, &bounds, nullptr, table_.name_of(*path),
                   table_.columns()[path->front()].partition};
  }

  static void cast_bounds(Subject& subject, const LogicalType& type) {
    auto cast = std::make_shared<std::vector<ColumnBounds>>(*subject.bounds);
    const auto apply = [&](std::optional<Value>& value) {
      if (!value) return;
      Value result;
      std::string error;
      if (value->DefaultTryCastAs(type, result, &error)) {
        value = std::move(result);
      } else {
        value.reset();
      }
    };
    for (ColumnBounds& bounds : *cast) {
      apply(bounds.min);
      apply(bounds.max);
    }
    subject.bounds = cast.get();
    subject.cast = std::move(cast);
    subject.type = type;
  }

  // The column, or the field of a struct, that `expression` names; absent if it is anything else.
  std::optional<ColumnPath> path_of(const Expression& expression) const {
    if (expression.GetExpressionClass() == ExpressionClass::BOUND_COLUMN_REF) {
      const auto& binding = expression.Cast<duckdb::BoundColumnRefExpression>().binding;
      if (binding.table_index != info_.table_index) return {};
      const auto& index = info_.column_indexes.at(binding.column_index);
      if (!index.HasPrimaryIndex() || index.IsPushdownExtract()) return {};
      if (index.GetPrimaryIndex() >= table_.columns().size()) return {};
      return ColumnPath{index.GetPrimaryIndex()};
    }
    if (expression.GetExpressionClass() != ExpressionClass::BOUND_FUNCTION) return {};
    const auto& function = expression.Cast<duckdb::BoundFunctionExpression>();
    const bool by_name = function.function.name == "struct_extract";
    if (!by_name && function.function.name != "struct_extract_at") return {};
    const auto& type = function.children.at(0)->return_type;
    if (type.id() != LogicalTypeId::STRUCT || function.children.size() != 2) return {};
    auto path = path_of(*function.children[0]);
    const auto field = constant_of(*function.children[1]);
    if (!path || !field || field->IsNull()) return {};
    const auto& fields = duckdb::StructType::GetChildTypes(type);
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const bool found = by_name && field->type().id() == LogicalTypeId::VARCHAR
                             ? to_lower(fields[i].first) == to_lower(field->ToString())
                             : field->ToString() == std::to_string(i + 1);
      if (!found) continue;
      path->push_back(i);
      return path;
    }
    return {};
  }

  duckdb::ClientContext& context_;
  const TableFiles& table_;
  const duckdb::MultiFilePushdownInfo& info_;
};

std::unique_ptr<FileCondition> FileCondition::of(duckdb::ClientContext& context,
                                                 const Expression& filter, const TableFiles& table,
                                                 const duckdb::MultiFilePushdownInfo& info) {
  if (filter.HasParameter() || filter.IsVolatile() || filter.HasSubquery()) return nullptr;
  return Compiler(context, table, info).compile(filter);
}

bool FileCondition::may_hold(std::size_t number) const {
  const auto child_may_hold = [&](const auto& child) { return child->may_hold(number); };
  if (kind_ == Kind::kAnd) return std::all_of(children_.begin(), children_.end(), child_may_hold);
  if (kind_ == Kind::kOr) return std::any_of(children_.begin(), children_.end(), child_may_hold);
  if (number >= subject_.bounds->size()) return true;
  return leaf_may_hold((*subject_.bounds)[number], table_.snapshot()->row_count(number));
}

bool FileCondition::leaf_may_hold(const ColumnBounds& bounds,
                                  std::optional<std::int64_t> rows) const {
  switch (kind_) {
    case Kind::kIsNull:
      return bounds.null_count != 0;  // unknown is not 0
    case Kind::kIsNotNull:
      return !all_null(bounds, rows);
    case Kind::kIn:
      return !all_null(bounds, rows) && may_be_one_of(bounds);
    case Kind::kPrefix: {
      if (all_null(bounds, rows)) return false;
      const std::string& start = duckdb::StringValue::Get(constants_[0]);
      if (bounds.max && duckdb::StringValue::Get(*bounds.max) < start) return false;
      if (!bounds.min) return true;
      const std::string& min = duckdb::StringValue::Get(*bounds.min);
      return min.compare(0, start.size(), start) <= 0;
    }
    default:
      if (all_null(bounds, rows) && rejects_null(comparison_)) return false;
      return may_compare(comparison_, constants_[0], subject_.type, bounds);
  }
}

// A constant lies within the bounds if the first that is not below them is not above them.
bool FileCondition::may_be_one_of(const ColumnBounds& bounds) const {
  const auto first = bounds.min
                         ? std::lower_bound(constants_.begin(), constants_.end(), *bounds.min)
                         : constants_.begin();
  if (first == constants_.end()) return false;
  return !bounds.max || *first <= *bounds.max;
}

std::string FileCondition::basis() const {
  std::vector<std::string> names;
  bool statistics = false;
  bool list = false;
  add_names(names, statistics, list);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  const char* kind = list ? "IN list" : statistics ? "statistics" : "partition";
  return fmt::format("{} of {}", kind, fmt::join(names, ", "));
}

void FileCondition::add_names(std::vector<std::string>& names, bool& statistics, bool& list) const {
  for (const auto& child : children_) child->add_names(names, statistics, list);
  if (kind_ == Kind::kAnd || kind_ == Kind::kOr) return;
  names.push_back(subject_.name);
  statistics |= !subject_.partition;
  list |= kind_ == Kind::kIn;
}

}  // namespace claimlake::engine
