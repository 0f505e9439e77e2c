#include "app/lineage_sink.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "app/version.h"
#include "base/log.h"
#include "net/web_client.h"

namespace claimlake::app {
namespace {

void not_sent(const std::string& to, std::size_t events, const std::string& why) {
  log(LogLevel::kWarning, "lineage_not_sent",
      {{"to", to}, {"events", std::to_string(events)}, {"error", why}});
}

}  // namespace

LineageSink::LineageSink(Context context)
    : context_(std::move(context)), thread_([this] { run(); }) {}

LineageSink::~LineageSink() {
  {
    std::unique_lock lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
    for (std::int64_t taken = -1; taken != taken_ && !ended_;) {
      taken = taken_;
      changed_.wait_for(lock, kStopMax, [this] { return ended_; });
    }
    cancel_.cancel();
  }
  thread_.join();
}

void LineageSink::begins(const refresh::BegunTable& begun) { add(begun); }

void LineageSink::ends(const refresh::RunReport& report, std::string_view kind,
                       const Error* broke_off) {
  Ended ended{report, std::string(kind), std::nullopt, context_.clock.now()};
  if (broke_off != nullptr) ended.broke_off = *broke_off;
  add(std::move(ended));
}

void LineageSink::add(Told told) {
  {
    const std::lock_guard lock(mutex_);
    // A run is told of in two parts; without its end the first would wait for ever.
    const bool ends = std::holds_alternative<Ended>(told);
    if (waiting_.size() >= (ends ? 2 : 1) * kWaitingMax) {
      return not_sent("any place", 1, "too many events wait");
    }
    waiting_.push_back(std::move(told));
  }
  changed_.notify_all();
}

void LineageSink::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
    if (waiting_.empty() || cancel_.cancelled()) break;  // stopped
    const Told told = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    handle(told);
    lock.lock();
  }
  if (!waiting_.empty()) not_sent("any place", waiting_.size(), "the program ends");
  tell_lost();
  ended_ = true;
  changed_.notify_all();
}

void LineageSink::handle(const Told& told) {
  if (!lineage_) {
    auto lineage = pack::read_lineage(context_.pack, context_.engine);
    if (!lineage) return not_sent("any place", 1, lineage.error().message);
    lineage_ = *std::move(lineage);
  }
  const refresh::OpenLineageContext context{
      context_.lake,  context_.pack,
      *lineage_,      context_.config.lineage_namespace,
      context_.place, std::string("urn:claimlake:") + kVersion};
  if (const auto* begun = std::get_if<refresh::BegunTable>(&told)) {
    auto& tables = begun_[begun->run];
    send(refresh::open_lineage_begin(context, *begun, tables.empty()));
    tables[begun->table] = begun->started_at;
    return;
  }
  const Ended& ended = std::get<Ended>(told);
  refresh::OpenLineageEnd end{.at = ended.at};
  if (auto tables = begun_.extract(ended.report.run)) end.begun = std::move(tables.mapped());
  if (ended.broke_off) end.broke_off = &*ended.broke_off;
  send(refresh::open_lineage_events(context, ended.report, ended.kind, end));
  tell_lost();
}

void LineageSink::tell_lost() {
  for (Place* place : {&file_, &url_}) {
    if (place->lost > 0) not_sent(place->name, place->lost, place->why);
    place->lost = 0;
  }
}

void LineageSink::send(const std::vector<std::string>& events) {
  if (events.empty()) return;
  const Config& config = context_.config;
  if (!config.lineage_file.empty()) {
    file_.name = (std::filesystem::path(context_.folder) / config.lineage_file).string();
    file_.lost += events.size() - (file_.lost > 0 ? 0 : append(events, file_.why));
  }
  if (!config.lineage_url.empty()) {
    url_.name = config.lineage_url;
    const auto begun = context_.clock.steady_now();
    const bool left_alone = url_.lost > 0 || begun < url_.again_at;
    const std::size_t taken = left_alone ? 0 : post(events, url_.why);
    url_.lost += events.size() - taken;
    // Who lets one wait is not asked again soon: else runs would wait for each other here.
    const auto took = context_.clock.steady_now() - begun;
    if (!left_alone && taken < events.size()) url_.again_at = begun + kPauses * took;
  }
}

std::size_t LineageSink::append(const std::vector<std::string>& events, std::string& why) {
  std::string lines;
  for (const std::string& event : events) lines += event + "\n";
  std::ofstream out(file_.name, std::ios::binary | std::ios::app);
  out << lines << std::flush;
  if (out) {
    ++taken_;
    return events.size();
  }
  why = "the file cannot be written";
  return 0;
}

std::size_t LineageSink::post(const std::vector<std::string>& events, std::string& why) {
  net::WebClientOptions options;
  options.connections_max = 1;
  options.connect_max = std::chrono::seconds(3);
  options.silence_max = std::chrono::seconds(10);
  options.cancel = cancel_;
  const net::WebClient client(options);
  net::WebRequest request{.method = "POST", .url = url_.name, .headers = {}, .body = {}};
  request.headers.add("Content-Type", "application/json");
  if (const char* token = std::getenv("CLAIMLAKE_LINEAGE_TOKEN"); token != nullptr) {
    request.headers.add("Authorization", fmt::format("Bearer {}", token));
  }
  request.answer_bytes_max = 1 << 16;
  for (std::size_t i = 0; i < events.size(); ++i) {
    request.body = events[i];
    const net::WebAnswer answer = client.send(request);
    const bool whole = answer.fate == net::WebAnswer::Fate::kWhole;
    if (whole && answer.response.status >= 200 && answer.response.status < 300) {
      ++taken_;
      continue;
    }
    // Who does not take one will not take the next.
    why = whole ? fmt::format("it answers {}", answer.response.status) : answer.reason;
    return i;
  }
  return events.size();
}

}  // namespace claimlake::app
