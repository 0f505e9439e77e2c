#include "datagen/book.h"

#include <regex>
#include <set>

#include "datagen/raw_rows_for_test.h"

// Is the book plausible? Everything is computed here from the files, by the definitions of the
// product, not taken from the generator.

namespace claimlake::datagen {
namespace {

using Days = std::chrono::days;

Date end_of(const RawRow& policy) {
  return at(policy, "status") == "Cancelled" ? date(policy, "cancellation_date")
                                             : date(policy, "expiration_date");
}

double earned_premium(const RawRow& policy, Date as_of) {
  const Date from = date(policy, "effective_date");
  const auto term = (date(policy, "expiration_date") - from).count();
  const auto days = std::max<long>(0, (std::min(end_of(policy), as_of) - from).count());
  return static_cast<double>(cents(policy, "monthly_premium")) * 12 / 100 *
         static_cast<double>(days) / static_cast<double>(term);
}

double loss_ratio(const RawBook& book) {
  double earned = 0;
  double paid = 0;
  for (const RawRow& policy : book.policies) earned += earned_premium(policy, book.as_of);
  for (const auto& [id, claim] : newest(book.claims, "claim_id")) {
    paid += static_cast<double>(cents(claim, "paid_amount")) / 100;
  }
  return paid / earned * 100;
}

TEST(Book, loss_ratio_is_near_68_percent) {
  EXPECT_NEAR(loss_ratio(clean_book()), 68, 5);
  EXPECT_NEAR(loss_ratio(make_book({.scale = 2, .seed = 3})), 68, 4);
}

TEST(Book, meta_tells_the_loss_ratio_of_the_files) {
  const auto meta = nlohmann::json::parse(clean_book().files.at("meta.json"));

  EXPECT_EQ(meta["as_of"], "2025-12-22");
  EXPECT_NEAR(meta["loss_ratio_pct"].get<double>(), loss_ratio(clean_book()), 0.15);
}

TEST(Book, value_tiers_are_near_15_25_35_25) {
  const RawBook& book = clean_book();
  std::map<std::string, std::int64_t> premium;
  for (const RawRow& policy : book.policies) {
    const bool in_force = at(policy, "status") == "Active" &&
                          date(policy, "effective_date") <= book.as_of &&
                          book.as_of <= date(policy, "expiration_date");
    if (in_force) premium[at(policy, "customer_id")] += cents(policy, "monthly_premium") * 12;
  }
  std::map<std::string, double> tiers;
  const auto customers = newest(book.customers, "customer_id");
  for (const auto& [id, customer] : customers) {
    const std::int64_t amount = premium[id];
    const char* tier = amount > 1'000'00 ? "Platinum"
                       : amount > 500'00 ? "Gold"
                       : amount > 200'00 ? "Silver"
                                         : "Bronze";
    tiers[tier] += 100.0 / static_cast<double>(customers.size());
  }
  EXPECT_NEAR(tiers["Platinum"], 15, 1);
  EXPECT_NEAR(tiers["Gold"], 25, 1);
  EXPECT_NEAR(tiers["Silver"], 35, 1);
  EXPECT_NEAR(tiers["Bronze"], 25, 1);
}

TEST(Book, decisions_take_about_four_days) {
  double days = 0;
  double decided = 0;
  for (const auto& [id, claim] : newest(clean_book().claims, "claim_id")) {
    if (at(claim, "processing_days").empty()) continue;
    days += std::stod(at(claim, "processing_days"));
    ++decided;
  }
  EXPECT_NEAR(days / decided, 4, 0.3);
}

TEST(Book, terms_renew_without_a_gap) {
  std::map<std::string, std::vector<const RawRow*>> by_pet;
  for (const RawRow& policy : clean_book().policies) {
    by_pet[at(policy, "pet_id")].push_back(&policy);
  }
  int renewed = 0;
  for (const auto& [pet, terms] : by_pet) {
    ASSERT_LE(terms.size(), 2);
    if (terms.size() < 2) continue;
    const bool first_is_older = at(*terms[0], "effective_date") < at(*terms[1], "effective_date");
    const RawRow& first = *terms[first_is_older ? 0 : 1];
    const RawRow& second = *terms[first_is_older ? 1 : 0];
    EXPECT_EQ(at(first, "expiration_date"), at(second, "effective_date"));
    EXPECT_EQ(at(first, "plan_name"), at(second, "plan_name"));
    EXPECT_EQ(at(second, "renewal_count"), "1");
    ++renewed;
  }
  EXPECT_GT(renewed, 1'000);
}

TEST(Book, status_of_a_policy_agrees_with_its_dates) {
  const RawBook& book = clean_book();
  for (const RawRow& policy : book.policies) {
    const Date from = date(policy, "effective_date");
    const Date to = date(policy, "expiration_date");
    const std::string& status = at(policy, "status");
    EXPECT_EQ(to - from, Days(365));
    EXPECT_EQ(status == "Pending", from > book.as_of);
    EXPECT_EQ(status == "Cancelled", !at(policy, "cancellation_date").empty());
    if (status == "Active") {
      EXPECT_GT(to, book.as_of);
    }
    if (status == "Expired") {
      EXPECT_LE(to, book.as_of);
    }
    if (status == "Cancelled") {
      EXPECT_LT(end_of(policy), std::min(to, book.as_of));
    }
  }
}

TEST(Book, pets_are_older_than_their_policies) {
  const auto pets = newest(clean_book().pets, "pet_id");
  for (const auto& [id, pet] : pets) {
    EXPECT_LT(date(pet, "date_of_birth"), date(pet, "adoption_date"));
  }
  for (const RawRow& policy : clean_book().policies) {
    EXPECT_LT(date(pets.at(at(policy, "pet_id")), "adoption_date"), date(policy, "effective_date"));
  }
}

TEST(Book, claims_fall_inside_a_term_and_obey_waiting_and_cover) {
  const RawBook& book = clean_book();
  const auto policies = newest(book.policies, "policy_id");
  for (const RawRow& claim : book.claims) {
    const RawRow& policy = policies.at(at(claim, "policy_id"));
    const Date service = date(claim, "service_date");
    const Date submitted = date(claim, "submitted_date");
    EXPECT_GE(service, date(policy, "effective_date"));
    EXPECT_LT(service, end_of(policy));
    EXPECT_GT(submitted, service);
    EXPECT_LE(submitted, service + Days(14));
    EXPECT_LT(submitted, book.as_of);
    if (at(claim, "paid_amount") == "0.00") continue;
    EXPECT_GE(service,
              date(policy, "effective_date") + Days(std::stoi(at(policy, "waiting_period_days"))));
    if (at(claim, "claim_category") == "Dental") {
      EXPECT_EQ(at(policy, "includes_dental"), "True");
    }
    if (at(claim, "claim_category") == "Preventive") {
      EXPECT_EQ(at(policy, "includes_wellness"), "True");
    }
  }
}

TEST(Book, amounts_obey_the_plan) {
  const RawBook& book = clean_book();
  struct Term {
    std::int64_t deductible = 0, covered = 0;
  };
  std::map<std::string, Term> terms;
  for (const auto& [id, claim] : newest(book.claims, "claim_id")) {
    const std::int64_t amount = cents(claim, "claim_amount");
    const std::int64_t covered = cents(claim, "covered_amount");
    const std::int64_t paid = cents(claim, "paid_amount");
    const std::string& status = at(claim, "status");
    EXPECT_LE(0, paid);
    EXPECT_LE(paid, covered);
    EXPECT_LE(covered, amount);
    EXPECT_LT(0, amount);
    const bool decided = status != "Submitted" && status != "Under Review";
    EXPECT_EQ(decided, !at(claim, "processing_days").empty());
    EXPECT_EQ(status == "Denied", !at(claim, "denial_reason").empty());
    if (!decided || status == "Denied") {
      EXPECT_EQ(covered, 0);
    }
    if (status == "Partially Approved") {
      EXPECT_LT(paid, covered);
    }
    if (status == "Paid") {
      EXPECT_EQ(paid, covered);
    }
    terms[at(claim, "policy_id")].deductible += cents(claim, "deductible_applied");
    terms[at(claim, "policy_id")].covered += covered;
  }
  for (const RawRow& policy : book.policies) {
    const Term& term = terms[at(policy, "policy_id")];
    EXPECT_LE(term.deductible, std::stoll(at(policy, "annual_deductible")) * 100);
    EXPECT_LE(term.covered, std::stoll(at(policy, "coverage_limit")) * 100);
  }
}

TEST(Book, the_business_grows_over_24_months_and_summer_is_busy) {
  const RawBook& book = clean_book();
  std::map<std::string, int> by_month;
  for (const auto& [id, claim] : newest(book.claims, "claim_id")) {
    ++by_month[at(claim, "service_date").substr(0, 7)];
  }
  int first_year = 0;
  int second_year = 0;
  for (const auto& [month, claims] : by_month)
    (month < "2025-01" ? first_year : second_year) += claims;
  EXPECT_EQ(by_month.begin()->first.substr(0, 4), "2023");
  EXPECT_GT(second_year, 2 * first_year);

  // Seasons show against exposure: claims per policy-day in summer and in winter.
  std::map<std::string, double> exposure;
  for (const RawRow& policy : book.policies) {
    for (Date day = date(policy, "effective_date"); day < std::min(end_of(policy), book.as_of);
         day += Days(1)) {
      ++exposure[to_text(day).substr(0, 7)];
    }
  }
  const auto rate = [&](const char* month) { return by_month[month] / exposure[month]; };
  EXPECT_GT(rate("2025-06") + rate("2025-07"), 1.1 * (rate("2025-01") + rate("2025-02")));
}

TEST(Book, age_and_breed_drive_claims) {
  const RawBook& book = clean_book();
  const auto pets = newest(book.pets, "pet_id");
  struct Group {
    double policies = 0, claims = 0, amount = 0;
    double frequency() const { return claims / policies; }
    double severity() const { return amount / claims; }
  };
  std::map<std::string, Group> groups;
  const auto names_of = [&](const RawRow& pet, Date on) {
    const auto years = (on - date(pet, "date_of_birth")).count() / 365;
    return std::array<std::string, 3>{years >= 8   ? "old"
                                      : years >= 2 ? "adult"
                                                   : "young",
                                      at(pet, "breed"), at(pet, "species")};
  };
  const auto policies = newest(book.policies, "policy_id");
  for (const auto& [id, policy] : policies) {
    for (const auto& name :
         names_of(pets.at(at(policy, "pet_id")), date(policy, "effective_date"))) {
      ++groups[name].policies;
    }
  }
  for (const auto& [id, claim] : newest(book.claims, "claim_id")) {
    const RawRow& policy = policies.at(at(claim, "policy_id"));
    for (const auto& name :
         names_of(pets.at(at(claim, "pet_id")), date(policy, "effective_date"))) {
      ++groups[name].claims;
      groups[name].amount += static_cast<double>(cents(claim, "claim_amount"));
    }
  }

  EXPECT_GT(groups["old"].frequency(), 1.2 * groups["adult"].frequency());
  EXPECT_GT(groups["old"].severity(), 1.2 * groups["adult"].severity());
  EXPECT_GT(groups["French Bulldog"].frequency(), 1.1 * groups["Mixed Breed"].frequency());
  EXPECT_GT(groups["Dog"].frequency(), groups["Bird"].frequency());
}

TEST(Book, contacts_have_the_promised_form) {
  const std::regex email("^[a-z0-9._%+-]+@[a-z0-9.-]+\\.[a-z]{2,}$");
  const std::regex phone("^\\([2-9][0-9]{2}\\) [2-9][0-9]{2}-[0-9]{4}$");
  const std::regex zip("^[0-9]{5}$");
  const RawBook& book = clean_book();
  std::set<std::string> emails;
  for (const auto* rows : {&book.customers, &book.vet_providers}) {
    for (const RawRow& row : *rows) {
      EXPECT_TRUE(std::regex_match(at(row, "email"), email)) << at(row, "email");
      EXPECT_TRUE(std::regex_match(at(row, "phone"), phone)) << at(row, "phone");
      EXPECT_TRUE(std::regex_match(at(row, "zip_code"), zip));
      EXPECT_TRUE(emails.insert(at(row, "email")).second);
    }
  }
}

TEST(Book, nothing_happens_on_or_after_the_as_of_date) {
  const RawBook& book = clean_book();
  const std::string as_of = to_text(book.as_of);
  for (const auto* rows : {&book.customers, &book.pets, &book.policies, &book.claims}) {
    for (const RawRow& row : *rows) {
      EXPECT_LT(at(row, "updated_at"), as_of);
      EXPECT_LE(at(row, "created_at"), at(row, "updated_at"));
    }
  }
}

}  // namespace
}  // namespace claimlake::datagen
