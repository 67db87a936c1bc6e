#include "cinescribe/quality/sentence_model.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include "cinescribe/ort/session.h"
#include "cinescribe/quality/bert_graph.h"
#include "cinescribe/text/wordpiece.h"

namespace cinescribe::quality {

namespace {

constexpr std::size_t kMostTokens = 256;  // as these models were trained

class BertSentences final : public SentenceModel {
 public:
  BertSentences(const BertShape& shape, std::unique_ptr<text::WordPiece> tokenizer,
                std::unique_ptr<ort::Session> session)
      : shape_(shape), tokenizer_(std::move(tokenizer)), session_(std::move(session)) {}

  Result<std::vector<float>> embed(std::string_view text, const std::stop_token& stop) const override {
    const std::vector<text::TokenId> pieces = tokenizer_->encode(text);
    std::vector<std::int64_t> ids(pieces.begin(), pieces.end());
    const std::size_t most = most_tokens();
    if (ids.size() > most) {
      ids[most - 1] = ids.back();  // the end token stays
      ids.resize(most);
    }
    return embed_ids(ids, stop);
  }

  Result<std::vector<float>> embed_ids(std::span<const std::int64_t> ids, const std::stop_token& stop) const override {
    if (ids.empty() || ids.size() > most_tokens()) {
      return Error{ErrorCode::kUsage, "a sentence may have 1 to " + std::to_string(most_tokens()) + " tokens, not " +
                                          std::to_string(ids.size())};
    }
    const bool is_inside =
        std::all_of(ids.begin(), ids.end(), [this](std::int64_t id) { return id >= 0 && id < shape_.vocabulary; });
    if (!is_inside) return Error{ErrorCode::kUsage, "a token is outside of the sentence model's vocabulary"};
    std::vector<std::int64_t> positions(ids.size());
    std::iota(positions.begin(), positions.end(), std::int64_t{0});
    const std::vector<std::int64_t> shape = {static_cast<std::int64_t>(ids.size())};
    const std::vector<ort::Input> inputs = {{"ids", shape, ids},
                                            {"positions", shape, std::span<const std::int64_t>(positions)}};
    const std::vector<std::string> outputs = {"mean"};
    CINESCRIBE_ASSIGN(const auto results, session_->run(inputs, outputs, stop));
    const std::span<const float> mean = results.front().view<float>();
    double square = 0.0;
    for (const float value : mean) square += static_cast<double>(value) * value;
    if (!(square > 0.0) || !std::isfinite(square)) {
      return Error{ErrorCode::kModel, "the sentence model gives numbers that are no direction; its weights are broken"};
    }
    std::vector<float> direction(mean.begin(), mean.end());
    for (float& value : direction) value = static_cast<float>(value / std::sqrt(square));
    return direction;
  }

 private:
  [[nodiscard]] std::size_t most_tokens() const {
    return std::min(kMostTokens, static_cast<std::size_t>(shape_.positions));
  }

  BertShape shape_;
  std::unique_ptr<text::WordPiece> tokenizer_;
  std::unique_ptr<ort::Session> session_;
};

}  // namespace

Result<std::unique_ptr<SentenceModel>> SentenceModel::load(const std::filesystem::path& folder, int threads) {
  CINESCRIBE_ASSIGN(const BertShape shape, read_bert_shape(folder));
  CINESCRIBE_ASSIGN(auto tokenizer, text::WordPiece::load(folder));
  CINESCRIBE_ASSIGN(const std::string graph, bert_graph(folder, shape));
  ort::SessionOptions options;
  options.threads = std::max(1, threads);
  CINESCRIBE_ASSIGN(auto session, ort::Session::from_bytes(graph, folder.string(), options));
  return std::unique_ptr<SentenceModel>(
      std::make_unique<BertSentences>(shape, std::move(tokenizer), std::move(session)));
}

double cosine(std::span<const float> a, std::span<const float> b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * b[i];
  return sum;
}

}  // namespace cinescribe::quality
