#pragma once

#include <functional>
#include <set>
#include <string>

#include "life.h"

namespace claimlake::sim {

// What a process that runs the pipeline by itself works with. All outlive the call.
struct LiveProcess {
  World& world;
  const std::string& name;
  store::Store& store;
  lake::Lake& lake;
  const pack::Pack& pack;
  refresh::Pipeline& pipeline;
  std::function<bool()> dead;
  std::function<void()> person;  // says a statement
};

// Lets the pipeline run by itself for a while: changes come, its mode is switched at random, and
// steps are taken by hand. In `manual` nothing but a step may move Silver and Gold. With `quiet` it
// is brought to rest in the end, by what its mode asks for. Returns whether all went well.
bool run_live(const LiveProcess& process, bool quiet);

}  // namespace claimlake::sim
