#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

namespace claimlake::refresh {

// Work of which some parts must wait for others, done by a few threads. One query seldom keeps
// all cores busy from its beginning to its end; two side by side do. Two that do not fit into
// memory together do the opposite: they write to disk what each alone would keep.
class Lanes {
 public:
  using Weigh = std::function<std::int64_t()>;

  // Adds a piece of work that begins when all of `after` (numbers of pieces added before) have
  // ended. Returns its number. `weigh` is asked when it could begin; it must be quick, and nothing
  // weighs 0. Neither may throw. `seconds`: what it takes, as far as is known.
  std::size_t add(std::function<void()> work, std::vector<std::size_t> after, Weigh weigh = {},
                  double seconds = 1);

  // Does all of it with `lanes` threads and returns when it has ended. What runs side by side
  // weighs at most `weight_max` together; what weighs more runs alone. Of what may begin, that
  // is taken first behind which the longest way is left. With one lane it is done
  // on the calling thread in the order in which it was added, which makes a run repeatable.
  void run(int lanes, std::int64_t weight_max = std::numeric_limits<std::int64_t>::max());

 private:
  struct Piece {
    std::function<void()> work;
    std::vector<std::size_t> after;
    Weigh weigh;
    double seconds = 1;
  };
  std::vector<double> ways_left() const;
  std::vector<Piece> pieces_;
};

}  // namespace claimlake::refresh
