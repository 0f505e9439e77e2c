#include "store/aws_credentials.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "store/object_service.h"
#include "store/xml.h"

namespace claimlake::store {
namespace {

using namespace std::chrono_literals;

// Renewed this long before they expire: a request that is under way then still arrives in time.
constexpr auto kSpare = 5min;
constexpr auto kNearbyConnect = 1s;
constexpr auto kNearbySilence = 3s;

constexpr const char* kNext =
    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or s3_profile in claimlake.yml "
    "(docs/reference/stores.md lists all places)";

net::WebClientOptions nearby(net::WebClientOptions options) {
  options.use_proxy = false;
  options.connect_max = kNearbyConnect;
  options.silence_max = kNearbySilence;
  return options;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r";
  while (!text.empty() && kSpace.find(text.front()) != std::string_view::npos)
    text.remove_prefix(1);
  while (!text.empty() && kSpace.find(text.back()) != std::string_view::npos) text.remove_suffix(1);
  return text;
}

// A value may become a field of a request: no line of its own may come in with it.
bool is_one_line(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

// The tokens of a container may go to itself, to the addresses that Amazon's agents have, or over
// TLS.
bool may_receive_token(std::string_view url) {
  if (url.starts_with("https://")) return true;
  for (const std::string_view host : {"http://127.0.0.1", "http://localhost", "http://[::1]",
                                      "http://169.254.170.2", "http://169.254.170.23"}) {
    if (!url.starts_with(host)) continue;
    const std::string_view rest = url.substr(host.size());
    // "http://127.0.0.1:80@example.org" would be another host.
    if (rest.substr(0, rest.find('/')).find('@') != std::string_view::npos) return false;
    if (rest.empty() || rest.front() == ':' || rest.front() == '/') return true;
  }
  return false;
}

Error endpoint_failed(const std::string& what, const net::WebAnswer& answer) {
  const std::string reason = answer.fate == net::WebAnswer::Fate::kWhole
                                 ? fmt::format("it answers {}", answer.response.status)
                                 : answer.reason;
  return {Fault::kUnavailable, fmt::format("{} gives no credentials: {}", what, reason), "", kNext};
}

bool is_good(const net::WebAnswer& answer) {
  return answer.fate == net::WebAnswer::Fate::kWhole && answer.response.status == 200;
}

}  // namespace

std::optional<std::string> profile_value_in(std::string_view file, std::string_view profile,
                                            std::string_view name) {
  bool inside = false;
  std::optional<std::string> found;
  while (!file.empty()) {
    const std::size_t end = std::min(file.find('\n'), file.size());
    const bool indented = file.front() == ' ' || file.front() == '\t';
    const std::string_view line = trimmed(file.substr(0, end));
    file.remove_prefix(std::min(end + 1, file.size()));
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[' && line.back() == ']') {
      std::string_view section = trimmed(line.substr(1, line.size() - 2));
      if (section.starts_with("profile ")) section = trimmed(section.substr(8));
      inside = section == profile;
      continue;
    }
    const std::size_t equals = line.find('=');
    // An indented line belongs to a value with parts of its own.
    if (!inside || indented || equals == std::string_view::npos) continue;
    if (trimmed(line.substr(0, equals)) == name) found = trimmed(line.substr(equals + 1));
  }
  return found;
}

AwsIdentity::AwsIdentity(const Clock& clock, StoreSettings settings, net::WebClientOptions options)
    : clock_(clock),
      settings_(std::move(settings)),
      remote_(options),
      nearby_(nearby(std::move(options))) {}

Result<AwsCredentials> AwsIdentity::credentials() {
  const std::lock_guard lock(finding_);
  if (!known_ || (known_->expires_at && *known_->expires_at - kSpare <= clock_.now())) {
    TRY(Known found, find());
    if (!is_one_line(found.credentials.access_key_id) ||
        !is_one_line(found.credentials.secret_access_key) ||
        !is_one_line(found.credentials.session_token)) {
      return Error{Fault::kInvalidInput, "the credentials for S3 hold a line break", "", kNext};
    }
    known_ = std::move(found);
  }
  return known_->credentials;
}

void AwsIdentity::forget() {
  const std::lock_guard lock(finding_);
  known_.reset();
}

Result<AwsIdentity::Known> AwsIdentity::find() const {
  using Source = Result<std::optional<Known>> (AwsIdentity::*)() const;
  for (const Source source :
       {&AwsIdentity::from_settings, &AwsIdentity::from_web_identity, &AwsIdentity::from_profile,
        &AwsIdentity::from_container, &AwsIdentity::from_instance}) {
    TRY(auto found, (this->*source)());
    if (found) return *std::move(found);
  }
  return Error{Fault::kUnavailable,
               "there are no credentials for S3: neither in claimlake.yml, the environment, the "
               "profile files, nor from this container or instance",
               "", kNext};
}

Result<std::optional<AwsIdentity::Known>> AwsIdentity::from_settings() const {
  TRY(const auto id, settings_.secret("s3_access_key_id"));
  // The parts of one pair come from one place.
  const bool configured = id.has_value();
  TRY(const auto secret, configured ? settings_.secret("s3_secret_access_key")
                                    : settings_.value("", {"AWS_SECRET_ACCESS_KEY"}));
  TRY(const auto token, configured ? settings_.secret("s3_session_token")
                                   : settings_.value("", {"AWS_SESSION_TOKEN"}));
  const auto used = configured ? id : settings_.variable("AWS_ACCESS_KEY_ID");
  if (!used) return std::optional<Known>();
  // A profile that was asked for by name goes before the environment.
  if (!configured && settings_.value("s3_profile")) return std::optional<Known>();
  if (!secret) {
    return Error{Fault::kInvalidInput, "there is an access key id for S3 but no secret access key",
                 "",
                 configured ? "set s3_secret_access_key in claimlake.yml too"
                            : "set AWS_SECRET_ACCESS_KEY too"};
  }
  return std::optional(Known{{*used, *secret, token.value_or("")}, std::nullopt});
}

std::string AwsIdentity::profile_name() const {
  return settings_.value("s3_profile", {"AWS_PROFILE"}).value_or("default");
}

std::optional<std::string> AwsIdentity::profile_value(const std::string& name) const {
  const std::string home = settings_.variable("HOME").value_or("");
  for (const auto& [variable, file] : {std::pair{"AWS_SHARED_CREDENTIALS_FILE", "credentials"},
                                       std::pair{"AWS_CONFIG_FILE", "config"}}) {
    const auto text =
        read_small_file(settings_.variable(variable).value_or(home + "/.aws/" + file));
    if (!text) continue;
    if (auto value = profile_value_in(*text, profile_name(), name)) return value;
  }
  return std::nullopt;
}

Result<std::optional<AwsIdentity::Known>> AwsIdentity::from_profile() const {
  const auto id = profile_value("aws_access_key_id");
  const auto secret = profile_value("aws_secret_access_key");
  if (id && secret) {
    return std::optional(
        Known{{*id, *secret, profile_value("aws_session_token").value_or("")}, std::nullopt});
  }
  for (const char* other : {"sso_session", "sso_start_url", "credential_process", "role_arn"}) {
    if (!profile_value(other)) continue;
    return Error{Fault::kInvalidInput,
                 fmt::format("the profile '{}' has no keys but {}, which is not followed",
                             profile_name(), other),
                 "",
                 fmt::format("export its credentials first: eval \"$(aws configure "
                             "export-credentials --profile {} --format env)\"",
                             profile_name())};
  }
  if (settings_.value("s3_profile", {"AWS_PROFILE"})) {
    return Error{
        Fault::kInvalidInput,
        fmt::format("there is no profile '{}' with keys in the files of ~/.aws", profile_name()),
        "", "check s3_profile in claimlake.yml, or AWS_PROFILE"};
  }
  return std::optional<Known>();
}

std::string AwsIdentity::region() const {
  if (auto region = settings_.value("s3_region", {"AWS_REGION", "AWS_DEFAULT_REGION"}))
    return *region;
  return profile_value("region").value_or("us-east-1");
}

Result<std::optional<AwsIdentity::Known>> AwsIdentity::from_web_identity() const {
  const auto file = settings_.variable("AWS_WEB_IDENTITY_TOKEN_FILE");
  const auto role = settings_.variable("AWS_ROLE_ARN");
  if (!file || !role) return std::optional<Known>();
  auto token = read_small_file(*file);
  if (!token) return std::move(token).error().in("AWS_WEB_IDENTITY_TOKEN_FILE names a file");
  const std::string endpoint = settings_.value("", {"AWS_ENDPOINT_URL_STS"})
                                   .value_or(fmt::format("https://sts.{}.amazonaws.com", region()));
  const std::string body = encode_query(
      {{"Action", "AssumeRoleWithWebIdentity"},
       {"Version", "2011-06-15"},
       {"RoleArn", *role},
       {"RoleSessionName", settings_.variable("AWS_ROLE_SESSION_NAME").value_or("claimlake")},
       {"WebIdentityToken", *token}});
  net::WebRequest request{.method = "POST", .url = endpoint + "/", .body = body};
  request.headers.add("Content-Type", "application/x-www-form-urlencoded");
  const net::WebAnswer answer = remote_.send(request);
  if (!is_good(answer)) return endpoint_failed("the security token service (STS)", answer);
  pugi::xml_document document;
  TRY(const pugi::xml_node root,
      parse_xml(answer.response.body, "AssumeRoleWithWebIdentityResponse", document));
  const pugi::xml_node given = root.child("AssumeRoleWithWebIdentityResult").child("Credentials");
  TRY(const Timestamp expires_at, parse_timestamp(child_text(given, "Expiration")));
  return std::optional(
      Known{{child_text(given, "AccessKeyId"), child_text(given, "SecretAccessKey"),
             child_text(given, "SessionToken")},
            expires_at});
}

Result<AwsIdentity::Known> AwsIdentity::parse_endpoint_answer(const std::string& json,
                                                              const char* what) const {
  const auto given = nlohmann::json::parse(json, nullptr, false);
  const auto text = [&given](const char* name) {
    return given.is_object() && given.contains(name) && given[name].is_string()
               ? given[name].get<std::string>()
               : std::string();
  };
  Known known{{text("AccessKeyId"), text("SecretAccessKey"), text("Token")}, std::nullopt};
  if (known.credentials.access_key_id.empty() || known.credentials.secret_access_key.empty()) {
    return Error{Fault::kUnavailable,
                 fmt::format("{} gives no credentials: its answer holds none", what), "", kNext};
  }
  if (!text("Expiration").empty()) {
    TRY(known.expires_at, parse_timestamp(text("Expiration")));
  }
  return known;
}

Result<std::optional<AwsIdentity::Known>> AwsIdentity::from_container() const {
  constexpr const char* kWhat = "the container's endpoint";
  std::string url;
  if (const auto path = settings_.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")) {
    url = "http://169.254.170.2" + *path;
  } else if (const auto whole = settings_.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI")) {
    url = *whole;
  } else {
    return std::optional<Known>();
  }
  if (!may_receive_token(url)) {
    return Error{Fault::kInvalidInput,
                 "AWS_CONTAINER_CREDENTIALS_FULL_URI names a server that is neither near nor "
                 "reached over TLS",
                 "", "use https, or an address of this machine"};
  }
  net::WebRequest request{.method = "GET", .url = url};
  auto token = settings_.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN");
  if (const auto file = settings_.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")) {
    auto content = read_small_file(*file);
    if (!content)
      return std::move(content).error().in("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names a file");
    token = *content;
  }
  if (token && is_one_line(*token)) request.headers.add("Authorization", *token);
  const net::WebAnswer answer = nearby_.send(request);
  if (!is_good(answer)) return endpoint_failed(kWhat, answer);
  TRY(Known known, parse_endpoint_answer(answer.response.body, kWhat));
  return std::optional(std::move(known));
}

Result<std::optional<AwsIdentity::Known>> AwsIdentity::from_instance() const {
  constexpr const char* kWhat = "the instance's metadata";
  if (settings_.variable("AWS_EC2_METADATA_DISABLED") == "true") return std::optional<Known>();
  const std::string base =
      settings_.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT").value_or("http://169.254.169.254");
  net::WebRequest ask{.method = "PUT", .url = base + "/latest/api/token"};
  ask.headers.add("X-aws-ec2-metadata-token-ttl-seconds", "21600");
  const net::WebAnswer token = nearby_.send(ask);
  // This is no instance of Amazon's.
  if (!is_good(token) || !is_one_line(token.response.body)) return std::optional<Known>();
  const auto get = [&](const std::string& path) {
    net::WebRequest request{.method = "GET",
                            .url = base + "/latest/meta-data/iam/security-credentials/" + path};
    request.headers.add("X-aws-ec2-metadata-token", token.response.body);
    return nearby_.send(request);
  };
  const net::WebAnswer role = get("");
  if (!is_good(role)) return endpoint_failed(kWhat, role);
  const std::string& names = role.response.body;
  const net::WebAnswer answer =
      get(net::percent_encode(trimmed(names.substr(0, names.find('\n')))));
  if (!is_good(answer)) return endpoint_failed(kWhat, answer);
  TRY(Known known, parse_endpoint_answer(answer.response.body, kWhat));
  return std::optional(std::move(known));
}

}  // namespace claimlake::store
