#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/speech/aligned_array.h"
#include "cinescribe/speech/dense_whisper.h"
#include "cinescribe/speech/mel_frames.h"
#include "cinescribe/speech/window_decoders.h"

namespace cinescribe::speech {

/// What the text side sees of a window of sound: keys and values of every layer's cross attention, packed per head.
struct EncodedSound {
  struct Layer {
    AlignedArray<std::uint16_t> keys;  ///< Heads one after the other, each `padded_positions(positions)` x 64.
    AlignedArray<std::uint16_t> values;
  };
  std::size_t positions = 0;  ///< Of 20 ms.
  std::vector<Layer> layers;
};

/// Whisper's sound side on one thread. Not thread-safe; its buffers are used again from window to window.
class DenseEncoder {
 public:
  explicit DenseEncoder(std::shared_ptr<const DenseWhisper> model);

  /// Encodes a window into `positions` (1 to 1500) positions of 20 ms; sound beyond them is cut off, silence follows a
  /// shorter one. Precondition: at least 201 samples. Error: kInterrupted.
  Status encode(std::span<const float> samples, std::size_t positions, const StopCheck& should_stop, EncodedSound& out);

  /// Rows of the last `encode` before the cross attention, for tests: `positions` x state.
  [[nodiscard]] std::span<const float> rows() const { return rows_; }

 private:
  void convolve(const std::vector<float>& mel, std::size_t positions);
  Status run_block(const DenseBlock& block, std::size_t positions, const StopCheck& should_stop);
  void attend(std::size_t positions, std::size_t head);
  void pack(const float* keys, const float* values, std::size_t stride, std::size_t first, std::size_t count,
            std::size_t heads, std::size_t padded, std::uint16_t* key_panels, std::uint16_t* value_panels) const;

  const std::shared_ptr<const DenseWhisper> model_;
  const DenseKernels& kernels_;
  const MelFrames mel_frames_;
  std::vector<float> rows_;       // the residual stream
  std::vector<float> attention_;  // queries, then what attention makes of them
  std::vector<float> wide_;       // of a block of rows
  std::vector<float> narrow_;
  std::vector<std::uint16_t> frames_;
  std::vector<std::uint16_t> convolved_;
  QuantisedRows quantised_;
  AlignedArray<std::uint16_t> keys_;
  AlignedArray<std::uint16_t> values_;
  AlignedArray<std::byte> scratch_;
};

}  // namespace cinescribe::speech
