// Finding and reading checkpoints: the input lays files of any name and content into a log folder
// (here a checkpoint holds JSON lines instead of Parquet). Reading the table gives a version or an
// error, never a crash, and the same again when it is read step by step.
//
// Input: files, each "name\ncontent\0".
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "delta/json_parquet_io_for_test.h"
#include "delta/log.h"
#include "delta/log_segment.h"
#include "store/memory_store.h"

using namespace claimlake;

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

void put_files(std::string_view input, store::Store& store) {
  while (!input.empty()) {
    const std::string_view file = input.substr(0, input.find('\0'));
    input.remove_prefix(std::min(input.size(), file.size() + 1));
    const std::size_t line = std::min(file.find('\n'), file.size());
    const std::string path = "t/_delta_log/" + std::string(file.substr(0, line));
    const std::string_view content = line < file.size() ? file.substr(line + 1) : "";
    (void)store.put(path, content);
  }
}

std::int64_t bytes_of(const delta::SnapshotPtr& snapshot) {
  std::uint64_t sum = 0;
  for (const delta::AddFile& add : snapshot->files()) sum += static_cast<std::uint64_t>(add.size);
  return static_cast<std::int64_t>(sum);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const SimClock clock;
  SeededRandom random(1);
  store::MemoryStore store(clock);
  delta::JsonParquetIo parquet(store);
  put_files({reinterpret_cast<const char*>(data), size}, store);
  delta::Log log({store, parquet, clock, random}, "t");
  (void)log.history(100);
  (void)log.version_at(Timestamp{});
  const auto newest = log.snapshot();
  if (!newest) {
    check(!newest.error().message.empty());
    return 0;
  }
  check((*newest)->files_bytes() == bytes_of(*newest));
  const auto same = log.snapshot(*newest);
  check(same && (*same)->version() == (*newest)->version());
  if (const auto before = log.snapshot_at((*newest)->version() - 1)) {
    const auto stepped = log.snapshot(*before);
    check(bool(stepped));
    // Steps go from commit to commit. A log that has given up one and kept an older one, which
    // nobody leaves behind, ends there for them.
    if (store.head(delta::commit_path("t", (*newest)->version()))) {
      check((*stepped)->version() == (*newest)->version());
      check((*stepped)->files_bytes() == (*newest)->files_bytes());
    }
  }
  if (log.checkpoint(*newest)) {
    const auto again = log.snapshot_at((*newest)->version());
    check(again && (*again)->files().size() == (*newest)->files().size());
  }
  return 0;
}
