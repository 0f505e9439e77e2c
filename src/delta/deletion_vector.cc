#include "delta/deletion_vector.h"

#include <fmt/format.h>
#include <zlib.h>

#include <optional>

#include "base/check.h"
#include "delta/partition_path.h"
#include "delta/z85.h"

namespace claimlake::delta {
namespace {

constexpr char kFileVersion = 1;
constexpr std::size_t kUuidText = 20;  // in Z85
// Before the data of a vector stands its size, behind it its checksum; both big-endian.
constexpr std::int64_t kSizeBytes = 4;
constexpr std::int64_t kChecksumBytes = 4;
// A vector that takes away every other row of a file of four billion rows has half a gigabyte.
constexpr std::int64_t kMaxBytes = std::int64_t{1} << 30;

Error bad(std::string message) {
  return {Fault::kCorrupt, std::move(message), "",
          "restore the table to an earlier version, or the file from a copy"};
}

std::string canonical_uuid(std::string_view bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += fmt::format("{:02x}", static_cast<unsigned char>(bytes[i]));
  }
  return out;
}

// The bytes of "d2c639aa-8816-431a-aaf6-d3fe2512ff61".
std::string uuid_bytes(std::string_view text) {
  std::string out;
  int high = -1;
  for (const char c : text) {
    if (c == '-') continue;
    const int digit = c <= '9' ? c - '0' : c - 'a' + 10;
    if (high < 0) {
      high = digit;
    } else {
      out += static_cast<char>(high << 4 | digit);
      high = -1;
    }
  }
  return out;
}

void put_big_endian(std::string& out, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xff);
}

std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t number = 0;
  for (const char c : bytes) number = number << 8 | static_cast<unsigned char>(c);
  return number;
}

std::uint32_t checksum(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

// The data of a vector in the file at `path`: its size and its checksum must be as they say.
Result<std::string> read_data(const store::Store& store, const std::string& path,
                              const DeletionVector& vector) {
  const std::int64_t start = vector.offset.value_or(0);
  const std::int64_t size = vector.size_in_bytes;
  TRY(const auto reader, store.open(path));
  if (start < 0 || start + kSizeBytes + size + kChecksumBytes > reader->size()) {
    return bad(
        fmt::format("the deletion vector is cut short: it ends at byte {} and its file at {}",
                    start + kSizeBytes + size + kChecksumBytes, reader->size()));
  }
  std::string all(static_cast<std::size_t>(kSizeBytes + size + kChecksumBytes), '\0');
  TRY_DONE(reader->read(start, {all.data(), all.size()}));
  const std::string_view view(all);
  if (big_endian(view.substr(0, kSizeBytes)) != static_cast<std::uint32_t>(size)) {
    return bad("the deletion vector is damaged: its file says another size than the log");
  }
  const std::string_view data = view.substr(kSizeBytes, static_cast<std::size_t>(size));
  if (big_endian(view.substr(static_cast<std::size_t>(kSizeBytes + size))) != checksum(data)) {
    return bad("the deletion vector is damaged: its checksum is wrong");
  }
  return std::string(data);
}

Result<std::string> inline_data(const DeletionVector& vector) {
  const auto bytes = z85_decode(vector.path_or_inline);
  const auto size = static_cast<std::size_t>(vector.size_in_bytes);
  // The text stands for a multiple of four bytes.
  if (!bytes || bytes->size() < size || bytes->size() > size + 3) {
    return bad("the deletion vector in the log is damaged: it is no Z85 text of its size");
  }
  return bytes->substr(0, size);
}

Result<RowSet> read_rows(const store::Store& store, const std::string& path,
                         const DeletionVector& vector) {
  if (vector.size_in_bytes < 0 || vector.size_in_bytes > kMaxBytes) {
    return bad("the deletion vector has an impossible size");
  }
  TRY(const std::string data, path.empty() ? inline_data(vector) : read_data(store, path, vector));
  TRY(RowSet rows, RowSet::parse(data));
  if (static_cast<std::int64_t>(rows.size()) != vector.cardinality) {
    return bad(fmt::format("the deletion vector is damaged: it has {} rows and the log says {}",
                           rows.size(), vector.cardinality));
  }
  return rows;
}

}  // namespace

Result<std::string> deletion_vector_path(const DeletionVector& vector, std::string_view table_path,
                                         std::string_view store_root) {
  if (vector.storage_type == "i") return std::string();
  if (vector.storage_type == "p") {
    return path_in_store(vector.path_or_inline, table_path, store_root);
  }
  const std::string& text = vector.path_or_inline;
  const auto prefix = text.size() < kUuidText ? 0 : text.size() - kUuidText;
  const auto uuid = z85_decode(std::string_view(text).substr(prefix));
  if (vector.storage_type != "u" || !uuid || uuid->size() != 16) {
    return bad(fmt::format("the log names a deletion vector that is none: '{}' '{}'",
                           vector.storage_type, text));
  }
  std::string path(table_path);
  const auto part = [&](std::string_view name) {
    if (name.empty()) return;
    if (!path.empty()) path += '/';
    path += name;
  };
  part(std::string_view(text).substr(0, prefix));
  part("deletion_vector_" + canonical_uuid(*uuid) + ".bin");
  return path;
}

Result<RowSet> read_deletion_vector(const store::Store& store, std::string_view table_path,
                                    const DeletionVector& vector) {
  TRY(const std::string path, deletion_vector_path(vector, table_path, store.root()));
  auto rows = read_rows(store, path, vector);
  if (!rows) return std::move(rows).error().at(path.empty() ? std::string(table_path) : path);
  return rows;
}

DeletionVectorFile::DeletionVectorFile(std::string_view table_path, Random& random)
    : bytes_(1, kFileVersion) {
  const std::string uuid = uuid4(random);
  id_ = z85_encode(uuid_bytes(uuid));
  path_ = table_path.empty() ? "" : std::string(table_path) + "/";
  path_ += "deletion_vector_" + uuid + ".bin";
}

DeletionVector DeletionVectorFile::add(const RowSet& rows) {
  const std::string data = rows.serialize();
  CHECK(!rows.empty() && static_cast<std::int64_t>(bytes_.size() + data.size()) < INT32_MAX,
        "a deletion vector that no log can name");
  DeletionVector out;
  out.storage_type = "u";
  out.path_or_inline = id_;
  out.offset = static_cast<std::int32_t>(bytes_.size());
  out.size_in_bytes = static_cast<std::int32_t>(data.size());
  out.cardinality = static_cast<std::int64_t>(rows.size());
  put_big_endian(bytes_, static_cast<std::uint32_t>(data.size()));
  bytes_ += data;
  put_big_endian(bytes_, checksum(data));
  ++count_;
  return out;
}

Done DeletionVectorFile::write(store::Store& store) const {
  if (empty()) return done();
  return store.put(path_, bytes_);
}

}  // namespace claimlake::delta
