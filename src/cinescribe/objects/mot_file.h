#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/core/time.h"
#include "cinescribe/objects/detection.h"

namespace cinescribe::objects {

/// One line of a MOTChallenge text file: frame, id, left, top, width, height, confidence, class.
struct MotRow {
  std::int64_t frame = 0;
  std::int64_t id = -1;
  double x = 0.0;
  double y = 0.0;
  double width = 0.0;
  double height = 0.0;
  double score = 1.0;          ///< Column 7; 1 where the line has none. 0 in a ground truth means: to be ignored.
  std::int32_t class_id = -1;  ///< Column 8; -1 where the line has none.
};

/// The detections of one frame, boxes in pixels.
struct DetectionFrame {
  std::int64_t frame = 0;  ///< As numbered in the MOT output (1 is the first frame of a video).
  Timestamp time;
  std::vector<Detection> detections;
};

/// Detections of one video in time order: every frame that was looked at, also those without any detection.
struct DetectionSequence {
  std::vector<DetectionFrame> frames;
  std::vector<std::string> labels;  ///< Name of each class id where the file has names, else empty.
};

/// Reads MOT text: numbers separated by commas or blanks, at least six per line; empty lines are skipped.
/// `name` is used in messages. Error: kInput, naming the line.
Result<std::vector<MotRow>> parse_mot(std::string_view text, std::string_view name);

/// Reads detections from MOT text or JSON (told apart by the first character). MOT frames run from 1 (or 0 if it
/// occurs) to the last one in the file without gaps, and `frame_rate_hz` gives them times. JSON is what
/// `cinescribe objects --json` writes, where every listed frame is one step, or
/// `{"detections": [[[x1, y1, x2, y2, score, class], ...], ...]}`, one list per frame. Error: kInput.
Result<DetectionSequence> read_detections(const std::filesystem::path& file, double frame_rate_hz);

/// One MOT line with its newline: ten columns, box to 1/10000 pixel, class in column 8.
std::string mot_line(std::int64_t frame, const TrackedBox& box);

}  // namespace cinescribe::objects
