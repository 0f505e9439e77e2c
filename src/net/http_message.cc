#include "net/http_message.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace claimlake::net {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char left, char right) { return lower(left) == lower(right); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

Result<std::string> decoded(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      unsigned char byte = 0;
      const char* const first = text.data() + i + 1;
      if (i + 2 >= text.size() || std::from_chars(first, first + 2, byte, 16).ptr != first + 2) {
        return Error{Fault::kInvalidInput,
                     "the address holds a '%' that two hexadecimal digits do not follow", "",
                     "write a percent sign as %25"};
      }
      out += static_cast<char>(byte);
      i += 2;
    }
  }
  if (!is_utf8(out) || out.find('\0') != std::string::npos) {
    return Error{Fault::kInvalidInput, "the address is not UTF-8 text once its escapes are read"};
  }
  return out;
}

}  // namespace

void Headers::add(std::string name, std::string value) {
  fields_.emplace_back(std::move(name), std::move(value));
}

std::string_view Headers::get(std::string_view name) const {
  for (const auto& [known, value] : fields_) {
    if (same_name(known, name)) return value;
  }
  return {};
}

bool Headers::has(std::string_view name) const {
  return std::any_of(begin(), end(),
                     [&](const auto& field) { return same_name(field.first, name); });
}

Done parse_target(std::string_view target, Request& request) {
  if (!target.starts_with('/')) {
    return Error{Fault::kInvalidInput, "the address does not start with '/'"};
  }
  const std::size_t question = target.find('?');
  request.path = target.substr(0, question);
  for (const std::string& part : split(std::string_view(request.path).substr(1), '/')) {
    TRY(std::string segment, decoded(part, false));
    request.segments.push_back(std::move(segment));
  }
  if (question == std::string_view::npos) return done();
  for (const std::string& pair : split(target.substr(question + 1), '&')) {
    if (pair.empty()) continue;
    const std::string_view text = pair;
    const std::size_t equals = text.find('=');
    TRY(std::string name, decoded(text.substr(0, equals), true));
    TRY(std::string value,
        decoded(equals == std::string_view::npos ? "" : text.substr(equals + 1), true));
    request.query.emplace_back(std::move(name), std::move(value));
  }
  return done();
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

bool matches_etag(std::string_view if_none_match, std::string_view etag) {
  if (trimmed(if_none_match) == "*") return true;
  for (const std::string& part : split(if_none_match, ',')) {
    std::string_view candidate = trimmed(part);
    if (candidate.starts_with("W/")) candidate.remove_prefix(2);
    if (!etag.empty() && candidate == etag) return true;
  }
  return false;
}

bool accepts_gzip(std::string_view accept_encoding) {
  for (const std::string& part : split(to_lower(accept_encoding), ',')) {
    const auto pieces = split(part, ';');
    const std::string_view name = trimmed(pieces[0]);
    if (name != "gzip" && name != "*") continue;
    const std::string_view quality = pieces.size() > 1 ? trimmed(pieces[1]) : "";
    // "q=0", "q=0.0" and the like mean no.
    return !(quality.starts_with("q=0") &&
             quality.find_first_not_of("0.", 2) == std::string_view::npos);
  }
  return false;
}

std::string_view status_phrase(int status) {
  switch (status) {
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 426:
      return "Upgrade Required";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Unknown";
  }
}

}  // namespace claimlake::net
