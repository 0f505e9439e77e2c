#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "engine/engine.h"
#include "lake/lake.h"
#include "pack/definition.h"
#include "pack/pack.h"

namespace claimlake::refresh {

// ops.models: the definitions of the models that the lake was built with, so that an edit can be
// told from them (docs/formats/plan.md). A table says in its commit which one it is built by.
inline constexpr std::string_view kModelsTable = "ops.models";
// In a Silver or Gold table: pack::definition_number of its model.
inline constexpr std::string_view kModelAppId = "claimlake.model";
// In ops.models: a number that stands for all definitions of a pack.
inline constexpr std::string_view kModelsAppId = "claimlake.models";
delta::Schema models_schema();

// What ops.models holds.
class KeptDefinitions {
 public:
  // What a table of that number was built by, or null if that is not known.
  const pack::Definition* of(std::string_view model, std::int64_t number) const;
  // The newest of a model; null if there is none or the pack had it no more.
  const pack::Definition* newest(std::string_view model) const;
  std::vector<std::string> models() const;  // that have a newest
  // Whether the pack had the model and has it no more.
  bool has_ended(std::string_view model) const;

 private:
  friend Result<KeptDefinitions> kept_definitions(lake::Lake& lake, engine::Session& session);
  struct Row {
    std::string model;
    std::int64_t number = 0;
    bool gone = false;
    pack::Definition definition;
  };
  std::vector<Row> rows_;  // oldest first
};

// Empty where there is no such table, or it cannot be read as one.
Result<KeptDefinitions> kept_definitions(lake::Lake& lake, engine::Session& session);

// A number that changes with any definition of the pack, its documentation too.
std::int64_t definitions_number(const pack::Pack& pack);

// Adds to ops.models what it does not hold yet of the pack, before tables are built by it. One
// look-up where nothing changed. `known`: the position kModelsAppId when the pack was read, or null
// if that was just now; where it has moved since, who read another pack has worked by that, and
// nothing is added. `session`: kInternal.
Done keep_definitions(lake::Lake& lake, const Clock& clock, engine::Session& session,
                      const pack::Pack& pack, const std::string& run,
                      const std::optional<std::int64_t>* known = nullptr);

}  // namespace claimlake::refresh
