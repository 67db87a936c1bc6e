#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"

namespace cinescribe::objects {

/// One operator of a TensorFlow graph, with the attributes that detection networks use.
struct TfNode {
  std::string name;
  std::string op;
  std::vector<std::string> inputs;  ///< Names of nodes, without output numbers.
  std::vector<std::int64_t> strides;
  std::vector<std::int64_t> dilations;
  std::vector<std::int64_t> window;
  std::string padding;  ///< "SAME" or "VALID".
  std::vector<std::string> fused_ops;
  bool align_corners = false;
  bool half_pixel_centers = false;
};

/// A constant; integers are kept as floats too (they only hold sizes and axes here).
struct TfTensor {
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

/// A TensorFlow.js graph model: nodes by name, and the constants.
struct TfGraph {
  std::map<std::string, TfNode> nodes;
  std::map<std::string, TfTensor> constants;
};

/// Reads a TensorFlow.js graph model (its .json; the weight files beside it): float32, float16 and int32 weights.
/// Errors: kModel (no such model, a weight file too short, a type that is not known).
/// @source TensorFlow.js converter, model and weights manifest format
Result<TfGraph> read_tfjs_graph(const std::filesystem::path& json_file);

}  // namespace cinescribe::objects
