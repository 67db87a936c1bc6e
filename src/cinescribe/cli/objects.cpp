#include <algorithm>
#include <deque>
#include <memory>
#include <thread>

#include "cinescribe/cli/commands.h"
#include "cinescribe/cli/objects_output.h"
#include "cinescribe/cli/progress.h"
#include "cinescribe/cli/tracker_flags.h"
#include "cinescribe/core/log.h"
#include "cinescribe/media/decode_pass.h"
#include "cinescribe/models/model_store.h"
#include "cinescribe/objects/object_detector.h"
#include "cinescribe/objects/track_summary.h"
#include "cinescribe/objects/tracker.h"
#include "cinescribe/pipeline/object_model.h"

namespace cinescribe::cli {

namespace {

struct ObjectsFlags {
  std::string file;
  std::string model = "auto";
  std::string layout = "auto";
  objects::DetectorOptions detector;
  float conf = -1.0F;
  float iou = -1.0F;
  double frames_per_second = 4.0;
  int batch = 1;
  bool is_agnostic = false;
  bool has_no_tracks = false;
  int video_track = 0;
  std::string hardware;
  TrackerFlags tracker;
  bool is_json = false;
  std::string mot_file;
  std::string coco_file;
  std::string draw_file;
};

/// One frame on its way from the decoder to the outputs.
struct Waiting {
  VideoFrame frame;
  bool is_sampled = false;
};

class ObjectsJob {
 public:
  ObjectsJob(const ObjectsFlags& flags, const CommonOptions& common) : flags_(flags), common_(common) {}

  Outcome run() {
    CINESCRIBE_TRY(load());
    media::DecodeOptions decode;
    decode.video_track = flags_.video_track;
    decode.hardware = flags_.hardware;
    CINESCRIBE_ASSIGN(const auto pass, media::DecodePass::open(flags_.file, decode));
    if (!pass->has_video()) return Error{ErrorCode::kInput, "cannot look for objects in " + flags_.file + ": no video"};
    media::FrameRequest request;
    const auto& video = pass->info().video[static_cast<std::size_t>(flags_.video_track)];
    // The detector reads a frame's own planes; drawing, and stretching to square pixels, need colours.
    const bool needs_colours = !flags_.draw_file.empty() || video.sample_aspect != Rational{1, 1};
    request.format = needs_colours ? media::FrameRequest::Format::kBgr24 : media::FrameRequest::Format::kNative;
    request.square_pixels = true;
    request.queue_frames = 4;
    if (flags_.frames_per_second > 0.0) step_ = Duration::from_seconds(1.0 / flags_.frames_per_second);
    if (flags_.draw_file.empty()) request.every = step_;  // A drawn video needs all frames; then we sample here.
    auto& source = pass->add_frames(request);
    CINESCRIBE_TRY(open_outputs(video.average_rate));

    Progress progress(progress_style(common_));
    progress.start("objects", flags_.file, ProgressUnit::kMediaSeconds, pass->info().duration().seconds());
    Status decoded;
    std::jthread decoder([&] { decoded = pass->run(common_.stop); });
    Status status;
    while (status.ok()) {
      auto frame = source.pop(common_.stop);
      if (!frame) break;
      progress.update("objects", frame->time.seconds());
      status = take(*std::move(frame));
    }
    source.cancel();
    decoder.join();
    CINESCRIBE_TRY(status);
    CINESCRIBE_TRY(decoded);
    CINESCRIBE_TRY(analyse());
    CINESCRIBE_TRY(finish());
    progress.finish("objects");
    report_times();
    return 0;
  }

 private:
  Status load() {
    auto options = flags_.detector;
    CINESCRIBE_ASSIGN(options.layout, objects::parse_layout(flags_.layout));
    if (flags_.conf >= 0.0F) options.conf = flags_.conf;
    if (flags_.iou >= 0.0F) options.iou = flags_.iou;
    if (flags_.is_agnostic) options.is_agnostic = true;
    options.device = common_.device;
    options.threads = common_.threads > 0 ? common_.threads : static_cast<int>(std::thread::hardware_concurrency());
    CINESCRIBE_ASSIGN(pipeline::ChosenDetector chosen, pipeline::choose_detector(flags_.model));
    model_ = std::move(chosen.model);
    CINESCRIBE_ASSIGN(detector_, objects::make_detector(model_.path, options));
    const auto& info = detector_->info();
    log(LogLevel::kInfo, "detector: " + model_.name + " (" + std::string(objects::layout_name(info.layout)) + ", " +
                             std::to_string(info.input_width) + "x" + std::to_string(info.input_height) + ", " +
                             std::to_string(info.class_names.size()) + " classes)" +
                             (chosen.reason.empty() ? "" : "; " + chosen.reason));
    auto tracker_flags = flags_.tracker;
    tracker_flags.suggest(static_cast<double>(info.suggested_track_conf));
    CINESCRIBE_ASSIGN(tracker_options_, tracker_flags.options());
    tracker_ = objects::make_byte_tracker(tracker_options_);
    return {};
  }

