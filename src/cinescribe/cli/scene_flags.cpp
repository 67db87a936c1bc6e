#include "cinescribe/cli/scene_flags.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "cinescribe/core/time.h"

namespace cinescribe::cli {
namespace {

const std::map<std::string, scenes::DetectorKind>& detector_names() {
  static const std::map<std::string, scenes::DetectorKind> kNames = {
      {"content", scenes::DetectorKind::kContent},     {"adaptive", scenes::DetectorKind::kAdaptive},
      {"threshold", scenes::DetectorKind::kThreshold}, {"hash", scenes::DetectorKind::kHash},
      {"histogram", scenes::DetectorKind::kHistogram},
  };
  return kNames;
}

void add_content_flags(CLI::App& app, SceneFlags& flags) {
  app.add_option("--filter", flags.filter, "content: join cuts too close together (merge) or drop them (suppress)")
      ->check(CLI::IsMember({"merge", "suppress"}))
      ->capture_default_str();
  app.add_option("--weights", flags.weights, "content, adaptive: weights of hue, saturation, luma and edges [1,1,1,0]")
      ->delimiter(',')
      ->expected(4);
  app.add_flag("--luma-only", flags.luma_only, "content, adaptive: compare brightness alone");
  app.add_option("--kernel-size", flags.kernel_size,
                 "content, adaptive: square that widens edges, odd; 0 = from the picture size")
      ->capture_default_str();
  app.add_option("--window", flags.window, "adaptive: neighbouring frames on each side")->capture_default_str();
  app.add_option("--min-content-val", flags.min_content, "adaptive: lowest content score of a cut")
      ->capture_default_str();
}

void add_other_flags(CLI::App& app, SceneFlags& flags) {
  app.add_option("--fade-bias", flags.fade_bias, "threshold: where in a fade to cut, from -1 (fade-out) to 1 (fade-in)")
      ->capture_default_str();
  app.add_flag("--add-final-scene", flags.add_final_scene, "threshold: cut also where the video ends faded out");
  app.add_option("--method", flags.method, "threshold: fades to black (floor) or to white (ceiling)")
      ->check(CLI::IsMember({"floor", "ceiling"}))
      ->capture_default_str();
  app.add_option("--min-out-length", flags.min_out_length, "threshold: shortest fade, frames or a time")
      ->capture_default_str();
  app.add_option("--hash-size", flags.hash_size, "hash: the hash has this many bits squared")->capture_default_str();
  app.add_option("--hash-lowpass", flags.hash_lowpass, "hash: share of fine detail that is left out")
      ->capture_default_str();
  app.add_option("--bins", flags.bins, "histogram: number of bins")->capture_default_str();
}

/// The threshold of the chosen detector.
void set_threshold(double value, scenes::DetectorOptions& options) {
  switch (options.kind) {
    case scenes::DetectorKind::kContent:
      options.content.threshold = value;
      break;
    case scenes::DetectorKind::kAdaptive:
      options.adaptive.threshold = value;
      break;
    case scenes::DetectorKind::kThreshold:
      options.threshold.threshold = value;
      break;
    case scenes::DetectorKind::kHash:
      options.hash.threshold = value;
      break;
    case scenes::DetectorKind::kHistogram:
      options.histogram.threshold = value;
      break;
  }
}

}  // namespace

void add_scene_flags(CLI::App& app, SceneFlags& flags) {
  std::vector<std::string> names;
  for (const auto& [name, kind] : detector_names()) names.push_back(name);
  app.add_option("--detector", flags.detector, "How cuts are found")
      ->check(CLI::IsMember(names))
      ->capture_default_str();
  flags.threshold_option = app.add_option(
      "--threshold", flags.threshold, "Sensitivity [content 27, adaptive 3, threshold 12, hash 0.35, histogram 0.2]");
  app.add_option("--min-scene-len", flags.min_scene_length, "Shortest scene: frames (15) or a time (0.6s)")
      ->capture_default_str();
  app.add_option("--frame-skip", flags.frame_skip, "Leave out this many frames after each one looked at")
      ->capture_default_str();
  add_content_flags(app, flags);
  add_other_flags(app, flags);
}

Result<scenes::MinLength> parse_length(const std::string& flag, const std::string& text) {
  if (!text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    std::int64_t frames = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), frames);
    if (parsed.ec == std::errc()) return scenes::MinLength::frames(frames);
  }
  const Result<Timestamp> time = parse_time(text);
  if (!time.ok() || *time < Timestamp()) {
    return Error{ErrorCode::kUsage, flag + " is '" + text + "'; give frames (15) or a time (0.6s, 600ms, 00:00:00.6)"};
  }
  return scenes::MinLength::seconds(time->seconds());
}

Result<scenes::DetectorOptions> detector_options(const SceneFlags& flags) {
  scenes::DetectorOptions options;
  options.kind = detector_names().at(flags.detector);
  CINESCRIBE_ASSIGN(options.min_scene_length, parse_length("--min-scene-len", flags.min_scene_length));
  options.frame_skip = flags.frame_skip;
  if (flags.threshold_option != nullptr && flags.threshold_option->count() > 0) set_threshold(flags.threshold, options);

  scenes::ContentScoreOptions score;
  if (flags.weights.size() == 4) {
    score.weights = {flags.weights[0], flags.weights[1], flags.weights[2], flags.weights[3]};
  }
  if (flags.luma_only) score.weights = scenes::ContentWeights::luma_only();
  score.edge_kernel_size = flags.kernel_size;
  options.content.score = score;
  options.content.filter =
      flags.filter == "merge" ? scenes::FlashFilter::Mode::kMerge : scenes::FlashFilter::Mode::kSuppress;
  options.adaptive.score = score;
  options.adaptive.window_frames = flags.window;
  options.adaptive.min_content_score = flags.min_content;

  options.threshold.fade_bias = flags.fade_bias;
  options.threshold.add_final_scene = flags.add_final_scene;
  options.threshold.method =
      flags.method == "floor" ? scenes::ThresholdOptions::Method::kFloor : scenes::ThresholdOptions::Method::kCeiling;
  CINESCRIBE_ASSIGN(options.threshold.min_out_length, parse_length("--min-out-length", flags.min_out_length));
  options.hash.size = flags.hash_size;
  options.hash.lowpass = flags.hash_lowpass;
  options.histogram.bins = flags.bins;
  return options;
}

}  // namespace cinescribe::cli
