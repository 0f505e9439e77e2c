#include "store/faulty_store.h"

#include <fmt/format.h>

namespace claimlake::store {
namespace {

Error dead_error() { return Error{Fault::kCancelled, "the simulated process is dead"}; }

Error failed_error(std::string_view path) {
  return Error{Fault::kUnavailable, fmt::format("simulated failure at '{}'", path)};
}

void lose_answer(std::string_view, Result<Put>& answer) { answer = Put::kAmbiguous; }
void lose_answer(std::string_view path, Done& answer) {
  answer = Error{Fault::kTimeout,
                 fmt::format("simulated lost answer at '{}'; it may still have happened", path)};
}

}  // namespace

class FaultyStore::FaultyReader final : public Reader {
 public:
  FaultyReader(const FaultyStore& store, std::unique_ptr<Reader> inner, std::string path)
      : store_(store), inner_(std::move(inner)), path_(std::move(path)) {}

  std::int64_t size() const override { return inner_->size(); }

  Done read(std::int64_t offset, std::span<char> out) const override {
    return store_.reading(Operation::kReadAt, path_, [&] { return inner_->read(offset, out); });
  }

 private:
  const FaultyStore& store_;  // outlives this, as everything above the store is dropped first
  const std::unique_ptr<Reader> inner_;
  const std::string path_;
};

// Keeps the bytes until finish(), so that finishing can happen late or twice.
class FaultyStore::FaultyWriter final : public Writer {
 public:
  FaultyWriter(FaultyStore& store, std::string path) : store_(store), path_(std::move(path)) {}

  Done append(std::string_view bytes) override {
    CHECK(!finished_, "append() after finish()");
    return store_.reading(Operation::kAppend, path_, [&]() -> Done {
      bytes_.append(bytes);
      return done();
    });
  }

  Done finish() override {
    CHECK(!finished_, "finish() called twice");
    finished_ = true;
    return store_.changing(
        Operation::kFinish, path_,
        [&inner = store_.inner_, path = path_, bytes = bytes_] { return inner.put(path, bytes); });
  }

 private:
  FaultyStore& store_;  // outlives this
  const std::string path_;
  std::string bytes_;
  bool finished_ = false;
};

bool FaultyStore::dead() const {
  return state_.with([](const State& state) { return state.dead; });
}

void FaultyStore::kill() {
  state_.with([](State& state) { state.dead = true; });
}

std::int64_t FaultyStore::land_late() {
  const auto late =
      state_.with([](State& state) { return std::exchange(state.late, std::vector<Late>()); });
  for (const Late& operation : late) operation.happen();
  return static_cast<std::int64_t>(late.size());
}

Result<Fate> FaultyStore::decide(Operation operation, std::string_view path) const {
  return state_.with([&](State& state) -> Result<Fate> {
    if (state.dead) return dead_error();
    std::erase_if(state.late, [&](const Late& late) {
      const bool arrives = plan_.arrives(late.path);
      if (arrives) late.happen();
      return arrives;
    });
    const Fate fate = plan_.next(operation, path);
    if (fate == Fate::kFail) return failed_error(path);
    if (fate != Fate::kDieBefore) return fate;
    state.dead = true;
    return dead_error();
  });
}

template <class Action>
auto FaultyStore::reading(Operation operation, std::string_view path, const Action& action) const
    -> decltype(action()) {
  TRY(const Fate fate, decide(operation, path));
  switch (fate) {
    case Fate::kLoseRequest:
    case Fate::kLoseAnswer:
    case Fate::kLate:
      return failed_error(path);
    case Fate::kDieAfter:
      state_.with([](State& state) { state.dead = true; });
      return dead_error();
    default:
      return action();
  }
}

template <class Action>
auto FaultyStore::changing(Operation operation, std::string_view path, const Action& action)
    -> decltype(action()) {
  TRY(const Fate fate, decide(operation, path));
  decltype(action()) answer = dead_error();
  if (fate != Fate::kLoseRequest && fate != Fate::kLate) answer = action();
  if (fate == Fate::kLate || fate == Fate::kTwice) {
    state_.with([&](State& state) {
      // What becomes of it when it arrives, nobody is told.
      state.late.push_back({std::string(path), [action] { static_cast<void>(action()); }});
    });
  }
  if (fate == Fate::kLoseRequest || fate == Fate::kLoseAnswer || fate == Fate::kLate) {
    lose_answer(path, answer);
  }
  if (fate == Fate::kDieAfter) {
    kill();
    answer = dead_error();
  }
  return answer;
}

Result<ObjectInfo> FaultyStore::head(std::string_view path) const {
  return reading(Operation::kHead, path, [&] { return inner_.head(path); });
}

Result<std::string> FaultyStore::read(std::string_view path) const {
  return reading(Operation::kRead, path, [&] { return inner_.read(path); });
}

Result<std::unique_ptr<Reader>> FaultyStore::open(std::string_view path) const {
  TRY(std::unique_ptr<Reader> reader,
      reading(Operation::kOpen, path, [&] { return inner_.open(path); }));
  return std::unique_ptr<Reader>(
      std::make_unique<FaultyReader>(*this, std::move(reader), std::string(path)));
}

Result<std::vector<ObjectInfo>> FaultyStore::list(std::string_view folder,
                                                  std::string_view start_name) const {
  return reading(Operation::kList, folder, [&] { return inner_.list(folder, start_name); });
}

Result<std::vector<ObjectInfo>> FaultyStore::list_all(std::string_view folder) const {
  return reading(Operation::kListAll, folder, [&] { return inner_.list_all(folder); });
}

Result<std::vector<std::string>> FaultyStore::list_folders(std::string_view folder) const {
  return reading(Operation::kListFolders, folder, [&] { return inner_.list_folders(folder); });
}

Result<Put> FaultyStore::put_if_absent(std::string_view path, std::string_view bytes) {
  TRY_DONE(check_path(path));
  return changing(Operation::kPutIfAbsent, path,
                  [&inner = inner_, path = std::string(path), bytes = std::string(bytes)] {
                    return inner.put_if_absent(path, bytes);
                  });
}

Done FaultyStore::put(std::string_view path, std::string_view bytes) {
  TRY_DONE(check_path(path));
  return changing(Operation::kPut, path,
                  [&inner = inner_, path = std::string(path), bytes = std::string(bytes)] {
                    return inner.put(path, bytes);
                  });
}

Result<std::unique_ptr<Writer>> FaultyStore::create(std::string_view path) {
  TRY_DONE(check_path(path));
  return reading(Operation::kCreate, path, [&]() -> Result<std::unique_ptr<Writer>> {
    return std::unique_ptr<Writer>(std::make_unique<FaultyWriter>(*this, std::string(path)));
  });
}

Done FaultyStore::remove(std::string_view path) {
  TRY_DONE(check_path(path));
  return changing(Operation::kRemove, path,
                  [&inner = inner_, path = std::string(path)] { return inner.remove(path); });
}

}  // namespace claimlake::store
