#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cinescribe/captions/chat_template.h"
#include "cinescribe/captions/gguf_pair.h"
#include "cinescribe/captions/mtmd_handles.h"
#include "cinescribe/core/status.h"
#include "cinescribe/language/language_model.h"
#include "cinescribe/language/thread_pool.h"
#include "cinescribe/text/tokenizer.h"

/// A loaded pair; private to this room.
namespace cinescribe::captions {

struct GgufModelOptions {
  std::string device = "cpu";  ///< "cpu" or a ggml device ("cuda:0").
  int threads = 0;             ///< 0 = as many as cores.
  int gpu_layers = -1;         ///< Layers on the device; -1 = all.
  std::string chat_template;   ///< Overrides the file's and the folder's.
  int max_image_tokens = 0;    ///< Of one picture; 0 = the model's own.
};

/// Weights, vocabulary and picture half of a model. Members are destroyed in reverse order: the picture half looks at
/// the language model.
struct GgufModel {
  LlamaModelHandle language;
  MtmdContextHandle vision;
  std::unique_ptr<ChatTemplate> chat_template;
  std::vector<text::TokenId> end_ids;  ///< Tokens after which nothing comes.
  std::string architecture;            ///< Of the language model, e.g. "llama".
  std::string projector;               ///< Of the picture half, e.g. "idefics3".
  std::string description;             ///< E.g. "llama 360M Q8_0".
  int width = 0;                       ///< Of an embedding row (Qwen3-VL's are longer than the model is wide).
  int vocabulary = 0;
  std::int64_t trained_context = 0;
  std::string device;                             ///< ggml's name of where keys and values lie.
  std::uint64_t weight_bytes = 0;                 ///< Of both halves.
  std::unique_ptr<language::ThreadPool> threads;  ///< For the language model; they sleep between steps.

  /// Bytes of one token's keys and values in the layers that keep all of them, and in all layers; they differ for
  /// models with sliding windows.
  [[nodiscard]] std::int64_t least_kv_bytes_per_token(language::KvType type) const;
  [[nodiscard]] std::int64_t kv_bytes_per_token(language::KvType type) const;

  [[nodiscard]] const llama_vocab* vocab() const { return llama_model_get_vocab(language.get()); }
};

/// Checks and loads both files. Errors: kModel (damaged, of an unknown kind, not of one model, no pictures, no usable
/// chat template), kResource (memory, no such device).
Result<std::unique_ptr<GgufModel>> load_gguf_model(const GgufPair& pair, const GgufModelOptions& options);

/// ggml's type of keys and values; `kAuto`: f16, as llama.cpp's own tools.
ggml_type kv_type_of(language::KvType type);

/// The text of token ids, without marks such as end tokens.
std::string text_of_tokens(const GgufModel& model, std::vector<text::TokenId> ids);

}  // namespace cinescribe::captions
