#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/web_socket.h"

namespace claimlake::events {

// A packet of Engine.IO, protocol 4 (docs/formats/real_time.md).
struct EnginePacket {
  // As they stand before the data of a text packet: '0' to '6'.
  enum class Type : char {
    kOpen = '0',
    kClose = '1',
    kPing = '2',
    kPong = '3',
    kMessage = '4',
    kUpgrade = '5',
    kNoop = '6',
  };
  Type type = Type::kMessage;
  bool binary = false;  // of a message only
  std::string data;
};

// The packet that one frame of a WebSocket holds. Errors: kInvalidInput.
Result<EnginePacket> parse_frame(bool binary, std::string data);
// The packets of the body of a POST. Errors: kInvalidInput, also of an empty body.
Result<std::vector<EnginePacket>> parse_payload(std::string_view body);

// A text packet as a frame; and a message of bytes, which has no type before it.
net::SocketFrame text_frame(EnginePacket::Type type, std::string_view data = "");
net::SocketFrame binary_frame(std::string data);
// Appends the packet of `frame` to the body of an answer to a poll.
void append_packet(const net::SocketFrame& frame, std::string& payload);

}  // namespace claimlake::events
