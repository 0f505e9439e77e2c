#include "store/imposter_for_test.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>

#include <charconv>
#include <condition_variable>

#include "base/check.h"
#include "base/text.h"

namespace claimlake::store {
namespace {

void wait_until(std::chrono::steady_clock::time_point time) {
  std::mutex mutex;
  std::condition_variable never_notified;
  std::unique_lock lock(mutex);
  never_notified.wait_until(lock, time, [] { return false; });
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

bool send_all(int connection, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool receive_more(int connection, std::string& buffer) {
  char bytes[65536];
  const ssize_t got = recv(connection, bytes, sizeof bytes, 0);
  if (got <= 0) return false;
  buffer.append(bytes, static_cast<std::size_t>(got));
  return true;
}

std::size_t content_length(const std::string& head) {
  const std::string lower = to_lower(head);
  const std::size_t at = lower.find("\r\ncontent-length:");
  if (at == std::string::npos) return 0;
  std::size_t first = at + 17;
  while (lower[first] == ' ') ++first;
  std::size_t length = 0;
  std::from_chars(lower.data() + first, lower.data() + lower.size(), length);
  return length;
}

// One request from the front of `buffer`, which keeps what comes after it.
bool read_request(int connection, std::string& buffer, Imposter::Request& request) {
  std::size_t end = 0;
  while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
    if (!receive_more(connection, buffer)) return false;
  }
  request.head = buffer.substr(0, end + 4);
  const std::size_t whole = end + 4 + content_length(request.head);
  while (buffer.size() < whole) {
    if (!receive_more(connection, buffer)) return false;
  }
  request.body = buffer.substr(end + 4, whole - end - 4);
  buffer.erase(0, whole);
  const std::size_t space = request.head.find(' ');
  request.method = request.head.substr(0, space);
  request.target = request.head.substr(space + 1, request.head.find(' ', space + 1) - space - 1);
  return true;
}

}  // namespace

Imposter::Imposter(Plan plan, std::uint16_t upstream_port, Link link)
    : plan_(std::move(plan)), upstream_port_(upstream_port), link_(link) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  CHECK(listener_ >= 0 && bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
            listen(listener_, 128) == 0 &&
            getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0,
        "the imposter cannot listen");
  port_ = ntohs(address.sin_port);
  accepting_ = std::jthread([this] { accept_all(); });
}

Imposter::~Imposter() {
  stopping_ = true;
  shutdown(listener_, SHUT_RDWR);
  accepting_.join();
  close(listener_);
  connections_.with([](const std::vector<int>& all) {
    for (const int connection : all) shutdown(connection, SHUT_RDWR);
  });
  auto threads = threads_.with([](auto& all) { return std::move(all); });
  threads.clear();
}

std::string Imposter::url() const { return fmt::format("http://127.0.0.1:{}", port_); }

void Imposter::accept_all() {
  while (!stopping_) {
    const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) return;
    const int yes = 1;
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    connections_.with([&](auto& all) { all.push_back(connection); });
    threads_.with([&](auto& all) { all.emplace_back([this, connection] { serve(connection); }); });
  }
}

void Imposter::serve(int connection) {
  if (link_.round_trip.count() > 0) wait_until(std::chrono::steady_clock::now() + link_.round_trip);
  std::string buffer;
  Request request;
  while (!stopping_ && read_request(connection, buffer, request)) {
    request.number = requests_++;
    const auto begin = std::chrono::steady_clock::now();
    const bool go_on = answer(connection, request);
    const auto end = std::chrono::steady_clock::now();
    spans_.with([&](std::vector<Span>& all) { all.push_back({request.number, begin, end}); });
    if (!go_on) break;
  }
  connections_.with([&](auto& all) { std::erase(all, connection); });
  close(connection);
}

// Taking the one that ends first, then the first that begins after it, gives the longest row.
int Imposter::journeys(int first) const {
  std::vector<Span> spans = spans_.with([](const std::vector<Span>& all) { return all; });
  std::erase_if(spans, [&](const Span& span) { return span.number < first; });
  std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.end < b.end; });
  int count = 0;
  Time behind{};
  for (const Span& span : spans) {
    if (span.begin < behind) continue;
    ++count;
    behind = span.end;
  }
  return count;
}

std::string Imposter::ask_upstream(const Request& request) const {
  const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(upstream_port_);
  std::string reply;
  if (connect(server, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
    std::string head = request.head;
    head.insert(head.size() - 2, "Connection: close\r\n");
    if (send_all(server, head) && send_all(server, request.body)) {
      while (receive_more(server, reply)) {
      }
    }
  }
  close(server);
  // The client's connection is another one, and stays.
  const std::size_t at = to_lower(reply.substr(0, reply.find("\r\n\r\n"))).find("\r\nconnection:");
  if (at != std::string::npos) reply.erase(at, reply.find("\r\n", at + 2) - at);
  return reply;
}

bool Imposter::send_over_link(int connection, std::string_view bytes) {
  if (link_.bytes_per_second == 0) return send_all(connection, bytes);
  constexpr std::size_t kPiece = 64 * 1024;
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kPiece);
    std::chrono::steady_clock::time_point free_at;
    {
      const std::lock_guard lock(link_mutex_);
      link_free_at_ = std::max(link_free_at_, std::chrono::steady_clock::now()) +
                      std::chrono::microseconds(static_cast<std::int64_t>(piece.size()) *
                                                1'000'000 / link_.bytes_per_second);
      free_at = link_free_at_;
    }
    wait_until(free_at);
    if (!send_all(connection, piece)) return false;
    bytes.remove_prefix(piece.size());
  }
  return true;
}

bool Imposter::answer(int connection, const Request& request) {
  using What = Reply::What;
  if (link_.round_trip.count() > 0) wait_until(std::chrono::steady_clock::now() + link_.round_trip);
  const Reply reply = plan_(request);
  if (reply.what == What::kLoseRequest) return false;
  std::string real;
  const bool of_ours = reply.what == What::kAnswer || reply.what == What::kAnswerCut;
  if (!of_ours) real = ask_upstream(request);
  switch (reply.what) {
    case What::kPass:
      return send_over_link(connection, real);
    case What::kCut: {
      const std::size_t body = real.find("\r\n\r\n") + 4;
      send_all(connection, std::string_view(real).substr(0, body + (real.size() - body) / 2));
      return false;
    }
    case What::kLoseAnswer:
      return false;
    default: {
      std::string_view body = reply.body;
      if (request.method == "HEAD") body = {};
      if (reply.what == What::kAnswerCut) body = body.substr(0, body.size() / 2);
      return send_all(connection,
                      fmt::format("HTTP/1.1 {} Said\r\n{}Content-Length: {}\r\n\r\n{}",
                                  reply.status, reply.headers, reply.body.size(), body)) &&
             reply.what != What::kAnswerCut;
    }
  }
}

}  // namespace claimlake::store
