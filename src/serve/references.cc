#include "base/text.h"
#include "serve/entry.h"

namespace claimlake::serve {
namespace {

using records::Record;

void refuse_unknown(Form& form, const std::string& field, const std::string& what,
                    const std::string& id) {
  form.refuse(field, "There is no " + what + " '" + excerpt(id) + "'",
              "See GET /api/" + std::string(what == "policy" ? "policies" : what + "s") +
                  " for what there is.");
}

// The record that `field` names, if it is there and this caller may know of it.
Result<std::optional<Record>> named(records::Transaction& all, Form& form,
                                    const records::Entity& entity, const Record& by,
                                    const CanSee& can_see) {
  const std::string id = by.text(entity.key);
  TRY(auto found, records::find(all, entity, id));
  if (found && !can_see(found->text("customer_id"))) found.reset();
  if (!found) refuse_unknown(form, entity.key, entity.name, id);
  return found;
}

void check_policy(Form& form, const Record& claim, const Record& policy) {
  if (policy.text("pet_id") != claim.text("pet_id")) {
    form.refuse("policy_id", "The policy covers another pet", "Name the policy of this pet.");
    return;
  }
  // Days as YYYY-MM-DD are in order as texts.
  const std::string day = claim.text("service_date");
  const std::string from = policy.text("effective_date");
  std::string to = policy.text("expiration_date");
  const std::string cancelled = policy.text("cancellation_date");
  if (!cancelled.empty() && cancelled < to) to = cancelled;
  if (policy.text("status") == "Pending") {
    form.refuse("policy_id", "The policy is not in force yet", "Claim when it is.");
  } else if (day < from || day > to) {
    form.refuse("service_date",
                "The policy was not in force on " + day + ": it is from " + from + " to " + to,
                "Name the policy that was in force then.");
  }
}

}  // namespace

Done check_references(records::Transaction& all, Form& form, const Record& record,
                      const CanSee& can_see) {
  const records::Entity& entity = record.entity();
  TRY(const auto customer, named(all, form, records::customers(), record, can_see));
  if (!customer || entity.name == "pet") return done();
  TRY(const auto pet, named(all, form, records::pets(), record, can_see));
  if (!pet) return done();
  if (pet->text("customer_id") != record.text("customer_id")) {
    form.refuse("pet_id", "The pet belongs to another customer", "Name a pet of this customer.");
    return done();
  }
  if (entity.name == "policy") {
    if (pet->whole("is_active") == 0) {
      form.refuse("pet_id", "The pet is not active", "Name another pet.");
    }
    return done();
  }
  if (record.text("service_date") < pet->text("date_of_birth")) {
    form.refuse("service_date", "The pet was born after that day", "Correct one of the two.");
  }
  TRY(const auto policy, named(all, form, records::policies(), record, can_see));
  if (policy) check_policy(form, record, *policy);
  return done();
}

}  // namespace claimlake::serve
