#pragma once

#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "events/event_log.h"
#include "serve/commit_events.h"

namespace claimlake::serve {

// The log of events, kept in a file, so that a client that comes back after the server did hears
// what it missed (docs/formats/real_time.md). Derived: where the file is missing or damaged,
// clients are told that they missed something, and ask anew. One thread at a time.
class EventFile {
 public:
  // Reads the file at `path`, "" for none. Never fails: what cannot be read is begun anew.
  EventFile(std::string path, Random& random, events::EventLog::Limits limits = {});

  events::EventLog& log() { return *log_; }
  // The versions of which the last events told; none if there was no file.
  const TableVersions& versions() const { return versions_; }
  bool was_there() const { return was_there_; }

  // Keeps `events`, with the numbers that they get next, and what they tell of; before they are put
  // into the log and sent.
  void keep(const std::vector<CommitEvent>& events, const TableVersions& versions);

 private:
  bool read();
  void rewrite();
  std::string versions_line() const;

  const std::string path_;
  const events::EventLog::Limits limits_;
  std::unique_ptr<events::EventLog> log_;
  TableVersions versions_;
  bool was_there_ = false;
  std::ofstream out_;
  std::size_t bytes_ = 0;
};

}  // namespace claimlake::serve
