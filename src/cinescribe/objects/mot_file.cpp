#include "cinescribe/objects/mot_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <map>

#include "cinescribe/core/file.h"
#include "cinescribe/objects/detection_json.h"

namespace cinescribe::objects {

namespace {

constexpr std::uint64_t kMaxFileBytes = 1ULL << 30U;
constexpr double kMaxFrame = 4'000'000;
constexpr double kMaxId = 1e15;
constexpr std::size_t kMaxBoxesPerFrame = 5000;

bool is_separator(char c) { return c == ',' || c == ' ' || c == '\t' || c == ';'; }

Error line_error(std::string_view name, std::size_t line, const std::string& what) {
  return {ErrorCode::kInput, "cannot read " + std::string(name) + ": line " + std::to_string(line) + ": " + what +
                                 "; a MOT line is frame,id,left,top,width,height[,confidence[,class,...]]"};
}

/// Splits one line into up to ten numbers. Returns how many; -1 where something is no number.
int split_numbers(std::string_view line, std::array<double, 10>& numbers) {
  int count = 0;
  std::size_t at = 0;
  while (count < 10) {
    while (at < line.size() && is_separator(line[at])) ++at;
    if (at == line.size()) break;
    double& value = numbers[static_cast<std::size_t>(count)];
    const auto [end, error] = std::from_chars(line.data() + at, line.data() + line.size(), value);
    if (error != std::errc() || !std::isfinite(value)) return -1;
    at = static_cast<std::size_t>(end - line.data());
    if (at < line.size() && !is_separator(line[at])) return -1;
    ++count;
  }
  return count;
}

}  // namespace

Result<std::vector<MotRow>> parse_mot(std::string_view text, std::string_view name) {
  std::vector<MotRow> rows;
  std::size_t line_number = 0;
  while (!text.empty()) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    ++line_number;
    while (!line.empty() && (line.back() == '\r' || is_separator(line.back()))) line.remove_suffix(1);
    if (line.empty()) continue;
    std::array<double, 10> n{};
    const int count = split_numbers(line, n);
    if (count < 0) return line_error(name, line_number, "found something that is no number");
    if (count < 6) return line_error(name, line_number, "found " + std::to_string(count) + " numbers");
    if (n[0] < 0 || n[0] > kMaxFrame || n[0] != std::floor(n[0])) {
      return line_error(name, line_number, "the frame is no whole number from 0 to 4000000");
    }
    if (std::fabs(n[1]) > kMaxId || n[1] != std::floor(n[1])) {
      return line_error(name, line_number, "the id is no whole number");
    }
    MotRow row;
    row.frame = static_cast<std::int64_t>(n[0]);
    row.id = static_cast<std::int64_t>(n[1]);
    row.x = n[2];
    row.y = n[3];
    row.width = n[4];
    row.height = n[5];
    if (count > 6) row.score = n[6];
    if (count > 7 && n[7] >= -1 && n[7] <= 1e9) row.class_id = static_cast<std::int32_t>(n[7]);
    rows.push_back(row);
  }
  return rows;
}

namespace {

Result<DetectionSequence> sequence_of(const std::vector<MotRow>& rows, const std::string& name, double frame_rate_hz) {
  DetectionSequence sequence;
  if (rows.empty()) return sequence;
  std::int64_t first = 1;
  std::int64_t last = 1;
  for (const auto& row : rows) {
    first = std::min(first, row.frame);
    last = std::max(last, row.frame);
  }
  sequence.frames.resize(static_cast<std::size_t>(last - first + 1));
  for (std::size_t i = 0; i < sequence.frames.size(); ++i) {
    sequence.frames[i].frame = first + static_cast<std::int64_t>(i);
    sequence.frames[i].time = Timestamp::from_seconds(static_cast<double>(i) / frame_rate_hz);
  }
  for (const auto& row : rows) {
    auto& detections = sequence.frames[static_cast<std::size_t>(row.frame - first)].detections;
    if (detections.size() == kMaxBoxesPerFrame) {
      return Error{ErrorCode::kInput, "cannot use " + name + ": frame " + std::to_string(row.frame) +
                                          " has more than 5000 boxes; is the first column the frame number?"};
    }
    Detection d;
    d.box = {static_cast<float>(row.x), static_cast<float>(row.y), static_cast<float>(row.x + row.width),
             static_cast<float>(row.y + row.height)};
    d.score = static_cast<float>(row.score);
    d.class_id = row.class_id;
    detections.push_back(d);
  }
  return sequence;
}

}  // namespace

Result<DetectionSequence> read_detections(const std::filesystem::path& file, double frame_rate_hz) {
  CINESCRIBE_ASSIGN(const std::string text, read_file(file, kMaxFileBytes));
  const auto start = text.find_first_not_of(" \t\r\n");
  if (start != std::string::npos && (text[start] == '{' || text[start] == '[')) {
    return parse_detection_json(text, file.string(), frame_rate_hz);
  }
  CINESCRIBE_ASSIGN(const auto rows, parse_mot(text, file.string()));
  return sequence_of(rows, file.string(), frame_rate_hz);
}

std::string mot_line(std::int64_t frame, const TrackedBox& box) {
  std::array<char, 256> line{};
  const int length = std::snprintf(line.data(), line.size(), "%lld,%lld,%.4f,%.4f,%.4f,%.4f,%.6g,%d,-1,-1\n",
                                   static_cast<long long>(frame), static_cast<long long>(box.track_id),
                                   static_cast<double>(box.box.x1), static_cast<double>(box.box.y1),
                                   static_cast<double>(box.box.width()), static_cast<double>(box.box.height()),
                                   static_cast<double>(box.score), box.class_id);
  return {line.data(), static_cast<std::size_t>(std::clamp(length, 0, static_cast<int>(line.size()) - 1))};
}

}  // namespace cinescribe::objects
