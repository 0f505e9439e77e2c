#include "serve/server.h"

#include <fmt/format.h>

#include <algorithm>

#include "net/http_server.h"
#include "net/open_files.h"
#include "serve/api.h"
#include "serve/caller.h"
#include "serve/embedded.h"
#include "serve/gate.h"
#include "serve/live_calls.h"
#include "serve/real_time.h"
#include "serve/record_calls.h"
#include "serve/service_answers.h"
#include "serve/site.h"

namespace claimlake::serve {
namespace {

// Most of them are WebSockets that wait for events; the hub bounds those.
constexpr std::size_t kConnectionsMax = 12'000;
constexpr std::size_t kFilesKept = 2'000;

std::string_view embedded(std::string_view name) {
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.name == name) return file.bytes;
  }
  CHECK(false, "a file that must be in every build is not: " + std::string(name));
  return {};
}

Problem problem_of(int status, std::string_view detail) {
  switch (status) {
    case 503:
      return {503, "not_ready", "The server has too much to do.", "Try again in a second."};
    case 500:
      return {500, "internal", std::string(detail), "See the server's log."};
    default:
      return {status, "malformed_request", std::string(detail),
              "Send a well-formed HTTP/1.1 request within the limits."};
  }
}

}  // namespace

class Server::Core {
 public:
  Core(const ServerConfig& config, const ServeContext& context, Contract contract)
      : context_(context),
        contract_(std::move(contract)),
        gate_(context.sign_in, false),
        cache_(config.cache_bytes_max),
        sessions_(context.engine, config.query_time_max, config.sessions),
        api_(context_, sessions_, cache_),
        live_(context_, sessions_),
        records_(context_.records, context_.clock),
        real_time_(context_, sessions_) {
    for (const Operation& operation : contract_.operations()) {
      CHECK(!operation.path.starts_with("/api/") || api_.has(operation) || live_.has(operation) ||
                records_.has(operation),
            "the contract has a call that nobody answers: " + operation.id);
    }
  }

  Done start(const ServerConfig& config) {
    net::HttpServerConfig http;
    http.address = config.address == "localhost" ? "127.0.0.1" : config.address;
    http.port = config.port;
    http.workers = config.workers;
    http.on_cut_off = [this] { sessions_.interrupt_all(); };
    // Until a conversation is asked who it is with, events are for a server without sign-in.
    http.live = context_.sign_in == nullptr ? &real_time_ : nullptr;
    // Files of the lake want to be opened, too.
    const std::size_t files = net::allow_open_files(kConnectionsMax + kFilesKept);
    http.connections_max = std::min(kConnectionsMax, files - std::min(files / 2, kFilesKept));
    TRY(http_, net::HttpServer::start(
                   http, [this](const net::Request& request) { return secured(answer(request)); },
                   [](int status, std::string_view detail) {
                     return secured(to_response(problem_of(status, detail)));
                   },
                   context_.clock, metrics_));
    real_time_.start(*http_);
    return done();
  }

  ~Core() { real_time_.end(); }  // it hands work to the server, which goes first

  net::HttpServer& http() { return *http_; }
  const Site& site() const { return site_; }
  Done stop(Deadline deadline) {
    real_time_.end();
    return http_->stop(deadline);
  }

 private:
  static net::Response secured(net::Response response) {
    add_security_headers(response);
    return response;
  }

  net::Response answer(const net::Request& request) {
    if (!is_local_host(request.headers.get("Host"))) {
      return to_response({421, "misdirected_request",
                          "This server answers only to localhost and 127.0.0.1.",
                          "Open it under the address that claimlake serve printed."});
    }
    // "/api/claims/" is "/api/claims".
    std::vector<std::string> segments = request.segments;
    if (request.path.starts_with("/api/") && segments.back().empty()) segments.pop_back();
    const Operation* operation = contract_.find(segments, request.method);
    const bool is_file = site_.has(request.path);
    if (operation == nullptr && is_file && request.method == "GET") {
      return file(request.path, request);
    }
    std::string allow = contract_.methods_at(segments);
    if (is_file || (allow.empty() && request.method != "GET")) allow = "GET, HEAD";
    if (operation == nullptr && !allow.empty()) {
      return to_response(
          {405, "method_not_allowed", fmt::format("There is no {} here.", request.method),
           fmt::format("Use one of: {}.", allow), "", allow},
          request.path);
    }
    if (operation == nullptr) {
      return to_response({404, "not_found", fmt::format("Nothing is at {}", request.path),
                          "See /docs for what there is."},
                         request.path);
    }
    const auto admitted = gate_.admit(request, *operation);
    const auto* refused = std::get_if<net::Response>(&admitted);
    net::Response response = refused != nullptr
                                 ? *refused
                                 : call(*operation, request, std::get<govern::Caller>(admitted));
    response.route = operation->path;
    return response;
  }

  net::Response file(const std::string& path, const net::Request& request) const {
    net::Response response = site_.answer(path, request);
    response.route = "page";
    return response;
  }

  net::Response call(const Operation& operation, const net::Request& request,
                     const govern::Caller& caller) {
    if (api_.has(operation)) return api_.answer(operation, request);
    auto parameters = Contract::parameters(operation, request);
    if (auto* problem = std::get_if<Problem>(&parameters)) {
      return to_response(*problem, request.path);
    }
    if (live_.has(operation)) {
      return live_.answer(operation, std::get<Parameters>(parameters), request);
    }
    if (records_.has(operation)) {
      return records_.answer(operation, std::get<Parameters>(parameters), request,
                             caller_of(caller));
    }
    if (operation.id == "getHealth") return health(context_);
    if (operation.id == "getReadiness") return readiness(context_, api_.pinner());
    if (operation.id == "getMetrics") return metrics(context_, api_.pinner(), metrics_, cache_);
    return site_.answer(request.path, request);
  }

  const ServeContext context_;
  const Contract contract_;
  const Site site_;
  const Gate gate_;
  net::HttpMetrics metrics_;
  AnswerCache cache_;
  SessionPool sessions_;
  Api api_;
  LiveCalls live_;
  RecordCalls records_;
  RealTime real_time_;
  std::unique_ptr<net::HttpServer> http_;  // last: it stops before what its handlers use goes
};

Server::Server(std::unique_ptr<Core> core) : core_(std::move(core)) {}
Server::~Server() = default;

std::uint16_t Server::port() const { return core_->http().port(); }
bool Server::has_page() const { return core_->site().has_page(); }
Done Server::stop(Deadline deadline) { return core_->stop(deadline); }

Result<std::unique_ptr<Server>> Server::start(const ServerConfig& config,
                                              const ServeContext& context) {
  if (config.address != "localhost" && !is_loopback(config.address)) {
    return Error{Fault::kInvalidInput,
                 fmt::format("cannot serve on '{}': other machines could reach it, and there is no "
                             "sign-in yet to tell them apart",
                             config.address),
                 "",
                 "serve on 127.0.0.1, and let others in through an SSH tunnel: "
                 "ssh -L 8360:127.0.0.1:8360 THIS_MACHINE"};
  }
  TRY(Contract contract, Contract::read(embedded("openapi.json")));
  auto core = std::make_unique<Core>(config, context, std::move(contract));
  TRY_DONE(core->start(config));
  return std::make_unique<Server>(std::move(core));
}

}  // namespace claimlake::serve
