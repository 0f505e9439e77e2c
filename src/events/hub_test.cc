#include "events/hub.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "events/wire_for_test.h"

namespace claimlake::events {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class HubTest : public testing::Test {
 protected:
  // A request for `target`; "who" of its query is who asks.
  static net::Request request(const std::string& target) {
    net::Request request;
    request.method = "GET";
    request.peer = "127.0.0.1";
    EXPECT_TRUE(net::parse_target(target, request));
    return request;
  }
  static std::variant<net::Response, Listener> gate(const net::Request& request) {
    for (const auto& [name, value] : request.query) {
      if (name != "who") continue;
      if (value != "stranger") return Listener{false, value};
      net::Response response;
      response.status = 403;
      return response;
    }
    return Listener{true, ""};
  }
  struct Socket {
    std::shared_ptr<net::SocketReader> reader;
    std::shared_ptr<WireForTest> wire = std::make_shared<WireForTest>();
    int status = 101;
    void say(const std::string& text) const { reader->frame(false, text); }
    std::string last() const { return wire->sent.back(); }
  };
  Socket open(const std::string& target) {
    auto answer = hub_.socket(request(target));
    Socket socket;
    if (auto* refused = std::get_if<net::Response>(&answer)) {
      socket.status = refused->status;
      return socket;
    }
    socket.reader = std::get<1>(answer);
    socket.reader->opened(socket.wire);
    return socket;
  }
  // A client of Socket.IO in the main namespace, with what it was told when it came.
  struct Client : Socket {
    Json welcome;    // {"sid", "pid"}
    Json connected;  // the first event
  };
  Client client(const std::string& auth = "", const std::string& who = "") {
    Client client{
        open("/socket.io/?EIO=4&transport=websocket" + (who.empty() ? "" : "&who=" + who)), {}, {}};
    client.say("40" + auth);
    auto& sent = client.wire->sent;
    EXPECT_THAT(sent.at(1), StartsWith("40{"));
    client.welcome = Json::parse(sent.at(1).substr(2));
    client.connected = Json::parse(sent.at(2).substr(2)).at(1);
    sent.erase(sent.begin(), sent.begin() + 3);
    return client;
  }

