#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "datagen/generate.h"
#include "store/memory_store.h"

// Reads generated files back with other code than wrote them. A row is a map from column to text;
// JSON null and an empty CSV field are "". Lines that cannot be read are empty maps, so that the
// index of a row is its line.

namespace claimlake::datagen {

using RawRow = std::map<std::string, std::string, std::less<>>;

inline const std::string& at(const RawRow& row, std::string_view column) {
  return row.find(column)->second;
}
// "12.34" as 1234; the generator writes two decimals.
inline std::int64_t cents(const RawRow& row, std::string_view column) {
  std::string digits = at(row, column);
  std::erase(digits, '.');
  return std::stoll(digits);
}
inline Date date(const RawRow& row, std::string_view column) {
  const auto parsed = parse_date(at(row, column));
  EXPECT_TRUE(parsed) << column << ' ' << at(row, column);
  return parsed ? *parsed : Date{};
}
inline bool is_date(std::string_view text) { return parse_date(text).has_value(); }

inline std::vector<RawRow> read_csv_rows(const std::string& bytes) {
  std::vector<RawRow> rows;
  std::vector<std::string> columns;
  for (std::size_t from = 0; from < bytes.size();) {
    const std::size_t end = bytes.find("\r\n", from);
    EXPECT_NE(end, std::string::npos) << "a line does not end in CRLF";
    if (end == std::string::npos) break;
    const auto fields = split(std::string_view(bytes).substr(from, end - from), ',');
    from = end + 2;
    if (columns.empty()) {
      columns = fields;
      continue;
    }
    RawRow row;
    if (fields.size() == columns.size()) {
      for (std::size_t i = 0; i < fields.size(); ++i) row[columns[i]] = fields[i];
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

inline std::vector<RawRow> read_json_rows(const std::string& bytes) {
  std::vector<RawRow> rows;
  for (std::size_t from = 0; from < bytes.size();) {
    const std::size_t end = bytes.find('\n', from);
    EXPECT_NE(end, std::string::npos) << "the last line has no end";
    if (end == std::string::npos) break;
    const auto line = std::string_view(bytes).substr(from, end - from);
    from = end + 1;
    RawRow row;
    const auto object = nlohmann::json::parse(line, nullptr, false);
    if (object.is_object()) {
      for (const auto& [name, value] : object.items()) {
        row[name] = value.is_null() ? "" : value.is_string() ? value.get<std::string>() : "";
      }
      // Numbers as they stand in the text, since a double would not keep them.
      for (const char* name : {"claim_amount", "deductible_applied", "covered_amount",
                               "paid_amount", "processing_days", "is_emergency", "is_recurring"}) {
        if (!object.contains(name) || object[name].is_null() || object[name].is_string()) continue;
        const std::size_t value =
            line.find("\"" + std::string(name) + "\":") + 3 + std::strlen(name);
        row[name] = std::string(line.substr(value, line.find_first_of(",}", value) - value));
      }
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

// A generated book, read back.
struct RawBook {
  std::map<std::string, std::string> files;  // bytes by name
  std::vector<RawRow> customers, pets, policies, vet_providers, claims;
  GenerateReport report;
  Date as_of;

  const std::vector<RawRow>& rows(std::string_view file) const {
    return file == "customers.csv"       ? customers
           : file == "pets.csv"          ? pets
           : file == "policies.csv"      ? policies
           : file == "vet_providers.csv" ? vet_providers
                                         : claims;
  }
};

inline RawBook make_files(GenerateOptions options) {
  options.as_of = *parse_date("2025-12-22");
  store::MemoryStore store;
  RawBook book;
  book.as_of = options.as_of;
  auto report = generate(options, store);
  EXPECT_TRUE(report) << report.error().text();
  if (!report) return book;
  book.report = *report;
  const auto objects = store.list_all("");
  for (const auto& object : *objects) book.files[object.path] = *store.read(object.path);
  return book;
}

inline RawBook make_book(const GenerateOptions& options) {
  RawBook book = make_files(options);
  book.customers = read_csv_rows(book.files["customers.csv"]);
  book.pets = read_csv_rows(book.files["pets.csv"]);
  book.policies = read_csv_rows(book.files["policies.csv"]);
  book.vet_providers = read_csv_rows(book.files["vet_providers.csv"]);
  book.claims = read_json_rows(book.files["claims.jsonl"]);
  return book;
}

// A clean book for all tests that only look at it.
inline const RawBook& clean_book() {
  static const RawBook book = make_book({});
  return book;
}

// The newest version of each row, by key.
inline std::map<std::string, RawRow> newest(const std::vector<RawRow>& rows, std::string_view key) {
  std::map<std::string, RawRow> result;
  for (const RawRow& row : rows) {
    const auto [place, is_new] = result.try_emplace(at(row, key), row);
    if (!is_new && at(row, "updated_at") > at(place->second, "updated_at")) place->second = row;
  }
  return result;
}

}  // namespace claimlake::datagen
