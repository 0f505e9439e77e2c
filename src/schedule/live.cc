#include "schedule/live.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace claimlake::schedule {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;

// The longest wait: a clock that jumps is noticed after it.
constexpr auto kWaitMax = 30s;
// A clock that is put back by less than this does not bring yesterday back.
constexpr auto kSetBackMax = 1h;

bool is_mendable(Fault fault) { return fault == Fault::kInvalidInput || fault == Fault::kCorrupt; }

}  // namespace

void Live::run() {
  while (!context_.cancel.cancelled()) {
    const microseconds at_most = turn();
    if (!context_.cancel.cancelled()) wait(at_most);
  }
}

void Live::wait(microseconds at_most) {
  Arrived arrived = context_.arrivals.wait(at_most);
  told_.files.insert(told_.files.end(), std::make_move_iterator(arrived.files.begin()),
                     std::make_move_iterator(arrived.files.end()));
  told_.look_at_all = told_.look_at_all || arrived.look_at_all;
  told_.problem = std::move(arrived.problem);
}

microseconds Live::turn() {
  if (first_ || steady() >= look_at_) {
    look_at_ = steady() + context_.limits.look_every;
    look_at_mode();
    look_at_versions();
  }
  look_at_day();
  look_at_raw();
  first_ = false;
  if (const Due what = due(); what != Due::kNothing) {
    work(what);
  } else {
    tell({});
  }
  return until_next();
}

void Live::set_problem(const std::string& of, std::string what) {
  if (what.empty()) {
    problems_.erase(of);
    return;
  }
  const auto [at, is_new] = problems_.try_emplace(of);
  if (is_new) at->second.since = context_.clock.now();
  at->second.what = std::move(what);
}

void Live::look_at_mode() {
  auto read = read_schedule(context_.store);
  set_problem("mode", read ? "" : read.error().text());
  if (!read) return;  // as before
  const bool changed = first_ || read->text() != schedule_.text();
  schedule_ = *std::move(read);
  if (!changed) return;
  next_due_.reset();
  noticed_.reset();
  collect_until_ = {};
  refresh_backoff_ = {};
}

void Live::look_at_versions() {
  auto versions = context_.work.versions();
  set_problem("tables", versions ? "" : versions.error().text());
  if (versions) versions_ = *std::move(versions);
}

void Live::look_at_day() {
  const Timestamp now = context_.clock.now();
  const bool set_back = now < day_.begins_at && now >= day_.begins_at - kSetBackMax;
  if (!day_.holds(now) && !set_back) {
    const auto day = day_of(context_.zone, now);
    set_problem("day", day ? "" : day.error().text());
    if (!day) return;
    refresh_wanted_ = refresh_wanted_ || day->date != day_.date;
    day_ = *day;
  }
  if (schedule_.mode == Mode::kScheduled && (!next_due_ || now < next_due_from_)) set_next_due();
  if (schedule_.mode != Mode::kScheduled) next_due_.reset();
}

void Live::set_next_due() {
  const Timestamp now = context_.clock.now();
  const auto next = next_time(schedule_, context_.zone, now);
  set_problem("schedule", next ? "" : next.error().text());
  if (!next) return;
  next_due_ = *next;
  next_due_from_ = now;
}

void Live::look_at_raw() {
  const Arrived told = std::exchange(told_, {});
  told_at_.reset();
  set_problem("raw folder", told.problem);
  const bool list = first_ || told.look_at_all || steady() >= list_at_;
  Done looked = done();
  if (list) {
    looked = context_.landing.look_at_all();
    list_at_ =
        steady() + (context_.arrivals.tells() ? microseconds(context_.limits.list_told_every)
                                              : microseconds(context_.limits.list_untold_every));
  }
  // Also after listing: it does not say which files got their names complete.
  if (looked && !told.files.empty()) looked = context_.landing.look_at(told.files);
  if (!looked) {
    set_problem("raw folder", looked.error().text());
    told_.look_at_all = true;  // with the next wait
    list_at_ = steady() + context_.limits.retry_first;
  }
  if (files_per_round_ == 0) files_per_round_ = context_.limits.files_first;
  complete_ = context_.landing.complete(files_per_round_);
}

bool Live::is_refresh_due() const {
  if (day_.ends_at == Timestamp{}) return false;  // without a date it would be a wrong one
  return refresh_wanted_ || versions_ != refreshed_ || refresh_backoff_.over(steady());
}

