#include "events/frame_server.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "events/client_call.h"

namespace claimlake::events {
namespace {

using Json = nlohmann::json;

net::SocketFrame frame(std::string_view type, const Json& data) {
  const Json json = {{"type", type}, {"data", data}};
  return {false, std::make_shared<const std::string>(
                     json.dump(-1, ' ', false, Json::error_handler_t::replace))};
}

}  // namespace

net::SocketFrame frame_of(const Event& event, std::string_view id) {
  return {false, std::make_shared<const std::string>(
                     fmt::format(R"({{"type":{},"data":{},"id":{}}})", Json(event.name).dump(),
                                 event.data, Json(id).dump()))};
}

class FrameServer::Reader final : public net::SocketReader {
 public:
  Reader(std::shared_ptr<FrameServer*> server, std::shared_ptr<const void> place, Listener who,
         std::string id, std::string behind)
      : who_(std::move(who)),
        id_(std::move(id)),
        behind_(std::move(behind)),
        server_(std::move(server)),
        place_(std::move(place)) {}

  void opened(std::shared_ptr<net::SocketWire> wire) override {
    wire_ = std::move(wire);
    if (*server_ == nullptr) return wire_->drop();
    (*server_)->readers_.insert(this);
    (*server_)->welcome(*this);
  }
  void frame(bool binary, std::string data) override {
    if (*server_ == nullptr) return;
    if (binary || data.size() > kFrameBytesMax) {
      return wire_->close(net::SocketClose::kPolicy, "frames are JSON texts of at most 64 KiB");
    }
    (*server_)->take(*this, data);
  }
  void closed() override {
    if (*server_ != nullptr) (*server_)->readers_.erase(this);
    place_.reset();
    wire_.reset();
  }

  const Listener who_;
  const std::string id_;
  const std::string behind_;
  std::shared_ptr<net::SocketWire> wire_;

 private:
  const std::shared_ptr<FrameServer*> server_;
  std::shared_ptr<const void> place_;  // in the count of connections
};

FrameServer::FrameServer(ConnectionCount& count, const EventLog& log, std::size_t queue_bytes_max)
    : count_(count), log_(log), queue_bytes_max_(queue_bytes_max) {}

FrameServer::~FrameServer() { *self_ = nullptr; }

std::variant<net::Response, std::shared_ptr<net::SocketReader>> FrameServer::socket(
    const std::string& address, const Listener& who, std::string id, std::string behind) {
  auto place = count_.take(address);
  if (place == nullptr) {
    net::Response response;
    response.status = 503;
    response.headers.add("Retry-After", "5");
    response.headers.add("Content-Type", "text/plain");
    response.body = "Too many connections. Close one, or try again later.\n";
    return response;
  }
  return std::make_shared<Reader>(self_, std::move(place), who, std::move(id), std::move(behind));
}

void FrameServer::welcome(Reader& reader) {
  const auto place = log_.place_of(reader.behind_);
  send(reader, frame("connected", welcome_data(reader.id_, log_, place.has_value())));
  if (!place) return;
  for (const Event* event : log_.after(*place)) {
    if (may_hear(reader.who_, event->audience)) {
      send(reader, frame_of(*event, log_.name_of(event->number)));
    }
  }
}

void FrameServer::take(Reader& reader, std::string_view text) {
  const auto call = read_call(text);
  if (!call) return send(reader, frame("error", {{"message", call.error().message}}));
  if (call->action == "ping") return send(reader, frame("pong", Json::object()));
  if (call->action == "subscribe_claims") {
    const Subscription answer = subscribe(reader.who_, call->data);
    return send(reader, frame(answer.granted ? "subscribed" : "error", answer.data));
  }
  send(reader, frame("echo", call->whole));
}

void FrameServer::send(Reader& reader, const net::SocketFrame& frame) {
  if (reader.wire_ == nullptr) return;
  reader.wire_->send(frame);
  if (reader.wire_->queued_bytes() > queue_bytes_max_) reader.wire_->drop();
}

void FrameServer::send_to(const std::function<bool(const Listener&)>& wanted,
                          const net::SocketFrame& frame) {
  const std::vector<Reader*> readers(readers_.begin(), readers_.end());
  for (Reader* reader : readers) {
    if (readers_.contains(reader) && wanted(reader->who_)) send(*reader, frame);
  }
}

void FrameServer::end_some(std::size_t count) {
  for (auto next = readers_.begin(); count-- > 0 && next != readers_.end();) {
    const auto wire = (*next)->wire_;
    next = readers_.erase(next);
    wire->close(net::SocketClose::kRestart, "the server stops");
  }
}

}  // namespace claimlake::events
