#include "net/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <latch>
#include <stdexcept>
#include <thread>

#include "net/gzip.h"
#include "net/http_client.h"

namespace claimlake::net {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

Response text_response(std::string body) {
  Response response;
  response.headers.add("Content-Type", "text/plain");
  response.body = std::move(body);
  return response;
}

Response error_response(int status, std::string_view detail) {
  Response response = text_response(std::string(detail));
  response.status = status;
  return response;
}

class HttpServerTest : public testing::Test {
 protected:
  void start(Handler handler, HttpServerConfig config = {}) {
    config.port = 0;
    auto server = HttpServer::start(config, std::move(handler), error_response, clock_, metrics_);
    ASSERT_TRUE(server) << server.error().text();
    server_ = std::move(*server);
  }
  HttpClient client() {
    auto client = HttpClient::connect(server_->port(), 10s);
    EXPECT_TRUE(client);
    return std::move(*client);
  }
  Response send(std::string_view method, std::string_view target, const Headers& headers = {}) {
    auto response = client().send(method, target, headers);
    EXPECT_TRUE(response) << response.error().text();
    return response ? *response : Response{.status = 0, .headers = {}, .body = {}, .route = {}};
  }
  Done stop(std::chrono::microseconds time = 10s) {
    return server_->stop(Deadline::in(clock_, time));
  }

  SystemClock clock_;
  HttpMetrics metrics_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, tells_from_which_address_a_request_came) {
  start([](const Request& request) { return text_response(request.peer); });
  EXPECT_EQ(send("GET", "/").body, "127.0.0.1");
}

TEST_F(HttpServerTest, hands_the_request_to_the_handler_and_its_answer_back) {
  start([](const Request& request) {
    Response response = text_response(request.method + " " + request.segments.at(1) + " " +
                                      request.query.at(0).second + " " +
                                      std::string(request.headers.get("x-mine")) + request.body);
    response.status = 404;
    response.headers.add("X-Answer", "yes\r\nX-Injected: 1");
    return response;
  });
  Headers headers;
  headers.add("X-Mine", "h");

  const auto response = client().send("POST", "/a/b%20c?d=e", headers, "body");

  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 404);
  EXPECT_EQ(response->body, "POST b c e hbody");
  EXPECT_EQ(response->headers.get("X-Answer"), "yes  X-Injected: 1");
  EXPECT_FALSE(response->headers.has("X-Injected"));
  EXPECT_THAT(std::string(response->headers.get("Date")), HasSubstr(" GMT"));
}

TEST_F(HttpServerTest, keeps_the_connection_for_many_requests) {
  start([](const Request& request) { return text_response(request.path); });
  auto one = client();

  for (int i = 0; i < 100; ++i) {
    const std::string path = "/" + std::to_string(i);
    EXPECT_EQ(one.send("GET", path)->body, path);
  }

  EXPECT_THAT(metrics_.text(), HasSubstr("claimlake_http_connections 1\n"));
}

TEST_F(HttpServerTest, answers_pipelined_requests_in_order) {
  start([](const Request& request) { return text_response(request.path); });
  auto one = client();

  ASSERT_TRUE(
      one.write("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n"
                "GET /3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));

  EXPECT_EQ(one.read_response()->body, "/1");
  EXPECT_EQ(one.read_response()->body, "/2");
  EXPECT_EQ(one.read_response()->body, "/3");
  EXPECT_EQ(*one.read_to_end(), "");
}

TEST_F(HttpServerTest, serves_many_clients_at_once) {
  start(
      [](const Request& request) { return text_response(request.path + std::string(2000, 'x')); });
  std::atomic<int> right = 0;
  std::vector<std::jthread> threads;

  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      auto one = client();
      for (int i = 0; i < 50; ++i) {
        const std::string path = "/" + std::to_string(t * 1000 + i);
        const auto response = one.send("GET", path);
        if (response && response->body == path + std::string(2000, 'x')) ++right;
      }
    });
  }
  threads.clear();

  EXPECT_EQ(right, 400);
}

TEST_F(HttpServerTest, answers_head_like_get_without_the_body) {
  start([](const Request& request) { return text_response(request.method + "12345"); });

  const Response response = send("HEAD", "/");

  EXPECT_EQ(response.headers.get("Content-Length"), "8");
  EXPECT_EQ(response.body, "");
}

