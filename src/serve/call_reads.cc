#include "serve/call_reads.h"

#include <algorithm>

#include "serve/answer.h"
#include "serve/embedded.h"

namespace claimlake::serve {
namespace {

std::string_view contract_text() {
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.name == "openapi.json") return file.bytes;
  }
  return {};
}

}  // namespace

Result<std::vector<CallReads>> call_reads() {
  TRY(const Contract contract, Contract::read(contract_text()));
  std::vector<Answer> answers = insight_answers();
  for (Answer& answer : customer_answers()) answers.push_back(std::move(answer));
  std::vector<CallReads> out;
  for (const Answer& answer : answers) {
    const auto* always = answer.tables.target<FixedTables>();
    if (always == nullptr) continue;
    const auto& operations = contract.operations();
    const auto operation =
        std::find_if(operations.begin(), operations.end(),
                     [&](const Operation& each) { return each.id == answer.operation; });
    if (operation == operations.end()) continue;
    out.push_back({answer.operation, operation->path, always->tables});
  }
  return out;
}

}  // namespace claimlake::serve
