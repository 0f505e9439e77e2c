#include "app/home.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/terminal.h"
#include "app/version.h"
#include "base/log.h"
#include "store/digest.h"
#include "store/environment.h"
#include "store/store_url.h"

namespace claimlake::app {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMarker = ".claimlake/lake.json";
constexpr const char* kConfig = "claimlake.yml";
// Two tables side by side keep the cores busy, where memory carries two; more would only take it
// from each other. A query needs up to twice the memory that the files it reads take. It is better
// to wait in doubt: a join that finds too little memory when it begins writes its rows to disk to
// its end, which took gold.claims_analytics of 15 million claims 160 s instead of 24.
constexpr std::int64_t kMemoryForTwoLanes = std::int64_t{800} << 20;
int lanes(std::int64_t memory_bytes) { return memory_bytes >= kMemoryForTwoLanes ? 2 : 1; }
// More than so many of a table's rows are not looked for by key: finding them costs as much as
// computing all.
constexpr double kByKeyShare = 0.2;

std::int64_t side_by_side_bytes(std::int64_t memory_bytes) { return memory_bytes / 2; }

// What is kept beside the SQL engine follows its memory: key indexes half of it, statistics and
// versions a quarter each, and no more than they take of 1 GiB.
std::int64_t share_of(std::int64_t memory_bytes, std::int64_t part, std::int64_t most) {
  return std::min(memory_bytes / part, most);
}

constexpr int kFormat = 1;  // of the folder; docs/formats/lake.md

std::string marker_path(const std::string& folder) { return folder + "/" + kMarker; }

Result<std::string> read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return Error{Fault::kUnavailable, "Cannot read the file", path,
                 "check its permissions, or work as the user who owns it"};
  }
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

Done write_text(const std::string& path, std::string_view text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  out.flush();
  if (!out) {
    return Error{Fault::kUnavailable, "Cannot write the file", path,
                 "check the folder's permissions and the space on its disk"};
  }
  return done();
}

Error not_a_lake(const std::string& folder) {
  return {Fault::kNotFound, fmt::format("There is no lake in '{}'", folder), "",
          fmt::format("claimlake init --lake {} makes one, claimlake demo fills one", folder)};
}

// The system user: named in the history of the tables.
std::string user_name() {
  const passwd* entry = getpwuid(geteuid());
  return entry != nullptr && entry->pw_name != nullptr ? entry->pw_name : "unknown";
}

Done check_marker_text(const std::string& text, const std::string& where) {
  const auto marker = nlohmann::json::parse(text, nullptr, false);
  if (!marker.is_object() || !marker.value("format", nlohmann::json()).is_number_integer()) {
    return Error{Fault::kCorrupt, "The lake's marker is damaged", where,
                 "restore the file; its form is in docs/formats/lake.md"};
  }
  if (marker["format"].get<int>() > kFormat) {
    return Error{Fault::kInvalidInput,
                 fmt::format("The lake has format {}, this program knows {}",
                             marker["format"].get<int>(), kFormat),
                 where, "use the newer claimlake that made it"};
  }
  return done();
}

Done check_marker(const store::Store& store) {
  auto text = store.read(kMarker);
  if (!text && text.error().fault == Fault::kNotFound) return not_a_lake(store.root());
  TRY(const std::string marker, std::move(text));
  return check_marker_text(marker, store.root() + "/" + kMarker);
}

// What the lake says, and over it what this machine says.
Result<Config> read_config(const store::Store& store, const LakePlace& place) {
  const std::string file =
      place.is_remote ? store.root() + "/" + kConfig : place.name + "/" + kConfig;
  Config config;
  auto text = store.read(kConfig);
  if (text) {
    TRY(config, parse_config(*text, file));
  } else if (text.error().fault != Fault::kNotFound) {
    return std::move(text).error();
  }
  if (place.config_file.empty()) return config;
  TRY(const std::string ours, read_text(place.config_file));
  return parse_config(ours, place.config_file, std::move(config));
}

Done check_marker(const std::string& folder) {
  std::error_code problem;
  if (!fs::exists(marker_path(folder), problem)) {
    if (!problem) return not_a_lake(folder);
    return Error{Fault::kUnavailable, "Cannot look into the lake: " + problem.message(), folder,
                 "check the permissions of the folder, or work as the user who owns it"};
  }
  TRY(const std::string text, read_text(marker_path(folder)));
  return check_marker_text(text, marker_path(folder));
}

std::string marker_text(const std::string& pack, Random& random) {
  const nlohmann::json marker = {
      {"format", kFormat}, {"id", uuid4(random)}, {"pack", pack}, {"created_by", kVersion}};
  return marker.dump(1) + "\n";
}

// Several lakes, and environments of one, may be told to use one folder.
std::string index_folder(const Config& config, const LakePlace& place) {
  if (config.index_folder.empty()) return place.work_folder + "/keys";
  return config.index_folder + "/" + store::to_hex(store::sha256(place.work_folder)).substr(0, 16);
}

