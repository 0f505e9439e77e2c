#include "datagen/block_text.h"

#include <algorithm>

namespace claimlake::datagen {
namespace {

constexpr std::uint32_t kOlderPerMillion = 10'000;  // 1 % of customers and claims
// Streams beside the one that draws the book, so that defects do not change it.
constexpr std::uint64_t kDefectStream = 1ULL << 40;
constexpr std::uint64_t kVersionStream = 2ULL << 40;

// Writes the rows of one table and decides which of them get a defect or an older version.
class TableWriter {
 public:
  TableWriter(RawTable table, std::uint32_t dirty_per_million, std::uint32_t block, TableText& out)
      : table_(table),
        kinds_(defect_kinds(table)),
        dirty_per_million_(dirty_per_million),
        next_kind_(block * 7 + static_cast<std::uint32_t>(table)),
        out_(out) {
    out.regular.clear();
    out.at_end.clear();
    out.regular_rows = out.at_end_rows = 0;
    out.defects.clear();
  }

  // To be called after each row that was put into `out.regular` from `row_start` on.
  void row_done(const RowContext& context, Draw& versions, std::size_t row_start) {
    const DefectKind* kind = nullptr;
    if (dirty_per_million_ > 0 && context.draw.per_million(dirty_per_million_)) {
      kind = next_kind(context);
    }
    if (kind != nullptr) {
      plant(*kind, context, row_start);
    } else if (has_versions() && versions.per_million(kOlderPerMillion) &&
               has_older_version(context)) {
      RowText row(table_, out_.regular.view().substr(row_start));
      make_older(context, row);
      add_at_end(row);
      if (dirty_per_million_ > 0) note(older_kind(), true, std::string(row.key()));
    }
    ++out_.regular_rows;
  }

 private:
  bool has_versions() const {
    return table_ == RawTable::kCustomers || table_ == RawTable::kClaims;
  }

  // The kinds take turns; one that does not suit this row waits for the next.
  const DefectKind* next_kind(const RowContext& context) {
    for (std::size_t tries = 0; tries < kinds_.size(); ++tries) {
      const DefectKind& kind = kinds_[next_kind_++ % kinds_.size()];
      if (kind.suits == nullptr || kind.suits(context)) return &kind;
    }
    return nullptr;
  }

  const DefectKind& older_kind() const {
    return *std::find_if(kinds_.begin(), kinds_.end(),
                         [](const DefectKind& kind) { return kind.place == DefectPlace::kOlder; });
  }

  void plant(const DefectKind& kind, const RowContext& context, std::size_t row_start) {
    RowText row(table_, out_.regular.view().substr(row_start));
    if (kind.place == DefectPlace::kExtra) make_extra(context, row);
    std::string key(row.key());
    kind.edit(context, row);
    if (kind.place == DefectPlace::kChanged) {
      out_.regular.truncate(row_start);
      out_.regular.append(row.line());
    } else {
      add_at_end(row);
    }
    if (kind.name == "missing_key") key.clear();
    const bool at_end = kind.place != DefectPlace::kChanged && kind.place != DefectPlace::kNewer;
    note(kind, at_end, std::move(key));
  }

  // A row that nobody refers to: a new key, and for policies a term that is over.
  void make_extra(const RowContext& context, RowText& row) const {
    const Uuid id = draw_uuid(context.draw);
    const std::string_view names = header(table_);
    row.set(names.substr(0, names.find(',')), std::string_view(id.data(), id.size()));
    if (table_ != RawTable::kPolicies) return;
    row.set("policy_number", "X" + std::string(row.get("policy_number")));
    row.set("status", "Expired");
    row.set("cancellation_date", "");
  }

  void add_at_end(const RowText& row) {
    out_.at_end.append(row.line());
    ++out_.at_end_rows;
  }

  void note(const DefectKind& kind, bool at_end, std::string key) {
    const std::uint32_t row = at_end ? out_.at_end_rows - 1 : out_.regular_rows;
    out_.defects.push_back({&kind, at_end, row, std::move(key)});
  }

  RawTable table_;
  std::span<const DefectKind> kinds_;
  std::uint32_t dirty_per_million_;
  std::uint32_t next_kind_;
  TableText& out_;
};

// Premium earned from the start of the term to the as-of date or its end, rounded half up.
std::int64_t earned_cents(const World& world, const Policy& policy) {
  const std::int64_t term = policy.expiration - policy.effective;
  const std::int64_t days = std::max(0, std::min(policy.end(), world.as_of) - policy.effective);
  return (2 * policy.monthly_premium * 12 * days + term) / (2 * term);
}

}  // namespace

void write_block(const World& world, std::uint32_t dirty_per_million, std::uint32_t index,
                 BlockText& out) {
  const Block block = make_block(world, index);
  Draw defects(world.seed, kDefectStream + index);
  Draw versions(world.seed, kVersionStream + index);
  RowContext context{world, block, defects};
  // Puts every row of a table and lets its writer have a look at it.
  const auto put_all = [&](RawTable table, const auto& rows, const auto& put_row) {
    TableText& text = out.tables[static_cast<std::size_t>(table)];
    TableWriter writer(table, dirty_per_million, index, text);
    for (const auto& row : rows) {
      const std::size_t start = text.regular.size();
      put_row(row, text.regular);
      writer.row_done(context, versions, start);
    }
  };
  put_all(RawTable::kCustomers, block.customers,
          [&](const Customer& customer, TextBuffer& text) { put_customer(world, customer, text); });
  put_all(RawTable::kPets, block.pets, [&](const Pet& pet, TextBuffer& text) {
    context.pet = &pet;
    put_pet(world, block, pet, text);
  });
  context.pet = nullptr;
  put_all(RawTable::kPolicies, block.policies, [&](const Policy& policy, TextBuffer& text) {
    context.policy = &policy;
    put_policy(world, block, policy, text);
  });
  context.policy = nullptr;
  put_all(RawTable::kVetProviders,
          index == 0 ? std::span<const Provider>(world.providers) : std::span<const Provider>(),
          [&](const Provider& provider, TextBuffer& text) { put_provider(world, provider, text); });
  put_all(RawTable::kClaims, block.claims, [&](const Claim& claim, TextBuffer& text) {
    context.claim = &claim;
    put_claim(world, block, claim, text);
  });
  out.paid_cents = out.earned_cents = 0;
  for (const Claim& claim : block.claims) out.paid_cents += claim.paid;
  for (const Policy& policy : block.policies) out.earned_cents += earned_cents(world, policy);
}

}  // namespace claimlake::datagen
