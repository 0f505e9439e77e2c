#include "store/object_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <thread>
#include <vector>

#include "base/text.h"

namespace claimlake::store {
namespace {

// The footer of most Parquet files fits, and small objects come whole.
constexpr std::int64_t kEndBytes = 64 * 1024;
// A smaller read brings this much: at 50 ms and 200 Mbit/s it takes a fifth longer than one byte.
constexpr std::int64_t kAheadBytes = 256 * 1024;
constexpr std::size_t kWindows = 4;
// A larger read is divided into parts of this size, each on a connection of its own.
constexpr std::int64_t kPartBytes = 4 << 20;
constexpr std::size_t kPartsAtOnce = 4;
// Breaks of the connection that bring nothing new, one after the other.
constexpr int kCutsMax = 8;

struct ContentRange {
  std::int64_t first = 0;
  std::int64_t total = 0;
};

// Of "bytes 0-99/1234".
std::optional<ContentRange> parse_content_range(std::string_view text) {
  constexpr std::string_view kUnit = "bytes ";
  if (!text.starts_with(kUnit)) return std::nullopt;
  text.remove_prefix(kUnit.size());
  const std::size_t dash = text.find('-');
  const std::size_t slash = text.find('/');
  if (dash == std::string_view::npos || slash == std::string_view::npos) return std::nullopt;
  ContentRange range;
  const auto number = [](std::string_view digits, std::int64_t& out) {
    const auto value = whole_number(digits);
    out = value.value_or(-1);
    return out >= 0;
  };
  if (!number(text.substr(0, dash), range.first) || !number(text.substr(slash + 1), range.total))
    return std::nullopt;
  return range;
}

Call get(const std::string& key, const std::string& range, const std::string& etag) {
  Call call{.kind = Call::Kind::kRead, .method = "GET", .key = key};
  if (!range.empty()) call.headers.add("Range", range);
  if (!etag.empty()) call.headers.add("If-Match", etag);
  return call;
}

Error absent(const std::string& what) {
  return {Fault::kNotFound, "cannot " + what + ": it does not exist"};
}

Error replaced(const std::string& what) {
  return {Fault::kUnavailable, "cannot " + what + ": it was replaced while it was read", "",
          "try again"};
}

Error broken(const std::string& what) {
  return {
      Fault::kUnavailable,
      fmt::format("cannot {}: the connection broke {} times without bringing more", what, kCutsMax),
      "", "check the network, then try again"};
}

Error bad_range(const std::string& what) {
  return {Fault::kUnavailable, "cannot " + what + ": the service answers another part than asked",
          "", "check what stands between here and the service, such as a proxy"};
}

struct OpenObject {
  std::shared_ptr<const Courier> courier;
  std::string key;
  std::string what;
  std::string etag;
  std::int64_t size = 0;
};

// Fills `out` from `offset`; a connection that breaks is followed by a request for the rest.
Done fetch(const OpenObject& object, std::int64_t offset, std::span<char> out) {
  std::size_t have = 0;
  for (int cuts = 0; have < out.size();) {
    const std::int64_t first = offset + static_cast<std::int64_t>(have);
    const std::int64_t last = offset + static_cast<std::int64_t>(out.size()) - 1;
    TRY(const Answer answer,
        object.courier->send(get(object.key, fmt::format("bytes={}-{}", first, last), object.etag),
                             object.what));
    if (answer.verdict == Verdict::kAbsent) return absent(object.what);
    if (answer.verdict == Verdict::kChanged) return replaced(object.what);
    std::string_view body = answer.response.body;
    if (answer.response.status == 206) {
      const auto range = parse_content_range(answer.response.headers.get("Content-Range"));
      if (!range || range->first != first) return bad_range(object.what);
    } else {
      // The whole object, by a service that does not know ranges.
      if (answer.response.status != 200) return bad_range(object.what);
      body.remove_prefix(std::min(body.size(), static_cast<std::size_t>(first)));
    }
    body = body.substr(0, out.size() - have);
    std::memcpy(out.data() + have, body.data(), body.size());
    have += body.size();
    if (have == out.size()) break;
    if (!answer.cut && !body.empty()) return bad_range(object.what);
    cuts = body.empty() ? cuts + 1 : 0;
    if (cuts >= kCutsMax) return broken(object.what);
  }
  return done();
}

class ObjectReader final : public Reader {
 public:
  ObjectReader(OpenObject object, std::int64_t first, std::string bytes)
      : object_(std::move(object)) {
    remember(std::make_shared<Window>(Window{first, std::move(bytes)}));
  }

  std::int64_t size() const override { return object_.size; }

  Done read(std::int64_t offset, std::span<char> out) const override {
    const auto count = static_cast<std::int64_t>(out.size());
    if (offset < 0 || offset > object_.size || count > object_.size - offset) {
      return Error{Fault::kInvalidInput,
                   fmt::format("cannot {}: {} bytes from {} on are not in its {} bytes",
                               object_.what, count, offset, object_.size)};
    }
    if (count == 0 || copy_from_window(offset, out)) return done();
    if (count >= kAheadBytes) return fetch_parts(offset, out);
    std::int64_t first = offset;
    std::int64_t last = std::min(object_.size, offset + kAheadBytes);
    if (last == object_.size) first = std::max<std::int64_t>(0, std::min(first, last - kEndBytes));
    auto window = std::make_shared<Window>(
        Window{first, std::string(static_cast<std::size_t>(last - first), '\0')});
    TRY_DONE(fetch(object_, first, window->bytes));
    std::memcpy(out.data(), window->bytes.data() + (offset - first), out.size());
    remember(std::move(window));
    return done();
  }

