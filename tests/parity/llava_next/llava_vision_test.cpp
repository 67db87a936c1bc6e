// Every case under <parity>/llava_next: pixels, tower, projector and packed rows of its pictures in f32.
#include <array>
#include <string>
#include <vector>

#include "parity/vision_case.h"

namespace cinescribe {
namespace {

using parity::VisionCase;

/// L2 norm of every row.
std::vector<float> norms(const std::vector<float>& rows, std::size_t width) {
  std::vector<float> out;
  for (std::size_t i = 0; i + width <= rows.size(); i += width) {
    double sum = 0.0;
    for (std::size_t c = i; c < i + width; ++c) sum += static_cast<double>(rows[c]) * static_cast<double>(rows[c]);
    out.push_back(static_cast<float>(std::sqrt(sum)));
  }
  return out;
}

class LlavaCase : public VisionCase {
 public:
  explicit LlavaCase(const std::filesystem::path& folder) : VisionCase("llava_next", folder) {}

  void run() {
    ASSERT_TRUE(description().is_object());
    const auto rows = encode(description()["images"].get<std::vector<std::string>>(), "");
    const auto& counts = description()["expected"]["image_token_counts"];
    ASSERT_EQ(rows.size(), counts.size());
    for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i].tokens, counts[i].get<int>());
    const auto& allowed = description()["tolerances"]["float32_engine"];
    compare_pixels(allowed["pixel_values_max_abs"].get<double>());

    const auto width = static_cast<std::size_t>(card().tower.width);
    const auto language = static_cast<std::size_t>(card().language.width);
    const auto per_tile = static_cast<std::size_t>(card().tower.image_size_px / card().tower.patch_size_px);
    const std::size_t patches = per_tile * per_tile;
    parity::Errors vision;
    compare(vision, "vis_emb_pre_ln", "embeddings", width, patches + 1, "vis_token_idx");
    for (int layer = 0; layer == 0 || !stored("vis_hs" + std::to_string(layer) + "_sub").empty(); ++layer) {
      const std::string number = std::to_string(layer);
      compare(vision, "vis_hs" + number, "hidden_" + number, width, patches + 1, "vis_token_idx");
    }
    compare(vision, "vis_selected", "features", width * card().tower.feature_layers.size(), patches, "patch_idx");
    verdict("tower", vision, allowed["vision_rel_l2"].get<double>());

    parity::Errors projector;
    compare(projector, "proj_l1", "projector_1", language, patches, "patch_idx");
    compare(projector, "proj_out", "projected", language, patches, "patch_idx");
    const std::size_t tokens = probed("packed").size() / language;
    compare(projector, "packed", "packed", language, tokens, "packed_idx");
    verdict("projector and packed rows", projector, allowed["projector_rel_l2"].get<double>());
  }

 private:
  /// Stored rows are `indices` of each of the equal parts of `rows_per_part` rows; norms are of all rows.
  void compare(parity::Errors& errors, const std::string& name, const std::string& probe, std::size_t width,
               std::size_t rows_per_part, const std::string& indices) const {
    const auto& actual = probed(probe);
    std::vector<std::size_t> rows;
    for (std::size_t first = 0; first < actual.size() / width; first += rows_per_part) {
      for (const std::int32_t i : stored_indices(indices)) rows.push_back(first + static_cast<std::size_t>(i));
    }
    errors.add(parity::relative_l2(parity::pick_rows(actual, width, rows), stored(name + "_sub")), 0.0);
    errors.add(parity::relative_l2(norms(actual, width), stored(name + "_norm")), 0.0);
  }

  /// pixel_values[..., 4::8, 4::8]
  void compare_pixels(double allowed) const {
    const auto size = static_cast<std::size_t>(card().tower.image_size_px);
    const auto& pixels = probed("pixel_values");
    std::vector<float> picked;
    for (std::size_t plane = 0; plane < pixels.size() / (size * size); ++plane) {
      for (std::size_t y = 4; y < size; y += 8) {
        for (std::size_t x = 4; x < size; x += 8) picked.push_back(pixels[(plane * size + y) * size + x]);
      }
    }
    parity::Errors errors;
    parity::add_all(errors, picked, stored("pixel_values_sub"));
    verdict("pixels", errors, allowed);
  }
};

TEST(LlavaVisionParity, PixelsTowerProjectorAndPackedRowsEqualTheReference) {
  const auto cases = parity::model_cases("llava_next");
  ASSERT_FALSE(cases.empty()) << "no cases under " << parity::root() / "llava_next";
  for (const auto& folder : cases) LlavaCase(folder).run();
}

}  // namespace
}  // namespace cinescribe
