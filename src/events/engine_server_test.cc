#include "events/engine_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "events/wire_for_test.h"

namespace claimlake::events {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

// Sends every message back, as the server of the protocol's own test suite does.
class Echo final : public EngineListener {
 public:
  void opened(const std::string& session, const Listener&) override { open.push_back(session); }
  void message(const std::string& session, bool binary, std::string data) override {
    server->send(session, binary ? binary_frame(std::move(data))
                                 : text_frame(EnginePacket::Type::kMessage, data));
  }
  void closed(const std::string& session) override { gone.push_back(session); }
  EngineServer* server = nullptr;
  std::vector<std::string> open, gone;
};

class EngineServerTest : public testing::Test {
 protected:
  EngineServerTest() { echo_.server = &server_; }

  AnswerForTest ask(const std::string& method, const std::string& session,
                    const std::string& body = "") {
    AnswerForTest answer;
    server_.request({method, "4", "polling", session, "127.0.0.1", {}}, body, answer.reply());
    return answer;
  }
  AnswerForTest poll(const std::string& session) { return ask("GET", session); }
  std::string open_by_polling() {
    const auto answer = ask("GET", "");
    EXPECT_EQ(answer.status(), 200);
    return answer.body().substr(9, 36);  // 0{"sid":"
  }
  struct Socket {
    std::shared_ptr<net::SocketReader> reader;
    std::shared_ptr<WireForTest> wire = std::make_shared<WireForTest>();
    void say(const std::string& text) const { reader->frame(false, text); }
  };
  Socket open_socket(const std::string& session = "") {
    auto answer = server_.socket({"GET", "4", "websocket", session, "127.0.0.1", {}});
    Socket socket;
    if (auto* reader = std::get_if<std::shared_ptr<net::SocketReader>>(&answer)) {
      socket.reader = *reader;
      socket.reader->opened(socket.wire);
    }
    return socket;
  }
  void pass(std::chrono::milliseconds time) {
    clock_.advance(time);
    server_.tick();
  }

