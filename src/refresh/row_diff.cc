// By key it is one full join: for each pair of rows one flag per column says whether its values
// differ, and an aggregate over the pairs counts the flags and keeps the first rows that differ.
// Only if the key is not unique on one of the sides, which the counts tell, whole rows are compared
// by how often each side has them.
#include "refresh/row_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "base/text.h"
#include "refresh/key_texts.h"
#include "refresh/scratch.h"

namespace claimlake::refresh {
namespace {

constexpr const char* kFound = "scratch('row_diff')";  // one row per kind
constexpr const char* kRight = "scratch('row_diff_right')";
constexpr double kNearly = 1e-9;

using Columns = std::vector<std::string>;
using Row = std::vector<std::optional<std::string>>;

// What a pair of rows is; the number that the SQL gives it.
enum Kind { kSame = 0, kOnlyLeft = 1, kOnlyRight = 2, kDiffers = 3 };

std::int64_t number(const Row& row, std::size_t column) {
  return whole_number(row.at(column).value_or("0")).value_or(0);
}

class Differ {
 public:
  Differ(engine::Session& session, const RowDiffInput& input)
      : session_(session),
        in_(input),
        scratch_(session),
        right_select_(input.right),
        all_(input.key) {
    all_.insert(all_.end(), input.columns.begin(), input.columns.end());
  }

  Result<RowDiff> run() {
    if (!in_.key.empty()) {
      TRY(const bool unique, left_is_unique());
      if (unique) {
        TRY_DONE(find([this] { return join_select(); }));
        TRY_DONE(count());
        // Where the right side repeats a key, rows of the left are in several pairs.
        if (diff_.left_rows == left_rows_) {
          diff_.by_key = true;
          TRY_DONE(show());
          return std::move(diff_);
        }
      }
    }
    diff_ = {};
    TRY_DONE(find([this] { return group_select(); }));
    TRY_DONE(count());
    TRY_DONE(show());
    return std::move(diff_);
  }

 private:
  // In one statement, or where that takes more memory than there is in two: what the right side
  // needs to be computed is then free for the comparison.
  template <class Select>
  Done find(Select select) {
    auto made = scratch_.make(kFound, select());
    if (made) return done();
    if (made.error().fault != Fault::kUnavailable || right_select_ != in_.right) {
      return std::move(made).error();
    }
    TRY_DONE(scratch_.make(kRight, in_.right));
    right_select_ = fmt::format("SELECT * FROM {}", kRight);
    TRY_DONE(scratch_.make(kFound, select()));
    return done();
  }

  Result<engine::TextTable> ask(const std::string& query) {
    TRY(const auto rows, session_.query(query));
    return engine::read_all(*rows);
  }

  Result<bool> left_is_unique() {
    TRY(const auto counts,
        ask(fmt::format("SELECT CAST(coalesce(sum(n), 0) AS BIGINT), coalesce(max(n), 0) FROM "
                        "(SELECT count(*) AS n FROM (\n{}\n) AS _left GROUP BY {})",
                        in_.left, list_of(in_.key))));
    left_rows_ = number(counts.rows.at(0), 0);
    return number(counts.rows.at(0), 1) <= 1;
  }

  std::string flags() const {
    std::string sql;
    for (std::size_t i = 0; i < in_.columns.size(); ++i) {
      const std::string name = sql_identifier(in_.columns[i]);
      std::string differs = fmt::format("_l.{0} IS DISTINCT FROM _r.{0}", name);
      if (in_.nearly.contains(in_.columns[i])) {
        differs += fmt::format(
            " AND NOT coalesce(abs(_l.{0} - _r.{0}) <= {1} * greatest(abs(_l.{0}), abs(_r.{0})), "
            "FALSE)",
            name, kNearly);
      }
      sql += fmt::format(",\n  ({}) AS _d{}", differs, i);
    }
    return sql;
  }

  std::string join_select() const {
    std::string on;
    std::string order;
    for (std::size_t i = 0; i < in_.key.size(); ++i) {
      const std::string name = sql_identifier(in_.key[i]);
      on += fmt::format("{}_l.{} IS NOT DISTINCT FROM _r.{}", i == 0 ? "" : " AND ", name, name);
      order += fmt::format("{}k{} := coalesce(_l.{}, _r.{})", i == 0 ? "" : ", ", i, name, name);
    }
    std::string any;
    std::string counts;
    for (std::size_t i = 0; i < in_.columns.size(); ++i) {
      any += fmt::format("{}_d{}", i == 0 ? "" : " OR ", i);
      counts += fmt::format(", count(*) FILTER (WHERE _d{}) AS _n{}", i, i);
    }
    const std::string pairs = fmt::format(
        "SELECT _l._here AS _in_left, _r._here AS _in_right, struct_pack({}) AS _order,\n"
        "  struct_pack(l := _l, r := _r) AS _pair{}\nFROM (SELECT {}, TRUE AS _here FROM (\n{}\n)) "
        "AS _l FULL JOIN (SELECT {}, TRUE AS _here FROM (\n{}\n)) AS _r ON {}",
        order, flags(), list_of(all_), in_.left, list_of(all_), right_select_, on);
    return fmt::format(
        "SELECT _kind, count(*) AS _rows, count(_in_left) AS _left, count(_in_right) AS _right,\n"
        "  min_by(_pair, _order, {}) FILTER (WHERE _kind <> {}) AS _sample{}\nFROM (SELECT *, CASE "
        "WHEN _in_right IS NULL THEN {} WHEN _in_left IS NULL THEN {} WHEN {} THEN {} ELSE {} END "
        "AS _kind FROM (\n{}\n)) GROUP BY _kind",
        in_.rows_max, static_cast<int>(kSame), counts, static_cast<int>(kOnlyLeft),
        static_cast<int>(kOnlyRight), any.empty() ? "FALSE" : any, static_cast<int>(kDiffers),
        static_cast<int>(kSame), pairs);
  }

