#include "serve/site.h"

#include <arpa/inet.h>

#include "base/text.h"
#include "net/gzip.h"
#include "serve/digest.h"
#include "serve/embedded.h"

namespace claimlake::serve {
namespace {

std::string_view type_of(std::string_view name) {
  const std::string_view ending = name.substr(name.rfind('.') + 1);
  if (ending == "html") return "text/html; charset=utf-8";
  if (ending == "js") return "text/javascript; charset=utf-8";
  if (ending == "css") return "text/css; charset=utf-8";
  if (ending == "svg") return "image/svg+xml";
  if (ending == "png") return "image/png";
  if (ending == "woff2") return "font/woff2";
  if (ending == "json") return "application/json";
  return "application/octet-stream";
}

bool is_text(std::string_view type) {
  return type.starts_with("text/") || type == "image/svg+xml" || type == "application/json";
}

}  // namespace

void Site::add(std::string path, std::string_view name, std::string_view bytes) {
  File file;
  file.type = type_of(name);
  file.content.body = bytes;
  if (is_text(file.type) && bytes.size() > 1024) file.content.gzip = net::gzip(bytes);
  file.is_hashed = path.starts_with("/assets/");
  Digest digest;
  digest.add(bytes);
  file.etag = '"' + digest.hex() + '"';
  files_.insert_or_assign(std::move(path), std::move(file));
}

Site::Site() {
  constexpr std::string_view kPage = "ui/";
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.name == "ui/index.html") has_page_ = true;
  }
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.name == "openapi.json") add("/openapi.json", file.name, file.bytes);
    if (file.name == "docs.js" || file.name == "plain.css") {
      add('/' + std::string(file.name), file.name, file.bytes);
    }
    // The page shows the API better; the plain files stand in where it was not built.
    if (file.name == "no_page.html" && !has_page_) add("/", file.name, file.bytes);
    if (file.name == "docs.html" && !has_page_) add("/docs", file.name, file.bytes);
    if (!file.name.starts_with(kPage)) continue;
    const std::string_view inner = file.name.substr(kPage.size());
    if (inner == "index.html") {
      add("/", inner, file.bytes);
      add("/docs", inner, file.bytes);
      add("/lineage", inner, file.bytes);
      add("/models", inner, file.bytes);
    } else {
      add('/' + std::string(inner), inner, file.bytes);
    }
  }
}

net::Response Site::answer(std::string_view path, const net::Request& request) const {
  const File& file = files_.find(path)->second;
  net::Response response;
  response.headers.add("ETag", file.etag);
  response.headers.add("Cache-Control",
                       file.is_hashed ? "public, max-age=31536000, immutable" : "no-cache");
  if (net::matches_etag(request.headers.get("If-None-Match"), file.etag)) {
    response.status = 304;
    return response;
  }
  response.headers.add("Content-Type", file.type);
  const bool gzip =
      !file.content.gzip.empty() && net::accepts_gzip(request.headers.get("Accept-Encoding"));
  if (gzip) response.headers.add("Content-Encoding", "gzip");
  response.body = gzip ? file.content.gzip : file.content.body;
  return response;
}

void add_security_headers(net::Response& response) {
  response.headers.add("Content-Security-Policy",
                       "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' "
                       "data:; connect-src 'self'; font-src 'self'; base-uri 'none'; "
                       "frame-ancestors 'none'; form-action 'self'");
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("Referrer-Policy", "no-referrer");
  response.headers.add("Cross-Origin-Opener-Policy", "same-origin");
  response.headers.add("Cross-Origin-Resource-Policy", "same-origin");
}

bool is_local_host(std::string_view host) {
  std::string_view name = host;
  if (name.starts_with('[')) {
    name = name.substr(1, name.find(']') - 1);
  } else {
    name = name.substr(0, name.find(':'));
  }
  return to_lower(name) == "localhost" || is_loopback(name);
}

bool is_loopback(std::string_view address) {
  const std::string text(address);
  in_addr four{};
  if (inet_pton(AF_INET, text.c_str(), &four) == 1) return (ntohl(four.s_addr) >> 24) == 127;
  in6_addr six{};
  return inet_pton(AF_INET6, text.c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

}  // namespace claimlake::serve
