#include "events/socket_packet.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "events/engine_packet.h"

namespace claimlake::events {
namespace {

using Json = nlohmann::json;
using Type = SocketPacket::Type;

Error malformed(std::string_view why) { return {Fault::kInvalidInput, std::string(why)}; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes the digits at the front of `text`. Absent where there are none, or more than fit.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::size_t length = 0;
  std::uint64_t number = 0;
  while (length < text.size() && is_digit(text[length])) {
    if (length == 15) return std::nullopt;  // beyond what JavaScript counts exactly
    number = number * 10 + static_cast<std::uint64_t>(text[length++] - '0');
  }
  if (length == 0) return std::nullopt;
  text.remove_prefix(length);
  return number;
}

// Parsed, unless it is nested too deeply: what walks through it does so by recursion.
std::optional<Json> parse_json(std::string_view text, std::size_t depth_max) {
  bool too_deep = false;
  const auto watch = [&](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > static_cast<int>(depth_max);
    return !too_deep;
  };
  Json json = Json::parse(text, watch, false);
  if (too_deep || json.is_discarded()) return std::nullopt;
  return json;
}

// Whether all placeholders in `json` name one of `count` attachments.
bool placeholders_fit(const Json& json, std::size_t count) {
  if (json.is_object() && json.contains("_placeholder") && json["_placeholder"] == true) {
    return json.contains("num") && json["num"].is_number_unsigned() &&
           json["num"].get<std::uint64_t>() < count;
  }
  if (!json.is_structured()) return true;
  for (const auto& item : json) {
    if (!placeholders_fit(item, count)) return false;
  }
  return true;
}

bool is_binary(Type type) { return type == Type::kBinaryEvent || type == Type::kBinaryAck; }

// Whether a packet of that type may hold `json`; absent: none.
bool fits(Type type, const std::optional<Json>& json) {
  switch (type) {
    case Type::kConnect:
      return !json || json->is_object();
    case Type::kDisconnect:
      return !json;
    case Type::kConnectError:
      return json && (json->is_object() || json->is_string());
    case Type::kEvent:
    case Type::kBinaryEvent:
      return json && json->is_array() && !json->empty() && (*json)[0].is_string();
    case Type::kAck:
    case Type::kBinaryAck:
      return json && json->is_array();
  }
  return false;
}

// Takes "N-", the number of attachments.
Done take_attachments(std::string_view& text, const SocketPacketLimits& limits,
                      SocketPacket& packet) {
  const auto count = take_number(text);
  if (!count || !text.starts_with('-')) return malformed("the number of attachments is missing");
  if (*count > limits.attachments_max) {
    return malformed(fmt::format("more than {} attachments", limits.attachments_max));
  }
  text.remove_prefix(1);
  packet.attachments_expected = *count;
  return done();
}

// Takes "/name,"; the comma may be missing at the end of the text.
Done take_space(std::string_view& text, const SocketPacketLimits& limits, SocketPacket& packet) {
  const std::size_t end = std::min(text.find(','), text.size());
  if (end > limits.space_bytes_max) return malformed("the namespace is too long");
  packet.space = text.substr(0, std::min(end, text.find('?')));
  if (!is_utf8(packet.space)) return malformed("the namespace is not UTF-8");
  text.remove_prefix(std::min(end + 1, text.size()));
  return done();
}

}  // namespace

Result<SocketPacket> parse_packet(std::string_view text, const SocketPacketLimits& limits) {
  SocketPacket packet;
  if (text.empty() || text[0] < '0' || text[0] > '6') return malformed("unknown type of packet");
  packet.type = static_cast<Type>(text[0]);
  text.remove_prefix(1);
  if (is_binary(packet.type)) {
    TRY_DONE(take_attachments(text, limits, packet));
  }
  if (text.starts_with('/')) {
    TRY_DONE(take_space(text, limits, packet));
  }
  if (!text.empty() && is_digit(text[0])) {
    packet.ack = take_number(text);
    if (!packet.ack) return malformed("the number to acknowledge is too large");
  }
  std::optional<Json> json;
  if (!text.empty()) {
    json = parse_json(text, limits.depth_max);
    if (!json) return malformed("the data is not JSON, or nested too deeply");
  }
  if (!fits(packet.type, json)) return malformed("the data is not what the type of packet holds");
  const bool is_ack = packet.type == Type::kAck || packet.type == Type::kBinaryAck;
  if (is_ack && !packet.ack) return malformed("nothing is said of what is acknowledged");
  if (is_binary(packet.type) && !placeholders_fit(*json, packet.attachments_expected)) {
    return malformed("a placeholder names an attachment that does not come");
  }
  packet.json = text;
  return packet;
}

std::vector<net::SocketFrame> to_frames(const SocketPacket& packet) {
  std::string text(1, static_cast<char>(packet.type));
  if (is_binary(packet.type)) text += fmt::format("{}-", packet.attachments.size());
  if (packet.space != "/") text += packet.space + ",";
  if (packet.ack) text += std::to_string(*packet.ack);
  text += packet.json;
  std::vector<net::SocketFrame> frames = {text_frame(EnginePacket::Type::kMessage, text)};
  for (const std::string& attachment : packet.attachments) {
    frames.push_back(binary_frame(attachment));
  }
  return frames;
}

SocketEvent event_of(const SocketPacket& packet) {
  // The arguments stay as they came, to the letter: numbers beyond what we would read, the order of
  // members.
  const std::string_view json = packet.json;
  const std::size_t begin = json.find('"');
  std::size_t end = begin;
  do {
    CHECK(end != std::string_view::npos, "no event has such JSON");
    ++end;
    if (json[end] == '\\') end += 2;
  } while (json[end] != '"');
  const Json name = Json::parse(json.substr(begin, end + 1 - begin), nullptr, false);
  CHECK(name.is_string(), "no event has such JSON");
  const std::size_t rest = json.find_first_of(",]", end);
  SocketEvent event{name.get<std::string>(), "["};
  event.arguments += json[rest] == ',' ? json.substr(rest + 1) : json.substr(rest);
  return event;
}

}  // namespace claimlake::events
