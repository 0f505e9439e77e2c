#include "raw_files.h"

#include <fmt/format.h>

#include "bronze/raw_files.h"

namespace claimlake::sim {
namespace {

constexpr std::size_t kPolicies = 7;
constexpr std::size_t kClaims = 12;
constexpr std::size_t kLinesMax = 5;

std::string text_of(Source source, const RawRow& row) {
  if (source == Source::kPolicies) return fmt::format("{},{},{}", row.key, row.text, row.revision);
  return fmt::format(
      R"({{"claim_id":"{}","policy_id":"{}","amount":{}{}.{:02},"status":"{}","service_date":"{}",)"
      R"("revision":{},"channel":"{}"}})",
      row.key, row.text, row.cents < 0 ? "-" : "", std::abs(row.cents) / 100,
      std::abs(row.cents) % 100, row.status, row.day, row.revision, row.channel);
}

}  // namespace

std::string channel_of(std::int64_t revision) { return revision % 2 == 0 ? "web" : "agent"; }

RawFiles::Line RawFiles::make_line(Source source, const std::string& key,
                                   const std::string& policy) {
  Line line;
  line.row.key = key;
  if (source == Source::kPolicies) {
    line.row.text = fmt::format("plan{}", random_.below(3));
  } else {
    line.row.text = policy.empty() ? fmt::format("P{}", random_.below(kPolicies)) : policy;
    // Now and then an amount that a rule refuses.
    line.row.cents = static_cast<std::int64_t>(random_.below(90'000)) - 8'000;
    constexpr const char* kStatus[] = {"open", "paid", "denied"};
    line.row.status = kStatus[random_.below(3)];
    // Of this month or an earlier one, now and then of a day to come.
    const auto today = std::chrono::floor<std::chrono::days>(clock_.now());
    line.row.day = to_text(today + std::chrono::days(3) - std::chrono::days(random_.below(70)));
  }
  // Each version of a row has a number of its own; a later file may bring an older version.
  do {
    line.row.revision = static_cast<std::int64_t>(random_.below(1'000'000));
  } while (!revisions_.insert(line.row.revision).second);
  if (source == Source::kClaims) line.row.channel = channel_of(line.row.revision);
  return line;
}

RawFiles::Line RawFiles::random_line(Source source) {
  // Now and then a row that was there before, in another file.
  if (!lines_.empty() && random_.below(8) == 0) {
    const std::size_t from = random_.below(lines_.size());
    const Line& line = lines_[from][random_.below(lines_[from].size())];
    if (contents_[from].source == source && !line.broken) return line;
  }
  const std::string key = source == Source::kPolicies ? fmt::format("P{}", random_.below(kPolicies))
                                                      : fmt::format("C{}", random_.below(kClaims));
  return make_line(source, key, {});
}

RawFiles::Line RawFiles::broken_line(Source source) {
  Line line;
  line.broken = true;
  const auto number = random_.below(1'000);
  line.bytes = source == Source::kPolicies ? fmt::format("P{},too,many,fields", number)
                                           : fmt::format(R"({{"claim_id":"C{}","pol)", number);
  return line;
}

std::string RawFiles::new_name(Source source) {
  ++files_;
  return source == Source::kPolicies ? fmt::format("policies/p{}.csv", files_)
                                     : fmt::format("claims/c{}.jsonl", files_);
}

std::string RawFiles::put(const std::string& name, Source source, const Lines& lines) {
  std::string bytes = source == Source::kPolicies ? "policy_id,plan,revision\n" : "";
  Content content;
  content.source = source;
  for (const Line& line : lines) {
    const auto position = static_cast<std::int64_t>(bytes.size());
    const std::string text = line.broken ? line.bytes : text_of(source, line.row);
    if (line.broken) {
      content.broken.push_back({position, text});
    } else {
      content.rows.push_back({line.row, position});
    }
    bytes += text + "\n";
  }
  const std::string path = std::string(kFolder) + "/" + name;
  CHECK(store_.put(path, bytes).has_value(), "the store of the world takes every file");
  const auto info = store_.head(path);
  CHECK(info.has_value(), "it is there");
  const auto hash = bronze::content_hash(
      store_, bronze::RawFile{path, name, info->size, info->modified_at, {}}, Cancel());
  CHECK(hash.has_value(), "it can be read");
  content.sha256 = *hash;

  std::size_t index = 0;
  while (index < contents_.size() && contents_[index].sha256 != content.sha256) ++index;
  if (index == contents_.size()) {
    contents_.push_back(std::move(content));
    lines_.push_back(lines);
  }
  contents_[index].names.insert(name);
  present_[name] = index;
  return fmt::format("{} ({} rows, {} broken lines, content {})", name,
                     contents_[index].rows.size(), contents_[index].broken.size(), index);
}

std::string RawFiles::arrive(Source source, const std::vector<std::string>& keys,
                             const std::string& policy) {
  Lines lines;
  for (const std::string& key : keys) lines.push_back(make_line(source, key, policy));
  return put(new_name(source), source, lines);
}

std::string RawFiles::arrive_as(const RawFiles& other, std::size_t content) {
  const Content& known = other.contents_[content];
  const char* form = known.source == Source::kPolicies ? "policies/{}.csv" : "claims/{}.jsonl";
  return put(fmt::format(fmt::runtime(form), content), known.source, other.lines_[content]);
}

std::size_t RawFiles::pick_present(std::string& name) {
  auto chosen = present_.begin();
  std::advance(chosen, static_cast<std::ptrdiff_t>(random_.below(present_.size())));
  name = chosen->first;
  return chosen->second;
}

std::string RawFiles::put_copy() {
  std::string name;
  const std::size_t index = pick_present(name);
  const Source source = contents_[index].source;
  return "the bytes of " + name + " as " + put(new_name(source), source, Lines(lines_[index]));
}

std::string RawFiles::put_changed() {
  std::string name;
  const std::size_t index = pick_present(name);
  const Source source = contents_[index].source;
  Lines lines = lines_[index];
  const std::size_t changed = random_.below(lines.size());
  if (changed > 0 && (lines[changed].broken || random_.below(4) == 0)) {
    lines[changed] = broken_line(source);
  } else if (random_.below(3) == 0) {
    lines[changed] = random_line(source);
  } else {
    lines.push_back(random_line(source));
  }
  return "changed: " + put(name, source, lines);
}

std::string RawFiles::arrive() {
  const auto kind = present_.empty() ? 0 : random_.below(100);
  if (kind >= 75) return put_changed();
  if (kind >= 60) return put_copy();
  const Source source = random_.below(5) < 2 ? Source::kPolicies : Source::kClaims;
  // The first line tells lines from a document, so it is a good one.
  Lines lines = {random_line(source)};
  const auto more = random_.below(kLinesMax);
  for (std::uint64_t i = 0; i < more; ++i) {
    lines.push_back(random_.below(8) == 0 ? broken_line(source) : random_line(source));
  }
  return put(new_name(source), source, lines);
}

}  // namespace claimlake::sim
