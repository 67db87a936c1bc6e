// Every case under <parity>/phi3_v: views, tower, assembled features and tokens of its pictures in f32.
#include <regex>
#include <string>
#include <vector>

#include "parity/vision_case.h"

#include "cinescribe/captions/hd_transform.h"
#include "cinescribe/tensor/compute_device.h"
#include "cinescribe/tensor/weight_file.h"

namespace cinescribe {
namespace {

using parity::VisionCase;

class PhiCase : public VisionCase {
 public:
  explicit PhiCase(const std::filesystem::path& folder) : VisionCase("phi3_v", folder), folder_(folder) {}

  void run() {
    ASSERT_TRUE(description().is_object());
    const auto images = description()["images"].get<std::vector<std::string>>();
    const auto rows = encode(images, "");
    const auto& counts = description()["expected"]["image_token_counts"];
    ASSERT_EQ(rows.size(), counts.size());
    first_tile_ = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      EXPECT_EQ(rows[i].tokens, counts[i].get<int>());
      const auto picture = image::read_png(folder_ / images[i]);
      ASSERT_TRUE(picture.ok());
      const auto plan =
          captions::plan_hd(picture->width, picture->height, {card().tower.image_size_px, card().tower.patch_size_px},
                            card().pixels.num_crops);
      ASSERT_TRUE(plan.ok());
      compare("img" + std::to_string(i) + ".", *plan, rows[i]);
      first_tile_ += static_cast<std::size_t>(plan->tiles());
    }
    const auto& allowed = description()["tolerances"];
    verdict("pixels", pixels_, allowed["pixel_atol"].get<double>());
    verdict("tower and assembled features", tower_, allowed["clip_atol"].get<double>());
    verdict("image tokens", tokens_, allowed["image_tokens_atol"].get<double>());
  }

 private:
  /// The step that `arrays` notes for a stored array, "[::N]" (one case: "token N of …").
  [[nodiscard]] std::size_t step(const std::string& name) const {
    const auto note = description()["arrays"][name].get<std::string>();
    std::smatch match;
    if (std::regex_search(note, match, std::regex(R"(\[::(\d+)\])"))) return std::stoul(match[1]);
    if (std::regex_search(note, match, std::regex(R"(token (\d+) of)"))) return std::stoul(match[1]);
    ADD_FAILURE() << name << ": no step in '" << note << "'";
    return 1;
  }

  [[nodiscard]] std::size_t to_size(int value) const { return static_cast<std::size_t>(value); }

  void compare(const std::string& image, const captions::HdPlan& plan, const captions::ImageRows& rows) {
    compare_pixels(image, plan);
    const std::size_t width = to_size(card().tower.width);
    const std::size_t features = width * card().tower.feature_layers.size();
    const std::size_t patches = to_size(plan.shape.patches() * plan.shape.patches());
    std::vector<std::size_t> picked;
    for (const std::size_t i : parity::every(step(image + "clip_embed"), patches + 1)) {
      picked.push_back(first_tile_ * (patches + 1) + i);
    }
    parity::add_all(tower_, parity::pick_rows(probed("hidden_0"), width, picked), stored(image + "clip_embed"));
    picked.clear();
    for (std::size_t tile = first_tile_; tile < first_tile_ + to_size(plan.tiles()); ++tile) {
      for (const std::size_t i : parity::every(step(image + "clip_feat"), patches))
        picked.push_back(tile * patches + i);
    }
    parity::add_all(tower_, parity::pick_rows(probed("features"), features, picked), stored(image + "clip_feat"));
    compare_assembled(image, plan, features, patches);

    const std::size_t language = to_size(card().language.width);
    const auto kept = parity::every(step(image + "tokens"), to_size(rows.tokens));
    parity::add_all(tokens_, parity::pick_rows(rows.rows, language, kept), stored(image + "tokens"));
    // Sums over a whole sequence: an error per token, so divided by their number.
    std::vector<float> sums;
    for (std::size_t c = 0; c < language; ++c) {
      double sum = 0.0;
      for (std::size_t t = 0; t < to_size(rows.tokens); ++t) sum += static_cast<double>(rows.rows[t * language + c]);
      sums.push_back(static_cast<float>(sum));
    }
    parity::add_all(tokens_, sums, stored(image + "tokens_sum"), static_cast<double>(rows.tokens));
  }

