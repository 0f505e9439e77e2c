#include "bronze/raw_files.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>

namespace claimlake::bronze {
namespace {

constexpr std::int64_t kBlockBytes = 1 << 20;

std::string to_hex(const unsigned char* bytes, unsigned count) {
  std::string hex;
  for (unsigned i = 0; i < count; ++i) hex += fmt::format("{:02x}", bytes[i]);
  return hex;
}

}  // namespace

bool is_temporary_name(std::string_view path) {
  const auto begins_with = [path](char sign) {
    return path.starts_with(sign) || path.find(std::string{'/', sign}) != std::string_view::npos;
  };
  return begins_with('.') || begins_with('_') || path.ends_with(".tmp") || path.ends_with(".part");
}

bool matches_pattern(std::string_view pattern, std::string_view path) {
  // The classic two-pointer match: on a mismatch the last star takes one character more.
  std::size_t p = 0, t = 0, star = std::string_view::npos, star_text = 0;
  while (t < path.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (p < pattern.size() &&
               (pattern[p] == path[t] || (pattern[p] == '?' && path[t] != '/'))) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos && path[star_text] != '/') {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

Result<std::vector<RawFile>> find_raw_files(const store::Store& store, const std::string& folder,
                                            const std::vector<std::string>& patterns) {
  TRY(const auto objects, store.list_all(folder));
  std::vector<RawFile> files;
  for (const store::ObjectInfo& object : objects) {
    const std::string name = folder.empty() ? object.path : object.path.substr(folder.size() + 1);
    if (is_temporary_name(name)) continue;
    const bool wanted = std::any_of(patterns.begin(), patterns.end(), [&](const auto& pattern) {
      return matches_pattern(pattern, name);
    });
    if (wanted) files.push_back({object.path, name, object.size, object.modified_at, ""});
  }
  return files;
}

Done check_unchanged(const store::Store& store, const RawFile& file) {
  TRY(const auto now, store.head(file.path));
  if (now.size != file.size || now.modified_at != file.modified_at) {
    return Error{Fault::kConflict, "The file changed while it was read", file.name,
                 "nothing of it was taken in; run ingest again when it is complete"};
  }
  return done();
}

Result<std::string> content_hash(const store::Store& store, const RawFile& file,
                                 const Cancel& cancel) {
  TRY(const auto reader, store.open(file.path));
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  CHECK(context != nullptr && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1,
        "OpenSSL has no SHA-256");
  std::string block(static_cast<std::size_t>(std::min(kBlockBytes, reader->size())), '\0');
  for (std::int64_t at = 0; at < reader->size();) {
    if (cancel.cancelled()) return Error{Fault::kCancelled, "Stopped while reading", file.name};
    const auto count = static_cast<std::size_t>(std::min(kBlockBytes, reader->size() - at));
    TRY_DONE(reader->read(at, std::span(block.data(), count)));
    EVP_DigestUpdate(context.get(), block.data(), count);
    at += static_cast<std::int64_t>(count);
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_DigestFinal_ex(context.get(), digest.data(), &size);
  TRY_DONE(check_unchanged(store, file));
  return to_hex(digest.data(), size);
}

}  // namespace claimlake::bronze
