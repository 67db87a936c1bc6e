#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/tensor/mapped_file.h"
#include "cinescribe/tensor/whisper_file.h"

namespace cinescribe::tensor {

/// A whisper.cpp model file that has been checked to the last byte, open for reading its parts. Thread-safe to read.
class WhisperTensors {
 public:
  /// Errors as `validate_whisper_file`; a file without tensors is a kModel error.
  static Result<WhisperTensors> open(const std::filesystem::path& path);

  [[nodiscard]] const WhisperHeader& header() const { return header_; }
  /// n_mels rows of 201.
  [[nodiscard]] const std::vector<float>& mel_filters() const { return mel_filters_; }
  /// Raw bytes of each token; special tokens beyond its end have none.
  [[nodiscard]] const std::vector<std::string>& vocabulary() const { return vocabulary_; }
  /// Rows [first, first + count) of the tensor as f32, row after row. Precondition: the tensor is one of
  /// `whisper_tensors()`, the rows are inside. Error: kInternal.
  [[nodiscard]] Status read_rows(const std::string& name, std::size_t first, std::size_t count,
                                 std::span<float> out) const;
  /// The whole tensor.
  [[nodiscard]] Result<std::vector<float>> read(const std::string& name) const;

 private:
  struct Place {
    WhisperTensor tensor;
    std::span<const std::byte> bytes;
  };
  explicit WhisperTensors(MappedFile file) : file_(std::move(file)) {}
  Status index();

  MappedFile file_;
  WhisperHeader header_;
  std::vector<float> mel_filters_;
  std::vector<std::string> vocabulary_;
  std::map<std::string, Place> places_;
};

}  // namespace cinescribe::tensor
