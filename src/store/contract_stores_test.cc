// The stores of this machine, for store_contract_test.cc. Those of services are in tests/stores/.
#include <gtest/gtest.h>

#include "store/contract_stores_for_test.h"
#include "store/faulty_store.h"
#include "store/held_commits.h"
#include "store/local_store.h"
#include "store/memory_store.h"
#include "store/temporary_folder_for_test.h"

namespace claimlake::store {
namespace {

class NoFaults final : public FaultPlan {
 public:
  Fate next(Operation, std::string_view) override { return Fate::kNormal; }
  bool arrives(std::string_view) override { return false; }
};

std::shared_ptr<Store> local() {
  struct Ground {
    TemporaryFolder folder;
    std::unique_ptr<Store> store;
  };
  const auto ground = std::make_shared<Ground>();
  auto opened = open_local(ground->folder.path());
  EXPECT_TRUE(opened) << opened.error().text();
  ground->store = std::move(*opened);
  return {ground, ground->store.get()};
}

std::shared_ptr<Store> faulty() {
  struct Ground {
    MemoryStore memory;
    NoFaults no_faults;
    FaultyStore store{memory, no_faults};
  };
  const auto ground = std::make_shared<Ground>();
  return {ground, &ground->store};
}

std::shared_ptr<Store> held() {
  struct Ground {
    SystemClock clock;
    MemoryStore memory{clock};
    HeldCommits store{memory, clock};
  };
  const auto ground = std::make_shared<Ground>();
  return {ground, &ground->store};
}

}  // namespace

std::vector<ContractStore> contract_stores() {
  return {{"local", local, true},
          {"memory", [] { return std::make_shared<MemoryStore>(); }},
          {"faulty", faulty},
          {"held", held}};
}

}  // namespace claimlake::store
