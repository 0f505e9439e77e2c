#include "new_claims.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace claimlake::bench {

Result<std::vector<Policy>> policies(engine::Engine& engine, int count) {
  TRY(const auto session, engine.session({}));
  TRY(const auto rows,
      session->query(fmt::format(
          "SELECT p.policy_id, p.pet_id, p.customer_id, v.provider_id FROM (SELECT *, row_number() "
          "OVER (ORDER BY hash(policy_id)) AS n FROM silver.dim_policies) AS p JOIN (SELECT "
          "provider_id, row_number() OVER (ORDER BY hash(provider_id)) AS n, count(*) OVER () AS "
          "all_of FROM silver.dim_vet_providers) AS v ON v.n = p.n % v.all_of + 1 ORDER BY p.n "
          "LIMIT {}",
          count)));
  TRY(const auto table, engine::read_all(*rows, static_cast<std::size_t>(count)));
  std::vector<Policy> out;
  for (const auto& row : table.rows) {
    out.push_back(
        {row[0].value_or(""), row[1].value_or(""), row[2].value_or(""), row[3].value_or("")});
  }
  if (out.empty()) {
    return Error{Fault::kInvalidInput, "silver.dim_policies holds no policy", "",
                 "make the lake with claimlake demo --no-serve"};
  }
  return out;
}

std::string claim_text(const std::string& id, const Policy& of, const std::string& day) {
  return fmt::format(
      R"({{"claim_id":"{0}","claim_number":"{0}","policy_id":"{1}","pet_id":"{2}","customer_id":"{3}","provider_id":"{4}","claim_type":"Accident","claim_category":"Illness","service_date":"{5}","submitted_date":"{5}","claim_amount":321.45,"deductible_applied":0.00,"covered_amount":300.00,"paid_amount":240.00,"status":"Paid","denial_reason":null,"processing_days":2,"diagnosis_code":"A1","treatment_notes":"","invoice_number":"I1","is_emergency":false,"is_recurring":false,"created_at":"{5}T10:00:00","updated_at":"{5}T10:00:00"}})"
      "\n",
      id, of.policy, of.pet, of.customer, of.provider, day);
}

double at(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1,
                         static_cast<std::size_t>(share * static_cast<double>(values.size())))];
}

std::int64_t resident_bytes() {
  std::int64_t all = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

double processor_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

}  // namespace claimlake::bench
