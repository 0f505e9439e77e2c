#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/log.h"
#include "base/result.h"
#include "store/store_settings.h"

namespace claimlake::app {

// What `claimlake.yml` in the lake's folder may set; the command line wins over it.
// docs/reference/configuration.md describes each key.
struct Config {
  std::string pack = "pet";
  std::string packs_folder;                           // "": beside the program
  std::int64_t memory_bytes = std::int64_t{1} << 30;  // of the SQL engine, 128 MB or more
  int threads = 0;                                    // 0: as many as the machine has
  std::string address = "127.0.0.1";
  int port = 8360;             // 0..65535; 0: any free one
  int query_seconds_max = 60;  // for people's queries, 1..86,400
  LogLevel log_level = LogLevel::kWarning;
  std::string index_folder;  // where key indexes are kept; "": with the rest of the lake's work
  // Where the operational store is: a path or the URL of a PostgreSQL database; "": in the lake.
  std::string records;
  // Where OpenLineage events of runs go; "": nowhere.
  std::string lineage_file;
  std::string lineage_url;
  std::string lineage_namespace = "claimlake";  // of the jobs in them
  store::StoreSettings store;                   // how object stores are reached
};

// Reads the text of a claimlake.yml over `config`.
// Errors: kInvalidInput with `file`:line:column for a key that is not known (did you mean), a
// value that does not fit, or bad YAML.
Result<Config> parse_config(std::string_view yaml, const std::string& file, Config config = {});

// "512MB", "1.5GB", "2GiB" in bytes. Errors: kInvalidInput.
Result<std::int64_t> parse_bytes(std::string_view text);

// The text that `init` writes: every key with its default, commented.
std::string default_config_text();

}  // namespace claimlake::app
