#include "events/engine_packet.h"

#include "events/base64.h"

namespace claimlake::events {
namespace {

constexpr char kSeparator = '\x1e';
constexpr char kBinary = 'b';

}  // namespace

Result<EnginePacket> parse_frame(bool binary, std::string data) {
  if (binary) return EnginePacket{EnginePacket::Type::kMessage, true, std::move(data)};
  if (data.empty() || data[0] < '0' || data[0] > '6') {
    return Error{Fault::kInvalidInput, "a packet does not begin with a type from 0 to 6"};
  }
  const auto type = static_cast<EnginePacket::Type>(data[0]);
  data.erase(0, 1);
  return EnginePacket{type, false, std::move(data)};
}

Result<std::vector<EnginePacket>> parse_payload(std::string_view body) {
  std::vector<EnginePacket> packets;
  for (std::size_t begin = 0; begin <= body.size();) {
    const std::size_t end = std::min(body.find(kSeparator, begin), body.size());
    const std::string_view text = body.substr(begin, end - begin);
    begin = end + 1;
    if (text.starts_with(kBinary)) {
      auto bytes = from_base64(text.substr(1));
      if (!bytes) return Error{Fault::kInvalidInput, "a packet of bytes is not base64"};
      packets.push_back({EnginePacket::Type::kMessage, true, *std::move(bytes)});
    } else {
      TRY(auto packet, parse_frame(false, std::string(text)));
      packets.push_back(std::move(packet));
    }
  }
  return packets;
}

net::SocketFrame text_frame(EnginePacket::Type type, std::string_view data) {
  std::string text(1, static_cast<char>(type));
  text += data;
  return {false, std::make_shared<const std::string>(std::move(text))};
}

net::SocketFrame binary_frame(std::string data) {
  return {true, std::make_shared<const std::string>(std::move(data))};
}

void append_packet(const net::SocketFrame& frame, std::string& payload) {
  if (!payload.empty()) payload += kSeparator;
  if (frame.binary) {
    payload += kBinary;
    payload += to_base64(*frame.data);
  } else {
    payload += *frame.data;
  }
}

}  // namespace claimlake::events
