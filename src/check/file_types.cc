#include "check/file_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace claimlake::check {
namespace {

// How values of a type may be stored; narrower types come first ("Type Widening" of the protocol,
// and "Delta Data Type to Parquet Type Mappings"). Other types are not looked at.
struct Stored {
  std::string_view type;
  std::vector<std::string_view> as;
};
const std::vector<Stored>& stored_types() {
  static const std::vector<Stored> kStored = {
      {"boolean", {"BOOLEAN"}},
      {"byte", {"INT32"}},
      {"short", {"INT32"}},
      {"integer", {"INT32"}},
      {"long", {"INT32", "INT64"}},
      {"float", {"FLOAT"}},
      {"double", {"FLOAT", "INT32", "DOUBLE"}},
      {"date", {"INT32"}},
      {"timestamp", {"INT64", "INT96"}},
      {"timestamp_ntz", {"INT32", "INT64", "INT96"}},
      {"string", {"BYTE_ARRAY"}},
      {"binary", {"BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY"}},
      {"decimal", {"INT32", "INT64", "FIXED_LEN_BYTE_ARRAY", "BYTE_ARRAY"}}};
  return kStored;
}

const Stored* stored_as(std::string_view type) {
  if (type.starts_with("decimal(")) type = "decimal";
  const auto found = std::ranges::find(stored_types(), type, &Stored::type);
  return found == stored_types().end() ? nullptr : &*found;
}

// The places of the file's values by their ways down from the root.
class Places {
 public:
  Places(const std::vector<ParquetNode>& nodes, bool by_id) : nodes_(nodes), by_id_(by_id) {
    if (nodes_.empty()) return;
    const std::int64_t fields = nodes_[next_++].children;
    for (std::int64_t i = 0; i < fields; ++i) walk("");
  }
  const std::map<std::string, const ParquetNode*>& all() const { return places_; }

  static std::string step(const std::string& way, const std::string& name) {
    return way + '\n' + name;
  }

 private:
  // Files nest no deeper than their table, and those are read with a limit of their own; a file
  // that does is cut off here.
  static constexpr int kDeepest = 100;

  void walk(const std::string& way) {
    if (next_ >= nodes_.size()) return;
    const ParquetNode& node = nodes_[next_++];
    const std::string here = step(way, by_id_ ? std::to_string(node.id.value_or(-1)) : node.name);
    places_.emplace(here, &node);
    if (++depth_ <= kDeepest) {
      for (std::int64_t i = 0; i < node.children && next_ < nodes_.size(); ++i) walk(here);
    }
    --depth_;
  }

  const std::vector<ParquetNode>& nodes_;
  const bool by_id_;
  std::size_t next_ = 0;
  int depth_ = 0;
  std::map<std::string, const ParquetNode*> places_;
};

}  // namespace

void check_file_types(const std::vector<ParquetNode>& nodes, const TableSchema& schema,
                      const std::string& path, Findings& findings) {
  // A file without ids comes from a writer that does not know them, and is read by names.
  const bool by_id = schema.by_id && std::ranges::any_of(nodes, [](const ParquetNode& node) {
                       return node.id.has_value();
                     });
  const Places places(nodes, by_id);
  for (const Leaf& leaf : schema.leaves) {
    const Stored* stored = stored_as(leaf.type);
    if (stored == nullptr || (by_id && leaf.ids.size() != leaf.names.size())) continue;
    std::string way;
    for (std::size_t i = 0; i < leaf.names.size(); ++i) {
      way = Places::step(way, by_id ? std::to_string(leaf.ids[i]) : leaf.names[i]);
    }
    const auto found = places.all().find(way);
    if (found == places.all().end()) continue;  // absent columns are null
    const ParquetNode& node = *found->second;
    if (std::ranges::find(stored->as, node.type) != stored->as.end()) continue;
    findings.add(Rule::kFileColumnType, path,
                 fmt::format("column '{}' is {}, and the table's is {}", node.name,
                             node.type.empty() ? "a group" : node.type, leaf.type));
  }
}

}  // namespace claimlake::check
