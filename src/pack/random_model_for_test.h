#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"

namespace claimlake::pack {

inline const std::vector<std::string> kTables = {"silver.a", "silver.b", "silver.c"};

// Draws SELECTs with the columns k, p and q.
class DrawModel {
 public:
  explicit DrawModel(std::uint64_t seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t n) { return random_.next() % n; }
  template <class T>
  const T& one(const std::vector<T>& of) {
    return of[below(of.size())];
  }

  std::string select(int depth) {
    if (depth == 0) return leaf();
    switch (below(9)) {
      case 0:
        return leaf();
      case 1:
      case 2:
        return join(depth);
      case 3:
        return aggregate(depth);
      case 4:
        return window(depth);
      case 5:
        return fmt::format(
            "SELECT k, p, q FROM ({}) AS u {} SELECT k, p, q FROM ({}) AS u", select(depth - 1),
            one<std::string>({"UNION ALL", "UNION", "EXCEPT", "INTERSECT", "EXCEPT ALL"}),
            select(depth - 1));
      case 6:
        return subquery(depth);
      case 7:
        return fmt::format(
            "WITH t{0} AS ({1}) SELECT l.k AS k, r.{2} AS p, l.q AS q FROM t{0} AS l {3} t{0} AS r "
            "ON l.{4} = r.{5}",
            depth, select(depth - 1), column(), kind(), column(), column());
      default:
        return fmt::format("SELECT DISTINCT k, p, q FROM ({}) AS d WHERE q > {}", select(depth - 1),
                           below(4));
    }
  }

 private:
  std::string column() { return one<std::string>({"k", "p"}); }
  std::string kind() {
    return one<std::string>({"JOIN", "JOIN", "LEFT JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"});
  }
  std::string leaf() {
    const std::string where = below(3) == 0 ? fmt::format(" WHERE v <> {}", below(5)) : "";
    return fmt::format("SELECT {} AS k, {} AS p, v AS q FROM {}{}",
                       one<std::string>({"id", "x", "y"}), one<std::string>({"id", "x", "y"}),
                       one(kTables), where);
  }
  std::string join(int depth) {
    std::string on = fmt::format("l.{} = r.{}", column(), column());
    switch (below(6)) {
      case 0:
        on = fmt::format("l.{} < r.{}", column(), column());
        break;
      case 1:
        on += " AND l.q <= r.q";
        break;
      case 2:
        on += " AND l.p = r.p";
        break;
      case 3:
        on += fmt::format(" AND {0}.p = {0}.q", one<std::string>({"l", "r"}));
        break;
      default:
        break;
    }
    const std::string sides = fmt::format("({}) AS l", select(depth - 1));
    if (below(5) == 0) {
      return fmt::format("SELECT l.k AS k, r.{} AS p, l.q AS q FROM {}, ({}) AS r WHERE {}",
                         column(), sides, select(depth - 1), on);
    }
    return fmt::format(
               "SELECT {}.k AS k, {}.{} AS p, COALESCE(l.q, 0) + COALESCE(r.q, 7) AS q FROM "
               "{} {} ({}) AS r ON {}",
               one<std::string>({"l", "l", "r"}), one<std::string>({"l", "r"}), column(), sides,
               kind(), select(depth - 1), on) +
           (below(4) == 0 ? fmt::format(" WHERE l.{} = r.{}", column(), column()) : "");
  }
  std::string aggregate(int depth) {
    const std::string of = one<std::string>({"CAST(SUM(q) AS BIGINT)", "COUNT(*)", "MAX(q)",
                                             "COUNT(DISTINCT q)", "CAST(SUM(p) AS BIGINT)"});
    const std::string from = select(depth - 1);
    if (below(3) == 0) {
      return fmt::format("SELECT k, p, {} AS q FROM ({}) AS g GROUP BY k, p", of, from);
    }
    const std::string by = below(4) == 0 ? "p" : "k";
    return fmt::format("SELECT {0} AS k, {1}({2}) AS p, {3} AS q FROM ({4}) AS g GROUP BY {0}{5}",
                       by, one<std::string>({"MIN", "MAX"}), by == "k" ? "p" : "k", of, from,
                       below(4) == 0 ? " HAVING COUNT(*) > 1" : "");
  }
  std::string window(int depth) {
    const std::string over =
        one<std::string>({"PARTITION BY k", "PARTITION BY k", "PARTITION BY p", "PARTITION BY k, p",
                          "ORDER BY k", "PARTITION BY k ORDER BY p RANGE UNBOUNDED PRECEDING"});
    return fmt::format("SELECT k, p, CAST({}(q) OVER ({}) AS BIGINT) AS q FROM ({}) AS w",
                       one<std::string>({"SUM", "MIN", "COUNT"}), over, select(depth - 1));
  }
  std::string subquery(int depth) {
    const std::string from = select(depth - 1);
    const std::string other = select(below(2) == 0 ? 0 : depth - 1);
    const std::string mine = column();
    const std::string theirs = column();
    switch (below(6)) {
      case 0:
        return fmt::format("SELECT k, p, q FROM ({}) AS o WHERE o.{} IN (SELECT {} FROM ({}) AS i)",
                           from, mine, theirs, other);
      case 1:
        return fmt::format(
            "SELECT k, p, q FROM ({}) AS o WHERE o.{} NOT IN (SELECT {} FROM ({}) AS i)", from,
            mine, theirs, other);
      case 2:
        return fmt::format(
            "SELECT k, p, (SELECT MAX(i.q) FROM ({}) AS i WHERE i.{} = o.{}) AS q FROM ({}) AS o",
            other, theirs, mine, from);
      case 3:
        return fmt::format(
            "SELECT k, p, CASE WHEN k IN (SELECT {} FROM ({}) AS i WHERE i.q = o.q) THEN 1 ELSE 2 "
            "END AS q FROM ({}) AS o",
            theirs, other, from);
      default:
        return fmt::format(
            "SELECT k, p, q FROM ({}) AS o WHERE {}EXISTS (SELECT 1 FROM ({}) AS i "
            "WHERE i.{} = o.{}{})",
            from, below(2) == 0 ? "NOT " : "", other, theirs, mine,
            below(2) == 0 ? " AND i.q > o.q" : "");
    }
  }

  SeededRandom random_;
};

}  // namespace claimlake::pack
