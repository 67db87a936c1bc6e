#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/objects/tfjs_graph.h"

namespace cinescribe::objects {

/// What of a TensorFlow graph becomes an ONNX model.
struct OnnxRequest {
  std::string input;  ///< Placeholder, [1, size, size, 3] in TensorFlow's NHWC order.
  int input_size_px = 0;
  struct Output {
    std::string node;
    std::string name;
    int channels = 0;
    int size_px = 0;
  };
  std::vector<Output> outputs;
};

/// Translates the part of a graph that the outputs need to ONNX (operator set 17, NCHW, free batch size): convolutions,
/// arithmetic, activations, pooling to 1 × 1, concatenation and doubling by bilinear resizing. Returns the model file's
/// bytes. Error: kModel, naming the operator that cannot be translated.
Result<std::string> tfjs_to_onnx(const TfGraph& graph, const OnnxRequest& request);

/// Reads CenterNet (MobileNetV3, COCO) as TensorFlow.js ships it and returns it as ONNX with the outputs "keypoints"
/// and "wh" that `Layout::kCenternet` reads. Error: kModel.
Result<std::string> centernet_to_onnx(const std::filesystem::path& json_file);

}  // namespace cinescribe::objects
