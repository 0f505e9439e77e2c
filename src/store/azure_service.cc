#include "store/azure_service.h"

#include <fmt/format.h>

#include "base/text.h"
#include "store/azure_answers.h"
#include "store/azure_signature.h"
#include "store/digest.h"
#include "store/endpoint.h"
#include "store/xml.h"

namespace claimlake::store {
namespace {

constexpr const char* kApiVersion = "2021-12-02";
// Azure refuses requests that are dated more than 15 minutes from its own time.
constexpr auto kSkewMax = std::chrono::minutes(14);

struct Meaning {
  std::string_view code;
  Verdict verdict;
  std::string_view why;
  std::string_view next;
};

constexpr std::string_view kNextPermission =
    "give this identity the role Storage Blob Data Contributor, or a SAS with the permissions "
    "racwdl";

constexpr Meaning kMeanings[] = {
    {"BlobNotFound", Verdict::kAbsent, "", ""},
    {"ResourceNotFound", Verdict::kAbsent, "", ""},
    {"BlobAlreadyExists", Verdict::kExists, "", ""},
    {"ContainerNotFound", Verdict::kFailed, "the container does not exist",
     "check its name and the account, or make the container first"},
    {"ContainerBeingDeleted", Verdict::kFailed, "the container is being deleted", ""},
    {"AccountIsDisabled", Verdict::kFailed, "the account is disabled", ""},
    {"NoAuthenticationInformation", Verdict::kFailed, "the service wants credentials",
     "docs/reference/stores.md names the ways to give them"},
    {"InvalidAuthenticationInfo", Verdict::kRenew, "the token is not valid, or not any more",
     "check the client, its tenant and the clock of this machine"},
    {"AuthorizationPermissionMismatch", Verdict::kFailed, "no permission", kNextPermission},
    {"AuthorizationResourceTypeMismatch", Verdict::kFailed,
     "the SAS is for another type of resource", "make one for containers and objects (srt=sco)"},
    {"AuthorizationServiceMismatch", Verdict::kFailed, "the SAS is for another service",
     "make one for blobs (ss=b)"},
    {"AuthorizationSourceIPMismatch", Verdict::kFailed, "the SAS is for another address",
     "make one without sip, or with the address of this machine"},
    {"InsufficientAccountPermissions", Verdict::kFailed, "no permission", kNextPermission},
    {"PublicAccessNotPermitted", Verdict::kFailed, "the service wants credentials",
     "docs/reference/stores.md names the ways to give them"},
    {"BlobImmutableDueToPolicy", Verdict::kFailed, "a policy forbids to change the object", ""},
    {"ServerBusy", Verdict::kTryAgain, "the service is busy", "try again later"},
    {"InternalError", Verdict::kTryAgain, "the service failed", "try again later"},
    {"OperationTimedOut", Verdict::kTryAgain, "the service took too long", "try again later"},
    {"Md5Mismatch", Verdict::kTryAgain, "the bytes were damaged on their way", "try again"},
};

const Meaning* meaning_of(std::string_view code) {
  for (const Meaning& meaning : kMeanings) {
    if (meaning.code == code) return &meaning;
  }
  return nullptr;
}

bool is_folder(const net::Response& answer) {
  return answer.headers.get("x-ms-resource-type") == "directory" ||
         answer.headers.get("x-ms-meta-hdi_isfolder") == "true";
}

class AzureService final : public ObjectService {
 public:
  AzureService(const Clock& clock, std::unique_ptr<AzureIdentity> identity, Endpoint endpoint,
               std::string account, std::string container, bool is_azure)
      : clock_(clock),
        identity_(std::move(identity)),
        endpoint_(std::move(endpoint)),
        account_(std::move(account)),
        container_(std::move(container)),
        is_azure_(is_azure) {}

  Result<net::WebRequest> sign(const Call& call) override {
    TRY(const AzureCredentials credentials, identity_->credentials());
    const std::string path =
        endpoint_.base + "/" + container_ + (call.key.empty() ? "" : "/" + encode_key(call.key));
    std::string query = encode_query(call.query);
    net::Headers headers = call.headers;
    headers.add("x-ms-date", to_http_date(clock_.now()));
    headers.add("x-ms-version", kApiVersion);
    if (const auto* key = std::get_if<AzureKey>(&credentials)) {
      headers.add("Authorization", sign_azure({call.method, account_, path, call.query, headers,
                                               call.bytes().size()},
                                              key->key));
    } else if (!endpoint_.is_private()) {
      return Error{Fault::kInvalidInput,
                   "a token or SAS is not sent without TLS to another machine",
                   "container " + container_, "use https in azure_endpoint"};
    } else if (const auto* token = std::get_if<AzureToken>(&credentials)) {
      headers.add("Authorization", "Bearer " + token->token);
    } else {
      query += (query.empty() ? "" : "&") + std::get<AzureSas>(credentials).query;
    }
    return net::WebRequest{
        .method = call.method,
        .url = fmt::format("{}://{}{}{}{}", endpoint_.scheme, endpoint_.authority, path,
                           query.empty() ? "" : "?", query),
        .headers = std::move(headers),
        .body = call.bytes()};
  }

