#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/tensor/encoder.h"
#include "cinescribe/tensor/weight_file.h"

namespace cinescribe::tensor {

/// `NAME.weight` [in, out] and, where the file has it, `NAME.bias`. Errors: kModel.
Result<Affine> read_linear(const WeightFile& file, const std::string& name, std::int64_t in, std::int64_t out);

/// `NAME.weight` and `NAME.bias` of a layer norm. Errors: kModel.
Result<Affine> read_norm(const WeightFile& file, const std::string& name, std::int64_t width);

/// `PREFIXquery.*`, `key`, `value` and `output` of an attention whose keys and values come from rows of `source_width`
/// numbers. Errors: kModel.
Result<AttentionWeights> read_attention(const WeightFile& file, const std::string& prefix,
                                        const EncoderOptions& options, std::int64_t source_width);

/// `UP.*` and `DOWN.*` of a feed-forward layer. Errors: kModel.
Result<FeedForwardWeights> read_feed_forward(const WeightFile& file, const std::string& up, const std::string& down,
                                             std::int64_t width, std::int64_t ffn_width);

/// Layers `PREFIX0.` … `PREFIX<count-1>.` of an encoder with the norm before each sub-layer: `norm1`, attention,
/// `norm2`, `up`, `down`. Errors: kModel.
Result<std::vector<EncoderLayer>> read_encoder_layers(const WeightFile& file, const std::string& prefix,
                                                      std::int64_t count, const EncoderOptions& options,
                                                      std::int64_t ffn_width);

}  // namespace cinescribe::tensor
