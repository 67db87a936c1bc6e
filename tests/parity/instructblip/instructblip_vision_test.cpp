// Every case under <parity>/instructblip: pixels, tower, Q-Former and rows of its picture and instruction in f32.
#include <string>
#include <vector>

#include "parity/vision_case.h"

#include "cinescribe/text/wordpiece.h"

namespace cinescribe {
namespace {

using parity::VisionCase;

class InstructBlipCase : public VisionCase {
 public:
  explicit InstructBlipCase(const std::filesystem::path& folder) : VisionCase("instructblip", folder) {}

  void run() {
    ASSERT_TRUE(description().is_object());
    const auto rows =
        encode(description()["images"].get<std::vector<std::string>>(), description()["prompt"].get<std::string>());
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows.front().tokens, description()["expected"]["image_token_counts"][0].get<int>());
    compare_instructions();
    const auto& allowed = description()["tolerances"];
    compare_pixels(allowed["pixel_values"].get<double>());
    compare_tower(allowed["vision_rel"].get<double>());
    compare_qformer(rows.front(), allowed["qformer_abs"].get<double>());
  }

 private:
  /// WordPiece ids of the prompts, the further runs' as well.
  void compare_instructions() const {
    const auto tokenizer = text::WordPiece::load(model_folder() / "qformer_tokenizer");
    ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message;
    const auto compare = [&](const nlohmann::json& run) {
      EXPECT_EQ((*tokenizer)->encode(run["prompt"].get<std::string>()),
                run["expected"]["qformer_input_ids"].get<std::vector<text::TokenId>>());
    };
    compare(description());
    for (const auto& run : description()["more_runs"]) compare(run);
  }

  /// pixel_values[:, :, ::7, ::7]
  void compare_pixels(double allowed) const {
    const auto size = static_cast<std::size_t>(card().tower.image_size_px);
    const auto& pixels = probed("pixel_values");
    ASSERT_EQ(pixels.size(), 3 * size * size);
    std::vector<float> picked;
    for (std::size_t plane = 0; plane < 3; ++plane) {
      for (std::size_t y = 0; y < size; y += 7) {
        for (std::size_t x = 0; x < size; x += 7) picked.push_back(pixels[(plane * size + y) * size + x]);
      }
    }
    parity::Errors errors;
    parity::add_all(errors, picked, stored("pixel_values_s7"));
    verdict("pixels", errors, allowed);
  }

  /// Errors relative to the largest stored value; every 16th row is stored, of `image_embeds` all.
  void compare_tower(double allowed) const {
    const auto width = static_cast<std::size_t>(card().tower.width);
    parity::Errors errors;
    const auto compare = [&](const std::string& name, const std::vector<float>& actual, std::size_t row_width,
                             std::size_t step) {
      const auto rows = parity::every(step, actual.size() / row_width);
      const auto expected = stored(name);
      parity::add_all(errors, parity::pick_rows(actual, row_width, rows), expected, parity::scale_of(expected));
    };
    compare("patch_embeds", probed("patch_embeds"), width, 16);
    compare("vis_emb", probed("embeddings"), width, 16);
    compare("vis_qkv_l0", joined_qkv(), probed("query_1").size() / probed("embeddings").size() * width * 3, 16);
    for (int layer = 0; layer < card().tower.layers; ++layer) {
      compare("vis_l" + std::to_string(layer), probed("hidden_" + std::to_string(layer + 1)), width, 16);
    }
    compare("image_embeds", probed("features"), width, 1);
    verdict("tower", errors, allowed);
  }

  /// q | k | v of the first layer, row by row, as the reference's fused matrix gives them.
  [[nodiscard]] std::vector<float> joined_qkv() const {
    const auto rows = probed("embeddings").size() / static_cast<std::size_t>(card().tower.width);
    const std::size_t inner = probed("query_1").size() / rows;
    std::vector<float> out;
    for (std::size_t i = 0; i < rows; ++i) {
      for (const char* part : {"query_1", "key_1", "value_1"}) {
        const auto& values = probed(part);
        out.insert(out.end(), values.begin() + static_cast<std::ptrdiff_t>(i * inner),
                   values.begin() + static_cast<std::ptrdiff_t>((i + 1) * inner));
      }
    }
    return out;
  }

  void compare_qformer(const captions::ImageRows& rows, double allowed) const {
    parity::Errors errors;
    parity::add_all(errors, probed("qformer_embeddings"), stored("qf_emb"));
    parity::add_all(errors, probed("qformer_attention_1"), stored("qf_l0_selfattn"));
    parity::add_all(errors, probed("qformer_cross_1"), stored("qf_l0_cross"));
    for (int layer = 0; layer < card().qformer->layers; ++layer) {
      parity::add_all(errors, probed("qformer_hidden_" + std::to_string(layer + 1)),
                      stored("qf_l" + std::to_string(layer)));
    }
    parity::add_all(errors, probed("query_output"), stored("query_output"));
    parity::add_all(errors, probed("projected"), stored("lm_proj"));
    parity::add_all(errors, rows.rows, stored("lm_proj"));
    verdict("Q-Former and rows", errors, allowed);
  }
};

TEST(InstructBlipVisionParity, PixelsTowerQFormerAndRowsEqualTheReference) {
  const auto cases = parity::model_cases("instructblip");
  ASSERT_FALSE(cases.empty()) << "no cases under " << parity::root() / "instructblip";
  for (const auto& folder : cases) InstructBlipCase(folder).run();
}

}  // namespace
}  // namespace cinescribe
