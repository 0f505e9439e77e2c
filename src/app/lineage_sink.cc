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
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
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
    if (waiting_.size() == kWaitingMax) return not_sent("any place", 1, "too many events wait");
    waiting_.push_back(std::move(told));
  }
  changed_.notify_all();
}

void LineageSink::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const Told told = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    handle(told);
    lock.lock();
  }
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
    url_.lost += events.size() - (url_.lost > 0 ? 0 : post(events, url_.why));
  }
}

std::size_t LineageSink::append(const std::vector<std::string>& events, std::string& why) const {
  std::string lines;
  for (const std::string& event : events) lines += event + "\n";
  std::ofstream out(file_.name, std::ios::binary | std::ios::app);
  out << lines << std::flush;
  if (out) return events.size();
  why = "the file cannot be written";
  return 0;
}

std::size_t LineageSink::post(const std::vector<std::string>& events, std::string& why) const {
  net::WebClientOptions options;
  options.connections_max = 1;
  options.connect_max = std::chrono::seconds(3);
  options.silence_max = std::chrono::seconds(10);
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
    if (whole && answer.response.status >= 200 && answer.response.status < 300) continue;
    // Who does not take one will not take the next.
    why = whole ? fmt::format("it answers {}", answer.response.status) : answer.reason;
    return i;
  }
  return events.size();
}

}  // namespace claimlake::app
