#include "serve/row_texts.h"

#include "serve/session_pool.h"

namespace claimlake::serve {

std::shared_ptr<const RowTexts::Texts> RowTexts::of(std::string_view kind,
                                                    const std::string& versions, const Make& make) {
  std::promise<std::shared_ptr<const Texts>> made;
  bool is_ours = false;  // to make
  const auto texts = entries_.with([&](auto& entries) {
    const auto known = entries.find(kind);
    const bool same = known != entries.end() && known->second.versions == versions;
    if (same && (!known->second.again || !make)) return known->second.texts;
    is_ours = make != nullptr;
    const auto promised = made.get_future().share();
    const int failures = same ? known->second.failures : 0;
    if (is_ours) entries.insert_or_assign(std::string(kind), Entry{versions, promised, failures});
    return promised;
  });
  if (is_ours) {
    auto result = make();
    // A query that was cancelled, or that found the memory full, may do better the next time. Texts
    // only save time: where they cannot be made at all, the tables are read as long as these
    // versions are the newest.
    if (!result) note_failure(kind, versions);
    made.set_value(result ? std::make_shared<const Texts>(*std::move(result)) : nullptr);
  }
  const auto wait_max = make ? kWaitMax : std::chrono::seconds(0);
  return texts.wait_for(wait_max) == std::future_status::ready ? texts.get() : nullptr;
}

void RowTexts::note_failure(std::string_view kind, const std::string& versions) {
  entries_.with([&](auto& entries) {
    const auto known = entries.find(kind);
    if (known == entries.end() || known->second.versions != versions) return;
    known->second.again = ++known->second.failures < kAttemptsMax;
  });
}

Result<RowTexts::Texts> read_texts(engine::Session& session, std::string_view sql,
                                   std::size_t rows_per_key) {
  TRY(const auto rows, session.query(sql));
  const ObjectWriter objects(rows->columns());
  RowTexts::Texts texts;
  std::unordered_map<std::string, std::size_t> counts;
  std::size_t bytes = 0;
  for (;;) {
    TRY(const bool more, rows->next());
    if (!more) return texts;
    for (std::size_t row = 0; row < rows->row_count(); ++row) {
      const std::string key = rows->text(0, row);
      if (++counts[key] > rows_per_key) continue;
      std::string& text = texts[key];
      const std::size_t before = text.size();
      if (!text.empty()) text += ',';
      objects.append(*rows, row, text);
      bytes += text.size() - before;
    }
    if (bytes > RowTexts::kBytesMax) {
      return Error{Fault::kUnavailable, "the rows take more memory as texts than may be kept"};
    }
  }
}

}  // namespace claimlake::serve
