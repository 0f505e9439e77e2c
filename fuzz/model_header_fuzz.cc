// Model files: whatever stands in one, reading it ends, and what is wrong has a place.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "pack/lint.h"
#include "pack/model.h"
#include "pack/references.h"
#include "pack/sql_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace claimlake;
  using namespace claimlake::pack;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const char* name : {"silver.t", "gold.t", "serving.t"}) {
    const auto model = parse_model(text, name, "t.sql");
    if (!model) {
      CHECK(model.error().where.starts_with("t.sql:"), "an error without its place");
      CHECK(!model.error().message.empty(), "an error without words");
      continue;
    }
    lint_model(*model);
    for (const ColumnDoc& column : model->columns)
      CHECK(!column.name.empty(), "a column has a name");
  }
  if (const auto tokens = tokenize(text)) {
    std::size_t end = 0;
    for (const Token& token : *tokens) {
      CHECK(token.offset >= end && !token.text.empty(), "tokens come in order");
      end = token.end();
    }
    CHECK(end <= text.size(), "tokens are part of the text");
    for (const TableReference& reference : table_references(*tokens)) {
      CHECK(reference.begin < reference.end && reference.end <= text.size(), "a reference is text");
    }
    clock_uses(*tokens, false);
    sql_as_of(text, Date{});
  }
  return 0;
}
