#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "cinescribe/core/status.h"
#include "cinescribe/tensor/gguf_header.h"

namespace cinescribe::language {

/// What a GGUF language model says about itself, checked.
struct LanguageShape {
  std::string architecture;  ///< "llama" or "phi3".
  int vocabulary = 0;        ///< Rows of the token embedding.
  int width = 0;
  int layers = 0;
  int heads = 0;
  int kv_heads = 0;
  int head_dim = 0;
  int ffn_width = 0;
  std::int64_t context = 0;           ///< Trained positions.
  std::int64_t window = 0;            ///< Sliding window the file asks for; 0 = none.
  std::int64_t original_context = 0;  ///< Of two sets of RoPE factors; 0 = there is one.
  bool is_f32 = false;                ///< All matrices are f32.
  std::uint64_t weight_bytes = 0;
  tensor::GgufTensor embedding;
};

/// Checks everything of a language model that llama.cpp would trust: numbers that it divides by or asserts on, metadata
/// that would switch on another computation, and that exactly the tensors of this shape are there. Only the
/// architectures "llama" and "phi3" pass. Errors: kModel, naming key or tensor, what was found and what is needed.
Result<LanguageShape> check_language_file(const tensor::GgufHeader& header, std::string_view name);

/// The same from the bytes of a whole file.
Result<LanguageShape> check_language_bytes(std::span<const std::byte> bytes, std::string_view name);

}  // namespace cinescribe::language
