#include "delta/partition_path.h"

#include "store/environment.h"

namespace claimlake::delta {
namespace {

constexpr std::string_view kNullFolder = "__HIVE_DEFAULT_PARTITION__";

void append_escape(char c, std::string& out) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out += '%';
  out += kHex[byte >> 4];
  out += kHex[byte & 15];
}

// What Hive and Spark escape in the name of a partition's folder.
std::string hive_escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f ||
        std::string_view("\"#%'*/:=?\\{[]^").find(c) != std::string_view::npos) {
      append_escape(c, out);
    } else {
      out += c;
    }
  }
  return out;
}

bool stays_in_uri(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-_.~/=").find(c) != std::string_view::npos;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Drops the scheme of "file:/a", "file:///a" and leaves "/a" as it is.
std::string_view without_scheme(std::string_view place) {
  if (place.starts_with("file:")) place.remove_prefix(5);
  while (place.starts_with("//")) place.remove_prefix(1);
  return place;
}

bool is_absolute(std::string_view path) {
  const auto colon = path.find(':');
  const auto slash = path.find('/');
  return path.starts_with('/') ||
         (colon != std::string_view::npos && colon > 0 && slash == colon + 1);
}

}  // namespace

std::string partition_folder(const std::vector<std::string>& columns,
                             const PartitionValues& values) {
  std::string out;
  for (const std::string& column : columns) {
    if (!out.empty()) out += '/';
    const auto value = values.find(column);
    const bool null = value == values.end() || !value->second || value->second->empty();
    out +=
        hive_escape(column) + "=" + (null ? std::string(kNullFolder) : hive_escape(*value->second));
  }
  return out;
}

std::string encode_path(std::string_view path) {
  std::string out;
  out.reserve(path.size());
  for (const char c : path) {
    if (stays_in_uri(c)) {
      out += c;
    } else {
      append_escape(c, out);
    }
  }
  return out;
}

std::string decode_path(std::string_view path) {
  std::string out;
  out.reserve(path.size());
  for (std::size_t i = 0; i < path.size(); ++i) {
    const int high = path[i] == '%' && i + 2 < path.size() ? hex_digit(path[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(path[i + 2]) : -1;
    if (low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += path[i];
    }
  }
  return out;
}

Result<std::string> path_in_store(std::string_view log_path, std::string_view table_path,
                                  std::string_view store_root) {
  const std::string path = decode_path(log_path);
  if (!is_absolute(path)) {
    return table_path.empty() ? path : std::string(table_path) + "/" + path;
  }
  const std::string root = std::string(without_scheme(store_root)) + "/";
  const std::string_view place = without_scheme(path);
  if (place.starts_with(root)) return std::string(place.substr(root.size()));
  if (const auto above = store::root_of_main(store_root)) {
    const std::string main = std::string(without_scheme(*above)) + "/";
    if (place.starts_with(main)) return store::path_of_main(place.substr(main.size()));
  }
  return Error{Fault::kInvalidInput, "a file of the table is outside this lake: " + path,
               std::string(store_root),
               "copy the file into the table's folder, or open the lake that holds it"};
}

}  // namespace claimlake::delta
