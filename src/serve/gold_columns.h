#pragma once

#include <string>
#include <string_view>

namespace claimlake::serve {

// SELECT lists that give the rows of Gold and Silver tables the shape of the contract's schemas.
// Each reads from the alias `t` unless it says otherwise.

// Customer, from gold.customer_360_view with `names` (silver.dim_customers) joined to it.
std::string customer_columns();
std::string customer_360_columns();  // Customer360, likewise
std::string pet_columns();           // Pet, from silver.dim_pets
std::string policy_columns();        // Policy, from silver.dim_policies
// Claim, from gold.claims_analytics, with `customers` (gold.customer_360_view) and `pets`
// (silver.dim_pets) joined to it.
std::string claim_columns();
std::string provider_columns();    // Provider, from gold.provider_performance
std::string risk_columns();        // Risk, from gold.risk_scoring
std::string cross_sell_columns();  // CrossSell, from gold.cross_sell_recommendations

}  // namespace claimlake::serve
