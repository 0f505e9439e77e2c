#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "govern/mail.h"

namespace claimlake::govern {

// Mail on a thread of its own, so that who asks cannot tell by the time whether one was sent.
class MailQueue {
 public:
  explicit MailQueue(Mailer& mailer);  // outlives this
  ~MailQueue();                        // what waits is sent first, once each
  MailQueue(const MailQueue&) = delete;
  MailQueue& operator=(const MailQueue&) = delete;

  // Never waits. Where more than 100 wait the mail is dropped, which is logged.
  void post(Mail mail);
  // Returns when all that was posted has been sent or given up.
  void flush();

 private:
  void run();

  Mailer& mailer_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Mail> waiting_;
  bool sending_ = false;
  bool stopped_ = false;
  std::thread thread_;  // last: works on all of the above
};

}  // namespace claimlake::govern
