#include "govern/mail.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/check.h"

namespace claimlake::govern {
namespace {

// A value of a header: nothing in it can begin another header.
std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) line += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  return line;
}

}  // namespace

std::string message_of(const Mail& mail, const std::string& from, Timestamp at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
  std::string message = fmt::format(
      "From: {}\r\nTo: {}\r\nSubject: {}\r\nDate: {:%a, %d %b %Y %H:%M:%S} +0000\r\n"
      "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
      "Content-Transfer-Encoding: 8bit\r\nAuto-Submitted: auto-generated\r\n\r\n",
      one_line(from), one_line(mail.to), one_line(mail.subject), fmt::gmtime(seconds));
  for (const char c : mail.text) message += c == '\n' ? "\r\n" : std::string(1, c);
  return message + "\r\n";
}

FileMailer::FileMailer(std::string folder, const Clock& clock)
    : folder_(std::move(folder)), clock_(clock) {}

Done FileMailer::send(const Mail& mail) {
  const Timestamp now = clock_.now();
  const std::string message = message_of(mail, "claimlake@demo.example", now);
  std::error_code made;
  std::filesystem::create_directories(folder_, made);
  chmod(folder_.c_str(), S_IRWXU);
  const std::string path = fmt::format("{}/{}_{:04}.eml", folder_, to_compact(now), ++sent_count_);
  const int file = open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, S_IRUSR | S_IWUSR);
  const bool written = file >= 0 && write(file, message.data(), message.size()) ==
                                        static_cast<ssize_t>(message.size());
  if (file >= 0) close(file);
  if (written) return done();
  return Error{Fault::kUnavailable, "A mail could not be written", folder_,
               "look whether the disk is full or the folder may not be written to"};
}

}  // namespace claimlake::govern
