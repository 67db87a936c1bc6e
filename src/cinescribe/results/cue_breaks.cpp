#include "cinescribe/results/cue_breaks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace cinescribe::results {

namespace {

constexpr std::array<std::string_view, 8> kSentenceEnds = {".", "?", "!", "。", "？", "！", "…", "．"};
constexpr std::array<std::string_view, 9> kClauseEnds = {",", ";", ":", "，", "、", "；", "：", " -", "—"};

/// What a cue costs by itself, so that few are made, and what it costs to end it at such a place.
constexpr double kCueCost = 1.0;
constexpr double kClauseCost = 0.35;
constexpr double kPauseCost = 0.5;
constexpr double kAnywhereCost = 0.9;
constexpr double kPauseSeconds = 0.3;
/// A cue should stay this long to be read; the shorter, the more it costs.
constexpr double kReadableSeconds = 1.0;
constexpr double kShortCost = 0.8;
/// What it costs to part two lines anywhere but at a clause, against one line being longer by the whole width.
constexpr double kLineInsideCost = 0.4;

bool ends_with_any(std::string_view text, std::span<const std::string_view> marks) {
  return std::any_of(marks.begin(), marks.end(), [&](std::string_view mark) { return text.ends_with(mark); });
}

std::string_view without_space(std::string_view text) { return text.substr(text.starts_with(' ') ? 1 : 0); }

/// What it costs to break before piece `at`.
double break_cost(std::span<const CuePiece> pieces, std::size_t at) {
  if (at >= pieces.size()) return 0.0;
  const CuePiece& before = pieces[at - 1];
  if (ends_with_any(before.text, kSentenceEnds)) return 0.0;
  double cost = ends_with_any(before.text, kClauseEnds) ? kClauseCost : kAnywhereCost;
  const double pause = (pieces[at].range.start - before.range.end).seconds();
  if (pause >= kPauseSeconds) cost = std::min(cost, kPauseCost);
  return cost;
}

double cue_cost(std::span<const CuePiece> pieces, std::size_t begin, std::size_t end) {
  const double seconds = (pieces[end - 1].range.end - pieces[begin].range.start).seconds();
  const double lack = std::max(0.0, kReadableSeconds - seconds) / kReadableSeconds;
  return kCueCost + break_cost(pieces, end) + kShortCost * lack;
}

/// Lines that pieces take when each line is filled as far as it goes.
class LineFill {
 public:
  explicit LineFill(std::size_t width) : width_(width) {}

  void add(std::string_view text) {
    const std::size_t whole = text_width(text);
    if (lines_ > 0 && (width_ == 0 || filled_ + whole <= width_)) {
      filled_ += whole;
    } else {
      ++lines_;
      filled_ = text_width(without_space(text));
    }
  }
  [[nodiscard]] std::size_t lines() const { return lines_; }

 private:
  std::size_t width_;
  std::size_t lines_ = 0;
  std::size_t filled_ = 0;
};

std::string joined(std::span<const CuePiece> pieces) {
  std::string text;
  for (const CuePiece& piece : pieces) text += text.empty() ? without_space(piece.text) : piece.text;
  return text;
}

std::vector<std::string> filled_lines(std::span<const CuePiece> pieces, std::size_t width) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  LineFill fill(width);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const std::size_t before = fill.lines();
    fill.add(pieces[i].text);
    if (i > 0 && fill.lines() > before) {
      lines.push_back(joined(pieces.subspan(begin, i - begin)));
      begin = i;
    }
  }
  if (begin < pieces.size()) lines.push_back(joined(pieces.subspan(begin)));
  return lines;
}

/// Two lines; nothing when no place lets both fit.
std::vector<std::string> two_lines(std::span<const CuePiece> pieces, std::size_t width) {
  double least = std::numeric_limits<double>::infinity();
  std::vector<std::string> best;
  for (std::size_t at = 1; at < pieces.size(); ++at) {
    std::vector<std::string> lines = {joined(pieces.first(at)), joined(pieces.subspan(at))};
    const std::size_t upper = text_width(lines[0]);
    const std::size_t lower = text_width(lines[1]);
    if (upper > width || lower > width) continue;
    const double difference = std::abs(static_cast<double>(upper) - static_cast<double>(lower));
    const bool is_inside = break_cost(pieces, at) >= kAnywhereCost;
    const double cost = difference / static_cast<double>(width) + (is_inside ? kLineInsideCost : 0.0);
    if (cost >= least) continue;
    least = cost;
    best = std::move(lines);
  }
  return best;
}

std::size_t positive(int number) { return static_cast<std::size_t>(std::max(0, number)); }

}  // namespace

bool is_wide(char32_t c) {
  return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) || (c >= 0xAC00 && c <= 0xD7A3) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
         (c >= 0x20000 && c <= 0x3FFFD);
}

CodePoint code_point_at(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const std::size_t size = lead < 0xC0U ? 1 : lead < 0xE0U ? 2 : lead < 0xF0U ? 3 : 4;
  if (size == 1 || at + size > text.size()) return {lead, 1};
  char32_t value = lead & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) value = value << 6U | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
  return {value, size};
}

std::size_t text_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint next = code_point_at(text, at);
    width += is_wide(next.value) ? 2 : 1;
    at += next.size;
  }
  return width;
}

std::vector<std::size_t> cue_ends(std::span<const CuePiece> pieces, const SubtitleLayout& layout) {
  const std::size_t count = pieces.size();
  const std::size_t width = positive(layout.max_line_width);
  const std::size_t most_lines = width == 0 ? 0 : positive(layout.max_lines);
  // Backwards: the least cost of the rest, and where its first cue ends; of equal ones the longest first cue.
  std::vector<double> least(count + 1, std::numeric_limits<double>::infinity());
  std::vector<std::size_t> end_of(count + 1, count);
  least[count] = 0.0;
  for (std::size_t begin = count; begin-- > 0;) {
    LineFill fill(width);
    for (std::size_t end = begin + 1; end <= count; ++end) {
      fill.add(pieces[end - 1].text);
      const double seconds = (pieces[end - 1].range.end - pieces[begin].range.start).seconds();
      const bool is_too_long = layout.max_seconds > 0.0 && seconds > layout.max_seconds;
      const bool is_too_wide = most_lines > 0 && fill.lines() > most_lines;
      if (end > begin + 1 && (is_too_long || is_too_wide)) break;
      const double cost = cue_cost(pieces, begin, end) + least[end];
      if (cost > least[begin]) continue;
      least[begin] = cost;
      end_of[begin] = end;
    }
  }
  std::vector<std::size_t> ends;
  for (std::size_t at = 0; at < count; at = end_of[at]) ends.push_back(end_of[at]);
  return ends;
}

std::vector<std::string> cue_lines(std::span<const CuePiece> pieces, const SubtitleLayout& layout) {
  const std::size_t width = positive(layout.max_line_width);
  std::vector<std::string> lines = filled_lines(pieces, width);
  if (lines.size() != 2) return lines;
  std::vector<std::string> even = two_lines(pieces, width);
  return even.empty() ? lines : even;
}

}  // namespace cinescribe::results
