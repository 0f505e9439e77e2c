#include "store/cache_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

#include "base/log.h"
#include "store/digest.h"

namespace claimlake::store {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic = "CLC1";
constexpr std::size_t kDigestBytes = 32;
constexpr std::string_view kPart = ".part";  // the end of the name of a file that is being written
// Others put into the folder too: it is looked at again after this part of its size.
constexpr std::int64_t kSweepsPerLimit = 16;

struct Kept {
  fs::path path;
  std::int64_t bytes;
  fs::file_time_type used_at;
};

std::string digest_of(const std::string& key, std::string_view bytes) {
  std::string all = key;
  all += '\0';
  all += bytes;
  return sha256(all);
}

}  // namespace

CacheFolder::CacheFolder(std::string folder, std::int64_t bytes_max)
    : folder_(std::move(folder)), bytes_max_(bytes_max) {}

Result<std::unique_ptr<CacheFolder>> CacheFolder::open(std::string folder, std::int64_t bytes_max) {
  std::error_code problem;
  fs::create_directories(folder, problem);
  if (!problem) fs::permissions(folder, fs::perms::owner_all, problem);
  if (problem) {
    return Error{Fault::kUnavailable,
                 "cannot make the folder of the read cache: " + problem.message(), folder,
                 "set cache_folder to one that this user may write, or cache_mb: 0"};
  }
  std::unique_ptr<CacheFolder> made(new CacheFolder(std::move(folder), bytes_max));
  made->sweep();
  return made;
}

std::string CacheFolder::path_of(const std::string& key) const {
  return fmt::format("{}/{}", folder_, to_hex(sha256(key)).substr(0, 40));
}

std::optional<std::string> CacheFolder::get(const std::string& key) {
  const std::string path = path_of(key);
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) return std::nullopt;
  const std::streamoff size = in.tellg();
  constexpr std::size_t kHead = kMagic.size() + kDigestBytes;
  std::string file(static_cast<std::size_t>(std::max<std::streamoff>(size, 0)), '\0');
  in.seekg(0);
  in.read(file.data(), static_cast<std::streamsize>(file.size()));
  const bool whole = in && file.size() >= kHead && file.starts_with(kMagic);
  if (!whole || std::string_view(file).substr(kMagic.size(), kDigestBytes) !=
                    digest_of(key, std::string_view(file).substr(kHead))) {
    log(LogLevel::kWarning, "store.damaged_cache_file", {{"path", path}});
    ::unlink(path.c_str());
    return std::nullopt;
  }
  // It was used now.
  utimensat(AT_FDCWD, path.c_str(), nullptr, 0);
  file.erase(0, kHead);
  return file;
}

void CacheFolder::put(const std::string& key, std::string_view bytes) {
  const std::string path = path_of(key);
  const std::string part = path + "-" + uuid4(random_) + std::string(kPart);
  {
    std::ofstream out(part, std::ios::binary | std::ios::trunc);
    out << kMagic << digest_of(key, bytes) << bytes;
    out.flush();
    if (!out || std::rename(part.c_str(), path.c_str()) != 0) {
      ::unlink(part.c_str());  // the disk is full, or the folder gone
      return;
    }
  }
  const bool full = until_sweep_.with([&](std::int64_t& left) {
    left -= static_cast<std::int64_t>(bytes.size());
    return left < 0;
  });
  if (full) sweep();
}

void CacheFolder::sweep() {
  std::vector<Kept> all;
  std::int64_t bytes = 0;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(folder_, problem)) {
    // Another process may have removed it meanwhile.
    std::error_code gone;
    const auto size = static_cast<std::int64_t>(entry.file_size(gone));
    const auto used_at = entry.last_write_time(gone);
    if (gone) continue;
    bytes += size;
    all.push_back({entry.path(), size, used_at});
  }
  if (bytes > bytes_max_) {
    std::sort(all.begin(), all.end(),
              [](const Kept& a, const Kept& b) { return a.used_at < b.used_at; });
    for (const Kept& kept : all) {
      if (bytes <= bytes_max_ / 5 * 4) break;
      ::unlink(kept.path.c_str());
      bytes -= kept.bytes;
    }
  }
  until_sweep_.with([&](std::int64_t& left) {
    left = std::min(bytes_max_ / kSweepsPerLimit, bytes_max_ - bytes);
  });
}

}  // namespace claimlake::store