TEST_F(HttpServerTest, an_answer_without_a_known_end_comes_piece_by_piece_and_ends_the_connection) {
  start([](const Request&) {
    Response response = text_response("one,");
    response.more = [pieces = 0]() mutable -> std::optional<std::string> {
      switch (++pieces) {
        case 1:
          return "two,";
        case 2:
          return "";  // nothing just now
        case 3:
          return "three";
        default:
          return std::nullopt;
      }
    };
    return response;
  });
  auto one = client();
  ASSERT_TRUE(one.write("GET / HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n"));

  const auto text = one.read_to_end();

  ASSERT_TRUE(text);
  EXPECT_THAT(*text, testing::EndsWith("\r\n\r\none,two,three"));
  EXPECT_THAT(*text, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(*text, testing::Not(HasSubstr("Content-Length")));
}

TEST_F(HttpServerTest, stops_in_the_middle_of_an_answer_without_end) {
  std::latch asked(1);
  start([&asked](const Request&) {
    Response response = text_response("one");
    response.more = [&asked, first = true]() mutable -> std::optional<std::string> {
      if (first) asked.count_down();
      first = false;
      return "";
    };
    return response;
  });
  auto one = client();
  ASSERT_TRUE(one.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  asked.wait();

  EXPECT_TRUE(stop());
}

TEST_F(HttpServerTest, sends_no_body_with_304) {
  start([](const Request&) {
    Response response = text_response("not sent");
    response.status = 304;
    return response;
  });
  auto one = client();

  EXPECT_EQ(one.send("GET", "/")->status, 304);
  EXPECT_EQ(one.send("GET", "/")->status, 304);
}

TEST_F(HttpServerTest, compresses_large_text_for_those_who_take_it) {
  const std::string large(5000, 'x');
  start([&](const Request& request) {
    return text_response(request.path == "/large" ? large : "small");
  });
  Headers gzip_only;
  gzip_only.add("Accept-Encoding", "gzip");

  const Response packed = send("GET", "/large", gzip_only);

  EXPECT_EQ(packed.headers.get("Content-Encoding"), "gzip");
  EXPECT_EQ(packed.headers.get("Vary"), "Accept-Encoding");
  EXPECT_EQ(*gunzip(packed.body, 10'000), large);
  EXPECT_EQ(send("GET", "/large").body, large);
  EXPECT_EQ(send("GET", "/small", gzip_only).body, "small");
}

TEST_F(HttpServerTest, refuses_malformed_requests_and_goes_on) {
  start([](const Request&) { return text_response("fine"); });

  for (const char* bytes :
       {"nonsense\r\n\r\n", "GET / HTTP/3.7\r\n\r\n", "GET /%zz HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nBad Header\r\n\r\n", "GET x HTTP/1.1\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", "\x16\x03\x01\x02\r\n\r\n"}) {
    auto one = client();
    ASSERT_TRUE(one.write(bytes));
    const auto response = one.read_response();
    ASSERT_TRUE(response) << bytes;
    EXPECT_EQ(response->status, 400) << bytes;
    EXPECT_EQ(response->headers.get("Connection"), "close");
  }
  EXPECT_EQ(send("GET", "/").body, "fine");
  EXPECT_THAT(metrics_.text(), HasSubstr("refused_total{reason=\"malformed\"} 7\n"));
}

TEST_F(HttpServerTest, refuses_headers_and_bodies_past_their_limits) {
  HttpServerConfig config;
  config.header_bytes_max = 1000;
  config.body_bytes_max = 1000;
  start([](const Request&) { return text_response("fine"); }, config);
  Headers large;
  large.add("X-Large", std::string(2000, 'x'));

  EXPECT_EQ(send("GET", "/", large).status, 431);
  const auto refused = client().send("POST", "/", {}, std::string(1001, 'x'));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 413);
  EXPECT_EQ(client().send("POST", "/", {}, std::string(1000, 'x'))->status, 200);
}

TEST_F(HttpServerTest, asks_for_the_body_of_those_who_wait_to_be_asked) {
  start([](const Request& request) { return text_response(request.body); });
  auto one = client();

  ASSERT_TRUE(one.write("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"));
  EXPECT_EQ(one.read_response()->status, 100);
  ASSERT_TRUE(one.write("body"));

  EXPECT_EQ(one.read_response()->body, "body");
}

TEST_F(HttpServerTest, closes_slow_requests_after_their_time) {
  HttpServerConfig config;
  config.request_timeout = 50ms;
  start([](const Request&) { return text_response("fine"); }, config);
  auto slow = client();

  ASSERT_TRUE(slow.write("GET / HTTP/1.1\r\nX-Slow: "));

  EXPECT_EQ(*slow.read_to_end(), "");
  ASSERT_TRUE(stop());
  EXPECT_THAT(metrics_.text(), HasSubstr("refused_total{reason=\"slow_request\"} 1\n"));
}

TEST_F(HttpServerTest, closes_slow_bodies_after_their_time) {
  HttpServerConfig config;
  config.request_timeout = 50ms;
  start([](const Request&) { return text_response("fine"); }, config);
  auto slow = client();

  ASSERT_TRUE(slow.write("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n12345"));

  EXPECT_EQ(*slow.read_to_end(), "");
}

TEST_F(HttpServerTest, closes_idle_connections_without_a_word) {
  HttpServerConfig config;
  config.idle_timeout = 50ms;
  start([](const Request&) { return text_response("fine"); }, config);
  auto idle = client();
  EXPECT_EQ(idle.send("GET", "/")->body, "fine");

  EXPECT_EQ(*idle.read_to_end(), "");
}

TEST_F(HttpServerTest, turns_requests_away_when_too_many_wait) {
  HttpServerConfig config;
  config.workers = 1;
  config.waiting_max = 0;
  start([](const Request&) { return text_response("fine"); }, config);

  EXPECT_EQ(send("GET", "/").status, 503);
  EXPECT_THAT(metrics_.text(), HasSubstr("refused_total{reason=\"overload\"} 1\n"));
}

TEST_F(HttpServerTest, closes_connections_past_the_limit) {
  HttpServerConfig config;
  config.connections_max = 1;
  start([](const Request&) { return text_response("fine"); }, config);
  auto first = client();
  EXPECT_EQ(first.send("GET", "/")->body, "fine");

  auto second = client();

  EXPECT_EQ(*second.read_to_end(), "");
  EXPECT_EQ(first.send("GET", "/")->body, "fine");
}

TEST_F(HttpServerTest, answers_500_when_a_handler_throws) {
  start([](const Request&) -> Response { throw std::runtime_error("secret"); });

  const Response response = send("GET", "/");

  EXPECT_EQ(response.status, 500);
  EXPECT_THAT(response.body, testing::Not(HasSubstr("secret")));
}

TEST_F(HttpServerTest, keeps_labels_few_whatever_clients_send) {
  start([](const Request&) { return text_response("fine"); });

  EXPECT_EQ(send("BREW", "/a").status, 200);
  EXPECT_EQ(send("BREW2", "/b").status, 200);

  EXPECT_THAT(metrics_.text(),
              HasSubstr("requests_total{route=\"other\",method=\"OTHER\",status=\"200\"} 2\n"));
}

TEST_F(HttpServerTest, lets_running_requests_finish_when_it_stops) {
  std::latch running(1);
  std::latch go_on(1);
  start([&](const Request&) {
    running.count_down();
    go_on.wait();
    return text_response("finished");
  });
  auto one = client();
  auto idle = client();
  ASSERT_TRUE(one.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  running.wait();

  std::jthread stops([&] { EXPECT_TRUE(stop()); });
  EXPECT_EQ(*idle.read_to_end(), "");  // closed: the stop has begun
  go_on.count_down();

  const auto response = one.read_response();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "finished");
  EXPECT_EQ(response->headers.get("Connection"), "close");
}

TEST_F(HttpServerTest, cancels_requests_that_run_past_the_deadline) {
  std::latch running(1);
  start([&](const Request& request) {
    running.count_down();
    while (!request.cancel.cancelled()) std::this_thread::yield();
    return text_response("too late");
  });
  auto one = client();
  ASSERT_TRUE(one.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  running.wait();

  const Done stopped = stop(20ms);

  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().fault, Fault::kTimeout);
  EXPECT_FALSE(one.read_response());
  EXPECT_TRUE(stop());
}

TEST_F(HttpServerTest, says_that_the_port_is_taken) {
  start([](const Request&) { return text_response("fine"); });
  HttpServerConfig config;
  config.port = server_->port();

  const auto second = HttpServer::start(
      config, [](const Request&) { return Response(); }, error_response, clock_, metrics_);

  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr("another program listens there"));
  EXPECT_THAT(second.error().next, HasSubstr("--port"));
}

TEST_F(HttpServerTest, refuses_an_address_that_is_none) {
  HttpServerConfig config;
  config.address = "localhost!";

  const auto server = HttpServer::start(
      config, [](const Request&) { return Response(); }, error_response, clock_, metrics_);

  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().fault, Fault::kInvalidInput);
}

}  // namespace
}  // namespace claimlake::net
