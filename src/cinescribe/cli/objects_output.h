#pragma once

#include <fstream>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/core/video_frame.h"
#include "cinescribe/media/video_writer.h"
#include "cinescribe/objects/detection.h"
#include "cinescribe/objects/object_detector.h"
#include "cinescribe/objects/track_summary.h"

namespace cinescribe::cli {

/// What a writer needs to know about the run.
struct ObjectsRun {
  std::string file;
  std::string model;
  objects::DetectorInfo detector;
  bool has_tracks = true;
};

/// Takes the objects of one analysed frame after the other. Nothing is kept beyond what the format needs.
class ObjectsWriter {
 public:
  virtual ~ObjectsWriter() = default;
  virtual Status add(const VideoFrame& frame, std::span<const objects::TrackedBox> boxes) = 0;
  /// Tracks that are over.
  virtual Status add_tracks(std::span<const objects::TrackSummary> tracks) = 0;
  virtual Status finish() = 0;
};

/// JSON on stdout as docs/cli.md describes it.
std::unique_ptr<ObjectsWriter> make_json_writer(const ObjectsRun& run);
/// A table of tracks on stdout.
std::unique_ptr<ObjectsWriter> make_table_writer(const ObjectsRun& run);
/// MOT text; frames count from 1. Error: kResource.
Result<std::unique_ptr<ObjectsWriter>> make_mot_writer(const std::string& file);
/// A COCO data set with scores and track ids. Error: kResource.
Result<std::unique_ptr<ObjectsWriter>> make_coco_writer(const std::string& file, const ObjectsRun& run);

/// Draws boxes, names and ids into a video. Takes every frame, not only the analysed ones: boxes stay until the next.
class BoxPainter {
 public:
  BoxPainter(std::string file, Rational frame_rate, int threads, const objects::DetectorInfo& detector)
      : file_(std::move(file)), frame_rate_(frame_rate), threads_(threads), names_(detector.class_names) {}

  /// Precondition: the frame is packed RGB or BGR.
  Status add(const VideoFrame& frame, std::span<const objects::TrackedBox> boxes);
  Status finish();

 private:
  std::string file_;
  Rational frame_rate_;
  int threads_;
  std::vector<std::string> names_;
  std::unique_ptr<media::VideoWriter> writer_;
};

}  // namespace cinescribe::cli
