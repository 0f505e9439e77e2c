#include "delta/version_checksum.h"

#include <fmt/format.h>
#include <simdjson.h>

#include "delta/json_writer.h"
#include "delta/log_json.h"
#include "delta/log_segment.h"
#include "delta/properties.h"

namespace claimlake::delta {
namespace {

// A table may have very many positions, and a checksum is written with each version: more than
// these are left out, all of them.
constexpr std::size_t kMostTxns = 100;

// The object that stands for the action in a commit: {"txn":{...}} without what is around it.
std::string body_of(const Action& action) {
  std::string line;
  append_line(action, line);
  const std::size_t start = line.find(':') + 1;
  return line.substr(start, line.rfind('}') - start);
}

}  // namespace

std::string checksum_path(std::string_view table_path, LogVersion version) {
  std::string path = commit_path(table_path, version);
  return path.replace(path.size() - 4, 4, "crc");
}

std::string version_checksum(const SnapshotImpl& snapshot, std::string_view txn_id) {
  const TableState& state = snapshot.state();
  std::string out;
  JsonWriter json(out);
  json.open_object().key("txnId").text(txn_id);
  json.key("tableSizeBytes").number(state.files.bytes());
  json.key("numFiles").number(static_cast<std::int64_t>(state.files.size()));
  json.key("numMetadata").number(1).key("numProtocol").number(1);
  if (read_properties(state.metadata->configuration).in_commit_timestamps) {
    const auto time = std::chrono::floor<std::chrono::milliseconds>(state.timestamp);
    json.key("inCommitTimestampOpt").number(time.time_since_epoch().count());
  }
  std::vector<std::string> txns;
  state.txns.for_each([&](const Txn& txn) {
    if (txns.size() <= kMostTxns && snapshot.keeps(txn)) txns.push_back(body_of(txn));
  });
  if (txns.size() <= kMostTxns) {
    json.key("setTransactions").open_array();
    for (const std::string& txn : txns) json.raw(txn);
    json.close_array();
  }
  json.key("domainMetadata").open_array();
  if (state.domains) {
    for (const auto& [name, domain] : *state.domains) json.raw(body_of(domain));
  }
  json.close_array();
  json.key("metadata").raw(body_of(*state.metadata));
  json.key("protocol").raw(body_of(*state.protocol)).close_object();
  return out;
}

std::optional<std::string> contradiction(std::string_view checksum, const TableState& state) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(checksum.data(), checksum.size(), true).get(root) || !root.is_object()) {
    return std::nullopt;
  }
  const auto differs = [&](const char* name, std::int64_t found) -> std::optional<std::string> {
    std::int64_t said = 0;
    if (root[name].get(said) || said == found) return std::nullopt;
    return fmt::format("{} is {} there and {} in the log", name, said, found);
  };
  if (auto files = differs("numFiles", static_cast<std::int64_t>(state.files.size()))) return files;
  if (auto bytes = differs("tableSizeBytes", state.files.bytes())) return bytes;
  std::string_view schema;
  if (!root["metadata"]["schemaString"].get(schema) && schema != state.metadata->schema_json) {
    return "the schema is another one";
  }
  return std::nullopt;
}

}  // namespace claimlake::delta
