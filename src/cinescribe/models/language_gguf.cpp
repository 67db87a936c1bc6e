#include "cinescribe/models/language_gguf.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <unordered_set>
#include <utility>

namespace cinescribe::models {

namespace {

using text::TokenKind;

/// Far below every real piece, so that a tokenizer never makes one of these.
constexpr float kUnusedScore = -10000.0F;
constexpr std::uint32_t kQuantisationVersion = 2;

std::uint32_t unsigned_of(std::int64_t value) { return static_cast<std::uint32_t>(value); }

void write_shape(const LanguagePlan& plan, tensor::GgufWriter& writer) {
  const tensor::LanguageCard& l = plan.card;
  const std::string arch = l.architecture + ".";
  writer.set_unsigned(arch + "vocab_size", unsigned_of(l.vocabulary));
  writer.set_unsigned(arch + "context_length", unsigned_of(l.context));
  writer.set_unsigned(arch + "embedding_length", unsigned_of(l.width));
  writer.set_unsigned(arch + "block_count", unsigned_of(l.layers));
  writer.set_unsigned(arch + "feed_forward_length", unsigned_of(l.ffn_width));
  writer.set_unsigned(arch + "attention.head_count", unsigned_of(l.heads));
  writer.set_unsigned(arch + "attention.head_count_kv", unsigned_of(l.kv_heads));
  writer.set_unsigned(arch + "attention.key_length", unsigned_of(l.head_dim));
  writer.set_unsigned(arch + "attention.value_length", unsigned_of(l.head_dim));
  writer.set_unsigned(arch + "rope.dimension_count", unsigned_of(l.head_dim));
  writer.set_float(arch + "attention.layer_norm_rms_epsilon", static_cast<float>(plan.rms_eps));
  writer.set_float(arch + "rope.freq_base", static_cast<float>(plan.rope_theta));
  if (plan.linear_rope_factor != 1.0) {
    writer.set_text(arch + "rope.scaling.type", "linear");
    writer.set_float(arch + "rope.scaling.factor", static_cast<float>(plan.linear_rope_factor));
  }
  if (l.original_context > 0) {
    writer.set_unsigned(arch + "rope.scaling.original_context_length", unsigned_of(l.original_context));
    writer.set_float(arch + "rope.scaling.attn_factor", static_cast<float>(plan.attention_factor));
  }
}

void write_vocabulary(const GgufVocabulary& vocabulary, const tensor::ModelCard& card, tensor::GgufWriter& writer) {
  writer.set_text("tokenizer.ggml.model", "llama");
  writer.set_text("tokenizer.ggml.pre", "default");
  writer.set_texts("tokenizer.ggml.tokens", vocabulary.texts);
  writer.set_floats("tokenizer.ggml.scores", vocabulary.scores);
  writer.set_integers("tokenizer.ggml.token_type", vocabulary.kinds);
  const auto rows = static_cast<int>(vocabulary.texts.size());
  const auto set_id = [&](const char* key, int id) {
    if (id >= 0 && id < rows) writer.set_unsigned(key, unsigned_of(id));
  };
  set_id("tokenizer.ggml.bos_token_id", card.tokens.bos);
  set_id("tokenizer.ggml.eos_token_id", card.tokens.eos.empty() ? -1 : card.tokens.eos.front());
  set_id("tokenizer.ggml.unknown_token_id", vocabulary.unknown);
  set_id("tokenizer.ggml.padding_token_id", card.tokens.pad);
  writer.set_flag("tokenizer.ggml.add_bos_token", true);
  writer.set_flag("tokenizer.ggml.add_eos_token", false);
  writer.set_flag("tokenizer.ggml.add_space_prefix", true);
}

}  // namespace

Result<GgufVocabulary> gguf_vocabulary(const std::vector<text::Token>& tokens, int rows, int image_token) {
  const auto wanted = static_cast<std::size_t>(rows);
  if (tokens.empty() || tokens.size() > wanted) {
    return Error{ErrorCode::kModel, "the tokenizer has " + std::to_string(tokens.size()) +
                                        " tokens, the model's embedding " + std::to_string(rows) +
                                        " rows; they do not belong together"};
  }
  GgufVocabulary out;
  std::unordered_set<std::string> seen;
  for (const text::Token& token : tokens) {
    const auto id = static_cast<int>(out.texts.size());
    if (token.text.find('\0') != std::string::npos || !seen.insert(token.text).second) {
      return Error{ErrorCode::kModel, "the tokenizer's token " + std::to_string(id) + " ('" + token.text.substr(0, 40) +
                                          "') is there twice or holds a zero byte"};
    }
    out.texts.push_back(token.text);
    out.scores.push_back(std::isfinite(token.score) ? token.score : kUnusedScore);
    out.kinds.push_back(static_cast<std::int32_t>(id == image_token ? TokenKind::kControl : token.kind));
    if (token.kind == TokenKind::kUnknown && out.unknown < 0) out.unknown = id;
  }
  while (out.texts.size() < wanted) {
    std::string text = "[unused-" + std::to_string(out.texts.size()) + "]";
    while (!seen.insert(text).second) text += "'";
    out.texts.push_back(std::move(text));
    out.scores.push_back(kUnusedScore);
    out.kinds.push_back(static_cast<std::int32_t>(TokenKind::kUnused));
  }
  return out;
}

void write_language_metadata(const LanguagePlan& plan, const tensor::ModelCard& card, const GgufVocabulary& vocabulary,
                             const ImportType& type, tensor::GgufWriter& writer) {
  writer.set_text("general.architecture", plan.card.architecture);
  writer.set_text("general.name", gguf_name(card.name));
  if (!card.licence.empty()) writer.set_text("general.license", card.licence);
  writer.set_unsigned("general.file_type", type.file_type);
  writer.set_unsigned("general.quantization_version", kQuantisationVersion);
  writer.set_flag("cinescribe.is_synthetic", card.is_synthetic);
  write_shape(plan, writer);
  write_vocabulary(vocabulary, card, writer);
}

std::string gguf_name(const std::string& name) {
  std::string out = name;
  for (const std::string_view trap : {"phi-3", "phi3"}) {
    const auto same = [](char x, char y) { return std::tolower(static_cast<unsigned char>(x)) == y; };
    for (auto at = out.begin();;) {
      at = std::search(at, out.end(), trap.begin(), trap.end(), same);
      if (at == out.end()) break;
      at = out.erase(at + 1, at + static_cast<std::ptrdiff_t>(trap.size()) - 1);  // "p" and "3" stay
    }
  }
  return out;
}

}  // namespace cinescribe::models
