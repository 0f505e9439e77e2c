#include "serve/body_fields.h"

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace claimlake::serve {
namespace {

using Json = nlohmann::json;

// More are no form that anybody fills in.
constexpr std::size_t kFieldsMax = 200;
constexpr int kDepthMax = 64;

// Takes down the members of the outermost object.
class FieldTaker final : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return take(BodyField::Kind::kNull, ""); }
  bool boolean(bool value) override {
    return take(BodyField::Kind::kBoolean, value ? "true" : "false");
  }
  bool number_integer(number_integer_t value) override {
    return take(BodyField::Kind::kNumber, std::to_string(value));
  }
  bool number_unsigned(number_unsigned_t value) override {
    return take(BodyField::Kind::kNumber, std::to_string(value));
  }
  bool number_float(number_float_t, const string_t& digits) override {
    return take(BodyField::Kind::kNumber, digits);
  }
  bool string(string_t& value) override { return take(BodyField::Kind::kText, value); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override {
    if (depth_ == 0) return false;
    return open();
  }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    if (depth_ > 1) return true;
    name_ = name;
    if (fields.size() >= kFieldsMax) return false;
    if (fields.emplace(name, BodyField{}).second) return true;
    twice = name;
    return false;
  }
  bool parse_error(std::size_t, const std::string&, const Json::exception&) override {
    return false;
  }

  BodyFields fields;
  std::optional<std::string> twice;

 private:
  bool open() {
    if (depth_ == 1) (void)take(BodyField::Kind::kOther, "");
    return ++depth_ <= kDepthMax;
  }
  bool close() {
    --depth_;
    return true;
  }
  bool take(BodyField::Kind kind, std::string text) {
    if (depth_ == 0) return false;
    if (depth_ == 1) fields[name_] = {kind, std::move(text)};
    return true;
  }

  int depth_ = 0;
  std::string name_;
};

}  // namespace

std::variant<BodyFields, Problem> read_body_fields(std::string_view body) {
  FieldTaker taker;
  const bool read = Json::sax_parse(body, &taker);
  if (taker.twice) {
    return Problem{422, "invalid_body", "'" + excerpt(*taker.twice) + "' is given more than once",
                   "Give it once.", excerpt(*taker.twice)};
  }
  if (!read) {
    return Problem{422, "invalid_body", "The body is no JSON object",
                   "Send an object, such as {\"customer_id\": \"…\"}."};
  }
  return std::move(taker.fields);
}

std::optional<std::int64_t> exact_cents(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  const std::size_t dot = text.find('.');
  std::string digits(text.substr(0, dot));
  std::string decimals(dot == std::string_view::npos ? "" : text.substr(dot + 1));
  if (digits.empty() || digits.size() > 13) return std::nullopt;
  if (dot != std::string_view::npos && decimals.empty()) return std::nullopt;
  while (decimals.size() > 2 && decimals.back() == '0') decimals.pop_back();
  if (decimals.size() > 2) return std::nullopt;
  decimals.resize(2, '0');
  std::int64_t cents = 0;
  for (const char c : digits + decimals) {
    if (c < '0' || c > '9') return std::nullopt;
    cents = cents * 10 + (c - '0');
  }
  return is_negative ? -cents : cents;
}

}  // namespace claimlake::serve