Live::Due Live::due() {
  const bool files =
      !complete_.empty() && (!ingest_backoff_.until || ingest_backoff_.over(steady()));
  switch (schedule_.mode) {
    case Mode::kManual:
      return files ? Due::kIngest : Due::kNothing;
    case Mode::kScheduled:
      if (next_due_ && context_.clock.now() >= *next_due_) return Due::kAll;
      // What failed at its hour does not wait for the next one.
      return (files && ingest_backoff_.until) || refresh_backoff_.over(steady()) ? Due::kAll
                                                                                 : Due::kNothing;
    case Mode::kContinuous:
      break;
  }
  if (!files && !is_refresh_due()) {
    noticed_.reset();
    return Due::kNothing;
  }
  if (!noticed_) {
    noticed_ = steady();
    noticed_at_ = context_.clock.now();
  }
  return steady() >= collect_until_ ? Due::kAll : Due::kNothing;
}

void Live::work(Due what) {
  const auto start = steady();
  LiveEvent event;
  event.noticed_at = noticed_ ? noticed_at_ : context_.clock.now();
  noticed_.reset();
  if (schedule_.mode == Mode::kScheduled) set_next_due();
  const bool flood = complete_.size() == files_per_round_;
  const LiveLimits& limits = context_.limits;
  files_per_round_ = flood ? std::min(files_per_round_ * limits.files_growth, limits.files_max)
                           : limits.files_first;
  ingest(event);
  // At its hour everything is taken in before Silver and Gold follow.
  while (schedule_.mode == Mode::kScheduled && event.ingested && !context_.cancel.cancelled()) {
    complete_ = context_.landing.complete(context_.limits.files_max);
    if (complete_.empty() || ingest_backoff_.until) break;
    ingest(event);
  }
  if (what == Due::kAll && is_refresh_due() && !context_.cancel.cancelled()) refresh(event);
  event.finished_at = context_.clock.now();
  const Done finished = context_.work.finish([this, flood] {
    wait(0us);
    return flood || told_.look_at_all || !told_.files.empty();
  });
  set_problem("account", finished ? "" : finished.error().text());
  wait(0us);
  const bool more = flood || told_.look_at_all || !told_.files.empty();
  const auto took = std::chrono::duration_cast<microseconds>(steady() - start);
  const auto share = microseconds(
      static_cast<std::int64_t>(static_cast<double>(took.count()) * context_.limits.collect_share));
  collect_until_ = steady();
  if (more && !flood) collect_until_ += std::min<microseconds>(share, context_.limits.collect_max);
  if (more) told_at_ = collect_until_;  // it arrived already: no wait would end for it
  if (flood) {                          // there is more, and nobody tells of it
    noticed_ = steady();
    noticed_at_ = event.finished_at;
  }
  tell(std::move(event));
}

std::chrono::milliseconds Live::Backoff::next(const LiveLimits& limits) const {
  const auto longer = limits.retry_first * (1LL << std::min(failures, 16));
  return std::min<std::chrono::milliseconds>(longer, limits.retry_max);
}

void Live::Backoff::fail(Steady now, const LiveLimits& limits) {
  until = now + next(limits);
  ++failures;
}

void Live::ingest(LiveEvent& event) {
  if (complete_.empty()) return;
  auto report = context_.work.ingest(complete_);
  if (!report && report.error().fault == Fault::kCancelled) return;
  const std::string why = report ? keep_account(*report) : report.error().text();
  complete_.clear();
  set_problem("files", why);
  if (why.empty()) {
    ingest_backoff_ = {};
  } else {
    ingest_backoff_.fail(steady(), context_.limits);
  }
  if (!report) return;
  look_at_versions();
  if (event.ingested) {
    event.ingested->tables.insert(event.ingested->tables.end(), report->tables.begin(),
                                  report->tables.end());
    event.ingested->seconds += report->seconds;
  } else {
    event.ingested = *std::move(report);
  }
}

