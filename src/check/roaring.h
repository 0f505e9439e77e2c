#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace claimlake::check {

// What the bytes of a deletion vector hold (PROTOCOL.md, "Deletion Vector Format", and the Roaring
// format that it names). Read by hand, so that what the library behind delta::RowSet writes is
// proved by something else.
struct RoaringRows {
  std::uint64_t count = 0;
  std::uint64_t greatest = 0;  // if there are any
  std::uint64_t padding = 0;   // zeros behind the last bitmap, which readers pass over
  std::string problem;         // what is wrong with the bytes; "" if nothing
};

// Takes any bytes. Hands each range of rows (first, count) to `use`, ascending.
RoaringRows read_roaring(
    std::string_view bytes,
    const std::function<void(std::uint64_t first, std::uint64_t count)>& use = {});

}  // namespace claimlake::check
