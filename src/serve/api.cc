#include "serve/api.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "net/gzip.h"
#include "serve/digest.h"

namespace claimlake::serve {
namespace {

constexpr std::size_t kGzipFrom = 1024;  // below it the header costs more than it saves

Problem invalid_cursor() {
  return {
      422, "invalid_cursor", "The cursor is not one that this list gave for these filters",
      "Take pagination.next_cursor of the page before as it is, with the same filters and order; "
      "or begin again without a cursor.",
      "cursor"};
}

Problem version_gone() {
  return {410, "version_gone", "The table version that this list began with is not kept any more",
          "Begin again without a cursor.", "cursor"};
}

std::variant<std::optional<Cursor>, Problem> cursor_of(const Operation& operation,
                                                       const Parameters& parameters,
                                                       const net::Request& request) {
  if (!parameters.has("cursor")) return std::optional<Cursor>();
  for (const auto& [name, value] : request.query) {
    if (name == "offset") {
      return invalid_parameter("offset", "offset and cursor are both given",
                               "Use one of them: a cursor knows its place.");
    }
  }
  auto cursor = Cursor::parse(parameters.text("cursor"));
  if (!cursor || cursor->query != list_digest(operation, parameters)) return invalid_cursor();
  return cursor;
}

net::Response not_found(const Parameters& parameters, const net::Request& request) {
  const bool is_table = parameters.has("table");
  const std::string what = is_table ? parameters.text("table") : parameters.text("customer_id");
  return to_response(
      {404, is_table ? "table_not_found" : "not_found",
       fmt::format("There is no {} '{}'", is_table ? "table" : "customer", what),
       is_table ? "See /api/lake/tables for the tables." : "See /api/insights/customers?search=…",
       is_table ? "table" : "customer_id"},
      request.path);
}

}  // namespace

Api::Api(const ServeContext& context, SessionPool& sessions, AnswerCache& cache)
    : context_(context),
      sessions_(sessions),
      cache_(cache),
      pinner_(context.lake, context.clock),
      stale_(context.lake, context.engine, context.pack) {
  for (auto make : {customer_answers, insight_answers, lake_answers, lineage_answers,
                    quality_answers, pipeline_answers}) {
    for (Answer& answer : make()) answers_.emplace(answer.operation, std::move(answer));
  }
  Digest digest;
  digest.add(context.version);
  for (const pack::Model& model : context.pack.models) digest.add(model.hash);
  pack_digest_ = digest.hex();
}

std::variant<Pins, Problem> Api::pin(const Answer& answer, const Parameters& parameters,
                                     const std::optional<Cursor>& cursor) {
  const std::vector<std::string> tables = answer.tables(context_, pinner_, parameters);
  if (!cursor) {
    auto pins = pinner_.newest(tables);
    if (!pins) return to_problem(pins.error());
    return *std::move(pins);
  }
  const bool same_tables = cursor->versions.size() == tables.size() &&
                           std::all_of(tables.begin(), tables.end(), [&](const std::string& table) {
                             return cursor->versions.contains(table);
                           });
  if (!same_tables) return invalid_cursor();
  auto pins = pinner_.at(cursor->versions);
  if (pins) return *std::move(pins);
  if (pins.error().fault == Fault::kNotFound) return version_gone();
  return to_problem(pins.error());
}

std::variant<std::shared_ptr<const CachedAnswer>, Problem> Api::read(
    const Operation& operation, const Answer& answer, const Parameters& parameters,
    const std::optional<Cursor>& cursor, const Pins& pins) {
  const auto members = sessions_.with<std::optional<std::string>>([&](PooledSession& pooled) {
    // Old versions are for walking once: copying them would push the newest ones out.
    const auto copies = cursor ? Mirror::Copies::kKept : Mirror::Copies::kMade;
    return answer.read(Reading{context_, operation, parameters, cursor, pins, *pooled.session,
                               Relations(pins, context_.pack, pooled.mirror, copies), texts_});
  });
  if (!members) {
    if (cursor && members.error().fault == Fault::kNotFound) return version_gone();
    // What the values of a cursor cannot be read as was not written by us.
    if (cursor && members.error().fault == Fault::kInvalidInput) return invalid_cursor();
    return to_problem(members.error());
  }
  if (!*members) return std::shared_ptr<const CachedAnswer>();
  auto made = std::make_shared<CachedAnswer>();
  made->body = fmt::format("{{{},\"meta\":{}}}", **members, pins.meta_json());
  if (made->body.size() >= kGzipFrom) made->gzip = net::gzip(made->body);
  return made;
}

Done Api::tell_stale(Pins& pins) {
  const std::string table(refresh::kStaleTable);
  TRY(const Pins newest, pinner_.newest(std::vector<std::string>{table}));
  TRY(auto list, stale_.at(newest.snapshot(table)));
  pins.set_stale(std::move(list));
  return done();
}

net::Response Api::answer(const Operation& operation, const net::Request& request) {
  const Answer& answer = answers_.at(operation.id);
  auto checked = Contract::parameters(operation, request);
  if (auto* problem = std::get_if<Problem>(&checked)) return to_response(*problem, request.path);
  const auto& parameters = std::get<Parameters>(checked);
  auto cursor_or_problem = cursor_of(operation, parameters, request);
  if (auto* problem = std::get_if<Problem>(&cursor_or_problem)) {
    return to_response(*problem, request.path);
  }
  const auto& cursor = std::get<std::optional<Cursor>>(cursor_or_problem);
  auto pinned = pin(answer, parameters, cursor);
  if (auto* problem = std::get_if<Problem>(&pinned)) return to_response(*problem, request.path);
  Pins& pins = std::get<Pins>(pinned);
  // An answer whose age cannot be told is better than none.
  if (const Done told = tell_stale(pins); !told) {
    log(LogLevel::kWarning, "stale_unknown", {{"error", told.error().message}});
  }

  Digest digest;
  digest.add(operation.id);
  digest.add(parameters.canonical());
  digest.add(pack_digest_);
  digest.add(pins.stale_json());  // it changes without a new version of what is stale
  const std::string key = pins.data_version() + '-' + digest.hex();
  net::Response response;
  response.headers.add("ETag", '"' + key + '"');
  response.headers.add("Cache-Control", "private, no-cache");
  if (net::matches_etag(request.headers.get("If-None-Match"), '"' + key + '"')) {
    response.status = 304;
    return response;
  }
  auto found = cache_.find(key);
  if (found == nullptr) {
    auto made = read(operation, answer, parameters, cursor, pins);
    if (auto* problem = std::get_if<Problem>(&made)) return to_response(*problem, request.path);
    found = std::get<std::shared_ptr<const CachedAnswer>>(made);
    if (found == nullptr) return not_found(parameters, request);
    cache_.keep(key, found);
  }
  response.headers.add("Content-Type", "application/json");
  const bool gzip =
      !found->gzip.empty() && net::accepts_gzip(request.headers.get("Accept-Encoding"));
  if (gzip) response.headers.add("Content-Encoding", "gzip");
  response.body = gzip ? found->gzip : found->body;
  return response;
}

}  // namespace claimlake::serve
