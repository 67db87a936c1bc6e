#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "cinescribe/core/status.h"
#include "cinescribe/sounds/kaldi_fbank.h"
#include "cinescribe/sounds/sound_tagger.h"

namespace cinescribe::sounds {

/// Receives intermediate results of a batch for parity checks: a name ("fbank", "embeddings", "hidden_1", ...,
/// "final_norm"), and the values: [windows][tokens or frames][width], row-major.
using AstProbe = std::function<void(std::string_view name, std::span<const float> values)>;

struct AstOptions {
  std::string device = "cpu";
  int threads = 0;
  /// Fused attention (on CPUs in f32: exact and, as tokens are rarely a multiple of a register, far faster); off = by
  /// matrices, as parity wants it.
  bool is_fused_attention = true;
  std::size_t batch_windows = 4;
  AstProbe probe;  ///< Usually empty.
};

/// Audio Spectrogram Transformer (Gong et al. 2021) from a GGUF file that `models::import_ast` wrote.
/// Errors: kModel, kResource.
/// @source transformers ASTForAudioClassification.
Result<std::unique_ptr<SoundTagger>> load_ast(const std::filesystem::path& gguf, const AstOptions& options);

}  // namespace cinescribe::sounds
