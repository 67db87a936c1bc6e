#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <stop_token>
#include <string_view>
#include <vector>

#include "cinescribe/core/status.h"

namespace cinescribe::quality {

/// A model that gives sentences of like meaning like directions: a BERT of the sentence-transformers kind (mean of the
/// last layer over all tokens, scaled to length 1). Thread-safe.
/// @source sentence-transformers 5.1: Transformer, Pooling (mean), Normalize; transformers 4.57 BertModel
class SentenceModel {
 public:
  /// Reads a Hugging Face folder (`config.json`, `model.safetensors`, tokenizer files). It is foreign: shapes are
  /// checked against the configuration. Errors: kModel (missing, another kind of model), kResource.
  static Result<std::unique_ptr<SentenceModel>> load(const std::filesystem::path& folder, int threads);
  virtual ~SentenceModel() = default;
  SentenceModel(const SentenceModel&) = delete;
  SentenceModel& operator=(const SentenceModel&) = delete;

  /// The direction of a text, of length 1; what goes beyond 256 tokens is left out. Errors: kModel, kInterrupted.
  [[nodiscard]] virtual Result<std::vector<float>> embed(std::string_view text, const std::stop_token& stop) const = 0;
  /// The same of token ids. Errors: also kUsage (none, too many, an id outside of the vocabulary).
  [[nodiscard]] virtual Result<std::vector<float>> embed_ids(std::span<const std::int64_t> ids,
                                                             const std::stop_token& stop) const = 0;

 protected:
  SentenceModel() = default;
};

/// Cosine of two directions of length 1: 1 = the same meaning, about 0 = nothing in common. Precondition: equal
/// lengths.
double cosine(std::span<const float> a, std::span<const float> b);

}  // namespace cinescribe::quality
