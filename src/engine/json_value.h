#pragma once

#include <string>
#include <string_view>

namespace duckdb {
class Value;
}

namespace claimlake::engine {

// Appends `text` as a JSON string in quotes.
void append_json_string(std::string_view text, std::string& out);

// Appends `value` as JSON in the form that Rows::json() promises.
void append_json(const duckdb::Value& value, std::string& out);

}  // namespace claimlake::engine
