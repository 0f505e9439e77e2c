#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/web_socket.h"

namespace claimlake::events {

// A packet of Socket.IO, protocol 5: what stands in a message of Engine.IO.
struct SocketPacket {
  enum class Type : char {
    kConnect = '0',
    kDisconnect = '1',
    kEvent = '2',
    kAck = '3',
    kConnectError = '4',
    kBinaryEvent = '5',
    kBinaryAck = '6',
  };
  Type type = Type::kEvent;
  std::string space = "/";  // the namespace
  std::optional<std::uint64_t> ack;
  std::string json;                      // "" where there is none
  std::size_t attachments_expected = 0;  // of the binary types
  std::vector<std::string> attachments;
};

// How large a packet of a client may be beyond the limit of one message.
struct SocketPacketLimits {
  std::size_t attachments_max = 16;
  std::size_t depth_max = 64;  // of nested JSON
  std::size_t space_bytes_max = 128;
};

// Reads the text part; attachments follow in messages of their own. The JSON is well-formed, of the
// kind that the type demands, and its placeholders name attachments that are announced.
// Errors: kInvalidInput.
Result<SocketPacket> parse_packet(std::string_view text, const SocketPacketLimits& limits = {});

// As messages of Engine.IO, the attachments after the text. A packet with attachments is of a
// binary type.
std::vector<net::SocketFrame> to_frames(const SocketPacket& packet);

// The name of an event and its arguments, from the JSON of an event.
struct SocketEvent {
  std::string name;
  std::string arguments;  // a JSON array
};
SocketEvent event_of(const SocketPacket& packet);

}  // namespace claimlake::events
