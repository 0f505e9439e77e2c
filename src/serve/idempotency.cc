#include "serve/idempotency.h"

#include <algorithm>

#include "store/digest.h"

namespace claimlake::serve {
namespace {

constexpr std::size_t kKeyMax = 200;

}  // namespace

std::variant<Idempotency, Problem> Idempotency::of(const net::Request& request,
                                                   const Caller& caller) {
  Idempotency made;
  if (!request.headers.has("Idempotency-Key")) return made;
  made.key_ = request.headers.get("Idempotency-Key");
  const bool is_plain =
      std::all_of(made.key_.begin(), made.key_.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (made.key_.empty() || made.key_.size() > kKeyMax || !is_plain) {
    return invalid_parameter("Idempotency-Key", "The Idempotency-Key is no key",
                             "Send 1 to 200 visible ASCII characters, such as a UUID.");
  }
  made.caller_ = caller.user_id;
  made.digest_ =
      store::to_hex(store::sha256(request.method + "\n" + request.path + "\n" + request.body));
  return made;
}

Result<std::optional<net::Response>> Idempotency::answered(records::Transaction& all,
                                                           const net::Request& request) const {
  if (key_.empty()) return std::optional<net::Response>();
  TRY(const auto rows, all.run("SELECT request_digest, status, location, etag, body FROM "
                               "idempotency_keys WHERE caller = $1 AND key = $2",
                               {caller_, key_}));
  if (rows.empty()) return std::optional<net::Response>();
  const auto& row = rows[0];
  if (records::text(row[0]) != digest_) {
    return std::optional(
        to_response({409, "conflict", "This Idempotency-Key was sent with another body before.",
                     "Send a new key with a new body.", "Idempotency-Key"},
                    request.path));
  }
  net::Response response;
  response.status = static_cast<int>(records::whole(row[1]));
  response.headers.add("Content-Type", "application/json");
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("Location", records::text(row[2]));
  response.headers.add("ETag", records::text(row[3]));
  response.headers.add("Idempotency-Replayed", "true");
  response.body = records::text(row[4]);
  return std::optional(std::move(response));
}

Done Idempotency::keep(records::Transaction& all, const net::Response& response,
                       std::int64_t now) const {
  if (key_.empty()) return done();
  TRY_DONE(all.run(
      "INSERT INTO idempotency_keys (caller, key, request_digest, status, location, etag, body, "
      "created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
      {caller_, key_, digest_, std::int64_t{response.status},
       std::string(response.headers.get("Location")), std::string(response.headers.get("ETag")),
       response.body, now}));
  return done();
}

}  // namespace claimlake::serve
