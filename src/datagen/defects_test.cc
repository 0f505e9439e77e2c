#include "datagen/defects.h"

#include <fstream>
#include <functional>
#include <regex>
#include <set>
#include <sstream>

#include "datagen/raw_rows_for_test.h"

// The answer key against the files: each rule of docs/reference/pet_defects.md is written down here
// once more, in plain C++, and applied to every line. What breaks must be what defects.csv says.

namespace claimlake::datagen {
namespace {

using Rule = std::function<bool(const RawRow&)>;  // true: the row keeps it
using Rules = std::map<std::string, Rule>;
using Broken = std::set<std::tuple<std::string, std::size_t, std::string>>;  // file, line, rule

Rule one_of(std::string column, std::set<std::string> values) {
  return [=](const RawRow& row) { return values.contains(at(row, column)); };
}
Rule like(std::string column, const char* pattern) {
  return [column, regex = std::regex(pattern)](const RawRow& row) {
    return std::regex_match(at(row, column), regex);
  };
}
Rule present(std::string column) {
  return [=](const RawRow& row) { return !at(row, column).empty(); };
}
Rule dated(std::string column) {
  return [=](const RawRow& row) { return is_date(at(row, column)); };
}
// Holds also where one of the two is no date: another rule says that.
Rule ordered(std::string first, std::string second, int least_days, int most_days = 1 << 20) {
  return [=](const RawRow& row) {
    if (!is_date(at(row, first)) || !is_date(at(row, second))) return true;
    const auto days = (*parse_date(at(row, second)) - *parse_date(at(row, first))).count();
    return days >= least_days && days <= most_days;
  };
}
Rule between(std::string column, double low, double high) {
  return [=](const RawRow& row) {
    const std::string& text = at(row, column);
    return text.empty() || text[0] == 'a' || (std::stod(text) >= low && std::stod(text) <= high);
  };
}
Rule not_above(std::string small, std::string large) {
  return [=](const RawRow& row) {
    return at(row, large)[0] == 'a' || cents(row, small) <= cents(row, large);
  };
}

constexpr const char* kEmail = "[a-z0-9._%+-]+@[a-z0-9.-]+\\.[a-z]{2,}";
constexpr const char* kPhone = "\\([0-9]{3}\\) [0-9]{3}-[0-9]{4}";
const std::set<std::string> kStates = {"TX", "IL", "MA", "NJ", "CO", "WA", "OR", "FL", "GA",
                                       "AZ", "OH", "MI", "NY", "NC", "CA", "MN", "TN"};

class Checker {
 public:
  explicit Checker(const RawBook& book) : book_(book) {
    for (const auto& [rows, key] :
         {std::pair(&book.customers, "customer_id"), std::pair(&book.pets, "pet_id"),
          std::pair(&book.policies, "policy_id"), std::pair(&book.vet_providers, "provider_id")}) {
      for (const RawRow& row : *rows) {
        if (!row.empty()) rows_[key].emplace(at(row, key), &row);
      }
    }
    as_of_ = to_text(book.as_of);
  }

  Broken broken() const {
    Broken result;
    apply("customers.csv", 2, customer_rules(), result);
    apply("pets.csv", 2, pet_rules(), result);
    apply("policies.csv", 2, policy_rules(), result);
    apply("vet_providers.csv", 2, provider_rules(), result);
    apply("claims.jsonl", 1, claim_rules(), result);
    return result;
  }

 private:
  void apply(const std::string& file, std::size_t first_line, const Rules& rules,
             Broken& broken) const {
    const auto& rows = book_.rows(file);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows[i].empty()) {
        broken.emplace(file, first_line + i, "record_valid");
        continue;
      }
      for (const auto& [name, rule] : rules) {
        if (!rule(rows[i])) broken.emplace(file, first_line + i, name);
      }
    }
  }

  Rule exists(std::string column) const {
    return [this, column](const RawRow& row) { return rows_.at(column).contains(at(row, column)); };
  }
  // Holds if the row that `column` names is not there: another rule says that.
  Rule with(std::string column, std::function<bool(const RawRow&, const RawRow&)> rule) const {
    return [=, this](const RawRow& row) {
      const auto found = rows_.at(column).find(at(row, column));
      return found == rows_.at(column).end() || rule(row, *found->second);
    };
  }

