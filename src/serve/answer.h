#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "engine/engine.h"
#include "lake/lake.h"
#include "pack/pack.h"
#include "records/records.h"
#include "schedule/control.h"
#include "serve/contract.h"
#include "serve/cursor.h"
#include "serve/page_query.h"
#include "serve/pins.h"
#include "serve/row_texts.h"

namespace claimlake::govern {
class SignIn;
}

namespace claimlake::serve {

// What the server serves. All outlive it.
struct ServeContext {
  lake::Lake& lake;
  engine::Engine& engine;
  const pack::Pack& pack;
  const Clock& clock;
  schedule::Control& control;
  std::string data_path;                // the lake as it was named: "./lake"
  bool is_demo = false;                 // the lake was filled by claimlake demo
  std::string version;                  // of the program
  records::Records* records = nullptr;  // null: there is no operational store
  // Of this machine, for what is kept while the lake is served and may be deleted; "": none.
  std::string work_folder = "";
  // Null: sign-in is off.
  govern::SignIn* sign_in = nullptr;
};

// What one answer is made from: the request, and one version of each table it reads.
struct Reading {
  const ServeContext& context;
  const Operation& operation;
  const Parameters& parameters;
  const std::optional<Cursor>& cursor;
  const Pins& pins;
  engine::Session& session;
  Relations from;  // from("gold.monthly_kpis") stands in a FROM clause
  RowTexts& texts;
};

// One call of the contract.
struct Answer {
  std::string operation;  // its id
  // The tables that it reads.
  std::function<std::vector<std::string>(const ServeContext&, Pinner&, const Parameters&)> tables;
  // The members of the JSON object but `meta`, without braces; nothing: there is no such thing.
  std::function<Result<std::optional<std::string>>(const Reading&)> read;
};

// For Answer::tables: always these. What it gives holds FixedTables.
struct FixedTables {
  std::vector<std::string> tables;
  std::vector<std::string> operator()(const ServeContext& context, Pinner& pinner,
                                      const Parameters& parameters) const;
};
std::function<std::vector<std::string>(const ServeContext&, Pinner&, const Parameters&)> fixed(
    std::vector<std::string> tables);

// The digest that a cursor of this list carries.
std::string list_digest(const Operation& operation, const Parameters& parameters);

// The texts `kind` of all rows of `sql` (see read_texts), which reads pinned tables only. Null
// where they are too large, or not there: then the rows must be read as they are asked for.
std::shared_ptr<const RowTexts::Texts> row_texts(const Reading& reading, std::string_view kind,
                                                 const std::string& sql, std::size_t rows_per_key);

// One page of `query` as the members `name`, `count` and `pagination`, by the parameters limit,
// offset, cursor and total.
Result<std::string> page_members(const Reading& reading, const PageQuery& query,
                                 std::string_view name);

std::vector<Answer> customer_answers();
std::vector<Answer> insight_answers();
std::vector<Answer> lake_answers();
std::vector<Answer> lineage_answers();
std::vector<Answer> quality_answers();
std::vector<Answer> pipeline_answers();

}  // namespace claimlake::serve