  // How often each side has each row.
  std::string group_select() const {
    const std::string list = list_of(all_);
    std::string row;
    for (const std::string& column : all_) {
      row += fmt::format("{}{} := {}", row.empty() ? "" : ", ", sql_identifier(column),
                         sql_identifier(column));
    }
    const std::string groups = fmt::format(
        "SELECT {}, count(*) FILTER (WHERE _is_left) AS _left, count(*) FILTER (WHERE NOT "
        "_is_left) AS _right FROM (SELECT {}, TRUE AS _is_left FROM (\n{}\n) UNION ALL SELECT {}, "
        "FALSE FROM (\n{}\n)) GROUP BY {}",
        list, list, in_.left, list, right_select_, list);
    return fmt::format(
        "SELECT _kind, CAST(sum(abs(_left - _right)) AS BIGINT) AS _rows, CAST(sum(_left) AS "
        "BIGINT) AS _left, CAST(sum(_right) AS BIGINT) AS _right,\n  min_by(struct_pack(l := _row, "
        "r := _row), _row, {}) FILTER (WHERE _kind <> {}) AS _sample\nFROM (SELECT _left, _right, "
        "struct_pack({}) AS _row, CASE WHEN _left > _right THEN {} WHEN _left < _right THEN {} "
        "ELSE "
        "{} END AS _kind FROM (\n{}\n)) GROUP BY _kind",
        in_.rows_max, static_cast<int>(kSame), row, static_cast<int>(kOnlyLeft),
        static_cast<int>(kOnlyRight), static_cast<int>(kSame), groups);
  }

  Done count() {
    TRY(const auto found, ask(fmt::format("SELECT * EXCLUDE (_sample) FROM {}", kFound)));
    for (const Row& row : found.rows) {
      const std::int64_t rows = number(row, 1);
      diff_.left_rows += number(row, 2);
      diff_.right_rows += number(row, 3);
      switch (number(row, 0)) {
        case kOnlyLeft:
          diff_.only_left = rows;
          break;
        case kOnlyRight:
          diff_.only_right = rows;
          break;
        case kDiffers:
          diff_.differing = rows;
          for (std::size_t i = 0; i < in_.columns.size(); ++i) {
            if (const auto of_column = number(row, 4 + i); of_column > 0) {
              diff_.by_column[in_.columns[i]] = of_column;
            }
          }
          break;
        default:
          break;
      }
    }
    return done();
  }

  // Of each kind one row in turn, until there are enough.
  Done show() {
    if (diff_.equal()) return done();
    std::string items;
    for (const char* side : {"l", "r"}) {
      for (const std::string& column : all_) {
        items += fmt::format(", CAST(struct_extract(_pair.{}, {}) AS VARCHAR)", side,
                             sql_string(column));
      }
    }
    TRY(const auto found,
        ask(fmt::format("SELECT _kind{} FROM (SELECT _kind, unnest(_sample) AS _pair, "
                        "generate_subscripts(_sample, 1) AS _turn FROM {} WHERE _sample IS NOT "
                        "NULL) ORDER BY _turn, _kind DESC LIMIT {}",
                        items, kFound, in_.rows_max)));
    for (const Row& row : found.rows) diff_.rows.push_back(different(row));
    return done();
  }

  // What the SQL says of the texts of two values.
  bool differ(const std::string& column, const std::optional<std::string>& left,
              const std::optional<std::string>& right) const {
    if (left == right || !left || !right || !in_.nearly.contains(column)) return left != right;
    const double a = std::strtod(left->c_str(), nullptr);
    const double b = std::strtod(right->c_str(), nullptr);
    return !(std::abs(a - b) <= kNearly * std::max(std::abs(a), std::abs(b)));
  }

  DifferentRow different(const Row& row) const {
    const std::int64_t kind = number(row, 0);
    const auto left = [&](std::size_t i) { return row.at(1 + i); };
    const auto right = [&](std::size_t i) { return row.at(1 + all_.size() + i); };
    DifferentRow out;
    out.on = kind == kOnlyLeft    ? DifferentRow::On::kLeft
             : kind == kOnlyRight ? DifferentRow::On::kRight
                                  : DifferentRow::On::kBoth;
    for (std::size_t i = 0; i < all_.size(); ++i) {
      if (i < in_.key.size()) {
        out.key.push_back(out.on == DifferentRow::On::kRight ? right(i) : left(i));
      } else if (out.on == DifferentRow::On::kLeft) {
        out.cells.push_back({all_[i], left(i), std::nullopt});
      } else if (out.on == DifferentRow::On::kRight) {
        out.cells.push_back({all_[i], std::nullopt, right(i)});
      } else if (differ(all_[i], left(i), right(i))) {
        out.cells.push_back({all_[i], left(i), right(i)});
      }
    }
    return out;
  }

  engine::Session& session_;
  const RowDiffInput& in_;
  Scratch scratch_;
  std::string right_select_;
  Columns all_;  // the key, then the columns
  std::int64_t left_rows_ = 0;
  RowDiff diff_;
};

}  // namespace

Result<RowDiff> diff_rows(engine::Session& session, const RowDiffInput& input) {
  CHECK(!input.key.empty() || !input.columns.empty(), "rows without columns are all the same");
  return Differ(session, input).run();
}

}  // namespace claimlake::refresh
