#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/instance.h"
#include "engine/key_index.h"
#include "engine/session_state.h"

namespace claimlake::engine {

// Reads columns of data files of one version of a table and makes key indexes of them, whatever
// rows are deleted there. Its functions throw what DuckDB throws and Errors of ours.
class KeyIndexBuild {
 public:
  // All outlive this. `state` is that of `connection`.
  KeyIndexBuild(duckdb::Connection& connection, SessionState& state, Instances& instances,
                const TableVersion& version);

  // The indexes of `files`, numbers in the version; put into the engine's KeyIndex.
  std::vector<std::shared_ptr<const FileKeys>> make(const std::vector<std::size_t>& files,
                                                    const std::vector<std::string>& columns);

 private:
  // Null if the disk does not take it.
  std::shared_ptr<const FileKeys> make_on_disk(std::size_t file, const KeyIndex::Of& of,
                                               const std::vector<std::string>& columns);
  std::vector<std::shared_ptr<HeldKeys>> make_in_memory(const std::vector<std::size_t>& files,
                                                        const std::vector<std::string>& columns);
  // Runs `use` while the session can read `files` as a table of their own.
  template <class Use>
  void reading(const std::vector<std::size_t>& files, Use&& use);

  duckdb::Connection& connection_;
  SessionState& state_;
  Instances& instances_;
  const TableVersion& version_;
};

}  // namespace claimlake::engine
