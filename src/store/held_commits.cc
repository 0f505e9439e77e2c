#include "store/held_commits.h"

#include <algorithm>
#include <memory>
#include <set>

#include "base/check.h"
#include "base/text.h"
#include "store/at_once.h"

namespace claimlake::store {
namespace {

constexpr std::string_view kLog = "/_delta_log/";
constexpr std::string_view kCommit = ".json";
constexpr std::string_view kChecksum = ".crc";
constexpr std::size_t kDigits = 20;
// Lost answers to the same put before it is left open whether it arrived.
constexpr int kLostAnswers = 5;

// T/_delta_log/N.json or N.crc: the table and the version.
struct LogName {
  std::string table;
  std::int64_t version = 0;
  bool is_commit = false;
};
std::optional<LogName> log_name(std::string_view path) {
  const std::size_t log = path.rfind(kLog);
  if (log == std::string_view::npos) return std::nullopt;
  const std::string_view name = path.substr(log + kLog.size());
  if (name.size() < kDigits) return std::nullopt;
  const std::string_view kind = name.substr(kDigits);
  const auto version = whole_number(name.substr(0, kDigits));
  if (!version || *version < 0 || (kind != kCommit && kind != kChecksum)) return std::nullopt;
  return LogName{std::string(path.substr(0, log)), *version, kind == kCommit};
}

class MemoryReader final : public Reader {
 public:
  explicit MemoryReader(std::shared_ptr<const std::string> bytes) : bytes_(std::move(bytes)) {}
  std::int64_t size() const override { return static_cast<std::int64_t>(bytes_->size()); }
  Done read(std::int64_t offset, std::span<char> out) const override {
    const auto begin = static_cast<std::size_t>(offset);
    if (offset < 0 || begin > bytes_->size() || out.size() > bytes_->size() - begin) {
      return Error{Fault::kInvalidInput, "read past the end"};
    }
    std::copy_n(bytes_->data() + begin, out.size(), out.data());
    return done();
  }

 private:
  const std::shared_ptr<const std::string> bytes_;
};

// What became of one commit that was put.
enum class Fate { kOurs, kTaken, kUnknown };
struct Answer {
  Fate fate = Fate::kUnknown;
  std::optional<Error> why = {};
};

// A commit names its transaction, so that no other writer's has the same bytes. What is not
// answered plainly is settled by reading it back.
Answer put_commit(Store& store, const std::string& path, const std::string& bytes) {
  std::optional<Error> why;
  for (int lost = 0; lost < kLostAnswers; ++lost) {
    const auto answer = store.put_if_absent(path, bytes);
    if (answer && *answer == Put::kDone) return {Fate::kOurs};
    if (!answer) why = answer.error();
    const auto there = store.read(path);
    if (there) return {*there == bytes ? Fate::kOurs : Fate::kTaken};
    if (there.error().fault != Fault::kNotFound) return {Fate::kUnknown, there.error()};
    // An error that left nothing behind is final; a lost answer may still arrive, and the same
    // bytes under the same name do no harm.
    if (!answer && answer.error().fault != Fault::kTimeout && lost == 0) {
      return {Fate::kTaken, why};
    }
  }
  if (!why) why = Error{Fault::kUnavailable, "the store's answer was lost again and again", path};
  return {Fate::kUnknown, why};
}

std::string commit_path(const std::string& table, std::int64_t version) {
  const std::string digits = std::to_string(version);
  return table + std::string(kLog) + std::string(kDigits - digits.size(), '0') + digits +
         std::string(kCommit);
}

// Whether nothing is left of the log that version `version` of `table` follows: the table was
// dropped since. Old entries go by themselves, but then there is a checkpoint.
Result<bool> is_dropped(const Store& store, const std::string& table, std::int64_t version) {
  if (version == 0) return false;
  const auto before = store.head(commit_path(table, version - 1));
  if (before) return false;
  if (before.error().fault != Fault::kNotFound) return before.error();
  const std::string ours = commit_path(table, version);
  TRY(const auto log, store.list(table + "/_delta_log"));
  return std::all_of(log.begin(), log.end(),
                     [&](const auto& object) { return object.path == ours; });
}

}  // namespace

std::optional<ObjectInfo> HeldCommits::held(std::string_view path) const {
  return state_.with([&](const State& state) -> std::optional<ObjectInfo> {
    const auto found = state.objects.find(path);
    if (found == state.objects.end()) return std::nullopt;
    return ObjectInfo{found->first, static_cast<std::int64_t>(found->second.bytes->size()),
                      found->second.modified_at};
  });
}

void HeldCommits::hold(std::string_view path, std::string_view bytes) {
  const Timestamp now = clock_.now();
  state_.with([&](State& state) {
    state.objects.insert_or_assign(std::string(path),
                                   Object{std::make_shared<const std::string>(bytes), now});
  });
}

ObjectInfo HeldCommits::as_said(ObjectInfo object) const {
  const auto name = log_name(object.path);
  if (!name || !name->is_commit) return object;
  state_.with([&](const State& state) {
    const auto found = state.known.find(name->table);
    if (found == state.known.end() || found->second.path != object.path) return;
    const ObjectInfo& in_store = found->second.in_store;
    const bool same = in_store.size == object.size && in_store.modified_at == object.modified_at;
    if (same) object.modified_at = found->second.said;
  });
  return object;
}

std::vector<HeldCommits::Commit> HeldCommits::held() const {
  return state_.with([](const State& state) {
    std::vector<Commit> out;
    for (const std::string& path : state.order) {
      const auto name = log_name(path);
      CHECK(name, "only commits are held in order");
      out.push_back({name->table, name->version, *state.objects.at(path).bytes});
    }
    return out;
  });
}

Result<std::string> HeldCommits::taken() const {
  // Whoever takes a name takes the first one that is free.
  std::map<std::string, std::string> first;
  const auto order = state_.with([](const State& state) { return state.order; });
  for (const std::string& path : order) {
    const auto name = log_name(path);
    CHECK(name, "only commits are held in order");
    first.emplace(name->table, path);
  }
  std::vector<std::string> paths;
  paths.reserve(first.size());
  for (auto& [table, path] : first) paths.push_back(std::move(path));
  std::vector<char> is_there(paths.size());  // bool: not one byte each
  TRY_DONE(for_each_at_once(requests_at_once(inner_), paths.size(), [&](std::size_t i) -> Done {
    const auto there = inner_.head(paths[i]);
    if (!there && there.error().fault != Fault::kNotFound) return there.error();
    const auto name = log_name(paths[i]);
    TRY(const bool dropped, is_dropped(inner_, name->table, name->version));
    is_there[i] = there || dropped ? 1 : 0;
    return done();
  }));
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (is_there[i] != 0) return paths[i];
  }
  return std::string();
}

