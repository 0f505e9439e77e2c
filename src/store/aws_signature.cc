#include "store/aws_signature.h"

#include <fmt/format.h>

#include <map>

#include "base/text.h"
#include "store/digest.h"

namespace claimlake::store {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

// "20130524T000000Z"
std::string compact_time(Timestamp time) {
  std::string text = to_compact(time);  // "20130524000000"
  text.insert(8, "T");
  return text + "Z";
}

std::string signing_key(const std::string& secret, std::string_view day,
                        const AwsRequest& request) {
  const std::string day_key = hmac_sha256("AWS4" + secret, day);
  const std::string region_key = hmac_sha256(day_key, request.region);
  return hmac_sha256(hmac_sha256(region_key, request.service), "aws4_request");
}

}  // namespace

void sign_aws(const AwsRequest& request, const AwsCredentials& credentials, Timestamp now,
              net::Headers& headers) {
  const std::string time = compact_time(now);
  const std::string day = time.substr(0, 8);
  const std::string body_digest = to_hex(sha256(request.body));
  headers.add("Host", request.host);
  headers.add("x-amz-date", time);
  headers.add("x-amz-content-sha256", body_digest);
  if (!credentials.session_token.empty()) {
    headers.add("x-amz-security-token", credentials.session_token);
  }

  std::map<std::string, std::string> sorted;
  for (const auto& [name, value] : headers) sorted.emplace(to_lower(name), value);
  std::string lines;
  std::string names;
  for (const auto& [name, value] : sorted) {
    lines += name + ":" + value + "\n";
    names += (names.empty() ? "" : ";") + name;
  }
  const std::string canonical = fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, request.path,
                                            request.query, lines, names, body_digest);
  const std::string scope =
      fmt::format("{}/{}/{}/aws4_request", day, request.region, request.service);
  const std::string to_sign =
      fmt::format("{}\n{}\n{}\n{}", kAlgorithm, time, scope, to_hex(sha256(canonical)));
  const std::string signature =
      to_hex(hmac_sha256(signing_key(credentials.secret_access_key, day, request), to_sign));
  headers.add("Authorization",
              fmt::format("{} Credential={}/{},SignedHeaders={},Signature={}", kAlgorithm,
                          credentials.access_key_id, scope, names, signature));
}

}  // namespace claimlake::store
