// CRoaring holds and writes the sets. Bytes that come from outside are read here: the library's
// reader trusts what it reads (cardinalities, order), and would follow it out of its memory.
#include "delta/row_set.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <optional>
#include <roaring/roaring.hh>
#include <vector>

#include "base/check.h"

namespace claimlake::delta {
namespace {

constexpr std::uint32_t kMagic = 1'681'511'377;
constexpr std::uint32_t kCookieWithRuns = 12'347;
constexpr std::uint32_t kCookie = 12'346;
constexpr std::uint32_t kArrayMax = 4'096;
constexpr std::size_t kBitsetBytes = 8'192;
constexpr std::uint32_t kContainersMax = 65'536;
// With fewer containers, bytes with runs have no list of offsets.
constexpr std::uint32_t kOffsetsFrom = 4;

static_assert(std::endian::native == std::endian::little, "the format is little-endian");

// Reads numbers off the front; what does not fit makes it fail, and it stays so.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : rest_(bytes) {}
  template <class Number>
  Number take() {
    Number number{};
    if (const auto bytes = take(sizeof(Number)))
      std::memcpy(&number, bytes->data(), sizeof(Number));
    return number;
  }
  std::optional<std::string_view> take(std::size_t count) {
    if (count > rest_.size()) failed_ = true;
    if (failed_) return std::nullopt;
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  bool failed() const { return failed_; }
  bool only_zeros_left() const { return rest_.find_first_not_of('\0') == std::string_view::npos; }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

Error bad(std::string_view why) {
  return {Fault::kCorrupt, fmt::format("the deletion vector is damaged: {}", why)};
}
const char* const kShort = "it ends in the middle";

struct Container {
  std::uint32_t first = 0;  // the least value it may hold
  std::uint32_t size = 0;
  bool runs = false;
};

Done read_runs(Bytes& bytes, const Container& container, Roaring& out) {
  const auto count = bytes.take<std::uint16_t>();
  std::uint32_t next = 0;
  std::uint64_t size = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t start = bytes.take<std::uint16_t>();
    const std::uint32_t length = bytes.take<std::uint16_t>() + 1u;
    if (bytes.failed()) return bad(kShort);
    if (start < next || start + length > 65'536) return bad("its runs overlap");
    out.addRange(std::uint64_t{container.first} + start,
                 std::uint64_t{container.first} + start + length);
    next = start + length;
    size += length;
  }
  if (bytes.failed()) return bad(kShort);
  return size == container.size ? done() : bad("a run says another number of rows");
}

Done read_array(Bytes& bytes, const Container& container, Roaring& out) {
  std::vector<std::uint32_t> values;
  values.reserve(container.size);
  for (std::uint32_t i = 0; i < container.size; ++i) {
    const std::uint32_t value = container.first + bytes.take<std::uint16_t>();
    if (bytes.failed()) return bad(kShort);
    if (!values.empty() && value <= values.back()) return bad("its rows do not ascend");
    values.push_back(value);
  }
  out.addMany(values.size(), values.data());
  return done();
}

Done read_bitset(Bytes& bytes, const Container& container, Roaring& out) {
  const auto words = bytes.take(kBitsetBytes);
  if (!words) return bad(kShort);
  std::vector<std::uint32_t> values;
  values.reserve(container.size);
  for (std::size_t i = 0; i < kBitsetBytes / 8; ++i) {
    std::uint64_t word = 0;
    std::memcpy(&word, words->data() + i * 8, 8);
    for (; word != 0; word &= word - 1) {
      values.push_back(container.first + static_cast<std::uint32_t>(i) * 64 +
                       static_cast<std::uint32_t>(std::countr_zero(word)));
    }
  }
  if (values.size() != container.size) return bad("a bitset says another number of rows");
  out.addMany(values.size(), values.data());
  return done();
}

// One bitmap of the Roaring format specification.
Result<Roaring> read_bitmap(Bytes& bytes) {
  const auto cookie = bytes.take<std::uint32_t>();
  const bool has_runs = (cookie & 0xffff) == kCookieWithRuns;
  if (!has_runs && cookie != kCookie) return bad("a bitmap begins with another number");
  const std::uint32_t count = has_runs ? (cookie >> 16) + 1 : bytes.take<std::uint32_t>();
  if (count > kContainersMax) return bad("a bitmap has too many parts");
  const auto run_flags = bytes.take(has_runs ? (count + 7) / 8 : 0);
  if (!run_flags) return bad(kShort);
  std::vector<Container> containers(count);
  std::int64_t last_key = -1;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t key = bytes.take<std::uint16_t>();
    const std::uint32_t size = bytes.take<std::uint16_t>() + 1u;
    if (bytes.failed()) return bad(kShort);
    if (key <= last_key) return bad("the parts of a bitmap do not ascend");
    last_key = key;
    const bool runs =
        has_runs && (static_cast<unsigned char>((*run_flags)[i / 8]) >> (i % 8) & 1) != 0;
    containers[i] = {key << 16, size, runs};
  }
  // Where each part begins; they follow one another, so this says nothing new.
  if ((!has_runs || count >= kOffsetsFrom) && !bytes.take(std::size_t{count} * 4)) {
    return bad(kShort);
  }
  Roaring out;
  for (const Container& container : containers) {
    if (container.runs) {
      TRY_DONE(read_runs(bytes, container, out));
    } else if (container.size <= kArrayMax) {
      TRY_DONE(read_array(bytes, container, out));
    } else {
      TRY_DONE(read_bitset(bytes, container, out));
    }
  }
  if (bytes.failed()) return bad(kShort);
  return out;
}

template <class Number>
void put(std::string& out, Number number) {
  char bytes[sizeof(Number)];
  std::memcpy(bytes, &number, sizeof(Number));
  out.append(bytes, sizeof(Number));
}

std::uint32_t upper(std::uint64_t row) { return static_cast<std::uint32_t>(row >> 32); }
std::uint32_t lower(std::uint64_t row) { return static_cast<std::uint32_t>(row); }

}  // namespace

struct RowSet::Bitmaps {
  std::map<std::uint32_t, Roaring> by_upper;  // none is empty
};

RowSet::RowSet() : bitmaps_(std::make_unique<Bitmaps>()) {}
RowSet::RowSet(const RowSet& other) : bitmaps_(std::make_unique<Bitmaps>(*other.bitmaps_)) {}
RowSet::RowSet(RowSet&& other) noexcept : RowSet() { bitmaps_.swap(other.bitmaps_); }
RowSet& RowSet::operator=(RowSet other) noexcept {
  bitmaps_.swap(other.bitmaps_);
  return *this;
}
RowSet::~RowSet() = default;

void RowSet::add(std::uint64_t row) { bitmaps_->by_upper[upper(row)].add(lower(row)); }

void RowSet::add_range(std::uint64_t first, std::uint64_t count) {
  while (count > 0) {
    const std::uint64_t room = (std::uint64_t{1} << 32) - lower(first);
    const std::uint64_t here = std::min(count, room);
    bitmaps_->by_upper[upper(first)].addRange(lower(first), std::uint64_t{lower(first)} + here);
    first += here;
    count -= here;
  }
}

void RowSet::add_all(const RowSet& other) {
  for (const auto& [key, bitmap] : other.bitmaps_->by_upper) bitmaps_->by_upper[key] |= bitmap;
}

void RowSet::remove_all(const RowSet& other) {
  for (const auto& [key, bitmap] : other.bitmaps_->by_upper) {
    const auto mine = bitmaps_->by_upper.find(key);
    if (mine == bitmaps_->by_upper.end()) continue;
    mine->second -= bitmap;
    if (mine->second.isEmpty()) bitmaps_->by_upper.erase(mine);
  }
}

bool RowSet::contains(std::uint64_t row) const {
  const auto bitmap = bitmaps_->by_upper.find(upper(row));
  return bitmap != bitmaps_->by_upper.end() && bitmap->second.contains(lower(row));
}

std::uint64_t RowSet::size() const {
  std::uint64_t sum = 0;
  for (const auto& [key, bitmap] : bitmaps_->by_upper) sum += bitmap.cardinality();
  return sum;
}

bool RowSet::operator==(const RowSet& other) const {
  return bitmaps_->by_upper == other.bitmaps_->by_upper;
}

void RowSet::mark(std::uint64_t first, std::span<bool> marked) const {
  std::fill(marked.begin(), marked.end(), false);
  for (std::size_t done_count = 0; done_count < marked.size();) {
    const std::uint64_t start = first + done_count;
    const std::uint64_t room = (std::uint64_t{1} << 32) - lower(start);
    const std::size_t here =
        static_cast<std::size_t>(std::min<std::uint64_t>(room, marked.size() - done_count));
    const auto bitmap = bitmaps_->by_upper.find(upper(start));
    if (bitmap != bitmaps_->by_upper.end()) {
      roaring_uint32_iterator_t at;
      roaring_init_iterator(&bitmap->second.roaring, &at);
      bool more = roaring_move_uint32_iterator_equalorlarger(&at, lower(start));
      while (more && at.current_value - std::uint64_t{lower(start)} < here) {
        marked[done_count + (at.current_value - lower(start))] = true;
        more = roaring_advance_uint32_iterator(&at);
      }
    }
    done_count += here;
  }
}

void RowSet::for_each(const std::function<void(std::uint64_t)>& use) const {
  for (const auto& [key, bitmap] : bitmaps_->by_upper) {
    for (const std::uint32_t row : bitmap) use(std::uint64_t{key} << 32 | row);
  }
}

std::string RowSet::serialize() const {
  std::string out;
  put(out, kMagic);
  put(out, static_cast<std::uint64_t>(bitmaps_->by_upper.size()));
  for (const auto& [key, bitmap] : bitmaps_->by_upper) {
    Roaring packed = bitmap;
    packed.runOptimize();
    put(out, key);
    const std::size_t start = out.size();
    out.resize(start + packed.getSizeInBytes());
    CHECK(packed.write(out.data() + start) == out.size() - start, "a bitmap has another size");
  }
  return out;
}

Result<RowSet> RowSet::parse(std::string_view text) {
  Bytes bytes(text);
  if (bytes.take<std::uint32_t>() != kMagic) {
    return bad(bytes.failed() ? kShort : "it begins with another number");
  }
  const auto count = bytes.take<std::uint64_t>();
  if (bytes.failed()) return bad(kShort);
  RowSet out;
  std::int64_t last_key = -1;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto key = bytes.take<std::uint32_t>();
    if (bytes.failed()) return bad(kShort);
    // The upper bit is clear, so that no engine takes the key for a negative number.
    if (key <= last_key || key > 0x7fff'ffff) return bad("its bitmaps do not ascend");
    last_key = key;
    TRY(Roaring bitmap, read_bitmap(bytes));
    if (!bitmap.isEmpty()) out.bitmaps_->by_upper.emplace(key, std::move(bitmap));
  }
  // Trino up to 481 counts the size of a vector too large and fills it up with zeros
  // (trinodb/trino#30355); other readers look at nothing behind the last bitmap.
  if (!bytes.only_zeros_left()) return bad("there is something behind its end");
  return out;
}

}  // namespace claimlake::delta