void HeldCommits::is_published(const Commit& commit, const std::string& path) {
  // Where it cannot be looked at, who has seen it reads the log anew.
  const auto in_store = inner_.head(path);
  std::string checksum(path.substr(0, path.size() - kCommit.size()));
  checksum += kChecksum;
  const auto aside = state_.with([&](State& state) -> std::shared_ptr<const std::string> {
    const auto found = state.objects.find(path);
    CHECK(found != state.objects.end(), "it was held");
    if (in_store) {
      state.known.insert_or_assign(commit.table, Known{path, *in_store, found->second.modified_at});
    }
    state.objects.erase(found);
    std::erase(state.order, path);
    const auto beside = state.objects.find(checksum);
    if (beside == state.objects.end()) return nullptr;
    auto bytes = beside->second.bytes;
    state.objects.erase(beside);
    return bytes;
  });
  if (aside != nullptr && inner_.distant()) {
    (void)inner_.put_if_absent(checksum, *aside);
  } else if (aside != nullptr) {
    inner_.put_aside(checksum, *aside);
  }
}

HeldCommits::Published HeldCommits::publish() {
  Published out;
  for (const Commit& commit : held()) {
    const auto path = state_.with([](const State& state) { return state.order.front(); });
    Answer answer = put_commit(inner_, path, commit.bytes);
    const bool is_first =
        std::none_of(out.commits.begin(), out.commits.end(),
                     [&](const Commit& other) { return other.table == commit.table; });
    if (answer.fate == Fate::kOurs && is_first) {
      const auto dropped = is_dropped(inner_, commit.table, commit.version);
      if (dropped && *dropped) {
        // One entry is no table. If it cannot be taken back, the log reads as damaged, which it is.
        (void)inner_.remove(path);
        answer = {Fate::kTaken};
      }
    }
    if (answer.fate == Fate::kOurs) {
      is_published(commit, path);
      out.commits.push_back(commit);
      continue;
    }
    if (answer.fate == Fate::kUnknown) out.unknown = commit;
    if (answer.why) {
      out.failed = answer.why;
    } else {
      out.taken = path;
    }
    break;
  }
  return out;
}

std::vector<HeldCommits::Commit> HeldCommits::drop() {
  auto dropped = held();
  state_.with([](State& state) {
    state.objects.clear();
    state.order.clear();
  });
  return dropped;
}

