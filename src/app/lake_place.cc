#include "app/lake_place.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "store/cached_store.h"
#include "store/digest.h"
#include "store/environment.h"
#include "store/open_store.h"
#include "store/store_url.h"

namespace claimlake::app {
namespace {

namespace fs = std::filesystem;

// A laptop has this to spare, and the hot files of a small lake fit.
constexpr std::int64_t kCacheMb = 1024;

// Where this user's programs keep what can be made again.
std::string cache_home() {
  const auto variable = store::process_environment();
  if (auto folder = variable("XDG_CACHE_HOME")) return *folder + "/claimlake";
  if (auto folder = variable("HOME")) return *folder + "/.cache/claimlake";
  return (fs::temp_directory_path() / "claimlake").string();
}

}  // namespace

Result<LakePlace> LakePlace::find(const std::string& folder_or_url) {
  LakePlace place;
  place.name = folder_or_url;
  if (auto file = store::process_environment()("CLAIMLAKE_CONFIG")) {
    place.config_file = *file;
    auto text = store::read_small_file(*file);
    if (!text) return std::move(text).error().in("CLAIMLAKE_CONFIG names a configuration");
    TRY(place.config, parse_config(*text, *file));
  }
  if (!store::is_store_url(folder_or_url)) {
    place.work_folder = fs::absolute(folder_or_url).lexically_normal().string() + "/.claimlake";
    return place;
  }
  place.is_remote = true;
  TRY(const store::StoreUrl url, store::parse_store_url(folder_or_url));
  place.name = url.text;
  place.work_folder = fmt::format("{}/lakes/{}", cache_home(),
                                  store::to_hex(store::sha256(url.text)).substr(0, 16));
  std::error_code problem;
  fs::create_directories(place.work_folder, problem);
  if (problem) {
    return Error{
        Fault::kUnavailable,
        "cannot make the folder for what this machine keeps of the lake: " + problem.message(),
        place.work_folder, "set XDG_CACHE_HOME to a folder that this user may write"};
  }
  return place;
}

std::string LakePlace::work_folder_of(const std::string& environment) const {
  const std::string folder = store::environment_folder(environment);
  if (is_remote) return work_folder + "/" + folder;
  return fs::absolute(name).lexically_normal().string() + "/" + folder + "/.claimlake";
}

Result<std::unique_ptr<store::Store>> LakePlace::open(const Clock& clock, Random& random) const {
  // Absolute, so that messages and the table's location say where the lake is.
  const std::string whole = is_remote ? name : fs::absolute(name).lexically_normal().string();
  TRY(auto store, open_place(whole, config, clock, random));
  const std::int64_t cache_mb = config.store.number("cache_mb", kCacheMb);
  if (!is_remote || cache_mb == 0) return store;
  return store::make_cached_store(
      std::move(store), config.store.value("cache_folder").value_or(work_folder + "/cache"),
      cache_mb << 20);
}

Result<std::unique_ptr<store::Store>> open_place(const std::string& folder_or_url,
                                                 const Config& config, const Clock& clock,
                                                 Random& random) {
  return store::open_store(folder_or_url,
                           {.clock = clock, .random = random, .settings = config.store});
}

}  // namespace claimlake::app