  Status open_outputs(Rational frame_rate) {
    const ObjectsRun run{flags_.file, model_.name, detector_->info(), !flags_.has_no_tracks};
    if (!flags_.mot_file.empty()) {
      CINESCRIBE_ASSIGN(auto writer, make_mot_writer(flags_.mot_file));
      writers_.push_back(std::move(writer));
    }
    if (!flags_.coco_file.empty()) {
      CINESCRIBE_ASSIGN(auto writer, make_coco_writer(flags_.coco_file, run));
      writers_.push_back(std::move(writer));
    }
    writers_.push_back(flags_.is_json ? make_json_writer(run) : make_table_writer(run));
    if (!flags_.draw_file.empty()) {
      painter_ = std::make_unique<BoxPainter>(flags_.draw_file, frame_rate, common_.threads, detector_->info());
    }
    return {};
  }

  Status take(VideoFrame frame) {
    if (summariser_ == nullptr) {
      summariser_ = std::make_unique<objects::TrackSummariser>(
          objects::TrackSummaryOptions{.picture_width = frame.width, .picture_height = frame.height});
    }
    bool is_sampled = true;
    if (painter_ != nullptr && step_.ns() > 0) {
      is_sampled = frame.time >= next_sample_;
      if (is_sampled) next_sample_ = Timestamp::from_ns((frame.time.ns() / step_.ns() + 1) * step_.ns());
    }
    waiting_.push_back({std::move(frame), is_sampled});
    sampled_ += is_sampled ? 1 : 0;
    const int batch = detector_->info().max_batch > 0 ? detector_->info().max_batch : flags_.batch;
    return sampled_ >= batch ? analyse() : Status();
  }

  /// Runs the detector over the sampled frames that wait, and hands all waiting frames on in their order.
  Status analyse() {
    std::vector<image::PixelView> views;
    for (const auto& waiting : waiting_) {
      if (waiting.is_sampled) views.emplace_back(waiting.frame);
    }
    CINESCRIBE_ASSIGN(const auto found, detector_->detect(views, common_.stop));
    std::size_t next = 0;
    for (const auto& waiting : waiting_) {
      if (waiting.is_sampled) CINESCRIBE_TRY(follow(waiting.frame, found[next++]));
      if (painter_ != nullptr) CINESCRIBE_TRY(painter_->add(waiting.frame, boxes_));
    }
    waiting_.clear();
    sampled_ = 0;
    return {};
  }

  Status follow(const VideoFrame& frame, const std::vector<objects::Detection>& detections) {
    if (flags_.has_no_tracks) {
      boxes_.clear();
      for (const auto& d : detections) boxes_.push_back({0, d.box, d.score, d.class_id, -1});
    } else {
      boxes_ = tracker_->update(frame.time, detections);
      summariser_->push(frame.time, boxes_);
      CINESCRIBE_TRY(let_ended_tracks_go(frame.time));
    }
    for (const auto& writer : writers_) CINESCRIBE_TRY(writer->add(frame, boxes_));
    return {};
  }

  /// Hands on the tracks that the tracker has forgotten, so that memory does not grow with the video.
  Status let_ended_tracks_go(Timestamp now) {
    constexpr std::size_t kMargin = 4;  // The tracker's own margin is two frames.
    times_.push_back(now);
    if (times_.size() <= static_cast<std::size_t>(tracker_options_.track_buffer) + kMargin) return {};
    Timestamp forgotten = times_.front();
    times_.pop_front();
    if (tracker_options_.buffer_time)
      forgotten = std::min(forgotten, times_[times_.size() - 3] - *tracker_options_.buffer_time);
    const auto ended = summariser_->take_ended(forgotten);
    for (const auto& writer : writers_) CINESCRIBE_TRY(writer->add_tracks(ended));
    return {};
  }

  Status finish() {
    const auto tracks = summariser_ == nullptr ? std::vector<objects::TrackSummary>() : summariser_->finish();
    for (const auto& writer : writers_) {
      CINESCRIBE_TRY(writer->add_tracks(tracks));
      CINESCRIBE_TRY(writer->finish());
    }
    return painter_ == nullptr ? Status() : painter_->finish();
  }

