#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "store/store.h"

namespace claimlake::store {

// A kind of store that must keep the contract of store_contract_test.cc.
struct ContractStore {
  std::string name;
  std::function<std::shared_ptr<Store>()> make;  // an empty one
  bool is_in_folders = false;  // one name cannot be that of an object and of a folder
};
inline std::ostream& operator<<(std::ostream& out, const ContractStore& kind) {
  return out << kind.name;
}

// The kinds of this test program; each program that runs the contract defines its own.
std::vector<ContractStore> contract_stores();

}  // namespace claimlake::store
