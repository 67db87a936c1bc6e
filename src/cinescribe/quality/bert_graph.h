#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "cinescribe/core/status.h"

namespace cinescribe::quality {

/// Shape of a BERT encoder, as its config.json tells.
struct BertShape {
  std::int64_t vocabulary = 0;
  std::int64_t positions = 0;
  std::int64_t width = 0;
  std::int64_t layers = 0;
  std::int64_t heads = 0;
  std::int64_t ffn_width = 0;
  float norm_eps = 1e-12F;
};

/// Errors: kModel (missing, no BERT with exact GELU and absolute positions, numbers that cannot be).
Result<BertShape> read_bert_shape(const std::filesystem::path& folder);

/// The encoder as an ONNX model: int64 `ids` and `positions` [N] in, float `mean` [width] out, the mean of the last
/// layer over all tokens. Weights of the folder's checkpoint, checked against the shape. Errors: kModel.
Result<std::string> bert_graph(const std::filesystem::path& folder, const BertShape& shape);

}  // namespace cinescribe::quality
