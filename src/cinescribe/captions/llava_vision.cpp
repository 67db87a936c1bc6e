#include <utility>

#include "cinescribe/captions/families.h"
#include "cinescribe/captions/grid_vision.h"

namespace cinescribe::captions {
namespace {

class LlavaVision final : public GridVision {
 public:
  LlavaVision(const TileShape& shape, const Projector& projector, tensor::PixelCard pixels, std::vector<float> newline,
              bool is_low_detail)
      : GridVision(shape, 1, projector), pixels_(std::move(pixels)), is_low_detail_(is_low_detail) {
    constant_rows_.push_back(std::move(newline));
  }

  [[nodiscard]] Result<int> image_tokens(int width_px, int height_px) const override {
    CINESCRIBE_ASSIGN(const AnyresPlan plan, plan_anyres(width_px, height_px, shape(), pixels_, is_low_detail_));
    return plan.tokens();
  }

  [[nodiscard]] Result<PreparedPicture> prepare(const Image& picture,
                                                const std::string& /*instruction*/) const override {
    CINESCRIBE_ASSIGN(const AnyresPlan plan,
                      plan_anyres(picture.width, picture.height, shape(), pixels_, is_low_detail_));
    PreparedPicture prepared;
    CINESCRIBE_ASSIGN(prepared.pixels, anyres_tiles(picture, plan, pixels_));
    assign_tokens(anyres_rows(plan, 0, plan.tiles() * patches_per_tile()), prepared);
    return prepared;
  }

 private:
  tensor::PixelCard pixels_;
  bool is_low_detail_;
};

}  // namespace

Result<std::unique_ptr<VisionFamily>> load_llava_vision(const FamilySources& sources) {
  const tensor::ModelCard& card = sources.card;
  if (!card.tower.drops_class_token) {
    return Error{ErrorCode::kModel,
                 "this LLaVA model keeps the class token (vision_feature_select_strategy \"full\"), for which the "
                 "reference has no layout"};
  }
  const TileShape shape{card.tower.image_size_px, card.tower.patch_size_px};
  const auto features = static_cast<std::int64_t>(card.tower.feature_layers.size()) * card.tower.width;
  CINESCRIBE_ASSIGN(const Projector projector,
                    Projector::load(sources.file, features, card.language.width, card.projector_activation));
  CINESCRIBE_ASSIGN(auto newline, sources.file.values("mm.newline", {card.language.width}));
  // A plan for any picture shows whether the model's canvases can be used at all.
  CINESCRIBE_TRY(plan_anyres(shape.tile_px, shape.tile_px, shape, card.pixels, sources.options.is_low_detail).status());
  return std::unique_ptr<VisionFamily>(
      std::make_unique<LlavaVision>(shape, projector, card.pixels, std::move(newline), sources.options.is_low_detail));
}

}  // namespace cinescribe::captions
