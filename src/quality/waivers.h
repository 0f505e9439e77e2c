#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "delta/schema.h"
#include "pack/model.h"

namespace claimlake::quality {

// ops.waivers: rows that go into their table in spite of a rule, because a person said so
// (docs/formats/quarantine.md). One row per refused row and rule; what was withdrawn stays, with
// who did it. Partitioned by table_name.
inline constexpr std::string_view kWaiversTable = "ops.waivers";
delta::Schema waivers_schema();
std::vector<std::string> waivers_partition();

// What a person says, once: who, when, why.
struct Said {
  std::string by;
  std::string why;
  Timestamp at{};
};
// A refused row and a rule that is waived for it.
struct WaivedRow {
  std::string waiver_id;
  std::string quarantine_id;
  std::string key;  // as the quarantine has it; "" if it has none
  std::string rule;
};

// All rows that ops.waivers must hold for the table once `rows` are waived, too.
std::string waive_select(std::string_view table, const std::vector<WaivedRow>& rows,
                         const Said& said);
// The same once these waivers, by id, are withdrawn.
std::string withdraw_select(std::string_view table, const std::vector<std::string>& waiver_ids,
                            const Said& said);

// The ids of refused rows of the table for which a waiver holds.
std::string waived_ids_select(std::string_view table, std::string_view waivers);
// (quarantine_id, waived): of each such row the waived rules, as bits in the order of the model's
// row rules. A rule that keeps the whole table back cannot be waived.
std::string waived_bits_select(const pack::Model& model, std::string_view waivers);

}  // namespace claimlake::quality
