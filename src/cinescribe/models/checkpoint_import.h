#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"

namespace cinescribe::models {

struct ImportOptions {
  std::string type = "f16";  ///< See `import_type_names()`.
  std::string vision_type;   ///< Empty: f16, or f32 when `type` is f32.
  std::string name;          ///< Empty: the folder's name.
  std::string source;        ///< Where the checkpoint came from; empty: its path.
  std::string licence;
  std::string installed_as;  ///< Not empty: with the record of an installed model of this name.
  bool is_forced = false;    ///< Replace what is at the destination.
  int threads = 0;           ///< 0 = as many as cores.
  std::stop_token stop;
  /// Called now and then from this thread: bytes written so far, and in all.
  std::function<void(std::uint64_t done_bytes, std::uint64_t total_bytes)> on_progress;
};

/// A matrix that is stored in another type than asked for, because its rows do not fit that type's blocks.
struct ImportFallback {
  std::string tensor;
  std::string wanted;
  std::string stored;
};

/// What an import did.
struct ImportReport {
  std::string family;
  std::string name;
  int tensors = 0;  ///< In both files.
  std::uint64_t bytes = 0;
  std::vector<ImportFallback> fallbacks;
  std::vector<std::string>
      unused;  ///< Tensors of the checkpoint that nothing reads, and that are not known to be idle.
};

/// Turns a Hugging Face checkpoint of LLaVA-NeXT, Phi-3-vision, Phi-3.5-vision or InstructBLIP into the model folder
/// `out` (docs/model-folder.md), which appears whole or not at all. Tensors are streamed: memory stays below a few
/// dozen MiB and the vocabulary.
/// Errors: kModel (not such a checkpoint, damaged, contradicting itself), kUsage (an unknown type, a destination that
/// is there already), kResource (disk), kInterrupted.
Result<ImportReport> import_checkpoint(const std::filesystem::path& folder, const std::filesystem::path& out,
                                       const ImportOptions& options);

}  // namespace cinescribe::models
