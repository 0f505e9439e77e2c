#include "govern/memory_identity_store.h"

#include "govern/identity_store_contract_for_test.h"

namespace claimlake::govern {
namespace {

INSTANTIATE_TEST_SUITE_P(Memory, IdentityStoreContract,
                         testing::Values(IdentityStoreMaker{
                             "memory", [] { return std::make_unique<MemoryIdentityStore>(); }}),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace claimlake::govern
