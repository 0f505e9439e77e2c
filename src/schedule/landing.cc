#include "schedule/landing.h"

#include <algorithm>
#include <set>
#include <utility>

namespace claimlake::schedule {
namespace {

using namespace std::chrono_literals;

// A file that was changed so long ago is not being written by anybody who takes turns with us.
constexpr auto kLongAgo = 60s;

}  // namespace

std::vector<std::string> Landing::tables_of(const std::string& name) const {
  std::vector<std::string> tables;
  for (const pack::Source& source : context_.sources) {
    const bool wanted = std::any_of(
        source.files.begin(), source.files.end(),
        [&](const std::string& pattern) { return bronze::matches_pattern(pattern, name); });
    if (wanted) tables.push_back(source.table);
  }
  return tables;
}

void Landing::note(const std::string& name, const Form& form, bool whole) {
  if (const auto known = known_.find(name); known != known_.end()) {
    if (known->second == form) return;
    known_.erase(known);
  }
  if (const auto refused = refused_.find(name); refused != refused_.end()) {
    if (refused->second.form == form) return;
    refused_.erase(refused);
  }
  const auto now = context_.clock.steady_now();
  const auto [at, is_new] = waiting_.try_emplace(name);
  Waiting& file = at->second;
  if (is_new) {
    file.since = context_.clock.now();
    file.came = now;
  }
  if (is_new || file.form != form) {
    file.form = form;
    file.seen = now;
    file.whole = false;
    file.attempts = 0;
    file.reason.clear();
  }
  if (file.attempts > 0) return;  // as it was when it could not be read
  file.whole = file.whole || whole || context_.rules.appear_whole;
  file.look_again = now;
}

Done Landing::look_at_all() {
  std::vector<std::string> patterns;
  for (const pack::Source& source : context_.sources) {
    patterns.insert(patterns.end(), source.files.begin(), source.files.end());
  }
  TRY(const auto files, bronze::find_raw_files(context_.store, context_.folder, patterns));
  std::set<std::string_view> present;
  for (const bronze::RawFile& file : files) {
    present.insert(file.name);
    note(file.name, {file.size, file.modified_at}, false);
  }
  const auto is_gone = [&](const auto& entry) { return !present.contains(entry.first); };
  // A folder that is gone comes back with what it held: then that need not be read again.
  if (!files.empty()) std::erase_if(known_, is_gone);
  std::erase_if(waiting_, is_gone);
  std::erase_if(refused_, is_gone);
  return done();
}

Done Landing::look_at(const std::vector<ArrivedFile>& files) {
  for (const ArrivedFile& arrived : files) {
    if (bronze::is_temporary_name(arrived.name) || tables_of(arrived.name).empty()) continue;
    const auto found = context_.store.head(
        context_.folder.empty() ? arrived.name : context_.folder + "/" + arrived.name);
    if (!found && found.error().fault != Fault::kNotFound) return found.error();
    if (found) {
      note(arrived.name, {found->size, found->modified_at}, arrived.whole);
    } else {
      known_.erase(arrived.name);
      waiting_.erase(arrived.name);
      refused_.erase(arrived.name);
    }
  }
  return done();
}

bool Landing::is_at_rest(Waiting& file, Writing writing) const {
  const auto now = context_.clock.steady_now();
  const auto age = context_.clock.now() - file.form.modified_at;
  const bool known = writing == Writing::kNo;
  const auto rest = known ? context_.rules.rest : context_.rules.rest_unknown;
  // The time of change may be of another machine's clock, or kept by a copy; where the kernel says
  // that nobody writes, it is proof enough.
  const auto unchanged_for =
      known ? std::max<std::chrono::nanoseconds>(now - file.seen, age) : now - file.seen;
  if (unchanged_for >= rest || age >= kLongAgo) return true;
  file.look_again =
      now + std::chrono::duration_cast<std::chrono::steady_clock::duration>(rest - unchanged_for);
  return false;
}

bool Landing::is_complete(const std::string& name, Waiting& file) {
  if (file.whole) return true;
  const auto now = context_.clock.steady_now();
  if (file.look_again > now) return false;
  const std::string path = context_.folder.empty() ? name : context_.folder + "/" + name;
  const auto found = context_.store.head(path);
  if (found && Form{found->size, found->modified_at} != file.form) {
    file.form = {found->size, found->modified_at};
    file.seen = now;
  }
  const Writing writing = context_.writing ? context_.writing(name) : Writing::kUnknown;
  file.being_written = writing == Writing::kYes;
  if (file.being_written) {
    file.look_again = now + context_.rules.look_again;
    return false;
  }
  if (is_at_rest(file, writing)) return true;
  // Who opens it anew for each line has it open at no moment that the kernel is asked in.
  file.being_written =
      writing == Writing::kUnknown || now - file.came >= context_.rules.rest_unknown;
  return false;
}

std::vector<bronze::RawFile> Landing::complete(std::size_t count) {
  std::vector<bronze::RawFile> files;
  for (auto& [name, file] : waiting_) {
    if (files.size() == count) break;
    if (!is_complete(name, file)) continue;
    file.being_written = false;
    files.push_back({context_.folder.empty() ? name : context_.folder + "/" + name, name,
                     file.form.size, file.form.modified_at, ""});
  }
  return files;
}

void Landing::taken(const std::vector<bronze::RawFile>& files) {
  for (const bronze::RawFile& file : files) {
    const Form form{file.size, file.modified_at};
    known_[file.name] = form;
    const auto waits = waiting_.find(file.name);
    if (waits != waiting_.end() && waits->second.form == form) waiting_.erase(waits);
  }
}

void Landing::look_later(const bronze::RawFile& file, std::string reason) {
  const auto waits = waiting_.find(file.name);
  if (waits == waiting_.end()) return;
  Waiting& waiting = waits->second;
  waiting.whole = false;
  waiting.seen = context_.clock.steady_now();
  const auto longer = context_.rules.rest * (1LL << std::min(waiting.attempts++, 16));
  waiting.look_again = waiting.seen + std::min<std::chrono::milliseconds>(longer, kLongAgo);
  waiting.reason = std::move(reason);
}

void Landing::refuse(const bronze::RawFile& file, std::string reason) {
  waiting_.erase(file.name);
  refused_[file.name] = {{file.size, file.modified_at}, context_.clock.now(), std::move(reason)};
}

std::optional<std::chrono::steady_clock::time_point> Landing::look_again() const {
  std::optional<std::chrono::steady_clock::time_point> first;
  const auto now = context_.clock.steady_now();
  for (const auto& [name, file] : waiting_) {
    if (file.look_again <= now) continue;  // complete: it waits for its turn
    if (!first || file.look_again < *first) first = file.look_again;
  }
  return first;
}

std::vector<WaitingFile> Landing::being_written() const {
  std::vector<WaitingFile> files;
  for (const auto& [name, file] : waiting_) {
    if (file.being_written)
      files.push_back({name, file.form.size, file.since, "still being written"});
  }
  return files;
}

std::vector<WaitingFile> Landing::refused() const {
  std::vector<WaitingFile> files;
  for (const auto& [name, file] : refused_) {
    files.push_back({name, file.form.size, file.since, file.reason});
  }
  for (const auto& [name, file] : waiting_) {
    if (!file.reason.empty()) files.push_back({name, file.form.size, file.since, file.reason});
  }
  return files;
}

}  // namespace claimlake::schedule
