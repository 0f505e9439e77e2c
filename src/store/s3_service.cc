#include "store/s3_service.h"

#include <fmt/format.h>

#include "store/digest.h"
#include "store/endpoint.h"
#include "store/s3_answers.h"

namespace claimlake::store {
namespace {

constexpr const char* kMark = "x-amz-meta-claimlake-upload";
constexpr const char* kDigest = "x-amz-checksum-sha256";

struct Meaning {
  std::string_view code;
  Verdict verdict;
  std::string_view why;
  std::string_view next;
};

constexpr std::string_view kNextKeys =
    "check which credentials are used (docs/reference/stores.md names the places in their order) "
    "and that they belong to this service";

constexpr Meaning kMeanings[] = {
    {"NoSuchKey", Verdict::kAbsent, "", ""},
    {"NoSuchUpload", Verdict::kNoSuchUpload, "", ""},
    {"NoSuchBucket", Verdict::kFailed, "the bucket does not exist",
     "check its name and the endpoint, or make the bucket first"},
    {"AccessDenied", Verdict::kFailed, "no permission",
     "give this identity s3:ListBucket on the bucket and s3:GetObject, s3:PutObject, "
     "s3:DeleteObject and s3:AbortMultipartUpload on its objects"},
    {"AllAccessDisabled", Verdict::kFailed, "the bucket is closed to everybody", ""},
    {"InvalidAccessKeyId", Verdict::kFailed, "the access key id is not known to the service",
     kNextKeys},
    {"XAdminUserNotFound", Verdict::kFailed, "the access key id is not known to the service",
     kNextKeys},
    {"SignatureDoesNotMatch", Verdict::kFailed, "the secret access key is wrong", kNextKeys},
    {"InvalidToken", Verdict::kFailed, "the session token is wrong", kNextKeys},
    {"ExpiredToken", Verdict::kRenew, "the credentials have expired",
     "sign in anew, or give the program the new session token"},
    {"TokenRefreshRequired", Verdict::kRenew, "the credentials have expired",
     "sign in anew, or give the program the new session token"},
    {"SlowDown", Verdict::kTryAgain, "the service asks to slow down",
     "try again later, or with fewer writers"},
    {"ServiceUnavailable", Verdict::kTryAgain, "the service is busy", "try again later"},
    {"InternalError", Verdict::kTryAgain, "the service failed", "try again later"},
    {"RequestTimeout", Verdict::kTryAgain, "the service waited too long for the request",
     "check the network, then try again"},
    {"OperationAborted", Verdict::kTryAgain, "another request is changing the same object",
     "try again"},
    {"ConditionalRequestConflict", Verdict::kTryAgain,
     "another request is changing the same object", "try again"},
    {"BadDigest", Verdict::kTryAgain, "the bytes were damaged on their way", "try again"},
    {"XAmzContentSHA256Mismatch", Verdict::kTryAgain, "the bytes were damaged on their way",
     "try again"},
    {"XAmzContentChecksumMismatch", Verdict::kTryAgain, "the bytes were damaged on their way",
     "try again"},
    {"QuotaExceeded", Verdict::kFailed, "the quota of the bucket is used up",
     "remove what is not needed, or raise the quota"},
};

const Meaning* meaning_of(std::string_view code) {
  for (const Meaning& meaning : kMeanings) {
    if (meaning.code == code) return &meaning;
  }
  return nullptr;
}

// An answer without a code: to HEAD, or of something between here and the service.
std::string_view code_of_status(int status) {
  switch (status) {
    case 403:
      return "AccessDenied";
    case 404:
      return "NoSuchKey";
    case 408:
      return "RequestTimeout";
    case 429:
      return "SlowDown";
    case 503:
      return "ServiceUnavailable";
    default:
      return status >= 500 ? "InternalError" : "";
  }
}

class S3Service final : public ObjectService {
 public:
  S3Service(const Clock& clock, std::unique_ptr<AwsIdentity> identity, const Endpoint& endpoint,
            const std::string& bucket, bool path_style, bool is_amazon)
      : clock_(clock),
        identity_(std::move(identity)),
        region_(identity_->region()),
        bucket_(bucket),
        scheme_(endpoint.scheme),
        host_(path_style ? endpoint.authority : bucket + "." + endpoint.authority),
        base_(endpoint.base + (path_style ? "/" + bucket : "")),
        is_amazon_(is_amazon) {}