  void report_times() const {
    const auto& times = detector_->times();
    if (times.pictures == 0) return;
    const auto each = [&](Duration total) {
      return std::to_string(total.seconds() * 1e3 / static_cast<double>(times.pictures));
    };
    log(LogLevel::kDebug, "per picture: preparing " + each(times.prepare) + " ms, network " + each(times.network) +
                              " ms, decoding and suppression " + each(times.finish) + " ms");
  }

  const ObjectsFlags& flags_;
  const CommonOptions& common_;
  models::LocatedModel model_;
  std::unique_ptr<objects::ObjectDetector> detector_;
  objects::ByteTrackOptions tracker_options_;
  std::unique_ptr<objects::Tracker> tracker_;
  std::deque<Timestamp> times_;  ///< Of the last analysed frames, as many as the tracker remembers.
  std::unique_ptr<objects::TrackSummariser> summariser_;
  std::vector<std::unique_ptr<ObjectsWriter>> writers_;
  std::unique_ptr<BoxPainter> painter_;
  Duration step_;
  Timestamp next_sample_;
  std::vector<Waiting> waiting_;
  int sampled_ = 0;
  std::vector<objects::TrackedBox> boxes_;
};

void add_detector_flags(CLI::App& app, ObjectsFlags& flags) {
  app.add_option("--model", flags.model,
                 "A detector of the catalogue, an ONNX file, or a folder with one; auto = the best that is installed")
      ->capture_default_str();
  app.add_option(
         "--layout", flags.layout,
         "What the model's outputs mean: auto, yolox, yolov5, yolov5-heads, yolov8 (also YOLO11), yolov10 (also "
         "YOLO26), rtdetr, rtdetr-heads, dfine, centernet")
      ->capture_default_str();
  app.add_option("--conf", flags.conf,
                 "Lowest score of a detection; without it 0.1 (CenterNet 0.3), so that weak boxes "
                 "can still be joined to known tracks")
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--iou", flags.iou,
                 "Overlap above which the lesser of two boxes goes; without it 0.45 (CenterNet 0.5)")
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--classes", flags.detector.classes, "Only these classes, by name, separated by commas")
      ->delimiter(',');
  app.add_option("--class-names", flags.detector.class_file, "File with the model's class names, one per line");
  app.add_flag("--agnostic", flags.is_agnostic, "Boxes of all classes compete with each other");
  app.add_option("--max-objects", flags.detector.max_boxes, "Most detections per frame")
      ->check(CLI::Range(1, 5000))
      ->capture_default_str();
  app.add_option("--input-size", flags.detector.input_size_px,
                 "Side of the input in pixels, for models that leave it open")
      ->check(CLI::Range(32, 4096));
  app.add_option("--batch", flags.batch, "Frames per run of the network, where the model leaves it open")
      ->check(CLI::Range(1, 16))
      ->capture_default_str();
}

}  // namespace

Command add_objects(CLI::App& root, const CommonOptions& common) {
  auto flags = std::make_shared<ObjectsFlags>();
  CLI::App* app = root.add_subcommand("objects", "Find things, name them and follow them through the video");
  app->add_option("file", flags->file, "Video file")->required();
  add_detector_flags(*app, *flags);
  app->add_option("--objects-fps", flags->frames_per_second, "Frames to look at per second; 0 = every frame")
      ->check(CLI::Range(0.0, 1000.0))
      ->capture_default_str();
  app->add_option("--video-track", flags->video_track, "Which video track, from 0")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app->add_option("--hardware", flags->hardware, "Decode on a device: auto, cuda, vaapi, ...; software if it fails");
  flags->tracker.add_to(*app);
  app->add_flag("--no-track", flags->has_no_tracks, "Detections only, without ids")->group("Tracking");
  app->add_flag("--json", flags->is_json, "Frames and tracks as JSON on stdout");
  app->add_option("--mot", flags->mot_file, "Write tracks as MOT text to this file");
  app->add_option("--coco", flags->coco_file, "Write boxes as a COCO data set to this file");
  app->add_option("--draw", flags->draw_file, "Write a video with boxes, names and ids (.mp4, .mkv)");
  app->footer("Example:  cinescribe objects street.mp4 --classes person,car --draw boxes.mp4");
  return {app, [flags, &common] { return ObjectsJob(*flags, common).run(); }};
}

}  // namespace cinescribe::cli
