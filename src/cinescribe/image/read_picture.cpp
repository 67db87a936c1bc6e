#include "cinescribe/image/read_picture.h"

#include <cstdint>
#include <span>
#include <string>

#include "cinescribe/core/file.h"
#include "cinescribe/image/jpeg.h"
#include "cinescribe/image/png.h"

namespace cinescribe::image {

namespace {

constexpr std::uint64_t kLargestFile = std::uint64_t{1} << 30;

}  // namespace

Result<Image> read_picture(const std::filesystem::path& file) {
  CINESCRIBE_ASSIGN(const std::string bytes, read_file(file, kLargestFile));
  const std::span<const std::uint8_t> view(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  Result<Image> picture = Error{ErrorCode::kInput, "it is neither a JPEG nor a PNG file"};
  if (bytes.starts_with("\x89PNG")) picture = decode_png(view);
  if (bytes.starts_with("\xFF\xD8")) picture = decode_jpeg(view);
  if (!picture.ok()) return picture.error().with_context("cannot read the picture " + file.string());
  return picture;
}

}  // namespace cinescribe::image
