#include "store/azure_credentials.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "store/digest.h"
#include "store/endpoint.h"
#include "store/object_service.h"

namespace claimlake::store {
namespace {

using namespace std::chrono_literals;

constexpr auto kSpare = 5min;  // as for Amazon: what is under way still arrives in time
constexpr auto kNearbyConnect = 1s;
constexpr auto kNearbySilence = 10s;
constexpr const char* kResource = "https://storage.azure.com/";
constexpr const char* kNext =
    "set AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN, or azure_client_id and what belongs to it "
    "(docs/reference/stores.md lists all ways)";

net::WebClientOptions nearby(net::WebClientOptions options) {
  options.use_proxy = false;
  options.connect_max = kNearbyConnect;
  options.silence_max = kNearbySilence;
  return options;
}

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

std::string text_of(const nlohmann::json& object, const char* name) {
  if (!object.is_object() || !object.contains(name)) return "";
  const auto& value = object[name];
  return value.is_string() ? value.get<std::string>() : value.is_number() ? value.dump() : "";
}

}  // namespace

AzureIdentity::AzureIdentity(const Clock& clock, StoreSettings settings,
                             net::WebClientOptions options)
    : clock_(clock),
      settings_(std::move(settings)),
      remote_(options),
      nearby_(nearby(std::move(options))) {}

Result<AzureCredentials> AzureIdentity::credentials() {
  const std::lock_guard lock(finding_);
  if (!known_ || (known_->expires_at && *known_->expires_at - kSpare <= clock_.now())) {
    TRY(known_, find());
  }
  return known_->credentials;
}

void AzureIdentity::forget() {
  const std::lock_guard lock(finding_);
  known_.reset();
}

Result<AzureIdentity::Known> AzureIdentity::find() const {
  TRY(auto configured, from_key_or_sas(true));
  if (configured) return *std::move(configured);
  // A client in claimlake.yml goes before a key in the environment.
  if (settings_.value("azure_client_id")) {
    TRY(auto client, from_client());
    if (client) return *std::move(client);
  }
  TRY(auto of_environment, from_key_or_sas(false));
  if (of_environment) return *std::move(of_environment);
  TRY(auto client, from_client());
  if (client) return *std::move(client);
  return from_managed_identity();
}

Result<std::optional<AzureIdentity::Known>> AzureIdentity::from_key_or_sas(bool configured) const {
  using Found = std::optional<std::string>;
  TRY(const Found key,
      configured ? settings_.secret("azure_account_key")
                 : settings_.value("", {"AZURE_STORAGE_KEY", "AZURE_STORAGE_ACCOUNT_KEY"}));
  if (key) {
    auto bytes = from_base64(*key);
    if (!bytes || bytes->empty()) {
      return Error{Fault::kInvalidInput, "the key of the Azure account is not base64", "",
                   "copy the whole key, with the '=' at its end"};
    }
    return std::optional(Known{AzureKey{*bytes}, std::nullopt});
  }
  TRY(Found sas, configured ? settings_.secret("azure_sas")
                            : settings_.value("", {"AZURE_STORAGE_SAS_TOKEN"}));
  if (!sas) return std::optional<Known>();
  if (sas->starts_with('?')) sas->erase(0, 1);
  if (!is_plain(*sas) || sas->find('#') != std::string::npos ||
      sas->find("sig=") == std::string::npos) {
    return Error{Fault::kInvalidInput, "the shared access signature (SAS) of Azure is none", "",
                 "give the query alone, as the portal shows it: sv=...&sig=..."};
  }
  return std::optional(Known{AzureSas{*sas}, std::nullopt});
}

Result<AzureIdentity::Known> AzureIdentity::parse_token(const net::WebAnswer& answer,
                                                        const char* what) const {
  const auto failed = [&](const std::string& why) {
    return Error{Fault::kUnavailable, fmt::format("{} gives no token: {}", what, why), "", kNext};
  };
  if (answer.fate != net::WebAnswer::Fate::kWhole) return failed(answer.reason);
  const auto given = nlohmann::json::parse(answer.response.body, nullptr, false);
  if (answer.response.status != 200) {
    // Its description repeats what was sent; the code says enough.
    return failed(fmt::format("it answers {} {}", answer.response.status,
                              in_few_words(text_of(given, "error"))));
  }
  const std::string token = text_of(given, "access_token");
  if (token.empty() || !is_plain(token)) return failed("its answer holds none");
  // Seconds from now, or the moment in seconds since 1970.
  const auto number = [&given](const char* name) {
    const std::int64_t value = whole_number(text_of(given, name)).value_or(0);
    return std::chrono::seconds(std::clamp<std::int64_t>(value, 0, std::int64_t{1} << 40));
  };
  const Timestamp expires_at =
      number("expires_in").count() > 0
          ? clock_.now() + std::min<std::chrono::seconds>(number("expires_in"), 24h)
          : Timestamp(number("expires_on"));
  return Known{AzureToken{token}, expires_at};
}

Result<std::optional<AzureIdentity::Known>> AzureIdentity::from_client() const {
  const auto client = settings_.value("azure_client_id", {"AZURE_CLIENT_ID"});
  const auto tenant = settings_.value("azure_tenant_id", {"AZURE_TENANT_ID"});
  TRY(const auto secret, settings_.secret("azure_client_secret", {"AZURE_CLIENT_SECRET"}));
  const auto file = settings_.variable("AZURE_FEDERATED_TOKEN_FILE");
  // A client without either names the managed identity that is meant.
  if (!client || (!secret && !file)) return std::optional<Known>();
  if (!tenant) {
    return Error{Fault::kInvalidInput, "there is a client for Azure but no tenant", "",
                 "set azure_tenant_id in claimlake.yml, or AZURE_TENANT_ID"};
  }
  std::vector<std::pair<std::string, std::string>> form = {
      {"client_id", *client},
      {"grant_type", "client_credentials"},
      {"scope", std::string(kResource) + ".default"}};
  if (secret) {
    form.emplace_back("client_secret", *secret);
  } else {
    auto assertion = read_small_file(*file);
    if (!assertion)
      return std::move(assertion).error().in("AZURE_FEDERATED_TOKEN_FILE names a file");
    form.emplace_back("client_assertion", *assertion);
    form.emplace_back("client_assertion_type",
                      "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
  }
  TRY(const Endpoint authority,
      parse_endpoint(settings_.value("azure_authority", {"AZURE_AUTHORITY_HOST"})
                         .value_or("https://login.microsoftonline.com"),
                     "azure_authority"));
  const std::string body = encode_query(std::move(form));
  net::WebRequest request{
      .method = "POST",
      .url = fmt::format("{}://{}{}/{}/oauth2/v2.0/token", authority.scheme, authority.authority,
                         authority.base, net::percent_encode(*tenant)),
      .body = body};
  request.headers.add("Content-Type", "application/x-www-form-urlencoded");
  TRY(Known known, parse_token(remote_.send(request), "the authority of the client"));
  return std::optional(std::move(known));
}

Result<AzureIdentity::Known> AzureIdentity::from_managed_identity() const {
  std::vector<std::pair<std::string, std::string>> query = {{"resource", kResource}};
  if (const auto client = settings_.value("azure_client_id", {"AZURE_CLIENT_ID"}))
    query.emplace_back("client_id", *client);
  net::WebRequest request{.method = "GET"};
  const auto service = settings_.variable("IDENTITY_ENDPOINT");  // of App Service and Functions
  const auto header = settings_.variable("IDENTITY_HEADER");
  if (service && header && is_plain(*header)) {
    query.emplace_back("api-version", "2019-08-01");
    request.url = *service + "?" + encode_query(query);
    request.headers.add("X-IDENTITY-HEADER", *header);
  } else {
    query.emplace_back("api-version", "2018-02-01");
    request.url =
        settings_.variable("AZURE_POD_IDENTITY_AUTHORITY_HOST").value_or("http://169.254.169.254") +
        "/metadata/identity/oauth2/token?" + encode_query(query);
    request.headers.add("Metadata", "true");
  }
  const net::WebAnswer answer = nearby_.send(request);
  if (answer.fate == net::WebAnswer::Fate::kNotSent || answer.fate == net::WebAnswer::Fate::kLost) {
    return Error{Fault::kUnavailable,
                 "there are no credentials for Azure: neither in claimlake.yml, the environment, "
                 "nor a managed identity of this machine",
                 "", kNext};
  }
  return parse_token(answer, "the managed identity");
}

}  // namespace claimlake::store
