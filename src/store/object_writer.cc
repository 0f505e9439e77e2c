#include "store/object_writer.h"

#include <algorithm>
#include <deque>
#include <future>
#include <vector>

#include "base/log.h"

namespace claimlake::store {
namespace {

// Services take parts of 5 MiB and more, and 10,000 of them. Parts grow with their number, so that
// an object may have 430 GB.
constexpr std::size_t kPartBytes = 8 << 20;
constexpr int kPartsOfOneSize = 1000;
constexpr int kPartsMax = 10'000;
// Each holds its bytes in memory.
constexpr std::size_t kPartsAtOnce = 2;

class ObjectWriter final : public Writer {
 public:
  ObjectWriter(std::shared_ptr<const Courier> courier, std::string key, std::string what)
      : courier_(std::move(courier)), key_(std::move(key)), what_(std::move(what)) {}

  ~ObjectWriter() override {
    for (auto& part : under_way_) part.wait();
    if (!begun_ || finished_) return;
    const auto abort = service().abort_upload(key_, upload_);
    if (!abort) return;
    const auto aborted = courier_->send(*abort, "abort: " + what_);
    if (!aborted) {
      log(LogLevel::kWarning, "store.left_upload", {{"reason", aborted.error().message}});
    }
  }

  Done append(std::string_view bytes) override {
    while (!bytes.empty()) {
      const std::size_t taken = std::min(bytes.size(), part_bytes() - buffer_.size());
      buffer_.append(bytes.substr(0, taken));
      bytes.remove_prefix(taken);
      if (buffer_.size() == part_bytes()) {
        TRY_DONE(send_part());
      }
    }
    return done();
  }

  Done finish() override {
    if (!begun_) {
      TRY(const Answer answer, courier_->send(service().put(key_, buffer_, false), what_));
      finished_ = answer.verdict == Verdict::kGood;
      return finished_ ? done() : dropped();
    }
    if (!buffer_.empty()) {
      TRY_DONE(send_part());
    }
    while (!under_way_.empty()) {
      TRY_DONE(take_tag());
    }
    TRY(const Answer answer, courier_->send(service().finish_upload(key_, upload_, tags_), what_));
    if (answer.verdict == Verdict::kNoSuchUpload) {
      // It is gone because an attempt whose answer was lost has finished it: then the object is
      // there with our mark.
      TRY(const Answer head,
          courier_->send({.kind = Call::Kind::kHead, .method = "HEAD", .key = key_}, what_));
      if (head.verdict != Verdict::kGood || !service().is_of_upload(head.response, mark_)) {
        return dropped();
      }
    } else if (answer.verdict != Verdict::kGood) {
      return dropped();
    }
    finished_ = true;
    return done();
  }

 private:
  Done dropped() const {
    return Error{Fault::kUnavailable, "cannot " + what_ + ": the service has dropped the upload",
                 "", "try again"};
  }
  const ObjectService& service() const { return courier_->service(); }
  std::size_t part_bytes() const {
    return kPartBytes * static_cast<std::size_t>(1 + parts_ / kPartsOfOneSize);
  }

  Done begin() {
    mark_ = uuid4(courier_->random());
    if (const auto call = service().begin_upload(key_, mark_)) {
      TRY(const Answer answer, courier_->send(*call, what_));
      TRY(upload_, service().parse_upload(answer.response.body));
    } else {
      upload_ = mark_;
    }
    begun_ = true;
    return done();
  }

  Done send_part() {
    if (!begun_) {
      TRY_DONE(begin());
    }
    if (parts_ == kPartsMax) {
      return Error{Fault::kInvalidInput, "cannot " + what_ + ": it is larger than 430 GB"};
    }
    if (under_way_.size() == kPartsAtOnce) {
      TRY_DONE(take_tag());
    }
    const int number = ++parts_;
    under_way_.push_back(std::async(
        std::launch::async,
        [courier = courier_, key = key_, upload = upload_, what = what_, number,
         bytes = std::exchange(buffer_, {})]() -> Result<std::string> {
          TRY(const Answer answer,
              courier->send(courier->service().put_part(key, upload, number, bytes), what));
          if (answer.verdict != Verdict::kGood) {
            return Error{Fault::kUnavailable,
                         "cannot " + what + ": the service has dropped the upload in parts"};
          }
          return courier->service().part_tag(number, answer.response);
        }));
    return done();
  }

  Done take_tag() {
    auto tag = under_way_.front().get();
    under_way_.pop_front();
    TRY(std::string text, std::move(tag));
    tags_.push_back(std::move(text));
    return done();
  }

  const std::shared_ptr<const Courier> courier_;
  const std::string key_;
  const std::string what_;
  std::string buffer_;
  std::string mark_;
  std::string upload_;
  bool begun_ = false;
  bool finished_ = false;
  int parts_ = 0;
  std::vector<std::string> tags_;                           // of the parts that arrived, in order
  std::deque<std::future<Result<std::string>>> under_way_;  // in order
};

}  // namespace

std::unique_ptr<Writer> make_object_writer(std::shared_ptr<const Courier> courier, std::string key,
                                           std::string what) {
  return std::make_unique<ObjectWriter>(std::move(courier), std::move(key), std::move(what));
}

}  // namespace claimlake::store
