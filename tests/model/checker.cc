#include "checker.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace claimlake::model {
namespace {

using namespace std::chrono_literals;

constexpr const char* kMaybe = "may have been made or not";
// delta.deletedFileRetentionDuration, and less for what a statement takes.
constexpr auto kRetention = 24h * 7;
constexpr auto kSlack = 1h;

std::string text(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += "    " + line + "\n";
  return out;
}

}  // namespace

struct Checker::Reader {
  Reader(store::Store& store, const Clock& clock, Random& random) {
    auto opened =
        engine::open_engine({.threads = 1, .spill_folder = "", .random = &random}, store, clock);
    CHECK(opened.has_value(), opened ? "" : opened.error().text());
    engine = *std::move(opened);
    lake = std::make_unique<lake::Lake>(
        lake::LakeContext{store, clock, random, engine->parquet_io(), "reader"});
    engine->attach(*lake);
    session = *engine->session({.access = engine::Access::kInternal});
  }

  Result<std::vector<std::string>> read(delta::LogVersion version) {
    TRY(const auto rows,
        session->query(fmt::format("SELECT * FROM gold.t AT (VERSION => {})", version)));
    TRY(const auto table, engine::read_all(*rows));
    std::vector<std::string> out;
    for (const auto& row : table.rows) out.push_back(line(row));
    std::sort(out.begin(), out.end());
    std::string header;
    for (const auto& column : table.columns) header += (header.empty() ? "" : "|") + column.name;
    out.insert(out.begin(), header);
    return out;
  }

  // What the change feed says of one version: type of change and row, as line() writes it.
  Result<std::vector<std::pair<std::string, std::string>>> changes(delta::LogVersion version) {
    TRY(const auto rows,
        session->query(fmt::format("SELECT _change_type, * EXCLUDE (_change_type, _commit_version, "
                                   "_commit_timestamp) FROM table_changes('gold.t', {0}, {0})",
                                   version)));
    TRY(const auto table, engine::read_all(*rows));
    std::vector<std::pair<std::string, std::string>> out;
    for (const auto& row : table.rows) {
      out.emplace_back(row[0].value_or(""), line(Row(row.begin() + 1, row.end())));
    }
    return out;
  }

  std::unique_ptr<engine::Engine> engine;
  std::unique_ptr<lake::Lake> lake;
  std::unique_ptr<engine::Session> session;
};

Checker::Checker(store::Store& store, const Clock& clock, Random& random)
    : store_(store),
      clock_(clock),
      random_(random),
      reader_(std::make_unique<Reader>(store, clock, random)) {}
Checker::~Checker() = default;

const Table& Checker::table(delta::LogVersion version) const {
  return version < 0 ? nothing_ : versions_[static_cast<std::size_t>(version)].table;
}

bool Checker::is_kept(delta::LogVersion version) const {
  if (version >= newest_version()) return true;
  return versions_[static_cast<std::size_t>(version) + 1].time > vacuumed_before_ + kSlack;
}

Past Checker::past() const {
  return {[this](delta::LogVersion version) -> const Table* {
            return version < 0 || version > newest_version() ? nullptr : &table(version);
          },
          [this](delta::LogVersion version) { return is_kept(version); },
          std::ranges::any_of(issued_, [](const auto& pair) {
            const Issued& issued = pair.second;
            return issued.statement->is_vacuum() && issued.version && !issued.ended;
          })};
}

void Checker::start(const std::string& run, StatementPtr statement) {
  Issued& issued = issued_[run];
  issued.newest_before = newest_version();
  if (statement->is_vacuum()) {
    vacuumed_before_ = std::max(vacuumed_before_, clock_.now() - kRetention);
  }
  issued.statement = std::move(statement);
}

std::string Checker::end(const std::string& run, const Answer& answer) {
  Issued& issued = issued_.at(run);
  if (!answer.error) {
    issued.state = Issued::State::kDone;
  } else if (answer.died || answer.error->message.find(kMaybe) != std::string::npos) {
    issued.state = Issued::State::kUnknown;
  } else {
    issued.state = Issued::State::kRefused;
  }
  if (std::string wrong = observe(); !wrong.empty()) return wrong;
  std::string wrong = judge(issued, answer);
  if (wrong.empty() && newest_version() >= 0) {
    // One of the older ones each time; check_all() looks at all of them.
    wrong =
        check_version(*reader_, static_cast<delta::LogVersion>(random_.below(versions_.size())));
  }
  return wrong;
}

