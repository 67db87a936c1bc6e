#pragma once

#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "cinescribe/core/status.h"
#include "cinescribe/objects/tracker.h"

namespace cinescribe::cli {

/// The flags of ByteTrack, shared by the commands that track.
class TrackerFlags {
 public:
  void add_to(CLI::App& app) {
    const auto score = CLI::Range(0.0, 1.0);
    const std::string group = "Tracking";
    high_ = add(app, "--track-high", values_.track_high_thresh, "Score of boxes in the first association", score);
    add(app, "--track-low", values_.track_low_thresh, "Boxes above this score take part in the second one", score);
    new_ = add(app, "--new-track", values_.new_track_thresh, "Score of boxes that may start a track", score);
    add(app, "--match", values_.match_thresh, "Largest cost of a match in the first association", score);
    app.add_option("--track-buffer", values_.track_buffer, "Frames that a lost track is remembered")
        ->check(CLI::Range(0, 1'000'000))
        ->capture_default_str()
        ->group(group);
    app.add_option("--track-buffer-seconds", buffer_seconds_,
                   "Remember lost tracks for this long instead, whatever the sampling rate; 0 = off")
        ->check(CLI::Range(0.0, 1e6))
        ->group(group);
    app.add_flag("!--no-fuse-score", values_.fuse_score, "Match by overlap alone, without the score")->group(group);
    app.add_flag("--track-per-class", values_.per_class, "Track every class on its own")->group(group);
  }

  /// Thresholds that the user left alone follow a detector that suggests others.
  void suggest(double score) {
    if (high_->count() == 0) values_.track_high_thresh = score;
    if (new_->count() == 0) values_.new_track_thresh = score;
  }

  /// What the user gave, if anything.
  [[nodiscard]] std::optional<double> track_high() const { return given(high_, values_.track_high_thresh); }
  [[nodiscard]] std::optional<double> new_track() const { return given(new_, values_.new_track_thresh); }

  /// Error: kUsage for thresholds that contradict each other.
  [[nodiscard]] Result<objects::ByteTrackOptions> options() const {
    if (values_.track_low_thresh > values_.track_high_thresh) {
      return Error{ErrorCode::kUsage, "--track-low is above --track-high; no box could take part in the second stage"};
    }
    objects::ByteTrackOptions options = values_;
    if (buffer_seconds_ > 0.0) options.buffer_time = Duration::from_seconds(buffer_seconds_);
    return options;
  }

 private:
  static CLI::Option* add(CLI::App& app, const char* name, double& value, const char* words, const CLI::Range& range) {
    return app.add_option(name, value, words)->check(range)->capture_default_str()->group("Tracking");
  }

  static std::optional<double> given(const CLI::Option* option, double value) {
    return option->count() == 0 ? std::nullopt : std::optional(value);
  }

  objects::ByteTrackOptions values_;
  double buffer_seconds_ = 0.0;
  CLI::Option* high_ = nullptr;
  CLI::Option* new_ = nullptr;
};

}  // namespace cinescribe::cli
