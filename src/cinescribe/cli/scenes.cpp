#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>
#include <thread>
#include <utility>

#include <nlohmann/json.hpp>

#include "cinescribe/cli/commands.h"
#include "cinescribe/cli/json_output.h"
#include "cinescribe/cli/progress.h"
#include "cinescribe/cli/scene_flags.h"
#include "cinescribe/cli/scene_stats.h"
#include "cinescribe/media/decode_pass.h"
#include "cinescribe/results/edl.h"
#include "cinescribe/results/otio.h"
#include "cinescribe/results/scene_csv.h"
#include "cinescribe/scenes/frame_clock.h"
#include "cinescribe/scenes/make_detector.h"
#include "cinescribe/scenes/scene_list.h"

namespace cinescribe::cli {

namespace {

using nlohmann::ordered_json;

struct ScenesFlags {
  std::string file;
  SceneFlags detector;
  std::string stats_file;
  int video_track = 0;
  std::string hardware;
  bool is_json = false;
  bool is_csv = false;
  bool is_edl = false;
  bool is_otio = false;
};

/// What the pass over a file gave.
struct Found {
  std::vector<scenes::Cut> cuts;
  std::vector<results::SceneRecord> scenes;
  Rational rate;
  std::int64_t frames = 0;
};

results::SceneRecord to_record(const scenes::Scene& scene) {
  results::SceneRecord record;
  record.scene_index = scene.index;
  record.start_frame = scene.start_frame;
  record.end_frame = scene.end_frame;
  record.range = scene.range;
  return record;
}

/// Hands every frame to the detector; ends early on a failure.
Status detect(media::FrameSource& frames, scenes::SceneDetector& detector, const scenes::FrameClock& clock,
              int frame_skip, std::optional<SceneStats>& stats, Progress& progress, const std::stop_token& stop,
              std::vector<scenes::Cut>& cuts) {
  constexpr std::int64_t kFramesPerUpdate = 16;
  std::int64_t count = 0;
  while (const auto frame = frames.pop(stop)) {
    CINESCRIBE_TRY(detector.push(*frame, cuts));
    if (stats && count % (frame_skip + 1) == 0) {
      CINESCRIBE_TRY(stats->add(count, clock.frame_number(frame->time), frame->time));
    }
    if (++count % kFramesPerUpdate == 0) progress.update("scenes", frame->time.seconds());
  }
  detector.flush(cuts);
  return {};
}

media::FrameRequest frame_request(const media::VideoStream& video) {
  media::FrameRequest request;
  if (!scenes::takes_yuv420p(video.coded_width, video.coded_height)) {
    request.format = media::FrameRequest::Format::kBgr24;
  }
  return request;
}

Result<Found> find_scenes(const ScenesFlags& flags, scenes::DetectorOptions options, const CommonOptions& common) {
  media::DecodeOptions decode;
  decode.video_track = flags.video_track;
  decode.hardware = flags.hardware;
  decode.threads = common.threads;
  CINESCRIBE_ASSIGN(auto pass, media::DecodePass::open(flags.file, decode));
  if (!pass->has_video()) {
    return Error{ErrorCode::kInput, "cannot find scenes in " + flags.file + ": it has no video stream"};
  }
  const media::VideoStream& video = pass->info().video.at(static_cast<std::size_t>(flags.video_track));
  if (!flags.stats_file.empty()) {
    options.content.score.always_find_edges = true;
    options.adaptive.score.always_find_edges = true;
  }
  CINESCRIBE_ASSIGN(auto detector, scenes::make_detector(options, {video.average_rate}));
  std::optional<SceneStats> stats;
  if (!flags.stats_file.empty()) {
    CINESCRIBE_ASSIGN(SceneStats created, SceneStats::create(flags.stats_file, *detector));
    stats.emplace(std::move(created));
  }
  const scenes::FrameClock clock(video.average_rate);
  media::FrameSource& frames = pass->add_frames(frame_request(video));

  Progress progress(progress_style(common));
  progress.start("scenes", flags.file, ProgressUnit::kMediaSeconds, pass->info().duration().seconds());
  Found found;
  Status decoded;
  Status detected;
  {
    const std::jthread decoder([&] { decoded = pass->run(common.stop); });
    detected = detect(frames, *detector, clock, options.frame_skip, stats, progress, common.stop, found.cuts);
    frames.cancel();  // after a failure the decoder must not wait for this consumer
  }
  const bool is_ok = detected.ok() && decoded.ok();
  progress.finish("scenes", is_ok ? "done" : "failed");
  CINESCRIBE_TRY(detected);
  CINESCRIBE_TRY(decoded);
  if (stats) CINESCRIBE_TRY(stats->finish());

  found.frames = pass->frames_decoded();
  found.rate = clock.rate();
  found.cuts = scenes::sorted_cuts(std::move(found.cuts));
  for (const auto& scene :
       scenes::scenes_from_cuts(found.cuts, scenes::nominal_end(video.average_rate, found.frames))) {
    found.scenes.push_back(to_record(scene));
  }
  return found;
}

void print_as_json(const ScenesFlags& flags, const Found& found) {
  ordered_json json = {{"schema_version", 1},
                       {"file", flags.file},
                       {"detector", flags.detector.detector},
                       {"frame_rate", std::to_string(found.rate.num) + "/" + std::to_string(found.rate.den)},
                       {"frame_count", found.frames},
                       {"scenes", ordered_json::array()},
                       {"cuts", ordered_json::array()}};
  for (const auto& scene : found.scenes) {
    json["scenes"].push_back({{"scene_index", scene.scene_index},
                              {"start_frame", scene.start_frame},
                              {"end_frame", scene.end_frame},
                              {"start_seconds", scene.range.start.seconds()},
                              {"end_seconds", scene.range.end.seconds()},
                              {"start_timecode", format_timecode(scene.range.start)},
                              {"end_timecode", format_timecode(scene.range.end)}});
  }
  for (const scenes::Cut& cut : found.cuts) json["cuts"].push_back(cut.frame);
  print_json(json);
}

void print_as_table(const Found& found) {
  std::printf("scene  start         end           length       first frame  last frame\n");
  for (const auto& scene : found.scenes) {
    std::printf("%5lld  %s  %s  %9.3f s  %11lld  %10lld\n", static_cast<long long>(scene.scene_index),
                format_timecode(scene.range.start).c_str(), format_timecode(scene.range.end).c_str(),
                scene.range.length().seconds(), static_cast<long long>(scene.start_frame),
                static_cast<long long>(scene.end_frame - 1));
  }
  std::printf("%zu scene%s, %zu cut%s in %lld frames\n", found.scenes.size(), found.scenes.size() == 1 ? "" : "s",
              found.cuts.size(), found.cuts.size() == 1 ? "" : "s", static_cast<long long>(found.frames));
}

Outcome run_scenes(const ScenesFlags& flags, const CommonOptions& common) {
  CINESCRIBE_ASSIGN(const scenes::DetectorOptions options, detector_options(flags.detector));
  CINESCRIBE_ASSIGN(const Found found, find_scenes(flags, options, common));
  const std::filesystem::path path(flags.file);
  if (flags.is_json) {
    print_as_json(flags, found);
  } else if (flags.is_csv) {
    std::fputs(results::scene_csv_header().c_str(), stdout);
    for (const auto& scene : found.scenes) std::fputs(results::scene_csv_row(scene).c_str(), stdout);
  } else if (flags.is_edl) {
    CINESCRIBE_ASSIGN(const std::string text,
                      results::to_edl(found.scenes, {path.stem().string(), path.filename().string(), found.rate}));
    std::fputs(text.c_str(), stdout);
  } else if (flags.is_otio) {
    CINESCRIBE_TRY(results::write_otio(found.scenes, {path.stem().string(), flags.file, found.rate},
                                       [](std::string_view text) -> Status {
                                         std::fwrite(text.data(), 1, text.size(), stdout);
                                         return {};
                                       }));
  } else {
    print_as_table(found);
  }
  return 0;
}

}  // namespace

Command add_scenes(CLI::App& root, const CommonOptions& common) {
  auto flags = std::make_shared<ScenesFlags>();
  CLI::App* app = root.add_subcommand("scenes", "Find the cuts of a video");
  app->add_option("file", flags->file, "Video file")->required();
  add_scene_flags(*app, flags->detector);
  app->add_option("--stats", flags->stats_file, "Write what was measured on every frame to this CSV file");
  app->add_option("--video-track", flags->video_track, "Which video track, from 0")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app->add_option("--hardware", flags->hardware, "Decode on a device: auto, cuda, vaapi, ...; software if it fails");
  CLI::Option_group* output = app->add_option_group("output", "What goes to stdout (default: a table)");
  output->add_flag("--json", flags->is_json, "JSON: scenes and cuts");
  output->add_flag("--csv", flags->is_csv, "CSV: one line per scene");
  output->add_flag("--edl", flags->is_edl, "CMX 3600 edit list");
  output->add_flag("--otio", flags->is_otio, "OpenTimelineIO timeline");
  output->require_option(0, 1);
  app->footer(
      "Frame numbers count from 0 in units of the average frame rate.\n"
      "Example:  cinescribe scenes film.mp4 --detector adaptive --min-scene-len 0.6s --json");
  return {app, [flags, &common] { return run_scenes(*flags, common); }};
}

}  // namespace cinescribe::cli
