#include "net/gzip.h"

#include <fmt/format.h>
#include <zlib.h>

namespace claimlake::net {
namespace {

constexpr int kLevel = 4;              // near the size of 6 at half its time on JSON
constexpr int kGzip = MAX_WBITS + 16;  // zlib's way to say: a gzip header, not a zlib one

Bytef* bytes_of(const char* text) {
  // zlib reads its input through a pointer to non-const and does not write there.
  return reinterpret_cast<Bytef*>(const_cast<char*>(text));
}

}  // namespace

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  CHECK(deflateInit2(&stream, kLevel, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) == Z_OK,
        "zlib has no memory");
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = bytes_of(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = bytes_of(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END, "deflateBound() was too small");
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

Result<std::string> gunzip(std::string_view compressed, std::size_t size_max) {
  z_stream stream{};
  CHECK(inflateInit2(&stream, kGzip) == Z_OK, "zlib has no memory");
  std::string out(size_max, '\0');
  stream.next_in = bytes_of(compressed.data());
  stream.avail_in = static_cast<uInt>(compressed.size());
  stream.next_out = bytes_of(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int code = inflate(&stream, Z_FINISH);
  const std::size_t size = stream.total_out;
  inflateEnd(&stream);
  if (code != Z_STREAM_END) {
    return Error{Fault::kInvalidInput,
                 fmt::format("not gzip, or more than {} bytes once unpacked", size_max)};
  }
  out.resize(size);
  return out;
}

}  // namespace claimlake::net
