#include "cinescribe/captions/gguf_context.h"

#include <algorithm>
#include <functional>
#include <utility>

#include <mtmd-helper.h>

#include "cinescribe/captions/engine_words.h"
#include "cinescribe/core/pulse.h"
#include "cinescribe/language/free_memory.h"

namespace cinescribe::captions {

namespace {

/// Those of llama.cpp's own tools, so that sums run in the same order.
constexpr int kBatchTokens = 2048;
constexpr int kMicroBatchTokens = 512;
constexpr std::int64_t kCellBlock = 256;

llama_flash_attn_type flash_type_of(language::FlashAttention choice) {
  switch (choice) {
    case language::FlashAttention::kOn:
      return LLAMA_FLASH_ATTN_TYPE_ENABLED;
    case language::FlashAttention::kOff:
      return LLAMA_FLASH_ATTN_TYPE_DISABLED;
    default:
      return LLAMA_FLASH_ATTN_TYPE_AUTO;
  }
}

llama_context_params context_params(const GgufModel& model, const GgufContextOptions& options) {
  llama_context_params params = llama_context_default_params();
  const std::int64_t cells = (options.tokens + kCellBlock - 1) / kCellBlock * kCellBlock;
  params.n_ctx = static_cast<std::uint32_t>(cells);
  params.n_seq_max = static_cast<std::uint32_t>(options.sequences);
  params.kv_unified = true;
  params.n_batch = static_cast<std::uint32_t>(std::max(kBatchTokens, options.longest_picture));
  params.n_ubatch = kMicroBatchTokens;
  if (mtmd_decode_use_non_causal(model.vision.get(), nullptr)) {
    // A picture that looks at itself as a whole must go through in one piece.
    params.n_ubatch = static_cast<std::uint32_t>(std::max(kMicroBatchTokens, options.longest_picture));
  }
  params.n_threads = model.threads->threads();
  params.n_threads_batch = params.n_threads;
  params.type_k = kv_type_of(options.kv_type);
  params.type_v = kv_type_of(options.kv_type);
  params.flash_attn_type = flash_type_of(options.flash_attention);
  params.swa_full = false;
  return params;
}

/// The engine asks before each operation on a CPU: that is a step, too, since a picture may take many minutes.
bool should_stop(void* flag) {
  count_step();
  return static_cast<const std::atomic<bool>*>(flag)->load(std::memory_order_relaxed);
}

/// A picture, and the prompt it belongs to.
struct Piece {
  const mtmd_input_chunk* chunk = nullptr;
  std::size_t prompt = 0;
};

Status encode_some(const GgufModel& model, std::span<const Piece> pieces, std::size_t& taken,
                   std::vector<std::vector<float>>& rows) {
  const MtmdBatchHandle batch(mtmd_batch_init(model.vision.get()));
  taken = 0;
  while (taken < pieces.size() && mtmd_batch_add_chunk(batch.get(), pieces[taken].chunk) == 0) ++taken;
  const std::size_t wanted = std::max<std::size_t>(taken, 1);
  const bool is_encoded = taken > 0 && mtmd_batch_encode(batch.get()) == 0;
  taken = wanted;
  rows.assign(wanted, {});
  for (std::size_t i = 0; is_encoded && i < wanted; ++i) {
    const float* first = mtmd_batch_get_output_embd(batch.get(), pieces[i].chunk);
    if (first == nullptr) return Error{ErrorCode::kInternal, "libmtmd lost a picture"};
    const std::size_t count = mtmd_input_chunk_get_n_tokens(pieces[i].chunk) * static_cast<std::size_t>(model.width);
    rows[i].assign(first, first + count);
  }
  count_step();
  if (is_encoded) return {};
  const std::string words = take_mtmd_errors();
  return Error{ErrorCode::kModel, "the model's vision tower fails" + (words.empty() ? "" : " (" + words + ")")};
}

}  // namespace

std::vector<Result<PictureRows>> encode_pictures(const GgufModel& model, std::span<const GgufPrompt* const> prompts,
                                                 const std::stop_token& stop) {
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    for (const mtmd_input_chunk* chunk : prompts[i]->pictures) pieces.push_back({chunk, i});
  }
  std::vector<Result<PictureRows>> results(prompts.size(), Result<PictureRows>(PictureRows()));
  std::size_t taken = 0;
  for (std::size_t at = 0; at < pieces.size(); at += taken) {
    std::vector<std::vector<float>> rows;
    Status status;
    if (stop.stop_requested()) {
      status = Error{ErrorCode::kInterrupted, "captioning was stopped"};
      taken = pieces.size() - at;
    } else {
      status = encode_some(model, std::span(pieces).subspan(at), taken, rows);
    }
    for (std::size_t i = 0; i < taken; ++i) {
      Result<PictureRows>& result = results[pieces[at + i].prompt];
      if (!status.ok()) {
        result = status.error();
      } else if (result.ok()) {
        result->push_back(std::move(rows[i]));
      }
    }
  }
  return results;
}

