#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "records/entity.h"
#include "records/records.h"

namespace claimlake::records {

// What is kept of customers, pets, policies and claims. Each change adds its line to the outbox.

// Keeps a new record with a new id, created now. Where `number_column` is not "", that column gets
// `number_prefix` and six hexadecimal digits that no other row has.
// Errors: kConflict (what it refers to is not there).
Done insert(Transaction& transaction, const Records& records, Record& record,
            std::string_view number_column = {}, const std::string& number_prefix = {});

// Keeps a changed record as the next revision. Errors: kConflict (it is not `record.revision` any
// more: another change was first), kNotFound.
Done update(Transaction& transaction, const Records& records, Record& record);

Result<std::optional<Record>> find(Transaction& transaction, const Entity& entity,
                                   const std::string& id);

// Where a page of a list begins: behind this record.
struct After {
  std::int64_t created_at = 0;
  std::string id;
};
// What to list: the newest first. All texts of columns are the program's.
struct Listing {
  std::vector<std::pair<std::string, std::string>> equal;  // column and value
  std::optional<After> after;
  std::int64_t limit = 50;
};
Result<std::vector<Record>> list(Transaction& transaction, const Entity& entity,
                                 const Listing& listing);
// How many there are of these on all pages.
Result<std::int64_t> count(Transaction& transaction, const Entity& entity, const Listing& listing);

// One thing that happened to a claim.
struct ClaimEvent {
  std::string kind;   // "submitted"
  std::string actor;  // who did it
  std::string detail;
  std::int64_t at = 0;
};
Done add_event(Transaction& transaction, const std::string& claim_id, const ClaimEvent& event);
Result<std::vector<ClaimEvent>> events_of(Transaction& transaction, const std::string& claim_id);

// Adds one line for a folder of raw to the outbox; for what is in no table above.
Done announce(Transaction& transaction, const std::string& folder, const std::string& id,
              const std::string& line, std::int64_t at);

}  // namespace claimlake::records
