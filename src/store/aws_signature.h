#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "net/web_client.h"

namespace claimlake::store {

struct AwsCredentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;  // "" for lasting credentials
};

// What of a request is signed.
struct AwsRequest {
  std::string method;
  std::string host;   // with the port unless it is the scheme's own
  std::string path;   // escaped, from '/'
  std::string query;  // escaped and sorted, without '?'
  std::string_view body;
  std::string region;
  std::string service = "s3";
};

// Adds to `headers` what makes the request one of `credentials` at the time `now`: Host, the time,
// the digest of the body, the session token and the signature over all of these and over the
// headers that were there. AWS Signature Version 4, in its form for S3: the path is escaped once.
// Source: "Authenticating Requests: Using the Authorization Header", Amazon S3 API reference.
void sign_aws(const AwsRequest& request, const AwsCredentials& credentials, Timestamp now,
              net::Headers& headers);

}  // namespace claimlake::store