  void forget_credentials() override { identity_->forget(); }

  Judgement judge(const Call& call, const net::Response& answer) const override {
    const bool looks = call.method == "GET" || call.method == "HEAD";
    if (answer.status / 100 == 2)
      return {looks && is_folder(answer) ? Verdict::kAbsent : Verdict::kGood};
    if (answer.status == 416 && call.kind == Call::Kind::kRead) return {};
    std::string code(answer.headers.get("x-ms-error-code"));
    if (code.empty()) code = parse_azure_error_code(answer.body);
    if (answer.status == 412 && call.headers.has("If-Match")) return {Verdict::kChanged};
    // The loser of a race reads 409 or 412.
    if (answer.status == 412 && call.headers.has("If-None-Match")) return {Verdict::kExists};
    return judge_error(call, answer, code);
  }

  Call put(std::string key, std::string_view bytes, bool only_if_absent) const override {
    Call call{.kind = Call::Kind::kWrite, .method = "PUT", .key = std::move(key), .body = bytes};
    call.headers.add("x-ms-blob-type", "BlockBlob");
    call.headers.add("Content-MD5", to_base64(md5(bytes)));
    if (only_if_absent) call.headers.add("If-None-Match", "*");
    return call;
  }

  // The service lists from no name on: what is before it is left out later.
  Call list(const ListRequest& request) const override {
    Call call{.kind = Call::Kind::kList, .method = "GET"};
    call.query = {{"restype", "container"}, {"comp", "list"}, {"maxresults", "5000"}};
    if (!request.prefix.empty()) call.query.emplace_back("prefix", request.prefix);
    if (request.one_folder) call.query.emplace_back("delimiter", "/");
    if (!request.next.empty()) call.query.emplace_back("marker", request.next);
    return call;
  }

  Result<Listing> parse_list(std::string_view answer) const override {
    return parse_azure_list(answer);
  }

  bool is_intact(const net::Response& answer) const override {
    const std::string_view digest = answer.headers.get("Content-MD5");
    return digest.empty() || digest == to_base64(md5(answer.body));
  }

  bool reads_from_end() const override { return false; }
  bool reports_removal_of_absent() const override { return true; }
  bool is_known_to_put_if_absent() const override { return is_azure_; }

  // Blocks are put without a beginning, and forgotten after a week without an end.
  std::optional<Call> begin_upload(std::string, const std::string&) const override {
    return std::nullopt;
  }
  Result<std::string> parse_upload(std::string_view) const override { return std::string(); }

  Call put_part(std::string key, const std::string& upload, int number,
                std::string_view bytes) const override {
    Call call{.kind = Call::Kind::kWrite, .method = "PUT", .key = std::move(key), .body = bytes};
    call.query = {{"comp", "block"}, {"blockid", block_id(upload, number)}};
    call.headers.add("Content-MD5", to_base64(md5(bytes)));
    return call;
  }

  std::string part_tag(int, const net::Response&) const override { return ""; }

  Call finish_upload(std::string key, const std::string& upload,
                     const std::vector<std::string>& tags) const override {
    Call call{.kind = Call::Kind::kWrite, .method = "PUT", .key = std::move(key)};
    call.query = {{"comp", "blocklist"}};
    std::vector<std::string> ids;
    for (std::size_t i = 1; i <= tags.size(); ++i)
      ids.push_back(block_id(upload, static_cast<int>(i)));
    call.own_body = azure_blocks_xml(ids);
    return call;
  }

  std::optional<Call> abort_upload(std::string, const std::string&) const override {
    return std::nullopt;
  }
  bool is_of_upload(const net::Response&, const std::string&) const override { return false; }

 private:
  // All ids of a blob have one length; with the upload in them, two writers of one name never mix
  // their blocks.
  static std::string block_id(const std::string& upload, int number) {
    return to_base64(fmt::format("{}{:06}", upload, number));
  }

