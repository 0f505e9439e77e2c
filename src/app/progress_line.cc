#include "app/progress_line.h"

#include <fmt/format.h>

#include <cstdio>

#include "app/terminal.h"

namespace claimlake::app {
namespace {

using namespace std::chrono_literals;

constexpr auto kQuiet = 1s;  // work shorter than this shows nothing
constexpr auto kRepaint = 100ms;

double seconds_between(std::chrono::steady_clock::time_point from,
                       std::chrono::steady_clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

}  // namespace

std::string progress_text(const std::string& step, std::int64_t rows_expected, double fraction,
                          double seconds) {
  std::string text = step;
  if (fraction > 0 && fraction <= 1 && seconds > 0) {
    text += fmt::format("  {} %", static_cast<int>(fraction * 100));
    if (rows_expected > 0) {
      const double rate = fraction * static_cast<double>(rows_expected) / seconds;
      text += fmt::format("  {} rows/s", human_count(static_cast<std::int64_t>(rate)));
    }
    text += fmt::format("  {} left", human_seconds(seconds / fraction - seconds));
  } else {
    text += fmt::format("  {}", human_seconds(seconds));
  }
  return text;
}

ProgressLine::ProgressLine(const Clock& clock) : clock_(clock), started_(clock.steady_now()) {
  if (stderr_is_terminal()) painter_ = std::thread([this] { show(); });
}

ProgressLine::~ProgressLine() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (painter_.joinable()) painter_.join();
  if (drawn_) std::fputs("\r\x1b[K", stderr);
}

void ProgressLine::begin(std::string step, std::int64_t rows_expected,
                         std::function<double()> fraction) {
  const std::lock_guard lock(mutex_);
  active_ = true;
  step_ = std::move(step);
  rows_expected_ = rows_expected;
  fraction_ = std::move(fraction);
  step_started_ = clock_.steady_now();
}

void ProgressLine::end(std::int64_t) {
  const std::lock_guard lock(mutex_);
  active_ = false;
  fraction_ = nullptr;  // what it looks at may be gone now
}

void ProgressLine::show() {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, kRepaint, [this] { return stopping_; })) draw();
}

void ProgressLine::draw() {
  const auto now = clock_.steady_now();
  if (!active_ || now - started_ < kQuiet) return;
  const double fraction = fraction_ ? fraction_() : -1;
  const std::string text =
      progress_text(step_, rows_expected_, fraction, seconds_between(step_started_, now));
  const int width = terminal_width();
  std::fprintf(stderr, "\r\x1b[K%s", fit(text, width > 0 ? width - 1 : 79).c_str());
  std::fflush(stderr);
  drawn_ = true;
}

}  // namespace claimlake::app
