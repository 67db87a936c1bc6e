#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/models/model_store.h"
#include "cinescribe/tensor/weight_type.h"
#include "cinescribe/tensor/whisper_layout.h"

namespace cinescribe::models {

/// Called now and then while a model is converted, from one thread: bytes written so far, and in all.
using ConvertProgress = std::function<void(std::uint64_t done_bytes, std::uint64_t total_bytes)>;

struct WhisperOptions {
  /// Type of the matrices after a conversion: kF32, kF16, kQ80, kQ51, kQ50, kQ41, kQ40. A ggml file keeps its own.
  tensor::WeightType weights = tensor::WeightType::kQ80;
  int threads = 1;
  ConvertProgress progress;  ///< May be empty.
  std::stop_token stop;
};

/// A Whisper model that whisper.cpp can load.
struct WhisperModel {
  std::filesystem::path ggml_path;
  /// For word times by cross-attention; empty when neither the folder nor the shape tells them.
  std::vector<tensor::AlignmentHead> alignment_heads;
  bool is_multilingual = false;
  std::string name;
  std::string sha256;  ///< Of the source's main file.
  tensor::WeightType weights = tensor::WeightType::kF16;
  bool was_converted = false;  ///< This call wrote the file; false when it was there already.
};

/// Makes a Whisper model ready for whisper.cpp.
///
/// `model.path` is a ggml file (checked to the last byte, used as it is) or a faster-whisper / CTranslate2 folder
/// (converted to a ggml file in the cache, named after the contents of its source and the type; a second call finds
/// it there). The file appears whole or not at all; two processes may convert at once.
/// Errors: kModel (not a Whisper model, damaged), kResource (disk), kInterrupted.
Result<WhisperModel> prepare_whisper(const LocatedModel& model, const WhisperOptions& options = {});

/// Converts the CTranslate2 folder `folder` to the ggml file `out`. Errors as above.
Status convert_whisper(const std::filesystem::path& folder, const std::filesystem::path& out,
                       const WhisperOptions& options);

/// True for a folder that holds a CTranslate2 Whisper model (by the first bytes of its model.bin).
bool looks_like_ct2_whisper(const std::filesystem::path& folder);

}  // namespace cinescribe::models
