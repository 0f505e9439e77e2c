#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pack/pack.h"
#include "store/passing_store_for_test.h"

namespace claimlake::sim {

// Bugs that the simulation must notice. They are planted between a process and what it works with:
// in its store, where commits pass by, in its pack, or in its date.
enum class Plant {
  kNone,
  kTrustsLostAnswer,   // a commit whose answer was lost is taken for done
  kSecondWins,         // of two commits of one version the second replaces the first
  kForgetsPosition,    // rows of a file are committed without its position
  kPositionTooEarly,   // the position of a file is committed without its rows
  kKeepsOldRows,       // what a refresh replaces stays
  kMissesKeys,         // changed claims lead to no policy
  kIgnoresEdits,       // the rules of an edition of the pack are not part of a table's state
  kStaysOnFirstDay,    // the day never turns
  kForgetsWaiting,     // rows that waited in `manual` count as taken in when the mode is switched
  kForgetsQuarantine,  // refused rows go nowhere, and the position says that they are kept
  kIgnoresWaivers,     // a waiver is kept, and no table hears of it
  kBlindVacuum,        // main deletes files that the environment shares with it
  kLeavesRest,         // not all of an environment is deleted when it is dropped
};

struct PlantName {
  Plant plant;
  std::string_view name;
};
const std::vector<PlantName>& plants();
std::optional<Plant> plant_of(std::string_view name);

// The pack as a process with the bug knows it. `first`: its first edition.
pack::Pack planted(pack::Pack pack, const pack::Pack& first, Plant plant);

// The store as a process with the bug uses it.
class PlantedStore final : public store::PassingStore {
 public:
  PlantedStore(store::Store& inner, Plant plant) : PassingStore(inner), plant_(plant) {}

  Result<store::Put> put_if_absent(std::string_view path, std::string_view bytes) override;
  Result<std::vector<std::string>> list_folders(std::string_view folder) const override;
  Done remove(std::string_view path) override;

 private:
  const Plant plant_;
};

}  // namespace claimlake::sim
