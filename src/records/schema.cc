#include "records/schema.h"

#include <fmt/format.h>

#include "base/text.h"

namespace claimlake::records {
namespace {

// The version of the schema; 0: there is none yet.
Result<std::int64_t> version_of(const Database& database, Connection& connection) {
  TRY(const bool there, database.has_table(connection, "store_facts"));
  if (!there) return 0;
  TRY(const Rows rows,
      connection.run("SELECT value FROM store_facts WHERE name = 'schema_version'", {}));
  const auto version = rows.empty() ? std::nullopt : whole_number(text(rows[0][0]));
  if (!version || *version < 1) {
    return Error{Fault::kCorrupt, "The operational store does not say which schema it has",
                 database.place(), "restore it from a backup, or name another place for it"};
  }
  return *version;
}

Done check_known(const Database& database, std::int64_t version, std::size_t known) {
  if (version <= static_cast<std::int64_t>(known)) return done();
  return Error{
      Fault::kConflict,
      fmt::format("The operational store has schema {}, this program knows {}", version, known),
      database.place(),
      "run the newer claimlake that wrote it, or go back to the backup beside it"};
}

Done take_steps(Database& database, Connection& connection, const std::vector<SchemaStep>& steps,
                std::int64_t version) {
  for (std::size_t step = static_cast<std::size_t>(version); step < steps.size(); ++step) {
    for (const std::string& statement : steps[step]) {
      TRY_DONE(connection.run(database.in_own_words(statement), {}));
    }
  }
  TRY_DONE(
      connection.run("INSERT INTO store_facts (name, value) VALUES ('schema_version', $1) "
                     "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                     {std::to_string(steps.size())}));
  return done();
}

Result<std::string> id_of(Connection& connection, Random& random) {
  const std::string drawn = fmt::format("{:08x}", random.next() & 0xffff'ffff);
  TRY_DONE(
      connection.run("INSERT INTO store_facts (name, value) VALUES ('store_id', $1) "
                     "ON CONFLICT (name) DO NOTHING",
                     {drawn}));
  TRY(const Rows rows, connection.run("SELECT value FROM store_facts WHERE name = 'store_id'", {}));
  return text(rows.at(0).at(0));
}

Result<std::string> change(Database& database, Connection& connection,
                           const std::vector<SchemaStep>& steps, std::int64_t expected,
                           Random& random) {
  TRY(const std::int64_t version, version_of(database, connection));
  TRY_DONE(check_known(database, version, steps.size()));
  // Another process brought it forward since: there is nothing to do, or it is for the next start.
  if (version == expected) {
    TRY_DONE(take_steps(database, connection, steps, version));
  }
  TRY(std::string id, id_of(connection, random));
  TRY_DONE(connection.commit());
  return id;
}

}  // namespace

Result<std::string> bring_forward(Database& database, const std::vector<SchemaStep>& steps,
                                  Random& random) {
  TRY(const auto connection, database.connect());
  TRY(const std::int64_t version, version_of(database, *connection));
  TRY_DONE(check_known(database, version, steps.size()));
  if (version == static_cast<std::int64_t>(steps.size())) {
    TRY(const Rows rows,
        connection->run("SELECT value FROM store_facts WHERE name = 'store_id'", {}));
    if (!rows.empty()) return text(rows[0][0]);
  }
  if (version > 0 && version < static_cast<std::int64_t>(steps.size())) {
    TRY_DONE(database.back_up(version));
  }
  TRY_DONE(connection->begin(true));
  auto id = change(database, *connection, steps, version, random);
  if (!id) connection->roll_back();
  return id;
}

}  // namespace claimlake::records
