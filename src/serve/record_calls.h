#pragma once

#include <functional>
#include <map>
#include <string>

#include "net/http_message.h"
#include "records/book.h"
#include "records/records.h"
#include "serve/caller.h"
#include "serve/contract.h"
#include "serve/form.h"

namespace claimlake::serve {

// The calls of the contract that enter and read customers, pets, policies and claims, from the
// operational store: what a client has written it reads at once. Thread-safe.
class RecordCalls {
 public:
  // `records` may be null: every call then says that there is no such store. Both outlive this.
  RecordCalls(records::Records* records, const Clock& clock);

  bool has(const Operation& operation) const { return calls_.contains(operation.id); }
  net::Response answer(const Operation& operation, const Parameters& parameters,
                       const net::Request& request, const Caller& caller) const;

 private:
  struct Asked {
    const Parameters& parameters;
    const net::Request& request;
    const Caller& caller;
  };
  using Call = std::function<net::Response(const Asked&)>;

  net::Response create(const records::Entity& entity, const Asked& asked) const;
  Result<net::Response> keep(records::Transaction& all, Form form, records::Record record,
                             const Asked& asked) const;
  net::Response change(const records::Entity& entity, const Asked& asked) const;
  net::Response read(const records::Entity& entity, const Asked& asked) const;
  net::Response list(const records::Entity& entity, const Asked& asked) const;
  net::Response claim_status(const Asked& asked) const;
  net::Response list_plans() const;

  Date today() const;
  void enter(Form& form, records::Record& record, bool is_new) const;

  records::Records* const records_;
  const Clock& clock_;
  const std::map<std::string, Call> calls_;  // by operation id
};

}  // namespace claimlake::serve