  Rules customer_rules() const {
    return {
        {"email_format", like("email", kEmail)},
        {"phone_format", like("phone", kPhone)},
        {"state_known", one_of("state", kStates)},
        {"zip_format", like("zip_code", "[0-9]{5}")},
        {"birth_in_past", [this](const RawRow& row) { return at(row, "date_of_birth") < as_of_; }},
        {"date_of_birth_valid", dated("date_of_birth")},
        {"contact_known", one_of("preferred_contact", {"Email", "Phone", "SMS"})},
        {"customer_id_present", present("customer_id")}};
  }
  Rules pet_rules() const {
    return {{"species_known", one_of("species", {"Dog", "Cat", "Bird", "Exotic"})},
            {"gender_known", one_of("gender", {"Male", "Female"})},
            {"weight_positive", between("weight_lbs", 0.1, 250)},
            {"born_before_adoption", ordered("date_of_birth", "adoption_date", 0)},
            {"adoption_date_valid", dated("adoption_date")},
            {"pet_id_present", present("pet_id")},
            {"customer_exists", exists("customer_id")}};
  }
  Rules policy_rules() const {
    return {{"plan_known", one_of("plan_name", {"Basic", "Standard", "Premium", "Unlimited"})},
            {"status_known", one_of("status", {"Active", "Cancelled", "Expired", "Pending"})},
            {"premium_positive", between("monthly_premium", 5, 200)},
            {"reimbursement_in_range", between("reimbursement_percentage", 0, 100)},
            {"term_ordered", ordered("effective_date", "expiration_date", 1)},
            {"effective_date_valid", dated("effective_date")},
            {"policy_id_present", present("policy_id")},
            {"customer_exists", exists("customer_id")},
            {"pet_exists", exists("pet_id")},
            {"pet_born_before_policy", with("pet_id", [](const RawRow& policy, const RawRow& pet) {
               return !is_date(at(policy, "effective_date")) ||
                      at(pet, "date_of_birth") <= at(policy, "effective_date");
             })}};
  }
  Rules provider_rules() const {
    return {
        {"email_format", like("email", kEmail)},
        {"phone_format", like("phone", kPhone)},
        {"state_known", one_of("state", kStates)},
        {"provider_type_known", one_of("provider_type", {"General Practice", "Emergency Hospital",
                                                         "Specialty Clinic", "Mobile Vet"})},
        {"rating_in_range", between("average_rating", 0, 5)},
        {"provider_id_present", present("provider_id")}};
  }
  Rules claim_rules() const {
    return {
        {"claim_id_present", present("claim_id")},
        {"policy_exists", exists("policy_id")},
        {"pet_exists", exists("pet_id")},
        {"customer_exists", exists("customer_id")},
        {"provider_exists", exists("provider_id")},
        {"amount_positive", between("claim_amount", 0.01, 45'000)},
        {"amount_present", [](const RawRow& row) { return at(row, "claim_amount")[0] != 'a'; }},
        {"status_known", one_of("status", {"Submitted", "Under Review", "Approved",
                                           "Partially Approved", "Denied", "Paid"})},
        {"category_known", one_of("claim_category", {"Preventive", "Dental", "Surgery", "Emergency",
                                                     "Diagnostic", "Illness", "Chronic"})},
        {"paid_le_claimed", not_above("paid_amount", "claim_amount")},
        {"paid_le_covered", not_above("paid_amount", "covered_amount")},
        {"covered_le_claimed", not_above("covered_amount", "claim_amount")},
        {"denied_pays_nothing",
         [](const RawRow& row) {
           return at(row, "status") != "Denied" || cents(row, "paid_amount") == 0;
         }},
        {"processing_days_in_range", between("processing_days", 0, 30)},
        {"submitted_after_service", ordered("service_date", "submitted_date", 0)},
        {"submitted_in_time", ordered("service_date", "submitted_date", -(1 << 20), 180)},
        {"service_date_valid", dated("service_date")},
        {"service_in_term",
         with("policy_id",
              [](const RawRow& claim, const RawRow& policy) {
                const bool cancelled = !at(policy, "cancellation_date").empty();
                const auto& service = at(claim, "service_date");
                const auto& end = at(policy, cancelled ? "cancellation_date" : "expiration_date");
                return !is_date(service) ||
                       (at(policy, "effective_date") <= service && service <= end);
              })},
        {"service_after_birth", with("pet_id",
                                     [](const RawRow& claim, const RawRow& pet) {
                                       const auto& service = at(claim, "service_date");
                                       return !is_date(service) ||
                                              !is_date(at(pet, "date_of_birth")) ||
                                              at(pet, "date_of_birth") <= service;
                                     })},
        {"pet_of_policy", with("policy_id", [this](const RawRow& claim, const RawRow& policy) {
           return !rows_.at("pet_id").contains(at(claim, "pet_id")) ||
                  at(claim, "pet_id") == at(policy, "pet_id");
         })}};
  }

  const RawBook& book_;
  std::map<std::string, std::map<std::string, const RawRow*>> rows_;  // by key column and key
  std::string as_of_;
};

struct KeyLine {
  std::string file;
  std::size_t line;
  std::string key, defect, rule, action;
};

std::vector<KeyLine> answer_key(const RawBook& book) {
  std::vector<KeyLine> result;
  const auto lines = split(book.files.at("defects.csv"), '\n');
  EXPECT_EQ(lines[0], "file,line,key,defect,expected_rule,expected_action");
  for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
    const auto fields = split(lines[i], ',');
    EXPECT_EQ(fields.size(), 6) << lines[i];
    result.push_back(
        {fields[0], std::stoul(fields[1]), fields[2], fields[3], fields[4], fields[5]});
  }
  return result;
}

const RawBook& dirty_book() {
  static const RawBook book = make_book({.dirty = 0.05});
  return book;
}

TEST(Defects, clean_data_breaks_no_rule) {
  const RawBook book = make_book({.seed = 11});

  const Broken broken = Checker(book).broken();

  EXPECT_TRUE(broken.empty()) << std::get<0>(*broken.begin()) << ':' << std::get<1>(*broken.begin())
                              << ' ' << std::get<2>(*broken.begin());
}

TEST(Defects, what_breaks_is_what_the_answer_key_says) {
  Broken expected;
  for (const KeyLine& line : answer_key(dirty_book())) {
    if (!line.rule.empty()) expected.emplace(line.file, line.line, line.rule);
  }

  const Broken broken = Checker(dirty_book()).broken();

  for (const auto& [file, line, rule] : expected) {
    EXPECT_TRUE(broken.contains({file, line, rule})) << file << ':' << line << " keeps " << rule;
  }
  for (const auto& [file, line, rule] : broken) {
    // A negative amount is below what is covered and paid, even if that is nothing.
    const bool by_negative_amount = expected.contains({file, line, "amount_positive"});
    EXPECT_TRUE(by_negative_amount || expected.contains({file, line, rule}))
        << file << ':' << line << " breaks " << rule;
  }
}

TEST(Defects, every_kind_is_planted_and_named_by_its_line) {
  std::set<std::pair<std::string, std::string>> planted;
  for (const KeyLine& line : answer_key(dirty_book())) {
    planted.emplace(line.file, line.defect);
    const auto& rows = dirty_book().rows(line.file);
    const std::size_t row = line.line - (line.file == "claims.jsonl" ? 1 : 2);
    ASSERT_LT(row, rows.size());
    if (rows[row].empty()) continue;
    const char* key = line.file == "customers.csv"       ? "customer_id"
                      : line.file == "pets.csv"          ? "pet_id"
                      : line.file == "policies.csv"      ? "policy_id"
                      : line.file == "vet_providers.csv" ? "provider_id"
                                                         : "claim_id";
    EXPECT_EQ(at(rows[row], key), line.key);
  }

  for (const RawTable table : kRawTables) {
    for (const DefectKind& kind : defect_kinds(table)) {
      EXPECT_TRUE(planted.contains({std::string(file_name(table)), std::string(kind.name)}))
          << file_name(table) << ' ' << kind.name;
    }
  }
}

TEST(Defects, the_share_of_defects_is_the_one_asked_for) {
  std::size_t planted = 0;
  std::set<std::pair<std::string, std::size_t>> lines;
  for (const KeyLine& line : answer_key(dirty_book())) {
    if (line.defect != "older_version") planted += lines.emplace(line.file, line.line).second;
  }
  EXPECT_NEAR(static_cast<double>(planted), 0.05 * 32'700, 0.05 * 32'700 * 0.15);
}

TEST(Defects, versions_come_as_the_answer_key_says) {
  const auto& claims = dirty_book().claims;
  std::map<std::string, std::vector<std::size_t>> lines;
  for (std::size_t i = 0; i < claims.size(); ++i) {
    if (!claims[i].empty()) lines[at(claims[i], "claim_id")].push_back(i);
  }
  std::set<std::size_t> superseded;
  for (const KeyLine& line : answer_key(dirty_book())) {
    if (line.file != "claims.jsonl" || line.action != "superseded") continue;
    superseded.insert(line.line - 1);
    const auto& both = lines.at(line.key);
    ASSERT_EQ(both.size(), 2) << line.defect;
    const RawRow& here = claims[line.line - 1];
    const RawRow& other = claims[both[both[0] == line.line - 1 ? 1 : 0]];
    if (line.defect == "exact_duplicate") {
      EXPECT_EQ(here, other);
    } else {
      EXPECT_LT(at(here, "updated_at"), at(other, "updated_at"));
    }
  }
  for (const auto& [key, both] : lines) {
    if (both.size() < 2 || key.empty()) continue;
    EXPECT_TRUE(superseded.contains(both[0]) || superseded.contains(both[1])) << key;
  }
}

TEST(Defects, the_reference_page_lists_every_kind) {
  std::ifstream page(std::string(CLAIMLAKE_SOURCE_DIR) + "/docs/reference/pet_defects.md");
  std::stringstream text;
  text << page.rdbuf();
  ASSERT_FALSE(text.str().empty());

  for (const RawTable table : kRawTables) {
    for (const DefectKind& kind : defect_kinds(table)) {
      EXPECT_NE(text.str().find('`' + std::string(kind.name) + '`'), std::string::npos)
          << kind.name;
      for (const auto rule : kind.rules) {
        EXPECT_NE(text.str().find('`' + std::string(rule) + '`'), std::string::npos) << rule;
      }
    }
  }
}

}  // namespace
}  // namespace claimlake::datagen
