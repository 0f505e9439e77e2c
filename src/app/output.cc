#include "app/output.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace claimlake::app {

void Output::text(const std::string& text) const {
  if (json) return;
  std::fputs(text.c_str(), stdout);
  if (!text.ends_with('\n')) std::fputc('\n', stdout);
}

void Output::table(const TextRows& rows) const { text(render(rows, terminal_width())); }

void Output::value(const nlohmann::json& value) const {
  if (!json) return;
  // Bytes that are no UTF-8 must not end the program.
  std::fputs(value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str(), stdout);
  std::fputc('\n', stdout);
}

Exit exit_of(Fault fault) {
  switch (fault) {
    case Fault::kInvalidInput:
      return Exit::kInvalidInput;
    case Fault::kNotFound:
      return Exit::kNotFound;
    case Fault::kConflict:
      return Exit::kConflict;
    case Fault::kUnavailable:
      return Exit::kUnavailable;
    case Fault::kTimeout:
      return Exit::kTimeout;
    case Fault::kCancelled:
      return Exit::kCancelled;
    case Fault::kCorrupt:
      return Exit::kCorrupt;
  }
  return Exit::kFailed;
}

namespace {

// Messages from below name a place first as often as not, "silver.fact_claims: ...", so that only
// a plain word gets its capital letter.
std::string sentence(std::string text) {
  const auto end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz");
  if (end != 0 && end != std::string::npos && text[end] == ' ') {
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
  }
  return text;
}

}  // namespace

Exit report(Error error, const Output& output) {
  error.message = sentence(std::move(error.message));
  if (output.json) {
    output.value({{"error",
                   {{"code", fault_name(error.fault)},
                    {"message", error.message},
                    {"where", error.where},
                    {"next", error.next}}}});
  } else {
    std::fflush(stdout);
    std::fprintf(stderr, "error: %s\n", error.text().c_str());
  }
  return exit_of(error.fault);
}

}  // namespace claimlake::app
