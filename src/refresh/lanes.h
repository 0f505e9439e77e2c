#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace claimlake::refresh {

// Work of which some parts must wait for others, done by a few threads. One query seldom keeps
// all cores busy from its beginning to its end; two side by side do.
class Lanes {
 public:
  // Adds a piece of work that begins when all of `after` (numbers of pieces added before) have
  // ended. Returns its number. The work must not throw.
  std::size_t add(std::function<void()> work, std::vector<std::size_t> after);

  // Does all of it with `lanes` threads and returns when it has ended. With one lane it is done
  // on the calling thread in the order in which it was added, which makes a run repeatable.
  void run(int lanes);

 private:
  struct Piece {
    std::function<void()> work;
    std::vector<std::size_t> after;
  };
  std::vector<Piece> pieces_;
};

}  // namespace claimlake::refresh
