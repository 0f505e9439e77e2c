#include "records/records.h"

#include <algorithm>

#include "base/guarded.h"
#include "records/database.h"
#include "records/group_commit.h"
#include "records/schema.h"

namespace claimlake::records {
namespace {

constexpr std::size_t kIdleReadersMax = 16;

Result<std::unique_ptr<Database>> database_at(const std::string& place) {
  if (place.starts_with("postgresql://") || place.starts_with("postgres://")) {
    return postgres_database(place);
  }
  return sqlite_database(place);
}

Done read_once(Connection& connection, const std::function<Done(Transaction&)>& work) {
  TRY_DONE(connection.begin(false));
  OpenTransaction transaction(connection);
  Done worked = work(transaction);
  if (!worked) {
    connection.roll_back();
    return worked;
  }
  return connection.commit();
}

}  // namespace

class Records::Core {
 public:
  Core(std::unique_ptr<Database> database, std::string id, const Clock& clock, Random& random)
      : clock(clock),
        random(random),
        database(std::move(database)),
        id(std::move(id)),
        writer(*this->database) {}

  Done read(const std::function<Done(Transaction&)>& work) {
    std::unique_ptr<Connection> connection = idle.with([](auto& kept) {
      std::unique_ptr<Connection> taken;
      if (!kept.empty()) {
        taken = std::move(kept.back());
        kept.pop_back();
      }
      return taken;
    });
    const bool was_idle = connection != nullptr;
    if (!was_idle) {
      TRY(connection, database->connect());
    }
    Done worked = read_once(*connection, work);
    if (!worked && was_idle && !connection->is_usable()) {
      // It was lost while it lay idle. A read may be made again.
      TRY(connection, database->connect());
      worked = read_once(*connection, work);
    }
    if (connection->is_usable()) {
      idle.with([&connection](auto& kept) {
        if (kept.size() < kIdleReadersMax) kept.push_back(std::move(connection));
      });
    }
    return worked;
  }

  const Clock& clock;
  Random& random;
  const std::unique_ptr<Database> database;
  const std::string id;
  Guarded<std::vector<std::unique_ptr<Connection>>> idle;
  GroupCommit writer;  // last: works on `database`
};

Records::Records(std::unique_ptr<Core> core) : core_(std::move(core)) {}
Records::~Records() = default;

Result<std::unique_ptr<Records>> Records::open(const std::string& place, const Clock& clock,
                                               Random& random) {
  TRY(auto database, database_at(place));
  return open(std::move(database), clock, random);
}

Result<std::unique_ptr<Records>> Records::open(std::unique_ptr<Database> database,
                                               const Clock& clock, Random& random) {
  TRY(std::string id, bring_forward(*database, schema_steps(), random));
  return std::make_unique<Records>(
      std::make_unique<Core>(std::move(database), std::move(id), clock, random));
}

void Records::on_commit(std::function<void()> tell) { core_->writer.on_commit(std::move(tell)); }

const Clock& Records::clock() const { return core_->clock; }
Random& Records::random() const { return core_->random; }
const std::string& Records::id() const { return core_->id; }
const std::string& Records::place() const { return core_->database->place(); }

Done Records::write_all(const std::function<Done(Transaction&)>& work) {
  return core_->writer.write(work);
}

Done Records::read_all(const std::function<Done(Transaction&)>& work) const {
  return core_->read(work);
}

std::int64_t next_micros(const Clock& clock, std::int64_t before) {
  return std::max(clock.now().time_since_epoch().count(), before + 1);
}

}  // namespace claimlake::records
