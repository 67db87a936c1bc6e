#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "cinescribe/core/status.h"
#include "cinescribe/tensor/weight_type.h"
#include "cinescribe/tensor/whisper_layout.h"

namespace cinescribe::tensor {

/// What a whisper.cpp model file says about itself.
struct WhisperHeader {
  WhisperShape shape;
  WeightType weights = WeightType::kF16;  ///< Of the matrices.
  bool is_multilingual = false;
  bool has_tensors = true;  ///< False only for the test files that are accepted on request.
  std::uint64_t file_bytes = 0;
};

struct WhisperCheck {
  /// Accept a file without any tensor (whisper.cpp's for-tests files). It loads, and never says a word.
  bool allow_without_tensors = false;
};

/// Checks a whisper.cpp (ggml) model file to the last byte: magic, hyper-parameters, mel filters, vocabulary, and that
/// exactly the tensors of that shape are there, each once, with the right type, dimensions and size, up to the end of
/// the file. whisper.cpp's own loader trusts all of these, so no file reaches it that has not passed here.
/// Errors: kModel (what was found, at which byte), kInput (unreadable file).
Result<WhisperHeader> validate_whisper_file(const std::filesystem::path& path, const WhisperCheck& check = {});

/// The same for bytes in memory; `name` stands for the file in messages.
Result<WhisperHeader> validate_whisper_bytes(std::span<const std::byte> bytes, std::string_view name,
                                             const WhisperCheck& check = {});

/// True when the file starts with the magic of whisper.cpp's model files.
bool looks_like_whisper_file(const std::filesystem::path& path);

}  // namespace cinescribe::tensor
