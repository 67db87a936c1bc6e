#include "cinescribe/language/llama_model.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "cinescribe/language/free_memory.h"
#include "cinescribe/language/load_mode.h"
#include "cinescribe/tensor/backends.h"

namespace cinescribe::language {

namespace {

/// llama.cpp rounds the size of every pool up to this.
constexpr std::int64_t kPoolStep = 256;

std::int64_t pool_rounded(std::int64_t cells) { return (cells + kPoolStep - 1) / kPoolStep * kPoolStep; }

llama_model_kv_override override_number(const std::string& key, std::int64_t value) {
  llama_model_kv_override out{};
  out.tag = LLAMA_KV_OVERRIDE_TYPE_INT;
  std::strncpy(out.key, key.c_str(), sizeof out.key - 1);
  out.val_i64 = value;
  return out;
}

llama_model_kv_override override_text(const std::string& key, const std::string& value) {
  llama_model_kv_override out{};
  out.tag = LLAMA_KV_OVERRIDE_TYPE_STR;
  std::strncpy(out.key, key.c_str(), sizeof out.key - 1);
  std::strncpy(out.val_str, value.c_str(), sizeof out.val_str - 1);
  return out;
}

ggml_type kv_ggml_type(KvType type) {
  switch (type) {
    case KvType::kF32:
      return GGML_TYPE_F32;
    case KvType::kQ80:
      return GGML_TYPE_Q8_0;
    case KvType::kAuto:
    case KvType::kF16:
      break;
  }
  return GGML_TYPE_F16;
}

}  // namespace

Result<std::shared_ptr<const LanguageModel>> LanguageModel::load(const std::filesystem::path& gguf,
                                                                 const LanguageModelOptions& options) {
  CINESCRIBE_ASSIGN(std::shared_ptr<const LlamaModel> model, LlamaModel::load(gguf, options));
  return std::shared_ptr<const LanguageModel>(std::move(model));
}

Result<std::shared_ptr<const LlamaModel>> LlamaModel::load(const std::filesystem::path& gguf,
                                                           const LanguageModelOptions& options) {
  CINESCRIBE_TRY(tensor::load_backends());
  auto file = tensor::MappedFile::open(gguf);
  if (!file.ok()) return Error{ErrorCode::kModel, "cannot use the language model: " + file.error().message};
  CINESCRIBE_ASSIGN(LanguageShape shape, check_language_bytes(file->bytes(), gguf.string()));
  const std::shared_ptr<LlamaModel> model(new LlamaModel(*std::move(file), std::move(shape)));
  CINESCRIBE_ASSIGN(model->device_, tensor::device_name(options.device));
  model->name_ = gguf.string();
  model->threads_ = options.threads;
  const std::uint64_t free = free_memory_bytes(model->device_);
  if (model->shape_.weight_bytes > free && options.gpu_layers < 0) {
    return Error{ErrorCode::kResource, "the language model " + gguf.string() + " needs " +
                                           memory_text(model->shape_.weight_bytes) + " on " + model->device_ +
                                           ", but only " + memory_text(free) +
                                           " are free; import it in a smaller type, or keep layers off the device"};
  }
  model->memory_beside_weights_ = free - std::min(free, model->shape_.weight_bytes);
  CINESCRIBE_TRY(model->choose_boundary(options));
  CINESCRIBE_TRY(model->load_weights(gguf, options));
  return std::shared_ptr<const LlamaModel>(model);
}

// llama.cpp chooses between short and long RoPE factors once per context: long if its pool has more cells than the
// model's original context. Short sequences that share a pool would get long factors, and a boundary that is no
// multiple of 256 could not be had at all. So the model is told another boundary, the largest pool for short sequences,
// and the true one is kept by the generator, per sequence. Nothing else depends on this number (it belongs to YaRN).
Status LlamaModel::choose_boundary(const LanguageModelOptions& options) {
  if (shape_.original_context == 0) return {};
  original_context_ = options.original_context > 0 ? options.original_context : shape_.original_context;
  const std::int64_t least = pool_rounded(original_context_);
  if (options.short_pool_tokens > 0) {
    short_pool_tokens_ = pool_rounded(std::max(options.short_pool_tokens, least));
    return {};
  }
  // The pool for long sequences is larger than this, however short they are: an eighth of the memory, at most four
  // times the boundary.
  const auto affordable = static_cast<std::int64_t>(memory_beside_weights_ / 8) / kv_bytes_per_token(KvType::kAuto);
  short_pool_tokens_ = std::clamp(affordable / kPoolStep * kPoolStep, least, 4 * least);
  return {};
}

Status LlamaModel::load_weights(const std::filesystem::path& gguf, const LanguageModelOptions& options) {
  // We hand over ids and never text, so the file's vocabulary, which llama.cpp trusts, stays out of it.
  std::vector<llama_model_kv_override> overrides = {
      override_text("tokenizer.ggml.model", "no_vocab"),
      override_number(shape_.architecture + ".vocab_size", shape_.vocabulary)};
  if (original_context_ > 0) {
    overrides.push_back(
        override_number(shape_.architecture + ".rope.scaling.original_context_length", short_pool_tokens_));
  }
  overrides.emplace_back();  // an empty key ends the list

  ggml_backend_dev_t device = ggml_backend_dev_by_name(device_.c_str());
  const bool is_cpu = device == nullptr || ggml_backend_dev_type(device) == GGML_BACKEND_DEVICE_TYPE_CPU;
  std::array<ggml_backend_dev_t, 2> devices = {is_cpu ? nullptr : device, nullptr};
  llama_model_params params = llama_model_default_params();
  params.devices = devices.data();
  params.n_gpu_layers = is_cpu ? 0 : options.gpu_layers;
  params.kv_overrides = overrides.data();
  params.load_mode = load_mode_of(gguf, is_cpu);
  model_.reset(llama_model_load_from_file(gguf.c_str(), params));
  if (!model_) {
    return Error{ErrorCode::kModel, "llama.cpp cannot load the language model " + gguf.string() +
                                        " (its reason is in the log); not enough memory, or a file it does not know"};
  }
  if (llama_model_n_embd(model_.get()) != shape_.width ||
      llama_vocab_n_tokens(llama_model_get_vocab(model_.get())) != shape_.vocabulary) {
    return Error{ErrorCode::kInternal, "llama.cpp reads other shapes from " + gguf.string() + " than we do"};
  }
  return {};
}

std::int64_t LlamaModel::kv_bytes_per_token(KvType type) const {
  const auto row = std::int64_t{shape_.kv_heads} * shape_.head_dim;
  return 2 * std::int64_t{shape_.layers} *
         static_cast<std::int64_t>(ggml_row_size(kv_ggml_type(kv_type_for(type)), row));
}

KvType LlamaModel::kv_type_for(KvType wanted) const {
  if (wanted == KvType::kAuto) return shape_.is_f32 ? KvType::kF32 : KvType::kF16;
  const std::int64_t block = ggml_blck_size(GGML_TYPE_Q8_0);
  if (wanted == KvType::kQ80 && shape_.head_dim % block != 0) return KvType::kF16;
  return wanted;
}

Result<std::vector<float>> LlamaModel::embed(std::span<const TokenId> ids) const {
  const auto width = static_cast<std::size_t>(shape_.width);
  std::vector<float> rows(ids.size() * width);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] < 0 || ids[i] >= shape_.vocabulary) {
      return Error{ErrorCode::kUsage, "the token id " + std::to_string(ids[i]) + " is outside of the vocabulary of " +
                                          std::to_string(shape_.vocabulary)};
    }
    embed_row(ids[i], std::span(rows).subspan(i * width, width));
  }
  return rows;
}

// The same conversion that ggml uses when llama.cpp looks a token up, so a row is bit for bit what the model would see.
void LlamaModel::embed_row(TokenId id, std::span<float> row) const {
  const auto type = static_cast<ggml_type>(shape_.embedding.type);
  const std::size_t bytes = ggml_row_size(type, shape_.width);
  const std::byte* from = file_.bytes().data() + shape_.embedding.first_byte + static_cast<std::size_t>(id) * bytes;
  if (type == GGML_TYPE_F32) {
    std::memcpy(row.data(), from, bytes);
  } else {
    ggml_get_type_traits(type)->to_float(from, row.data(), shape_.width);
  }
}

}  // namespace cinescribe::language
