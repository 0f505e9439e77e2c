#include "editions.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "engine/engine.h"
#include "store/memory_store.h"
#include "store/temporary_folder_for_test.h"

namespace claimlake::sim {
namespace {

namespace fs = std::filesystem;

struct Edit {
  const char* file;
  const char* from;
  const char* to;
};
struct Draft {
  const char* what;
  Terms terms;
  std::vector<Edit> edits;
};

std::vector<Draft> drafts() {
  return {
      {"as it is", {}, {}},
      {"a stricter rule",
       {.cents_min = 30'000},
       {{"2_silver/claims.yml", "amount > 0", "amount > 300"}}},
      {"a model that shows plans in capitals",
       {.upper_plans = true},
       {{"3_gold/policy_totals.sql", "       policies.plan, ",
         "       UPPER(policies.plan) AS plan, "}}},
      {"a source with one column more",
       {.channels = true},
       {{"0_sources/claims.yml", "  revision:", "  channel: string\n  revision:"},
        {"1_bronze/claims.sql", "service_date, revision,", "service_date, revision, channel,"},
        {"2_silver/claims.sql", "       revision           --",
         "       channel,           -- how it came\n       revision           --"},
        {"2_silver/claims.sql", "service_date, revision,", "service_date, revision, channel,"}}}};
}

void apply(const fs::path& folder, const Edit& edit) {
  const fs::path path = folder / edit.file;
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  std::string edited = text.str();
  const std::size_t at = edited.find(edit.from);
  CHECK(at != std::string::npos, edit.from);
  edited.replace(at, std::string_view(edit.from).size(), edit.to);
  std::ofstream(path) << edited;
}

}  // namespace

Result<Editions> load_editions() {
  const SystemClock clock;
  store::MemoryStore nothing;
  TRY(const auto engine, engine::open_engine({.threads = 1}, nothing, clock));
  Editions editions;
  for (const Draft& draft : drafts()) {
    const store::TemporaryFolder place;
    const fs::path folder = fs::path(place.path()) / "pack";  // a pack is called as its folder
    fs::copy(SIM_PACK, folder, fs::copy_options::recursive);
    for (const Edit& edit : draft.edits) apply(folder, edit);
    TRY(auto pack, pack::load_pack(folder.string(), *engine));
    editions.push_back({draft.what, draft.terms, std::move(pack)});
  }
  return editions;
}

}  // namespace claimlake::sim
