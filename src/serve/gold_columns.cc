#include "serve/gold_columns.h"

namespace claimlake::serve {
namespace {

// Amounts that were divided are DOUBLE in the tables; the contract shows them in whole cents.
std::string money(std::string_view column) {
  const std::string name(column);
  return "CAST(t." + name + " AS DECIMAL(18,2)) AS " + name;
}
// At most two decimals.
std::string rounded(std::string_view column) {
  const std::string name(column);
  return "ROUND(t." + name + ", 2) AS " + name;
}
// A list that is null where it has nothing.
std::string list(std::string_view column) {
  const std::string name(column);
  return "COALESCE(t." + name + ", CAST([] AS VARCHAR[])) AS " + name;
}

}  // namespace

std::string customer_columns() {
  return "t.customer_id, t.full_name, names.first_name, names.last_name, t.email, t.phone_e164 AS "
         "phone, t.city, t.state, t.zip_code, t.customer_since, "
         "t.total_pets, t.total_policies, t.active_policies, " +
         money("total_annual_premium") + ", t.total_claims, " + money("total_claim_amount") + ", " +
         money("total_paid_amount") + ", " + rounded("loss_ratio") + ", " +
         money("lifetime_value") + ", t.customer_value_tier, t.customer_risk_score, t.churn_risk";
}

std::string customer_360_columns() {
  return customer_columns() +
         ", t.age, t.tenure_months, t.preferred_contact, t.marketing_opt_in, t.referral_source, "
         "t.customer_segment, t.last_contact, t.dog_count, t.cat_count, t.active_pets, " +
         rounded("avg_pet_age") + ", " + list("pet_species_list") + ", " + list("pet_breeds_list") +
         ", t.pets_with_conditions, " + money("avg_annual_premium") + ", t.highest_plan_tier, " +
         money("earned_premium") + ", t.first_policy_date, t.latest_policy_date, " +
         rounded("avg_renewal_count") +
         ", t.wellness_coverage_count, t.dental_coverage_count, t.min_days_until_renewal, " +
         money("avg_claim_amount") + ", " + money("max_claim_amount") +
         ", t.denied_claims, t.emergency_claims, " + rounded("avg_processing_days") +
         ", t.first_claim_date, t.last_claim_date, t.unique_claim_categories, " +
         list("claim_categories_list") + ", " + rounded("claims_per_pet") + ", " +
         rounded("engagement_score") + ", " + list("churn_drivers") + ", t.next_best_action";
}

std::string pet_columns() {
  return "t.pet_id, t.pet_name, t.species, t.breed, t.gender, t.date_of_birth, t.age_years, "
         "t.life_stage, t.pre_existing_conditions, t.vaccination_status, t.is_active";
}

std::string policy_columns() {
  return "t.policy_id, t.policy_number, t.pet_id, t.plan_name, t.status, "
         "COALESCE(t.is_in_force, false) AS is_in_force, " +
         money("annual_premium") + ", " + money("annual_deductible") + ", " +
         money("coverage_limit") +
         ", t.reimbursement_percentage, t.effective_date, t.expiration_date, t.days_until_renewal";
}

std::string claim_columns() {
  return "t.claim_id, t.claim_number, t.customer_id, customers.full_name AS customer_name, "
         "t.policy_id, t.pet_id, pets.pet_name, t.species, t.breed, t.plan_name, t.claim_type, "
         "t.claim_category, t.service_date, t.submitted_date, t.submitted_date AS submission_date, "
         "t.service_year_month, " +
         money("claim_amount") + ", " + money("covered_amount") + ", " + money("paid_amount") +
         ", t.status, t.denial_reason, CAST(t.processing_days AS BIGINT) AS processing_days, "
         "t.is_emergency, t.claim_size_category, t.provider_id, t.provider_name, "
         "t.is_in_network, " +
         money("network_savings");
}

std::string provider_columns() {
  return "t.provider_id, t.provider_name, t.provider_type, t.city, t.state, t.is_in_network, "
         "t.average_rating, t.total_claims, t.unique_customers, "
         "CAST(t.total_billed AS DECIMAL(18,2)) AS total_claim_amount, " +
         money("total_billed") + ", " + money("total_paid") + ", " + money("avg_claim_amount") +
         ", " + rounded("avg_processing_days") + ", t.denied_claims, t.decided_claims, " +
         rounded("denial_rate") + ", t.emergency_visits, " + money("avg_cost_per_visit") +
         ", COALESCE(ROUND(t.severity_z_score, 2), 0) AS severity_z_score, t.flagged_claims, " +
         rounded("flagged_share") + ", t.provider_tier";
}

std::string risk_columns() {
  // Sorting a list of structs compares their first members: the points.
  return "t.customer_id, t.full_name, t.total_risk_score, t.risk_category, t.pet_age_risk, "
         "t.condition_risk, t.claims_frequency_risk, t.emergency_risk, t.loss_ratio_risk, "
         "NULL AS breed_risk, list_reverse_sort(["
         "{'points': t.pet_age_risk, 'factor': 'pet_age_risk', 'share_pct': t.pet_age_share}, "
         "{'points': t.condition_risk, 'factor': 'condition_risk', 'share_pct': "
         "t.condition_share}, "
         "{'points': t.claims_frequency_risk, 'factor': 'claims_frequency_risk', "
         "'share_pct': t.claims_frequency_share}, "
         "{'points': t.emergency_risk, 'factor': 'emergency_risk', 'share_pct': "
         "t.emergency_share}, "
         "{'points': t.loss_ratio_risk, 'factor': 'loss_ratio_risk', "
         "'share_pct': t.loss_ratio_share}]) AS factors, t.recommended_action, "
         "t.recommended_action AS recommendation";
}

std::string cross_sell_columns() {
  return "t.customer_id, t.full_name, t.email, t.customer_value_tier, t.active_policies, "
         "t.active_policies AS current_plans, t.recommendation, CASE t.recommendation "
         "WHEN 'Plan Upgrade' THEN 'The highest plan in force is below Premium, and the loss ratio "
         "is under 80 %.' "
         "WHEN 'Add Wellness Coverage' THEN 'No policy in force covers wellness.' "
         "WHEN 'Add Dental Coverage' THEN 'No policy in force covers dental care.' "
         "WHEN 'Insure Additional Pets' THEN 'There are more pets than policies in force.' "
         "ELSE 'No offer applies.' END AS recommendation_reason, t.upgrade_opportunity, "
         "t.wellness_opportunity, t.dental_opportunity, t.multi_pet_opportunity, " +
         money("estimated_revenue_opportunity") + ", " + rounded("priority_score");
}

}  // namespace claimlake::serve
