#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/language/generation.h"

namespace cinescribe::language {

/// Type of keys and values in the cache. Auto: f32 for an f32 model, else f16.
enum class KvType { kAuto, kF32, kF16, kQ80 };
/// Auto: off for an f32 model, else on where the device can.
enum class FlashAttention { kAuto, kOn, kOff };

struct LanguageModelOptions {
  std::string device = "cpu";  ///< "cpu" or a ggml device ("cuda:0").
  int threads = 0;             ///< 0 = as many as cores.
  int gpu_layers = -1;         ///< Layers on the device; -1 = all.
  /// Phi: short RoPE factors up to this many tokens per sequence, long ones beyond; 0 = as the file says. Without
  /// effect on a file with one set of factors.
  std::int64_t original_context = 0;
  /// Phi: most tokens that short sequences may hold together; the pool of long sequences, which is made only when the
  /// first one comes, is larger than this. 0 = from the memory, at least `original_context`.
  std::int64_t short_pool_tokens = 0;
};

/// A language model in a GGUF file, loaded by llama.cpp. Immutable and thread-safe once loaded.
class LanguageModel {
 public:
  /// The file's header and shapes are checked before llama.cpp sees them. Errors: kModel, kResource.
  static Result<std::shared_ptr<const LanguageModel>> load(const std::filesystem::path& gguf,
                                                           const LanguageModelOptions& options);
  virtual ~LanguageModel() = default;
  LanguageModel(const LanguageModel&) = delete;
  LanguageModel& operator=(const LanguageModel&) = delete;

  [[nodiscard]] virtual int width() const = 0;
  [[nodiscard]] virtual int vocabulary() const = 0;
  [[nodiscard]] virtual std::int64_t trained_context() const = 0;
  [[nodiscard]] virtual std::int64_t weight_bytes() const = 0;
  /// Bytes of one token's keys and values over all layers.
  [[nodiscard]] virtual std::int64_t kv_bytes_per_token(KvType type) const = 0;
  /// `kAuto` resolved for this model.
  [[nodiscard]] virtual KvType kv_type_for(KvType wanted) const = 0;
  [[nodiscard]] virtual bool is_f32() const = 0;
  /// The sliding window that the file asks for; longer sequences are refused, as llama.cpp would ignore it. 0 = none.
  [[nodiscard]] virtual std::int64_t window() const = 0;
  /// Sequences up to this length use other RoPE factors than longer ones; 0 = no such boundary.
  [[nodiscard]] virtual std::int64_t original_context() const = 0;
  /// Rows of the token embedding as the model's own lookup gives them, ids.size() × width. Errors: kUsage (an id
  /// outside).
  [[nodiscard]] virtual Result<std::vector<float>> embed(std::span<const TokenId> ids) const = 0;

 protected:
  LanguageModel() = default;
};

}  // namespace cinescribe::language
