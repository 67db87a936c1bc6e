#include "cinescribe/cli/stage_flags.h"

namespace cinescribe::cli {

namespace {

/// The benchmark's minimum, in the flags and as the detectors know it: as many whole frames as fit into two seconds.
constexpr const char* kDefaultMinLength = "2s";

Result<scenes::DetectorOptions> scene_options(const SceneFlags& flags) {
  CINESCRIBE_ASSIGN(scenes::DetectorOptions options, detector_options(flags));
  if (flags.min_scene_length == kDefaultMinLength) {
    options.min_scene_length = scenes::DetectorOptions::pipeline_defaults().min_scene_length;
  }
  return options;
}

void add_sound_flags(CLI::App& app, pipeline::SoundStageOptions& options) {
  app.add_option("--sound-model", options.model, "yamnet, a Hugging Face AST folder, or a GGUF file imported from one")
      ->capture_default_str()
      ->group("Sounds");
  app.add_option("--sound-threshold", options.filter.threshold, "Lowest score of a sound to report")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str()
      ->group("Sounds");
  app.add_option("--sound-top-k", options.filter.top_k, "Most sounds per scene; 0 = all above the threshold")
      ->capture_default_str()
      ->group("Sounds");
  app.add_flag("--mask-speech", options.masks_speech, "Silence speech first, to name what sounds besides")
      ->group("Sounds");
}

}  // namespace

Result<pipeline::ObjectStageOptions> StageFlags::object_options(const CommonOptions& common) const {
  pipeline::ObjectStageOptions options = objects_;
  CINESCRIBE_ASSIGN(options.detector.layout, objects::parse_layout(object_layout_));
  options.detector.conf = object_conf_;
  options.detector.iou = object_iou_;
  options.detector.device = common.device;
  CINESCRIBE_ASSIGN(options.tracking, tracker_.options());
  options.track_high = tracker_.track_high();
  options.new_track = tracker_.new_track();
  return options;
}

Result<pipeline::AnalysisOptions> StageFlags::options(const CommonOptions& common) const {
  pipeline::AnalysisOptions options;
  options.stages = stages_;
  options.has_frames = has_frames_ && kept_frames_ != "none";
  options.frames.kept = kept_frames_ == "start"    ? pipeline::KeptFrames::kStart
                        : kept_frames_ == "middle" ? pipeline::KeptFrames::kMiddle
                                                   : pipeline::KeptFrames::kStartAndMiddle;
  CINESCRIBE_ASSIGN(options.scenes.detector, scene_options(scenes_));
  options.scenes.min_scene_length_text = scenes_.min_scene_length;
  options.speech.model = model_;
  options.speech.transcription.language = language_;
  options.speech.word_times = word_times_ == "off"    ? speech::WordTimes::kOff
                              : word_times_ == "fast" ? speech::WordTimes::kFast
                                                      : speech::WordTimes::kExact;
  options.speech.transcription.use_vad = has_vad_;
  options.speech.device = common.device;
  options.sounds = sounds_;
  options.sounds.loading.device = common.device;
  CINESCRIBE_ASSIGN(options.objects, object_options(common));
  options.run.decode.audio_track = audio_track_;
  options.threads = common.threads;
  return options;
}

void StageFlags::add_to(CLI::App& app) {
  app.add_option("--stages", stages_, "What to find")
      ->delimiter(',')
      ->check(CLI::IsMember(pipeline::stage_names()))
      ->capture_default_str();
  app.add_flag("--frames,!--no-frames", has_frames_, "Store pictures of each scene's start and middle");
  app.add_option("--keep-frames", kept_frames_, "Which pictures of a scene to store; none = --no-frames")
      ->check(CLI::IsMember({"both", "start", "middle", "none"}))
      ->capture_default_str();
  scenes_.min_scene_length = kDefaultMinLength;
  add_scene_flags(app, scenes_);
  app.add_option("--audio-track", audio_track_, "Which sound track, from 0; -1 = the file's default")
      ->check(CLI::Range(-1, 1000))
      ->capture_default_str();
  app.add_option("--model", model_, "Speech model: catalogue name, folder or file")->capture_default_str();
  app.add_option("--language", language_, "Spoken language, e.g. en; empty = found out");
  app.add_option("--word-times", word_times_, "How the times of words are found")
      ->check(CLI::IsMember({"exact", "fast", "off"}))
      ->capture_default_str();
  app.add_flag("--vad,!--no-vad", has_vad_, "Transcribe only what sounds like speech (default on)");
}

void StageFlags::add_findings_to(CLI::App& app) {
  add_sound_flags(app, sounds_);
  objects::DetectorOptions& detector = objects_.detector;
  const std::string group = "Objects";
  app.add_option("--object-model", objects_.model,
                 "A detector of the catalogue, an ONNX file, or a folder with one; auto = the best that is installed")
      ->capture_default_str()
      ->group(group);
  app.add_option("--object-layout", object_layout_, "What the model's outputs mean, as in `objects --layout`")
      ->capture_default_str()
      ->group(group);
  app.add_option("--objects-fps", objects_.frames_per_second, "Frames to look at per second; 0 = every frame")
      ->check(CLI::Range(0.0, 1000.0))
      ->capture_default_str()
      ->group(group);
  app.add_option("--object-conf", object_conf_, "Lowest score of a detection; without it the detector's own")
      ->check(CLI::Range(0.0, 1.0))
      ->group(group);
  app.add_option("--object-iou", object_iou_, "Overlap above which the lesser of two boxes goes")
      ->check(CLI::Range(0.0, 1.0))
      ->group(group);
  app.add_option("--object-classes", detector.classes, "Only these classes, by name, separated by commas")
      ->delimiter(',')
      ->group(group);
  app.add_option("--class-names", detector.class_file, "File with the detector's class names, one per line")
      ->group(group);
  app.add_option("--max-objects", detector.max_boxes, "Most detections per frame")
      ->check(CLI::Range(1, 5000))
      ->capture_default_str()
      ->group(group);
  tracker_.add_to(app);
}

}  // namespace cinescribe::cli
