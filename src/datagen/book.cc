#include "datagen/book.h"

#include <algorithm>

namespace claimlake::datagen {
namespace {

constexpr std::uint64_t kProvidersStream = 0;  // blocks use their index + 1

Provider make_provider(Draw& draw, std::uint32_t number, Day as_of) {
  Provider provider{};
  provider.id = draw_uuid(draw);
  provider.number = number;
  provider.last_name = static_cast<std::uint8_t>(draw.below(last_names().size()));
  provider.kind_name = static_cast<std::uint8_t>(draw.below(4));
  provider.type = static_cast<std::uint8_t>(std::array{0, 0, 0, 0, 1, 1, 2, 2, 3}[draw.below(9)]);
  // In turn, so that every city has some.
  provider.city = static_cast<std::uint8_t>(number % cities().size());
  provider.street_number = static_cast<std::uint16_t>(draw.between(1, 9'999));
  provider.phone_line = static_cast<std::uint16_t>(draw.below(10'000));
  provider.licence = draw.below(100'000);
  provider.in_network = draw.percent(70);
  const bool emergency_hospital = provider.type == 1;
  provider.accepts_emergency = emergency_hospital || draw.percent(30);
  provider.hours = static_cast<std::uint8_t>(emergency_hospital ? 2 : draw.below(4));
  provider.specialty =
      static_cast<std::uint8_t>(provider.type == 2 ? 1 + draw.below(5) : draw.percent(15) * 2);
  provider.rating_tenths = 35 + (draw.between(0, 15) + draw.between(0, 15) + 1) / 2;
  provider.reviews = draw.between(10, 500);
  provider.cost_pct = draw.between(85, 115) + (emergency_hospital ? 15 : 0);
  provider.created = morning(draw, as_of - draw.between(1'000, 2'000));
  return provider;
}

}  // namespace

Uuid draw_uuid(Draw& draw) {
  constexpr char kHex[] = "0123456789abcdef";
  const std::uint64_t halves[] = {(draw.next() & ~0xf000ULL) | 0x4000ULL,
                                  (draw.next() >> 2) | 0x8000000000000000ULL};
  Uuid uuid;
  char* out = uuid.data();
  for (int byte = 0; byte < 16; ++byte) {
    if (byte == 4 || byte == 6 || byte == 8 || byte == 10) *out++ = '-';
    const auto value = static_cast<std::uint8_t>(halves[byte / 8] >> (56 - 8 * (byte % 8)));
    *out++ = kHex[value >> 4];
    *out++ = kHex[value & 15];
  }
  return uuid;
}

Moment morning(Draw& draw, Day day) {
  return {day, static_cast<int>(7 * 3'600 + draw.below(5 * 3'600))};
}

Moment afternoon(Draw& draw, Day day) {
  return {day, static_cast<int>(13 * 3'600 + draw.below(7 * 3'600))};
}

World::World(std::uint64_t book_seed, Date book_as_of, int providers_count)
    : seed(book_seed), as_of(day_of(book_as_of)), dates(as_of) {
  Draw draw(seed, kProvidersStream);
  for (int i = 0; i < providers_count; ++i) {
    providers.push_back(make_provider(draw, static_cast<std::uint32_t>(i), as_of));
    providers_by_city[providers.back().city].push_back(static_cast<std::uint32_t>(i));
  }
}

Block make_block(const World& world, std::uint32_t index) {
  Block block;
  block.index = index;
  Draw draw(world.seed, std::uint64_t{index} + 1);
  add_households(world, draw, block);
  add_claims(world, draw, block);
  return block;
}

}  // namespace claimlake::datagen
