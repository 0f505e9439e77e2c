#include "store/path.h"

#include <fmt/format.h>

#include "base/text.h"
#include "store/store.h"

namespace claimlake::store {
namespace {

Error refused(std::string_view path, std::string_view why) {
  return Error{Fault::kInvalidInput,
               fmt::format("not a path in the store: {}: '{}'", why, to_utf8(path)), "",
               "use parts joined by single '/', relative to the lake, such as silver/claims/x"};
}

}  // namespace

Done check_path(std::string_view path) {
  if (path.empty()) return refused(path, "it is empty");
  if (path.find('\0') != std::string_view::npos) return refused(path, "it holds a zero byte");
  if (!is_utf8(path)) return refused(path, "it is not UTF-8");
  std::string_view rest = path;
  for (;;) {
    const std::size_t end = rest.find('/');
    const std::string_view part = rest.substr(0, end);
    if (part.empty()) return refused(path, "a part between '/' is empty");
    if (part == "." || part == "..") return refused(path, "a part is '.' or '..'");
    if (part.size() > 255) return refused(path, "a part is longer than 255 bytes");
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  if (path.substr(0, path.find('/')) == kHiddenFolder) {
    return refused(path, "'.tmp' is the store's own folder");
  }
  return done();
}

Done check_folder(std::string_view folder) { return folder.empty() ? done() : check_path(folder); }

std::string_view parent_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

}  // namespace claimlake::store