std::string Live::keep_account(const refresh::RunReport& report) {
  std::map<std::string, const refresh::FileLeftOut*> left_out;
  std::set<std::string> failed_tables;
  std::string why;
  for (const refresh::TableReport& table : report.tables) {
    for (const refresh::FileLeftOut& file : table.left_out) left_out[file.file] = &file;
    if (table.outcome != refresh::TableOutcome::kFailed || !table.left_out.empty()) continue;
    failed_tables.insert(table.table);
    why += (why.empty() ? "" : "\n") + table.table + ": " + table.message;
  }
  std::vector<bronze::RawFile> taken;
  for (const bronze::RawFile& file : complete_) {
    const auto tables = context_.landing.tables_of(file.name);
    if (std::any_of(tables.begin(), tables.end(),
                    [&](const std::string& table) { return failed_tables.contains(table); })) {
      continue;
    }
    const auto found = left_out.find(file.name);
    if (found == left_out.end()) {
      taken.push_back(file);
    } else if (is_mendable(found->second->fault)) {
      context_.landing.refuse(file, found->second->reason);
    } else {
      context_.landing.look_later(file, found->second->reason);
    }
  }
  context_.landing.taken(taken);
  return why;
}

bool Live::table_fails(const refresh::TableReport& table) {
  // One that a rule refuses is refused again until an input changes.
  const bool again = table.outcome == refresh::TableOutcome::kFailed;
  set_problem(table.table, table.message + (again ? "" : "\n  again  when an input of it changes"));
  Problem& problem = problems_.at(table.table);
  problem.again_at.reset();
  if (again) problem.again_at = context_.clock.now() + refresh_backoff_.next(context_.limits);
  return again;
}

void Live::refresh(LiveEvent& event) {
  // Commits that come while it runs are not among these: they bring the next refresh.
  refreshed_ = versions_;
  refresh_wanted_ = false;
  // The others, and upkeep, may take long: it is told now. This thread waits meanwhile.
  auto report = context_.work.refresh(day_.date, [this](const refresh::TableReport& table) {
    table_fails(table);
    tell({});
  });
  if (!report) {
    if (report.error().fault == Fault::kCancelled) return;
    set_problem("refresh", report.error().text());
    problems_.at("refresh").again_at =
        context_.clock.now() + refresh_backoff_.next(context_.limits);
    refresh_backoff_.fail(steady(), context_.limits);
    return;
  }
  set_problem("refresh", "");
  bool again = false;
  for (const refresh::TableReport& table : report->tables) {
    if (table.outcome == refresh::TableOutcome::kBuilt && table.version) {
      refreshed_[table.table] = *table.version;
    }
    if (table.outcome == refresh::TableOutcome::kFailed ||
        table.outcome == refresh::TableOutcome::kRefused) {
      again = table_fails(table) || again;
    } else {
      problems_.erase(table.table);
    }
  }
  if (again) {
    refresh_backoff_.fail(steady(), context_.limits);
  } else {
    refresh_backoff_ = {};
  }
  event.refreshed = *std::move(report);
  look_at_versions();
}

LiveState Live::state() const {
  LiveState state;
  state.schedule = schedule_;
  state.today = day_.date;
  state.next_due = next_due_;
  state.files_waiting = context_.landing.waiting_count();
  state.being_written = context_.landing.being_written();
  state.files_refused = context_.landing.refused();
  state.problems = problems_;
  return state;
}

void Live::tell(LiveEvent event) {
  if (!context_.tell) return;
  event.state = state();
  std::string now = fmt::format("{} {} {}", event.state.schedule.text(), to_text(event.state.today),
                                event.state.files_refused.size());
  for (const WaitingFile& file : event.state.being_written) now += "\n" + file.name;
  for (const auto& [of, problem] : event.state.problems) now += "\n" + of + problem.what;
  const bool did = event.ingested || event.refreshed;
  if (!did && now == told_state_) return;
  told_state_ = std::move(now);
  if (!did) event.noticed_at = event.finished_at = context_.clock.now();
  context_.tell(event);
}

microseconds Live::until_next() const {
  const auto now = steady();
  const Timestamp wall = context_.clock.now();
  microseconds wait = kWaitMax;
  const auto until = [&](Steady at) {
    wait = std::min(wait, std::chrono::ceil<microseconds>(at - now));
  };
  until(look_at_);
  until(list_at_);
  if (const auto again = context_.landing.look_again()) until(*again);
  if (noticed_) until(collect_until_);
  if (told_at_) until(*told_at_);
  for (const Backoff* backoff : {&ingest_backoff_, &refresh_backoff_}) {
    if (backoff->until && !backoff->over(now)) until(*backoff->until);
  }
  if (day_.ends_at > wall) wait = std::min(wait, day_.ends_at - wall);
  if (next_due_) wait = std::min(wait, *next_due_ - wall);
  return std::max(wait, 0us);
}

}  // namespace claimlake::schedule
