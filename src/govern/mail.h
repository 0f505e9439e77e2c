#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace claimlake::govern {

struct Mail {
  std::string to;  // an address as as_email() writes it
  std::string subject;
  std::string text;
};

// Brings mail on its way. Thread-safe.
class Mailer {
 public:
  virtual ~Mailer() = default;
  // Errors: kUnavailable (try again later), kInvalidInput (never). No message names the receiver.
  virtual Done send(const Mail& mail) = 0;
};

// `mail` as RFC 5322 wants it, with CRLF.
std::string message_of(const Mail& mail, const std::string& from, Timestamp at);

// Puts each mail as a file NUMBER_TIME.eml into a folder that only this user can read: for the
// demo, where nobody has a mailbox.
class FileMailer final : public Mailer {
 public:
  FileMailer(std::string folder, const Clock& clock);  // `clock` outlives this
  Done send(const Mail& mail) override;

 private:
  const std::string folder_;
  const Clock& clock_;
  std::atomic<int> sent_count_ = 0;
};

}  // namespace claimlake::govern
