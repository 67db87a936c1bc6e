#include "cinescribe/captions/gguf_model.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "cinescribe/captions/engine_words.h"
#include "cinescribe/captions/gguf_trial.h"
#include "cinescribe/language/load_mode.h"
#include "cinescribe/tensor/backends.h"

namespace cinescribe::captions {

namespace {

constexpr std::int64_t kLargestHead = 65536;
constexpr int kMostLayersPerFullOne = 6;

std::string with_reason(std::string message) {
  const std::string words = take_mtmd_errors();
  return words.empty() ? message : message + " (" + words + ")";
}

Status load_language(const GgufPair& pair, const GgufModelOptions& options, ggml_backend_dev_t device,
                     GgufModel& model) {
  std::array<ggml_backend_dev_t, 2> devices = {device, nullptr};
  llama_model_params params = llama_model_default_params();
  params.devices = devices.data();  // none named: the processor alone
  params.n_gpu_layers = device == nullptr ? 0 : options.gpu_layers < 0 ? 999 : options.gpu_layers;
  params.load_mode = language::load_mode_of(pair.language, device == nullptr);
  model.language.reset(llama_model_load_from_file(pair.language.c_str(), params));
  if (!model.language) {
    return Error{ErrorCode::kModel, with_reason("llama.cpp cannot load " + pair.language.string() +
                                                "; the log has its words (--verbose)")};
  }
  if (llama_model_has_encoder(model.language.get()) || !llama_model_has_decoder(model.language.get())) {
    return Error{ErrorCode::kModel, pair.language.string() + " is no model that writes text after a prompt"};
  }
  return {};
}

Status load_vision(const GgufPair& pair, const GgufModelOptions& options, ggml_backend_dev_t device, GgufModel& model) {
  mtmd_context_params params = mtmd_context_params_default();
  params.use_gpu = device != nullptr;
  params.device = device;
  params.n_threads = model.threads->threads();
  params.print_timings = false;
  if (options.max_image_tokens > 0) params.image_max_tokens = options.max_image_tokens;
  take_mtmd_errors();
  model.vision.reset(mtmd_init_from_file(pair.mmproj.c_str(), model.language.get(), params));
  if (!model.vision) {
    return Error{ErrorCode::kModel,
                 with_reason("cannot use " + pair.mmproj.string() + " with " + pair.language.filename().string()) +
                     "; both files must come from the same model"};
  }
  if (mtmd_support_vision(model.vision.get())) return {};
  return Error{ErrorCode::kModel, pair.mmproj.string() + " has no vision tower; name a model that sees pictures"};
}

std::string metadata(const llama_model* model, const char* key) {
  std::array<char, 256> text = {};
  const int length = llama_model_meta_val_str(model, key, text.data(), text.size());
  return length < 0 ? std::string() : std::string(text.data());
}

void describe(GgufModel& model) {
  const llama_model* language = model.language.get();
  model.width = llama_model_n_embd_inp(language);
  model.trained_context = llama_model_n_ctx_train(language);
  model.vocabulary = llama_vocab_n_tokens(model.vocab());
  model.architecture = metadata(language, "general.architecture");
  model.weight_bytes = llama_model_size(language);
  std::array<char, 256> text = {};
  llama_model_desc(language, text.data(), text.size());
  model.description = text.data();
  for (text::TokenId id = 0; id < model.vocabulary; ++id) {
    if (llama_vocab_is_eog(model.vocab(), id)) model.end_ids.push_back(id);
  }
}

}  // namespace

Result<std::unique_ptr<GgufModel>> load_gguf_model(const GgufPair& pair, const GgufModelOptions& options) {
  CINESCRIBE_TRY(tensor::load_backends());
  route_mtmd_messages();
  CINESCRIBE_TRY(check_gguf_headers(pair));
  CINESCRIBE_TRY(try_gguf_pair(pair));
  CINESCRIBE_ASSIGN(const std::string name, tensor::device_name(options.device));
  ggml_backend_dev_t device = ggml_backend_dev_by_name(name.c_str());
  if (device != nullptr && ggml_backend_dev_type(device) == GGML_BACKEND_DEVICE_TYPE_CPU) device = nullptr;
  auto model = std::make_unique<GgufModel>();
  CINESCRIBE_ASSIGN(model->threads, language::ThreadPool::start(options.threads));
  CINESCRIBE_TRY(load_language(pair, options, device, *model));
  describe(*model);
  model->device = device == nullptr || options.gpu_layers == 0 ? "cpu" : name;
  std::error_code code;
  const std::uintmax_t vision_bytes = std::filesystem::file_size(pair.mmproj, code);
  if (!code) model->weight_bytes += static_cast<std::uint64_t>(vision_bytes);
  CINESCRIBE_TRY(load_vision(pair, options, device, *model));
  std::string words = options.chat_template.empty() ? pair.chat_template : options.chat_template;
  if (words.empty()) {
    const char* own = llama_model_chat_template(model->language.get(), nullptr);
    words = own == nullptr ? "" : own;
  }
  CINESCRIBE_ASSIGN(ChatTemplate chat_template, ChatTemplate::create(std::move(words)));
  model->chat_template = std::make_unique<ChatTemplate>(std::move(chat_template));
  return model;
}

ggml_type kv_type_of(language::KvType type) {
  switch (type) {
    case language::KvType::kF32:
      return GGML_TYPE_F32;
    case language::KvType::kQ80:
      return GGML_TYPE_Q8_0;
    default:
      return GGML_TYPE_F16;
  }
}

std::int64_t GgufModel::kv_bytes_per_token(language::KvType type) const {
  const llama_model* model = language.get();
  const std::int64_t heads = std::max(1, llama_model_n_head_kv(model));
  const auto head_size = [&](const char* key) -> std::int64_t {
    const std::string text = metadata(model, (architecture + ".attention." + key).c_str());
    const std::int64_t given = std::strtoll(text.c_str(), nullptr, 10);
    if (given > 0 && given <= kLargestHead) return given;
    return llama_model_n_embd(model) / std::max(1, llama_model_n_head(model));
  };
  const ggml_type kind = kv_type_of(type);
  const auto row_bytes = [&](std::int64_t head) {
    const std::int64_t block = ggml_blck_size(kind);
    return static_cast<std::int64_t>(ggml_row_size(kind, (heads * head + block - 1) / block * block));
  };
  return llama_model_n_layer(model) * (row_bytes(head_size("key_length")) + row_bytes(head_size("value_length")));
}

std::int64_t GgufModel::least_kv_bytes_per_token(language::KvType type) const {
  // Of a model with sliding windows some layers keep everything, a sixth of Gemma's.
  const bool has_window = llama_model_n_swa(language.get()) > 0;
  return kv_bytes_per_token(type) / (has_window ? kMostLayersPerFullOne : 1);
}

std::string text_of_tokens(const GgufModel& model, std::vector<text::TokenId> ids) {
  const auto is_end = [&](text::TokenId id) {
    return id < 0 || id >= model.vocabulary || llama_vocab_is_eog(model.vocab(), id);
  };
  ids.erase(std::remove_if(ids.begin(), ids.end(), is_end), ids.end());
  if (ids.empty()) return {};
  std::string text(ids.size() * 16 + 64, '\0');
  for (int round = 0; round < 2; ++round) {
    const int length = llama_detokenize(model.vocab(), ids.data(), static_cast<int>(ids.size()), text.data(),
                                        static_cast<int>(text.size()), true, false);
    if (length >= 0) {
      text.resize(static_cast<std::size_t>(length));
      return text;
    }
    text.resize(static_cast<std::size_t>(-length));
  }
  return {};
}

}  // namespace cinescribe::captions
