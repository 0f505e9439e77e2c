#include "engine/key_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "base/random.h"

namespace claimlake::engine {
namespace {

namespace fs = std::filesystem;

static_assert(std::endian::native == std::endian::little, "the pages are little-endian");

constexpr std::string_view kMagic = "CLMKEYS\n";
constexpr std::uint32_t kFormat = 1;
constexpr std::size_t kPayload = KeyFile::kPageBytes - sizeof(std::uint32_t);
constexpr std::size_t kHash = sizeof(std::uint64_t);
// A leaf: so many hashes, then the numbers of their rows.
constexpr std::size_t kLeafEntries = kPayload / (kHash + sizeof(std::uint32_t));
constexpr std::size_t kRowsAt = kLeafEntries * kHash;
// A page above: the first hash of each page below.
constexpr std::size_t kChildren = kPayload / kHash;
// In the header.
constexpr std::size_t kFormatAt = 8;
constexpr std::size_t kPageBytesAt = 12;
constexpr std::size_t kEntriesAt = 16;
constexpr std::size_t kIdAt = 24;
constexpr const char* kPartEnd = ".part";

template <class Number>
Number number_at(std::string_view page, std::size_t at) {
  Number number;
  std::memcpy(&number, page.data() + at, sizeof(number));
  return number;
}

template <class Number>
void set_number(std::string& page, std::size_t at, Number number) {
  std::memcpy(page.data() + at, &number, sizeof(number));
}

std::uint32_t checksum(std::string_view page, std::uint64_t number, std::string_view id) {
  const auto add = [](uLong sum, const void* bytes, std::size_t size) {
    return crc32_z(sum, static_cast<const unsigned char*>(bytes), size);
  };
  const uLong sum = add(add(0, id.data(), id.size()), &number, sizeof(number));
  return static_cast<std::uint32_t>(add(sum, page.data(), kPayload));
}

Error corrupt(std::string_view why) {
  return {Fault::kCorrupt, fmt::format("The key index {}", why), "", "it is made again"};
}

Error failed(std::string_view verb, const std::string& path, int code) {
  return {code == ENOENT ? Fault::kNotFound : Fault::kUnavailable,
          fmt::format("Cannot {} a key index: {}", verb, std::generic_category().message(code)),
          path, "tables are read without it; free space, or let this user write there"};
}

std::uint64_t pages_for(std::uint64_t things, std::uint64_t in_page) {
  return things / in_page + (things % in_page != 0 ? 1 : 0);
}

}  // namespace

void KeyFile::seal(std::string& page, std::uint64_t number, std::string_view id) {
  CHECK(page.size() == kPageBytes, "a page has its size");
  set_number(page, kPayload, checksum(page, number, id));
}

Result<std::shared_ptr<const KeyFile>> KeyFile::open(const std::string& path, std::string_view id) {
  store::FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return failed("open", path, errno);
  auto opened = read(std::move(file), id);
  if (!opened) return std::move(opened).error().at(path);
  return opened;
}

Result<std::shared_ptr<const KeyFile>> KeyFile::read(store::FileDescriptor file,
                                                     std::string_view id) {
  std::shared_ptr<KeyFile> opened(new KeyFile(std::move(file), id));  // NOLINT: private
  TRY_DONE(opened->read_header());
  return std::shared_ptr<const KeyFile>(std::move(opened));
}

Done KeyFile::read_page(std::uint64_t number, std::string& page) const {
  page.resize(kPageBytes);
  std::size_t got = 0;
  while (got < kPageBytes) {
    const ssize_t some = ::pread(file_.number(), page.data() + got, kPageBytes - got,
                                 static_cast<off_t>(number * kPageBytes + got));
    if (some < 0 && errno == EINTR) continue;
    if (some < 0) return failed("read", "", errno);
    if (some == 0) return corrupt("is cut short");
    got += static_cast<std::size_t>(some);
  }
  if (number_at<std::uint32_t>(page, kPayload) == checksum(page, number, id_)) return done();
  return corrupt("is damaged, or of another file: a checksum is wrong");
}

Done KeyFile::read_header() {
  struct stat about {};
  if (fstat(file_.number(), &about) != 0) return failed("read", "", errno);
  const auto size = static_cast<std::uint64_t>(about.st_size);
  if (size == 0 || size % kPageBytes != 0) return corrupt("is cut short");
  std::string page;
  TRY_DONE(read_page(0, page));
  if (!page.starts_with(kMagic) || number_at<std::uint32_t>(page, kFormatAt) != kFormat ||
      number_at<std::uint32_t>(page, kPageBytesAt) != kPageBytes) {
    return corrupt("has another form");
  }
  if (std::string_view(page).substr(kIdAt, kIdBytes) != id_) return corrupt("is of another file");
  entries_ = number_at<std::uint64_t>(page, kEntriesAt);
  std::uint64_t next = 1;
  for (std::uint64_t pages = pages_for(entries_, kLeafEntries); pages > 0;
       pages = pages_for(pages, kChildren)) {
    levels_.push_back({next, pages});
    if (pages > size / kPageBytes) return corrupt("is cut short");
    next += pages;
    if (pages == 1) break;
  }
  return next * kPageBytes == size ? done() : Done(corrupt("is not as long as it says"));
}

// Keeps the last page of each level: hashes come ascending.
class KeyFile::Cursor {
 public:
  explicit Cursor(const KeyFile& file) : file_(file), pages_(file.levels_.size()) {}

