// Commit JSON: whatever the bytes are, reading them gives actions or an error that names the line,
// and what was read is written and read again as the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "delta/log_json.h"
#include "delta/row_tracking.h"
#include "delta/schema.h"
#include "delta/stats_reader.h"
#include "delta/stats_texts.h"

using namespace claimlake;

namespace {

std::string lines_of(const std::vector<delta::Action>& actions) {
  std::string out;
  for (const delta::Action& action : actions) delta::append_line(action, out);
  return out;
}

void check(bool holds) {
  if (!holds) std::abort();
}

void read_parts(const delta::Action& action) {
  if (const auto* add = std::get_if<delta::AddFile>(&action)) {
    (void)delta::num_records(add->stats_json);
    (void)delta::StatsReader("a.b").read(add->stats_json);
    const delta::DataType number = delta::PrimitiveType{"long"};
    delta::StatsTexts texts({{{"id", number}, {"a", delta::StructType{{{"b", number}}}}}});
    const auto values = texts.read(add->stats_json);
    check(!values || values->min.size() == texts.leaves());
  } else if (const auto* metadata = std::get_if<delta::Metadata>(&action)) {
    const auto schema = delta::parse_schema(metadata->schema_json);
    if (!schema) return;
    const auto again = delta::parse_schema(delta::to_json(*schema));
    check(again && *again == *schema);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  std::string copy = bytes;
  (void)delta::parse_commit_info(copy, "commit");
  const auto actions = delta::parse_commit(bytes, "commit");
  if (!actions) {
    check(actions.error().fault == Fault::kCorrupt);
    check(actions.error().where.starts_with("commit:"));
    return 0;
  }
  for (const delta::Action& action : *actions) {
    read_parts(action);
    (void)delta::row_id_high_water_mark(action);
  }
  const std::string written = lines_of(*actions);
  std::string to_read = written;
  const auto again = delta::parse_commit(to_read, "again");
  check(again.has_value());
  check(lines_of(*again) == written);
  return 0;
}
