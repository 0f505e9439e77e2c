#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/money.h"
#include "base/result.h"
#include "store/store.h"

namespace claimlake::datagen {

struct GenerateOptions {
  int scale = 1;                  // 1..100'000; scale 1 is 5,000 customers and 15,000 claims
  std::uint64_t seed = 20251222;  // another seed, another book
  Date as_of{};                   // the book ends on the day before; 1990 to 9000
  double dirty = 0;               // share of rows with a planted defect, 0..1
  std::string folder;             // in the store; "" is its root
  int threads = 0;                // 0: as many as the machine has; does not change the bytes
};

struct GenerateReport {
  // customers, pets, policies, vet_providers, claims: lines without headers.
  std::array<std::int64_t, 5> rows{};
  std::int64_t bytes = 0;
  std::int64_t defects = 0;        // lines of defects.csv
  Money paid = Money::cents(0);    // by the book, before defects
  Money earned = Money::cents(0);  // premium earned up to as_of
  int loss_ratio_tenths_pct = 0;   // paid / earned: 680 is 68.0 %
};

// Called now and then, never by two threads at once.
using GenerateProgress = std::function<void(std::int64_t rows_done, std::int64_t rows_total)>;

// Writes customers.csv, pets.csv, policies.csv, vet_providers.csv, claims.jsonl, with defects also
// defects.csv, and last meta.json, replacing files of these names. The same options give the same
// bytes on every machine. What the data looks like: docs/reference/pet_defects.md.
// Errors: kInvalidInput (an option out of its range), kCancelled, and those of the store. After an
// error none, some or all of the files may have been replaced; meta.json is then missing.
Result<GenerateReport> generate(const GenerateOptions& options, store::Store& store,
                                const GenerateProgress& progress = {}, const Cancel& cancel = {});

}  // namespace claimlake::datagen
