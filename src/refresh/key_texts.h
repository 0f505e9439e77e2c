#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "engine/look_up.h"
#include "lake/change.h"
#include "pack/model.h"

namespace claimlake::refresh {

// Texts of a refresh by key (key_refresh.h).

// "a.x, a.y"; without `relation` the plain names.
std::string list_of(const std::vector<std::string>& columns, std::string_view relation = {});

// A list of all columns, NULL for those that are not among `some`.
std::string list_of_some(const std::vector<std::string>& all, const std::vector<std::string>& some);

// "a.x = b.x AND ..."
std::string same_key(const std::vector<std::string>& key, std::string_view a, std::string_view b);

// "(a.x IS NULL OR ...)": a row that has no key.
std::string without_key(const std::vector<std::string>& key, std::string_view relation = {});

// The SELECT of how many keys several rows of `relation` have, with or without those that have
// none.
std::string shared_keys(const std::vector<std::string>& key, std::string_view relation,
                        bool but_keyless);

// The refused rows of the model's table, called w, for which `condition` holds, as they were staged
// when they were refused: `columns` of the table, as if they were processed at that time. `keys`: a
// relation of keys; then only rows of these, and less is read.
std::string refused_rows(const pack::Model& model, const std::vector<std::string>& columns,
                         Timestamp processed_at, std::string_view condition,
                         std::string_view keys = {});

// The keys of refused rows of the model's table whose `column` holds a value v of relation
// `values`.
std::string keys_of_refused(const pack::Model& model, const std::string& column,
                            std::string_view values);

// What rules say that rows of `relation` refer to, by "table.column", as it is looked up.
std::map<std::string, engine::LookUp> parents_of(const pack::Model& model,
                                                 const std::string& relation);

// Rows of tables that rules over the whole table join to the rows of `relation` (of the model's
// columns), by table, as they are looked up: what else such a table holds counts for nothing. None
// of a table that some rule reads otherwise.
std::map<std::string, engine::LookUp> look_ups_of_rules(const pack::Model& model,
                                                        const std::string& relation);

// Tables that rules over the whole table count by themselves, beside no row that comes or goes: of
// `changed` tables, or of the model's. What they count is the same before and after.
std::set<std::string> read_apart_by_rules(const pack::Model& model,
                                          const std::set<std::string>& changed);

// The rows that come, go or differ, for those that the table has now: `old`, with where they stand,
// and `rows`, both with `columns`. Refused rows do not come. Without `compare` all rows of the keys
// are taken to differ, and `old` need have the key only.
lake::ChangeSelect exchange_select(const pack::Model& model,
                                   const std::vector<std::string>& columns, std::string_view old,
                                   std::string_view rows, bool compare = true);

}  // namespace claimlake::refresh