  SimClock clock_;
  SeededRandom random_{1};
  EventLog log_{"log", {}};
  Hub hub_{{}, clock_, random_, gate, log_};
};

TEST_F(HubTest, an_event_goes_to_whom_it_concerns) {
  const Client staff = client();
  const Client mine = client("", "C-1");
  const Client other = client("", "C-2");
  const Socket plain = open("/ws?who=C-1");
  const Socket none = open("/ws?who=");  // signed in as nobody
  plain.wire->sent.clear();
  none.wire->sent.clear();

  hub_.publish("claim_submitted", R"({"claim_id":"1"})", {"C-1"});
  hub_.publish("refresh", "{}", {});

  EXPECT_THAT(staff.wire->sent, ElementsAre(R"(42["claim_submitted",{"claim_id":"1"},"log-1"])",
                                            R"(42["refresh",{},"log-2"])"));
  EXPECT_THAT(mine.wire->sent, ElementsAre(R"(42["claim_submitted",{"claim_id":"1"},"log-1"])"));
  EXPECT_THAT(other.wire->sent, IsEmpty());
  EXPECT_THAT(plain.wire->sent,
              ElementsAre(R"({"type":"claim_submitted","data":{"claim_id":"1"},"id":"log-1"})"));
  EXPECT_THAT(none.wire->sent, IsEmpty());
}

TEST_F(HubTest, who_may_not_enter_is_answered_by_the_gate) {
  EXPECT_EQ(open("/ws?who=stranger").status, 403);
  EXPECT_EQ(open("/socket.io/?EIO=4&transport=websocket&who=stranger").status, 403);
  AnswerForTest answer;
  hub_.answer(request("/socket.io/?EIO=4&transport=polling&who=stranger"), answer.reply());
  EXPECT_EQ(answer.status(), 403);
  EXPECT_FALSE(hub_.anything_open());
}

TEST_F(HubTest, a_client_that_comes_back_hears_what_it_missed) {
  const Client first = client();
  EXPECT_EQ(first.connected["recovered"], false);
  hub_.publish("one", "{}", {});
  first.reader->closed();
  hub_.publish("two", "{}", {});
  hub_.publish("of_another", "{}", {"C-1"});
  const std::string pid = first.welcome["pid"];

  const Client back = client(Json({{"pid", pid}, {"offset", "log-1"}}).dump());

  EXPECT_EQ(back.welcome["pid"], pid) << "by this the client knows that it was recovered";
  EXPECT_NE(back.welcome["sid"], first.welcome["sid"]);
  EXPECT_EQ(back.connected["recovered"], true);
  EXPECT_THAT(back.wire->sent,
              ElementsAre(R"(42["two",{},"log-2"])", R"(42["of_another",{},"log-3"])"));
  // One that had heard nothing yet names no event: it hears all since it first came.
  EXPECT_EQ(client(Json({{"pid", pid}}).dump()).wire->sent.size(), 3u);
  // What it may hear is asked anew, whoever it was.
  EXPECT_THAT(client(Json({{"pid", pid}, {"offset", "log-1"}}).dump(), "C-1").wire->sent,
              ElementsAre(R"(42["of_another",{},"log-3"])"));
}

TEST_F(HubTest, a_client_whose_place_is_not_known_is_told_so) {
  const std::string pid = client().welcome["pid"];
  const std::string unknown[] = {
      Json({{"pid", pid}, {"offset", "other-1"}}).dump(),
      Json({{"pid", pid}, {"offset", "log-7"}}).dump(), Json({{"pid", "x"}}).dump(),
      Json({{"pid", 5}, {"offset", "log-0"}}).dump(),
      Json({{"pid", std::string(300, 'p')}, {"offset", "log-0"}}).dump()};
  for (const std::string& auth : unknown) {
    const Client back = client(auth);
    EXPECT_NE(back.welcome["pid"], pid) << auth;
    EXPECT_EQ(back.connected["recovered"], false) << auth;
  }
}

TEST_F(HubTest, a_plain_socket_comes_back_by_the_last_event) {
  hub_.publish("one", "{}", {});
  hub_.publish("two", "{}", {});
  const Socket back = open("/ws?last_event_id=log-1");
  ASSERT_EQ(back.wire->sent.size(), 2u);
  EXPECT_EQ(Json::parse(back.wire->sent[0])["data"]["recovered"], true);
  EXPECT_EQ(back.last(), R"({"type":"two","data":{},"id":"log-2"})");
  const Socket lost = open("/ws?last_event_id=log-9");
  ASSERT_EQ(lost.wire->sent.size(), 1u);
  EXPECT_EQ(Json::parse(lost.last())["data"]["recovered"], false);
  EXPECT_EQ(Json::parse(lost.last())["data"]["last_event_id"], "log-2");
}

TEST_F(HubTest, a_plain_socket_answers_what_it_is_asked) {
  const Socket socket = open("/ws?who=C-1");
  EXPECT_THAT(socket.last(), HasSubstr(R"("type":"connected")"));
  socket.say(R"({"type":"ping"})");
  EXPECT_EQ(socket.last(), R"({"data":{},"type":"pong"})");
  socket.say(R"({"action":"subscribe_claims","customer_id":"C-1"})");
  EXPECT_EQ(socket.last(), R"({"data":{"customer_id":"C-1"},"type":"subscribed"})");
  socket.say(R"({"type":"subscribe_claims","data":{"customer_id":"C-2"}})");
  EXPECT_THAT(socket.last(), HasSubstr("another customer"));
  socket.say(R"({"type":"subscribe_claims","data":{"customer_id":5}})");
  EXPECT_THAT(socket.last(), HasSubstr("customer_id is missing"));
  socket.say(R"({"type":"other","n":1})");
  EXPECT_EQ(socket.last(), R"({"data":{"n":1,"type":"other"},"type":"echo"})");
  for (const std::string& text : {std::string("no JSON"), std::string("[1]"), std::string("{}"),
                                  "{\"type\":\"a\",\"d\":" + std::string(100, '[')}) {
    socket.say(text);
    EXPECT_THAT(socket.last(), HasSubstr(R"("type":"error")")) << text;
  }
  EXPECT_FALSE(socket.wire->closed);
  socket.reader->frame(true, "{}");
  EXPECT_EQ(socket.wire->closed, net::SocketClose::kPolicy);
}

TEST_F(HubTest, socket_io_answers_what_it_is_asked) {
  const Client socket = client();
  socket.say(R"(4212["ping"])");
  EXPECT_EQ(socket.last(), R"(4312["pong"])");
  socket.say(R"(427["subscribe_claims",{"customer_id":"C-1"}])");
  EXPECT_EQ(socket.last(), R"(437[{"customer_id":"C-1"}])");
  socket.say(R"(42["subscribe_claims"])");
  EXPECT_THAT(socket.last(), StartsWith(R"(42["error",)"));
  socket.say(R"(42["other",1,"2",{"3":[true]}])");
  EXPECT_EQ(socket.last(), R"(42["echo",1,"2",{"3":[true]}])");
  socket.wire->sent.clear();
  socket.say(R"(452-789["x",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])");
  socket.reader->frame(true, "\x01");
  EXPECT_THAT(socket.wire->sent, IsEmpty()) << "an attachment is still to come";
  socket.reader->frame(true, "\x02");
  EXPECT_THAT(socket.wire->sent,
              ElementsAre(R"(462-789[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])",
                          "b:\x01", "b:\x02"));
}

TEST_F(HubTest, what_is_no_socket_io_closes_the_connection) {
  for (const char* text :
       {"4abc", "42{}", R"(42abc["a"])", R"(42/other,["a"])", "40", "44{}", "4"}) {
    const Client socket = client();
    socket.say(text);
    EXPECT_EQ(socket.wire->closed, net::SocketClose::kNormal) << text;
  }
  const Client text_between = client();
  text_between.say(R"(451-["a",{"_placeholder":true,"num":0}])");
  text_between.say(R"(42["b"])");
  EXPECT_TRUE(text_between.wire->closed);
  const Client stray = client();
  stray.reader->frame(true, "\x01");
  EXPECT_TRUE(stray.wire->closed);
  const Client large = client();
  large.say(R"(455-["a"])");
  for (int i = 0; i < 5; ++i) large.reader->frame(true, std::string(900'000, 'x'));
  EXPECT_TRUE(large.wire->closed);
  EXPECT_FALSE(hub_.anything_open());
}

TEST_F(HubTest, a_namespace_must_be_one_that_is_there_and_be_entered_first) {
  const Socket first = open("/socket.io/?EIO=4&transport=websocket");
  first.say(R"(42["a"])");
  EXPECT_TRUE(first.wire->closed) << "an event before the namespace was entered";
  const Socket socket = open("/socket.io/?EIO=4&transport=websocket");
  socket.say("40/random");
  EXPECT_EQ(socket.last(), R"(44/random,{"message":"Invalid namespace"})");
  socket.say("40");
  EXPECT_FALSE(socket.wire->closed);
  socket.say("41");
  hub_.publish("one", "{}", {});
  EXPECT_THAT(socket.last(), StartsWith(R"(42["connected")")) << "who left hears nothing";
  socket.say("40");
  EXPECT_THAT(socket.last(), StartsWith(R"(42["connected")"));
}

TEST_F(HubTest, who_enters_no_namespace_in_time_is_closed) {
  HubConfig config;
  config.engine.ping_interval = 100s;
  Hub hub(config, clock_, random_, gate, log_);
  auto answer = hub.socket(request("/socket.io/?EIO=4&transport=websocket"));
  const auto wire = std::make_shared<WireForTest>();
  std::get<1>(answer)->opened(wire);
  clock_.advance(44'999ms);
  hub.tick();
  EXPECT_FALSE(wire->closed);
  clock_.advance(1ms);
  hub.tick();
  EXPECT_TRUE(wire->closed);
}

TEST_F(HubTest, who_reads_too_slowly_is_cut_off_and_the_others_go_on) {
  const Client slow = client();
  const Client quick = client();
  const Socket plain = open("/ws");
  slow.wire->is_stuck = plain.wire->is_stuck = true;
  const std::string data = R"({"text":")" + std::string(600'000, 'x') + "\"}";
  hub_.publish("one", data, {});
  hub_.publish("two", data, {});
  EXPECT_TRUE(slow.wire->dropped);
  EXPECT_TRUE(plain.wire->dropped);
  EXPECT_FALSE(quick.wire->dropped);
  EXPECT_EQ(quick.wire->sent.size(), 2u);
}

TEST_F(HubTest, stops_in_stages_and_takes_nobody_more) {
  std::vector<Socket> sockets;
  for (int i = 0; i < 200; ++i) sockets.push_back(open("/ws"));
  hub_.stop();
  EXPECT_EQ(open("/ws").status, 503);
  hub_.tick();
  const auto closed = [&] {
    return std::count_if(sockets.begin(), sockets.end(),
                         [](const Socket& socket) { return socket.wire->closed.has_value(); });
  };
  EXPECT_EQ(closed(), 64);
  for (int i = 0; i < 3; ++i) hub_.tick();
  EXPECT_EQ(closed(), 200);
}

}  // namespace
}  // namespace claimlake::events