  Result<net::WebRequest> sign(const Call& call) override {
    TRY(const AwsCredentials credentials, identity_->credentials());
    const std::string path = base_ + "/" + encode_key(call.key);
    const std::string query = encode_query(call.query);
    net::WebRequest request{
        .method = call.method,
        .url = fmt::format("{}://{}{}{}{}", scheme_, host_, path, query.empty() ? "" : "?", query),
        .headers = call.headers,
        .body = call.bytes()};
    if (call.kind == Call::Kind::kRead && !call.headers.has("Range"))
      request.headers.add("x-amz-checksum-mode", "ENABLED");
    sign_aws({call.method, host_, path, query, call.bytes(), region_}, credentials, clock_.now(),
             request.headers);
    return request;
  }

  void forget_credentials() override { identity_->forget(); }

  Judgement judge(const Call& call, const net::Response& answer) const override {
    // A long operation is answered with 200 before it is known how it ends.
    const bool may_fail_late =
        call.method == "POST" && answer.body.find("<Error") != std::string::npos;
    if (answer.status / 100 == 2 && !may_fail_late) return {};
    if (answer.status == 416 && call.kind == Call::Kind::kRead) return {};
    if (answer.status == 412)
      return {call.headers.has("If-Match") ? Verdict::kChanged : Verdict::kExists};
    ServiceError problem = parse_s3_error(answer.body);
    if (problem.region.empty()) problem.region = answer.headers.get("x-amz-bucket-region");
    if (problem.code.empty()) problem.code = code_of_status(answer.status);
    return judge_error(call, answer, problem);
  }

  Call put(std::string key, std::string_view bytes, bool only_if_absent) const override {
    Call call{.kind = Call::Kind::kWrite, .method = "PUT", .key = std::move(key), .body = bytes};
    call.headers.add(kDigest, to_base64(sha256(bytes)));
    if (only_if_absent) call.headers.add("If-None-Match", "*");
    return call;
  }

  Call list(const ListRequest& request) const override {
    Call call{.kind = Call::Kind::kList, .method = "GET"};
    call.query = {{"list-type", "2"}, {"encoding-type", "url"}, {"prefix", request.prefix}};
    if (request.one_folder) call.query.emplace_back("delimiter", "/");
    if (!request.next.empty()) {
      call.query.emplace_back("continuation-token", request.next);
    } else if (!request.start_after.empty()) {
      call.query.emplace_back("start-after", request.start_after);
    }
    return call;
  }

  Result<Listing> parse_list(std::string_view answer) const override {
    return parse_s3_list(answer);
  }

  bool is_intact(const net::Response& answer) const override {
    const std::string_view digest = answer.headers.get(kDigest);
    // "digest-3" is one of three parts.
    if (digest.empty() || digest.find('-') != std::string_view::npos) return true;
    return digest == to_base64(sha256(answer.body));
  }

  bool reads_from_end() const override { return true; }
  bool reports_removal_of_absent() const override { return false; }
  bool is_known_to_put_if_absent() const override { return is_amazon_; }

  std::optional<Call> begin_upload(std::string key, const std::string& mark) const override {
    Call call{.kind = Call::Kind::kWrite, .method = "POST", .key = std::move(key)};
    call.query = {{"uploads", ""}};
    call.headers.add(kMark, mark);
    return call;
  }

  Result<std::string> parse_upload(std::string_view answer) const override {
    return parse_s3_upload(answer);
  }

  Call put_part(std::string key, const std::string& upload, int number,
                std::string_view bytes) const override {
    Call call{.kind = Call::Kind::kWrite, .method = "PUT", .key = std::move(key), .body = bytes};
    call.query = {{"partNumber", std::to_string(number)}, {"uploadId", upload}};
    return call;
  }

  std::string part_tag(int, const net::Response& answer) const override {
    return std::string(answer.headers.get("ETag"));
  }

  Call finish_upload(std::string key, const std::string& upload,
                     const std::vector<std::string>& tags) const override {
    Call call{.kind = Call::Kind::kWrite, .method = "POST", .key = std::move(key)};
    call.query = {{"uploadId", upload}};
    call.own_body = s3_parts_xml(tags);
    return call;
  }

