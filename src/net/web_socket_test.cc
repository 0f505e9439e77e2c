// WebSockets and answers that wait, through the real server on a real connection.
#include "net/web_socket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "net/http_client.h"
#include "net/http_server.h"

namespace claimlake::net {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using namespace std::chrono_literals;

// Sends frames back; a poll waits until the next frame comes.
class EchoRoutes final : public LiveRoutes {
 public:
  bool takes(const Request& request) const override { return request.path.starts_with("/live"); }
  void answer(Request request, Reply reply) override {
    if (request.path == "/live/now") return reply(text(request.method + request.body));
    waiting_.push_back(std::move(reply));
    asked.set_value();
  }
  std::variant<Response, std::shared_ptr<SocketReader>> socket(const Request& request) override {
    if (request.path != "/live/socket") return text("not here", 404);
    return std::make_shared<Reader>(*this);
  }
  void tick() override {
    if (stopping_ && wire_ != nullptr) wire_->close(SocketClose::kRestart, "stop");
  }
  bool anything_open() const override { return wire_ != nullptr; }
  void stop() override {
    stopping_ = true;
    for (const Reply& reply : waiting_) reply(text("stopped"));
    waiting_.clear();
  }
  std::promise<void> asked;

 private:
  class Reader final : public SocketReader {
   public:
    explicit Reader(EchoRoutes& routes) : routes_(routes) {}
    void opened(std::shared_ptr<SocketWire> wire) override { routes_.wire_ = std::move(wire); }
    void frame(bool binary, std::string data) override {
      for (const Reply& reply : routes_.waiting_) reply(text(data));
      routes_.waiting_.clear();
      if (data == "close") return routes_.wire_->close(SocketClose::kPolicy, "as you wish");
      if (data == "drop") return routes_.wire_->drop();
      routes_.wire_->send({binary, std::make_shared<const std::string>(std::move(data))});
    }
    void closed() override { routes_.wire_.reset(); }

   private:
    EchoRoutes& routes_;
  };
  static Response text(std::string body, int status = 200) {
    Response response;
    response.status = status;
    response.body = std::move(body);
    return response;
  }
  std::vector<Reply> waiting_;
  std::shared_ptr<SocketWire> wire_;
  bool stopping_ = false;
};

// A frame as a client sends it, with a mask of zeros.
std::string masked(char first, std::string_view data) {
  std::string frame{first};
  if (data.size() < 126) {
    frame += static_cast<char>(0x80 | data.size());
  } else {
    frame += static_cast<char>(0x80 | 127);
    for (int shift = 56; shift >= 0; shift -= 8) frame += static_cast<char>(data.size() >> shift);
  }
  return frame + std::string(4, '\0') + std::string(data);
}

class WebSocketTest : public testing::Test {
 protected:
  WebSocketTest() {
    HttpServerConfig config;
    config.port = 0;
    config.live = &routes_;
    auto server = HttpServer::start(
        config, [](const Request&) { return Response(); },
        [](int status, std::string_view) {
          Response response;
          response.status = status;
          return response;
        },
        clock_, metrics_);
    EXPECT_TRUE(server);
    server_ = *std::move(server);
  }
  HttpClient client() { return *HttpClient::connect(server_->port(), 10s); }
  // A socket that is open.
  HttpClient open() {
    HttpClient socket = client();
    EXPECT_TRUE(socket.write(kUpgrade));
    const auto answer = socket.read_response(false);
    EXPECT_TRUE(answer);
    EXPECT_EQ(answer->status, 101);
    // RFC 6455, section 1.3, for the key below.
    EXPECT_EQ(answer->headers.get("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    EXPECT_FALSE(answer->headers.has("Sec-WebSocket-Extensions"));
    return socket;
  }
  // All that the server says to `frames` until it closes.
  std::string converse(const std::string& frames) {
    HttpClient socket = open();
    EXPECT_TRUE(socket.write(frames));
    const auto all = socket.read_to_end();
    EXPECT_TRUE(all);
    return all ? *all : "";
  }

  static inline const std::string kUpgrade =
      "GET /live/socket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n";

  SystemClock clock_;
  HttpMetrics metrics_;
  EchoRoutes routes_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(WebSocketTest, opens_without_compression_and_sends_back_both_kinds) {
  EXPECT_EQ(converse(masked('\x81', "hello") + masked('\x82', "\x01\xff") +
                     masked('\x81', "close") + masked('\x88', "\x03\xf0")),
            "\x81\x05hello\x82\x02\x01\xff\x88\x0d\x03\xf0"
            "as you wish");
}

TEST_F(WebSocketTest, closes_with_the_code_of_what_is_wrong) {
  EXPECT_THAT(converse(masked('\x81', "\xff\xff")), StartsWith("\x88\x02\x03\xef"))
      << "1007, no UTF-8";
  EXPECT_THAT(converse(masked('\x81', std::string(1'000'001, 'x'))), StartsWith("\x88\x02\x03\xf1"))
      << "1009, too large";
  EXPECT_THAT(converse(std::string("\x81\x02"
                                   "ab")),
              StartsWith("\x88\x02\x03\xea"))
      << "1002, no mask";
  EXPECT_EQ(converse(masked('\x81', "drop")), "");
}

TEST_F(WebSocketTest, a_poll_waits_without_a_worker) {
  HttpClient poll = client();
  ASSERT_TRUE(poll.write("GET /live/wait HTTP/1.1\r\nHost: x\r\n\r\n"));
  routes_.asked.get_future().wait();
  HttpClient socket = open();
  ASSERT_TRUE(socket.write(masked('\x81', "event")));
  EXPECT_EQ(poll.read_response()->body, "event");
  EXPECT_EQ(poll.send("POST", "/live/now", {}, "!")->body, "POST!") << "on the same connection";
}

TEST_F(WebSocketTest, what_is_refused_is_an_ordinary_answer) {
  HttpClient socket = client();
  std::string elsewhere = kUpgrade;
  elsewhere.replace(elsewhere.find("/live/socket"), 12, "/live/nowhere");
  ASSERT_TRUE(socket.write(elsewhere));
  EXPECT_EQ(socket.read_response()->status, 404);
}

TEST_F(WebSocketTest, a_stop_ends_what_waits_and_what_is_open) {
  HttpClient poll = client();
  ASSERT_TRUE(poll.write("GET /live/wait HTTP/1.1\r\nHost: x\r\n\r\n"));
  routes_.asked.get_future().wait();
  HttpClient socket = open();
  ASSERT_TRUE(socket.write(masked('\x88', "\x03\xf4")));
  EXPECT_TRUE(server_->stop(Deadline::in(clock_, 10s)));
  EXPECT_EQ(poll.read_response()->body, "stopped");
}

TEST_F(WebSocketTest, work_can_be_handed_to_the_thread_of_the_routes) {
  std::promise<void> done;
  server_->post([&] { done.set_value(); });
  EXPECT_EQ(done.get_future().wait_for(10s), std::future_status::ready);
}

}  // namespace
}  // namespace claimlake::net
