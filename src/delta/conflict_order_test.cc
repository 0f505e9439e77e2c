// conflict() held against a serial execution: all pairs and triples of small operations on small
// tables. An operation is run on the version that it has read; where conflict() lets it follow what
// came in between, its actions are done to that; the rows must be those of some order, one after
// the other, that the isolation level allows.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "delta/conflict.h"

namespace claimlake::delta {
namespace {

struct Row {
  int id = 0;
  int val = 0;
  auto operator<=>(const Row&) const = default;
};
struct File {
  int partition = 0;
  std::vector<Row> rows;
  std::set<std::size_t> gone;  // by a deletion vector
  bool operator==(const File&) const = default;
};
using Table = std::map<std::string, File>;

std::vector<Row> rows_of(const Table& table) {
  std::vector<Row> out;
  for (const auto& [path, file] : table) {
    for (std::size_t i = 0; i < file.rows.size(); ++i) {
      if (!file.gone.contains(i)) out.push_back(file.rows[i]);
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

PartitionValues values(int partition) { return {{"p", std::to_string(partition)}}; }

// What a transaction does, against the version that it has read.
struct Change {
  explicit Change(const Table& table) : before(table), after(table) {}

  void add(int partition, std::vector<Row> rows, bool data_change = true) {
    static int number = 0;
    put("new-" + std::to_string(++number), {partition, std::move(rows), {}}, data_change);
  }
  void put(const std::string& path, const File& file, bool data_change = true) {
    AddFile action{path, values(file.partition)};
    action.data_change = data_change;
    if (!file.gone.empty()) action.deletion_vector = vector_of(file);
    actions.emplace_back(std::move(action));
    after[path] = file;
  }
  void take(const std::string& path, bool data_change = true) {
    const File& file = before.at(path);
    RemoveFile action{path, 0, data_change, true, values(file.partition)};
    if (!file.gone.empty()) action.deletion_vector = vector_of(file);
    actions.emplace_back(std::move(action));
    after.erase(path);
  }
  static DeletionVector vector_of(const File& file) {
    return {"i", "", {}, 0, static_cast<std::int64_t>(file.gone.size())};
  }
  // The same, on a table in which others have changed other files meanwhile.
  Table on(const Table& table) const {
    Table out = table;
    for (const auto& [path, file] : before) {
      if (!after.contains(path)) out.erase(path);
    }
    for (const auto& [path, file] : after) {
      const auto old = before.find(path);
      if (old == before.end() || !(old->second == file)) out[path] = file;
    }
    return out;
  }
  // With what the log adds to them.
  std::vector<Action> committed(LogVersion read_version = 0) const {
    CommitInfo info;
    info.read_version = read_version;
    info.operation = operation;
    const bool removes = std::any_of(actions.begin(), actions.end(), [](const Action& action) {
      return std::holds_alternative<RemoveFile>(action);
    });
    info.is_blind_append = !read.whole_table && read.partitions.empty() && !read.rows && !removes;
    std::vector<Action> out = {info};
    out.insert(out.end(), actions.begin(), actions.end());
    return out;
  }

  Table before;
  Table after;
  std::vector<Action> actions;
  ReadSet read;
  std::string operation;
};

// A table as it is, and as it was when RESTORE brings it back.
struct Start {
  Table now;
  Table past;
};

struct Operation {
  std::string name;
  std::function<Change(const Table&)> run;
  bool appends = false;  // and reads nothing
};

// Changes rows one by one: `change` gives what becomes of a row, or nothing if it goes.
Change change_rows(const Table& table, bool vectors,
                   const std::function<std::optional<Row>(const Row&)>& change) {
  Change out(table);
  out.operation = "UPDATE";
  out.read.rows = true;
  for (const auto& [path, file] : table) {
    File left = file;
    std::vector<Row> come, stay;
    for (std::size_t i = 0; i < file.rows.size(); ++i) {
      if (file.gone.contains(i)) continue;
      const auto row = change(file.rows[i]);
      if (row == file.rows[i]) {
        stay.push_back(*row);
        continue;
      }
      left.gone.insert(i);
      if (row) come.push_back(*row);
    }
    if (left == file) continue;
    out.take(path);
    if (vectors && !stay.empty()) out.put(path, left);
    if (!vectors && !stay.empty()) out.add(file.partition, stay);
    if (!come.empty()) out.add(file.partition, come);
  }
  return out;
}

Operation append(Row row, int partition) {
  return {"append " + std::to_string(row.id),
          [=](const Table& table) {
            Change out(table);
            out.add(partition, {row});
            return out;
          },
          true};
}

Operation append_two(Row a, Row b) {
  return {"append two",
          [=](const Table& table) {
            Change out(table);
            out.add(0, {a, b});
            return out;
          },
          true};
}

// A MERGE that sets all rows but those of the source, and inserts the source.
Operation set_others_and_insert(Row source, int val, bool vectors) {
  return {"set the others to " + std::to_string(val), [=](const Table& table) {
            Change out = change_rows(table, vectors, [&](const Row& row) {
              return std::optional(row.id == source.id ? row : Row{row.id, val});
            });
            bool found = false;
            for (const auto& [path, file] : table) {
              for (std::size_t i = 0; i < file.rows.size(); ++i) {
                if (file.gone.contains(i) || file.rows[i].id != source.id) continue;
                found = true;
                out.read.files.insert(path);
              }
            }
            if (!found) out.add(0, {source});
            return out;
          }};
}

Operation remove(int val, bool vectors) {
  return {"delete val " + std::to_string(val), [=](const Table& table) {
            return change_rows(table, vectors, [=](const Row& row) {
              return row.val == val ? std::nullopt : std::optional(row);
            });
          }};
}

Operation remove_id(int id, bool vectors) {
  return {"delete id " + std::to_string(id), [=](const Table& table) {
            return change_rows(table, vectors, [=](const Row& row) {
              return row.id == id ? std::nullopt : std::optional(row);
            });
          }};
}

Operation update(int from, int to, bool vectors) {
  return {"update val " + std::to_string(from) + " to " + std::to_string(to),
          [=](const Table& table) {
            return change_rows(table, vectors, [=](const Row& row) {
              return std::optional(row.val == from ? Row{row.id, to} : row);
            });
          }};
}

// Rows of the source that are there are left alone or updated, others are inserted.
Operation merge(std::vector<Row> source, bool updates, bool vectors) {
  std::string name = updates ? "upsert" : "insert if absent";
  for (const Row& row : source) name += " " + std::to_string(row.id);
  return {name, [=](const Table& table) {
            Change out = change_rows(table, vectors, [&](const Row& row) {
              for (const Row& each : source) {
                if (each.id == row.id && updates) return std::optional(each);
              }
              return std::optional(row);
            });
            for (const Row& each : source) {
              bool found = false;
              for (const auto& [path, file] : table) {
                for (std::size_t i = 0; i < file.rows.size(); ++i) {
                  if (file.gone.contains(i) || file.rows[i].id != each.id) continue;
                  found = true;
                  if (!updates || file.rows[i] == each) out.read.files.insert(path);
                }
              }
              if (!found) out.add(each.id % 2, {each});
            }
            return out;
          }};
}

Operation overwrite(std::optional<int> partition) {
  return {partition ? "replace partition " + std::to_string(*partition) : "overwrite",
          [=](const Table& table) {
            Change out(table);
            for (const auto& [path, file] : table) {
              if (!partition || file.partition == *partition) out.take(path);
            }
            out.add(partition.value_or(0), {{8, 0}});
            out.read.whole_table = !partition;
            if (partition) out.read.partitions = {values(*partition)};
            return out;
          }};
}

Operation insert_from_itself() {
  return {"insert the number of rows", [](const Table& table) {
            Change out(table);
            out.add(0, {{7, static_cast<int>(rows_of(table).size())}});
            out.read.whole_table = true;
            return out;
          }};
}

Operation optimize(int partition) {
  return {"optimize " + std::to_string(partition), [=](const Table& table) {
            Change out(table);
            Table old;
            for (const auto& [path, file] : table) {
              if (file.partition != partition) continue;
              old[path] = file;
              out.take(path, false);
            }
            if (!old.empty()) out.add(partition, rows_of(old), false);
            return out;
          }};
}

Operation restore(const Table& past) {
  return {"restore", [=](const Table& table) {
            Change out(table);
            out.operation = "RESTORE";
            out.read.whole_table = true;
            for (const auto& [path, file] : table) {
              const auto old = past.find(path);
              if (old == past.end() || !(old->second == file)) out.take(path);
            }
            for (const auto& [path, file] : past) {
              const auto now = table.find(path);
              if (now == table.end() || !(now->second == file)) out.put(path, file);
            }
            return out;
          }};
}

std::vector<Start> starts() {
  const Table two = {{"f1", {1, {{1, 0}, {2, 1}, {5, 0}}, {}}}, {"f2", {0, {{3, 0}}, {}}}};
  Table fewer = two, others = two;
  fewer["f1"].gone = {0};
  others["f1"].gone = {1, 2};
  const Table three = {
      {"f1", {1, {{1, 0}}, {}}}, {"f2", {1, {{2, 0}}, {}}}, {"f3", {0, {{3, 1}}, {}}}};
  return {{two, {}}, {fewer, two}, {fewer, others}, {three, two}, {{}, three}};
}

std::vector<Operation> operations(const Start& start, bool vectors) {
  return {append({4, 0}, 0),
          append({1, 1}, 1),
          append_two({4, 0}, {5, 1}),
          set_others_and_insert({6, 1}, 2, vectors),
          remove(0, vectors),
          remove(1, vectors),
          remove_id(1, vectors),
          update(0, 1, vectors),
          update(1, 0, vectors),
          merge({{1, 1}, {4, 1}}, true, vectors),
          merge({{3, 0}, {2, 1}}, true, vectors),
          merge({{1, 0}}, false, vectors),
          merge({{3, 1}, {4, 0}}, false, vectors),
          overwrite(std::nullopt),
          overwrite(1),
          insert_from_itself(),
          optimize(1),
          restore(start.past)};
}

bool follows(const Change& mine, const Change& winner, bool serializable) {
  ReadSet read = mine.read;
  read.serializable = serializable;
  return !conflict(1, winner.committed(), mine.actions, read);
}

// The second has read what the first left, or not.
bool follows_both(const Change& mine, const Change& first, const Change& second, bool seen,
                  bool serializable) {
  if (!follows(mine, first, serializable)) return false;
  ReadSet read = mine.read;
  read.serializable = serializable;
  std::optional<LogVersion> put_before;
  if (is_put_before(first.committed(), read)) put_before = 1;
  return !conflict(2, second.committed(seen ? 1 : 0), mine.actions, read, put_before);
}

std::string show(const std::vector<Row>& rows) {
  std::string out;
  for (const Row& row : rows) out += std::to_string(row.id) + "=" + std::to_string(row.val) + " ";
  return out;
}

// The rows after `order`, each operation run on what those before it left.
std::vector<Row> serial(Table table, const std::vector<const Operation*>& order) {
  for (const Operation* each : order) table = each->run(table).after;
  return rows_of(table);
}

// Calls `check` for all tables, both ways to take rows away, and both isolation levels.
void for_all(const std::function<void(const Start&, const std::vector<Operation>&, bool)>& check) {
  for (const Start& start : starts()) {
    for (const bool vectors : {true, false}) {
      for (const bool serializable : {true, false}) {
        check(start, operations(start, vectors), serializable);
      }
    }
  }
}

TEST(ConflictOrder, of_two_the_second_follows_only_where_an_order_gives_the_same_rows) {
  int followed = 0;
  for_all([&](const Start& start, const std::vector<Operation>& all, bool serializable) {
    for (const Operation& first : all) {
      const Change winner = first.run(start.now);
      for (const Operation& second : all) {
        const Change mine = second.run(start.now);
        if (mine.actions.empty() || !follows(mine, winner, serializable)) continue;
        ++followed;
        const auto found = rows_of(mine.on(winner.after));
        const bool in_order = found == serial(start.now, {&first, &second});
        const bool other_way =
            !serializable && first.appends && found == serial(start.now, {&second, &first});
        EXPECT_TRUE(in_order || other_way)
            << show(rows_of(start.now)) << ": " << second.name << " follows " << first.name
            << " and gives " << show(found) << (serializable ? "Serializable" : "");
      }
    }
  });
  EXPECT_GT(followed, 1'000);
}

TEST(ConflictOrder, of_three_each_follows_only_where_an_order_gives_the_same_rows) {
  int followed = 0;
  for_all([&](const Start& start, const std::vector<Operation>& all, bool serializable) {
    for (const Operation& a : all) {
      const Change first = a.run(start.now);
      for (const Operation& b : all) {
        // The second has seen the first, or not.
        for (const bool seen : {true, false}) {
          const Change second = b.run(seen ? first.after : start.now);
          // What changes nothing is no version: nothing is known of what it has seen.
          if (second.actions.empty()) continue;
          if (!seen && !follows(second, first, serializable)) continue;
          const Table between = seen ? second.after : second.on(first.after);
          for (const Operation& c : all) {
            const Change mine = c.run(start.now);
            if (mine.actions.empty()) continue;
            if (!follows_both(mine, first, second, seen, serializable)) continue;
            ++followed;
            const auto found = rows_of(mine.on(between));
            std::vector<const Operation*> order = {&a, &b, &c};
            bool same = found == serial(start.now, order);
            std::vector<int> places = {0, 1, 2};
            while (!same && !serializable && std::next_permutation(places.begin(), places.end())) {
              std::vector<const Operation*> other;
              for (const int place : places) {
                other.push_back(order[static_cast<std::size_t>(place)]);
              }
              same = found == serial(start.now, other);
            }
            EXPECT_TRUE(same) << show(rows_of(start.now)) << ": " << a.name << ", " << b.name
                              << (seen ? " (which saw it)" : "") << ", " << c.name << " gives "
                              << show(found) << (serializable ? "Serializable" : "");
          }
        }
      }
    }
  });
  EXPECT_GT(followed, 10'000);
}

// The rows of docs/formats/conflict.md that say "follows".
TEST(ConflictOrder, of_two_the_second_follows_where_the_docs_say_so) {
  for_all([&](const Start& start, const std::vector<Operation>& all, bool serializable) {
    for (const Operation& first : all) {
      const Change winner = first.run(start.now);
      std::set<std::string> touched;
      bool adds = false, changes = false;
      for (const Action& action : winner.actions) {
        if (const auto* add = std::get_if<AddFile>(&action)) {
          adds |= add->data_change && !start.now.contains(add->path);
          changes |= add->data_change;
        } else if (const auto* gone = std::get_if<RemoveFile>(&action)) {
          touched.insert(gone->path);
          changes |= gone->data_change;
        }
      }
      for (const Operation& second : all) {
        const Change mine = second.run(start.now);
        const bool apart =
            std::none_of(mine.actions.begin(), mine.actions.end(), [&](const Action& action) {
              const auto* gone = std::get_if<RemoveFile>(&action);
              return gone != nullptr && touched.contains(gone->path);
            });
        const bool met =
            std::any_of(mine.read.files.begin(), mine.read.files.end(),
                        [&](const std::string& path) { return touched.contains(path); });
        const bool by_rows = mine.read.rows && apart && !met && winner.operation != "RESTORE" &&
                             (!adds || (first.appends && !serializable));
        const bool reads_nothing =
            !mine.read.rows && !mine.read.whole_table && mine.read.partitions.empty();
        const bool expected = (reads_nothing && apart) || by_rows || (apart && !met && !changes);
        if (expected) {
          EXPECT_TRUE(follows(mine, winner, serializable))
              << show(rows_of(start.now)) << ": " << second.name << " after " << first.name;
        }
      }
    }
  });
}

}  // namespace
}  // namespace claimlake::delta
