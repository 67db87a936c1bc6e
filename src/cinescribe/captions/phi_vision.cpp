#include <algorithm>
#include <utility>

#include <ggml-backend.h>
#include <ggml.h>

#include "cinescribe/captions/families.h"
#include "cinescribe/captions/grid_vision.h"
#include "cinescribe/captions/hd_transform.h"

namespace cinescribe::captions {
namespace {

constexpr int kPatchesPerToken = 4;

class PhiVision final : public GridVision {
 public:
  PhiVision(const TileShape& shape, const Projector& projector, tensor::PixelCard pixels,
            std::vector<std::vector<float>> separators)
      : GridVision(shape, kPatchesPerToken, projector), pixels_(std::move(pixels)) {
    constant_rows_ = std::move(separators);
  }

  [[nodiscard]] Result<int> image_tokens(int width_px, int height_px) const override {
    CINESCRIBE_ASSIGN(const HdPlan plan, plan_hd(width_px, height_px, shape(), pixels_.num_crops));
    return plan.tokens();
  }

  [[nodiscard]] Result<PreparedPicture> prepare(const Image& picture,
                                                const std::string& /*instruction*/) const override {
    CINESCRIBE_ASSIGN(const HdPlan plan, plan_hd(picture.width, picture.height, shape(), pixels_.num_crops));
    CINESCRIBE_ASSIGN(const Image hd, hd_picture(picture, plan, pixels_));
    PreparedPicture prepared;
    prepared.pixels = hd_tiles(hd, plan, pixels_);
    const std::int32_t behind_tiles = plan.tiles() * patches_per_tile();
    CINESCRIBE_ASSIGN(const auto rows,
                      hd_rows(plan, pixels_.hd_order, 0, {behind_tiles, behind_tiles + kPatchesPerToken}));
    assign_tokens(rows, prepared);
    return prepared;
  }

 private:
  tensor::PixelCard pixels_;
};

/// The separators behind the projector: they are the same for every picture.
Result<std::vector<std::vector<float>>> project_separators(const FamilySources& sources, const Projector& projector,
                                                           std::int64_t features) {
  const std::int64_t width = sources.card.language.width;
  CINESCRIBE_ASSIGN(auto rows, sources.file.values("mm.sub_newline", {features}));
  CINESCRIBE_ASSIGN(const auto global, sources.file.values("mm.global_separator", {features}));
  rows.insert(rows.end(), global.begin(), global.end());
  tensor::GraphValues values(false);
  ggml_tensor* projected = nullptr;
  std::vector<std::vector<float>> out(2, std::vector<float>(static_cast<std::size_t>(width)));
  CINESCRIBE_TRY(sources.device.run(
      2 * Projector::kGraphNodes,
      [&](ggml_context* graph) {
        projected = projector.build(graph, values.floats(graph, std::move(rows), {features, 2}), values);
        return std::vector<ggml_tensor*>{projected};
      },
      [&] { values.write_inputs(); },
      [&] {
        for (std::size_t i = 0; i < out.size(); ++i) {
          const std::size_t bytes = out[i].size() * sizeof(float);
          ggml_backend_tensor_get(projected, out[i].data(), i * bytes, bytes);
        }
      }));
  return out;
}

}  // namespace

Result<std::unique_ptr<VisionFamily>> load_phi_vision(const FamilySources& sources) {
  const tensor::ModelCard& card = sources.card;
  if (!card.tower.drops_class_token) {
    return Error{ErrorCode::kModel,
                 "this Phi model keeps the class token (type_feature \"cls_patch\"), for which the "
                 "reference has no layout"};
  }
  tensor::PixelCard pixels = card.pixels;
  if (sources.options.num_crops > 0) pixels.num_crops = sources.options.num_crops;
  if (sources.options.is_low_detail) pixels.num_crops = 1;
  const TileShape shape{card.tower.image_size_px, card.tower.patch_size_px};
  // A plan for any picture shows whether tiles and crops can be used at all.
  CINESCRIBE_ASSIGN(const HdPlan plan, plan_hd(shape.tile_px, shape.tile_px, shape, pixels.num_crops));
  CINESCRIBE_TRY(hd_rows(plan, pixels.hd_order, 0, {}).status());
  const std::int64_t features =
      static_cast<std::int64_t>(card.tower.feature_layers.size()) * card.tower.width * kPatchesPerToken;
  CINESCRIBE_ASSIGN(const Projector projector, Projector::load(sources.file, features, card.language.width, "gelu"));
  CINESCRIBE_ASSIGN(auto separators, project_separators(sources, projector, features));
  return std::unique_ptr<VisionFamily>(
      std::make_unique<PhiVision>(shape, projector, std::move(pixels), std::move(separators)));
}

}  // namespace cinescribe::captions
