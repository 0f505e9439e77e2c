#include "records/relay.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"

namespace claimlake::records {
namespace {

// Of one file, so that a flood is taken in while the rest of it is written.
constexpr std::int64_t kRowsMax = 10'000;
constexpr std::int64_t kCharactersMax = 8'000'000;
constexpr std::int64_t kMicrosPerHour = 3'600'000'000;
constexpr std::int64_t kKeysKept = 24 * kMicrosPerHour;
constexpr std::int64_t kFilesKept = 30 * 24 * kMicrosPerHour;

// A row of the outbox that is in no file yet.
struct OutboxRow {
  std::int64_t number = 0;
  std::string folder;
  std::string id;
  std::int64_t characters = 0;
  std::int64_t at = 0;
};
using Group = std::vector<OutboxRow>;

// What others hang on comes first.
int rank(const std::string& folder) {
  if (folder == "customers") return 0;
  if (folder == "pets") return 1;
  if (folder == "policies") return 2;
  return folder == "claims" ? 4 : 3;
}

// "claim" of "claims", "policy" of "policies".
std::string singular(const std::string& folder) {
  if (folder.ends_with("ies")) return folder.substr(0, folder.size() - 3) + "y";
  return folder.ends_with('s') ? folder.substr(0, folder.size() - 1) : folder;
}

// "20260109T103100000001": the id and this name one version of one row.
std::string moment_text(std::int64_t micros) {
  const std::string whole = to_rfc3339(Timestamp(std::chrono::microseconds(micros)));
  std::string digits;
  for (const char c : whole) {
    if ((c >= '0' && c <= '9') || c == 'T') digits += c;
  }
  return digits;
}

std::string file_path(const Group& group, const std::string& raw_folder, const std::string& store) {
  const OutboxRow& first = group.front();
  const std::string folder = raw_folder + "/" + first.folder;
  if (group.size() == 1) {
    return fmt::format("{}/{}_{}_{}.json", folder, singular(first.folder), first.id,
                       moment_text(first.at));
  }
  return fmt::format("{}/batch_{}_{}_{:09}.jsonl", folder, moment_text(first.at).substr(0, 8),
                     store, first.number);
}

std::vector<Group> groups_of(const Rows& rows) {
  std::vector<OutboxRow> waiting;
  for (const Row& row : rows) {
    waiting.push_back({whole(row[0]), text(row[1]), text(row[2]), whole(row[3]), whole(row[4])});
  }
  std::stable_sort(waiting.begin(), waiting.end(), [](const OutboxRow& a, const OutboxRow& b) {
    return std::pair(rank(a.folder), a.folder) < std::pair(rank(b.folder), b.folder);
  });
  std::vector<Group> groups;
  std::int64_t characters = 0;
  for (OutboxRow& row : waiting) {
    const bool fits = !groups.empty() && groups.back().front().folder == row.folder &&
                      characters + row.characters <= kCharactersMax;
    if (!fits) {
      groups.emplace_back();
      characters = 0;
    }
    characters += row.characters;
    groups.back().push_back(std::move(row));
  }
  return groups;
}

Result<int> assign(Transaction& transaction, const Group& group, const std::string& path,
                   std::int64_t now) {
  TRY(const Rows number,
      transaction.run(
          "UPDATE counters SET value = value + 1 WHERE name = 'relay_files' RETURNING value"));
  const Value file = number.at(0).at(0);
  TRY_DONE(transaction.run(
      "INSERT INTO relay_files (file_number, path, rows_count, decided_at) VALUES ($1, $2, $3, $4)",
      {file, path, static_cast<std::int64_t>(group.size()), now}));
  TRY_DONE(transaction.run(
      "UPDATE outbox SET file_number = $1 WHERE file_number IS NULL AND folder = $2 "
      "AND number BETWEEN $3 AND $4",
      {file, group.front().folder, group.front().number, group.back().number}));
  return 0;
}

}  // namespace

Result<Relay::Turn> Relay::turn() {
  Turn turn;
  TRY_DONE(decide());
  TRY(const auto files, unwritten());
  std::vector<File> written;
  Done result = done();
  for (const File& file : files) {
    const auto is_ours = write(file);
    if (!is_ours) {  // what comes after it may hang on it
      result = is_ours.error();
      break;
    }
    if (!*is_ours) continue;
    written.push_back(file);
    ++turn.files;
    turn.rows += file.rows;
  }
  if (!written.empty()) {
    TRY_DONE(mark(written));
  }
  if (!result) return std::move(result).error();
  return turn;
}

Result<std::int64_t> Relay::waiting() const {
  return records_.read<std::int64_t>([](Transaction& all) -> Result<std::int64_t> {
    TRY(const Rows rows, all.run("SELECT COUNT(*) FROM outbox"));
    return whole(rows.at(0).at(0));
  });
}

Result<std::vector<Relay::File>> Relay::unwritten() const {
  return records_.read<std::vector<File>>([](Transaction& all) -> Result<std::vector<File>> {
    TRY(const Rows rows, all.run("SELECT file_number, path, rows_count FROM relay_files "
                                 "WHERE written_at IS NULL ORDER BY file_number LIMIT 64"));
    std::vector<File> files;
    for (const Row& row : rows) files.push_back({whole(row[0]), text(row[1]), whole(row[2])});
    return files;
  });
}

Done Relay::decide() {
  TRY(const auto waits, records_.read<bool>([](Transaction& all) -> Result<bool> {
    TRY(const Rows rows, all.run("SELECT 1 FROM outbox WHERE file_number IS NULL LIMIT 1"));
    return !rows.empty();
  }));
  if (!waits) return done();
  const std::int64_t now = next_micros(records_.clock());
  TRY_DONE(records_.write<int>([&](Transaction& all) -> Result<int> {
    TRY(const Rows rows, all.run("SELECT number, folder, entity_id, LENGTH(line), at FROM outbox "
                                 "WHERE file_number IS NULL ORDER BY number LIMIT $1",
                                 {kRowsMax}));
    const auto groups = groups_of(rows);
    for (const Group& group : groups) {
      TRY_DONE(assign(all, group, file_path(group, folder_, records_.id()), now));
    }
    return 0;
  }));
  return done();
}

// Nothing: another relay has written the file and marked it.
Result<std::string> Relay::lines_of(const File& file) const {
  return records_.read<std::string>([&file](Transaction& all) -> Result<std::string> {
    TRY(const Rows unwritten,
        all.run("SELECT 1 FROM relay_files WHERE file_number = $1 AND written_at IS NULL",
                {file.number}));
    if (unwritten.empty()) return std::string();
    TRY(const Rows rows,
        all.run("SELECT line FROM outbox WHERE file_number = $1 ORDER BY number", {file.number}));
    if (static_cast<std::int64_t>(rows.size()) != file.rows) {
      return Error{Fault::kCorrupt,
                   fmt::format("The outbox has {} rows of a file of {} that is not written yet",
                               rows.size(), file.rows),
                   file.path, "nothing was dropped: restore the store from a backup"};
    }
    std::string lines;
    for (const Row& row : rows) lines += text(row[0]) + "\n";
    return lines;
  });
}

Result<bool> Relay::holds(const std::string& path, const std::string& bytes) const {
  TRY(const std::string there, store_.read(path));
  return there == bytes;
}

Result<bool> Relay::write(File file) {
  TRY(const std::string bytes, lines_of(file));
  if (bytes.empty()) return false;
  while (true) {
    TRY(const store::Put put, store_.put_if_absent(file.path, bytes));
    if (put == store::Put::kDone) return true;
    // Not found after a lost answer: it never came, or may yet. It is put again, for it cannot
    // come twice under one name.
    TRY(const bool is_ours, holds(file.path, bytes));
    if (is_ours) return true;
    log(LogLevel::kWarning, "relay_name_taken", {{"path", file.path}});
    TRY(file.path, rename(file));
    if (file.path.empty()) return false;
  }
}

// A path for `file` that no other file has; "" if another relay took it meanwhile.
Result<std::string> Relay::rename(const File& file) {
  const std::size_t dot = file.path.rfind('.');
  const std::string path = file.path.substr(0, dot) + "_2" + file.path.substr(dot);
  TRY(const Rows renamed, records_.write<Rows>([&](Transaction& all) {
    return all.run(
        "UPDATE relay_files SET path = $1 WHERE file_number = $2 AND path = $3 AND "
        "written_at IS NULL RETURNING path",
        {path, file.number, file.path});
  }));
  if (renamed.empty()) return std::string();
  return path;
}

Done Relay::mark(const std::vector<File>& files) {
  const std::int64_t now = next_micros(records_.clock());
  TRY_DONE(records_.write<int>([&](Transaction& all) -> Result<int> {
    for (const File& file : files) {
      TRY_DONE(all.run("DELETE FROM outbox WHERE file_number = $1", {file.number}));
      TRY_DONE(
          all.run("UPDATE relay_files SET written_at = $1 WHERE file_number = $2 AND "
                  "written_at IS NULL",
                  {now, file.number}));
    }
    return 0;
  }));
  return done();
}

Done Relay::tidy() {
  const std::int64_t now = next_micros(records_.clock());
  TRY_DONE(records_.write<int>([now](Transaction& all) -> Result<int> {
    TRY_DONE(all.run("DELETE FROM relay_files WHERE written_at < $1", {now - kFilesKept}));
    TRY_DONE(all.run("DELETE FROM idempotency_keys WHERE created_at < $1", {now - kKeysKept}));
    return 0;
  }));
  return done();
}

}  // namespace claimlake::records
