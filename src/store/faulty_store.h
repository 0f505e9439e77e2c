#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.h"
#include "store/store.h"

namespace claimlake::store {

enum class Operation {
  // These change nothing in the store.
  kHead,
  kRead,
  kOpen,
  kReadAt,
  kList,
  kListAll,
  kListFolders,
  kCreate,
  kAppend,
  // These do.
  kPutIfAbsent,
  kPut,
  kFinish,
  kRemove,
};

// What happens to one operation.
enum class Fate {
  kNormal,
  kFail,       // kUnavailable; nothing happened
  kDieBefore,  // the process dies before it
  kDieAfter,   // it happens, then the process dies
  // The answer is lost: put_if_absent answers kAmbiguous, other operations that change the store
  // kTimeout. The caller cannot tell these three apart. Reading operations fail as with kFail.
  kLoseRequest,  // it never happened
  kLoseAnswer,   // it happened
  kLate,         // it has not happened, but will, before a later operation or in land_late()
  // It happens and is answered, and the same request arrives late once more, as when a client
  // repeated a slow request.
  kTwice,
};

// Decides what happens. It must not call the store.
class FaultPlan {
 public:
  virtual ~FaultPlan() = default;
  // Asked once before every operation.
  virtual Fate next(Operation operation, std::string_view path) = 0;
  // Whether a late operation on `path` arrives now. Asked for each of them before every operation.
  virtual bool arrives(std::string_view path) = 0;
};

// The store as one process sees it, over a store that outlasts the process. After the process has
// died every call answers kCancelled and changes nothing: the simulation drops everything above
// this store and starts anew with a new FaultyStore over the same inner one. Thread-safe, but only
// one thread makes the order of operations, and so the run, repeatable.
class FaultyStore final : public Store {
 public:
  FaultyStore(Store& inner, FaultPlan& plan) : inner_(inner), plan_(plan) {}  // both outlive this

  bool dead() const;
  void kill();
  // All late operations arrive now, oldest first, also when the process is dead. Returns how many.
  std::int64_t land_late();

  Result<ObjectInfo> head(std::string_view path) const override;
  Result<std::string> read(std::string_view path) const override;
  Result<std::unique_ptr<Reader>> open(std::string_view path) const override;
  Result<std::vector<ObjectInfo>> list(std::string_view folder,
                                       std::string_view start_name = {}) const override;
  Result<std::vector<ObjectInfo>> list_all(std::string_view folder) const override;
  Result<std::vector<std::string>> list_folders(std::string_view folder) const override;
  Result<Put> put_if_absent(std::string_view path, std::string_view bytes) override;
  Done put(std::string_view path, std::string_view bytes) override;
  Result<std::unique_ptr<Writer>> create(std::string_view path) override;
  Done remove(std::string_view path) override;
  bool distant() const override { return inner_.distant(); }
  std::string root() const override { return inner_.root(); }

 private:
  class FaultyReader;
  class FaultyWriter;
  struct Late {
    std::string path;
    std::function<void()> happen;
  };
  struct State {
    bool dead = false;
    std::vector<Late> late;
  };

  Result<Fate> decide(Operation operation, std::string_view path) const;
  // Calls `action`, which returns a Result of some kind, as the plan decides.
  template <class Action>
  auto reading(Operation operation, std::string_view path, const Action& action) const
      -> decltype(action());
  template <class Action>
  auto changing(Operation operation, std::string_view path, const Action& action)
      -> decltype(action());

  Store& inner_;
  FaultPlan& plan_;
  mutable Guarded<State> state_;
};

}  // namespace claimlake::store