  Judgement failed(std::string why, std::string next) const {
    return {Verdict::kFailed,
            {Fault::kUnavailable, std::move(why), "container " + container_, std::move(next)}};
  }

  // When the SAS that we have ended, or "" if there is none or it has not.
  std::string expired_sas() const {
    const auto credentials = identity_->credentials();
    if (!credentials || !std::holds_alternative<AzureSas>(*credentials)) return "";
    for (const std::string& field : split(std::get<AzureSas>(*credentials).query, '&')) {
      if (!field.starts_with("se=")) continue;
      const auto end = parse_timestamp(decode_url(field.substr(3), false));
      if (end && *end < clock_.now()) return to_rfc3339(*end);
    }
    return "";
  }

  // A signature that does not fit has many reasons, and the service does not tell them apart.
  Judgement judge_signature(const net::Response& answer, std::string_view code) const {
    const auto theirs = parse_http_date(answer.headers.get("Date"));
    const auto distance = theirs ? clock_.now() - *theirs : std::chrono::microseconds(0);
    if (distance > kSkewMax || distance < -kSkewMax) {
      return failed("the service refuses the request because " +
                        clock_skew(answer.headers.get("Date"), clock_.now()),
                    "set the clock of this machine (NTP)");
    }
    if (const std::string expired = expired_sas(); !expired.empty()) {
      return failed("the SAS has expired at " + expired, "make a new one, with a later time se");
    }
    return failed(fmt::format("{}the key or the SAS is wrong, or the SAS has expired or is not "
                              "valid yet ({} {})",
                              code == "AuthenticationFailed" ? "" : "no permission, or ",
                              answer.status, code),
                  "check AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN (azure_account_key and "
                  "azure_sas in claimlake.yml), and the times st and se of a SAS");
  }

  Judgement judge_error(const Call& call, const net::Response& answer,
                        const std::string& code) const {
    if (code == "AuthenticationFailed" || code == "AuthorizationFailure")
      return judge_signature(answer, code);
    if (const Meaning* meaning = meaning_of(code)) {
      const bool fits = (meaning->verdict != Verdict::kAbsent ||
                         (!call.key.empty() && call.kind != Call::Kind::kWrite)) &&
                        (meaning->verdict != Verdict::kExists || call.headers.has("If-None-Match"));
      if (fits) {
        return {meaning->verdict,
                {Fault::kUnavailable,
                 fmt::format("{} ({} {})", meaning->why, answer.status, meaning->code),
                 "container " + container_, std::string(meaning->next)}};
      }
    }
    if (answer.status == 404 && code.empty() && !call.key.empty() && call.method != "PUT")
      return {Verdict::kAbsent};
    Judgement judgement =
        failed(fmt::format("the service answers {} {}", answer.status, in_few_words(code)),
               "look this code up in the documentation of the service");
    if (answer.status == 401) judgement.verdict = Verdict::kRenew;
    if (answer.status >= 500 || answer.status == 429 || answer.status == 408)
      judgement.verdict = Verdict::kTryAgain;
    return judgement;
  }

  const Clock& clock_;
  const std::unique_ptr<AzureIdentity> identity_;
  const Endpoint endpoint_;
  const std::string account_;
  const std::string container_;
  const bool is_azure_;
};

}  // namespace

Result<std::unique_ptr<ObjectService>> make_azure_service(const StoreUrl& url,
                                                          const StoreContext& context,
                                                          const net::WebClientOptions& options) {
  const StoreSettings& settings = context.settings;
  std::string account = url.account;
  if (account.empty()) {
    account =
        settings.value("azure_account", {"AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_ACCOUNT_NAME"})
            .value_or("");
  }
  if (account.empty()) {
    return Error{Fault::kInvalidInput,
                 fmt::format("'{}' does not say in which account the container is", url.text), "",
                 "set azure_account in claimlake.yml or AZURE_STORAGE_ACCOUNT, or write "
                 "abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/FOLDER"};
  }
  const auto custom = settings.value("azure_endpoint", {"AZURE_STORAGE_SERVICE_ENDPOINT"});
  const std::string domain = url.domain.empty() ? "core.windows.net" : url.domain;
  TRY(Endpoint endpoint,
      parse_endpoint(custom.value_or(fmt::format("https://{}.blob.{}", account, domain)),
                     "azure_endpoint"));
  return std::unique_ptr<ObjectService>(std::make_unique<AzureService>(
      context.clock, std::make_unique<AzureIdentity>(context.clock, settings, options),
      std::move(endpoint), std::move(account), url.bucket, !custom.has_value()));
}

}  // namespace claimlake::store