 private:
  struct Window {
    std::int64_t first;
    std::string bytes;
  };
  using WindowPtr = std::shared_ptr<const Window>;

  void remember(WindowPtr window) const {
    windows_.with([&](std::vector<WindowPtr>& windows) {
      // The first one is the end of the object: it stays.
      if (windows.size() == kWindows) windows.erase(windows.begin() + 1);
      windows.push_back(std::move(window));
    });
  }

  bool copy_from_window(std::int64_t offset, std::span<char> out) const {
    const auto count = static_cast<std::int64_t>(out.size());
    const WindowPtr found = windows_.with([&](const std::vector<WindowPtr>& windows) {
      for (const WindowPtr& window : windows) {
        const auto size = static_cast<std::int64_t>(window->bytes.size());
        if (offset >= window->first && offset + count <= window->first + size) return window;
      }
      return WindowPtr();
    });
    if (!found) return false;
    std::memcpy(out.data(), found->bytes.data() + (offset - found->first), out.size());
    return true;
  }

  Done fetch_parts(std::int64_t offset, std::span<char> out) const {
    const std::size_t parts = (out.size() + kPartBytes - 1) / kPartBytes;
    if (parts == 1) return fetch(object_, offset, out);
    std::atomic<std::size_t> next = 0;
    Guarded<Done> result(done());
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < std::min(parts, kPartsAtOnce); ++i) {
        threads.emplace_back([&] {
          for (std::size_t part = next++; part < parts; part = next++) {
            const std::size_t first = part * kPartBytes;
            const std::size_t count = std::min<std::size_t>(kPartBytes, out.size() - first);
            Done fetched = fetch(object_, offset + static_cast<std::int64_t>(first),
                                 out.subspan(first, count));
            if (fetched) continue;
            result.with([&](Done& whole) { whole = std::move(fetched); });
            next = parts;  // the others need not go on
          }
        });
      }
    }
    return result.with([](Done& whole) { return std::move(whole); });
  }

  const OpenObject object_;
  mutable Guarded<std::vector<WindowPtr>> windows_;
};

}  // namespace

Result<std::string> read_object(const Courier& courier, const std::string& key,
                                const std::string& what) {
  std::string bytes;
  std::string etag;
  for (int cuts = 0; cuts < kCutsMax;) {
    const std::string rest = bytes.empty() ? "" : fmt::format("bytes={}-", bytes.size());
    TRY(Answer answer, courier.send(get(key, rest, rest.empty() ? "" : etag), what));
    if (answer.verdict == Verdict::kAbsent) return absent(what);
    if (answer.verdict == Verdict::kChanged || answer.response.status == 416) {
      bytes.clear();  // it was replaced in the middle: from the start
      ++cuts;
      continue;
    }
    net::Response& response = answer.response;
    if (rest.empty() || response.status == 200) {
      bytes = std::move(response.body);
      if (!answer.cut) {
        response.body = std::move(bytes);
        if (courier.service().is_intact(response)) return std::move(response.body);
        bytes.clear();
        ++cuts;
        continue;
      }
      etag = response.headers.get("ETag");
      cuts = bytes.empty() ? cuts + 1 : 0;
      continue;
    }
    const auto range = parse_content_range(response.headers.get("Content-Range"));
    if (!range || range->first != static_cast<std::int64_t>(bytes.size())) return bad_range(what);
    cuts = response.body.empty() ? cuts + 1 : 0;
    bytes += response.body;
    if (static_cast<std::int64_t>(bytes.size()) == range->total) return bytes;
  }
  return broken(what);
}

Result<std::unique_ptr<Reader>> open_object(std::shared_ptr<const Courier> courier, std::string key,
                                            std::string what) {
  const std::string range = courier->service().reads_from_end()
                                ? fmt::format("bytes=-{}", kEndBytes)
                                : fmt::format("bytes=0-{}", kEndBytes - 1);
  OpenObject object{std::move(courier), std::move(key), std::move(what), "", 0};
  for (int cuts = 0; cuts < kCutsMax; ++cuts) {
    TRY(Answer answer, object.courier->send(get(object.key, range, ""), object.what));
    if (answer.verdict == Verdict::kAbsent) return absent(object.what);
    net::Response& response = answer.response;
    if (answer.cut) continue;
    std::int64_t first = 0;
    if (response.status == 416) {  // an empty object has no range
      response.body.clear();
    } else if (response.status == 206) {
      const auto given = parse_content_range(response.headers.get("Content-Range"));
      if (!given) return bad_range(object.what);
      first = given->first;
      object.size = given->total;
      if (object.size - first < static_cast<std::int64_t>(response.body.size()))
        return bad_range(object.what);
    } else {
      object.size = static_cast<std::int64_t>(response.body.size());
    }
    object.etag = response.headers.get("ETag");
    return std::unique_ptr<Reader>(
        std::make_unique<ObjectReader>(std::move(object), first, std::move(response.body)));
  }
  return broken(object.what);
}

}  // namespace claimlake::store
