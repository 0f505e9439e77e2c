#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "net/web_client.h"
#include "store/store.h"

namespace claimlake::store {

// One request to a service, before it is signed.
struct Call {
  enum class Kind { kRead, kHead, kList, kWrite, kRemove };

  Kind kind = Kind::kRead;
  std::string method;
  std::string key;  // of the object in its bucket; "" is the bucket itself
  std::vector<std::pair<std::string, std::string>> query = {};  // not escaped
  net::Headers headers = {};
  std::string_view body = {};  // outlives the call
  std::string own_body = {};   // instead of `body`, for a small one made for this call

  std::string_view bytes() const { return own_body.empty() ? body : std::string_view(own_body); }
  bool changes() const { return kind == Kind::kWrite || kind == Kind::kRemove; }
};

// What an answer means to us.
enum class Verdict {
  kGood,
  kAbsent,        // there is no such object
  kExists,        // put only if absent: another object holds the name
  kChanged,       // the object is not the one any more that was opened
  kNoSuchUpload,  // the upload in parts is not known (any more)
  kTryAgain,      // the service is busy or failed: the same may work later
  kRenew,         // the credentials have expired: others may work
  kFailed,        // it will not work; the error says why and what to do
};

struct Judgement {
  Verdict verdict = Verdict::kGood;
  Error error = {Fault::kUnavailable, ""};  // of kTryAgain, kRenew and kFailed
};

struct ListRequest {
  std::string prefix;       // of keys
  bool one_folder = false;  // what is below the next '/' appears as a folder only
  std::string start_after;  // keys up to and with this one need not be listed
  std::string next;         // of the page before; "" for the first
};

struct Listing {
  std::vector<ObjectInfo> objects;   // `path` is the key
  std::vector<std::string> folders;  // prefixes of keys that end with '/'
  std::string next;                  // "" at the end
};

// What differs between Amazon's and Azure's services: the form of requests and answers, and who we
// are. It sends nothing but what credentials need. Thread-safe.
class ObjectService {
 public:
  virtual ~ObjectService() = default;

  // The request for `call`, signed now. Errors: kInvalidInput, kUnavailable (no credentials).
  virtual Result<net::WebRequest> sign(const Call& call) = 0;
  // After kRenew: the next sign() finds out anew who we are.
  virtual void forget_credentials() = 0;
  virtual Judgement judge(const Call& call, const net::Response& answer) const = 0;

  virtual Call put(std::string key, std::string_view bytes, bool only_if_absent) const = 0;
  virtual Call list(const ListRequest& request) const = 0;
  virtual Result<Listing> parse_list(std::string_view answer) const = 0;
  // The digest of the whole object in the answer to a read of all of it agrees with the bytes, or
  // there is none.
  virtual bool is_intact(const net::Response& answer) const = 0;

  // Whether "bytes=-100" asks for the last 100 bytes.
  virtual bool reads_from_end() const = 0;
  // Whether removing an absent object is answered as such.
  virtual bool reports_removal_of_absent() const = 0;
  // Whether the service is known to write only if absent when it is asked to.
  virtual bool is_known_to_put_if_absent() const = 0;

  // An upload in parts, numbered from 1. `mark` is a text of ours that tells it from others.
  // Absent: the service needs no begin or end of it.
  virtual std::optional<Call> begin_upload(std::string key, const std::string& mark) const = 0;
  virtual Result<std::string> parse_upload(std::string_view answer) const = 0;
  virtual Call put_part(std::string key, const std::string& upload, int number,
                        std::string_view bytes) const = 0;
  virtual std::string part_tag(int number, const net::Response& answer) const = 0;
  virtual Call finish_upload(std::string key, const std::string& upload,
                             const std::vector<std::string>& tags) const = 0;
  virtual std::optional<Call> abort_upload(std::string key, const std::string& upload) const = 0;
  // Whether the object that this answer to HEAD describes came by the upload with `mark`.
  virtual bool is_of_upload(const net::Response& head, const std::string& mark) const = 0;
};

// "Wed, 21 Oct 2015 07:28:00 GMT", the form of time in HTTP, and back. Errors: kCorrupt.
std::string to_http_date(Timestamp time);
Result<Timestamp> parse_http_date(std::string_view text);

// `key` escaped for a URL; '/' stands as it is.
std::string encode_key(std::string_view key);
// "a=1&b=%2F" in the order of names.
std::string encode_query(std::vector<std::pair<std::string, std::string>> query);

}  // namespace claimlake::store
