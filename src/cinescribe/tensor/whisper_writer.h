#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/tensor/atomic_output.h"
#include "cinescribe/tensor/whisper_layout.h"

namespace cinescribe::tensor {

/// Writes a whisper.cpp model file as a stream: header, then each tensor of `whisper_tensors()` in order.
/// Not thread-safe. All errors of the disk are kResource.
class WhisperFileWriter {
 public:
  /// `mel_filters`: n_mels rows of 201 f32. `vocabulary`: raw bytes of each token; ids beyond its end are special
  /// tokens, which whisper.cpp names itself. Errors: kModel (a shape or type that cannot be written).
  static Result<WhisperFileWriter> create(AtomicOutput output, const WhisperShape& shape, WeightType weights,
                                          std::span<const float> mel_filters,
                                          const std::vector<std::string>& vocabulary);

  /// The tensors to write.
  [[nodiscard]] const std::vector<WhisperTensor>& tensors() const { return tensors_; }
  /// Size of the finished file.
  [[nodiscard]] std::uint64_t total_bytes() const { return total_; }
  [[nodiscard]] std::uint64_t written_bytes() const { return output_.written_bytes(); }

  /// Starts the next tensor; exactly `tensors()[i].bytes()` bytes of `append` must follow.
  Status begin_next_tensor();
  Status append(std::span<const std::byte> bytes);

  /// Ends the file, checks it with `validate_whisper_file` and gives it its name. Errors: kInternal when a tensor is
  /// missing or the check fails.
  Status commit();

 private:
  WhisperFileWriter(AtomicOutput output, std::vector<WhisperTensor> tensors)
      : output_(std::move(output)), tensors_(std::move(tensors)) {}

  AtomicOutput output_;
  std::vector<WhisperTensor> tensors_;
  std::size_t next_ = 0;
  std::uint64_t missing_bytes_ = 0;  ///< Of the tensor that was begun last.
  std::uint64_t total_ = 0;
};

/// Number of FFT bins per mel filter (FFT of 400 samples).
inline constexpr int kWhisperFftBins = 201;

/// "ggml" as whisper.cpp writes it.
inline constexpr std::uint32_t kWhisperMagic = 0x67676d6c;

/// The `ftype` field of a file whose matrices are of this type (quantisation version 2), or -1.
int whisper_ftype(WeightType weights);

/// The inverse. Error: kModel.
Result<WeightType> weights_of_whisper_ftype(int ftype);

}  // namespace cinescribe::tensor
