#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/guarded.h"
#include "net/web_client.h"
#include "store/object_service.h"
#include "store/store_settings.h"

namespace claimlake::store {

// Requests that were sent since the store was opened, repeated ones counted again.
struct RequestCounts {
  std::int64_t reads = 0;
  std::int64_t heads = 0;
  std::int64_t lists = 0;
  std::int64_t writes = 0;
  std::int64_t removes = 0;
  std::int64_t repeated = 0;  // of all the above
  std::int64_t bytes_read = 0;
  std::int64_t bytes_written = 0;

  std::int64_t all() const { return reads + heads + lists + writes + removes; }
};

struct Answer {
  Verdict verdict = Verdict::kGood;  // kGood, kAbsent, kExists, kChanged or kNoSuchUpload
  net::Response response;
  // An earlier attempt of the same call got no clear answer: what this one met may be its own work.
  bool maybe_done_before = false;
  bool cut = false;  // of a read: the body is only the beginning
};

// Sends calls to a service, again where that may help: after an exponentially growing time with
// jitter, or as long as the service asks for, and within a budget of time. Thread-safe.
class Courier {
 public:
  Courier(std::unique_ptr<ObjectService> service, const StoreContext& context,
          net::WebClientOptions options);

  // `what` names it for messages: "read 's3://bucket/x'". Errors: kTimeout (of a call that changes
  // something: it may have happened), kUnavailable (it has not), kCancelled, kInvalidInput.
  Result<Answer> send(const Call& call, const std::string& what) const;

  const ObjectService& service() const { return *service_; }
  RequestCounts counts() const;
  Random& random() const { return random_; }

 private:
  struct Attempts;
  // The answer, or nothing if the call is to be sent again.
  Result<std::optional<Answer>> judge(const Call& call, net::WebAnswer answer,
                                      Attempts& attempts) const;
  Done wait(const Call& call, Attempts& attempts) const;
  void count(const Call& call, const net::WebAnswer& answer, bool repeated) const;

  const std::unique_ptr<ObjectService> service_;
  const Clock& clock_;
  Random& random_;
  const Wait wait_;
  const std::chrono::seconds budget_;
  const net::WebClient client_;
  mutable Guarded<RequestCounts> counts_;
};

}  // namespace claimlake::store
