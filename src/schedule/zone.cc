#include "schedule/zone.h"

#include "base/text.h"

namespace claimlake::schedule {

Result<Day> day_of(Zone& zone, Timestamp time) {
  TRY(const LocalTime local, zone.to_local(time));
  const auto day = std::chrono::floor<std::chrono::days>(local);
  Day made;
  made.date = Date(day.time_since_epoch());
  TRY(made.begins_at, zone.to_utc(LocalTime(day.time_since_epoch())));
  TRY(made.ends_at, zone.to_utc(LocalTime((day + std::chrono::days(1)).time_since_epoch())));
  return made;
}

Result<std::int64_t> EngineZone::ask(const char* sql, const std::string& time) {
  TRY(const auto session, engine_.session({.access = engine::Access::kInternal}));
  TRY(const auto rows, session->query(sql, {time, name_}));
  TRY(const auto table, engine::read_all(*rows));
  const auto micros = whole_number(table.rows.at(0).at(0).value_or(""));
  CHECK(micros.has_value(), "epoch_us gives a number");
  return *micros;
}

Result<LocalTime> EngineZone::to_local(Timestamp time) {
  TRY(const std::int64_t micros,
      ask("SELECT epoch_us(CAST($1 AS TIMESTAMPTZ) AT TIME ZONE $2)", to_rfc3339(time)));
  return LocalTime(std::chrono::microseconds(micros));
}

Result<Timestamp> EngineZone::to_utc(LocalTime time) {
  TRY(const std::int64_t micros, ask("SELECT epoch_us(CAST($1 AS TIMESTAMP) AT TIME ZONE $2)",
                                     to_text(Timestamp(time.time_since_epoch())).substr(0, 26)));
  return Timestamp(std::chrono::microseconds(micros));
}

}  // namespace claimlake::schedule
