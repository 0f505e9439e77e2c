#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "store/store.h"

namespace claimlake::sim {

// A row of either source: a policy has a plan as text, a claim its policy's id.
struct RawRow {
  std::string key;
  std::string text;
  std::int64_t cents = 0;  // of a claim, as what follows
  std::string status = {};
  std::string day = {};  // of treatment: "2026-01-31"; in Silver the month
  std::int64_t revision = 0;
  // Of a claim, what only the last edition of the pack knows (editions.h); "" where the row has
  // none.
  std::string channel = {};
  // In Silver, the rules that the row breaks and that are waived for it: "a, b".
  std::string waived = {};

  auto operator<=>(const RawRow&) const = default;
};

enum class Source { kPolicies, kClaims };

struct PlacedRow {
  RawRow row;
  std::int64_t position = 0;  // in its file
  auto operator<=>(const PlacedRow&) const = default;
};

struct BrokenLine {
  std::int64_t position = 0;
  std::string bytes;
};

// What one raw file held at some time: the truth that tables are held against.
struct Content {
  Source source = Source::kPolicies;
  std::string sha256;
  std::vector<PlacedRow> rows;
  std::vector<BrokenLine> broken;
  std::set<std::string> names;  // under which it was ever there, as _source_file says it
};

// The only value that the channel of a claim may have.
std::string channel_of(std::int64_t revision);

// Makes raw files arrive in the folder raw/ of a store, and knows what is in them.
class RawFiles {
 public:
  static constexpr const char* kFolder = "raw";

  // All outlive this.
  RawFiles(store::Store& store, const Clock& clock, Random& random)
      : store_(store), clock_(clock), random_(random) {}

  // One thing arrives: a new file, known bytes under another name, or a changed file under its
  // name. Returns what, for the story.
  std::string arrive();
  // A new file with rows of these keys.
  std::string arrive(Source source, const std::vector<std::string>& keys,
                     const std::string& policy = {});
  // The bytes of a content of `other`, under a name that no other content has.
  std::string arrive_as(const RawFiles& other, std::size_t content);

  const std::vector<Content>& contents() const { return contents_; }
  // Which content each file has now.
  const std::map<std::string, std::size_t>& present() const { return present_; }

 private:
  struct Line {
    bool broken = false;
    RawRow row;
    std::string bytes;  // of a broken line
  };
  using Lines = std::vector<Line>;

  Line make_line(Source source, const std::string& key, const std::string& policy);
  Line random_line(Source source);
  Line broken_line(Source source);
  std::string put(const std::string& name, Source source, const Lines& lines);
  std::string put_copy();
  std::string put_changed();
  std::string new_name(Source source);
  std::size_t pick_present(std::string& name);

  store::Store& store_;
  const Clock& clock_;
  Random& random_;
  std::vector<Content> contents_;
  std::vector<Lines> lines_;  // of each content
  std::map<std::string, std::size_t> present_;
  std::set<std::int64_t> revisions_;
  int files_ = 0;
};

}  // namespace claimlake::sim
