#pragma once

#include "base/clock.h"
#include "records/book.h"
#include "records/entity.h"
#include "serve/form.h"

namespace claimlake::serve {

// What people enter, from the form into a record. Each takes down in the form what is wrong, and
// sets the columns that were given and are right; of a new one also those that have a default.

// `today` is the date in UTC: no place of the insured is ahead of it.
void enter_customer(Form& form, records::Record& customer, bool is_new, Date today);
void enter_pet(Form& form, records::Record& pet, bool is_new, Date today);
// Of new ones only: their terms do not change by an edit.
void enter_policy(Form& form, records::Record& policy, Date today);
void enter_claim(Form& form, records::Record& claim, Date today);

// What must be so among records: the customer is there, the pet is theirs, the policy covers the
// pet and is in force on the day. Takes down in the form what is not; to be called when the rest
// of it is good. `can_see` says whether a customer's records may be told of to the caller.
using CanSee = std::function<bool(const std::string& customer_id)>;
Done check_references(records::Transaction& all, Form& form, const records::Record& record,
                      const CanSee& can_see);

}  // namespace claimlake::serve
