#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/guarded.h"
#include "engine/engine.h"

namespace claimlake::serve {

// The rows of small tables as answers show them, as JSON by key. To plan and run a query for one
// wide row takes the engine milliseconds, and to look its text up takes none; so all rows of a
// version are made into texts once, by the first who asks; others wait for that, which costs less
// than to read the tables meanwhile. Thread-safe.
class RowTexts {
 public:
  // JSON objects by key; several of one key are parted by commas.
  using Texts = std::unordered_map<std::string, std::string>;
  using Make = std::function<Result<Texts>()>;

  // Of one kind of text. At scale 1 the largest takes 10 MB, and there are some ten kinds.
  static constexpr std::size_t kBytesMax = std::size_t{16} << 20;

  // The longest that anybody waits for another thread that makes them.
  static constexpr std::chrono::seconds kWaitMax{2};

  // How often making them is tried for the same versions.
  static constexpr int kAttemptsMax = 3;

  // The texts `kind` of the table versions `versions`. Null where there are none: nobody has made
  // them and `make` is empty, or they cannot be made, or not soon. The tables themselves must be
  // read then.
  std::shared_ptr<const Texts> of(std::string_view kind, const std::string& versions,
                                  const Make& make);

 private:
  struct Entry {
    std::string versions;
    std::shared_future<std::shared_ptr<const Texts>> texts;
    int failures = 0;
    bool again = false;  // the last attempt failed, and the next who asks makes another
  };
  void note_failure(std::string_view kind, const std::string& versions);

  Guarded<std::map<std::string, Entry, std::less<>>> entries_;  // by kind, of the last versions
};

// The rows of `sql` by the text of their first column, in the order of the rows, and of each key
// the first `rows_per_key`. Columns whose names begin with '_' are not in the texts.
// Errors: kUnavailable, more than RowTexts::kBytesMax; those of Session::query.
Result<RowTexts::Texts> read_texts(engine::Session& session, std::string_view sql,
                                   std::size_t rows_per_key);

}  // namespace claimlake::serve
