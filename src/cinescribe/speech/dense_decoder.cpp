#include "cinescribe/speech/dense_decoder.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace cinescribe::speech {

namespace {

std::size_t slot_at(const TextRow& row, std::size_t position) {
  if (position == row.position) return row.slot;
  return position < row.prompt ? 0 : std::size_t{row.path[position - row.prompt]};
}

}  // namespace

DenseDecoder::DenseDecoder(std::shared_ptr<const DenseWhisper> model,
                           std::vector<tensor::AlignmentHead> alignment_heads)
    : model_(std::move(model)), kernels_(*model_->kernels), alignment_heads_(std::move(alignment_heads)) {}

void DenseDecoder::step(std::span<const TextRow> rows, std::vector<float>& logits) {
  const std::size_t state = model_->state();
  const std::size_t count = rows.size();
  rows_.resize(count * state);
  narrow_.resize(count * state);
  wide_.resize(count * 4 * state);
  embed(rows);
  for (std::size_t layer = 0; layer < model_->text_blocks.size(); ++layer) {
    const DenseBlock& block = model_->text_blocks[layer];
    const auto quantised = [&](std::vector<float>& from, std::size_t depth) {
      return quantised_.fill(kernels_, from.data(), depth, count, depth);
    };
    kernels_.multiply_int8(normalised(block.attention_norm, count), block.qkv.panels(), ProductMode::kStore,
                           wide_.data(), 3 * state);
    attend_to_text(rows, layer);
    kernels_.multiply_int8(quantised(narrow_, state), block.attention_out.panels(), ProductMode::kAdd, rows_.data(),
                           state);
    const Int8Rows input = normalised(block.cross_norm, count);
    kernels_.multiply_int8(input, block.cross_query.panels(), ProductMode::kStore, narrow_.data(), state);
    attend_to_sound(rows, layer);
    kernels_.multiply_int8(quantised(narrow_, state), block.cross_out.panels(), ProductMode::kAdd, rows_.data(), state);
    kernels_.multiply_int8(normalised(block.mlp_norm, count), block.mlp_up.panels(), ProductMode::kStoreGelu,
                           wide_.data(), 4 * state);
    kernels_.multiply_int8(quantised(wide_, 4 * state), block.mlp_down.panels(), ProductMode::kAdd, rows_.data(),
                           state);
  }
  std::size_t wanted = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!rows[i].wants_logits) continue;
    std::copy_n(rows_.data() + i * state, state, rows_.data() + wanted * state);
    ++wanted;
  }
  logits.resize(wanted * model_->embedding.width());
  if (wanted == 0) return;
  kernels_.multiply_int8(normalised(model_->text_norm, wanted), model_->embedding.panels(), ProductMode::kStore,
                         logits.data(), model_->embedding.width());
}

void DenseDecoder::embed(std::span<const TextRow> rows) {
  const std::size_t state = model_->state();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    float* row = rows_.data() + i * state;
    model_->embedding.get_row(static_cast<std::size_t>(rows[i].token), {row, state});
    kernels_.add_scaled(1.0F, model_->text_positions.data() + rows[i].position * state, state, row);
    rows[i].cache->open(rows[i].position, rows[i].sound->positions);
  }
}

Int8Rows DenseDecoder::normalised(const NormWeights& norm, std::size_t count) {
  const std::size_t state = model_->state();
  for (std::size_t i = 0; i < count; ++i) {
    kernels_.layer_norm(rows_.data() + i * state, norm.gain.data(), norm.bias.data(), state,
                        narrow_.data() + i * state);
  }
  return quantised_.fill(kernels_, narrow_.data(), state, count, state);
}

void DenseDecoder::attend_to_text(std::span<const TextRow> rows, std::size_t layer) {
  const std::size_t state = model_->state();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const float* keys = wide_.data() + i * 3 * state + state;
    std::copy_n(keys, state, rows[i].cache->key(rows[i].position, layer, rows[i].slot));
    std::copy_n(keys + state, state, rows[i].cache->value(rows[i].position, layer, rows[i].slot));
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const TextRow& row = rows[i];
    const float* query = wide_.data() + i * 3 * state;
    float* out = narrow_.data() + i * state;
    std::fill_n(out, state, 0.0F);
    scores_.resize(row.position + 1);
    for (std::size_t head = 0; head < model_->text_heads(); ++head) {
      const std::size_t at = head * kHeadSize;
      float largest = -INFINITY;
      for (std::size_t t = 0; t <= row.position; ++t) {
        scores_[t] = kernels_.dot(query + at, row.cache->key(t, layer, slot_at(row, t)) + at, kHeadSize);
        largest = std::max(largest, scores_[t]);
      }
      float total = 0.0F;
      for (float& score : scores_) total += score = std::exp2(score - largest);
      for (std::size_t t = 0; t <= row.position; ++t) {
        kernels_.add_scaled(scores_[t] / total, row.cache->value(t, layer, slot_at(row, t)) + at, kHeadSize, out + at);
      }
    }
  }
}

void DenseDecoder::attend_to_sound(std::span<const TextRow> rows, std::size_t layer) {
  for (std::size_t first = 0; first < rows.size();) {
    std::size_t end = first + 1;
    while (end < rows.size() && rows[end].sound == rows[first].sound) ++end;
    attend_to_window(rows.subspan(first, end - first), first, layer);
    first = end;
  }
}

void DenseDecoder::attend_to_window(std::span<const TextRow> rows, std::size_t first, std::size_t layer) {
  const std::size_t state = model_->state();
  const EncodedSound& sound = *rows.front().sound;
  const std::size_t padded = padded_positions(sound.positions);
  scratch_.reserve(attention_scratch_bytes(sound.positions));
  for (std::size_t head = 0; head < model_->text_heads(); ++head) {
    const tensor::AlignmentHead here{static_cast<int>(layer), static_cast<int>(head)};
    const auto found = std::find(alignment_heads_.begin(), alignment_heads_.end(), here);
    const bool is_kept = found != alignment_heads_.end() && rows.front().cache->heads() > 0;
    if (is_kept) weights_.resize(rows.size() * sound.positions);
    HeadTask task;
    task.queries = narrow_.data() + first * state + head * kHeadSize;
    task.query_stride = state;
    task.rows = rows.size();
    task.keys = sound.layers[layer].keys.data() + head * padded * kHeadSize;
    task.values = sound.layers[layer].values.data() + head * padded * kHeadSize;
    task.positions = sound.positions;
    task.out = narrow_.data() + first * state + head * kHeadSize;
    task.out_stride = state;
    task.weights = is_kept ? weights_.data() : nullptr;
    task.scratch = scratch_.data();
    kernels_.attend(task);
    if (!is_kept) continue;
    const auto kept = static_cast<std::size_t>(found - alignment_heads_.begin());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      kernels_.to_bf16(weights_.data() + i * sound.positions, sound.positions,
                       rows[i].cache->attention(rows[i].position, rows[i].slot, kept).data());
    }
  }
}

}  // namespace cinescribe::speech