  std::optional<Call> abort_upload(std::string key, const std::string& upload) const override {
    Call call{.kind = Call::Kind::kRemove, .method = "DELETE", .key = std::move(key)};
    call.query = {{"uploadId", upload}};
    return call;
  }

  bool is_of_upload(const net::Response& head, const std::string& mark) const override {
    return head.headers.get(kMark) == mark;
  }

 private:
  Judgement failed(std::string why, std::string next) const {
    return {Verdict::kFailed,
            {Fault::kUnavailable, std::move(why), "bucket " + bucket_, std::move(next)}};
  }

  Judgement judge_error(const Call& call, const net::Response& answer,
                        const ServiceError& problem) const {
    if (!problem.region.empty() && problem.region != region_) {
      return failed(
          fmt::format("the bucket is in the region {}, not in {}", problem.region, region_),
          fmt::format("set s3_region: {} in claimlake.yml, or AWS_REGION",
                      in_few_words(problem.region)));
    }
    if (problem.code == "RequestTimeTooSkewed") {
      return failed("the service refuses the request because " +
                        clock_skew(answer.headers.get("Date"), clock_.now()),
                    "set the clock of this machine (NTP)");
    }
    if (answer.status == 501) {
      return failed(
          "the service does not know conditional writes (If-None-Match), so that two "
          "writers could replace each other's commits: nothing is written to it",
          "it can be read; to write, use a service or a version of it that has them");
    }
    // The answer to a HEAD has no room for a code; old credentials are the reason that mends
    // itself.
    if (call.method == "HEAD" && (answer.status == 400 || answer.status == 403)) {
      return {Verdict::kRenew,
              {Fault::kUnavailable, fmt::format("the service refuses it ({})", answer.status),
               "bucket " + bucket_,
               "check the permissions of these credentials, and whether they have expired"}};
    }
    if (const Meaning* meaning = meaning_of(problem.code)) {
      // Only an object that is looked for can be absent in passing.
      if (meaning->verdict == Verdict::kAbsent &&
          (call.key.empty() || call.kind == Call::Kind::kWrite))
        return failed("the bucket does not exist", "check its name and the endpoint");
      return {meaning->verdict,
              {Fault::kUnavailable,
               fmt::format("{} ({} {})", meaning->why, answer.status, meaning->code),
               "bucket " + bucket_, std::string(meaning->next)}};
    }
    if (answer.status >= 300 && answer.status < 400) {
      return failed(fmt::format("the bucket is at another endpoint ({} {})", answer.status,
                                in_few_words(problem.code)),
                    "set s3_endpoint and s3_region in claimlake.yml to those of the bucket");
    }
    Judgement judgement =
        failed(fmt::format("the service answers {} {}: {}", answer.status,
                           in_few_words(problem.code), in_few_words(problem.message)),
               "look this code up in the documentation of the service");
    if (answer.status >= 500 || answer.status == 429) judgement.verdict = Verdict::kTryAgain;
    return judgement;
  }

  const Clock& clock_;
  const std::unique_ptr<AwsIdentity> identity_;
  const std::string region_;
  const std::string bucket_;
  const std::string scheme_;
  const std::string host_;
  const std::string base_;  // of paths
  const bool is_amazon_;
};

}  // namespace

Result<std::unique_ptr<ObjectService>> make_s3_service(const StoreUrl& url,
                                                       const StoreContext& context,
                                                       const net::WebClientOptions& options) {
  const StoreSettings& settings = context.settings;
  auto identity = std::make_unique<AwsIdentity>(context.clock, settings, options);
  const auto custom = settings.value("s3_endpoint", {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"});
  const std::string region = identity->region();
  TRY(const Endpoint endpoint,
      parse_endpoint(custom.value_or(fmt::format("https://s3.{}.amazonaws.com{}", region,
                                                 region.starts_with("cn-") ? ".cn" : "")),
                     "s3_endpoint"));
  // A certificate for *.s3.amazonaws.com does not hold for a bucket with a dot in its name.
  const bool dotted = url.bucket.find('.') != std::string::npos;
  const auto style = settings.value("s3_path_style");
  const bool path_style = style ? *style == "true" : custom.has_value() || dotted;
  return std::unique_ptr<ObjectService>(std::make_unique<S3Service>(
      context.clock, std::move(identity), endpoint, url.bucket, path_style, !custom.has_value()));
}

}  // namespace claimlake::store
