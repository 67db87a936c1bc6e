#include "cinescribe/speech/dense_encoder.h"

#include <algorithm>
#include <utility>

namespace cinescribe::speech {

namespace {

/// Rows that go through a block's matrices together: one panel of keys, and small enough for the second-level cache.
constexpr std::size_t kRows = kPanelWidth;

}  // namespace

DenseEncoder::DenseEncoder(std::shared_ptr<const DenseWhisper> model)
    : model_(std::move(model)),
      kernels_(*model_->kernels),
      mel_frames_(kernels_, model_->mel_filters, static_cast<std::size_t>(model_->shape.n_mels)),
      wide_(kRows * 4 * model_->state()),
      narrow_(kRows * model_->state()) {}

Status DenseEncoder::encode(std::span<const float> samples, std::size_t positions, const StopCheck& should_stop,
                            EncodedSound& out) {
  const Error stopped{ErrorCode::kInterrupted, "the transcription was stopped"};
  const std::size_t state = model_->state();
  const std::size_t padded = padded_positions(positions);
  rows_.resize(positions * state);
  attention_.resize(positions * state);
  keys_.reserve(padded * state);
  values_.reserve(padded * state);
  scratch_.reserve(attention_scratch_bytes(positions));
  convolve(mel_frames_.compute(samples, 2 * positions), positions);
  for (const DenseBlock& block : model_->sound_blocks) CINESCRIBE_TRY(run_block(block, positions, should_stop));

  out.positions = positions;
  out.layers.resize(model_->text_blocks.size());
  for (EncodedSound::Layer& layer : out.layers) {
    layer.keys.reserve(padded * state);
    layer.values.reserve(padded * state);
  }
  const NormWeights& norm = model_->sound_norm;
  for (std::size_t first = 0; first < positions; first += kRows) {
    if (should_stop()) return stopped;
    const std::size_t count = std::min(kRows, positions - first);
    for (std::size_t r = 0; r < count; ++r) {
      float* row = rows_.data() + (first + r) * state;
      kernels_.layer_norm(row, norm.gain.data(), norm.bias.data(), state, row);
    }
    const Int8Rows input = quantised_.fill(kernels_, rows_.data() + first * state, state, count, state);
    for (std::size_t i = 0; i < out.layers.size(); ++i) {
      kernels_.multiply_int8(input, model_->text_blocks[i].cross_key_value.panels(), ProductMode::kStore, wide_.data(),
                             2 * state);
      pack(wide_.data(), wide_.data() + state, 2 * state, first, count, model_->text_heads(), padded,
           out.layers[i].keys.data(), out.layers[i].values.data());
    }
  }
  return {};
}

void DenseEncoder::convolve(const std::vector<float>& mel, std::size_t positions) {
  const std::size_t state = model_->state();
  const auto bands = static_cast<std::size_t>(model_->shape.n_mels);
  const std::size_t frames = 2 * positions;
  // A frame of zeros on both sides; three frames in a row are the input of one output.
  frames_.assign((frames + 2) * bands, 0);
  kernels_.to_bf16(mel.data(), frames * bands, frames_.data() + bands);
  convolved_.assign((frames + 2) * state, 0);
  for (std::size_t first = 0; first < frames; first += kRows) {
    const std::size_t count = std::min(kRows, frames - first);
    kernels_.multiply_bf16(frames_.data() + first * bands, bands, count, model_->conv1.panels(),
                           ProductMode::kStoreGelu, wide_.data(), state);
    kernels_.to_bf16(wide_.data(), count * state, convolved_.data() + (first + 1) * state);
  }
  for (std::size_t first = 0; first < positions; first += kRows) {
    const std::size_t count = std::min(kRows, positions - first);
    kernels_.multiply_bf16(convolved_.data() + 2 * first * state, 2 * state, count, model_->conv2.panels(),
                           ProductMode::kStoreGelu, rows_.data() + first * state, state);
  }
  kernels_.add_scaled(1.0F, model_->sound_positions.data(), positions * state, rows_.data());
}

Status DenseEncoder::run_block(const DenseBlock& block, std::size_t positions, const StopCheck& should_stop) {
  const Error stopped{ErrorCode::kInterrupted, "the transcription was stopped"};
  const std::size_t state = model_->state();
  const std::size_t padded = padded_positions(positions);
  const auto normalised = [&](const NormWeights& norm, std::size_t first, std::size_t count) {
    for (std::size_t r = 0; r < count; ++r) {
      kernels_.layer_norm(rows_.data() + (first + r) * state, norm.gain.data(), norm.bias.data(), state,
                          narrow_.data() + r * state);
    }
    return quantised_.fill(kernels_, narrow_.data(), state, count, state);
  };
  for (std::size_t first = 0; first < positions; first += kRows) {
    if (should_stop()) return stopped;
    const std::size_t count = std::min(kRows, positions - first);
    kernels_.multiply_int8(normalised(block.attention_norm, first, count), block.qkv.panels(), ProductMode::kStore,
                           wide_.data(), 3 * state);
    for (std::size_t r = 0; r < count; ++r) {
      std::copy_n(wide_.data() + r * 3 * state, state, attention_.data() + (first + r) * state);
    }
    pack(wide_.data() + state, wide_.data() + 2 * state, 3 * state, first, count, model_->sound_heads(), padded,
         keys_.data(), values_.data());
  }
  for (std::size_t head = 0; head < model_->sound_heads(); ++head) {
    if (should_stop()) return stopped;
    attend(positions, head);
  }
  for (std::size_t first = 0; first < positions; first += kRows) {
    if (should_stop()) return stopped;
    const std::size_t count = std::min(kRows, positions - first);
    float* rows = rows_.data() + first * state;
    kernels_.multiply_int8(quantised_.fill(kernels_, attention_.data() + first * state, state, count, state),
                           block.attention_out.panels(), ProductMode::kAdd, rows, state);
    kernels_.multiply_int8(normalised(block.mlp_norm, first, count), block.mlp_up.panels(), ProductMode::kStoreGelu,
                           wide_.data(), 4 * state);
    kernels_.multiply_int8(quantised_.fill(kernels_, wide_.data(), 4 * state, count, 4 * state),
                           block.mlp_down.panels(), ProductMode::kAdd, rows, state);
  }
  return {};
}

void DenseEncoder::attend(std::size_t positions, std::size_t head) {
  const std::size_t state = model_->state();
  const std::size_t padded = padded_positions(positions);
  HeadTask task;
  task.queries = attention_.data() + head * kHeadSize;
  task.query_stride = state;
  task.rows = positions;
  task.keys = keys_.data() + head * padded * kHeadSize;
  task.values = values_.data() + head * padded * kHeadSize;
  task.positions = positions;
  task.out = attention_.data() + head * kHeadSize;  // a block's queries are read before its results are written
  task.out_stride = state;
  task.scratch = scratch_.data();
  kernels_.attend(task);
}

void DenseEncoder::pack(const float* keys, const float* values, std::size_t stride, std::size_t first,
                        std::size_t count, std::size_t heads, std::size_t padded, std::uint16_t* key_panels,
                        std::uint16_t* value_panels) const {
  for (std::size_t head = 0; head < heads; ++head) {
    const std::size_t at = (head * padded + first) * kHeadSize;
    kernels_.pack_keys(keys + head * kHeadSize, stride, count, key_panels + at);
    kernels_.pack_values(values + head * kHeadSize, stride, count, value_panels + at);
  }
}

}  // namespace cinescribe::speech
