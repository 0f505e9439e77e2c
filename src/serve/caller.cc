#include "serve/caller.h"

namespace claimlake::serve {

Caller caller_of(const govern::Caller& found) {
  if (found.by == govern::Caller::By::kOpenDoor) return {"local", {}};
  if (govern::is_staff(found.role)) return {found.user_id, {}};
  return {found.user_id, found.customer_id};
}

}  // namespace claimlake::serve
