#include "check/vectors.h"

#include <fmt/format.h>
#include <zlib.h>

#include "check/roaring.h"
#include "delta/deletion_vector.h"
#include "delta/z85.h"

namespace claimlake::check {
namespace {

// As delta/deletion_vector.cc: half a gigabyte takes every other row of four billion away.
constexpr std::int64_t kBytesMax = std::int64_t{1} << 30;
constexpr std::int64_t kSizeBytes = 4;
constexpr std::int64_t kChecksumBytes = 4;

std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t number = 0;
  for (const char c : bytes) number = number << 8 | static_cast<unsigned char>(c);
  return number;
}

std::uint32_t crc32_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

std::string descriptor_problem(const delta::DeletionVector& vector) {
  const std::string& type = vector.storage_type;
  if (type != "u" && type != "i" && type != "p") {
    return fmt::format("storageType is '{}', none of u, i, p", type);
  }
  if (vector.size_in_bytes < 0 || vector.size_in_bytes > kBytesMax) return "an impossible size";
  if (vector.cardinality < 0) return "an impossible cardinality";
  if (vector.offset && *vector.offset < 0) return "an impossible offset";
  if (type == "i" && vector.offset) return "an offset beside an inline vector";
  return "";
}

}  // namespace

Result<std::optional<std::string>> Vectors::read_file(const delta::DeletionVector& vector,
                                                      const std::string& path,
                                                      const std::string& file) {
  std::optional<std::string> out;
  auto opened = store_.open(path);
  if (!opened && opened.error().fault == Fault::kNotFound) {
    findings_.add(Rule::kVectorMissing, path, "the file is not there; it belongs to " + file);
    return out;
  }
  if (!opened && opened.error().fault == Fault::kInvalidInput) {
    findings_.add(Rule::kVectorDescriptor, file, opened.error().message);
    return out;
  }
  TRY(const auto reader, std::move(opened));
  const std::int64_t start = vector.offset.value_or(0);
  const std::int64_t whole = kSizeBytes + vector.size_in_bytes + kChecksumBytes;
  if (start + whole > reader->size()) {
    findings_.add(Rule::kVectorSize, path,
                  fmt::format("the vector of {} ends at byte {}, and the file has {}", file,
                              start + whole, reader->size()));
    return out;
  }
  std::string bytes(static_cast<std::size_t>(whole), '\0');
  TRY_DONE(reader->read(start, {bytes.data(), bytes.size()}));
  char version = 1;
  if (start > 0) {
    TRY_DONE(reader->read(0, {&version, 1}));
  }
  if (version != 1) {
    findings_.add(Rule::kVectorData, path, fmt::format("the file has the version {}", +version));
  }
  const std::string_view view(bytes);
  const std::uint32_t stated = big_endian(view.substr(0, kSizeBytes));
  if (stated != static_cast<std::uint32_t>(vector.size_in_bytes)) {
    findings_.add(Rule::kVectorSize, path,
                  fmt::format("the vector of {} has {} bytes in the log and {} in the file", file,
                              vector.size_in_bytes, stated));
    return out;
  }
  const std::string_view data = view.substr(kSizeBytes, static_cast<std::size_t>(stated));
  if (big_endian(view.substr(kSizeBytes + stated)) != crc32_of(data)) {
    findings_.add(Rule::kVectorChecksum, path, "the checksum of the vector of " + file);
    return out;
  }
  out = std::string(data);
  return out;
}

Result<std::optional<std::string>> Vectors::data_of(const delta::DeletionVector& vector,
                                                    const std::string& file) {
  if (vector.storage_type == "i") {
    const auto bytes = delta::z85_decode(vector.path_or_inline);
    const auto size = static_cast<std::size_t>(vector.size_in_bytes);
    // The text stands for a multiple of four bytes.
    if (bytes && bytes->size() >= size && bytes->size() <= size + 3) {
      return std::optional(bytes->substr(0, size));
    }
    findings_.add(Rule::kVectorSize, file, "the inline vector is no Z85 text of its size");
    return std::optional<std::string>();
  }
  auto path = delta::deletion_vector_path(vector, table_path_, store_.root());
  if (!path) {
    const bool outside = path.error().fault == Fault::kInvalidInput;
    findings_.add(outside ? Rule::kFileOutside : Rule::kVectorDescriptor, file,
                  path.error().message);
    return std::optional<std::string>();
  }
  return read_file(vector, *path, file);
}

Result<bool> Vectors::check(
    const delta::AddFile& add, std::optional<std::int64_t> rows,
    const std::function<void(std::uint64_t first, std::uint64_t count)>& use) {
  const delta::DeletionVector& vector = *add.deletion_vector;
  if (const std::string problem = descriptor_problem(vector); !problem.empty()) {
    findings_.add(Rule::kVectorDescriptor, add.path, problem);
    return false;
  }
  TRY(const auto data, data_of(vector, add.path));
  if (!data) return false;
  const RoaringRows found = read_roaring(*data, use);
  if (!found.problem.empty()) {
    findings_.add(Rule::kVectorData, add.path, "the vector: " + found.problem);
    return false;
  }
  if (found.padding > 0) {
    findings_.add(Rule::kVectorPadding, add.path,
                  fmt::format("{} zeros stand behind its end", found.padding));
  }
  if (found.count != static_cast<std::uint64_t>(vector.cardinality)) {
    findings_.add(
        Rule::kVectorCardinality, add.path,
        fmt::format("the log says {} rows, the vector has {}", vector.cardinality, found.count));
  }
  if (rows && found.count > 0 && found.greatest >= static_cast<std::uint64_t>(*rows)) {
    findings_.add(
        Rule::kVectorRow, add.path,
        fmt::format("the vector takes row {} of a file of {} rows", found.greatest, *rows));
  }
  return true;
}

}  // namespace claimlake::check
