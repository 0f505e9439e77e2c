// Bodies of POSTs by Engine.IO: any bytes are either packets, which come out the same when they are
// written and read again, or refused; and a server that gets them stays whole.
//
// Input: one body.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "events/engine_server.h"

using namespace claimlake;
using namespace claimlake::events;

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

class Echo final : public EngineListener {
 public:
  void opened(const std::string&, const Listener&) override { ++open; }
  void message(const std::string& session, bool binary, std::string data) override {
    engine->send(session, binary ? binary_frame(std::move(data))
                                 : text_frame(EnginePacket::Type::kMessage, data));
  }
  void closed(const std::string&) override { --open; }
  EngineServer* engine = nullptr;
  int open = 0;
};

void serve(std::string_view body) {
  SimClock clock;
  SeededRandom random(1);
  ConnectionCount count;
  Echo echo;
  EngineServer server({}, clock, random, count, echo);
  echo.engine = &server;
  std::string session;
  server.request({"GET", "4", "polling", "", "", {}}, "",
                 [&](const net::Response& answer) { session = answer.body.substr(9, 36); });
  int answers = 0;
  const auto answer = [&](const net::Response&) { ++answers; };
  server.request({"GET", "4", "polling", session, "", {}}, "", answer);
  server.request({"POST", "4", "polling", session, "", {}}, body, answer);
  clock.advance(std::chrono::minutes(2));
  server.tick();
  clock.advance(std::chrono::minutes(2));
  server.tick();
  check(answers == 2);
  check(echo.open == 0 && count.all() == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto packets = parse_payload(body);
  if (packets) {
    std::string again;
    for (const EnginePacket& packet : *packets) {
      append_packet(
          packet.binary ? binary_frame(packet.data) : text_frame(packet.type, packet.data), again);
    }
    const auto twice = parse_payload(again);
    check(twice && twice->size() == packets->size());
    for (std::size_t i = 0; i < packets->size(); ++i) {
      check((*twice)[i].type == (*packets)[i].type && (*twice)[i].data == (*packets)[i].data);
    }
  } else {
    check(packets.error().message.size() < 200);
  }
  serve(body);
  return 0;
}
