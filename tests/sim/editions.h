#pragma once

#include <vector>

#include "oracle.h"
#include "pack/pack.h"

namespace claimlake::sim {

// The pack as it is, and as it is after a person has edited a rule, a model, or a source.
struct Edition {
  const char* what;  // was edited, for the story
  Terms terms;
  pack::Pack pack;
};
using Editions = std::vector<Edition>;

// Errors: those of load_pack.
Result<Editions> load_editions();

}  // namespace claimlake::sim
