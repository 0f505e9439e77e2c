#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace claimlake::store {

// Bytes by name. A path is UTF-8 text relative to the root of the store, parts joined by '/', no
// empty part, no "." or "..": "silver/fact_claims/_delta_log/00000000000000000003.json".
// It is the name as it stands in the store: nothing is escaped or unescaped on the way.

struct ObjectInfo {
  std::string path;
  std::int64_t size = 0;  // bytes
  Timestamp modified_at{};
};

// What became of a put_if_absent.
enum class Put {
  kDone,       // the object is there, durable, with these bytes
  kExists,     // another object holds the name; ours was not written
  kAmbiguous,  // the answer was lost: it may be there with our bytes; read it back to know
};

// Reads one object at any offset. The bytes of an object never change under an open reader; where
// the store cannot keep those of one that is replaced meanwhile, reading them is kUnavailable.
// Thread-safe.
class Reader {
 public:
  virtual ~Reader() = default;
  virtual std::int64_t size() const = 0;
  // Fills `out` from `offset`. Errors: kInvalidInput past the end, kUnavailable, kNotFound.
  virtual Done read(std::int64_t offset, std::span<char> out) const = 0;
};

// Writes one new object from front to back. Nothing is visible before finish() succeeds.
// One thread at a time. Destroyed without finish(), it leaves nothing behind.
class Writer {
 public:
  virtual ~Writer() = default;
  virtual Done append(std::string_view bytes) = 0;
  // Makes the object durable and visible, replacing one of the same name.
  // Errors: kUnavailable (disk full, no permission: says which); nothing is visible then.
  virtual Done finish() = 0;
};

// Thread-safe. A store outlives its writers. Every call that changes something is durable (it
// survives a power cut) when it returns success. Errors of all calls: kNotFound (no such object;
// read, open, head, remove), kUnavailable (disk full, no permission, I/O error; the message names
// the path and the reason), kTimeout (of a change: it may have happened or still happen),
// kCancelled, kInvalidInput (a path that is not allowed).
class Store {
 public:
  virtual ~Store() = default;

  virtual Result<ObjectInfo> head(std::string_view path) const = 0;
  virtual Result<std::string> read(std::string_view path) const = 0;
  virtual Result<std::unique_ptr<Reader>> open(std::string_view path) const = 0;

  // Objects directly in `folder` (not in folders below it) whose name is >= `start_name`,
  // ascending by name in byte order. An absent folder is empty. `path` holds the whole path.
  virtual Result<std::vector<ObjectInfo>> list(std::string_view folder,
                                               std::string_view start_name = {}) const = 0;
  // All objects in `folder` and below it, ascending by path in byte order.
  virtual Result<std::vector<ObjectInfo>> list_all(std::string_view folder) const = 0;
  // Names of the folders directly in `folder`, ascending. "" is the root. A folder whose objects
  // were all removed may still be named.
  virtual Result<std::vector<std::string>> list_folders(std::string_view folder) const = 0;

  // Writes the object only if no object has that name, atomically among all writers.
  virtual Result<Put> put_if_absent(std::string_view path, std::string_view bytes) = 0;
  // Writes an object that helps and is not needed, if no object has that name, and does not wait
  // until it is durable: after a power cut it may be absent, or hold anything. Where each call is a
  // journey, or something goes wrong, it is left out.
  virtual void put_aside(std::string_view, std::string_view) {}
  // Writes or replaces the object, atomically for readers.
  virtual Done put(std::string_view path, std::string_view bytes) = 0;
  virtual Result<std::unique_ptr<Writer>> create(std::string_view path) = 0;
  // Removing an absent object is kNotFound.
  virtual Done remove(std::string_view path) = 0;

  // True if each call is a journey over a network: calls that do not depend on each other are then
  // made at the same time.
  virtual bool distant() const { return false; }
  // The root for people: "file:/data/lake", "memory:", "s3://bucket/lake". Never a secret.
  virtual std::string root() const = 0;
};

// kInvalidInput unless `path` has the form described above. No path may begin with ".tmp/": that
// folder is the store's own.
Done check_path(std::string_view path);

}  // namespace claimlake::store
