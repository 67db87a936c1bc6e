#include "cinescribe/image/jpeg.h"

#include <memory>

#include <turbojpeg.h>

#include "cinescribe/core/file.h"

namespace cinescribe::image {

namespace {

constexpr std::int64_t kMaxPixels = std::int64_t{1} << 27;
constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 28;

struct CodecCloser {
  void operator()(void* handle) const { tjDestroy(handle); }
};
using CodecHandle = std::unique_ptr<void, CodecCloser>;

struct BufferFreer {
  void operator()(unsigned char* bytes) const { tjFree(bytes); }
};

Error unreadable(const std::string& found) { return {ErrorCode::kInput, "cannot read the JPEG picture: " + found}; }

}  // namespace

Result<Image> decode_jpeg(std::span<const std::uint8_t> bytes) {
  const CodecHandle codec(tjInitDecompress());
  if (!codec) return Error{ErrorCode::kResource, "cannot start the JPEG decoder: out of memory"};
  int width = 0;
  int height = 0;
  int subsampling = 0;
  int colours = 0;
  if (tjDecompressHeader3(codec.get(), bytes.data(), bytes.size(), &width, &height, &subsampling, &colours) != 0) {
    return unreadable(tjGetErrorStr2(codec.get()));
  }
  if (colours == TJCS_CMYK || colours == TJCS_YCCK) return unreadable("its colours are CMYK; save it as RGB");
  if (width <= 0 || height <= 0 || static_cast<std::int64_t>(width) * height > kMaxPixels) {
    return unreadable("it claims " + std::to_string(width) + "x" + std::to_string(height) + " pixels");
  }
  Image picture(width, height, 3);
  // A warning (data missing at the end) also returns -1; a picture with a grey rest is not what the file meant.
  if (tjDecompress2(codec.get(), bytes.data(), bytes.size(), picture.pixels.data(), width, 0, height, TJPF_RGB,
                    TJFLAG_ACCURATEDCT) != 0) {
    return unreadable(tjGetErrorStr2(codec.get()));
  }
  return picture;
}

Result<std::string> encode_jpeg(const Image& picture, int quality) {
  if (picture.empty() || (picture.channels != 1 && picture.channels != 3)) {
    return Error{ErrorCode::kUsage,
                 "cannot write a JPEG of an empty picture or of " + std::to_string(picture.channels) + " channels"};
  }
  if (quality < 1 || quality > 100) {
    return Error{ErrorCode::kUsage, "the JPEG quality is " + std::to_string(quality) + "; it goes from 1 to 100"};
  }
  const CodecHandle codec(tjInitCompress());
  if (!codec) return Error{ErrorCode::kResource, "cannot start the JPEG encoder: out of memory"};
  unsigned char* made = nullptr;
  unsigned long size = 0;
  const bool is_grey = picture.channels == 1;
  const int failed =
      tjCompress2(codec.get(), picture.pixels.data(), picture.width, 0, picture.height, is_grey ? TJPF_GRAY : TJPF_RGB,
                  &made, &size, is_grey ? TJSAMP_GRAY : TJSAMP_420, quality, TJFLAG_ACCURATEDCT);
  const std::unique_ptr<unsigned char, BufferFreer> owner(made);
  if (failed != 0)
    return Error{ErrorCode::kInternal, std::string("cannot write a JPEG: ") + tjGetErrorStr2(codec.get())};
  return std::string(reinterpret_cast<const char*>(made), size);
}

Result<Image> read_jpeg(const std::filesystem::path& file) {
  CINESCRIBE_ASSIGN(const std::string bytes, read_file(file, kMaxFileBytes));
  auto picture = decode_jpeg({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  if (!picture.ok()) return picture.error().with_context(file.string());
  return picture;
}

Status write_jpeg(const std::filesystem::path& file, const Image& picture, int quality) {
  CINESCRIBE_ASSIGN(const std::string bytes, encode_jpeg(picture, quality));
  return write_file_atomically(file, bytes);
}

}  // namespace cinescribe::image