  SimClock clock_;
  SeededRandom random_{1};
  ConnectionCount count_{{.all = 5, .per_address = 2}};
  Echo echo_;
  const EngineConfig config_{
      .ping_interval = 300ms, .ping_timeout = 200ms, .queue_bytes_max = 1000};
  EngineServer server_{config_, clock_, random_, count_, echo_};
};

TEST_F(EngineServerTest, opens_a_session_by_polling) {
  const auto answer = ask("GET", "");
  EXPECT_EQ((*answer.given)->headers.get("Content-Type"), "text/plain; charset=UTF-8");
  EXPECT_THAT(answer.body(), StartsWith("0{\"sid\":\""));
  EXPECT_THAT(answer.body(), HasSubstr(R"("upgrades":["websocket"],"pingInterval":300,)"
                                       R"("pingTimeout":200,"maxPayload":1000000})"));
  EXPECT_EQ(echo_.open.size(), 1u);
}

TEST_F(EngineServerTest, names_what_is_wrong_with_a_request) {
  const auto refused = [&](EngineRequest request) {
    AnswerForTest answer;
    server_.request(request, "", answer.reply());
    EXPECT_EQ(answer.status(), 400);
    return answer.body();
  };
  EXPECT_EQ(refused({"GET", "4", "abc", "", "", {}}),
            R"({"code":0,"message":"Transport unknown"})");
  EXPECT_EQ(refused({"GET", "4", "", "", "", {}}), R"({"code":0,"message":"Transport unknown"})");
  EXPECT_EQ(refused({"GET", "4", "polling", "none", "", {}}),
            R"({"code":1,"message":"Session ID unknown"})");
  for (const char* method : {"POST", "PUT", "HEAD", "OPTIONS"}) {
    EXPECT_EQ(refused({method, "4", "polling", "", "", {}}),
              R"({"code":2,"message":"Bad handshake method"})");
  }
  EXPECT_EQ(refused({"GET", "4", "websocket", "", "", {}}), R"({"code":3,"message":"Bad request"})")
      << "a WebSocket that does not ask to be one";
  for (const char* version : {"", "3", "abc"}) {
    EXPECT_EQ(refused({"GET", version, "polling", "", "", {}}),
              R"({"code":5,"message":"Unsupported protocol version"})");
  }
  EXPECT_THAT(echo_.open, IsEmpty());
}

TEST_F(EngineServerTest, a_poll_waits_until_there_is_something) {
  const auto session = open_by_polling();
  const auto waiting = poll(session);
  EXPECT_FALSE(waiting.there());

  const auto sent = ask("POST", session,
                        "4hello\x1e"
                        "bAQIDBA==");

  EXPECT_EQ(sent.body(), "ok");
  EXPECT_EQ(waiting.body(), "4hello");
  EXPECT_EQ(poll(session).body(), "bAQIDBA==");
}

TEST_F(EngineServerTest, several_packets_are_one_answer) {
  const auto session = open_by_polling();
  ask("POST", session,
      "4a\x1e"
      "4b\x1e"
      "bAQIDBA==");
  EXPECT_EQ(poll(session).body(),
            "4a\x1e"
            "4b\x1e"
            "bAQIDBA==");
}

TEST_F(EngineServerTest, a_second_poll_ends_the_session) {
  const auto session = open_by_polling();
  const auto first = poll(session);
  EXPECT_EQ(poll(session).status(), 400);
  EXPECT_EQ(first.body(), "1");
  EXPECT_EQ(poll(session).body(), R"({"code":1,"message":"Session ID unknown"})");
  EXPECT_THAT(echo_.gone, ElementsAre(session));
}

TEST_F(EngineServerTest, a_malformed_or_too_large_body_ends_the_session) {
  for (const std::string& body :
       {std::string("abc"), std::string(), std::string("2"), std::string("5"), std::string("0")}) {
    const auto session = open_by_polling();
    ask("POST", session, body);
    EXPECT_EQ(poll(session).status(), 400) << body;
  }
  const auto session = open_by_polling();
  EXPECT_EQ(ask("POST", session, "4" + std::string(1'000'000, 'x')).status(), 413);
  EXPECT_EQ(poll(session).status(), 400);
}

TEST_F(EngineServerTest, a_client_closes_by_polling) {
  const auto session = open_by_polling();
  const auto waiting = poll(session);
  EXPECT_EQ(ask("POST", session,
                "1\x1e"
                "4late")
                .body(),
            "ok");
  EXPECT_EQ(waiting.body(), "6");
  EXPECT_EQ(poll(session).status(), 400);
  EXPECT_EQ(server_.sessions_count(), 0u);
}

TEST_F(EngineServerTest, a_socket_starts_with_the_handshake_and_takes_both_kinds) {
  const Socket socket = open_socket();
  ASSERT_EQ(socket.wire->sent.size(), 1u);
  EXPECT_THAT(socket.wire->sent[0], HasSubstr(R"("upgrades":[],)"));
  socket.say("4hello");
  socket.reader->frame(true, "\x01");
  EXPECT_EQ(socket.wire->sent[1], "4hello");
  EXPECT_EQ(socket.wire->sent[2], "b:\x01");
  socket.say("abc");
  EXPECT_EQ(socket.wire->closed, net::SocketClose::kPolicy);
  EXPECT_EQ(server_.sessions_count(), 0u);
}

TEST_F(EngineServerTest, a_client_closes_its_socket_or_is_lost) {
  const Socket one = open_socket();
  one.say("1");
  EXPECT_EQ(one.wire->closed, net::SocketClose::kNormal);
  const Socket two = open_socket();
  two.reader->closed();
  EXPECT_EQ(server_.sessions_count(), 0u);
  EXPECT_EQ(echo_.gone.size(), 2u);
  EXPECT_EQ(count_.all(), 0u);
}

TEST_F(EngineServerTest, the_server_pings_and_ends_who_does_not_answer_in_time) {
  const Socket socket = open_socket();
  for (int i = 0; i < 3; ++i) {
    pass(299ms);
    ASSERT_NE(socket.wire->sent.back(), "2");
    pass(1ms);
    ASSERT_EQ(socket.wire->sent.back(), "2");
    pass(199ms);
    socket.say("3");
    socket.say("3");  // one that nobody asked for changes nothing
    socket.wire->sent.emplace_back("-");
  }
  pass(300ms);
  pass(199ms);
  EXPECT_FALSE(socket.wire->dropped);
  pass(1ms);
  EXPECT_TRUE(socket.wire->dropped);
  EXPECT_EQ(server_.sessions_count(), 0u);
}

TEST_F(EngineServerTest, a_ping_is_an_answer_to_a_poll) {
  const auto session = open_by_polling();
  const auto waiting = poll(session);
  pass(300ms);
  EXPECT_EQ(waiting.body(), "2");
  EXPECT_EQ(ask("POST", session, "3").body(), "ok");
  clock_.advance(500ms);  // and nobody ticks: a request looks itself
  EXPECT_EQ(poll(session).status(), 400);
}

TEST_F(EngineServerTest, goes_over_to_a_socket_without_losing_a_packet) {
  const auto session = open_by_polling();
  const auto waiting = poll(session);
  const Socket socket = open_socket(session);
  EXPECT_THAT(socket.wire->sent, IsEmpty());
  socket.say("2probe");
  EXPECT_THAT(socket.wire->sent, ElementsAre("3probe"));
  EXPECT_EQ(waiting.body(), "6");
  const auto again = poll(session);
  EXPECT_FALSE(again.there());
  pass(100ms);
  EXPECT_EQ(again.body(), "6");
  ask("POST", session, "4between");
  EXPECT_THAT(socket.wire->sent, ElementsAre("3probe")) << "not before the client has gone over";
  socket.say("5");
  EXPECT_THAT(socket.wire->sent, ElementsAre("3probe", "4between"));

  EXPECT_EQ(poll(session).status(), 400);
  EXPECT_EQ(ask("POST", session, "4late").status(), 400);
  const Socket second = open_socket(session);
  EXPECT_TRUE(second.wire->closed) << "a second socket of the session";
  second.say("2probe");
  second.reader->closed();
  socket.say("4hello");
  EXPECT_EQ(socket.wire->sent.back(), "4hello");
  EXPECT_EQ(echo_.open.size(), 1u);
}

TEST_F(EngineServerTest, a_probe_that_comes_to_nothing_leaves_the_session_polling) {
  const auto session = open_by_polling();
  open_socket(session).reader->closed();
  const Socket wrong = open_socket(session);
  wrong.say("5");  // before it was asked for
  EXPECT_TRUE(wrong.wire->dropped);
  wrong.reader->closed();
  const Socket messages = open_socket(session);
  messages.say("4hello");
  EXPECT_TRUE(messages.wire->dropped);
  messages.reader->closed();
  ask("POST", session, "4still");
  EXPECT_EQ(poll(session).body(), "4still");
}

TEST_F(EngineServerTest, a_probe_has_a_time_limit) {
  EngineConfig slow;  // pings come later than the limit of 10 s
  EngineServer server(slow, clock_, random_, count_, echo_);
  AnswerForTest opened;
  server.request({"GET", "4", "polling", "", "127.0.0.1", {}}, "", opened.reply());
  auto answer =
      server.socket({"GET", "4", "websocket", opened.body().substr(9, 36), "127.0.0.1", {}});
  const auto wire = std::make_shared<WireForTest>();
  std::get<1>(answer)->opened(wire);
  clock_.advance(9'999ms);
  server.tick();
  EXPECT_FALSE(wire->dropped);
  clock_.advance(1ms);
  server.tick();
  EXPECT_TRUE(wire->dropped);
  EXPECT_EQ(server.sessions_count(), 1u);
}

TEST_F(EngineServerTest, who_does_not_take_what_is_sent_is_cut_off) {
  const Socket socket = open_socket();
  socket.wire->is_stuck = true;
  socket.say("4" + std::string(900, 'x'));
  EXPECT_FALSE(socket.wire->dropped);
  socket.say("4" + std::string(200, 'x'));
  EXPECT_TRUE(socket.wire->dropped);
  const auto session = open_by_polling();  // and never polls
  for (int i = 0; i < 3; ++i) ask("POST", session, "4" + std::string(400, 'x'));
  EXPECT_EQ(poll(session).status(), 400);
  EXPECT_EQ(server_.sessions_count(), 0u);
}

TEST_F(EngineServerTest, too_many_connections_are_turned_away) {
  for (int i = 0; i < 4; ++i) open_by_polling();
  const Socket last = open_socket();
  EXPECT_NE(last.reader, nullptr);
  EXPECT_EQ(ask("GET", "").status(), 503);
  EXPECT_EQ(open_socket().reader, nullptr);
  last.reader->closed();
  EXPECT_EQ(ask("GET", "").status(), 200);

  ConnectionCount count({.all = 5, .per_address = 2});
  const auto one = count.take("10.0.0.1");
  const auto two = count.take("10.0.0.1");
  EXPECT_EQ(count.take("10.0.0.1"), nullptr);
  EXPECT_NE(count.take("10.0.0.2"), nullptr);
}

TEST_F(EngineServerTest, ends_in_stages_when_the_server_stops) {
  const auto session = open_by_polling();
  const auto waiting = poll(session);
  const Socket one = open_socket();
  const Socket two = open_socket();
  server_.end_some(1);
  EXPECT_EQ(server_.sessions_count(), 2u);
  server_.end_some(5);
  EXPECT_EQ(server_.sessions_count(), 0u);
  EXPECT_EQ(waiting.body(), "1");
  EXPECT_EQ(one.wire->closed, net::SocketClose::kRestart);
  EXPECT_EQ(two.wire->closed, net::SocketClose::kRestart);
}

TEST_F(EngineServerTest, a_socket_that_never_comes_to_be_leaves_nothing) {
  {
    const auto answer = server_.socket({"GET", "4", "websocket", "", "127.0.0.1", {}});
    EXPECT_EQ(server_.sessions_count(), 1u);
  }
  EXPECT_EQ(server_.sessions_count(), 0u);
}

}  // namespace
}  // namespace claimlake::events
