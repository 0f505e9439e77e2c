#pragma once

#include <memory>
#include <string>

#include "app/config.h"
#include "base/clock.h"
#include "base/random.h"
#include "store/store.h"

namespace claimlake::app {

// Where a lake is: a folder of this machine, or the URL of an object store ("s3://bucket/lake").
// Also what this machine knows of it: how to reach it, and where to keep what is only of today.
struct LakePlace {
  std::string name;         // the folder as it was given, or the URL
  std::string work_folder;  // of this machine: spilled rows, cached files, history of the shell
  Config config;            // what this machine says; what the lake itself says goes under it
  std::string config_file;  // of this machine; "" if it says nothing
  bool is_remote = false;

  // The same for an environment of the lake.
  std::string work_folder_of(const std::string& environment) const;

  // Errors: kInvalidInput (a URL or configuration that is none), kNotFound (CLAIMLAKE_CONFIG names
  // a file that is not there).
  static Result<LakePlace> find(const std::string& folder_or_url);
  // `clock` and `random` outlive the store.
  Result<std::unique_ptr<store::Store>> open(const Clock& clock, Random& random) const;
};

// The store at a folder or URL that is no lake, such as raw files, reached with the same settings.
Result<std::unique_ptr<store::Store>> open_place(const std::string& folder_or_url,
                                                 const Config& config, const Clock& clock,
                                                 Random& random);

}  // namespace claimlake::app
