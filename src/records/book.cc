#include "records/book.h"

#include <fmt/format.h>

namespace claimlake::records {
namespace {

// That so many drawn ids are taken in a row does not happen with a generator that works.
constexpr int kDrawsMax = 20;

std::string drawn_hex(Random& random, int digits) {
  const std::string hex = fmt::format("{:016X}", random.next());
  return hex.substr(0, static_cast<std::size_t>(digits));
}

std::vector<Value> all_values(const Record& record) {
  std::vector<Value> values = record.values();
  values.emplace_back(record.created_at);
  values.emplace_back(record.updated_at);
  values.emplace_back(record.revision);
  return values;
}

std::string insert_sql(const Entity& entity) {
  std::string places;
  for (std::size_t i = 1; i <= entity.columns.size() + 3; ++i) {
    places += (i > 1 ? ", $" : "$") + std::to_string(i);
  }
  return fmt::format("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT DO NOTHING RETURNING {}",
                     entity.table, entity.columns_sql, places, entity.key);
}

Record to_record(const Entity& entity, const Row& row) {
  Record record(entity);
  const std::size_t columns = entity.columns.size();
  record.set_id(text(row[0]));
  for (std::size_t i = 1; i < columns; ++i) record.set(entity.columns[i].name, row[i]);
  record.created_at = whole(row[columns]);
  record.updated_at = whole(row[columns + 1]);
  record.revision = whole(row[columns + 2]);
  return record;
}

// The conditions of `listing`, and the values that they take.
std::pair<std::string, std::vector<Value>> conditions(const Entity& entity, const Listing& listing,
                                                      bool with_after) {
  std::string sql;
  std::vector<Value> values;
  for (const auto& [column, value] : listing.equal) {
    values.emplace_back(value);
    sql += fmt::format("{} {} = ${}", sql.empty() ? " WHERE" : " AND",
                       entity.columns[entity.position(column)].sql_name(), values.size());
  }
  if (with_after && listing.after) {
    values.emplace_back(listing.after->created_at);
    values.emplace_back(listing.after->id);
    sql += fmt::format("{} (created_at, {}) < (${}, ${})", sql.empty() ? " WHERE" : " AND",
                       entity.key, values.size() - 1, values.size());
  }
  return {sql, values};
}

}  // namespace

Done announce(Transaction& transaction, const std::string& folder, const std::string& id,
              const std::string& line, std::int64_t at) {
  TRY(const Rows number,
      transaction.run(
          "UPDATE counters SET value = value + 1 WHERE name = 'outbox' RETURNING value"));
  TRY_DONE(transaction.run(
      "INSERT INTO outbox (number, folder, entity_id, line, at) VALUES ($1, $2, $3, $4, $5)",
      {number.at(0).at(0), folder, id, line, at}));
  return done();
}

Done insert(Transaction& transaction, const Records& records, Record& record,
            std::string_view number_column, const std::string& number_prefix) {
  const Entity& entity = record.entity();
  record.created_at = next_micros(records.clock());
  record.updated_at = record.created_at;
  record.revision = 1;
  for (int draw = 0; draw < kDrawsMax; ++draw) {
    record.set_id(entity.id_prefix + drawn_hex(records.random(), 12));
    if (!number_column.empty()) {
      record.set(number_column, number_prefix + drawn_hex(records.random(), 6));
    }
    TRY(const Rows kept, transaction.run(insert_sql(entity), all_values(record)));
    if (kept.empty()) continue;
    return announce(transaction, entity.table, record.id(), raw_line(record), record.updated_at);
  }
  return Error{Fault::kUnavailable, "No free id was found for a new " + entity.name};
}

Done update(Transaction& transaction, const Records& records, Record& record) {
  const Entity& entity = record.entity();
  const std::int64_t before = record.revision;
  record.updated_at = next_micros(records.clock(), record.updated_at);
  record.revision = before + 1;
  std::string sets;
  std::vector<Value> values = all_values(record);
  for (std::size_t i = 1; i < entity.columns.size(); ++i) {
    sets += fmt::format("{} = ${}, ", entity.columns[i].sql_name(), i + 1);
  }
  const std::size_t columns = entity.columns.size();
  values.emplace_back(before);
  TRY(const Rows kept,
      transaction.run(
          fmt::format("UPDATE {} SET {}created_at = ${}, updated_at = ${}, revision = ${} "
                      "WHERE {} = $1 AND revision = ${} RETURNING revision",
                      entity.table, sets, columns + 1, columns + 2, columns + 3, entity.key,
                      columns + 4),
          values));
  if (!kept.empty()) {
    return announce(transaction, entity.table, record.id(), raw_line(record), record.updated_at);
  }
  TRY(const auto now, find(transaction, entity, record.id()));
  if (!now) return Error{Fault::kNotFound, "There is no such " + entity.name};
  return Error{Fault::kConflict,
               fmt::format("The {} was changed meanwhile: revision {} is now {}", entity.name,
                           before, now->revision),
               "", "read it again, and change that"};
}

Result<std::optional<Record>> find(Transaction& transaction, const Entity& entity,
                                   const std::string& id) {
  TRY(const Rows rows, transaction.run(fmt::format("SELECT {} FROM {} WHERE {} = $1",
                                                   entity.columns_sql, entity.table, entity.key),
                                       {id}));
  if (rows.empty()) return std::optional<Record>();
  return std::optional<Record>(to_record(entity, rows[0]));
}

Result<std::vector<Record>> list(Transaction& transaction, const Entity& entity,
                                 const Listing& listing) {
  auto [where, values] = conditions(entity, listing, true);
  values.emplace_back(listing.limit);
  TRY(const Rows rows,
      transaction.run(
          fmt::format("SELECT {} FROM {}{} ORDER BY created_at DESC, {} DESC LIMIT ${}",
                      entity.columns_sql, entity.table, where, entity.key, values.size()),
          values));
  std::vector<Record> records;
  records.reserve(rows.size());
  for (const Row& row : rows) records.push_back(to_record(entity, row));
  return records;
}

Result<std::int64_t> count(Transaction& transaction, const Entity& entity, const Listing& listing) {
  const auto [where, values] = conditions(entity, listing, false);
  TRY(const Rows rows,
      transaction.run(fmt::format("SELECT COUNT(*) FROM {}{}", entity.table, where), values));
  return whole(rows.at(0).at(0));
}

Done add_event(Transaction& transaction, const std::string& claim_id, const ClaimEvent& event) {
  TRY_DONE(
      transaction.run("INSERT INTO claim_events (claim_id, number, kind, actor, detail, at) "
                      "SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3, $4, CAST($5 AS BIGINT) "
                      "FROM claim_events WHERE claim_id = $1",
                      {claim_id, event.kind, event.actor, text_or_null(event.detail), event.at}));
  return done();
}

Result<std::vector<ClaimEvent>> events_of(Transaction& transaction, const std::string& claim_id) {
  TRY(const Rows rows,
      transaction.run("SELECT kind, actor, detail, at FROM claim_events WHERE claim_id = $1 "
                      "ORDER BY number",
                      {claim_id}));
  std::vector<ClaimEvent> events;
  events.reserve(rows.size());
  for (const Row& row : rows) {
    events.push_back({text(row[0]), text(row[1]), text(row[2]), whole(row[3])});
  }
  return events;
}

}  // namespace claimlake::records
