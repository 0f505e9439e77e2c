#include "app/lineage_sink.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/log.h"
#include "net/web_client.h"

namespace claimlake::app {
namespace {

void not_sent(const std::string& to, std::size_t events, const std::string& why) {
  log(LogLevel::kWarning, "lineage_not_sent",
      {{"to", to}, {"events", std::to_string(events)}, {"error", why}});
}

void append(const std::string& file, const std::vector<std::string>& events) {
  std::string lines;
  for (const std::string& event : events) lines += event + "\n";
  std::ofstream out(file, std::ios::binary | std::ios::app);
  out << lines << std::flush;
  if (!out) not_sent(file, events.size(), "the file cannot be written");
}

void post(const std::string& url, const std::vector<std::string>& events, const Cancel& cancel) {
  net::WebClientOptions options;
  options.connections_max = 1;
  options.connect_max = std::chrono::seconds(3);
  options.silence_max = std::chrono::seconds(10);
  options.cancel = cancel;
  const net::WebClient client(options);
  net::WebRequest request{.method = "POST", .url = url, .headers = {}, .body = {}};
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
    // Who does not take one will not take the next: a run does not wait for each.
    return not_sent(url, events.size() - i,
                    whole ? fmt::format("it answers {}", answer.response.status) : answer.reason);
  }
}

}  // namespace

void send_lineage(const Config& config, const std::string& folder,
                  const std::vector<std::string>& events, const Cancel& cancel) {
  if (events.empty()) return;
  if (!config.lineage_file.empty()) {
    append((std::filesystem::path(folder) / config.lineage_file).string(), events);
  }
  if (!config.lineage_url.empty()) post(config.lineage_url, events, cancel);
}

}  // namespace claimlake::app
