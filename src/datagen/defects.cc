#include "datagen/defects.h"

#include <array>

namespace claimlake::datagen {
namespace {

using enum DefectPlace;
using enum RawTable;
using Context = const RowContext&;

std::string cents_text(std::int64_t cents) {
  TextBuffer out;
  out.reserve(32);
  out.put_cents(cents);
  return std::string(out.view());
}

std::string uuid_text(Draw& draw) {
  const Uuid id = draw_uuid(draw);
  return {id.data(), id.size()};
}

std::string_view pick(Draw& draw, std::span<const std::string_view> values) {
  return values[draw.below(static_cast<std::uint32_t>(values.size()))];
}

// Most edits only set one column.
void set_bad_email(Context context, RowText& row) {
  static constexpr std::string_view kBad[] = {"no-at-sign.example.com", "nobody@", "@example.com",
                                              "two words@example.com", "dotless@example"};
  row.set("email", pick(context.draw, kBad));
}
void set_bad_phone(Context context, RowText& row) {
  static constexpr std::string_view kBad[] = {"911", "555-0142", "call me", "(12) 34-56"};
  row.set("phone", pick(context.draw, kBad));
}
void set_unknown_state(Context, RowText& row) { row.set("state", "ZZ"); }

// A date that no calendar has.
template <const char* kColumn>
void set_impossible_date(Context context, RowText& row) {
  static constexpr std::string_view kBad[] = {"1985-02-30", "2023-13-05", "2024-00-10",
                                              "2025-04-31", "2023-02-29"};
  row.set_text(kColumn, pick(context.draw, kBad));
}
template <const char* kColumn>
void set_orphan(Context context, RowText& row) {
  row.set_text(kColumn, uuid_text(context.draw));
}
template <const char* kColumn>
void set_missing(Context, RowText& row) {
  row.set(kColumn, "");
}
void set_nothing(Context, RowText&) {}

constexpr char kCustomerId[] = "customer_id";
constexpr char kPetId[] = "pet_id";
constexpr char kPolicyId[] = "policy_id";
constexpr char kProviderId[] = "provider_id";
constexpr char kBirth[] = "date_of_birth";
constexpr char kAdoption[] = "adoption_date";
constexpr char kEffective[] = "effective_date";
constexpr char kService[] = "service_date";

void set_day(Context context, RowText& row, std::string_view column, Day day) {
  row.set_text(column, context.world.dates.text(day));
}

// Service and submission together, so that only the place in time is wrong.
void set_service(Context context, RowText& row, Day service) {
  set_day(context, row, "service_date", service);
  set_day(context, row, "submitted_date", service + 3);
}

const Policy& policy_of(Context context) { return context.block.policies[context.claim->policy]; }
const Pet& pet_of(Context context) { return context.block.pets[policy_of(context).pet]; }

bool pays(Context context) { return context.claim->paid > 0; }
bool covers_part(Context context) {
  return context.claim->covered > 0 && context.claim->covered + 200 < context.claim->amount;
}
bool is_old(Context context) { return context.claim->service + 200 < context.world.as_of; }
bool not_cancelled(Context context) { return !context.policy->cancelled.has_value(); }

std::vector<DefectKind> versions_of(RawTable table) {
  return {{table, kOlder, "older_version", {}, "superseded", make_older, has_older_version},
          {table, kNewer, "newer_version", {}, "superseded", make_newer},
          {table, kRepeat, "exact_duplicate", {}, "superseded", set_nothing}};
}

std::vector<DefectKind> with_versions(std::vector<DefectKind> kinds) {
  for (DefectKind& kind : versions_of(kinds.front().table)) kinds.push_back(std::move(kind));
  return kinds;
}

std::vector<DefectKind> customer_kinds() {
  return with_versions({
      {kCustomers, kChanged, "bad_email", {"email_format"}, "flag", set_bad_email},
      {kCustomers, kChanged, "bad_phone", {"phone_format"}, "flag", set_bad_phone},
      {kCustomers, kChanged, "unknown_state", {"state_known"}, "flag", set_unknown_state},
      {kCustomers,
       kChanged,
       "bad_zip",
       {"zip_format"},
       "flag",
       [](Context, RowText& row) { row.set("zip_code", "ABCDE"); }},
      {kCustomers,
       kChanged,
       "birth_in_future",
       {"birth_in_past"},
       "flag",
       [](Context context, RowText& row) {
         set_day(context, row, kBirth, context.world.as_of + context.draw.between(20, 900));
       }},
      {kCustomers,
       kChanged,
       "impossible_date",
       {"date_of_birth_valid"},
       "flag",
       set_impossible_date<kBirth>},
      {kCustomers,
       kChanged,
       "unknown_contact",
       {"contact_known"},
       "flag",
       [](Context, RowText& row) { row.set("preferred_contact", "Pigeon"); }},
      {kCustomers,
       kExtra,
       "missing_key",
       {"customer_id_present"},
       "quarantine",
       set_missing<kCustomerId>},
      {kCustomers,
       kExtra,
       "broken_record",
       {"record_valid"},
       "bronze_quarantine",
       [](Context, RowText& row) { row.drop_last_field(); }},
  });
}

std::vector<DefectKind> pet_kinds() {
  return with_versions({
      {kPets,
       kChanged,
       "unknown_species",
       {"species_known"},
       "flag",
       [](Context, RowText& row) { row.set("species", "Dragon"); }},
      {kPets,
       kChanged,
       "unknown_gender",
       {"gender_known"},
       "flag",
       [](Context, RowText& row) { row.set("gender", "X"); }},
      {kPets,
       kChanged,
       "negative_weight",
       {"weight_positive"},
       "flag",
       [](Context, RowText& row) {
         row.set("weight_lbs", '-' + std::string(row.get("weight_lbs")));
       }},
      {kPets,
       kChanged,
       "birth_after_adoption",
       {"born_before_adoption"},
       "flag",
       [](Context context, RowText& row) {
         set_day(context, row, kAdoption, context.pet->born - context.draw.between(1, 300));
       }},
      {kPets,
       kChanged,
       "impossible_date",
       {"adoption_date_valid"},
       "flag",
       set_impossible_date<kAdoption>},
      {kPets, kExtra, "missing_key", {"pet_id_present"}, "quarantine", set_missing<kPetId>},
      {kPets,
       kExtra,
       "orphan_customer",
       {"customer_exists"},
       "quarantine",
       set_orphan<kCustomerId>},
  });
}

std::vector<DefectKind> policy_kinds() {
  return with_versions({
      {kPolicies,
       kChanged,
       "unknown_plan",
       {"plan_known"},
       "flag",
       [](Context, RowText& row) { row.set("plan_name", "Gold Plus"); }},
      {kPolicies,
       kChanged,
       "unknown_status",
       {"status_known"},
       "flag",
       [](Context, RowText& row) { row.set("status", "Lapsed"); },
       not_cancelled},
      {kPolicies,
       kChanged,
       "negative_premium",
       {"premium_positive"},
       "flag",
       [](Context, RowText& row) {
         row.set("monthly_premium", '-' + std::string(row.get("monthly_premium")));
       }},
      {kPolicies,
       kChanged,
       "bad_percentage",
       {"reimbursement_in_range"},
       "flag",
       [](Context, RowText& row) { row.set("reimbursement_percentage", "170"); }},
      {kPolicies,
       kExtra,
       "term_reversed",
       {"term_ordered"},
       "flag",
       [](Context context, RowText& row) {
         set_day(context, row, "expiration_date", context.policy->effective - 30);
       }},
      {kPolicies,
       kExtra,
       "impossible_date",
       {"effective_date_valid"},
       "flag",
       set_impossible_date<kEffective>},
      {kPolicies,
       kExtra,
       "policy_before_birth",
       {"pet_born_before_policy"},
       "warn",
       [](Context context, RowText& row) {
         const Day effective = context.block.pets[context.policy->pet].born - 100;
         set_day(context, row, kEffective, effective);
         set_day(context, row, "expiration_date", effective + 365);
       }},
      {kPolicies,
       kExtra,
       "missing_key",
       {"policy_id_present"},
       "quarantine",
       set_missing<kPolicyId>},
      {kPolicies,
       kExtra,
       "orphan_customer",
       {"customer_exists"},
       "quarantine",
       set_orphan<kCustomerId>},
      {kPolicies, kExtra, "orphan_pet", {"pet_exists"}, "quarantine", set_orphan<kPetId>},
  });
}

std::vector<DefectKind> provider_kinds() {
  return {
      {kVetProviders, kChanged, "bad_email", {"email_format"}, "flag", set_bad_email},
      {kVetProviders, kChanged, "bad_phone", {"phone_format"}, "flag", set_bad_phone},
      {kVetProviders, kChanged, "unknown_state", {"state_known"}, "flag", set_unknown_state},
      {kVetProviders,
       kChanged,
       "unknown_type",
       {"provider_type_known"},
       "flag",
       [](Context, RowText& row) { row.set("provider_type", "Horse Whisperer"); }},
      {kVetProviders,
       kChanged,
       "rating_out_of_range",
       {"rating_in_range"},
       "flag",
       [](Context, RowText& row) { row.set("average_rating", "7.5"); }},
      {kVetProviders,
       kExtra,
       "missing_key",
       {"provider_id_present"},
       "quarantine",
       set_missing<kProviderId>},
      {kVetProviders, kRepeat, "exact_duplicate", {}, "superseded", set_nothing},
  };
}

std::vector<DefectKind> broken_claim_kinds() {
  return {
      {kClaims,
       kChanged,
       "broken_json",
       {"record_valid"},
       "bronze_quarantine",
       [](Context, RowText& row) { row.break_off(); }},
      {kClaims,
       kChanged,
       "invalid_utf8",
       {"record_valid"},
       "bronze_quarantine",
       [](Context, RowText& row) { row.set_text("treatment_notes", "Seen by Dr. M\xFFller."); }},
      {kClaims,
       kChanged,
       "missing_key",
       {"claim_id_present"},
       "quarantine",
       [](Context, RowText& row) { row.set("claim_id", "null"); }},
      {kClaims, kChanged, "orphan_policy", {"policy_exists"}, "quarantine", set_orphan<kPolicyId>},
      {kClaims, kChanged, "orphan_pet", {"pet_exists"}, "quarantine", set_orphan<kPetId>},
      {kClaims,
       kChanged,
       "orphan_customer",
       {"customer_exists"},
       "quarantine",
       set_orphan<kCustomerId>},
      {kClaims,
       kChanged,
       "orphan_provider",
       {"provider_exists"},
       "quarantine",
       set_orphan<kProviderId>},
      {kClaims,
       kChanged,
       "negative_amount",
       {"amount_positive"},
       "quarantine",
       [](Context context, RowText& row) {
         row.set("claim_amount", cents_text(-context.claim->amount));
         for (const auto column : {"deductible_applied", "covered_amount", "paid_amount"}) {
           row.set(column, "0.00");
         }
       }},
      {kClaims,
       kChanged,
       "amount_not_a_number",
       {"amount_present"},
       "quarantine",
       [](Context, RowText& row) { row.set_text("claim_amount", "about 200"); }},
      {kClaims,
       kChanged,
       "unknown_status",
       {"status_known"},
       "quarantine",
       [](Context, RowText& row) { row.set_text("status", "Lost"); }},
      {kClaims,
       kChanged,
       "unknown_category",
       {"category_known"},
       "flag",
       [](Context, RowText& row) { row.set_text("claim_category", "Grooming"); }},
      {kClaims,
       kChanged,
       "unknown_field",
       {},
       "rescued",
       [](Context, RowText& row) { row.add_field("adjuster_note", "call back on Monday"); }},
  };
}

std::vector<DefectKind> money_claim_kinds() {
  return {
      {kClaims,
       kChanged,
       "paid_above_claimed",
       {"paid_le_claimed", "paid_le_covered"},
       "flag",
       [](Context context, RowText& row) {
         row.set("paid_amount", cents_text(context.claim->amount + 100'00));
       },
       pays},
      {kClaims,
       kChanged,
       "paid_above_covered",
       {"paid_le_covered"},
       "flag",
       [](Context context, RowText& row) {
         const Claim& claim = *context.claim;
         row.set("paid_amount", cents_text((claim.covered + claim.amount) / 2));
       },
       covers_part},
      {kClaims,
       kChanged,
       "covered_above_claimed",
       {"covered_le_claimed"},
       "flag",
       [](Context context, RowText& row) {
         row.set("covered_amount", cents_text(context.claim->amount + 50'00));
       },
       pays},
      {kClaims,
       kChanged,
       "denied_but_paid",
       {"denied_pays_nothing"},
       "flag",
       [](Context, RowText& row) {
         row.set_text("status", "Denied");
         row.set_text("denial_reason", "Not covered");
       },
       pays},
      {kClaims,
       kChanged,
       "negative_processing_days",
       {"processing_days_in_range"},
       "flag",
       [](Context, RowText& row) { row.set("processing_days", "-3"); },
       pays},
  };
}

std::vector<DefectKind> dated_claim_kinds() {
  return {
      {kClaims,
       kChanged,
       "submitted_before_service",
       {"submitted_after_service"},
       "flag",
       [](Context context, RowText& row) {
         set_day(context, row, "submitted_date", context.claim->service - 3);
       }},
      {kClaims,
       kChanged,
       "late_submission",
       {"submitted_in_time"},
       "flag",
       [](Context context, RowText& row) {
         set_day(context, row, "submitted_date", context.claim->service + 190);
       },
       is_old},
      {kClaims,
       kChanged,
       "impossible_date",
       {"service_date_valid"},
       "flag",
       set_impossible_date<kService>},
      {kClaims,
       kChanged,
       "service_outside_term",
       {"service_in_term"},
       "warn",
       [](Context context, RowText& row) {
         set_service(context, row, policy_of(context).effective - 20);
       }},
      {kClaims,
       kChanged,
       "service_before_birth",
       {"service_after_birth", "service_in_term"},
       "warn",
       [](Context context, RowText& row) { set_service(context, row, pet_of(context).born - 30); }},
      {kClaims,
       kChanged,
       "pet_of_another",
       {"pet_of_policy"},
       "warn",
       [](Context context, RowText& row) {
         const std::vector<Pet>& pets = context.block.pets;
         std::uint32_t other = policy_of(context).pet;
         do {  // one that was alive by then, so that nothing else is wrong
           other = (other + 1) % pets.size();
         } while (pets[other].born > context.claim->service);
         row.set_text("pet_id", std::string_view(pets[other].id.data(), pets[other].id.size()));
       }},
  };
}

std::vector<DefectKind> claim_kinds() {
  std::vector<DefectKind> kinds = broken_claim_kinds();
  for (auto more : {money_claim_kinds(), dated_claim_kinds(), versions_of(kClaims)}) {
    kinds.insert(kinds.end(), more.begin(), more.end());
  }
  return kinds;
}

}  // namespace

std::span<const DefectKind> defect_kinds(RawTable table) {
  static const std::array<std::vector<DefectKind>, kRawTableCount> kinds = {
      customer_kinds(), pet_kinds(), policy_kinds(), provider_kinds(), claim_kinds()};
  return kinds[static_cast<std::size_t>(table)];
}

void make_older(const RowContext& context, RowText& row) {
  const std::string created(row.get("created_at"));
  row.set("updated_at", created);
  if (context.claim != nullptr) {
    row.set_text("status", "Under Review");
    row.set("denial_reason", "null");
    row.set("processing_days", "null");
    for (const auto column : {"deductible_applied", "covered_amount", "paid_amount"}) {
      row.set(column, "0.00");
    }
  } else if (context.policy != nullptr) {
    row.set("payment_method", "Bank Transfer");
  } else if (context.pet != nullptr) {
    row.set("color", "Unknown");
  } else {
    row.set("email", "former." + std::string(row.get("email")));
  }
}

void make_newer(const RowContext& context, RowText& row) {
  row.set_text("updated_at",
               std::string(context.world.dates.text(context.world.as_of - 1)) + "T23:59:59");
  if (context.claim != nullptr) {
    row.set_text("treatment_notes", "Notes completed by the clinic.");
  } else if (context.policy != nullptr) {
    row.set("payment_method", "PayPal");
  } else if (context.pet != nullptr) {
    row.set("vaccination_status", "Up to Date");
  } else {
    row.set("address_line1", "1 New Home St");
  }
}

bool has_older_version(const RowContext& context) {
  return context.claim == nullptr || context.claim->processing_days > 0;
}

}  // namespace claimlake::datagen
