#include "serve/real_time.h"

#include <chrono>

#include "serve/json_body.h"
#include "serve/site.h"

namespace claimlake::serve {
namespace {

using namespace std::chrono_literals;

// Who went may come back within this time and hear at once what happened; later, as soon as the
// tables were looked at.
constexpr auto kKeepLooking = 120s;
// Between two looks for commits that nothing tells of: those of other processes.
constexpr auto kLookEvery = 1s;

net::Response secured(net::Response response) {
  add_security_headers(response);
  return response;
}

// Who may listen. The one place that says so: there is no sign-in yet, so whoever reaches the
// server on this machine, and is not the page of another site, is staff.
std::variant<net::Response, events::Listener> who_listens(const net::Request& request) {
  if (!is_local_host(request.headers.get("Host"))) {
    return to_response({421, "misdirected_request",
                        "This server answers only to localhost and 127.0.0.1.",
                        "Open it under the address that claimlake serve printed."});
  }
  if (comes_from_elsewhere(request)) {
    return to_response({403, "cross_origin", "A page of another site may not listen here.",
                        "Ask from the page of this server, or from a program."});
  }
  return events::Listener{true, ""};
}

std::string events_path(const ServeContext& context) {
  return context.work_folder.empty() ? "" : context.work_folder + "/events.jsonl";
}

}  // namespace

RealTime::RealTime(const ServeContext& context, SessionPool& sessions)
    : context_(context),
      sessions_(sessions),
      file_(events_path(context), random_),
      hub_({}, context.clock, random_, who_listens, file_.log()) {}

RealTime::~RealTime() { end(); }

void RealTime::start(net::HttpServer& server) {
  context_.control.events().on_add([wake = wake_] {
    const std::lock_guard lock(wake->mutex);
    wake->wanted = true;
    wake->changed.notify_all();
  });
  thread_ = std::thread([this, &server] { run(server); });
}

void RealTime::end() {
  if (!thread_.joinable()) return;
  context_.control.events().on_add(nullptr);
  {
    const std::lock_guard lock(wake_->mutex);
    wake_->ended = true;
  }
  wake_->changed.notify_all();
  thread_.join();
}

void RealTime::wake() {
  const std::lock_guard lock(wake_->mutex);
  wake_->wanted = true;
  wake_->changed.notify_all();
}

void RealTime::note_listeners() {
  const bool listened = hub_.anything_open();
  if (listened && !listened_.exchange(true)) wake();
  if (!listened) listened_ = false;
}

void RealTime::answer(net::Request request, Reply reply) {
  hub_.answer(std::move(request), [reply = std::move(reply)](net::Response response) {
    reply(secured(std::move(response)));
  });
  note_listeners();
}

std::variant<net::Response, std::shared_ptr<net::SocketReader>> RealTime::socket(
    const net::Request& request) {
  auto answer = hub_.socket(request);
  if (auto* refused = std::get_if<net::Response>(&answer)) *refused = secured(std::move(*refused));
  note_listeners();
  return answer;
}

void RealTime::tick() {
  hub_.tick();
  note_listeners();
}

void RealTime::run(net::HttpServer& server) {
  told_ = file_.versions();
  // Who listened before the server stopped is expected back.
  auto until = file_.was_there() ? context_.clock.steady_now() + kKeepLooking
                                 : std::chrono::steady_clock::time_point::min();
  std::shared_ptr<const void> listener;  // so that the pipeline tells what it does
  if (!file_.was_there()) {
    told_ = versions_now(context_);
    server.post([this, now = told_] { file_.keep({}, now); });
  }
  std::unique_lock lock(wake_->mutex);
  while (!wake_->ended) {
    wake_->wanted = false;
    lock.unlock();
    if (listened_) until = context_.clock.steady_now() + kKeepLooking;
    if (context_.clock.steady_now() < until) {
      if (listener == nullptr) listener = context_.control.events().listen();
      look(server);
    } else {
      listener.reset();
    }
    lock.lock();
    wake_->changed.wait_for(lock, kLookEvery, [this] { return wake_->wanted || wake_->ended; });
  }
}

void RealTime::look(net::HttpServer& server) {
  const TableVersions now = versions_now(context_);
  auto events =
      std::make_shared<std::vector<CommitEvent>>(commit_events(context_, sessions_, told_, now));
  if (events->empty()) return;
  told_ = now;
  server.post([this, events, now] {
    file_.keep(*events, now);
    for (CommitEvent& event : *events) {
      hub_.publish(std::move(event.name), std::move(event.data), std::move(event.audience));
    }
  });
}

}  // namespace claimlake::serve
