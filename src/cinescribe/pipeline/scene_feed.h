#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "cinescribe/captions/frame_policy.h"
#include "cinescribe/captions/scene_context.h"
#include "cinescribe/core/image.h"
#include "cinescribe/core/status.h"
#include "cinescribe/media/decode_pass.h"
#include "cinescribe/results/caption_data.h"

namespace cinescribe::pipeline {

/// A scene that is ready for a captioner.
struct FedScene {
  std::int64_t scene_index = 0;
  TimeRange range;
  captions::SceneContext context;
  std::vector<Image> frames;
  std::vector<results::CaptionFrame> facts;  ///< Of the frames.
  Status status;                             ///< Why this scene has no frames.
};

struct FeedOptions {
  std::filesystem::path base_data;
  std::filesystem::path video;  ///< Empty: no frames are wanted.
  std::set<std::int64_t> done;  ///< Scenes to leave out.
  std::int64_t first = 0;       ///< Scenes outside [first, end) are left out, too.
  std::int64_t end = std::numeric_limits<std::int64_t>::max();
  captions::FrameChoice choice;
  int short_side_px = 336;
  media::DecodeOptions decode;
  std::size_t queue_scenes = 4;  ///< Scenes that wait with their frames.
};

/// Brings the scenes of a finished stage-1 result, in order, with the pictures on screen at the chosen moments. A
/// thread of its own reads and decodes ahead, a few scenes at most, whatever the length of the video.
///
/// A moment that cannot be decoded costs its scene, which then comes without frames and with the reason. A picture that
/// several moments share comes once.
class SceneFeed {
 public:
  virtual ~SceneFeed() = default;
  SceneFeed(const SceneFeed&) = delete;
  SceneFeed& operator=(const SceneFeed&) = delete;

  /// Starts reading. The feed stops when `stop` fires or the object goes.
  static std::unique_ptr<SceneFeed> start(FeedOptions options, const std::stop_token& stop);

  /// Waits for the next scene; empty at the end, after a failure, or on a stop. One thread.
  virtual std::optional<FedScene> next() = 0;
  /// After `next` gave nothing: kInput when stage 1's file cannot be read, kInterrupted, or fine.
  virtual Status status() = 0;

 protected:
  SceneFeed() = default;
};

}  // namespace cinescribe::pipeline
