#include "store/endpoint.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "store/object_service.h"
#include "store/store_url.h"

namespace claimlake::store {

bool Endpoint::is_private() const {
  const std::string_view host = std::string_view(authority).substr(0, authority.rfind(':'));
  return scheme == "https" || host == "127.0.0.1" || host == "localhost" || host == "[::1]";
}

Result<Endpoint> parse_endpoint(std::string_view text, std::string_view key) {
  const auto refused = [&](std::string_view why) {
    return Error{
        Fault::kInvalidInput,
        fmt::format("{} is no address of a server: {}: '{}'", key, why, without_secrets(text)), "",
        fmt::format("write it as {}: https://HOST:PORT", key)};
  };
  Endpoint endpoint;
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return refused("it has no scheme");
  endpoint.scheme = to_lower(text.substr(0, colon));
  if (endpoint.scheme != "http" && endpoint.scheme != "https")
    return refused("its scheme is neither http nor https");
  const std::string_view rest = text.substr(colon + 3);
  if (rest.find_first_of("?#@") != std::string_view::npos) return refused("it has a user or query");
  if (std::any_of(rest.begin(), rest.end(), [](char c) { return c <= ' ' || c == '\x7f'; }))
    return refused("it holds a space or a control character");
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  endpoint.authority = rest.substr(0, slash);
  endpoint.base = rest.substr(slash);
  while (endpoint.base.ends_with('/')) endpoint.base.pop_back();
  const std::string_view own_port = endpoint.scheme == "http" ? ":80" : ":443";
  if (endpoint.authority.ends_with(own_port))
    endpoint.authority.resize(endpoint.authority.size() - own_port.size());
  if (endpoint.authority.empty()) return refused("it names no host");
  return endpoint;
}

std::string in_few_words(std::string_view service_text) {
  constexpr std::size_t kMost = 200;
  std::string text = to_utf8(service_text.substr(0, std::min(kMost, service_text.find('\n'))));
  std::erase_if(text, [](char c) { return static_cast<unsigned char>(c) < ' '; });
  return text;
}

std::string clock_skew(std::string_view date_field, Timestamp now) {
  const auto theirs = parse_http_date(date_field);
  if (!theirs) return "";
  const auto ahead = std::chrono::duration_cast<std::chrono::seconds>(now - *theirs).count();
  const auto distance = ahead < 0 ? -ahead : ahead;
  return fmt::format("this machine's clock is {} {} the service's",
                     distance < 120 ? fmt::format("{} seconds", distance)
                                    : fmt::format("{} minutes", distance / 60),
                     ahead < 0 ? "behind" : "ahead of");
}

}  // namespace claimlake::store
