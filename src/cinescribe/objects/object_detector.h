#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/core/time.h"
#include "cinescribe/image/pixel_view.h"
#include "cinescribe/objects/detection.h"
#include "cinescribe/objects/detector_layout.h"

namespace cinescribe::objects {

struct DetectorOptions {
  Layout layout = Layout::kAuto;
  /// Only scores above this. Default: `DetectorInfo::suggested_conf`.
  std::optional<float> conf;
  /// Overlap above which the lesser of two boxes goes. Default: 0.45, CenterNet 0.5. Lists of end-to-end networks are
  /// never thinned out.
  std::optional<float> iou;
  /// Boxes of all classes compete. Default: as the network's authors do it (YOLOX: yes, all others: no).
  std::optional<bool> is_agnostic;
  std::vector<std::string> classes;  ///< Names of classes to keep; empty = all.
  std::filesystem::path class_file;  ///< Names to use instead of the model's own.
  int max_boxes = 300;               ///< Per picture.
  int input_size_px = 0;             ///< For models with a free input size; 0 = what the model says, else 640.
  int threads = 1;
  std::string device = "cpu";  ///< As `ort::SessionOptions::device`.
};

/// What a loaded detector is.
struct DetectorInfo {
  std::string model;  ///< File name.
  Layout layout = Layout::kAuto;
  std::vector<std::string> class_names;  ///< By class id.
  int input_width = 0;
  int input_height = 0;
  int max_batch = 1;  ///< Pictures in one run of the network; 0 = any number.
  float conf = 0.0F;  ///< In force.
  float iou = 0.0F;   ///< In force.
  /// Lowest score worth keeping when a tracker follows (ByteTrack joins weak boxes to known tracks).
  float suggested_conf = 0.1F;
  /// Score from which a box is believed without a history: the tracker's high and new-track thresholds.
  float suggested_track_conf = 0.25F;
};

/// Where the time of a detector went, summed over all calls.
struct DetectorTimes {
  Duration prepare;  ///< Resizing and filling the network's input.
  Duration network;  ///< The network's own run.
  Duration finish;   ///< Decoding, suppression and the way back to picture pixels.
  std::int64_t pictures = 0;
};

/// Finds things in pictures. Not thread-safe.
class ObjectDetector {
 public:
  virtual ~ObjectDetector() = default;

  [[nodiscard]] virtual const DetectorInfo& info() const = 0;

  /// Detections of each picture, best score first, boxes in the picture's pixels. Pictures may differ in size; any
  /// number may be given, they are run in batches as the model allows. Errors: kInput (an empty picture), kModel (the
  /// network failed or answered in another shape than it declared), kInterrupted.
  virtual Result<std::vector<std::vector<Detection>>> detect(std::span<const image::PixelView> pictures,
                                                             const std::stop_token& stop = {}) = 0;

  [[nodiscard]] virtual const DetectorTimes& times() const = 0;
};

/// Loads a detector: an ONNX file, a TensorFlow.js CenterNet (.json), or a folder with one of them (and, if it has a
/// `classes.txt`, its class names). Errors: kModel (missing, no model, a layout that is not known: the message names
/// the shapes found and expected; a class file with another number of names), kUsage (unknown class or device),
/// kResource.
Result<std::unique_ptr<ObjectDetector>> make_detector(const std::filesystem::path& model,
                                                      const DetectorOptions& options = {});

}  // namespace cinescribe::objects