  /// The sequence before the projector: features of four patches side by side, separators among them.
  void compare_assembled(const std::string& image, const captions::HdPlan& plan, std::size_t features,
                         std::size_t patches) {
    auto device = tensor::ComputeDevice::open("cpu", 1);
    ASSERT_TRUE(device.ok());
    const auto file = tensor::WeightFile::load(model_folder() / "vision.gguf", **device);
    ASSERT_TRUE(file.ok()) << file.error().message;
    const auto& all = probed("features");
    const std::size_t tiles = to_size(plan.tiles());
    ASSERT_GE(all.size(), (first_tile_ + tiles) * patches * features);
    std::vector<float> source(all.begin() + static_cast<std::ptrdiff_t>(first_tile_ * patches * features),
                              all.begin() + static_cast<std::ptrdiff_t>((first_tile_ + tiles) * patches * features));
    for (const char* name : {"mm.sub_newline", "mm.global_separator"}) {
      const auto separator = (*file)->values(name, {static_cast<std::int64_t>(4 * features)});
      ASSERT_TRUE(separator.ok()) << separator.error().message;
      source.insert(source.end(), separator->begin(), separator->end());
    }
    const auto behind = static_cast<std::int32_t>(tiles * patches);
    const auto rows = captions::hd_rows(plan, card().pixels.hd_order, 0, {behind, behind + 4});
    ASSERT_TRUE(rows.ok());
    std::vector<std::size_t> picked;
    for (const std::size_t token : parity::every(step(image + "assembled"), rows->size() / 4)) {
      for (std::size_t k = 0; k < 4; ++k) picked.push_back(static_cast<std::size_t>((*rows)[token * 4 + k]));
    }
    parity::add_all(tower_, parity::pick_rows(source, features, picked), stored(image + "assembled"));
  }

  /// The global view [:, ::6, ::6] and the last crop [:, 5::12, 7::12].
  void compare_pixels(const std::string& image, const captions::HdPlan& plan) {
    const std::size_t size = to_size(plan.shape.tile_px);
    const auto& pixels = probed("pixel_values");
    const auto part = [&](std::size_t tile, std::size_t top, std::size_t left, std::size_t step) {
      std::vector<float> out;
      for (std::size_t plane = tile * 3; plane < tile * 3 + 3; ++plane) {
        for (std::size_t y = top; y < size; y += step) {
          for (std::size_t x = left; x < size; x += step) out.push_back(pixels.at((plane * size + y) * size + x));
        }
      }
      return out;
    };
    ASSERT_GE(pixels.size(), (first_tile_ + to_size(plan.tiles())) * 3 * size * size);
    parity::add_all(pixels_, part(first_tile_, 0, 0, 6), stored(image + "global"));
    parity::add_all(pixels_, part(first_tile_ + to_size(plan.tiles()) - 1, 5, 7, 12), stored(image + "crop_last"));
  }

  std::filesystem::path folder_;
  std::size_t first_tile_ = 0;
  parity::Errors pixels_;
  parity::Errors tower_;
  parity::Errors tokens_;
};

TEST(PhiVisionParity, ViewsTowerAssemblyAndTokensEqualTheReference) {
  const auto cases = parity::model_cases("phi3_v");
  ASSERT_FALSE(cases.empty()) << "no cases under " << parity::root() / "phi3_v";
  for (const auto& folder : cases) PhiCase(folder).run();
}

}  // namespace
}  // namespace cinescribe
