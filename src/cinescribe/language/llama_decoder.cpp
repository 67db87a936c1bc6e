#include "cinescribe/language/llama_decoder.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "cinescribe/core/log.h"
#include "cinescribe/core/pulse.h"
#include "cinescribe/language/free_memory.h"

namespace cinescribe::language {

namespace {

constexpr std::int64_t kPoolStep = 256;

std::int64_t rounded(std::int64_t cells) { return (cells + kPoolStep - 1) / kPoolStep * kPoolStep; }

bool is_flash(const LlamaModel& model, const DecoderOptions& options) {
  if (options.flash_attention == FlashAttention::kAuto) {
    return !model.is_f32() || model.kv_type_for(options.kv_type) == KvType::kQ80;
  }
  return options.flash_attention == FlashAttention::kOn;
}

ggml_type ggml_kv_type(KvType type) {
  if (type == KvType::kF32) return GGML_TYPE_F32;
  return type == KvType::kQ80 ? GGML_TYPE_Q8_0 : GGML_TYPE_F16;
}

/// Activations, attention scores and logits of one submission; an upper estimate, as ggml reuses most of it.
std::uint64_t working_bytes(const LlamaModel& model, const DecoderOptions& options) {
  const LanguageShape& shape = model.shape();
  const auto rows = static_cast<std::uint64_t>(options.batch_rows);
  const auto cells = static_cast<std::uint64_t>(rounded(options.cells));
  const auto heads = static_cast<std::uint64_t>(shape.heads);
  const std::uint64_t row = 6 * static_cast<std::uint64_t>(shape.width) +
                            3 * static_cast<std::uint64_t>(shape.ffn_width) +
                            3 * heads * static_cast<std::uint64_t>(shape.head_dim);
  const std::uint64_t scores = is_flash(model, options) ? cells / 2 : cells * (heads + 1);
  const std::uint64_t outputs =
      2 * static_cast<std::uint64_t>(options.outputs) * static_cast<std::uint64_t>(shape.vocabulary);
  return 4 * (rows * (row + scores) + outputs);
}

Status check_memory(const LlamaModel& model, const DecoderOptions& options) {
  const std::uint64_t needed = LlamaDecoder::estimated_bytes(model, options);
  const std::uint64_t free = std::min(free_memory_bytes(model.device()), model.memory_beside_weights());
  if (needed <= free) return {};
  const auto kv = static_cast<std::uint64_t>(model.kv_bytes_per_token(options.kv_type) * rounded(options.cells));
  return Error{ErrorCode::kResource,
               "keys and values of " + std::to_string(rounded(options.cells)) + " tokens (" + memory_text(kv) +
                   ") and intermediate results (" + memory_text(needed - kv) +
                   ") do not fit beside the weights: " + memory_text(free) + " are free on " + model.device() +
                   "; caption fewer scenes at once, generate fewer tokens, use fewer frames or a smaller KV type"};
}

}  // namespace

std::uint64_t LlamaDecoder::estimated_bytes(const LlamaModel& model, const DecoderOptions& options) {
  return static_cast<std::uint64_t>(model.kv_bytes_per_token(options.kv_type) * rounded(options.cells)) +
         working_bytes(model, options);
}

LlamaDecoder::LlamaDecoder(std::shared_ptr<const LlamaModel> model, std::shared_ptr<ThreadPool> threads,
                           const DecoderOptions& options)
    : model_(std::move(model)),
      threads_(std::move(threads)),
      mixed_rows_(options.mixed_rows),
      cells_(rounded(options.cells)),
      kv_bytes_(model_->kv_bytes_per_token(options.kv_type) * cells_) {}

Result<std::unique_ptr<LlamaDecoder>> LlamaDecoder::create(std::shared_ptr<const LlamaModel> model,
                                                           std::shared_ptr<ThreadPool> threads,
                                                           const DecoderOptions& options) {
  const KvType kv_type = model->kv_type_for(options.kv_type);
  if (kv_type != options.kv_type && options.kv_type != KvType::kAuto) {
    log(LogLevel::kWarning, "keys and values are kept as f16 instead of q8_0: the heads of " + model->name() +
                                " have " + std::to_string(model->shape().head_dim) +
                                " numbers, which is no multiple of 32");
  }
  if (kv_type == KvType::kQ80 && options.flash_attention == FlashAttention::kOff) {
    return Error{ErrorCode::kUsage, "keys and values as q8_0 need flash attention; switch it on or use f16"};
  }
  CINESCRIBE_TRY(check_memory(*model, options));
  std::unique_ptr<LlamaDecoder> decoder(new LlamaDecoder(std::move(model), std::move(threads), options));

  llama_context_params params = llama_context_default_params();
  params.n_ctx = static_cast<std::uint32_t>(decoder->cells_);
  params.n_batch = static_cast<std::uint32_t>(options.batch_rows);
  params.n_ubatch = params.n_batch;
  params.n_seq_max = static_cast<std::uint32_t>(options.sequences);
  params.n_outputs_max = static_cast<std::uint32_t>(std::max(options.outputs, options.sequences));
  params.n_threads = decoder->threads_->threads();
  params.n_threads_batch = params.n_threads;
  params.kv_unified = true;  // sequences share cells: beams, prefixes
  params.type_k = ggml_kv_type(kv_type);
  params.type_v = params.type_k;
  params.flash_attn_type = options.flash_attention == FlashAttention::kAuto && is_flash(*decoder->model_, options)
                               ? LLAMA_FLASH_ATTN_TYPE_AUTO
                           : is_flash(*decoder->model_, options) ? LLAMA_FLASH_ATTN_TYPE_ENABLED
                                                                 : LLAMA_FLASH_ATTN_TYPE_DISABLED;
  params.abort_callback = should_stop;
  params.abort_callback_data = decoder.get();
  params.no_perf = true;
  decoder->context_.reset(llama_init_from_model(decoder->model_->handle(), params));
  if (!decoder->context_) {
    return Error{ErrorCode::kResource,
                 "llama.cpp cannot make room for " + std::to_string(decoder->cells_) + " tokens (" +
                     memory_text(estimated_bytes(*decoder->model_, options)) + " on " + decoder->model_->device() +
                     "; its reason is in the log); caption fewer scenes at once or use a smaller KV type"};
  }
  llama_attach_threadpool(decoder->context_.get(), decoder->threads_->get(), decoder->threads_->get());
  return decoder;
}

/// The engine asks before each operation on a CPU: that is a step, too, since a submission may take many minutes.
bool LlamaDecoder::should_stop(void* self) {
  count_step();
  const std::stop_token* stop = static_cast<LlamaDecoder*>(self)->stop_;
  return stop != nullptr && stop->stop_requested();
}

std::size_t LlamaDecoder::batch_rows() const { return llama_n_batch(context_.get()); }

bool LlamaDecoder::has_long_factors() const {
  return model_->original_context() > 0 && cells_ > model_->short_pool_tokens();
}

Result<LlamaDecoder::Outcome> LlamaDecoder::submit(std::span<const DecoderRow> rows, const std::stop_token& stop) {
  std::vector<std::size_t> tokens;
  std::vector<std::size_t> embeddings;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    (rows[i].embedding == nullptr ? tokens : embeddings).push_back(i);
  }
  logits_.assign(rows.size(), {});
  copied_.clear();
  stop_ = &stop;
  struct StopOwner {
    const std::stop_token*& stop;
    ~StopOwner() { stop = nullptr; }
  } const owner{stop_};
  if (tokens.empty() || embeddings.empty()) {
    const auto& picked = tokens.empty() ? embeddings : tokens;
    CINESCRIBE_ASSIGN(const Outcome outcome, submit_kind(rows, picked, embeddings.empty()));
    if (outcome == Outcome::kDone) CINESCRIBE_TRY(keep_logits(rows, picked, false));
    return outcome;
  }
  if (mixed_rows_ == MixedRows::kAsEmbeddings) {
    std::vector<std::size_t> all(rows.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    CINESCRIBE_ASSIGN(const Outcome outcome, submit_kind(rows, all, false));
    if (outcome == Outcome::kDone) CINESCRIBE_TRY(keep_logits(rows, all, false));
    return outcome;
  }
  for (const auto* picked : {&tokens, &embeddings}) {
    CINESCRIBE_ASSIGN(const Outcome outcome, submit_kind(rows, *picked, picked == &tokens));
    if (outcome == Outcome::kNoRoom && picked == &embeddings) {
      return Error{ErrorCode::kInternal, "the pool of keys and values is full although room was reserved"};
    }
    if (outcome == Outcome::kNoRoom) return outcome;
    CINESCRIBE_TRY(keep_logits(rows, *picked, picked == &tokens));
  }
  return Outcome::kDone;
}

Result<LlamaDecoder::Outcome> LlamaDecoder::submit_kind(std::span<const DecoderRow> rows,
                                                        std::span<const std::size_t> picked, bool as_tokens) {
  const std::size_t count = picked.size();
  const auto width = static_cast<std::size_t>(model_->width());
  if (count == 0 || count > llama_n_batch(context_.get())) {
    return Error{ErrorCode::kInternal, "a submission of " + std::to_string(count) + " rows"};  // llama.cpp would abort
  }
  positions_.resize(count);
  sequences_.resize(count);
  sequence_pointers_.resize(count);
  counts_.assign(count, 1);
  wants_.resize(count);
  if (as_tokens) {
    tokens_.resize(count);
  } else {
    embeddings_.resize(count * width);
  }
  for (std::size_t i = 0; i < count; ++i) {
    const DecoderRow& row = rows[picked[i]];
    positions_[i] = row.position;
    sequences_[i] = row.sequence;
    sequence_pointers_[i] = &sequences_[i];
    wants_[i] = row.wants_logits ? 1 : 0;
    if (as_tokens) {
      tokens_[i] = row.token;
    } else if (row.embedding != nullptr) {
      std::memcpy(embeddings_.data() + i * width, row.embedding, width * sizeof(float));
    } else {
      model_->embed_row(row.token, std::span(embeddings_).subspan(i * width, width));
    }
  }
  llama_batch batch{};
  batch.n_tokens = static_cast<std::int32_t>(count);
  batch.token = as_tokens ? tokens_.data() : nullptr;
  batch.embd = as_tokens ? nullptr : embeddings_.data();
  batch.pos = positions_.data();
  batch.n_seq_id = counts_.data();
  batch.seq_id = sequence_pointers_.data();
  batch.logits = wants_.data();
  int code = 0;
  try {
    code = llama_decode(context_.get(), batch);
  } catch (const std::bad_alloc&) {
    code = -2;
  }
  count_step();
  switch (code) {
    case 0:
      return Outcome::kDone;
    case 1:
      return Outcome::kNoRoom;
    case 2:
      return Error{ErrorCode::kInterrupted, "stopped while the language model was computing"};
    case -2:
      return Error{ErrorCode::kResource, "out of memory on " + model_->device() + " while the language model read " +
                                             std::to_string(count) + " rows; use a smaller batch"};
    default:
      return Error{ErrorCode::kInternal, "llama.cpp failed with code " + std::to_string(code) + " on " +
                                             std::to_string(count) + " rows (its reason is in the log)"};
  }
}

Status LlamaDecoder::keep_logits(std::span<const DecoderRow> rows, std::span<const std::size_t> picked,
                                 bool must_copy) {
  const auto vocabulary = static_cast<std::size_t>(model_->vocabulary());
  std::size_t wanted = 0;
  for (const std::size_t i : picked) wanted += rows[i].wants_logits ? 1 : 0;
  if (must_copy) copied_.resize(wanted * vocabulary);
  std::size_t copied = 0;
  for (std::size_t i = 0; i < picked.size(); ++i) {
    if (!rows[picked[i]].wants_logits) continue;
    const float* values = llama_get_logits_ith(context_.get(), static_cast<std::int32_t>(i));
    if (values == nullptr) return Error{ErrorCode::kInternal, "llama.cpp gave no logits"};
    if (must_copy) {
      float* kept = copied_.data() + copied++ * vocabulary;
      std::memcpy(kept, values, vocabulary * sizeof(float));
      values = kept;
    }
    logits_[picked[i]] = {values, vocabulary};
  }
  return {};
}

std::span<const float> LlamaDecoder::logits(std::size_t index) const { return logits_[index]; }

void LlamaDecoder::remove(int sequence, std::int64_t first) {
  llama_memory_seq_rm(llama_get_memory(context_.get()), sequence, static_cast<llama_pos>(first), -1);
}

void LlamaDecoder::share(int from, int to, std::int64_t first, std::int64_t end) {
  llama_memory_seq_cp(llama_get_memory(context_.get()), from, to, static_cast<llama_pos>(first),
                      static_cast<llama_pos>(end));
}

void LlamaDecoder::clear() { llama_memory_clear(llama_get_memory(context_.get()), false); }

}  // namespace cinescribe::language
