#include "engine/key_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "base/log.h"
#include "base/text.h"
#include "delta/column_mapping.h"
#include "delta/partition_path.h"
#include "engine/engine.h"
#include "store/digest.h"

namespace claimlake::engine {
namespace {

namespace fs = std::filesystem;

// Each is a file descriptor, of which a process may have a thousand.
constexpr std::int64_t kOpenFiles = 128;
constexpr const char* kEnd = ".keys";
constexpr std::size_t kFileDigits = 32;  // of a data file, then those of the columns
constexpr std::size_t kColumnDigits = 16;

// A table's folder as one name, and back.
std::string encode(std::string_view table) {
  std::string out;
  for (const char c : table) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-' || c == '=';
    if (c == '/') {
      out += '.';
    } else if (plain) {
      out += c;
    } else {
      out += fmt::format("%{:02x}", static_cast<unsigned char>(c));
    }
  }
  return out.empty() ? "%" : out;
}

std::string decode(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '%' && i + 2 < name.size()) {
      out +=
          static_cast<char>(std::strtol(std::string(name.substr(i + 1, 2)).c_str(), nullptr, 16));
      i += 2;
    } else if (name[i] != '%') {
      out += name[i] == '.' ? '/' : name[i];
    }
  }
  return out;
}

// The columns, and what the hash of a value hangs on: its type, and who computes it.
Result<std::string> columns_text(const delta::Schema& schema,
                                 const std::vector<std::string>& columns) {
  std::string text = "DuckDB " + engine_version() + "\n";
  for (const std::string& column : columns) {
    const auto field = std::find_if(
        schema.fields.begin(), schema.fields.end(),
        [&](const delta::Field& each) { return to_lower(each.name) == to_lower(column); });
    if (field == schema.fields.end()) {
      return Error{Fault::kNotFound, "A table has no column " + column};
    }
    TRY(const std::string type, sql_type(field->type));
    text += to_lower(column) + " " + type + "\n";
  }
  return text;
}

std::string digits(std::string_view text, std::size_t count) {
  return store::to_hex(store::sha256(text)).substr(0, count);
}

// The indexes in the folder of a table.
std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> out;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().extension() == kEnd) out.push_back(entry.path().string());
  }
  return out;
}

}  // namespace

KeyIndex::KeyIndex(std::int64_t budget_bytes, std::string folder, std::string root)
    : folder_(std::move(folder)),
      root_(std::move(root)),
      in_memory_(Keys(budget_bytes)),
      open_(Keys(kOpenFiles)) {}

std::string KeyIndex::folder_of(const std::string& table) const {
  return folder_ + "/" + encode(table);
}

// What tells a data file from all others: a name alone may be given again by other writers.
Result<std::string> KeyIndex::data_file(const TableVersion& version, std::size_t file) const {
  const auto& files = version.snapshot->files();
  TRY(const std::string path, delta::path_in_store(files[file].path, version.path, root_));
  return fmt::format("{}\n{}\n{}\n", path, files[file].size, files[file].modification_time_ms);
}

Result<KeyIndex::Of> KeyIndex::of(const TableVersion& version, std::size_t file,
                                  const std::vector<std::string>& columns) const {
  TRY(const std::string data, data_file(version, file));
  TRY(const std::string text, columns_text(version.snapshot->schema(), columns));
  Of of{store::sha256(data + text), ""};
  const auto rows = version.snapshot->row_count(file);
  if (folder_.empty() || (rows && *rows < kRowsOnDisk)) return of;
  of.path = fmt::format("{}/{}-{}{}", folder_of(version.path), digits(data, kFileDigits),
                        digits(text, kColumnDigits), kEnd);
  return of;
}

