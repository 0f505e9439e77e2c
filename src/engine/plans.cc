#include "engine/plans.h"

#include <algorithm>
#include <duckdb/main/client_context.hpp>
#include <duckdb/main/connection.hpp>
#include <duckdb/main/pending_query_result.hpp>
#include <duckdb/main/prepared_statement_data.hpp>
#include <duckdb/main/query_parameters.hpp>

#include "engine/statement.h"

namespace claimlake::engine {
namespace {

// Of one session. A model asks some thirty texts; those that are not asked again, for the day has
// turned, make room.
constexpr std::size_t kPlansMax = 64;
constexpr std::size_t kFewRows = 4'096;

// Whether what a plan reads is what stands under its names now, and few rows: what operators hold
// of them may stay in memory with the plan.
bool good(const std::vector<std::shared_ptr<const Scratch>>& reads, const SessionState& state) {
  return std::all_of(reads.begin(), reads.end(), [&](const auto& read) {
    const auto now = state.scratches.find(read->name);
    return now != state.scratches.end() && now->second == read && read->rows &&
           read->rows->Count() <= kFewRows;
  });
}

duckdb::QueryParameters how(bool stream) {
  duckdb::QueryParameters parameters(stream);
  if (!stream) parameters.memory_type = duckdb::QueryResultMemoryType::BUFFER_MANAGED;
  return parameters;
}

duckdb::unique_ptr<duckdb::QueryResult> execute(
    const duckdb::unique_ptr<duckdb::PendingQueryResult>& pending) {
  if (pending->HasError()) pending->ThrowError();
  return pending->Execute();
}

}  // namespace

// A plan that broke off may hold memory for what it was about to do: it goes.
duckdb::unique_ptr<duckdb::QueryResult> Plans::start(duckdb::Connection& connection,
                                                     std::string_view sql,
                                                     duckdb::PreparedStatement& statement,
                                                     bool stream) {
  const std::string text(sql);
  duckdb::case_insensitive_map_t<duckdb::BoundParameterData> no_values;
  duckdb::PendingQueryParameters parameters;
  parameters.parameters = no_values;
  parameters.query_parameters = how(stream);
  duckdb::shared_ptr<duckdb::PreparedStatementData> data = statement.data;
  try {
    auto result = execute(connection.context->PendingQuery(text, data, parameters));
    if (result->HasError()) plans_.erase(text);
    return result;
  } catch (...) {
    plans_.erase(text);
    throw;
  }
}

duckdb::PreparedStatement* Plans::find(duckdb::Connection& connection, SessionState& state,
                                       std::string_view sql,
                                       duckdb::unique_ptr<duckdb::SQLStatement>& other) {
  const std::string text(sql);
  const auto known = plans_.find(text);
  if (known != plans_.end() && good(known->second.reads, state)) {
    known->second.used = ++uses_;
    return known->second.statement.get();
  }
  if (known != plans_.end()) plans_.erase(known);
  other = parse_statement(sql, state.access);
  const auto names = scratches_read(*other);
  if (!names) return nullptr;
  Plan plan;
  for (const std::string& name : *names) {
    const auto scratch = state.scratches.find(name);
    if (scratch == state.scratches.end()) return nullptr;
    plan.reads.push_back(scratch->second);
  }
  if (!good(plan.reads, state)) return nullptr;
  plan.statement = connection.Prepare(other->Copy());
  if (plan.statement->HasError()) plan.statement->GetErrorObject().Throw();
  const duckdb::StatementProperties properties = plan.statement->GetStatementProperties();
  const bool again = properties.always_require_rebind || !properties.read_databases.empty() ||
                     !properties.modified_databases.empty();
  if (again) return nullptr;
  if (plans_.size() >= kPlansMax) {
    plans_.erase(std::min_element(plans_.begin(), plans_.end(), [](const auto& a, const auto& b) {
      return a.second.used < b.second.used;
    }));
  }
  plan.used = ++uses_;
  return plans_.emplace(text, std::move(plan)).first->second.statement.get();
}

duckdb::unique_ptr<duckdb::QueryResult> Plans::run(duckdb::Connection& connection,
                                                   SessionState& state, std::string_view sql,
                                                   bool stream) {
  duckdb::unique_ptr<duckdb::SQLStatement> other;
  if (auto* kept = find(connection, state, sql, other))
    return start(connection, sql, *kept, stream);
  return execute(connection.context->PendingQuery(std::move(other), how(stream)));
}

duckdb::unique_ptr<duckdb::QueryResult> Plans::run_if_kept(duckdb::Connection& connection,
                                                           SessionState& state,
                                                           std::string_view sql) {
  duckdb::unique_ptr<duckdb::SQLStatement> other;
  auto* kept = find(connection, state, sql, other);
  return kept ? start(connection, sql, *kept, false) : nullptr;
}

}  // namespace claimlake::engine
