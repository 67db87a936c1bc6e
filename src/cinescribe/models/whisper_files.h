#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/tensor/weight_type.h"
#include "cinescribe/tensor/whisper_layout.h"

namespace cinescribe::models {

/// What a `model.path` turned out to be.
enum class WhisperSource {
  kGgmlFile,   ///< whisper.cpp's own format.
  kCt2Folder,  ///< faster-whisper / CTranslate2.
};

struct FoundWhisper {
  WhisperSource source = WhisperSource::kGgmlFile;
  std::filesystem::path path;  ///< The ggml file, or the folder.
};

/// Looks what kind of Whisper model `path` holds: a ggml file, a CTranslate2 folder, a folder with one ggml file, or
/// the model.bin of a folder. Error: kModel, naming what was found instead.
Result<FoundWhisper> find_whisper(const std::filesystem::path& path);

/// The alignment heads in the config.json of a CTranslate2 folder; empty when it names none. Heads outside `shape` are
/// an error. Errors: kModel, kInput.
Result<std::vector<tensor::AlignmentHead>> read_alignment_heads(const std::filesystem::path& folder,
                                                                const tensor::WhisperShape& shape);

/// Where the conversion of a CTranslate2 folder belongs in the cache: named after a SHA-256 over the model's own
/// checksum, its vocabulary, the type and the converter's version. Errors: kInput.
Result<std::filesystem::path> converted_path(const std::filesystem::path& folder, const std::string& model_sha256,
                                             tensor::WeightType weights);

}  // namespace cinescribe::models
