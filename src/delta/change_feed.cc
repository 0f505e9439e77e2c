#include "delta/change_feed.h"

#include "base/text.h"
#include "delta/features.h"
#include "delta/properties.h"

namespace claimlake::delta {

bool has_change_feed(const Protocol& protocol, const Metadata& metadata) {
  return has_feature(protocol, "changeDataFeed") &&
         read_properties(metadata.configuration).change_data_feed;
}

Done check_change_feed(const Schema& schema) {
  for (const Field& field : schema.fields) {
    for (const char* name : {kChangeType, kCommitVersion, kCommitTimestamp}) {
      if (to_lower(field.name) != name) continue;
      return Error{Fault::kInvalidInput,
                   "column " + field.name + " has the name of one that the change feed adds", "",
                   "rename the column, or turn off delta.enableChangeDataFeed"};
    }
  }
  return done();
}

}  // namespace claimlake::delta
