#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace claimlake::datagen {

// "000102...99": two digits are copied at a time.
inline constexpr auto kDigitPairs = [] {
  std::array<char, 200> pairs{};
  for (std::size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

// Bytes that grow at the end. Rows are written without a check per field: reserve() once per row.
class TextBuffer {
 public:
  // Makes room for `bytes` more; the put functions must not write more than that in between.
  void reserve(std::size_t bytes) {
    if (size_ + bytes > bytes_.size()) bytes_.resize(2 * bytes_.size() + bytes);
  }
  void clear() { size_ = 0; }
  void truncate(std::size_t size) { size_ = size; }
  std::size_t size() const { return size_; }
  std::string_view view() const { return {bytes_.data(), size_}; }

  void put(std::string_view text) {
    if (text.empty()) return;  // its data() may be null, which memcpy must not be given
    std::memcpy(end(), text.data(), text.size());
    size_ += text.size();
  }
  void put(char letter) { bytes_[size_++] = letter; }
  void put_bool_csv(bool value) { put(value ? std::string_view("True") : "False"); }
  void put_two_digits(std::uint32_t value) {
    std::memcpy(end(), &kDigitPairs[2 * value], 2);
    size_ += 2;
  }
  // With zeros in front up to `width` digits.
  void put_number(std::uint64_t value, int width = 1) {
    char digits[20];
    int first = 20;
    do {
      digits[--first] = static_cast<char>('0' + value % 10);
      value /= 10;
    } while (value != 0 || 20 - first < width);
    put(std::string_view(digits + first, static_cast<std::size_t>(20 - first)));
  }
  // 1234 cents are "12.34".
  void put_cents(std::int64_t cents) {
    if (cents < 0) {
      put('-');
      cents = -cents;
    }
    put_number(static_cast<std::uint64_t>(cents) / 100);
    put('.');
    put_two_digits(static_cast<std::uint32_t>(cents % 100));
  }
  // Appends a whole text of any length.
  void append(std::string_view text) {
    reserve(text.size());
    put(text);
  }

 private:
  char* end() { return bytes_.data() + size_; }
  std::vector<char> bytes_;
  std::size_t size_ = 0;
};

}  // namespace claimlake::datagen
