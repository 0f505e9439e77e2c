#pragma once

#include <array>
#include <string_view>

#include "datagen/book.h"
#include "datagen/text_buffer.h"

namespace claimlake::datagen {

// The raw files, in the order in which they are written.
enum class RawTable : std::uint8_t { kCustomers, kPets, kPolicies, kVetProviders, kClaims };
inline constexpr int kRawTableCount = 5;
inline constexpr std::array<RawTable, kRawTableCount> kRawTables = {
    RawTable::kCustomers, RawTable::kPets, RawTable::kPolicies, RawTable::kVetProviders,
    RawTable::kClaims};

std::string_view file_name(RawTable table);
// The first line with its end; empty for JSON lines.
std::string_view header(RawTable table);

// Each appends one line with its end: CSV as RFC 4180 (CRLF, nothing here needs quotes), booleans
// True and False, an empty field is null; claims are one JSON object per line (LF).
void put_customer(const World& world, const Customer& customer, TextBuffer& out);
void put_pet(const World& world, const Block& block, const Pet& pet, TextBuffer& out);
void put_policy(const World& world, const Block& block, const Policy& policy, TextBuffer& out);
void put_provider(const World& world, const Provider& provider, TextBuffer& out);
void put_claim(const World& world, const Block& block, const Claim& claim, TextBuffer& out);

}  // namespace claimlake::datagen
