// Bytes of a key index: whatever they are, it is opened or refused, and a look-up ends. The
// checksums are put right first, or no input would come behind them.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

#include "base/check.h"
#include "engine/key_file.h"

using namespace claimlake;          // NOLINT
using namespace claimlake::engine;  // NOLINT

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string id(KeyFile::kIdBytes, 'i');
  constexpr std::size_t kPagesMax = 6;
  std::string text(reinterpret_cast<const char*>(data),
                   std::min(size, kPagesMax * KeyFile::kPageBytes));
  const bool cut = !text.empty() && text[0] == '!';
  if (!cut)
    text.resize((text.size() + KeyFile::kPageBytes - 1) / KeyFile::kPageBytes *
                KeyFile::kPageBytes);
  std::string file;
  for (std::size_t at = 0; at < text.size(); at += KeyFile::kPageBytes) {
    std::string page = text.substr(at, KeyFile::kPageBytes);
    if (page.size() == KeyFile::kPageBytes) {
      if (at == 0) page.replace(24, id.size(), id);
      KeyFile::seal(page, at / KeyFile::kPageBytes, id);
    }
    file += page;
  }
  store::FileDescriptor descriptor(memfd_create("key_file", MFD_CLOEXEC));
  CHECK(write(descriptor.number(), file.data(), file.size()) == ssize_t(file.size()), "memory");
  const auto keys = KeyFile::read(std::move(descriptor), id);
  if (!keys) return 0;
  std::vector<std::uint32_t> rows;
  const auto found = (*keys)->find({0, 1, 0x0101010101010101, ~std::uint64_t{0}}, 100, rows);
  CHECK(rows.size() <= 101, "more rows than were asked for");
  CHECK(found || found.error().fault == Fault::kCorrupt, "a page that is there is not read");
  return 0;
}
