#include "datagen/rows.h"

#include <algorithm>

namespace claimlake::datagen {
namespace {

constexpr std::size_t kRowBytes = 2'048;  // no row is longer

constexpr std::string_view kDomains[] = {"@example.com", "@example.org", "@example.net"};
constexpr std::string_view kContacts[] = {"Email", "Phone", "SMS"};
constexpr std::string_view kReferrals[] = {
    "Google", "Facebook", "Referral", "TV Ad", "Vet Recommendation", "Pet Store", "Direct"};
constexpr std::string_view kVaccinations[] = {"Up to Date", "Overdue", "Unknown"};
constexpr std::string_view kPayments[] = {"Credit Card", "Debit Card", "Bank Transfer", "PayPal"};
constexpr std::string_view kProviderKinds[] = {"Animal Clinic", "Pet Hospital", "Vet Center",
                                               "Veterinary Care"};
constexpr std::string_view kProviderTypes[] = {"General Practice", "Emergency Hospital",
                                               "Specialty Clinic", "Mobile Vet"};
constexpr std::string_view kHours[] = {"8AM-6PM", "7AM-9PM", "24/7", "9AM-5PM"};
constexpr std::string_view kSpecialties[] = {"",           "Surgery",     "Oncology",
                                             "Cardiology", "Dermatology", "Orthopedics"};

std::string_view text(const Uuid& id) { return {id.data(), id.size()}; }

void put_lower(std::string_view word, TextBuffer& out) {
  for (const char letter : word) {
    out.put(letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter);
  }
}

void put_moment(const World& world, Moment moment, TextBuffer& out) {
  out.put(world.dates.text(moment.day));
  out.put('T');
  out.put_two_digits(static_cast<std::uint32_t>(moment.seconds / 3'600));
  out.put(':');
  out.put_two_digits(static_cast<std::uint32_t>(moment.seconds / 60 % 60));
  out.put(':');
  out.put_two_digits(static_cast<std::uint32_t>(moment.seconds % 60));
}

void put_tenths(int tenths, TextBuffer& out) {
  out.put_number(static_cast<std::uint64_t>(tenths) / 10);
  out.put('.');
  out.put(static_cast<char>('0' + tenths % 10));
}

void put_phone(const City& city, std::uint16_t line, TextBuffer& out) {
  out.put('(');
  out.put(city.area_code);
  out.put(") 555-");
  out.put_number(line, 4);
}

// Writes the fields of a CSV row with their commas.
class CsvRow {
 public:
  explicit CsvRow(TextBuffer& out) : out_(out) { out_.reserve(kRowBytes); }
  ~CsvRow() { out_.put("\r\n"); }
  CsvRow(const CsvRow&) = delete;
  CsvRow& operator=(const CsvRow&) = delete;

  // Begins a field whose content the caller puts.
  TextBuffer& field() {
    if (!first_) out_.put(',');
    first_ = false;
    return out_;
  }
  void add(std::string_view value) { field().put(value); }
  void add(bool value) { field().put_bool_csv(value); }
  void add_number(std::int64_t value) { field().put_number(static_cast<std::uint64_t>(value)); }

 private:
  TextBuffer& out_;
  bool first_ = true;
};

}  // namespace

std::string_view file_name(RawTable table) {
  constexpr std::string_view kNames[] = {"customers.csv", "pets.csv", "policies.csv",
                                         "vet_providers.csv", "claims.jsonl"};
  return kNames[static_cast<std::size_t>(table)];
}

std::string_view header(RawTable table) {
  constexpr std::string_view kHeaders[] = {
      "customer_id,first_name,last_name,email,phone,address_line1,city,state,zip_code,country,"
      "date_of_birth,customer_since,preferred_contact,marketing_opt_in,referral_source,"
      "customer_segment,lifetime_value,created_at,updated_at\r\n",
      "pet_id,customer_id,pet_name,species,breed,gender,date_of_birth,weight_lbs,color,"
      "microchip_id,is_neutered,pre_existing_conditions,vaccination_status,adoption_date,"
      "is_active,created_at,updated_at\r\n",
      "policy_id,policy_number,customer_id,pet_id,plan_name,monthly_premium,annual_deductible,"
      "coverage_limit,reimbursement_percentage,effective_date,expiration_date,status,"
      "payment_method,payment_frequency,waiting_period_days,includes_wellness,includes_dental,"
      "includes_behavioral,cancellation_date,renewal_count,created_at,updated_at\r\n",
      "provider_id,provider_name,provider_type,address,city,state,zip_code,phone,email,"
      "is_in_network,average_rating,total_reviews,accepts_emergency,operating_hours,specialties,"
      "license_number,created_at\r\n",
      ""};
  return kHeaders[static_cast<std::size_t>(table)];
}

void put_customer(const World& world, const Customer& customer, TextBuffer& out) {
  const City& city = cities()[customer.city];
  CsvRow row(out);
  row.add(text(customer.id));
  row.add(first_names()[customer.first_name]);
  row.add(last_names()[customer.last_name]);
  row.field();
  put_lower(first_names()[customer.first_name], out);
  out.put('.');
  put_lower(last_names()[customer.last_name], out);
  out.put_number(customer.number + 1);
  out.put(kDomains[customer.domain]);
  put_phone(city, customer.phone_line, row.field());
  row.add_number(customer.street_number);
  out.put(' ');
  out.put(streets()[customer.street]);
  row.add(city.name);
  row.add(city.state);
  row.add(city.zip_code);
  row.add(std::string_view("USA"));
  row.add(world.dates.text(customer.born));
  row.add(world.dates.text(customer.since));
  row.add(kContacts[customer.contact]);
  row.add(customer.opt_in);
  row.add(kReferrals[customer.referral]);
  row.add(kSegmentNames[customer.segment]);
  row.field().put_cents(customer.lifetime_value);
  put_moment(world, customer.created, row.field());
  put_moment(world, customer.updated, row.field());
}

void put_pet(const World& world, const Block& block, const Pet& pet, TextBuffer& out) {
  const Breed& breed = breeds()[pet.breed];
  CsvRow row(out);
  row.add(text(pet.id));
  row.add(text(block.customers[pet.owner].id));
  row.add(pet_names()[pet.name]);
  row.add(kSpeciesNames[static_cast<std::size_t>(breed.species)]);
  row.add(breed.name);
  row.add(pet.male ? std::string_view("Male") : "Female");
  row.add(world.dates.text(pet.born));
  put_tenths(pet.weight_tenths, row.field());
  row.add(colors()[pet.color]);
  row.field();
  if (pet.microchip != 0) {
    out.put("MC");
    out.put_number(pet.microchip);
  }
  row.add(pet.neutered);
  row.add(kConditionNames[pet.condition]);
  row.add(kVaccinations[pet.vaccination]);
  row.add(world.dates.text(pet.adopted));
  row.add(pet.active);
  put_moment(world, pet.created, row.field());
  put_moment(world, pet.updated, row.field());
}

void put_policy(const World& world, const Block& block, const Policy& policy, TextBuffer& out) {
  const Pet& pet = block.pets[policy.pet];
  const Plan& plan = plans()[policy.plan];
  CsvRow row(out);
  row.add(text(policy.id));
  row.add(std::string_view("PI"));
  out.put_number(static_cast<std::uint64_t>(world.dates.year(policy.effective)));
  out.put('-');
  out.put_number(policy.number + 1, 6);
  row.add(text(block.customers[pet.owner].id));
  row.add(text(pet.id));
  row.add(plan.name);
  row.field().put_cents(policy.monthly_premium);
  row.add_number(plan.deductible_dollars);
  row.add_number(plan.limit_dollars);
  row.add_number(plan.reimbursement_pct);
  row.add(world.dates.text(policy.effective));
  row.add(world.dates.text(policy.expiration));
  row.add(kPolicyStatusNames[policy.status]);
  row.add(kPayments[policy.payment_method]);
  row.add(policy.annual_payment ? std::string_view("Annual") : "Monthly");
  row.add_number(policy.waiting_days);
  row.add(policy.wellness);
  row.add(policy.dental);
  row.add(policy.behavioral);
  row.add(policy.cancelled ? world.dates.text(*policy.cancelled) : std::string_view());
  row.add_number(policy.renewal_count);
  put_moment(world, policy.created, row.field());
  put_moment(world, policy.updated, row.field());
}

void put_provider(const World& world, const Provider& provider, TextBuffer& out) {
  const City& city = cities()[provider.city];
  CsvRow row(out);
  row.add(text(provider.id));
  row.add(last_names()[provider.last_name]);
  out.put(' ');
  out.put(kProviderKinds[provider.kind_name]);
  row.add(kProviderTypes[provider.type]);
  row.add_number(provider.street_number);
  out.put(" Oak Ave");
  row.add(city.name);
  row.add(city.state);
  row.add(city.zip_code);
  put_phone(city, provider.phone_line, row.field());
  row.add(std::string_view("vet"));
  out.put_number(provider.number + 1);
  out.put("@example.com");
  row.add(provider.in_network);
  put_tenths(provider.rating_tenths, row.field());
  row.add_number(provider.reviews);
  row.add(provider.accepts_emergency);
  row.add(kHours[provider.hours]);
  row.add(kSpecialties[provider.specialty]);
  row.add(std::string_view("VET"));
  out.put(city.state);
  out.put_number(provider.licence, 5);
  put_moment(world, provider.created, row.field());
}

void put_claim(const World& world, const Block& block, const Claim& claim, TextBuffer& out) {
  const Policy& policy = block.policies[claim.policy];
  const Pet& pet = block.pets[policy.pet];
  const ClaimType& type = claim_types()[claim.type];
  out.reserve(kRowBytes);
  out.put(R"({"claim_id":")");
  out.put(text(claim.id));
  out.put(R"(","claim_number":"CLM)");
  out.put_number(static_cast<std::uint64_t>(world.dates.year(claim.submitted)));
  out.put_number(claim.number + 1, 6);
  out.put(R"(","policy_id":")");
  out.put(text(policy.id));
  out.put(R"(","pet_id":")");
  out.put(text(pet.id));
  out.put(R"(","customer_id":")");
  out.put(text(block.customers[pet.owner].id));
  out.put(R"(","provider_id":")");
  out.put(text(world.providers[claim.provider].id));
  out.put(R"(","claim_type":")");
  out.put(type.name);
  out.put(R"(","claim_category":")");
  out.put(type.category);
  out.put(R"(","service_date":")");
  out.put(world.dates.text(claim.service));
  out.put(R"(","submitted_date":")");
  out.put(world.dates.text(claim.submitted));
  out.put(R"(","claim_amount":)");
  out.put_cents(claim.amount);
  out.put(R"(,"deductible_applied":)");
  out.put_cents(claim.deductible);
  out.put(R"(,"covered_amount":)");
  out.put_cents(claim.covered);
  out.put(R"(,"paid_amount":)");
  out.put_cents(claim.paid);
  out.put(R"(,"status":")");
  out.put(kStatusNames[claim.status]);
  if (claim.status == kDenied) {
    out.put(R"(","denial_reason":")");
    out.put(kDenialNames[claim.denial]);
    out.put('"');
  } else {
    out.put(R"(","denial_reason":null)");
  }
  out.put(R"(,"processing_days":)");
  if (claim.processing_days == 0) {
    out.put("null");
  } else {
    out.put_number(static_cast<std::uint64_t>(claim.processing_days));
  }
  out.put(R"(,"diagnosis_code":"DX)");
  out.put_number(claim.diagnosis);
  out.put(R"(","treatment_notes":"Treatment: )");
  out.put(type.name);
  out.put(R"(. Patient responded well.","invoice_number":"INV)");
  out.put_number(claim.invoice, 6);
  out.put(R"(","is_emergency":)");
  out.put(type.category == "Emergency" ? std::string_view("true") : "false");
  out.put(R"(,"is_recurring":)");
  out.put(type.category == "Chronic" ? std::string_view("true") : "false");
  out.put(R"(,"created_at":")");
  put_moment(world, claim.created, out);
  out.put(R"(","updated_at":")");
  put_moment(world, claim.updated, out);
  out.put("\"}\n");
}

}  // namespace claimlake::datagen
