#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "serve/body_fields.h"
#include "serve/problem.h"

namespace claimlake::serve {

// Reads the members of a body one by one and takes down what is wrong with each, so that a client
// learns all of it at once. A value that is given as null counts as not given.
class Form {
 public:
  explicit Form(BodyFields fields) : fields_(std::move(fields)) {}

  bool has(const std::string& name);  // given, and not null

  // Each gives the value if it is there and right. Texts lose blanks at both ends.
  std::optional<std::string> text(const std::string& name, std::size_t min, std::size_t max);
  std::optional<std::string> choice(const std::string& name,
                                    const std::vector<std::string>& allowed);
  std::optional<bool> flag(const std::string& name);
  std::optional<Date> date(const std::string& name);
  // In cents, from `least` to `most`. A JSON number or text, exact.
  std::optional<std::int64_t> money(const std::string& name, std::int64_t least, std::int64_t most);
  // The digits of a number above 0 and below `limit`, with at most two decimals.
  std::optional<std::string> measure(const std::string& name, std::int64_t limit);

  // Says that `name` must be given, if it is not.
  void require(const std::string& name);
  // Takes down a fault that the caller found.
  void refuse(const std::string& name, std::string detail, std::string next_step);
  bool is_good() const { return errors_.empty(); }
  // What is wrong; also members that nobody asked for. Nothing: all is right.
  std::optional<Problem> problem();

 private:
  // The text of a member of a kind in `kinds`; takes down what else it is.
  std::optional<std::string> value(const std::string& name, const char* is_a,
                                   const std::vector<BodyField::Kind>& kinds);

  BodyFields fields_;
  std::vector<std::string> asked_;
  std::vector<FieldError> errors_;
};

}  // namespace claimlake::serve