// What a statement says must be what it does to one of the versions that it can have seen.
std::string Checker::judge(Issued& issued, const Answer& answer) {
  if (issued.state == Issued::State::kUnknown) {
    return answer.fault_fired
               ? ""
               : "the answer is unknown although nothing went wrong: " + answer.error->text();
  }
  if (issued.state == Issued::State::kDone && issued.version) return "";
  std::string expected;
  for (auto seen = issued.newest_before; seen <= newest_version(); ++seen) {
    const Effect effect = issued.statement->apply(table(seen), past());
    if (!answer.error) {
      if (!effect.refused && !effect.must_make_version()) return "";
      expected = effect.refused ? fault_name(*effect.refused) : "a version";
      continue;
    }
    const Fault fault = answer.error->fault;
    if (effect.refused == fault) return "";
    if (std::ranges::find(effect.may_refuse, fault) != effect.may_refuse.end()) return "";
    expected = effect.refused ? fault_name(*effect.refused) : "no error";
  }
  if (!answer.error) return "it says that it is done and made no version; expected " + expected;
  const Fault fault = answer.error->fault;
  const bool failed = fault == Fault::kUnavailable || fault == Fault::kTimeout;
  if (answer.fault_fired && failed) return "";
  if (fault == Fault::kConflict && newest_version() > issued.newest_before) return "";
  return fmt::format("expected {}, and it says {}: {}", expected, fault_name(fault),
                     answer.error->text());
}

std::string Checker::all_arrived() {
  if (std::string wrong = observe(); !wrong.empty()) return wrong;
  for (auto& [run, issued] : issued_) {
    if (issued.state == Issued::State::kUnknown && !issued.version) {
      issued.state = Issued::State::kRefused;
    }
  }
  return "";
}

// Takes in the versions that are new.
std::string Checker::observe() {
  const auto snapshot = reader_->lake->snapshot({"gold", "t"});
  if (!snapshot) {
    if (snapshot.error().fault == Fault::kNotFound && versions_.empty()) return "";
    return "the table cannot be read: " + snapshot.error().text();
  }
  const auto newest = (*snapshot)->version();
  if (newest < newest_version()) return "a version is gone that was there";
  auto history =
      reader_->lake->history({"gold", "t"}, static_cast<std::size_t>(newest - newest_version()));
  if (!history) return "the history cannot be read: " + history.error().text();
  std::reverse(history->begin(), history->end());
  for (const auto& entry : *history) {
    if (entry.version <= newest_version()) continue;
    if (std::string wrong = add(entry); !wrong.empty()) {
      return fmt::format("version {}: {}", entry.version, wrong);
    }
  }
  return newest == newest_version() ? "" : "the history lacks versions";
}

// Its statement may make this version.
std::string Checker::check_issued(const Issued& issued,
                                  const delta::Log::HistoryEntry& entry) const {
  const bool vacuum = issued.statement->is_vacuum();
  if (issued.ended || (issued.version && !vacuum)) return entry.info.run + " is there twice";
  // A VACUUM that fails has said its start.
  if (issued.state == Issued::State::kRefused && !vacuum) {
    return entry.info.run + " said that it failed";
  }
  const std::string expected = issued.version ? delta::kVacuumEnd : issued.statement->operation();
  if (entry.info.operation == expected) return "";
  return fmt::format("the history calls it {}, it is {}", entry.info.operation, expected);
}

std::string Checker::add(const delta::Log::HistoryEntry& entry) {
  if (entry.version != newest_version() + 1) return "the history has a gap before it";
  const auto found = issued_.find(entry.info.run);
  if (found == issued_.end()) return "nobody has written it";
  Issued& issued = found->second;
  if (std::string wrong = check_issued(issued, entry); !wrong.empty()) return wrong;
  if (!versions_.empty() && entry.timestamp < versions_.back().time) return "it is older in time";
  Version version;
  version.by = &issued;
  version.read = entry.info.read_version.value_or(-1);
  version.time = entry.timestamp;
  if (version.read < issued.newest_before) return "it has read a version older than its start";
  const auto rows = reader_->read(entry.version);
  if (!rows) return "cannot be read: " + rows.error().text();
  auto table = explain(version, *rows);
  if (!table) {
    const Effect effect = issued.statement->apply(newest(), past());
    return fmt::format(
        "{} read version {}; no order of the statements gives\n{}  which is there; "
        "as the last one it would give{}\n{}",
        entry.info.run, version.read, text(*rows), effect.refused ? " an error" : "",
        text(lines(effect.after)));
  }
  version.table = *std::move(table);
  issued.ended = issued.version.has_value();
  issued.version = issued.version.value_or(entry.version);
  const Table before = newest();
  versions_.push_back(std::move(version));
  if (std::string wrong = check_changes(versions_.back(), before); !wrong.empty()) return wrong;
  return check_metrics(versions_.back(), entry.info);
}

