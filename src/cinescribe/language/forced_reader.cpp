#include "cinescribe/language/forced_reader.h"

#include <algorithm>
#include <string>
#include <utility>

#include "cinescribe/language/llama_decoder.h"
#include "cinescribe/language/llama_model.h"
#include "cinescribe/language/thread_pool.h"

namespace cinescribe::language {

namespace {

constexpr std::int64_t kMostTokens = 4096;

class LlamaReader final : public ForcedReader {
 public:
  LlamaReader(std::shared_ptr<const LlamaModel> model, std::unique_ptr<LlamaDecoder> decoder, std::int64_t most_tokens,
              std::int64_t most_new)
      : model_(std::move(model)), decoder_(std::move(decoder)), most_tokens_(most_tokens), most_new_(most_new) {}

  Result<std::vector<TokenId>> continuation(std::span<const TokenId> prompt, std::int64_t most,
                                            std::span<const TokenId> end_ids, const std::stop_token& stop) override {
    CINESCRIBE_TRY(check(prompt, prompt.size(), most));
    std::vector<DecoderRow> rows = rows_of(prompt, 0);
    std::vector<TokenId> text;
    decoder_->clear();
    while (static_cast<std::int64_t>(text.size()) < most) {
      rows.back().wants_logits = true;
      CINESCRIBE_TRY(read(rows, stop));
      const std::span<const float> logits = decoder_->logits(rows.size() - 1);
      text.push_back(static_cast<TokenId>(std::max_element(logits.begin(), logits.end()) - logits.begin()));
      if (std::find(end_ids.begin(), end_ids.end(), text.back()) != end_ids.end()) break;
      rows = rows_of(std::span(&text.back(), 1), prompt.size() + text.size() - 1);
    }
    return text;
  }

  Result<std::vector<float>> logits(std::span<const TokenId> prompt, std::span<const TokenId> text,
                                    const std::stop_token& stop) override {
    std::vector<TokenId> all(prompt.begin(), prompt.end());
    all.insert(all.end(), text.begin(), text.end());
    CINESCRIBE_TRY(check(all, prompt.size(), static_cast<std::int64_t>(text.size())));
    if (text.empty()) return std::vector<float>();
    all.pop_back();  // nothing follows the last token
    std::vector<DecoderRow> rows = rows_of(all, 0);
    for (std::size_t i = prompt.size() - 1; i < rows.size(); ++i) rows[i].wants_logits = true;
    decoder_->clear();
    CINESCRIBE_TRY(read(rows, stop));
    std::vector<float> logits;
    logits.reserve(text.size() * static_cast<std::size_t>(model_->vocabulary()));
    for (std::size_t i = prompt.size() - 1; i < rows.size(); ++i) {
      const std::span<const float> row = decoder_->logits(i);
      logits.insert(logits.end(), row.begin(), row.end());
    }
    return logits;
  }

 private:
  [[nodiscard]] Status check(std::span<const TokenId> ids, std::size_t prompt_size, std::int64_t new_tokens) const {
    if (prompt_size == 0) return Error{ErrorCode::kUsage, "there is nothing to read: the prompt is empty"};
    const std::int64_t length = static_cast<std::int64_t>(prompt_size) + new_tokens;
    if (length > most_tokens_ || new_tokens > most_new_) {
      return Error{ErrorCode::kUsage, "a text of " + std::to_string(length) + " tokens, " + std::to_string(new_tokens) +
                                          " of them new, is too long; there is room for " +
                                          std::to_string(most_tokens_) + " and " + std::to_string(most_new_)};
    }
    const auto outside =
        std::find_if(ids.begin(), ids.end(), [&](TokenId id) { return id < 0 || id >= model_->vocabulary(); });
    if (outside == ids.end()) return {};
    return Error{ErrorCode::kUsage, "token " + std::to_string(*outside) + " is outside of the vocabulary of " +
                                        std::to_string(model_->vocabulary())};
  }

  static std::vector<DecoderRow> rows_of(std::span<const TokenId> ids, std::size_t first_position) {
    std::vector<DecoderRow> rows(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
      rows[i].token = ids[i];
      rows[i].position = static_cast<std::int32_t>(first_position + i);
    }
    return rows;
  }

  Status read(const std::vector<DecoderRow>& rows, const std::stop_token& stop) {
    CINESCRIBE_ASSIGN(const LlamaDecoder::Outcome outcome, decoder_->submit(rows, stop));
    if (outcome == LlamaDecoder::Outcome::kDone) return {};
    return Error{ErrorCode::kInternal, "there was no room for a text that should have fitted"};
  }

  std::shared_ptr<const LlamaModel> model_;
  std::unique_ptr<LlamaDecoder> decoder_;
  std::int64_t most_tokens_;
  std::int64_t most_new_;
};

}  // namespace

Result<std::unique_ptr<ForcedReader>> ForcedReader::create(std::shared_ptr<const LanguageModel> model,
                                                           std::int64_t most_tokens, std::int64_t most_new) {
  auto loaded = std::dynamic_pointer_cast<const LlamaModel>(std::move(model));
  if (loaded == nullptr) return Error{ErrorCode::kInternal, "a reader needs a model that was loaded from a file"};
  if (most_tokens < 1 || most_tokens > kMostTokens || most_new < 1) {
    return Error{ErrorCode::kUsage,
                 "texts may have 1 to " + std::to_string(kMostTokens) + " tokens, not " + std::to_string(most_tokens)};
  }
  CINESCRIBE_ASSIGN(std::shared_ptr<ThreadPool> threads, ThreadPool::start(loaded->threads()));
  DecoderOptions options;
  options.cells = most_tokens;
  options.outputs = static_cast<int>(std::min(most_new, most_tokens));
  options.batch_rows = static_cast<int>(most_tokens);
  CINESCRIBE_ASSIGN(auto decoder, LlamaDecoder::create(loaded, std::move(threads), options));
  return std::unique_ptr<ForcedReader>(
      std::make_unique<LlamaReader>(std::move(loaded), std::move(decoder), most_tokens, most_new));
}

}  // namespace cinescribe::language
