#include "cinescribe/language/type_price.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>
#include <string>
#include <utility>

#include "cinescribe/language/distribution_gap.h"
#include "cinescribe/language/forced_reader.h"

namespace cinescribe::language {

namespace {

constexpr std::int64_t kMostNumbers = std::int64_t{1} << 30;

std::size_t longest(const std::vector<std::vector<TokenId>>& lists) {
  std::size_t most = 1;
  for (const auto& list : lists) most = std::max(most, list.size());
  return most;
}

/// The value below which 95 of 100 lie (nearest rank).
double p95(std::vector<double> values) {
  const std::size_t rank = (values.size() * 95 + 99) / 100 - 1;
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(rank), values.end());
  return values[rank];
}

}  // namespace

Result<std::vector<ReferenceText>> reference_texts(const std::shared_ptr<const LanguageModel>& model,
                                                   const std::vector<std::vector<TokenId>>& prompts,
                                                   const TypePriceOptions& options, const std::stop_token& stop) {
  if (prompts.empty()) return Error{ErrorCode::kUsage, "there are no prompts"};
  const std::int64_t numbers = static_cast<std::int64_t>(prompts.size()) * options.new_tokens * model->vocabulary();
  if (options.new_tokens < 1 || numbers > kMostNumbers) {
    return Error{ErrorCode::kUsage, std::to_string(prompts.size()) + " prompts with " +
                                        std::to_string(options.new_tokens) + " tokens each are too many to keep (" +
                                        std::to_string(numbers) + " numbers); use fewer prompts or tokens"};
  }
  CINESCRIBE_ASSIGN(const auto reader,
                    ForcedReader::create(model, static_cast<std::int64_t>(longest(prompts)) + options.new_tokens,
                                         options.new_tokens));
  std::vector<ReferenceText> texts;
  for (const std::vector<TokenId>& prompt : prompts) {
    ReferenceText text;
    text.prompt = prompt;
    CINESCRIBE_ASSIGN(text.text, reader->continuation(prompt, options.new_tokens, options.end_ids, stop));
    CINESCRIBE_ASSIGN(text.logits, reader->logits(text.prompt, text.text, stop));
    texts.push_back(std::move(text));
  }
  return texts;
}

Result<TypePrice> type_price(const std::shared_ptr<const LanguageModel>& model,
                             const std::vector<ReferenceText>& reference, const std::stop_token& stop) {
  const auto vocabulary = static_cast<std::size_t>(model->vocabulary());
  std::size_t most = 1;
  std::size_t most_new = 1;
  for (const ReferenceText& text : reference) {
    most_new = std::max(most_new, text.text.size());
    most = std::max(most, text.prompt.size() + text.text.size());
    if (text.logits.size() == text.text.size() * vocabulary) continue;
    return Error{ErrorCode::kUsage, "the models cannot be compared: their vocabularies differ"};
  }
  CINESCRIBE_ASSIGN(const auto reader,
                    ForcedReader::create(model, static_cast<std::int64_t>(most), static_cast<std::int64_t>(most_new)));
  TypePrice price;
  std::vector<double> divergences;
  std::int64_t tokens_in_common = 0;
  for (const ReferenceText& text : reference) {
    CINESCRIBE_ASSIGN(const std::vector<float> logits, reader->logits(text.prompt, text.text, stop));
    bool is_same_text = true;
    for (std::size_t i = 0; i < text.text.size(); ++i) {
      const auto gap = distribution_gap(std::span(text.logits).subspan(i * vocabulary, vocabulary),
                                        std::span(logits).subspan(i * vocabulary, vocabulary));
      if (!gap) return Error{ErrorCode::kModel, "a model gives numbers that are none; its weights are broken"};
      divergences.push_back(gap->kl_nats);
      price.same_top_share += gap->is_same_top ? 1.0 : 0.0;
      is_same_text = is_same_text && gap->is_same_top;
      tokens_in_common += is_same_text ? 1 : 0;
    }
    price.same_texts += is_same_text ? 1 : 0;
    ++price.texts;
  }
  if (divergences.empty()) return Error{ErrorCode::kUsage, "there is no text to compare"};
  price.tokens = static_cast<std::int64_t>(divergences.size());
  const auto tokens = static_cast<double>(divergences.size());
  price.same_top_share /= tokens;
  price.mean_kl_nats = std::accumulate(divergences.begin(), divergences.end(), 0.0) / tokens;
  price.most_kl_nats = *std::max_element(divergences.begin(), divergences.end());
  price.p95_kl_nats = p95(divergences);
  price.mean_tokens_in_common = static_cast<double>(tokens_in_common) / static_cast<double>(price.texts);
  return price;
}

}  // namespace cinescribe::language