// The change feed makes the version out of the one before it.
std::string Checker::check_changes(const Version& version, const Table& before) {
  if (!version.table.has("delta.enableChangeDataFeed", "true")) return "";
  const auto changes = reader_->changes(newest_version());
  if (!changes) return "its changes cannot be read: " + changes.error().text();
  if (before.exists && before.columns != version.table.columns) {
    // A RESTORE may bring back rows along with columns; other changes of columns change no row.
    const bool any = !version.by->statement->is_restore() && !changes->empty();
    return any ? "a change of columns has changed rows: " + changes->front().second : "";
  }
  std::multiset<std::string> rows;
  for (const Row& row : before.rows) rows.insert(line(row));
  std::vector<std::string> come;
  for (const auto& [type, row] : *changes) {
    if (type == "insert" || type == "update_postimage") {
      come.push_back(row);
    } else if (const auto gone = rows.find(row); gone != rows.end()) {
      rows.erase(gone);
    } else {
      return fmt::format("the change feed takes away a row that was not there: {} {}", type, row);
    }
  }
  rows.insert(come.begin(), come.end());
  std::vector<std::string> expected = lines(version.table);
  expected.erase(expected.begin());
  if (std::ranges::equal(rows, expected)) return "";
  return fmt::format("the change feed makes\n{}  of the version before; it is\n{}",
                     text({rows.begin(), rows.end()}), text(expected));
}

std::string Checker::check_metrics(const Version& version, const delta::CommitInfo& info) const {
  const Effect effect = version.by->statement->apply(table(version.read), past());
  if (!effect.may_make_version()) return "there was nothing to do, and yet it is there";
  for (const auto& [name, value] : version.by->statement->metrics(effect)) {
    const auto said = info.metrics.find(name);
    if (said == info.metrics.end()) return "the history does not say " + name;
    if (said->second != std::to_string(value)) {
      return fmt::format("the history says {} = {}, it is {}", name, said->second, value);
    }
  }
  return "";
}

// The table as `version` is, if there is an order of the statements that gives `found`. A statement
// that had read the version before is the last one. Otherwise those that came in between may stand
// after it, unless the table is Serializable: each one stands after what it had read.
std::optional<Table> Checker::explain(const Version& version,
                                      const std::vector<std::string>& found) const {
  const Past old = past();
  const bool strict = table(version.read).has("delta.isolationLevel", "Serializable");
  if (version.read == newest_version() || strict) {
    const Effect effect = version.by->statement->apply(newest(), old);
    if (effect.refused || lines(effect.after) != found) return std::nullopt;
    return effect.after;
  }
  delta::LogVersion first = version.read;
  for (auto at = newest_version(); at > first; --at) {
    first = std::min(first, versions_[static_cast<std::size_t>(at)].read);
  }
  std::vector<const Version*> group;
  for (auto at = first + 1; at <= newest_version(); ++at) {
    group.push_back(&versions_[static_cast<std::size_t>(at)]);
  }
  group.push_back(&version);
  std::vector<bool> placed(group.size());
  const std::function<std::optional<Table>(const Table&, std::size_t)> place =
      [&](const Table& state, std::size_t count) -> std::optional<Table> {
    if (count == group.size()) {
      return lines(state) == found ? std::optional(state) : std::nullopt;
    }
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (placed[i]) continue;
      bool free = true;
      for (std::size_t before = 0; before < group.size(); ++before) {
        const auto number = first + 1 + static_cast<delta::LogVersion>(before);
        if (!placed[before] && before != i && number <= group[i]->read) free = false;
      }
      if (!free) continue;
      const Effect effect = group[i]->by->statement->apply(state, old);
      if (effect.refused) continue;
      placed[i] = true;
      if (auto table = place(effect.after, count + 1)) return table;
      placed[i] = false;
    }
    return std::nullopt;
  };
  return place(table(first), 0);
}

std::string Checker::check_version(Reader& reader, delta::LogVersion version) {
  const auto rows = reader.read(version);
  if (!rows) {
    if (!is_kept(version) && rows.error().fault == Fault::kCorrupt) return "";
    return fmt::format("version {} cannot be read any more: {}", version, rows.error().text());
  }
  const auto expected = lines(table(version));
  if (*rows == expected) return "";
  return fmt::format("version {} has changed; it was\n{}  and is\n{}", version, text(expected),
                     text(*rows));
}

std::string Checker::check_all() {
  Reader fresh(store_, clock_, random_);
  for (delta::LogVersion version = 0; version <= newest_version(); ++version) {
    std::string wrong = check_version(fresh, version);
    if (wrong.empty()) wrong = check_version(*reader_, version);
    if (!wrong.empty()) return wrong;
  }
  return "";
}

}  // namespace claimlake::model