Result<std::unique_ptr<GgufContext>> GgufContext::create(const GgufModel& model, const GgufContextOptions& options) {
  std::unique_ptr<GgufContext> context(new GgufContext(model, options));
  // Asked first: a system that promises more memory than it has ends the program instead of refusing.
  const std::uint64_t free = language::free_memory_bytes(model.device);
  const auto needed = static_cast<std::uint64_t>(options.tokens * model.least_kv_bytes_per_token(options.kv_type));
  if (needed > free) {
    return Error{ErrorCode::kResource, "keys and values of " + std::to_string(options.tokens) + " tokens need " +
                                           language::memory_text(needed) + ", but " + language::memory_text(free) +
                                           " are free; use fewer frames or new tokens, --detail low, --kv-type q8_0 "
                                           "or a smaller model"};
  }
  context->context_.reset(llama_init_from_model(model.language.get(), context_params(model, options)));
  if (!context->context_) {
    return Error{ErrorCode::kResource, "there is no memory for a context of " + std::to_string(options.tokens) +
                                           " tokens; take fewer scenes at once or fewer frames"};
  }
  llama_attach_threadpool(context->context_.get(), model.threads->get(), model.threads->get());
  llama_set_abort_callback(context->context_.get(), should_stop, &context->is_stopping_);
  return context;
}

Status GgufContext::failure(int code, const char* what, const std::stop_token& stop) const {
  if (stop.stop_requested()) return Error{ErrorCode::kInterrupted, "captioning was stopped"};
  if (code == 1) {
    return Error{ErrorCode::kResource,
                 std::string(what) + ": the context of " + std::to_string(options_.tokens) + " tokens is full"};
  }
  const std::string words = take_mtmd_errors();
  return Error{ErrorCode::kInternal, std::string(what) + " fails in llama.cpp with " + std::to_string(code) +
                                         (words.empty() ? "" : " (" + words + ")")};
}

Status GgufContext::read(const GgufPrompt& prompt, PictureRows rows, int sequence, std::vector<float>& logits,
                         int& position, const std::stop_token& stop) {
  is_stopping_ = stop.stop_requested();
  const std::stop_callback on_stop(stop, [this] { is_stopping_ = true; });
  const int batch = static_cast<int>(llama_n_batch(context_.get()));
  const std::size_t count = mtmd_input_chunks_size(prompt.chunks.get());
  position = 0;
  std::size_t picture = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const mtmd_input_chunk* chunk = mtmd_input_chunks_get(prompt.chunks.get(), i);
    llama_pos next = position;
    int code = 0;
    if (mtmd_input_chunk_get_type(chunk) == MTMD_INPUT_CHUNK_TYPE_TEXT) {
      code = mtmd_helper_eval_chunk_single(model_.vision.get(), context_.get(), chunk, position, sequence, batch,
                                           i + 1 == count, &next);
    } else {
      code = mtmd_helper_decode_image_chunk(model_.vision.get(), context_.get(), chunk, rows[picture++].data(),
                                            position, sequence, batch, &next, nullptr, nullptr);
    }
    if (code != 0) return failure(code, "reading a prompt", stop);
    count_step();
    position = next;
  }
  const float* last = llama_get_logits_ith(context_.get(), -1);
  if (last == nullptr) return failure(-1, "reading a prompt", stop);
  logits.assign(last, last + model_.vocabulary);
  return {};
}

Status GgufContext::step(std::span<const GgufRow> rows, std::vector<float>& logits, const std::stop_token& stop) {
  is_stopping_ = stop.stop_requested();
  const std::stop_callback on_stop(stop, [this] { is_stopping_ = true; });
  std::vector<llama_token> tokens;
  std::vector<llama_pos> positions;
  std::vector<std::int32_t> counts(rows.size(), 1);
  std::vector<llama_seq_id> ids;
  std::vector<llama_seq_id*> id_lists;
  std::vector<std::int8_t> wants(rows.size(), 1);
  ids.reserve(rows.size());
  for (const GgufRow& row : rows) {
    tokens.push_back(row.token);
    positions.push_back(row.position);
    ids.push_back(row.sequence);
    id_lists.push_back(&ids.back());
  }
  llama_batch batch = {};
  batch.n_tokens = static_cast<std::int32_t>(rows.size());
  batch.token = tokens.data();
  batch.pos = positions.data();
  batch.n_seq_id = counts.data();
  batch.seq_id = id_lists.data();
  batch.logits = wants.data();
  const int code = llama_decode(context_.get(), batch);
  if (code != 0) return failure(code, "a step", stop);
  count_step();
  const auto width = static_cast<std::size_t>(model_.vocabulary);
  logits.resize(rows.size() * width);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const float* row = llama_get_logits_ith(context_.get(), static_cast<std::int32_t>(i));
    if (row == nullptr) return failure(-1, "a step", stop);
    std::copy(row, row + width, logits.begin() + static_cast<std::ptrdiff_t>(i * width));
  }
  return {};
}

void GgufContext::copy(int from, int to) { llama_memory_seq_cp(llama_get_memory(context_.get()), from, to, -1, -1); }

void GgufContext::clear(int sequence) { llama_memory_seq_rm(llama_get_memory(context_.get()), sequence, -1, -1); }

}  // namespace cinescribe::captions
