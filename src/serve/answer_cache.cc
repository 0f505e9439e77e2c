#include "serve/answer_cache.h"

namespace claimlake::serve {

std::size_t AnswerCache::size_of(const Entry& entry) {
  // The key is kept twice; the rest is what list, map and pointers take, roughly.
  return 2 * entry.key.size() + entry.answer->body.size() + entry.answer->gzip.size() + 200;
}

std::shared_ptr<const CachedAnswer> AnswerCache::find(const std::string& key) {
  return state_.with([&](State& state) -> std::shared_ptr<const CachedAnswer> {
    const auto found = state.by_key.find(key);
    if (found == state.by_key.end()) {
      ++state.counts.misses;
      return nullptr;
    }
    ++state.counts.hits;
    state.entries.splice(state.entries.begin(), state.entries, found->second);
    return found->second->answer;
  });
}

void AnswerCache::keep(const std::string& key, std::shared_ptr<const CachedAnswer> answer) {
  Entry entry{key, std::move(answer)};
  const std::size_t size = size_of(entry);
  if (size > bytes_max_ / 16) return;
  state_.with([&](State& state) {
    if (state.by_key.contains(key)) return;
    state.entries.push_front(std::move(entry));
    state.by_key[key] = state.entries.begin();
    state.counts.bytes += static_cast<std::int64_t>(size);
    while (state.counts.bytes > static_cast<std::int64_t>(bytes_max_)) {
      const Entry& oldest = state.entries.back();
      state.counts.bytes -= static_cast<std::int64_t>(size_of(oldest));
      state.by_key.erase(oldest.key);
      state.entries.pop_back();
    }
    state.counts.entries = static_cast<std::int64_t>(state.entries.size());
  });
}

AnswerCache::Counts AnswerCache::counts() const {
  return state_.with([](const State& state) { return state.counts; });
}

}  // namespace claimlake::serve