// A store that is opened only to look whether there is a lake, or to make one.
struct Remote {
  explicit Remote(const std::string& url) : store(open(url)) {}
  Result<std::unique_ptr<store::Store>> open(const std::string& url) {
    TRY(const LakePlace place, LakePlace::find(url));
    return place.open(clock, random);
  }
  SystemClock clock;
  SystemRandom random;
  Result<std::unique_ptr<store::Store>> store;
};

Done create_remote(const std::string& url, const std::string& pack, Random& random) {
  Remote remote(url);
  if (!remote.store) return std::move(remote.store).error();
  store::Store& store = **remote.store;
  // Raw files may be there already; a lake of somebody else's making may not.
  TRY(const auto objects, store.list(".claimlake"));
  if (!objects.empty()) {
    return Error{Fault::kConflict, fmt::format("'{}' is a lake already", store.root()), "",
                 "use it as it is, or name another place"};
  }
  TRY_DONE(store.put(kConfig, default_config_text()));
  TRY(const store::Put put, store.put_if_absent(kMarker, marker_text(pack, random)));
  if (put == store::Put::kDone) return done();
  return Error{Fault::kConflict,
               fmt::format("'{}' has just become a lake by another's hand", store.root()), "",
               "use it as it is"};
}

}  // namespace

bool Home::is_lake(const std::string& folder) {
  if (store::is_store_url(folder)) {
    const Remote remote(folder);
    return remote.store && (*remote.store)->head(kMarker);
  }
  std::error_code ignored;
  return fs::exists(marker_path(folder), ignored);
}

Done Home::create(const std::string& folder, const std::string& pack, Random& random) {
  if (store::is_store_url(folder)) return create_remote(folder, pack, random);
  if (is_lake(folder)) {
    return Error{Fault::kConflict, fmt::format("'{}' is a lake already", folder), "",
                 "use it as it is, or delete it with claimlake demo --fresh"};
  }
  std::error_code problem;
  if (fs::exists(folder, problem) && !fs::is_empty(folder, problem)) {
    return Error{Fault::kInvalidInput, fmt::format("'{}' is not empty and no lake", folder), "",
                 "name an empty or new folder with --lake"};
  }
  for (const char* part : {"/.claimlake", "/raw"}) {
    fs::create_directories(folder + part, problem);
    if (problem) {
      return Error{Fault::kUnavailable, "Cannot make the folder: " + problem.message(),
                   folder + part, "check the permissions of the folder above it"};
    }
  }
  TRY_DONE(write_text(folder + "/claimlake.yml", default_config_text()));
  return write_text(marker_path(folder), marker_text(pack, random));
}

Done Home::erase(const std::string& folder) {
  if (store::is_store_url(folder)) {
    return Error{Fault::kInvalidInput, fmt::format("'{}' is not on this machine", folder), "",
                 "delete its objects with the tools of the service, or name a new place"};
  }
  if (!is_lake(folder)) {
    return Error{Fault::kInvalidInput, fmt::format("'{}' is not a lake; it is left alone", folder),
                 "", "name the lake's folder with --lake"};
  }
  std::error_code problem;
  fs::remove_all(folder, problem);
  if (problem) {
    return Error{Fault::kUnavailable, "Cannot delete the lake: " + problem.message(), folder,
                 "check the permissions of the folder"};
  }
  return done();
}

Result<std::string> packs_folder(const Config& config) {
  std::vector<fs::path> tried;
  if (!config.packs_folder.empty()) {
    tried.emplace_back(config.packs_folder);
  } else {
    std::error_code ignored;
    const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
    for (fs::path above = program.parent_path(); above.has_relative_path();
         above = above.parent_path()) {
      tried.push_back(above / "packs");
      tried.push_back(above / "share/claimlake/packs");
    }
  }
  for (const fs::path& folder : tried) {
    std::error_code ignored;
    if (fs::exists(folder / config.pack / "pack.yml", ignored)) return folder.string();
  }
  return Error{Fault::kNotFound, fmt::format("There is no pack '{}'", config.pack),
               tried.empty() ? "" : tried.front().string(),
               "set packs_folder in claimlake.yml to the folder that holds it"};
}

Home::Home(LakePlace place, Config config) : place_(std::move(place)), config_(std::move(config)) {}

