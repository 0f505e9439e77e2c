#pragma once

#include <map>
#include <string>
#include <string_view>

#include "net/http_message.h"
#include "serve/answer_cache.h"

namespace claimlake::serve {

// The files that browsers get: the page, its parts, /docs. Immutable.
class Site {
 public:
  // Takes the embedded files, compressed where that pays.
  Site();

  // Whether there is a file at `path`, such as "/" or "/assets/index-6UDKsZLf.css".
  bool has(std::string_view path) const { return files_.contains(path); }
  net::Response answer(std::string_view path, const net::Request& request) const;
  // Whether the page was built into the program.
  bool has_page() const { return has_page_; }

 private:
  struct File {
    CachedAnswer content;
    std::string type;
    std::string etag;
    bool is_hashed = false;  // its name changes with its bytes
  };
  void add(std::string path, std::string_view name, std::string_view bytes);

  std::map<std::string, File, std::less<>> files_;
  bool has_page_ = false;
};

// Adds what browsers need to keep this origin to itself, to every answer.
void add_security_headers(net::Response& response);

// Whether a request with this Host field means this server. A page of another site whose name was
// pointed at 127.0.0.1 sends its own name, and must learn nothing (DNS rebinding).
bool is_local_host(std::string_view host);

// Whether `address` is one that only this machine can reach.
bool is_loopback(std::string_view address);

}  // namespace claimlake::serve
