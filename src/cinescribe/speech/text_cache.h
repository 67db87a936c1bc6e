#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cinescribe::speech {

/// What one window's tokens have left behind: keys and values of every layer, and how the heads that tell word times
/// attended to the sound. Every position has a slot per text that is tried side by side; a text knows by its path which
/// slot was its own at each position, so that nothing is copied when texts branch. Not thread-safe.
class TextCache {
 public:
  TextCache(std::size_t layers, std::size_t state, std::size_t slots, std::size_t heads)
      : layers_(layers), state_(state), slots_(slots), heads_(heads) {}

  /// Makes room for `position` (at most one beyond what there is).
  void open(std::size_t position, std::size_t sound_positions) {
    if (position < numbers_.size()) return;
    numbers_.emplace_back(layers_ * 2 * slots_ * state_);
    attention_.emplace_back(slots_ * heads_ * sound_positions);
    sound_positions_ = sound_positions;
  }
  [[nodiscard]] float* key(std::size_t position, std::size_t layer, std::size_t slot) {
    return numbers_[position].data() + (layer * 2 * slots_ + slot) * state_;
  }
  [[nodiscard]] float* value(std::size_t position, std::size_t layer, std::size_t slot) {
    return key(position, layer, slot) + slots_ * state_;
  }
  /// bfloat16 attention of alignment head `head` to each position of the sound.
  [[nodiscard]] std::span<std::uint16_t> attention(std::size_t position, std::size_t slot, std::size_t head) {
    return std::span(attention_[position]).subspan((slot * heads_ + head) * sound_positions_, sound_positions_);
  }
  [[nodiscard]] std::size_t heads() const { return heads_; }
  [[nodiscard]] std::size_t slots() const { return slots_; }

 private:
  std::size_t layers_;
  std::size_t state_;
  std::size_t slots_;
  std::size_t heads_;  // 0: attention is not kept
  std::size_t sound_positions_ = 0;
  std::vector<std::vector<float>> numbers_;
  std::vector<std::vector<std::uint16_t>> attention_;
};

}  // namespace cinescribe::speech