std::shared_ptr<const FileKeys> KeyIndex::find(const Of& of) {
  const auto held = [&](Keys& keys) -> std::shared_ptr<const FileKeys> {
    const auto* found = keys.find(of.id, [](const auto& each) { return each->memory_bytes(); });
    return found ? *found : nullptr;
  };
  if (auto keys = in_memory_.with(held)) return keys;
  if (of.path.empty()) return nullptr;
  const auto open = open_.with([&](Keys& keys) -> std::shared_ptr<const FileKeys> {
    const auto* found = keys.find(of.path, [](const auto&) { return std::int64_t{1}; });
    return found ? *found : nullptr;
  });
  if (open) return open;
  auto opened = KeyFile::open(of.path, of.id);
  if (opened) {
    std::shared_ptr<const FileKeys> keys = *std::move(opened);
    open_.with([&](Keys& all) { all.put(of.path, keys, 1); });
    return keys;
  }
  if (opened.error().fault == Fault::kCorrupt) drop(of);
  return nullptr;
}

void KeyIndex::put(const Of& of, std::shared_ptr<const FileKeys> keys) {
  in_memory_.with([&](Keys& all) {
    const std::int64_t size = keys->memory_bytes();
    all.put(of.id, std::move(keys), size);
  });
}

void KeyIndex::drop(const Of& of) {
  log(LogLevel::kWarning, "key_index_damaged", {{"path", of.path}});
  remove(of.path);
}

// Closed too: the disk keeps what is open.
void KeyIndex::remove(const std::string& path) {
  open_.with([&](Keys& all) { all.erase(path); });
  std::error_code ignored;
  if (!path.empty()) fs::remove(path, ignored);
}

Result<std::vector<std::size_t>> KeyIndex::missing(const TableVersion& version,
                                                   const std::vector<std::string>& columns) {
  std::vector<std::size_t> out;
  const delta::Snapshot& snapshot = *version.snapshot;
  // Such tables are read without an index.
  const bool mapped = delta::column_mapping(snapshot.protocol(), snapshot.metadata()) !=
                      delta::ColumnMapping::kNone;
  if (folder_.empty() || mapped || !snapshot.row_count() ||
      !column_that_hides_places(snapshot.schema()).empty()) {
    return out;
  }
  for (std::size_t i = 0; i < snapshot.files().size(); ++i) {
    TRY(const Of file, of(version, i, columns));
    if (!file.path.empty() && !find(file)) out.push_back(i);
  }
  return out;
}

KeyIndex::Size KeyIndex::size(const std::string& table) const {
  Size size;
  if (folder_.empty()) return size;
  for (const std::string& path : files_in(folder_of(table))) {
    std::error_code gone;
    const auto bytes = fs::file_size(path, gone);
    if (gone) continue;
    ++size.files;
    size.bytes += static_cast<std::int64_t>(bytes);
  }
  return size;
}

std::vector<std::string> KeyIndex::tables() const {
  std::vector<std::string> out;
  if (folder_.empty()) return out;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
    out.push_back(decode(entry.path().filename().string()));
  }
  std::sort(out.begin(), out.end());
  return out;
}

void KeyIndex::keep_only(const TableVersion& version) {
  if (folder_.empty()) return;
  const std::string folder = folder_of(version.path);
  std::error_code ignored;
  if (!fs::exists(folder, ignored)) return;
  KeyFileWriter::remove_abandoned(folder);
  std::set<std::string> live;
  for (std::size_t i = 0; i < version.snapshot->files().size(); ++i) {
    const auto data = data_file(version, i);
    if (!data) return;
    live.insert(digits(*data, kFileDigits));
  }
  for (const std::string& path : files_in(folder)) {
    const std::string name = path.substr(folder.size() + 1);
    if (!live.contains(name.substr(0, kFileDigits))) remove(path);
  }
}

void KeyIndex::forget(const std::string& table) {
  if (folder_.empty()) return;
  for (const std::string& path : files_in(folder_of(table))) remove(path);
  std::error_code ignored;
  fs::remove_all(folder_of(table), ignored);
}

}  // namespace claimlake::engine
