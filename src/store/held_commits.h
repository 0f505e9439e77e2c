#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "store/store.h"

namespace claimlake::store {

// A store over another one, in which versions of tables that are committed stay in memory until
// they are published: who reads through this sees them, nobody else does. What is kept back are
// the objects T/_delta_log/N.json, and N.crc beside them; all else goes to the store below at once.
// So a version is conflict-free here if no other is held or there under its name; whether it still
// is when it is published, publish() finds out (docs/decisions/0012).
class HeldCommits final : public Store {
 public:
  // Both outlive this. What is held is as old as `clock` says.
  HeldCommits(Store& inner, const Clock& clock) : inner_(inner), clock_(clock) {}

  struct Commit {
    std::string table;  // "silver/fact_claims"
    std::int64_t version = 0;
    std::string bytes;
  };
  // What is held, in the order in which it was committed.
  std::vector<Commit> held() const;
  // The path of a commit that is held while another writer has taken its name, or has dropped the
  // table that it is of; "" if there is none.
  Result<std::string> taken() const;

  struct Published {
    std::vector<Commit> commits;  // that others see now
    std::string taken;            // the name that another writer had, where it stopped; "": nowhere
    std::optional<Error> failed;  // why it stopped otherwise
    // Of that one it is not known whether it is there: its answer was lost.
    std::optional<Commit> unknown;
  };
  // Puts all that is held into the store below, in the order in which it was committed, and stops
  // at the first that cannot be put. Whatever was not put is still held.
  Published publish();
  // Forgets what is held, and returns it.
  std::vector<Commit> drop();

  Result<ObjectInfo> head(std::string_view path) const override;
  Result<std::string> read(std::string_view path) const override;
  Result<std::unique_ptr<Reader>> open(std::string_view path) const override;
  Result<std::vector<ObjectInfo>> list(std::string_view folder,
                                       std::string_view start_name = {}) const override;
  Result<std::vector<ObjectInfo>> list_all(std::string_view folder) const override;
  Result<std::vector<std::string>> list_folders(std::string_view folder) const override;
  Result<Put> put_if_absent(std::string_view path, std::string_view bytes) override;
  void put_aside(std::string_view path, std::string_view bytes) override;
  Done put(std::string_view path, std::string_view bytes) override;
  Result<std::unique_ptr<Writer>> create(std::string_view path) override;
  Done remove(std::string_view path) override;
  bool distant() const override { return inner_.distant(); }
  std::string root() const override { return inner_.root(); }

 private:
  struct Object {
    std::shared_ptr<const std::string> bytes;  // shared with the readers that are open
    Timestamp modified_at;
  };
  // The newest version that was published of a table, as it was said to be while it was held, so
  // that who has seen it then knows it again.
  struct Known {
    std::string path;
    ObjectInfo in_store;
    Timestamp said;
  };
  struct State {
    std::map<std::string, Object, std::less<>> objects;
    std::vector<std::string> order;      // of the commits among them
    std::map<std::string, Known> known;  // by table
  };

  std::optional<ObjectInfo> held(std::string_view path) const;
  void hold(std::string_view path, std::string_view bytes);
  // As it was said to be before, if it is the same.
  ObjectInfo as_said(ObjectInfo object) const;
  std::vector<ObjectInfo> with_held(std::vector<ObjectInfo> objects, std::string_view folder,
                                    std::string_view start_name, bool below) const;
  void is_published(const Commit& commit, const std::string& path);

  Store& inner_;
  const Clock& clock_;
  Guarded<State> state_;
};

}  // namespace claimlake::store
