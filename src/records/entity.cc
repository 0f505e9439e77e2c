#include "records/entity.h"

#include <algorithm>

#include "base/check.h"

namespace claimlake::records {
namespace {

constexpr auto kText = ColumnType::kText;
constexpr auto kDate = ColumnType::kDate;
constexpr auto kMoney = ColumnType::kMoney;
constexpr auto kWhole = ColumnType::kWhole;
constexpr auto kBoolean = ColumnType::kBoolean;

Entity complete(Entity entity) {
  for (const Column& column : entity.columns) entity.columns_sql += column.sql_name() + ", ";
  entity.columns_sql += "created_at, updated_at, revision";
  return entity;
}

}  // namespace

std::size_t Entity::position(std::string_view column) const {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [column](const Column& one) { return one.name == column; });
  CHECK(found != columns.end(), table + " have no column " + std::string(column));
  return static_cast<std::size_t>(found - columns.begin());
}

const Entity& customers() {
  static const Entity entity = complete({.name = "customer",
                                         .table = "customers",
                                         .key = "customer_id",
                                         .id_prefix = "CUST-",
                                         .is_typed_in_raw = false,
                                         .columns = {{"customer_id"},
                                                     {"first_name"},
                                                     {"last_name"},
                                                     {"email"},
                                                     {"phone"},
                                                     {"address_line1"},
                                                     {"city"},
                                                     {"state"},
                                                     {"zip_code"},
                                                     {"country"},
                                                     {"date_of_birth", kDate},
                                                     {"customer_since", kDate},
                                                     {"preferred_contact"},
                                                     {"marketing_opt_in", kBoolean},
                                                     {"referral_source"},
                                                     {"customer_segment"},
                                                     {"lifetime_value", kMoney}}});
  return entity;
}

const Entity& pets() {
  static const Entity entity = complete({.name = "pet",
                                         .table = "pets",
                                         .key = "pet_id",
                                         .id_prefix = "PET-",
                                         .is_typed_in_raw = false,
                                         .columns = {{"pet_id"},
                                                     {"customer_id"},
                                                     {"pet_name"},
                                                     {"species"},
                                                     {"breed"},
                                                     {"gender"},
                                                     {"date_of_birth", kDate},
                                                     {"weight_lbs"},
                                                     {"color"},
                                                     {"microchip_id"},
                                                     {"is_neutered", kBoolean},
                                                     {"pre_existing_conditions"},
                                                     {"vaccination_status"},
                                                     {"adoption_date", kDate},
                                                     {"is_active", kBoolean}}});
  return entity;
}

const Entity& policies() {
  static const Entity entity = complete({.name = "policy",
                                         .table = "policies",
                                         .key = "policy_id",
                                         .id_prefix = "POL-",
                                         .is_typed_in_raw = false,
                                         .columns = {{"policy_id"},
                                                     {"policy_number"},
                                                     {"customer_id"},
                                                     {"pet_id"},
                                                     {"plan_name"},
                                                     {"monthly_premium", kMoney},
                                                     {"annual_deductible", kMoney},
                                                     {"coverage_limit", kMoney},
                                                     {"reimbursement_percentage", kWhole},
                                                     {"effective_date", kDate},
                                                     {"expiration_date", kDate},
                                                     {"status"},
                                                     {"payment_method"},
                                                     {"payment_frequency"},
                                                     {"waiting_period_days", kWhole},
                                                     {"includes_wellness", kBoolean},
                                                     {"includes_dental", kBoolean},
                                                     {"includes_behavioral", kBoolean},
                                                     {"cancellation_date", kDate},
                                                     {"renewal_count", kWhole}}});
  return entity;
}

const Entity& claims() {
  static const Entity entity = complete({.name = "claim",
                                         .table = "claims",
                                         .key = "claim_id",
                                         .id_prefix = "CLM-",
                                         .is_typed_in_raw = true,
                                         .columns = {{"claim_id"},
                                                     {"claim_number"},
                                                     {"policy_id"},
                                                     {"pet_id"},
                                                     {"customer_id"},
                                                     {"provider_id"},
                                                     {"claim_type"},
                                                     {"claim_category"},
                                                     {"service_date", kDate},
                                                     {"submitted_date", kDate},
                                                     {"claim_amount", kMoney},
                                                     {"deductible_applied", kMoney},
                                                     {"covered_amount", kMoney},
                                                     {"paid_amount", kMoney},
                                                     {"status"},
                                                     {"denial_reason"},
                                                     {"processing_days", kWhole},
                                                     {"diagnosis_code"},
                                                     {"treatment_notes"},
                                                     {"invoice_number"},
                                                     {"is_emergency", kBoolean},
                                                     {"is_recurring", kBoolean},
                                                     {"description", kText, false},
                                                     {"provider_name", kText, false}}});
  return entity;
}

}  // namespace claimlake::records
