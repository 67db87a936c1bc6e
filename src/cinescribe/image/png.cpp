#include "cinescribe/image/png.h"

#include <algorithm>
#include <csetjmp>
#include <cstring>
#include <memory>
#include <vector>

#include <png.h>

#include "cinescribe/core/file.h"

namespace cinescribe::image {

namespace {

constexpr std::uint32_t kMaxSide = 65535;
constexpr std::int64_t kMaxPixels = std::int64_t{1} << 27;
constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 29;

/// What libpng's callbacks see. libpng leaves by longjmp, so whatever owns memory lives outside the functions that it
/// jumps over.
struct Session {
  std::span<const std::uint8_t> input;
  std::string output;
  std::string failure;
};

struct Reader {
  png_structp png = nullptr;
  png_infop info = nullptr;
  Reader() = default;
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }
};

struct Writer {
  png_structp png = nullptr;
  png_infop info = nullptr;
  Writer() = default;
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() { png_destroy_write_struct(&png, &info); }
};

void on_error(png_structp png, png_const_charp message) {
  static_cast<Session*>(png_get_error_ptr(png))->failure = message;
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

void on_read(png_structp png, png_bytep target, std::size_t count) {
  auto& input = static_cast<Session*>(png_get_io_ptr(png))->input;
  if (count > input.size()) png_error(png, "the file ends early");
  std::memcpy(target, input.data(), count);
  input = input.subspan(count);
}

void on_write(png_structp png, png_bytep bytes, std::size_t count) {
  static_cast<Session*>(png_get_io_ptr(png))->output.append(reinterpret_cast<const char*>(bytes), count);
}

void on_flush(png_structp) {}

bool read_header(Reader& reader, Session& session) {
  if (setjmp(png_jmpbuf(reader.png)) != 0) return false;
  png_set_user_limits(reader.png, kMaxSide, kMaxSide);
  png_set_read_fn(reader.png, &session, &on_read);
  png_read_info(reader.png, reader.info);
  png_set_expand(reader.png);
  png_set_strip_16(reader.png);
  png_set_strip_alpha(reader.png);
  png_set_gray_to_rgb(reader.png);
  png_set_interlace_handling(reader.png);
  png_read_update_info(reader.png, reader.info);
  return true;
}

bool read_rows(Reader& reader, png_bytepp rows) {
  if (setjmp(png_jmpbuf(reader.png)) != 0) return false;
  png_read_image(reader.png, rows);
  png_read_end(reader.png, nullptr);
  return true;
}

bool write_all(Writer& writer, Session& session, const Image& picture, png_bytepp rows) {
  if (setjmp(png_jmpbuf(writer.png)) != 0) return false;
  png_set_write_fn(writer.png, &session, &on_write, &on_flush);
  png_set_IHDR(writer.png, writer.info, static_cast<png_uint_32>(picture.width),
               static_cast<png_uint_32>(picture.height), 8,
               picture.channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(writer.png, writer.info);
  png_write_image(writer.png, rows);
  png_write_end(writer.png, nullptr);
  return true;
}

Error unreadable(const std::string& found) { return {ErrorCode::kInput, "cannot read the PNG picture: " + found}; }

}  // namespace

Result<Image> decode_png(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < 8 || png_sig_cmp(bytes.data(), 0, 8) != 0) return unreadable("it is no PNG");
  Session session;
  session.input = bytes;
  Reader reader;
  reader.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &session, &on_error, &on_warning);
  if (reader.png != nullptr) reader.info = png_create_info_struct(reader.png);
  if (reader.info == nullptr) return Error{ErrorCode::kResource, "cannot start the PNG reader: out of memory"};
  if (!read_header(reader, session)) return unreadable(session.failure);
  const png_uint_32 width = png_get_image_width(reader.png, reader.info);
  const png_uint_32 height = png_get_image_height(reader.png, reader.info);
  if (static_cast<std::int64_t>(width) * height > kMaxPixels) {
    return unreadable("it claims " + std::to_string(width) + "x" + std::to_string(height) + " pixels");
  }
  if (png_get_rowbytes(reader.png, reader.info) != std::size_t{width} * 3) return unreadable("unknown pixel layout");
  Image picture(static_cast<int>(width), static_cast<int>(height), 3);
  std::vector<png_bytep> rows(height);
  for (png_uint_32 y = 0; y < height; ++y) rows[y] = picture.row(static_cast<int>(y));
  if (!read_rows(reader, rows.data())) return unreadable(session.failure);
  return picture;
}

Result<std::string> encode_png(const Image& picture) {
  if (picture.empty() || (picture.channels != 1 && picture.channels != 3)) {
    return Error{ErrorCode::kUsage,
                 "cannot write a PNG of an empty picture or of " + std::to_string(picture.channels) + " channels"};
  }
  Session session;
  Writer writer;
  writer.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &session, &on_error, &on_warning);
  if (writer.png != nullptr) writer.info = png_create_info_struct(writer.png);
  if (writer.info == nullptr) return Error{ErrorCode::kResource, "cannot start the PNG writer: out of memory"};
  std::vector<png_bytep> rows(static_cast<std::size_t>(picture.height));
  // libpng's type for rows lacks the const; it only reads them here.
  for (int y = 0; y < picture.height; ++y) rows[static_cast<std::size_t>(y)] = const_cast<png_bytep>(picture.row(y));
  if (!write_all(writer, session, picture, rows.data())) {
    return Error{ErrorCode::kInternal, "cannot write a PNG: " + session.failure};
  }
  return std::move(session.output);
}

Result<Image> read_png(const std::filesystem::path& file) {
  CINESCRIBE_ASSIGN(const std::string bytes, read_file(file, kMaxFileBytes));
  auto picture = decode_png({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  if (!picture.ok()) return picture.error().with_context(file.string());
  return picture;
}

Status write_png(const std::filesystem::path& file, const Image& picture) {
  CINESCRIBE_ASSIGN(const std::string bytes, encode_png(picture));
  return write_file_atomically(file, bytes);
}

}  // namespace cinescribe::image
