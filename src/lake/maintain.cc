#include "lake/maintain.h"

#include "base/text.h"
#include "lake/cluster.h"

namespace claimlake::lake {
namespace {

Result<std::int64_t> read_number(SqlCursor& cursor) {
  const SqlCursor before = cursor;
  TRY(const std::string text, cursor.until({"hours", "dry", "tblproperties"}));
  const auto number = whole_number(text);
  if (number && *number >= 0) return *number;
  return before.wrong("a whole number");
}

Result<Restore> read_restore(SqlCursor& cursor) {
  (void)cursor.take("table");
  Restore out;
  TRY(out.name, cursor.table());
  TRY_DONE(cursor.expect("to"));
  TRY_DONE(read_as_of(cursor, out.version, out.timestamp));
  TRY_DONE(cursor.end());
  return out;
}

}  // namespace

Done read_as_of(SqlCursor& cursor, std::optional<delta::LogVersion>& version,
                std::optional<Timestamp>& timestamp) {
  if (cursor.take("version as of")) {
    TRY(version, read_number(cursor));
    return done();
  }
  TRY_DONE(cursor.expect("timestamp as of"));
  const SqlCursor before = cursor;
  TRY(std::string text, cursor.text());
  if (text.size() > 10 && text[10] == ' ') text[10] = 'T';
  if (text.size() == 10) text += "T00:00:00";
  auto time = parse_timestamp(text.ends_with('Z') ? text : text + "Z");
  if (!time) return before.wrong("a time such as '2026-01-31 10:00:00' (UTC)");
  timestamp = *time;
  return done();
}

Result<std::optional<Maintenance>> parse_maintenance(std::string_view sql) {
  SqlCursor cursor(sql);
  if (cursor.take("restore")) {
    TRY(Restore restore, read_restore(cursor));
    return std::optional<Maintenance>(std::move(restore));
  }
  if (cursor.take("optimize")) {
    Optimize out;
    TRY(out.name, cursor.table());
    out.full = cursor.take("full");
    if (cursor.take("where")) {
      TRY(out.condition, cursor.expression({"zorder"}));
    }
    if (cursor.take("zorder by")) {
      TRY(out.order, read_order(cursor));
    }
    TRY_DONE(cursor.end());
    return std::optional<Maintenance>(std::move(out));
  }
  if (cursor.take("vacuum")) {
    Vacuum out;
    TRY(out.name, cursor.table());
    if (cursor.take("retain")) {
      TRY(const std::int64_t hours, read_number(cursor));
      TRY_DONE(cursor.expect("hours"));
      out.retain = std::chrono::hours(hours);
    }
    out.dry_run = cursor.take("dry run");
    TRY_DONE(cursor.end());
    return std::optional<Maintenance>(std::move(out));
  }
  return std::optional<Maintenance>();
}

delta::CommitRequest maintenance_request(const Lake& lake, delta::SnapshotPtr base,
                                         const char* operation, const std::string& run) {
  delta::CommitRequest request;
  request.base = std::move(base);
  request.info.operation = operation;
  request.info.user = lake.context().user;
  request.info.run = run;
  return request;
}

}  // namespace claimlake::lake
