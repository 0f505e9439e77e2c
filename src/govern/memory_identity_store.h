#pragma once

#include "base/guarded.h"
#include "govern/identity_store.h"

namespace claimlake::govern {

// Identities in memory: for tests, and gone with the program.
class MemoryIdentityStore final : public IdentityStore {
 public:
  Done write(const Work& work) override;
  Done read(const Work& work) const override;

  struct State {
    std::vector<User> users;
    std::vector<Session> sessions;
    std::vector<Token> tokens;
    std::vector<Code> codes;
    std::vector<Event> events;
  };

 private:
  Guarded<State> state_;
};

}  // namespace claimlake::govern
