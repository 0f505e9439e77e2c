#include "serve/entry.h"

#include <regex>

#include "base/text.h"
#include "serve/plans.h"

namespace claimlake::serve {
namespace {

using records::Record;
using records::Value;

constexpr std::int64_t kClaimMost = 1'000'000'00;  // more than any treatment costs
constexpr int kTermAheadDays = 60;                 // how far ahead cover can be bought

// Sets `column` to what the form has; to `fallback`, if any, where a new record has nothing.
struct Entry {
  Form& form;
  Record& record;
  bool is_new = true;

  void need(const std::string& name) const {
    if (is_new) form.require(name);
  }
  void text(const std::string& name, std::size_t min, std::size_t max) const {
    if (auto given = form.text(name, min, max)) {
      record.set(name, records::text_or_null(*std::move(given)));
    }
  }
  void choice(const std::string& name, const std::vector<std::string>& allowed,
              const std::string& fallback = "") const {
    if (auto given = form.choice(name, allowed)) {
      record.set(name, *std::move(given));
    } else if (is_new && !fallback.empty()) {
      record.set(name, fallback);
    }
  }
  void flag(const std::string& name, bool fallback = false) const {
    const auto given = form.flag(name);
    if (given || is_new) record.set(name, std::int64_t{given.value_or(fallback) ? 1 : 0});
  }
  void date(const std::string& name, Date least, Date most) const {
    const auto given = form.date(name);
    if (!given) return;
    if (*given < least || *given > most) {
      form.refuse(name, name + " is " + to_text(*given),
                  "Give a day from " + to_text(least) + " to " + to_text(most) + ".");
    } else {
      record.set(name, to_text(*given));
    }
  }
  // The same as text(), in a form that `pattern` has.
  void pattern(const std::string& name, std::size_t max, const std::regex& pattern,
               const char* next_step) const {
    const auto given = form.text(name, 1, max);
    if (!given) return;
    if (std::regex_match(*given, pattern)) {
      record.set(name, *given);
    } else {
      form.refuse(name, name + " does not have the form that it must have", next_step);
    }
  }
};

Date day(int year, unsigned month, unsigned of_month) {
  return std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(of_month);
}

void upper(Record& record, const char* column) {
  std::string text = record.text(column);
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  record.set(column, records::text_or_null(std::move(text)));
}

// Those of a claim's type that Silver's rules know; "General" is what a form sends that asks no
// further.
std::string category_of(const std::string& type) {
  if (type == "Accident") return "Emergency";
  if (type == "Wellness") return "Preventive";
  return type == "Dental" ? "Dental" : "Illness";
}

// Two names for one thing, of which one is to be given.
void rename(Form& form, const std::string& from, const std::string& to) {
  if (form.has(from) && form.has(to)) {
    form.refuse(from, from + " and " + to + " are two names of one thing", "Give one of them.");
  }
}

}  // namespace

void enter_customer(Form& form, Record& customer, bool is_new, Date today) {
  static const std::regex email(R"([A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,})");
  static const std::regex phone(R"(\+?[0-9 ().-]*)");
  static const std::regex state("[A-Za-z]{2}");
  static const std::regex zip("[0-9]{5}(-[0-9]{4})?");
  const Entry entry{form, customer, is_new};
  for (const char* name :
       {"first_name", "last_name", "email", "phone", "city", "state", "zip_code"}) {
    entry.need(name);
  }
  entry.text("first_name", 1, 50);
  entry.text("last_name", 1, 50);
  entry.pattern("email", 254, email, "Write it as name@example.com.");
  customer.set("email", records::text_or_null(to_lower(customer.text("email"))));
  if (const auto given = form.text("phone", 10, 20)) {
    const auto digits =
        std::count_if(given->begin(), given->end(), [](char c) { return c >= '0' && c <= '9'; });
    if (digits >= 10 && std::regex_match(*given, phone)) {
      customer.set("phone", *given);
    } else {
      form.refuse("phone", "phone is no telephone number",
                  "Write ten digits or more, such as (512) 555-0142.");
    }
  }
  rename(form, "address", "address_line1");
  if (const auto given = form.text("address", 0, 200)) {
    customer.set("address_line1", records::text_or_null(*given));
  }
  entry.text("address_line1", 0, 200);
  entry.text("city", 1, 100);
  entry.pattern("state", 2, state, "Write its two letters, such as TX.");
  upper(customer, "state");
  entry.pattern("zip_code", 10, zip, "Write five digits, such as 78701.");
  entry.text("country", 2, 56);
  if (is_new && !form.has("country")) customer.set("country", std::string("USA"));
  entry.date("date_of_birth", day(1900, 1, 1), today);
  entry.choice("preferred_contact", {"Email", "Phone", "SMS"}, "Email");
  entry.flag("marketing_opt_in");
  entry.text("referral_source", 0, 100);
  if (!is_new) return;
  customer.set("customer_since", to_text(today));
  customer.set("customer_segment", std::string("New"));
  customer.set("lifetime_value", std::int64_t{0});
}

void enter_pet(Form& form, Record& pet, bool is_new, Date today) {
  const Entry entry{form, pet, is_new};
  for (const char* name :
       {"pet_name", "species", "breed", "gender", "date_of_birth", "weight_lbs"}) {
    entry.need(name);
  }
  if (is_new) {
    entry.need("customer_id");
    entry.text("customer_id", 1, 100);
  }
  entry.text("pet_name", 1, 50);
  entry.choice("species", {"Dog", "Cat"});
  entry.text("breed", 1, 100);
  entry.choice("gender", {"Male", "Female"});
  entry.date("date_of_birth", day(1980, 1, 1), today);
  if (auto weight = form.measure("weight_lbs", 500)) pet.set("weight_lbs", *std::move(weight));
  entry.text("color", 0, 50);
  entry.text("microchip_id", 0, 50);
  entry.flag("is_neutered");
  entry.text("pre_existing_conditions", 0, 500);
  entry.choice("vaccination_status", {"Up to Date", "Up-to-date", "Overdue", "Unknown"},
               "Up to Date");
  if (pet.text("vaccination_status") == "Up-to-date") {
    pet.set("vaccination_status", std::string("Up to Date"));
  }
  const auto born = parse_date(pet.text("date_of_birth"));
  entry.date("adoption_date", born ? *born : day(1980, 1, 1), today);
  entry.flag("is_active", true);
}

void enter_policy(Form& form, Record& policy, Date today) {
  const Entry entry{form, policy};
  for (const char* name : {"customer_id", "pet_id", "plan_name"}) entry.need(name);
  entry.text("customer_id", 1, 100);
  entry.text("pet_id", 1, 100);
  entry.choice("plan_name", plan_names());
  entry.choice("payment_method", {"Credit Card", "Debit Card", "Bank Transfer", "PayPal"},
               "Credit Card");
  entry.choice("payment_frequency", {"Monthly", "Quarterly", "Annual"}, "Monthly");
  entry.flag("includes_wellness");
  entry.flag("includes_dental");
  entry.flag("includes_behavioral");
  policy.set("effective_date", to_text(today));
  entry.date("effective_date", today, today + std::chrono::days(kTermAheadDays));
  if (!form.is_good()) return;
  const Plan& plan = plan_of(policy.text("plan_name"));
  policy.set("monthly_premium", plan.monthly_premium_cents +
                                    policy.whole("includes_wellness") * kWellnessCents +
                                    policy.whole("includes_dental") * kDentalCents +
                                    policy.whole("includes_behavioral") * kBehavioralCents);
  policy.set("annual_deductible", plan.annual_deductible_cents);
  policy.set("coverage_limit", plan.coverage_limit_cents);
  policy.set("reimbursement_percentage", std::int64_t{plan.reimbursement_percentage});
  policy.set("waiting_period_days", std::int64_t{plan.waiting_period_days});
  const std::chrono::year_month_day first(*parse_date(policy.text("effective_date")));
  // A term from the 29th of February ends on the 1st of March.
  policy.set("expiration_date", to_text(Date(first + std::chrono::years(1))));
  policy.set("status", std::string("Active"));
  policy.set("renewal_count", std::int64_t{0});
}

void enter_claim(Form& form, Record& claim, Date today) {
  const Entry entry{form, claim};
  for (const char* name : {"policy_id", "pet_id", "customer_id", "claim_type", "service_date"}) {
    entry.need(name);
  }
  for (const char* name : {"policy_id", "pet_id", "customer_id"}) entry.text(name, 1, 100);
  entry.text("provider_id", 0, 100);
  entry.text("provider_name", 0, 200);
  entry.choice("claim_type", {"Accident", "Illness", "Wellness", "Dental", "Behavioral"});
  entry.choice("claim_category",
               {"General", "Preventive", "Dental", "Surgery", "Emergency", "Diagnostic", "Illness",
                "Chronic"},
               "General");
  if (claim.text("claim_category") == "General") {
    claim.set("claim_category", category_of(claim.text("claim_type")));
  }
  entry.date("service_date", day(2000, 1, 1), today);
  const std::string amount = form.has("amount") ? "amount" : "claim_amount";
  rename(form, "amount", "claim_amount");
  form.require(amount);
  for (const char* name : {"claim_amount", "amount"}) {
    if (const auto cents = form.money(name, 1, kClaimMost)) claim.set("claim_amount", *cents);
  }
  rename(form, "diagnosis", "diagnosis_code");
  rename(form, "description", "treatment_notes");
  entry.text("diagnosis_code", 0, 200);
  if (const auto diagnosis = form.text("diagnosis", 0, 200); diagnosis) {
    claim.set("diagnosis_code", records::text_or_null(*diagnosis));
  }
  entry.text("treatment_notes", 0, 5'000);
  if (const auto description = form.text("description", 0, 5'000); description) {
    claim.set("description", records::text_or_null(*description));
    claim.set("treatment_notes", records::text_or_null(*description));
  }
  entry.text("invoice_number", 0, 100);
  entry.flag("is_emergency");
  claim.set("is_recurring", std::int64_t{0});
  claim.set("submitted_date", to_text(today));
  claim.set("status", std::string("Submitted"));
  for (const char* name : {"deductible_applied", "covered_amount", "paid_amount"}) {
    claim.set(name, std::int64_t{0});
  }
}

}  // namespace claimlake::serve
