#include "cinescribe/captions/qformer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include <ggml.h>

#include "cinescribe/tensor/encoder_weights.h"

namespace cinescribe::captions {
namespace {

Error contradiction(const std::string& what) {
  return {ErrorCode::kModel, "the model's Q-Former cannot be run: " + what + "; import the model again"};
}

Status check_card(const tensor::QformerCard& card) {
  constexpr int kMax = 1 << 24;
  const auto is_size = [](int value) { return value >= 1 && value <= kMax; };
  if (!is_size(card.width) || !is_size(card.heads) || card.width % card.heads != 0 || !is_size(card.ffn_width)) {
    return contradiction("width " + std::to_string(card.width) + ", " + std::to_string(card.heads) +
                         " heads, feed-forward width " + std::to_string(card.ffn_width));
  }
  if (!is_size(card.layers) || card.layers > 1000 || !is_size(card.cross_attention_frequency)) {
    return contradiction(std::to_string(card.layers) + " layers that read the picture at every " +
                         std::to_string(card.cross_attention_frequency));
  }
  constexpr int kMaxRows = 1 << 14;  // attention is quadratic in them
  if (!is_size(card.queries) || card.queries > kMaxRows || !is_size(card.vocabulary) || !is_size(card.max_positions) ||
      card.max_positions > kMaxRows) {
    return contradiction(std::to_string(card.queries) + " queries, " + std::to_string(card.vocabulary) + " words, " +
                         std::to_string(card.max_positions) + " positions");
  }
  return {};
}

Result<tensor::EncoderLayer> read_layer(const tensor::WeightFile& file, const std::string& at,
                                        const tensor::EncoderOptions& options, std::int64_t ffn_width,
                                        std::int64_t feature_width, bool has_cross) {
  tensor::EncoderLayer layer;
  CINESCRIBE_ASSIGN(layer.attention, tensor::read_attention(file, at, options, options.width));
  CINESCRIBE_ASSIGN(layer.attention_norm, tensor::read_norm(file, at + "attention_norm", options.width));
  CINESCRIBE_ASSIGN(layer.ffn, tensor::read_feed_forward(file, at + "up", at + "down", options.width, ffn_width));
  CINESCRIBE_ASSIGN(layer.ffn_norm, tensor::read_norm(file, at + "ffn_norm", options.width));
  CINESCRIBE_ASSIGN(layer.lead_ffn,
                    tensor::read_feed_forward(file, at + "query_up", at + "query_down", options.width, ffn_width));
  CINESCRIBE_ASSIGN(layer.lead_ffn_norm, tensor::read_norm(file, at + "query_ffn_norm", options.width));
  if (has_cross) {
    CINESCRIBE_ASSIGN(layer.cross, tensor::read_attention(file, at + "cross.", options, feature_width));
    CINESCRIBE_ASSIGN(layer.cross_norm, tensor::read_norm(file, at + "cross_norm", options.width));
  }
  return layer;
}

/// f32 [rows, rows, 1, batch]: -inf for the keys behind each sequence's own length.
std::vector<float> padding_mask(std::span<const std::vector<text::TokenId>* const> instructions, std::size_t queries,
                                std::size_t rows) {
  std::vector<float> mask;
  mask.reserve(rows * rows * instructions.size());
  for (const auto* ids : instructions) {
    for (std::size_t query = 0; query < rows; ++query) {
      for (std::size_t key = 0; key < rows; ++key) {
        mask.push_back(key < queries + ids->size() ? 0.0F : -std::numeric_limits<float>::infinity());
      }
    }
  }
  return mask;
}

}  // namespace

Result<Qformer> Qformer::load(const tensor::WeightFile& file, const tensor::QformerCard& card,
                              std::int64_t feature_width, const tensor::ComputeDevice& device) {
  CINESCRIBE_TRY(check_card(card));
  Qformer qformer;
  qformer.card_ = card;
  tensor::EncoderOptions& encoder = qformer.encoder_;
  encoder.width = card.width;
  encoder.heads = card.heads;
  encoder.head_dim = card.width / card.heads;
  encoder.norm_eps = static_cast<float>(card.norm_eps);
  encoder.norm_place = tensor::NormPlace::kAfter;
  encoder.lead_rows = card.queries;
  tensor::fit_to_device(encoder, device, false);
  if (!tensor::parse_activation(card.activation, encoder.activation)) {
    return contradiction("the activation '" + card.activation + "' is not known");
  }
  CINESCRIBE_ASSIGN(qformer.queries_, file.array("q.queries", {card.width, card.queries}));
  CINESCRIBE_ASSIGN(qformer.words_, file.array("q.word_embeddings", {card.width, card.vocabulary}));
  CINESCRIBE_ASSIGN(qformer.positions_, file.array("q.positions", {card.width, card.max_positions}));
  CINESCRIBE_ASSIGN(qformer.embed_norm_, tensor::read_norm(file, "q.embed_norm", card.width));
  for (int i = 0; i < card.layers; ++i) {
    CINESCRIBE_ASSIGN(auto layer, read_layer(file, "q.layer." + std::to_string(i) + ".", encoder, card.ffn_width,
                                             feature_width, i % card.cross_attention_frequency == 0));
    qformer.layers_.push_back(layer);
  }
  return qformer;
}

std::size_t Qformer::graph_nodes() const { return 64 + tensor::encoder_nodes(layers_.size()); }

Status Qformer::check(std::span<const text::TokenId> instruction) const {
  if (instruction.empty()) return Error{ErrorCode::kInput, "the Q-Former got an instruction without tokens"};
  if (instruction.size() > static_cast<std::size_t>(card_.max_positions)) {
    return Error{ErrorCode::kInput, "the instruction has " + std::to_string(instruction.size()) +
                                        " tokens, but the model's Q-Former reads at most " +
                                        std::to_string(card_.max_positions) + "; shorten the prompt"};
  }
  for (const text::TokenId id : instruction) {
    if (id < 0 || id >= card_.vocabulary) {
      return Error{ErrorCode::kInput, "the instruction has the token " + std::to_string(id) +
                                          ", but the model's Q-Former knows only 0 to " +
                                          std::to_string(card_.vocabulary - 1) +
                                          "; the model's qformer_tokenizer does not belong to its weights"};
    }
  }
  return {};
}

ggml_tensor* Qformer::embed(ggml_context* graph, std::span<const std::vector<text::TokenId>* const> instructions,
                            std::size_t text_rows, tensor::GraphValues& values) const {
  const auto batch = static_cast<std::int64_t>(instructions.size());
  const auto rows = static_cast<std::int64_t>(text_rows);
  std::vector<std::int32_t> ids;
  for (const auto* instruction : instructions) {
    ids.insert(ids.end(), instruction->begin(), instruction->end());
    ids.resize(ids.size() + text_rows - instruction->size());  // padding; the mask hides it
  }
  ggml_tensor* words = ggml_get_rows(graph, words_, values.indices(graph, std::move(ids), {rows * batch}));
  words = ggml_reshape_3d(graph, words, card_.width, rows, batch);
  // Text positions start at 0; queries have none.
  words = ggml_add(graph, words, ggml_view_2d(graph, positions_, card_.width, rows, positions_->nb[1], 0));
  ggml_tensor* queries = ggml_repeat_4d(graph, queries_, card_.width, card_.queries, batch, 1);
  return tensor::layer_norm(graph, ggml_concat(graph, queries, words, 1), embed_norm_, encoder_.norm_eps);
}

ggml_tensor* Qformer::build(ggml_context* graph, ggml_tensor* features,
                            std::span<const std::vector<text::TokenId>* const> instructions,
                            tensor::GraphValues& values) const {
  const auto [shortest, longest] = std::minmax_element(
      instructions.begin(), instructions.end(), [](const auto* a, const auto* b) { return a->size() < b->size(); });
  const std::size_t text_rows = (*longest)->size();
  ggml_tensor* x = embed(graph, instructions, text_rows, values);
  values.tap("qformer_embeddings", x);
  tensor::EncoderInputs inputs;
  inputs.context = features;
  if ((*shortest)->size() < text_rows) {
    const auto queries = static_cast<std::size_t>(card_.queries);
    inputs.key_mask = values.floats(graph, padding_mask(instructions, queries, queries + text_rows),
                                    {x->ne[1], x->ne[1], 1, x->ne[2]});
  }
  if (values.is_tapped()) {
    inputs.tap = [&](std::string_view name, ggml_tensor* tensor) {
      values.tap("qformer_" + std::string(name), tensor);
    };
  }
  x = tensor::build_encoder(graph, x, encoder_, layers_, inputs).back();
  x = ggml_cont(graph, ggml_view_3d(graph, x, card_.width, card_.queries, x->ne[2], x->nb[1], x->nb[2], 0));
  values.tap("query_output", x);
  return x;
}

}  // namespace cinescribe::captions
