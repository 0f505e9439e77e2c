#include "govern/mail_queue.h"

#include "base/log.h"

namespace claimlake::govern {
namespace {

constexpr std::size_t kWaitingMax = 100;  // a mail server that is away is no reason to grow
constexpr int kAttempts = 2;              // the second in case a connection had gone stale

}  // namespace

MailQueue::MailQueue(Mailer& mailer) : mailer_(mailer), thread_([this] { run(); }) {}

MailQueue::~MailQueue() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void MailQueue::post(Mail mail) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() < kWaitingMax) {
      waiting_.push_back(std::move(mail));
    } else {
      log(LogLevel::kWarning, "mail_dropped", {{"why", "too many wait"}});
    }
  }
  changed_.notify_all();
}

void MailQueue::flush() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return waiting_.empty() && !sending_; });
}

void MailQueue::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const Mail mail = std::move(waiting_.front());
    waiting_.pop_front();
    sending_ = true;
    lock.unlock();
    Done sent = mailer_.send(mail);
    for (int i = 1; !sent && i < kAttempts; ++i) sent = mailer_.send(mail);
    if (!sent) log(LogLevel::kWarning, "mail_not_sent", {{"error", sent.error().text()}});
    lock.lock();
    sending_ = false;
    changed_.notify_all();
  }
}

}  // namespace claimlake::govern
