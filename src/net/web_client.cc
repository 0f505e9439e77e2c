#include "net/web_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <vector>

#include "base/check.h"

// Each handle of libcurl keeps its own connection alive. A pool of handles, each used by one
// request at a time, is then a pool of connections with a limit, without a thread of its own.

namespace claimlake::net {
namespace {

using Handle = std::unique_ptr<CURL, void (*)(CURL*)>;

// One request under way, as libcurl's callbacks see it.
struct Transfer {
  const WebRequest& request;
  const Cancel& cancel;
  Response response;
  std::size_t body_sent = 0;
  bool headers_whole = false;
  bool too_long = false;
};

std::size_t take_header(char* data, std::size_t, std::size_t size, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  std::string_view line(data, size);
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  if (line.starts_with("HTTP/")) {  // of the answer, or of a "100 Continue" before it
    transfer.response.headers = {};
    transfer.headers_whole = false;
    return size;
  }
  if (line.empty()) {
    transfer.headers_whole = true;
    return size;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return size;
  std::string_view value = line.substr(colon + 1);
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
  transfer.response.headers.add(std::string(line.substr(0, colon)), std::string(value));
  return size;
}

std::size_t take_body(char* data, std::size_t, std::size_t size, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  std::string& body = transfer.response.body;
  const auto most = static_cast<std::size_t>(transfer.request.answer_bytes_max);
  const std::size_t taken = std::min(size, most - std::min(most, body.size()));
  body.append(data, taken);
  transfer.too_long = taken < size;
  return taken;  // less than `size` ends the transfer
}

std::size_t give_body(char* out, std::size_t, std::size_t room, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  const std::string_view rest = transfer.request.body.substr(transfer.body_sent);
  const std::size_t given = std::min(room, rest.size());
  std::memcpy(out, rest.data(), given);
  transfer.body_sent += given;
  return given;
}

// libcurl wants to rewind the body in order to send a request once more, when a connection that was
// kept alive broke before the answer. The server may have acted on the first one by then, so the
// caller has to know: it is refused.
int refuse_rewind(void*, curl_off_t, int) { return CURL_SEEKFUNC_FAIL; }

int look_for_cancel(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(context)->cancel.cancelled() ? 1 : 0;
}

bool was_never_sent(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return true;
    default:
      return false;
  }
}

bool is_hopeless(CURLcode code) {
  return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
         code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL;
}

void set_method(CURL* curl, Transfer& transfer) {
  const WebRequest& request = transfer.request;
  if (request.method == "HEAD") {
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    return;
  }
  if (request.method == "PUT" || request.method == "POST") {
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_body);
    curl_easy_setopt(curl, CURLOPT_READDATA, &transfer);
    curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, refuse_rewind);
  }
  // Without a body there is nothing to rewind, and a request on a connection that turns out to be
  // dead would be repeated silently. A new connection is never in doubt.
  if (request.method != "GET" && request.body.empty()) {
    curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
  }
  if (request.method != "GET" && request.method != "PUT") {
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
}

void set_options(CURL* curl, const WebClientOptions& options, Transfer& transfer) {
  curl_easy_setopt(curl, CURLOPT_URL, transfer.request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
  // One request on a connection at a time: what was sent and what was not is then plain.
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, static_cast<long>(options.connect_max.count()));
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(options.silence_max.count()));
  curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, 256L * 1024);
  curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, 256L * 1024);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_for_cancel);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  if (!options.ca_file.empty()) {
    curl_easy_setopt(curl, CURLOPT_CAINFO, options.ca_file.c_str());
    curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
  }
  if (!options.use_proxy) curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  set_method(curl, transfer);
}

using HeaderList = std::unique_ptr<curl_slist, void (*)(curl_slist*)>;

HeaderList header_list(const WebRequest& request) {
  HeaderList list(nullptr, curl_slist_free_all);
  const auto add = [&list](const std::string& line) {
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    CHECK(longer != nullptr, "out of memory for a header");
    list.release();  // NOLINT: `longer` begins with it
    list.reset(longer);
  };
  // "Expect: 100-continue" would cost a round trip.
  add("Expect:");
  add("Accept:");
  for (const auto& [name, value] : request.headers) {
    add(value.empty() ? name + ";" : name + ": " + value);
  }
  return list;
}

WebAnswer::Fate fate_of(CURLcode code, const Transfer& transfer) {
  using Fate = WebAnswer::Fate;
  if (code == CURLE_OK) return Fate::kWhole;
  if (code == CURLE_ABORTED_BY_CALLBACK) return Fate::kCancelled;
  if (transfer.headers_whole && transfer.response.status >= 200) return Fate::kCut;
  return was_never_sent(code) ? Fate::kNotSent : Fate::kLost;
}

}  // namespace

struct WebClient::Pool {
  std::mutex mutex;
  std::condition_variable freed;
  std::vector<Handle> idle;
  int busy = 0;
};

WebClient::WebClient(WebClientOptions options)
    : options_(std::move(options)), pool_(std::make_unique<Pool>()) {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  CHECK(initialised == CURLE_OK, "libcurl cannot be initialised");
}

WebClient::~WebClient() = default;

WebAnswer WebClient::send(const WebRequest& request) const {
  Handle handle(nullptr, curl_easy_cleanup);
  {
    std::unique_lock lock(pool_->mutex);
    pool_->freed.wait(lock, [this] { return pool_->busy < options_.connections_max; });
    ++pool_->busy;
    if (!pool_->idle.empty()) {
      handle = std::move(pool_->idle.back());
      pool_->idle.pop_back();
    }
  }
  if (!handle) handle.reset(curl_easy_init());
  CHECK(handle != nullptr, "out of memory for a connection");

  Transfer transfer{request, options_.cancel};
  char reason[CURL_ERROR_SIZE] = "";
  const HeaderList headers = header_list(request);
  set_options(handle.get(), options_, transfer);
  curl_easy_setopt(handle.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(handle.get(), CURLOPT_ERRORBUFFER, reason);
  const CURLcode code =
      options_.cancel.cancelled() ? CURLE_ABORTED_BY_CALLBACK : curl_easy_perform(handle.get());
  long status = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  curl_easy_reset(handle.get());  // keeps the connection
  transfer.response.status = static_cast<int>(status);

  WebAnswer answer;
  answer.fate = fate_of(code, transfer);
  answer.hopeless = is_hopeless(code);
  answer.reason = transfer.too_long   ? "the answer is longer than it may be"
                  : reason[0] != '\0' ? reason
                  : code == CURLE_OK  ? ""
                                      : curl_easy_strerror(code);
  answer.response = std::move(transfer.response);
  {
    const std::lock_guard lock(pool_->mutex);
    --pool_->busy;
    pool_->idle.push_back(std::move(handle));
  }
  pool_->freed.notify_one();
  return answer;
}

}  // namespace claimlake::net
