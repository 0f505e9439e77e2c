#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "delta/action.h"

namespace claimlake::delta {

// The one gate in front of every table: what a table demands of its readers and writers against
// what we do. What is not known is refused, never guessed. Each operation asks with its kind of
// use.

enum class Use {
  kRead,
  kAppend,    // add files, replace whole tables or partitions; nobody looks at the single row
  kInsert,    // add rows, each checked by the table's rules (delta/column_rules.h)
  kChange,    // change single rows, new ones checked likewise: UPDATE, DELETE, MERGE
  kMaintain,  // arrange the same rows anew: OPTIMIZE
  kDefine,    // change schema and properties
};

// How we stand to a feature for one kind of use.
enum class Stand {
  kYes,
  kIfUnused,  // the table may have the feature as long as nothing in it uses it
  kNo,
};

// What is known of a feature that a table's protocol may name.
struct FeatureInfo {
  enum class Kind { kReaderWriter, kWriter };
  std::string_view name;
  Kind kind = Kind::kWriter;
  // Implied by these versions of the protocol and those after them, up to the versions that list
  // features by name (3 and 7). 0: by none.
  int legacy_reader = 0;
  int legacy_writer = 0;
  std::string_view required = {};  // the feature that a table must have too; empty: none
  Stand read = Stand::kYes;
  Stand append = Stand::kYes;
  Stand change = Stand::kYes;
  Stand maintain = Stand::kYes;

  Stand stand(Use use) const;
};
// Null if no feature of this name is known.
const FeatureInfo* find_feature(std::string_view name);

// Whether the protocol has the feature, by its name or by its version.
bool has_feature(const Protocol& protocol, std::string_view name);

// The features, by name, that an old version number of readers or of writers stands for.
std::vector<std::string> features_of_readers(int min_reader_version);
std::vector<std::string> features_of_writers(int min_writer_version);

// The features that columns and constraints of such a table use.
std::vector<std::string> features_in_use(const Schema& schema,
                                         const std::map<std::string, std::string>& properties);

// Errors: kInvalidInput, naming the feature or the version in the way.
Done check_readable(const Protocol& protocol, const Metadata& metadata);
// Also demands what check_readable demands.
Done check_writable(const Protocol& protocol, const Metadata& metadata, const Schema& schema,
                    Use use);

}  // namespace claimlake::delta
