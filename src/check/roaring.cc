#include "check/roaring.h"

#include <fmt/format.h>

#include <vector>

namespace claimlake::check {
namespace {

constexpr std::uint32_t kMagic = 1681511377;
constexpr std::uint32_t kCookie = 12346;  // no container has runs
constexpr std::uint32_t kCookieWithRuns = 12347;
constexpr std::uint32_t kOffsetsFrom = 4;  // fewer containers with runs have no offsets
constexpr std::uint32_t kArrayMax = 4096;  // more values are kept as bits
constexpr std::size_t kBitsetWords = 1024;

class Reader {
 public:
  Reader(std::string_view bytes, const std::function<void(std::uint64_t, std::uint64_t)>& use)
      : rest_(bytes), use_(use) {}

  RoaringRows read() {
    if (take(4) != kMagic) fail("it does not begin with the magic number 1681511377");
    const std::uint64_t buckets = take(8);
    std::int64_t last_key = -1;
    for (std::uint64_t i = 0; i < buckets && out_.problem.empty(); ++i) {
      const auto key = static_cast<std::int64_t>(take(4));
      if (key <= last_key || key > INT32_MAX) fail("its bitmaps are not in ascending order");
      last_key = key;
      bucket(static_cast<std::uint64_t>(key) << 32);
    }
    out_.padding = rest_.size();
    if (rest_.find_first_not_of('\0') != std::string_view::npos) {
      fail(fmt::format("{} bytes too many", rest_.size()));
    }
    return std::move(out_);
  }

 private:
  struct Container {
    std::uint64_t first = 0;  // row of its value 0
    std::uint32_t count = 0;
    bool has_runs = false;
  };

  void fail(std::string problem) {
    if (out_.problem.empty()) out_.problem = std::move(problem);
    rest_ = {};
  }

  // The next bytes as a number, least byte first; 0 after a failure.
  std::uint64_t take(std::size_t size) {
    if (rest_.size() < size) {
      fail("it is cut short");
      return 0;
    }
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < size; ++i) {
      number |= static_cast<std::uint64_t>(static_cast<unsigned char>(rest_[i])) << (8 * i);
    }
    rest_.remove_prefix(size);
    return number;
  }

  void rows(std::uint64_t first, std::uint64_t count) {
    if (out_.count > 0 && first <= out_.greatest) return fail("its rows are not ascending");
    out_.count += count;
    out_.greatest = first + count - 1;
    if (use_) use_(first, count);
  }

  void bucket(std::uint64_t first) {
    const std::uint64_t cookie = take(4);
    const bool runs = (cookie & 0xffff) == kCookieWithRuns;
    if (!runs && cookie != kCookie) return fail("a bitmap in it begins with no known cookie");
    const std::uint64_t count = runs ? (cookie >> 16) + 1 : take(4);
    if (count > 65536) return fail("a bitmap in it has too many containers");
    const std::string_view flags = rest_.substr(0, runs ? (count + 7) / 8 : 0);
    if (runs) skip((count + 7) / 8);
    std::vector<Container> containers;
    for (std::uint64_t i = 0; i < count && out_.problem.empty(); ++i) {
      Container one{.first = first + (take(2) << 16)};
      one.count = static_cast<std::uint32_t>(take(2)) + 1;
      one.has_runs = runs && (static_cast<unsigned char>(flags[i / 8]) >> (i % 8) & 1) != 0;
      containers.push_back(one);
    }
    if (!runs || count >= kOffsetsFrom) skip(4 * count);
    for (const Container& one : containers) {
      if (out_.problem.empty()) container(one);
    }
  }

  void skip(std::uint64_t size) {
    if (rest_.size() < size) return fail("it is cut short");
    rest_.remove_prefix(size);
  }

  void container(const Container& one) {
    const std::uint64_t before = out_.count;
    if (one.has_runs) {
      const std::uint64_t runs = take(2);
      for (std::uint64_t i = 0; i < runs && out_.problem.empty(); ++i) {
        const std::uint64_t start = take(2);
        const std::uint64_t more = take(2);
        if (start + more > 0xffff) return fail("a run in it is too long");
        if (out_.problem.empty()) rows(one.first + start, more + 1);
      }
    } else if (one.count <= kArrayMax) {
      for (std::uint32_t i = 0; i < one.count && out_.problem.empty(); ++i) {
        const std::uint64_t value = take(2);
        if (out_.problem.empty()) rows(one.first + value, 1);
      }
    } else {
      bits(one.first);
    }
    if (out_.problem.empty() && out_.count - before != one.count) {
      fail(fmt::format("a part of it says {} rows and has {}", one.count, out_.count - before));
    }
  }

  void bits(std::uint64_t first) {
    for (std::size_t word = 0; word < kBitsetWords && out_.problem.empty(); ++word) {
      const std::uint64_t set = take(8);
      for (std::uint64_t bit = 0; bit < 64; ++bit) {
        if ((set >> bit & 1) != 0) rows(first + word * 64 + bit, 1);
      }
    }
  }

  std::string_view rest_;
  const std::function<void(std::uint64_t, std::uint64_t)>& use_;
  RoaringRows out_;
};

}  // namespace

RoaringRows read_roaring(std::string_view bytes,
                         const std::function<void(std::uint64_t, std::uint64_t)>& use) {
  return Reader(bytes, use).read();
}

}  // namespace claimlake::check
