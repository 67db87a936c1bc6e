#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cinescribe/language/language_file.h"
#include "cinescribe/language/language_model.h"
#include "cinescribe/language/llama_handles.h"
#include "cinescribe/tensor/mapped_file.h"

namespace cinescribe::language {

/// The one implementation of `LanguageModel`, with what the generator needs besides.
class LlamaModel final : public LanguageModel {
 public:
  static Result<std::shared_ptr<const LlamaModel>> load(const std::filesystem::path& gguf,
                                                        const LanguageModelOptions& options);

  [[nodiscard]] int width() const override { return shape_.width; }
  [[nodiscard]] int vocabulary() const override { return shape_.vocabulary; }
  [[nodiscard]] std::int64_t trained_context() const override { return shape_.context; }
  [[nodiscard]] std::int64_t weight_bytes() const override { return static_cast<std::int64_t>(shape_.weight_bytes); }
  [[nodiscard]] std::int64_t kv_bytes_per_token(KvType type) const override;
  [[nodiscard]] KvType kv_type_for(KvType wanted) const override;
  [[nodiscard]] bool is_f32() const override { return shape_.is_f32; }
  [[nodiscard]] std::int64_t window() const override { return shape_.window; }
  [[nodiscard]] std::int64_t original_context() const override { return original_context_; }
  [[nodiscard]] Result<std::vector<float>> embed(std::span<const TokenId> ids) const override;

  [[nodiscard]] const LanguageShape& shape() const { return shape_; }
  /// Most cells of a pool with short RoPE factors; a pool with more has the long ones. Only with `original_context()`.
  [[nodiscard]] std::int64_t short_pool_tokens() const { return short_pool_tokens_; }
  [[nodiscard]] const std::string& device() const { return device_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] int threads() const { return threads_; }
  /// Free memory when the model was loaded, less its weights: those are mapped and fill the memory only when used.
  [[nodiscard]] std::uint64_t memory_beside_weights() const { return memory_beside_weights_; }
  /// llama.cpp changes nothing of a model when contexts are made of it.
  [[nodiscard]] llama_model* handle() const { return model_.get(); }
  /// One row of the token embedding as f32. Precondition: 0 <= id < vocabulary().
  void embed_row(TokenId id, std::span<float> row) const;

 private:
  LlamaModel(tensor::MappedFile file, LanguageShape shape) : file_(std::move(file)), shape_(std::move(shape)) {}
  Status choose_boundary(const LanguageModelOptions& options);
  Status load_weights(const std::filesystem::path& gguf, const LanguageModelOptions& options);

  tensor::MappedFile file_;
  LanguageShape shape_;
  std::string name_;
  std::string device_;
  int threads_ = 0;
  std::int64_t original_context_ = 0;
  std::int64_t short_pool_tokens_ = 0;
  std::uint64_t memory_beside_weights_ = 0;
  LlamaModelHandle model_;
};

}  // namespace cinescribe::language
