#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "records/value.h"

namespace claimlake::records {

// How the value of a column is kept (docs/formats/records.md, Types).
enum class ColumnType { kText, kDate, kTime, kMoney, kWhole, kBoolean };

struct Column {
  std::string name;  // as in the raw files and the API: "claim_amount"
  ColumnType type = ColumnType::kText;
  bool is_in_raw = true;
  // As the table has it: "claim_amount_cents".
  std::string sql_name() const { return type == ColumnType::kMoney ? name + "_cents" : name; }
};

// One kind of what people enter.
struct Entity {
  std::string name;             // "claim"
  std::string table;            // and folder of raw: "claims"
  std::string key;              // "claim_id"
  std::string id_prefix;        // "CLM-"
  bool is_typed_in_raw = true;  // numbers and booleans stand in raw as such, else as texts
  std::vector<Column> columns;  // the first is the key; in the order of the raw files
  std::string columns_sql;      // all of them, then created_at, updated_at, revision
  std::size_t position(std::string_view column) const;  // CHECKs that it is there
};
const Entity& customers();
const Entity& pets();
const Entity& policies();
const Entity& claims();

// One row of an entity.
class Record {
 public:
  explicit Record(const Entity& entity)  // which outlives this, as those above do
      : entity_(&entity), values_(entity.columns.size()) {}

  const Entity& entity() const { return *entity_; }
  const Value& get(std::string_view column) const { return values_[entity_->position(column)]; }
  std::string text(std::string_view column) const { return records::text(get(column)); }
  std::int64_t whole(std::string_view column) const { return records::whole(get(column)); }
  void set(std::string_view column, Value value) {
    values_[entity_->position(column)] = std::move(value);
  }
  std::string id() const { return records::text(values_[0]); }
  void set_id(std::string id) { values_[0] = std::move(id); }
  const std::vector<Value>& values() const { return values_; }

  std::int64_t created_at = 0;  // microseconds since 1970 UTC
  std::int64_t updated_at = 0;
  std::int64_t revision = 0;  // from 1; 0: not kept yet

 private:
  const Entity* entity_;
  std::vector<Value> values_;
};

// Microseconds since 1970 as the API and raw write them.
std::string micros_text(std::int64_t micros);

// The line of `record` in raw, without its end: a JSON object with exactly the columns of the
// pack's source.
std::string raw_line(const Record& record);

}  // namespace claimlake::records