  // Page `index` of `level`.
  Result<std::string_view> page(std::size_t level, std::uint64_t index) {
    Page& held = pages_[level];
    if (held.bytes.empty() || held.index != index) {
      const Done read = file_.read_page(file_.levels_[level].first_page + index, held.bytes);
      if (!read) {
        held.bytes.clear();
        return read.error();
      }
      held.index = index;
    }
    return std::string_view(held.bytes);
  }
  // The leaf in which the first entry of `hash` stands, if there is one.
  Result<std::uint64_t> leaf_of(std::uint64_t hash) {
    std::uint64_t node = 0;
    for (std::size_t level = pages_.size() - 1; level > 0; --level) {
      TRY(const std::string_view bytes, page(level, node));
      const std::uint64_t first = node * kChildren;
      std::uint64_t low = 0;  // how many pages below begin before the hash
      std::uint64_t high = std::min<std::uint64_t>(kChildren, below(level) - first);
      while (low < high) {
        const std::uint64_t middle = (low + high) / 2;
        if (number_at<std::uint64_t>(bytes, middle * kHash) < hash) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      node = first + (low > 0 ? low - 1 : 0);
    }
    return node;
  }

 private:
  struct Page {
    std::uint64_t index = 0;
    std::string bytes;
  };
  std::uint64_t below(std::size_t level) const { return file_.levels_[level - 1].pages; }
  const KeyFile& file_;
  std::vector<Page> pages_;
};

Done KeyFile::find(const std::vector<std::uint64_t>& hashes, std::size_t rows_max,
                   std::vector<std::uint32_t>& out) const {
  if (levels_.empty()) return done();
  Cursor cursor(*this);
  for (const std::uint64_t hash : hashes) {
    TRY(std::uint64_t leaf, cursor.leaf_of(hash));
    for (bool more = true; more && leaf < levels_[0].pages; ++leaf) {
      TRY(const std::string_view page, cursor.page(0, leaf));
      const std::size_t count =
          std::min<std::uint64_t>(kLeafEntries, entries_ - leaf * kLeafEntries);
      std::size_t at = 0;
      for (std::size_t step = std::bit_ceil(count); step > 0; step /= 2) {
        if (at + step <= count && number_at<std::uint64_t>(page, (at + step - 1) * kHash) < hash) {
          at += step;
        }
      }
      for (; at < count && number_at<std::uint64_t>(page, at * kHash) == hash; ++at) {
        out.push_back(number_at<std::uint32_t>(page, kRowsAt + at * sizeof(std::uint32_t)));
        if (out.size() > rows_max) return done();
      }
      more = at == count;
    }
  }
  return done();
}

std::int64_t KeyFile::memory_bytes() const {
  constexpr std::int64_t kAround = 400;  // and what names it, and the places in lists
  return kAround;
}

KeyFileWriter::KeyFileWriter(std::string path, std::string part, store::FileDescriptor file,
                             std::string_view id)
    : path_(std::move(path)),
      part_(std::move(part)),
      file_(std::move(file)),
      id_(id),
      leaf_(KeyFile::kPageBytes, '\0') {}

Result<std::unique_ptr<KeyFileWriter>> KeyFileWriter::create(std::string path,
                                                             std::string_view id) {
  std::error_code problem;
  fs::create_directories(fs::path(path).parent_path(), problem);
  if (problem) return failed("make the folder of", path, problem.value());
  SystemRandom random;
  std::string part = fmt::format("{}.{:016x}{}", path, random.next(), kPartEnd);
  store::FileDescriptor file(::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file) return failed("write", part, errno);
  flock(file.number(), LOCK_EX | LOCK_NB);  // who lives, holds it
  std::unique_ptr<KeyFileWriter> made(
      new KeyFileWriter(std::move(path), std::move(part), std::move(file), id));  // NOLINT: private
  std::string header(KeyFile::kPageBytes, '\0');                                  // the place of it
  TRY_DONE(made->write_page(header));
  made->pages_ = 1;
  return made;
}

KeyFileWriter::~KeyFileWriter() {
  if (!finished_) ::unlink(part_.c_str());
}

Done KeyFileWriter::write_page(std::string& page) {
  std::size_t put = 0;
  while (put < page.size()) {
    const ssize_t some = ::write(file_.number(), page.data() + put, page.size() - put);
    if (some < 0 && errno == EINTR) continue;
    if (some < 0) return failed("write", part_, errno);
    put += static_cast<std::size_t>(some);
  }
  ++pages_;
  return done();
}

Done KeyFileWriter::flush_leaf() {
  if (in_leaf_ == 0) return done();
  firsts_.push_back(number_at<std::uint64_t>(leaf_, 0));
  KeyFile::seal(leaf_, pages_, id_);
  TRY_DONE(write_page(leaf_));
  leaf_.assign(KeyFile::kPageBytes, '\0');
  in_leaf_ = 0;
  return done();
}

Done KeyFileWriter::add(std::uint64_t hash, std::uint32_t row) {
  set_number(leaf_, in_leaf_ * kHash, hash);
  set_number(leaf_, kRowsAt + in_leaf_ * sizeof(row), row);
  ++entries_;
  if (++in_leaf_ == kLeafEntries) return flush_leaf();
  return done();
}

Done KeyFileWriter::finish() {
  TRY_DONE(flush_leaf());
  while (firsts_.size() > 1) {
    std::vector<std::uint64_t> above;
    for (std::size_t first = 0; first < firsts_.size(); first += kChildren) {
      std::string page(KeyFile::kPageBytes, '\0');
      const std::size_t count = std::min(kChildren, firsts_.size() - first);
      std::memcpy(page.data(), &firsts_[first], count * kHash);
      above.push_back(firsts_[first]);
      KeyFile::seal(page, pages_, id_);
      TRY_DONE(write_page(page));
    }
    firsts_ = std::move(above);
  }
  std::string header(KeyFile::kPageBytes, '\0');
  header.replace(0, kMagic.size(), kMagic);
  set_number(header, kFormatAt, kFormat);
  set_number(header, kPageBytesAt, static_cast<std::uint32_t>(KeyFile::kPageBytes));
  set_number(header, kEntriesAt, entries_);
  header.replace(kIdAt, KeyFile::kIdBytes, id_);
  KeyFile::seal(header, 0, id_);
  if (lseek(file_.number(), 0, SEEK_SET) != 0) return failed("write", part_, errno);
  TRY_DONE(write_page(header));
  if (::rename(part_.c_str(), path_.c_str()) != 0) return failed("write", path_, errno);
  finished_ = true;
  return done();
}

void KeyFileWriter::remove_abandoned(const std::string& folder) {
  std::error_code ignored;
  std::vector<std::string> parts;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().extension() == kPartEnd) parts.push_back(entry.path().string());
  }
  for (const std::string& part : parts) {
    const store::FileDescriptor file(::open(part.c_str(), O_RDONLY | O_CLOEXEC));
    if (file && flock(file.number(), LOCK_EX | LOCK_NB) == 0) ::unlink(part.c_str());
  }
}

}  // namespace claimlake::engine