Result<std::unique_ptr<Home>> Home::open(const std::string& folder, const Overrides& overrides) {
  TRY(const LakePlace place, LakePlace::find(folder));
  std::unique_ptr<Home> home(new Home(place, place.config));  // the constructor is private
  // A folder that is no lake is left as it is: opening it as a store would make it.
  if (!place.is_remote) {
    TRY_DONE(check_marker(folder));
  }
  TRY(home->store_, place.open(home->clock_, home->random_));
  if (place.is_remote) {
    TRY_DONE(check_marker(*home->store_));
  }
  Config& config = home->config_;
  TRY(config, read_config(*home->store_, place));
  if (overrides.memory_bytes) config.memory_bytes = *overrides.memory_bytes;
  if (overrides.threads) config.threads = *overrides.threads;
  if (overrides.port) config.port = *overrides.port;
  if (overrides.address) config.address = *overrides.address;

  set_log_level(config.log_level);
  if (!overrides.environment.empty()) {
    TRY_DONE(home->enter_environment(overrides));
  }

  engine::EngineConfig engine_config;
  engine_config.memory_bytes = config.memory_bytes;
  engine_config.threads = config.threads;
  engine_config.index_bytes = share_of(config.memory_bytes, 2, engine_config.index_bytes);
  engine_config.table_bytes = share_of(config.memory_bytes, 4, engine_config.table_bytes);
  engine_config.spill_folder = home->work_folder() + "/spill";
  engine_config.index_folder = index_folder(config, home->place_);
  engine_config.count_progress = stderr_is_terminal();  // else nobody sees it
  TRY(home->engine_, engine::open_engine(engine_config, home->store(), home->clock_));
  lake::LakeContext lake_context{home->store(), home->clock_, home->random_,
                                 home->engine_->parquet_io(), user_name()};
  lake_context.snapshot_bytes = share_of(config.memory_bytes, 4, lake_context.snapshot_bytes);
  home->lake_ = std::make_unique<lake::Lake>(std::move(lake_context));
  home->engine_->attach(*home->lake_);
  TRY(const std::string packs, packs_folder(config));
  auto loaded = pack::load_pack(packs + "/" + config.pack, *home->engine_);
  if (!loaded) {
    return std::move(loaded).error().then("mend that place of the pack; docs/formats has its form");
  }
  home->pack_ = *std::move(loaded);
  refresh::show_views(*home->lake_, home->pack_);
  return home;
}

Done Home::enter_environment(const Overrides& overrides) {
  const std::string& name = overrides.environment;
  if (overrides.is_new_environment) {
    environment_.name = name;
  } else {
    TRY(environment_, read_environment(*store_, name));
  }
  place_.work_folder = place_.work_folder_of(name);
  TRY(environment_use_, EnvironmentUse::begin(place_.work_folder, false));
  if (environment_use_ == nullptr) {
    return Error{Fault::kConflict, fmt::format("The environment '{}' is being dropped", name), "",
                 fmt::format("claimlake env create {} makes it anew", name)};
  }
  if (!overrides.is_new_environment) {
    // Whoever dropped it meanwhile has let go of it by now.
    TRY(environment_, read_environment(*store_, name));
  }
  const std::string& packs =
      overrides.is_new_environment ? overrides.packs_folder : environment_.packs_folder;
  if (!packs.empty()) config_.packs_folder = packs;
  environment_store_ = store::make_environment_store(*store_, name);
  return done();
}

Result<std::unique_ptr<refresh::Pipeline>> Home::pipeline(Progress& progress, Cancel cancel) {
  refresh::PipelineContext context{*lake_, *engine_, pack_, clock_, random_};
  context.lanes = lanes(config_.memory_bytes);
  context.side_by_side_bytes = side_by_side_bytes(config_.memory_bytes);
  context.by_key_share = kByKeyShare;
  context.built_by = built_by_;
  context.definitions_kept = &definitions_kept_;
  if (wants_lineage(config_)) {
    const std::lock_guard lock(lineage_made_);  // steps are asked for on other threads
    if (lineage_ == nullptr) lineage_ = std::make_unique<LineageSink>(lineage_context());
    context.begins = [this](const refresh::BegunTable& begun) { lineage_->begins(begun); };
    context.finished = [this](const refresh::RunReport& report, std::string_view kind) {
      lineage_->ends(report, kind, nullptr);
    };
    context.broke_off = [this](const refresh::RunReport& report, std::string_view kind,
                               const Error& error) { lineage_->ends(report, kind, &error); };
  }
  auto pipeline = std::make_unique<refresh::Pipeline>(context, progress, std::move(cancel));
  TRY_DONE(pipeline->prepare());
  return pipeline;
}

void Home::goes_on() {
  if (built_by_.empty()) built_by_ = refresh::built_by(*lake_, pack_);
}

LineageSink::Context Home::lineage_context() {
  std::string place =
      place_.is_remote ? place_.name : fs::absolute(place_.name).lexically_normal().string();
  if (!environment().empty()) place += "/" + store::environment_folder(environment());
  return {config_, *lake_, *engine_, pack_, clock_, place, place_.is_remote ? "" : place_.name};
}

Result<Date> Home::today() {
  // The time zones are the engine's: the C++ library of Debian 12 has none.
  TRY(auto session, engine_->session({.access = engine::Access::kInternal}));
  TRY(auto rows, session->query("SELECT CAST(CAST($1 AS TIMESTAMPTZ) AT TIME ZONE $2 AS DATE)",
                                {to_rfc3339(clock_.now()), pack_.time_zone}));
  TRY(const auto table, engine::read_all(*rows));
  return parse_date(table.rows.at(0).at(0).value_or(""));
}

}  // namespace claimlake::app
