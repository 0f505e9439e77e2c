// Packets of Socket.IO and plain frames: any text is either a packet, which comes out the same when
// it is written and read again, or refused; and a hub that gets it stays whole.
//
// Input: one text.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "events/hub.h"

using namespace claimlake;
using namespace claimlake::events;

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

class Wire final : public net::SocketWire {
 public:
  void send(net::SocketFrame frame) override { sent += frame.data->size(); }
  std::size_t queued_bytes() const override { return 0; }
  void close(net::SocketClose, std::string_view) override {}
  void drop() override {}
  std::size_t sent = 0;
};

void serve(const std::string& target, const std::string& greeting, const std::string& text) {
  SimClock clock;
  SeededRandom random(1);
  EventLog log("log", {});
  Hub hub(
      {}, clock, random,
      [](const net::Request&) {
        return Listener{false, "C-1"};
      },
      log);
  net::Request request;
  request.method = "GET";
  check(net::parse_target(target, request).has_value());
  auto opened = hub.socket(request);
  const auto reader = std::get<1>(opened);
  reader->opened(std::make_shared<Wire>());
  if (!greeting.empty()) reader->frame(false, greeting);
  reader->frame(false, text);
  reader->frame(true, text);
  hub.publish("event", "{}", {"C-1"});
  hub.tick();
  reader->closed();
  check(!hub.anything_open());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  auto packet = parse_packet(text);
  if (packet) {
    if (packet->type == SocketPacket::Type::kEvent) {
      check(event_of(*packet).arguments.starts_with('['));
    }
    packet->attachments.resize(packet->attachments_expected);
    const std::string again = to_frames(*packet)[0].data->substr(1);
    const auto twice = parse_packet(again);
    check(twice && twice->type == packet->type && twice->json == packet->json &&
          twice->space == packet->space && twice->ack == packet->ack);
  } else {
    check(packet.error().message.size() < 200);
  }
  serve("/socket.io/?EIO=4&transport=websocket", "40", "4" + text);
  serve("/socket.io/?EIO=4&transport=websocket", "", "4" + text);
  serve("/ws", "", text);
  return 0;
}
