#include "check/compacted_log.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "check/actions.h"
#include "check/checkpoints.h"
#include "check/table_log.h"
#include "delta/partition_path.h"

namespace claimlake::check {
namespace {

std::string file_key(const std::string& path, const std::optional<delta::DeletionVector>& vector) {
  return delta::decode_path(path) + '\n' + vector_id(vector);
}

// What the actions of some entries leave, as "Action Reconciliation" of the protocol says: of each
// thing that actions tell of, the newest.
class Reconciled {
 public:
  // Takes the lines of one file. False if one of them cannot be read.
  bool take(std::string_view text, const std::string& path) {
    std::map<std::string, Json> adds;
    Findings ignored;  // of entries, the log's own check says it
    while (!text.empty()) {
      const auto end = text.find('\n');
      const std::string_view line = text.substr(0, end);
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
      auto action = read_line(line, path, Place::kCommit, ignored);
      if (ignored.count(Rule::kLogLine) + ignored.count(Rule::kLogAction) > 0) return false;
      if (!action || !check_fields(*action, path, ignored)) continue;
      if (action->kind == "add") {
        const delta::AddFile add = add_of(action->body);
        adds[file_key(add.path, add.deletion_vector)] = std::move(action->body);
      } else {
        take(std::move(*action));
      }
    }
    // A file that one entry removes and adds is there.
    for (auto& [key, body] : adds) {
      if (removes_.erase(key) > 0) added_and_removed_.insert(key);
      adds_[key] = std::move(body);
    }
    return true;
  }

  // The first difference of a compacted log, in words; "" if it says the same. Some writers keep
  // both the add and the remove of a file in it: which of them holds is not said then.
  std::string difference_to(const Reconciled& compacted) const {
    const auto& unclear = compacted.added_and_removed_;
    std::string out = lists_differ("add", adds_, compacted.adds_, unclear);
    if (out.empty()) out = lists_differ("remove", removes_, compacted.removes_, unclear);
    if (out.empty()) out = lists_differ("action", rest_, compacted.rest_, {});
    return out;
  }

 private:
  void take(RawAction action) {
    if (action.kind == "remove") {
      const delta::RemoveFile remove = remove_of(action.body);
      const std::string key = file_key(remove.path, remove.deletion_vector);
      adds_.erase(key);
      removes_[key] = std::move(action.body);
      return;
    }
    std::string key = action.kind;
    if (key == "commitInfo" || key == "cdc") return;
    if (key == "txn") key += ' ' + text_of(action.body, "appId").value_or("");
    if (key == "domainMetadata") key += ' ' + text_of(action.body, "domain").value_or("");
    rest_[std::move(key)] = std::move(action.body);
  }

  using Bodies = std::map<std::string, Json>;
  static bool same(const std::string& kind, const Json& a, const Json& b) {
    if (kind == "add") return difference(add_of(a), add_of(b)).empty();
    return kind == "remove" || same_json(a, b);
  }
  static std::string lists_differ(const std::string& kind, const Bodies& a, const Bodies& b,
                                  const std::set<std::string>& unclear) {
    for (const auto& [key, body] : a) {
      if (unclear.contains(key)) continue;
      const auto found = b.find(key);
      const std::string name = key.substr(0, key.find('\n'));
      if (found == b.end()) return fmt::format("{} of '{}' is missing", kind, name);
      if (!same(kind, body, found->second)) return fmt::format("{} of '{}' differs", kind, name);
    }
    for (const auto& [key, body] : b) {
      if (a.contains(key) || unclear.contains(key)) continue;
      return fmt::format("{} of '{}' is none of the entries'", kind, key.substr(0, key.find('\n')));
    }
    return "";
  }

  Bodies adds_;
  Bodies removes_;
  Bodies rest_;
  std::set<std::string> added_and_removed_;  // in one text
};

}  // namespace

Done check_compacted_logs(const store::Store& store, const LogFolder& folder, Findings& findings) {
  for (const auto& [range, path] : folder.compacted) {
    const auto [first, last] = range;
    Reconciled entries;
    bool whole = last > first;
    if (!whole) findings.add(Rule::kCompactedLog, path, "it ends before, or where, it begins");
    for (auto entry = folder.commits.lower_bound(first); whole && entry != folder.commits.end();
         ++entry) {
      if (entry->first > last) break;
      TRY(const std::string text, store.read(entry->second));
      whole = entries.take(text, entry->second);
    }
    const auto begin = folder.commits.lower_bound(first);
    const auto end = folder.commits.upper_bound(last);
    if (!whole || std::distance(begin, end) != last - first + 1) continue;  // nobody can tell
    TRY(const std::string text, store.read(path));
    Reconciled compacted;
    if (!compacted.take(text, path)) {
      findings.add(Rule::kCompactedLog, path, "a line of it cannot be read");
      continue;
    }
    const std::string what = entries.difference_to(compacted);
    if (!what.empty()) findings.add(Rule::kCompactedLog, path, what);
  }
  return done();
}

}  // namespace claimlake::check
