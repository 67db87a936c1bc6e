#include <cstdio>
#include <memory>

#include "cinescribe/cli/commands.h"
#include "cinescribe/cli/tracker_flags.h"
#include "cinescribe/core/file.h"
#include "cinescribe/objects/mot_file.h"
#include "cinescribe/objects/tracker.h"

namespace cinescribe::cli {

namespace {

struct TrackFlags {
  std::string detections;
  std::string output;
  double frame_rate_hz = 30.0;
  TrackerFlags tracker;
};

Outcome track(const TrackFlags& flags, const CommonOptions& common) {
  CINESCRIBE_ASSIGN(const auto options, flags.tracker.options());
  CINESCRIBE_ASSIGN(const auto sequence, objects::read_detections(flags.detections, flags.frame_rate_hz));
  const auto tracker = objects::make_byte_tracker(options);
  std::string text;
  for (const auto& frame : sequence.frames) {
    if (common.stop.stop_requested()) return Error{ErrorCode::kInterrupted, "stopped; nothing was written"};
    for (const auto& box : tracker->update(frame.time, frame.detections)) text += objects::mot_line(frame.frame, box);
  }
  if (flags.output == "-") {
    std::fwrite(text.data(), 1, text.size(), stdout);
    return 0;
  }
  CINESCRIBE_TRY(write_file_atomically(flags.output, text));
  return 0;
}

}  // namespace

Command add_track(CLI::App& root, const CommonOptions& common) {
  auto flags = std::make_shared<TrackFlags>();
  CLI::App* app = root.add_subcommand("track", "Join anybody's detections to tracks (ByteTrack)");
  app->add_option("detections", flags->detections,
                  "MOT text (frame,id,left,top,width,height,confidence,class) or JSON as `objects --json` writes it")
      ->required();
  app->add_option("-o,--output", flags->output, "MOT text to write; - = stdout")->required();
  app->add_option("--frame-rate", flags->frame_rate_hz, "Frames per second of a MOT file, for --track-buffer-seconds")
      ->check(CLI::Range(0.001, 100000.0))
      ->capture_default_str();
  flags->tracker.add_to(*app);
  app->footer("Example:  cinescribe track detections.txt -o tracks.txt");
  return {app, [flags, &common] { return track(*flags, common); }};
}

}  // namespace cinescribe::cli