Result<ObjectInfo> HeldCommits::head(std::string_view path) const {
  if (auto ours = held(path)) return *std::move(ours);
  TRY(auto object, inner_.head(path));
  return as_said(std::move(object));
}

Result<std::string> HeldCommits::read(std::string_view path) const {
  const auto ours = state_.with([&](const State& state) -> std::shared_ptr<const std::string> {
    const auto found = state.objects.find(path);
    return found == state.objects.end() ? nullptr : found->second.bytes;
  });
  if (ours != nullptr) return *ours;
  return inner_.read(path);
}

Result<std::unique_ptr<Reader>> HeldCommits::open(std::string_view path) const {
  auto ours = state_.with([&](const State& state) -> std::shared_ptr<const std::string> {
    const auto found = state.objects.find(path);
    return found == state.objects.end() ? nullptr : found->second.bytes;
  });
  if (ours == nullptr) return inner_.open(path);
  return std::unique_ptr<Reader>(std::make_unique<MemoryReader>(std::move(ours)));
}

std::vector<ObjectInfo> HeldCommits::with_held(std::vector<ObjectInfo> objects,
                                               std::string_view folder, std::string_view start_name,
                                               bool below) const {
  const std::string begin = folder.empty() ? std::string() : std::string(folder) + "/";
  std::map<std::string, ObjectInfo> all;
  for (ObjectInfo& object : objects) {
    object = as_said(std::move(object));
    all.insert_or_assign(object.path, object);
  }
  state_.with([&](const State& state) {
    for (auto each = state.objects.lower_bound(begin);
         each != state.objects.end() && each->first.starts_with(begin); ++each) {
      const std::string_view name = std::string_view(each->first).substr(begin.size());
      if (!below && (name.find('/') != std::string_view::npos || name < start_name)) continue;
      all.insert_or_assign(
          each->first,
          ObjectInfo{each->first, static_cast<std::int64_t>(each->second.bytes->size()),
                     each->second.modified_at});
    }
  });
  std::vector<ObjectInfo> out;
  out.reserve(all.size());
  for (auto& [path, object] : all) out.push_back(std::move(object));
  return out;
}

Result<std::vector<ObjectInfo>> HeldCommits::list(std::string_view folder,
                                                  std::string_view start_name) const {
  TRY(auto objects, inner_.list(folder, start_name));
  return with_held(std::move(objects), folder, start_name, false);
}

Result<std::vector<ObjectInfo>> HeldCommits::list_all(std::string_view folder) const {
  TRY(auto objects, inner_.list_all(folder));
  return with_held(std::move(objects), folder, {}, true);
}

Result<std::vector<std::string>> HeldCommits::list_folders(std::string_view folder) const {
  TRY(auto names, inner_.list_folders(folder));
  const std::string begin = folder.empty() ? std::string() : std::string(folder) + "/";
  std::set<std::string> all(names.begin(), names.end());
  state_.with([&](const State& state) {
    for (const auto& [path, object] : state.objects) {
      if (!path.starts_with(begin)) continue;
      const std::size_t end = path.find('/', begin.size());
      if (end != std::string::npos) all.insert(path.substr(begin.size(), end - begin.size()));
    }
  });
  return std::vector<std::string>(all.begin(), all.end());
}

Result<Put> HeldCommits::put_if_absent(std::string_view path, std::string_view bytes) {
  const auto name = log_name(path);
  if (!name) return inner_.put_if_absent(path, bytes);
  if (held(path)) return Put::kExists;
  const auto there = inner_.head(path);
  if (there) return Put::kExists;
  if (there.error().fault != Fault::kNotFound) return there.error();
  const Timestamp now = clock_.now();
  return state_.with([&](State& state) {
    const Object object{std::make_shared<const std::string>(bytes), now};
    if (!state.objects.emplace(std::string(path), object).second) return Put::kExists;
    if (name->is_commit) state.order.emplace_back(path);
    return Put::kDone;
  });
}

void HeldCommits::put_aside(std::string_view path, std::string_view bytes) {
  if (!log_name(path)) return inner_.put_aside(path, bytes);
  hold(path, bytes);
}

Done HeldCommits::put(std::string_view path, std::string_view bytes) {
  return inner_.put(path, bytes);
}

Result<std::unique_ptr<Writer>> HeldCommits::create(std::string_view path) {
  return inner_.create(path);
}

Done HeldCommits::remove(std::string_view path) {
  const bool was_held = state_.with([&](State& state) {
    const auto found = state.objects.find(path);
    if (found == state.objects.end()) return false;
    std::erase(state.order, found->first);
    state.objects.erase(found);
    return true;
  });
  return was_held ? done() : inner_.remove(path);
}

}  // namespace claimlake::store
