// The body of a call that writes, as anybody may send it.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "serve/body_fields.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using claimlake::serve::BodyField;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto read = claimlake::serve::read_body_fields(body);
  const auto* fields = std::get_if<claimlake::serve::BodyFields>(&read);
  if (fields == nullptr) return 0;
  for (const auto& [name, field] : *fields) {
    if (field.kind != BodyField::Kind::kNumber && field.kind != BodyField::Kind::kText) continue;
    const auto cents = claimlake::serve::exact_cents(field.text);
    CHECK(!cents || (*cents > -1'000'000'000'000'000 && *cents < 1'000'000'000'000'000),
          "an amount beyond its bound");
  }
  return 0;
}
