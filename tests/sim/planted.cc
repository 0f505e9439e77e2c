#include "planted.h"

#include <memory>

#include "pack/key_mapping.h"
#include "store/environment.h"

namespace claimlake::sim {
namespace {

using store::Put;

bool is_commit(std::string_view path) {
  return path.find("/_delta_log/") != std::string_view::npos && path.ends_with(".json");
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// A commit without the lines in which `part` stands.
std::string without(std::string_view commit, std::string_view part) {
  std::string kept;
  while (!commit.empty()) {
    const std::size_t end = std::min(commit.find('\n'), commit.size() - 1) + 1;
    if (!has(commit.substr(0, end), part)) kept += commit.substr(0, end);
    commit.remove_prefix(end);
  }
  return kept;
}

}  // namespace

const std::vector<PlantName>& plants() {
  static const std::vector<PlantName> names = {{Plant::kTrustsLostAnswer, "trusts-lost-answer"},
                                               {Plant::kSecondWins, "second-wins"},
                                               {Plant::kForgetsPosition, "forgets-position"},
                                               {Plant::kPositionTooEarly, "position-too-early"},
                                               {Plant::kKeepsOldRows, "keeps-old-rows"},
                                               {Plant::kMissesKeys, "misses-keys"},
                                               {Plant::kIgnoresEdits, "ignores-edits"},
                                               {Plant::kStaysOnFirstDay, "stays-on-first-day"},
                                               {Plant::kForgetsQuarantine, "forgets-quarantine"},
                                               {Plant::kIgnoresWaivers, "ignores-waivers"},
                                               {Plant::kBlindVacuum, "blind-vacuum"},
                                               {Plant::kLeavesRest, "leaves-rest"},
                                               {Plant::kForgetsWaiting, "forgets-waiting"}};
  return names;
}

std::optional<Plant> plant_of(std::string_view name) {
  for (const PlantName& each : plants()) {
    if (each.name == name) return each.plant;
  }
  return std::nullopt;
}

pack::Pack planted(pack::Pack pack, const pack::Pack& first, Plant plant) {
  for (pack::Model& model : pack.models) {
    if (plant == Plant::kIgnoresEdits) model.hash = first.model(model.name)->hash;
    if (plant == Plant::kMissesKeys && model.name == "gold.policy_totals") {
      auto mapping = std::make_shared<pack::KeyMapping>(*model.mapping);
      for (auto& place : mapping->places) {
        if (place.route.table == "silver.claims") place.route.columns = {"claim_id"};
      }
      model.mapping = std::move(mapping);
    }
  }
  return pack;
}

Result<Put> PlantedStore::put_if_absent(std::string_view path, std::string_view bytes) {
  if (!is_commit(path)) return inner_.put_if_absent(path, bytes);
  const bool bronze = path.starts_with("bronze/");
  const bool quarantine = path.starts_with("ops/quarantine/");
  std::string commit(bytes);
  switch (plant_) {
    case Plant::kTrustsLostAnswer: {
      const auto answer = inner_.put_if_absent(path, bytes);
      return answer && *answer == Put::kExists ? answer : Result<Put>(Put::kDone);
    }
    case Plant::kSecondWins: {
      TRY_DONE(inner_.put(path, bytes));
      return Put::kDone;
    }
    case Plant::kForgetsPosition:
      if (bronze) commit = without(bytes, "\"claimlake.file.");
      break;
    case Plant::kPositionTooEarly:
      if (bronze && has(bytes, "\"claimlake.file.")) commit = without(bytes, "{\"add\"");
      break;
    case Plant::kKeepsOldRows:
      if (has(bytes, "\"claimlake.refresh\"")) commit = without(bytes, "{\"remove\"");
      break;
    case Plant::kForgetsQuarantine:
      if (quarantine && has(bytes, "\"claimlake.quarantine.silver")) {
        commit = without(without(bytes, "{\"add\""), "{\"remove\"");
      }
      break;
    case Plant::kIgnoresWaivers:
      if (path.find("ops/waivers/") != std::string_view::npos) {
        commit = without(bytes, "\"claimlake.waivers.silver");
      }
      break;
    default:
      break;
  }
  return inner_.put_if_absent(path, commit);
}

Result<std::vector<std::string>> PlantedStore::list_folders(std::string_view folder) const {
  if (plant_ == Plant::kBlindVacuum && folder == store::kEnvironmentsFolder) {
    return std::vector<std::string>();
  }
  return inner_.list_folders(folder);
}

Done PlantedStore::remove(std::string_view path) {
  const bool of_environment = path.starts_with(store::kEnvironmentsFolder);
  if (plant_ == Plant::kLeavesRest && of_environment && has(path, "/ops/")) return done();
  return inner_.remove(path);
}

}  // namespace claimlake::sim
