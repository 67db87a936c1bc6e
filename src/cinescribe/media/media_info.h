#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cinescribe/core/rational.h"
#include "cinescribe/core/time.h"

namespace cinescribe::media {

/// One video stream as found in the container.
struct VideoStream {
  int stream_index = 0;      ///< Index in the container.
  std::string codec;         ///< FFmpeg's name, e.g. "h264".
  std::string pixel_format;  ///< FFmpeg's name, e.g. "yuv420p".
  int coded_width = 0;       ///< Stored pixels.
  int coded_height = 0;
  int display_width = 0;  ///< As shown: turned, and stretched to square pixels.
  int display_height = 0;
  int rotation_degrees = 0;  ///< Clockwise turn that the player applies: 0, 90, 180 or 270.
  Rational sample_aspect{1, 1};
  Rational average_rate;          ///< Frames per second from the header; 0/1 if unknown.
  Rational nominal_rate;          ///< Smallest rate that can carry all time stamps (r_frame_rate).
  bool is_variable_rate = false;  ///< From the scan if there was one, else from the two rates.
  std::optional<std::int64_t> frames_from_header;
  std::optional<std::int64_t> frames_from_scan;
  std::optional<Duration> duration_from_header;
  std::optional<Duration> duration_from_scan;
  std::int64_t bit_rate = 0;  ///< Bits per second; 0 if unknown.
  std::string language;       ///< ISO 639-2 tag or empty.
  bool is_default = false;
};

/// One audio stream as found in the container.
struct AudioStream {
  int stream_index = 0;
  std::string codec;
  std::string sample_format;
  int rate_hz = 0;
  int channels = 0;
  std::optional<Duration> duration_from_header;
  std::optional<Duration> duration_from_scan;
  std::int64_t bit_rate = 0;
  std::string language;
  std::string title;
  bool is_default = false;
};

/// What a file contains. Attached pictures (cover art) are no video streams.
struct MediaInfo {
  std::string format;  ///< FFmpeg's container name, e.g. "mov,mp4,m4a,3gp,3g2,mj2".
  std::uint64_t size_bytes = 0;
  Timestamp start;                               ///< Container start time before it is moved to 0.
  std::optional<Duration> duration_from_header;  ///< Of the longest picture or sound stream; estimated if not stored.
  std::optional<Duration> duration_from_scan;    ///< From the first to the last instant of any of these streams.
  std::vector<VideoStream> video;
  std::vector<AudioStream> audio;

  /// Best known duration: from the scan, else from the header, else 0.
  [[nodiscard]] Duration duration() const {
    return duration_from_scan.value_or(duration_from_header.value_or(Duration()));
  }
};

}  // namespace cinescribe::media
