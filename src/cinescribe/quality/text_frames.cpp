#include "cinescribe/quality/text_frames.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "cinescribe/image/draw.h"
#include "cinescribe/quality/comparable_text.h"
#include "cinescribe/quality/edit_distance.h"
#include "cinescribe/text/utf8.h"

namespace cinescribe::quality {

namespace {

constexpr int kWidth = 640;
constexpr int kHeight = 360;
constexpr int kGlyphRows = 7;
constexpr std::array kScales = {2, 4, 6, 8};

constexpr std::array<std::string_view, 24> kWords = {"EXIT",    "PLATFORM", "MARKET", "HARBOUR", "LIBRARY", "NORTH",
                                                     "TICKETS", "BAKERY",   "GARAGE", "MUSEUM",  "STATION", "BRIDGE",
                                                     "GARDEN",  "HOTEL",    "CINEMA", "SCHOOL",  "TOWER",   "CASTLE",
                                                     "FERRY",   "SOUTH",    "OFFICE", "CLOSED",  "OPEN",    "GATE"};

constexpr std::array<image::Colour, 5> kGrounds = {
    {{16, 16, 16}, {20, 60, 140}, {120, 20, 30}, {20, 100, 50}, {90, 90, 90}}};

/// SplitMix64: the standard library's distributions differ between machines.
class Numbers {
 public:
  explicit Numbers(std::uint64_t seed) : state_(seed) {}
  std::size_t below(std::size_t limit) {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return static_cast<std::size_t>((z ^ (z >> 31U)) % limit);
  }

 private:
  std::uint64_t state_;
};

std::u32string letters_of(std::string_view text) {
  return text::to_code_points(joined(comparable_words(text, TextForm::kPlain)));
}

}  // namespace

std::vector<TextFrame> make_text_frames(int count, std::uint64_t seed) {
  Numbers numbers(seed);
  std::vector<TextFrame> frames;
  for (int i = 0; i < count; ++i) {
    const int scale = kScales[static_cast<std::size_t>(i) % kScales.size()];
    TextFrame frame;
    frame.letter_height_px = kGlyphRows * scale;
    const std::string_view word = kWords[numbers.below(kWords.size())];
    frame.text = std::string(word) + " " + std::to_string(10 + numbers.below(990));
    frame.picture = Image(kWidth, kHeight, 3);
    const image::Colour ground = kGrounds[numbers.below(kGrounds.size())];
    const auto wall = static_cast<std::uint8_t>(120 + numbers.below(100));
    std::fill(frame.picture.pixels.begin(), frame.picture.pixels.end(), wall);
    const int room_x = kWidth - image::label_width(frame.text.size(), scale);
    const int room_y = kHeight - image::label_height(scale);
    const int x = static_cast<int>(numbers.below(static_cast<std::size_t>(std::max(1, room_x))));
    const int y = static_cast<int>(numbers.below(static_cast<std::size_t>(std::max(1, room_y))));
    image::draw_label(frame.picture, x, y, frame.text, scale, ground);
    frames.push_back(std::move(frame));
  }
  return frames;
}

ReadingErrors reading_errors(std::string_view text, std::string_view answer) {
  const std::u32string written = letters_of(text);
  const std::u32string read = letters_of(answer);
  const std::vector<std::uint32_t> reference(written.begin(), written.end());
  const std::vector<std::uint32_t> result(read.begin(), read.end());
  return {edit_distance_within(reference, result).edits(), static_cast<std::int64_t>(reference.size())};
}

}  // namespace cinescribe::quality
