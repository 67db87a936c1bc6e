#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <span>
#include <stop_token>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/core/time.h"
#include "cinescribe/pipeline/sample_backlog.h"
#include "cinescribe/sounds/sound_tagger.h"
#include "cinescribe/sounds/tag_pool.h"
#include "cinescribe/sounds/window_stream.h"

namespace cinescribe::pipeline {

/// What was heard in one scene.
struct SceneSounds {
  std::int64_t scene_index = 0;
  std::size_t windows = 0;                  ///< How many were tagged.
  std::vector<sounds::PooledTag> tags;      ///< Pooled over them.
  std::vector<sounds::TimedTag> time_line;  ///< Entries that became final since the scene before, over cuts.
  std::vector<sounds::TimedTag> open;       ///< Entries that are not final.
};

/// Tags sound scene by scene while the cuts become known: every scene is covered whole, no window reaches over a cut,
/// windows of several scenes share batches. Sound behind the last settled time waits, so the result depends on the
/// cuts alone and not on when they came. Not thread-safe.
class SoundsByScene {
 public:
  using Deliver = std::function<Status(SceneSounds&&)>;
  /// The first scenes, where an earlier run with the same cuts has delivered them.
  struct Delivered {
    std::int64_t scenes = 0;
    std::vector<sounds::TimedTag> open;  ///< Of the last one.
  };
  struct Options {
    sounds::TagFilter filter;
    bool skips_masked = false;               ///< See `sounds::WindowStream`.
    std::filesystem::path folder;            ///< Where sound may wait on the disk.
    std::function<void(Timestamp)> on_move;  ///< Everything before is tagged. May be empty.
    Delivered delivered = {};                ///< Is not tagged and not delivered again.
    DiskQuota* quota = nullptr;              ///< For sound that waits on the disk. Null: no limit.
  };

  /// The tagger must outlive this.
  SoundsByScene(sounds::SoundTagger& tagger, Options options, Deliver deliver, std::stop_token stop = {});

  /// The next samples (16 kHz mono f32). Errors: those of the tagger, the disk and `deliver`.
  Status push(std::span<const float> samples);
  /// The next cuts in time order; every later one lies at or after `until`. Errors likewise.
  Status settle(std::span<const Timestamp> cuts, Timestamp until);
  /// All was pushed, all cuts were settled: delivers the scenes that are left, also those after the sound's end. What
  /// sounds after the last cut belongs to the last scene. Errors likewise.
  Status finish();

 private:
  Status advance(std::int64_t until_sample);
  Status end_scene();
  Status take(sounds::TaggedWindow&& window);
  Status deliver_scene();

  const Options options_;
  Deliver deliver_;
  SampleBacklog backlog_;
  sounds::WindowStream stream_;
  sounds::TagTimeline time_line_;
  std::vector<sounds::TimedTag> finished_tags_;
  sounds::TagPool pool_;
  std::int64_t streamed_scenes_ = 0;  ///< Whose windows the stream has behind it.
  std::int64_t scene_index_ = 0;      ///< Of the scene whose windows come from the tagger.
  std::deque<Timestamp> scene_ends_;  ///< Of it and of the following ones that the stream has behind it.
  std::deque<std::int64_t> cuts_;     ///< First samples of scenes ahead of the stream.
  std::int64_t position_ = 0;         ///< Samples that the stream has.
  std::int64_t settled_ = 0;
};

}  // namespace cinescribe::pipeline
