#include <utility>

#include <ggml.h>

#include "cinescribe/captions/families.h"
#include "cinescribe/captions/qformer.h"
#include "cinescribe/tensor/encoder_weights.h"
#include "cinescribe/text/wordpiece.h"

namespace cinescribe::captions {
namespace {

class InstructBlipVision final : public VisionFamily {
 public:
  InstructBlipVision(int tile_px, tensor::PixelCard pixels, Qformer qformer, const tensor::Affine& projection,
                     std::unique_ptr<text::WordPiece> tokenizer)
      : tile_px_(tile_px),
        pixels_(std::move(pixels)),
        qformer_(std::move(qformer)),
        projection_(projection),
        tokenizer_(std::move(tokenizer)) {}

  [[nodiscard]] Result<int> image_tokens(int width_px, int height_px) const override {
    if (width_px < 1 || height_px < 1) {
      return Error{ErrorCode::kInput, "a picture of " + std::to_string(width_px) + " x " + std::to_string(height_px) +
                                          " pixels cannot be shown to a model"};
    }
    return qformer_.queries();
  }

  [[nodiscard]] Status check_instruction(const std::string& instruction) const override {
    return qformer_.check(tokenizer_->encode(instruction));
  }

  [[nodiscard]] Result<PreparedPicture> prepare(const Image& picture, const std::string& instruction) const override {
    PreparedPicture prepared;
    CINESCRIBE_ASSIGN(prepared.pixels, squashed_tile(picture, tile_px_, pixels_));
    prepared.tokens = qformer_.queries();
    prepared.instruction = tokenizer_->encode(instruction);
    return prepared;
  }

  [[nodiscard]] std::size_t graph_nodes() const override { return qformer_.graph_nodes(); }

  ggml_tensor* build(ggml_context* graph, ggml_tensor* features, std::span<const ChunkTile> chunk,
                     tensor::GraphValues& values, std::vector<RowTarget>& targets) const override {
    values.tap("features", features);
    std::vector<const std::vector<text::TokenId>*> instructions;
    for (std::size_t i = 0; i < chunk.size(); ++i) {
      instructions.push_back(&chunk[i].picture->instruction);
      for (std::int32_t query = 0; query < qformer_.queries(); ++query) targets.push_back({i, query});
    }
    ggml_tensor* x = qformer_.build(graph, features, instructions, values);
    x = tensor::linear(graph, x, projection_);
    values.tap("projected", x);
    return ggml_reshape_2d(graph, x, x->ne[0], x->ne[1] * x->ne[2]);
  }

 private:
  int tile_px_;
  tensor::PixelCard pixels_;
  Qformer qformer_;
  tensor::Affine projection_;
  std::unique_ptr<text::WordPiece> tokenizer_;
};

}  // namespace

Result<std::unique_ptr<VisionFamily>> load_instructblip_vision(const FamilySources& sources) {
  const tensor::ModelCard& card = sources.card;
  if (!card.qformer) return Error{ErrorCode::kModel, "model.json describes no Q-Former; import the model again"};
  if (card.tower.drops_class_token) {
    return Error{ErrorCode::kModel, "InstructBLIP's Q-Former reads the class token, but model.json drops it"};
  }
  CINESCRIBE_TRY(image::pass_order_from_name(card.pixels.resize_order).status());
  const auto features = static_cast<std::int64_t>(card.tower.feature_layers.size()) * card.tower.width;
  CINESCRIBE_ASSIGN(auto qformer, Qformer::load(sources.file, *card.qformer, features, sources.device));
  CINESCRIBE_ASSIGN(const tensor::Affine projection,
                    tensor::read_linear(sources.file, "mm.0", qformer.width(), card.language.width));
  CINESCRIBE_ASSIGN(auto tokenizer, text::WordPiece::load(sources.folder / "qformer_tokenizer"));
  return std::unique_ptr<VisionFamily>(std::make_unique<InstructBlipVision>(
      card.tower.image_size_px, card.pixels, std::move(qformer), projection, std::move(tokenizer)));
}

}  // namespace cinescribe::captions
