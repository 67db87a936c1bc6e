#include "cinescribe/media/mp4_protection.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace cinescribe::media {

namespace {

/// More boxes than any real header has; a hostile one may not keep us busy.
constexpr int kMostBoxes = 100'000;

struct Box {
  std::uint32_t type = 0;
  std::int64_t content = 0;  ///< Offset of its first byte after the header.
  std::int64_t end = 0;
};

constexpr std::uint32_t code(std::string_view name) {
  std::uint32_t value = 0;
  for (const char letter : name) value = value << 8 | static_cast<unsigned char>(letter);
  return value;
}

class BoxWalk {
 public:
  explicit BoxWalk(AVIOContext& io) : io_(io) {}

  /// Whether a protected sample entry lies in [from, to).
  bool finds_protection(std::int64_t from, std::int64_t to, bool are_entries) {
    for (Box box; next(from, to, box); from = box.end) {
      if (are_entries && is_protected(box.type)) return true;
      if (box.type == code("stsd") && finds_protection(box.content + 8, box.end, true)) return true;
      if (is_container(box.type) && finds_protection(box.content, box.end, false)) return true;
      if (box.type == code("moov")) return false;
    }
    return false;
  }

 private:
  bool next(std::int64_t from, std::int64_t to, Box& box) {
    if (to - from < 8 || ++boxes_ > kMostBoxes || avio_seek(&io_, from, SEEK_SET) < 0) return false;
    std::int64_t size = avio_rb32(&io_);
    box.type = avio_rb32(&io_);
    box.content = from + 8;
    if (size == 1) {
      size = static_cast<std::int64_t>(std::min<std::uint64_t>(avio_rb64(&io_), INT64_MAX));
      box.content += 8;
    }
    if (size == 0 || size > to - from) size = to - from;
    box.end = from + size;
    return box.content <= box.end && avio_feof(&io_) == 0;
  }

  static bool is_container(std::uint32_t type) {
    constexpr std::array<std::uint32_t, 5> kContainers = {code("moov"), code("trak"), code("mdia"), code("minf"),
                                                          code("stbl")};
    return std::find(kContainers.begin(), kContainers.end(), type) != kContainers.end();
  }

  static bool is_protected(std::uint32_t type) {
    constexpr std::array<std::uint32_t, 5> kProtected = {code("encv"), code("enca"), code("drms"), code("drmi"),
                                                         code("p608")};
    return std::find(kProtected.begin(), kProtected.end(), type) != kProtected.end();
  }

  AVIOContext& io_;
  int boxes_ = 0;
};

}  // namespace

bool is_protected_mp4(AVIOContext& io, std::int64_t size_bytes) {
  const bool found = BoxWalk(io).finds_protection(0, size_bytes, false);
  avio_seek(&io, 0, SEEK_SET);
  return found;
}

}  // namespace cinescribe::media
