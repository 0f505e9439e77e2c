#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bronze/raw_files.h"
#include "pack/source.h"
#include "schedule/arrivals.h"
#include "schedule/open_for_writing.h"

namespace claimlake::schedule {

// When a file counts as complete.
struct LandingRules {
  // Nobody has it open for writing, and it has not changed for so long. One that does not come to
  // rest for the longer time below counts as being written.
  std::chrono::milliseconds rest{300};
  // The same where nobody can say who has it open.
  std::chrono::milliseconds rest_unknown{2'000};
  // How often a file that is being written is looked at, should nobody tell of its end.
  std::chrono::milliseconds look_again{1'000};
  // Objects of this store appear complete or not at all.
  bool appear_whole = false;
};

// A raw file that is not in Bronze, and why.
struct WaitingFile {
  std::string name;
  std::int64_t size = 0;
  Timestamp since{};   // when this process saw it first
  std::string reason;  // "" = it waits for its turn; else "still being written", or why refused
};

// What lies in the raw folder and is not yet in Bronze, as far as this process has seen. A file is
// known by name, size and time of change, so that a look costs no reading; what it holds decides in
// Bronze. One thread at a time.
class Landing {
 public:
  struct Context {
    const store::Store& store;
    std::string folder;  // in the store
    const std::vector<pack::Source>& sources;
    const Clock& clock;
    std::function<Writing(const std::string& name)> writing;  // null: kUnknown
    LandingRules rules = {};
  };
  explicit Landing(Context context) : context_(std::move(context)) {}

  // Looks at all files: those that are new or changed wait from now on.
  Done look_at_all();
  // Looks at these alone.
  Done look_at(const std::vector<ArrivedFile>& files);

  // Of the files that wait, at most `count` that are complete.
  std::vector<bronze::RawFile> complete(std::size_t count);
  // They are in Bronze in the form that they were handed out in.
  void taken(const std::vector<bronze::RawFile>& files);
  // It could not be read, or changed meanwhile: it must come to rest again first, and waits twice
  // as long each further time.
  void look_later(const bronze::RawFile& file, std::string reason);
  // It is left alone until it changes.
  void refuse(const bronze::RawFile& file, std::string reason);

  // When a file that is not complete may be; absent: not by waiting alone.
  std::optional<std::chrono::steady_clock::time_point> look_again() const;
  std::size_t waiting_count() const { return waiting_.size(); }
  std::vector<WaitingFile> being_written() const;
  // Also those that are tried again.
  std::vector<WaitingFile> refused() const;
  // The Bronze tables whose sources take a file of that name.
  std::vector<std::string> tables_of(const std::string& name) const;

 private:
  struct Form {
    std::int64_t size = 0;
    Timestamp modified_at{};
    bool operator==(const Form&) const = default;
  };
  struct Waiting {
    Form form;
    bool whole = false;  // got its name complete, in this form
    bool being_written = false;
    Timestamp since{};
    std::chrono::steady_clock::time_point came{};  // first in any form
    std::chrono::steady_clock::time_point seen{};  // first in this form
    std::chrono::steady_clock::time_point look_again{};
    int attempts = 0;    // that came to nothing
    std::string reason;  // of the last one
  };
  struct Refused {
    Form form;
    Timestamp since{};
    std::string reason;
  };

  void note(const std::string& name, const Form& form, bool whole);
  bool is_complete(const std::string& name, Waiting& file);
  bool is_at_rest(Waiting& file, Writing writing) const;

  Context context_;
  std::map<std::string, Form> known_;  // in Bronze
  std::map<std::string, Waiting> waiting_;
  std::map<std::string, Refused> refused_;
};

}  // namespace claimlake::schedule
