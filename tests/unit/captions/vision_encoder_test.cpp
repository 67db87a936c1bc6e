// Vision encoders of shapes that no stored case has, against the same networks as plain loops.
#include "cinescribe/captions/vision_encoder.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "support/plain_encoder.h"
#include "support/random_vision.h"
#include "support/scratch_folder.h"
#include <gtest/gtest.h>

#include "cinescribe/captions/anyres.h"
#include "cinescribe/captions/hd_transform.h"
#include "cinescribe/text/wordpiece.h"

namespace cinescribe::captions {
namespace {

using test::PlainVision;
using test::Row;
using test::Rows;

tensor::ModelCard small_card(const std::string& family) {
  tensor::ModelCard card;
  card.family = family;
  card.tower.image_size_px = 56;
  card.tower.patch_size_px = 14;
  card.tower.width = 24;
  card.tower.heads = 3;
  card.tower.head_dim = 8;
  card.tower.ffn_width = 40;
  card.tower.layers = 2;
  card.tower.activation = "quick_gelu";
  card.tower.has_pre_norm = true;
  card.tower.feature_layers = {2};
  card.tower.drops_class_token = true;
  card.pixels.mean = {0.48, 0.46, 0.41};
  card.pixels.std = {0.27, 0.26, 0.28};
  card.pixels.pinpoints_hw = {{56, 112}, {112, 56}, {112, 112}};
  card.pixels.num_crops = 4;
  card.pixels.hd_order = "sub_glb";
  card.language.width = 32;
  if (family == "instructblip") {
    card.tower.has_pre_norm = false;
    card.tower.has_post_norm = true;
    card.tower.has_patch_bias = true;
    card.tower.activation = "gelu";
    card.tower.drops_class_token = false;
    tensor::QformerCard q;
    q.width = 20;
    q.heads = 2;
    q.layers = 3;
    q.ffn_width = 28;
    q.queries = 5;
    q.cross_attention_frequency = 2;
    q.vocabulary = 12;
    q.max_positions = 16;
    q.activation = "gelu";
    card.qformer = q;
  }
  return card;
}

Image noisy_picture(int width, int height) {
  Image image(width, height, 3);
  test::Noise noise(static_cast<std::uint32_t>(width * 1000 + height));
  for (auto& byte : image.pixels) byte = static_cast<std::uint8_t>(128.0F + 127.0F * noise.next());
  return image;
}

/// A model folder with random weights.
class Folder {
 public:
  explicit Folder(tensor::ModelCard card, bool has_projector_bias = true) : card_(std::move(card)) {
    const Status written = test::write_random_vision(scratch_ / "vision.gguf", card_, has_projector_bias,
                                                     tensor::WeightType::kF32, &values_);
    EXPECT_TRUE(written.ok()) << (written.ok() ? "" : written.error().message);
    std::filesystem::create_directories(scratch_ / "qformer_tokenizer");
    test::write_bytes(scratch_ / "qformer_tokenizer/vocab.txt",
                      "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nwhat\nhappens\nhere\n?\n##s\na\nman\nbeyond\n");
    test::write_bytes(scratch_ / "qformer_tokenizer/tokenizer_config.json",
                      R"({"tokenizer_class": "BertTokenizer", "do_lower_case": true})");
  }

  [[nodiscard]] Result<std::unique_ptr<VisionEncoder>> load(const VisionOptions& options) const {
    return VisionEncoder::load(scratch_.path(), card_, options);
  }
  [[nodiscard]] std::filesystem::path path(const std::string& name) const { return scratch_ / name; }
  [[nodiscard]] const tensor::ModelCard& card() const { return card_; }
  [[nodiscard]] const test::NamedValues& values() const { return values_; }

  /// Rows of one picture, computed by plain loops from its tiles and its gather list.
  [[nodiscard]] Rows expected(const VisionTask& task, std::size_t image, bool is_low_detail = false) const {
    const PlainVision plain(card_, values_);
    const Image& picture = task.images[image];
    const TileShape shape{card_.tower.image_size_px, card_.tower.patch_size_px};
    if (card_.family == "llava_next") {
      const auto plan = plan_anyres(picture.width, picture.height, shape, card_.pixels, is_low_detail);
      auto tiles = anyres_tiles(picture, *plan, card_.pixels);
      Rows patches = all_patches(plain, *tiles);
      Rows rows = projected(plain, patches, anyres_rows(*plan, 0, -1), 1);
      const auto& newline = values_.at("mm.newline");
      for (Row& row : rows) {
        if (row.empty()) row.assign(newline.begin(), newline.end());
      }
      return rows;
    }
    if (card_.family == "phi3_v") {
      const auto plan = plan_hd(picture.width, picture.height, shape, is_low_detail ? 1 : card_.pixels.num_crops);
      const auto hd = hd_picture(picture, *plan, card_.pixels);
      auto tiles = hd_tiles(*hd, *plan, card_.pixels);
      Rows patches = all_patches(plain, tiles);
      const auto first_separator = static_cast<std::int32_t>(patches.size());
      for (const char* name : {"mm.sub_newline", "mm.global_separator"}) {
        const auto& separator = values_.at(name);
        const std::size_t width = separator.size() / 4;
        for (std::size_t i = 0; i < 4; ++i) {
          patches.emplace_back(separator.begin() + static_cast<std::ptrdiff_t>(i * width),
                               separator.begin() + static_cast<std::ptrdiff_t>((i + 1) * width));
        }
      }
      const auto rows = hd_rows(*plan, card_.pixels.hd_order, 0, {first_separator, first_separator + 4});
      return projected(plain, patches, *rows, 4);
    }
    auto tile = squashed_tile(picture, card_.tower.image_size_px, card_.pixels);
    const auto tokenizer = text::WordPiece::load(scratch_ / "qformer_tokenizer");
    EXPECT_TRUE(tokenizer.ok());
    return plain.queries(plain.tower(tile->tile(0)), (*tokenizer)->encode(task.instruction));
  }

 private:
  static Rows all_patches(const PlainVision& plain, TilePixels& tiles) {
    Rows patches;
    for (int t = 0; t < tiles.count; ++t) {
      const Rows features = plain.tower(tiles.tile(t));
      patches.insert(patches.end(), features.begin() + 1, features.end());
    }
    return patches;
  }

  /// Joins `step` patches per token and projects them; a token of row -1 stays empty.
  static Rows projected(const PlainVision& plain, const Rows& patches, const std::vector<std::int32_t>& rows,
                        std::size_t step) {
    Rows out;
    for (std::size_t i = 0; i < rows.size(); i += step) {
      Row joined;
      for (std::size_t k = i; k < i + step && rows[k] >= 0; ++k) {
        const Row& patch = patches[static_cast<std::size_t>(rows[k])];
        joined.insert(joined.end(), patch.begin(), patch.end());
      }
      out.push_back(joined.empty() ? Row() : plain.projected(joined));
    }
    return out;
  }

  test::ScratchFolder scratch_;
  tensor::ModelCard card_;
  test::NamedValues values_;
};

double largest_difference(const ImageRows& actual, const Rows& expected) {
  double largest = 0.0;
  std::size_t at = 0;
  for (const Row& row : expected) {
    for (const double v : row) {
      if (at >= actual.rows.size()) return HUGE_VAL;
      const double difference = std::abs(static_cast<double>(actual.rows[at++]) - v);
      largest = std::isnan(difference) ? HUGE_VAL : std::max(largest, difference);
    }
  }
  return at == actual.rows.size() ? largest : HUGE_VAL;
}

VisionOptions plain_options() {
  VisionOptions options;
  options.threads = 1;  // threads that wait for each other at every step are slow where others want the cores, too
  options.is_fused_attention = false;
  return options;
}

/// Encodes pictures of several shapes and compares every row.
void expect_equal_to_loops(const Folder& folder, const VisionOptions& options, double allowed) {
  auto encoder = folder.load(options);
  ASSERT_TRUE(encoder.ok()) << encoder.error().message;
  std::vector<VisionTask> tasks(2);
  tasks[0].images = {noisy_picture(80, 45), noisy_picture(30, 90)};
  tasks[0].instruction = "What happens here?";
  tasks[1].images = {noisy_picture(56, 56)};
  tasks[1].instruction = "a man";
  VisionTimings timings;
  const auto rows = (*encoder)->encode(tasks, timings, {});
  ASSERT_TRUE(rows.ok()) << rows.error().message;
  ASSERT_EQ(rows->size(), tasks.size());
  for (std::size_t t = 0; t < tasks.size(); ++t) {
    ASSERT_EQ((*rows)[t].size(), tasks[t].images.size());
    for (std::size_t i = 0; i < tasks[t].images.size(); ++i) {
      const Image& image = tasks[t].images[i];
      EXPECT_EQ((*rows)[t][i].tokens, *(*encoder)->image_tokens(image.width, image.height));
      EXPECT_LE(largest_difference((*rows)[t][i], folder.expected(tasks[t], i, options.is_low_detail)), allowed)
          << "task " << t << ", picture " << i;
    }
  }
}

void expect_equal_to_loops(const tensor::ModelCard& card, bool has_projector_bias = true) {
  expect_equal_to_loops(Folder(card, has_projector_bias), plain_options(), 2e-4);
}

TEST(VisionEncoder, llava_rows_equal_plain_loops) { expect_equal_to_loops(small_card("llava_next")); }

TEST(VisionEncoder, llava_takes_its_features_before_the_first_layer) {
  auto card = small_card("llava_next");
  card.tower.layers = 0;
  card.tower.feature_layers = {0};
  expect_equal_to_loops(card);
}

TEST(VisionEncoder, llava_joins_several_feature_layers_and_needs_no_projector_bias) {
  auto card = small_card("llava_next");
  card.tower.layers = 3;
  card.tower.feature_layers = {3, 0, 1};
  card.tower.activation = "gelu";
  card.projector_activation = "gelu_pytorch_tanh";
  expect_equal_to_loops(card, false);
}

TEST(VisionEncoder, towers_without_norms_around_them_with_other_patches_and_head_sizes) {
  auto card = small_card("llava_next");
  card.tower.has_pre_norm = false;
  card.tower.has_patch_bias = true;
  card.tower.patch_size_px = 16;  // 56 px hold three, the rest is not looked at
  card.tower.width = 44;
  card.tower.heads = 2;
  card.tower.head_dim = 22;
  card.tower.activation = "silu";
  expect_equal_to_loops(card);
}

TEST(VisionEncoder, heads_need_not_make_up_the_width) {
  auto card = small_card("llava_next");
  card.tower.heads = 5;
  card.tower.head_dim = 12;
  card.tower.patch_size_px = 7;
  card.tower.activation = "relu";
  expect_equal_to_loops(card);
}

TEST(VisionEncoder, low_detail_shows_llava_the_base_tile_and_phi_one_crop) {
  auto options = plain_options();
  options.is_low_detail = true;
  expect_equal_to_loops(Folder(small_card("llava_next")), options, 2e-4);
  const Folder phi(small_card("phi3_v"));
  expect_equal_to_loops(phi, options, 2e-4);
  auto encoder = phi.load(options);
  ASSERT_TRUE(encoder.ok());
  EXPECT_EQ(*(*encoder)->image_tokens(80, 45), (1 + 1) * 4 + 1 + 2 * 2);
}

TEST(VisionEncoder, phi_rows_equal_plain_loops_in_both_orders) {
  auto card = small_card("phi3_v");
  expect_equal_to_loops(card);
  card.pixels.hd_order = "glb_sub";
  card.tower.feature_layers = {1, 2};
  expect_equal_to_loops(card);
}

TEST(VisionEncoder, instructblip_rows_equal_plain_loops_at_any_frequency_and_number_of_queries) {
  for (const auto& [frequency, queries] : {std::pair{1, 1}, std::pair{2, 5}, std::pair{3, 64}}) {
    auto card = small_card("instructblip");
    card.qformer->cross_attention_frequency = frequency;
    card.qformer->queries = queries;
    card.tower.has_post_norm = frequency != 3;
    expect_equal_to_loops(card);
  }
}

TEST(VisionEncoder, the_post_norm_is_for_the_last_layer_only) {
  auto card = small_card("instructblip");
  card.tower.feature_layers = {1, 2};
  expect_equal_to_loops(card);
}

TEST(VisionEncoder, fused_attention_gives_the_same_with_heads_of_any_size) {
  VisionOptions options;
  options.threads = 2;
  for (const int head_dim : {12, 22, 88}) {
    auto card = small_card("llava_next");
    card.tower.head_dim = head_dim;
    expect_equal_to_loops(Folder(card), options, 2e-3);
  }
}

/// Rows of one picture from weights that were written as `type`.
std::vector<float> rows_with(const tensor::ModelCard& card, tensor::WeightType type) {
  const test::ScratchFolder scratch;
  EXPECT_TRUE(test::write_random_vision(scratch / "vision.gguf", card, true, type, nullptr).ok());
  VisionOptions options;
  options.threads = 1;
  auto encoder = VisionEncoder::load(scratch.path(), card, options);
  EXPECT_TRUE(encoder.ok()) << (encoder.ok() ? "" : encoder.error().message);
  if (!encoder.ok()) return {};
  VisionTask task;
  task.images = {noisy_picture(80, 45)};
  VisionTimings timings;
  const auto rows = (*encoder)->encode({&task, 1}, timings, {});
  EXPECT_TRUE(rows.ok());
  return rows.ok() ? rows->front().front().rows : std::vector<float>();
}

TEST(VisionEncoder, every_type_of_weights_gives_nearly_the_same_rows) {
  // 256 fits the blocks of all types; some of them are rearranged for the processor.
  auto card = small_card("llava_next");
  card.tower.width = 256;
  card.tower.heads = 4;
  card.tower.head_dim = 64;
  card.tower.ffn_width = 512;
  card.language.width = 256;
  const auto exact = rows_with(card, tensor::WeightType::kF32);
  ASSERT_FALSE(exact.empty());
  using tensor::WeightType;
  for (const auto& [type, allowed] :
       {std::pair{WeightType::kF16, 0.003}, std::pair{WeightType::kBf16, 0.02}, std::pair{WeightType::kQ80, 0.02},
        std::pair{WeightType::kQ6K, 0.05}, std::pair{WeightType::kQ5K, 0.1}, std::pair{WeightType::kQ4K, 0.2},
        std::pair{WeightType::kQ40, 0.3}, std::pair{WeightType::kIq4Nl, 0.25}}) {
    const auto rows = rows_with(card, type);
    ASSERT_EQ(rows.size(), exact.size());
    double difference = 0.0;
    double size = 0.0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      difference += std::pow(static_cast<double>(rows[i]) - static_cast<double>(exact[i]), 2);
      size += std::pow(static_cast<double>(exact[i]), 2);
    }
    EXPECT_LE(std::sqrt(difference / size), allowed) << tensor::weight_type_name(type);
    EXPECT_GT(difference, 0.0) << tensor::weight_type_name(type);
  }
}

TEST(VisionEncoder, rows_do_not_depend_on_how_many_tiles_are_encoded_at_once) {
  for (const std::string family : {"llava_next", "phi3_v", "instructblip"}) {
    const Folder folder(small_card(family));
    for (const int batch : {0, 1, 3, 64}) {
      auto options = plain_options();
      options.batch_tiles = batch;
      expect_equal_to_loops(folder, options, 2e-4);
    }
  }
}

TEST(VisionEncoder, very_thin_pictures_leave_tiles_without_tokens) {
  auto card = small_card("llava_next");
  card.pixels.pinpoints_hw = {{56, 168}, {168, 56}};
  const Folder folder(card);
  auto encoder = folder.load(plain_options());
  ASSERT_TRUE(encoder.ok());
  VisionTask task;
  task.images = {noisy_picture(900, 2)};
  VisionTimings timings;
  const auto rows = (*encoder)->encode({&task, 1}, timings, {});
  ASSERT_TRUE(rows.ok()) << rows.error().message;
  EXPECT_EQ(rows->front().front().tokens, *(*encoder)->image_tokens(900, 2));
  EXPECT_LE(largest_difference(rows->front().front(), folder.expected(task, 0)), 2e-4);
  EXPECT_LT(timings.tiles, 4);
}

TEST(VisionEncoder, a_probe_hears_the_intermediate_arrays) {
  std::map<std::string, std::size_t, std::less<>> sizes;
  auto options = plain_options();
  options.probe = [&](std::string_view name, std::span<const float> values) {
    sizes[std::string(name)] += values.size();
  };
  auto encoder = Folder(small_card("instructblip")).load(options);
  ASSERT_TRUE(encoder.ok());
  VisionTask task;
  task.images = {noisy_picture(80, 45)};
  VisionTimings timings;
  ASSERT_TRUE((*encoder)->encode({&task, 1}, timings, {}).ok());
  EXPECT_EQ(sizes["pixel_values"], 3U * 56 * 56);
  EXPECT_EQ(sizes["patch_embeds"], 16U * 24);
  EXPECT_EQ(sizes["hidden_2"], 17U * 24);
  EXPECT_EQ(sizes["features"], 17U * 24);
  EXPECT_EQ(sizes["query_output"], 5U * 20);
  EXPECT_EQ(sizes["packed"], 5U * 32);
}

TEST(VisionEncoder, what_cannot_be_encoded_is_told) {
  const Folder folder(small_card("instructblip"));
  auto encoder = folder.load(plain_options());
  ASSERT_TRUE(encoder.ok()) << encoder.error().message;
  const auto refusal = [&](const VisionTask& task) {
    const Status status = (*encoder)->check(task);
    EXPECT_FALSE(status.ok());
    VisionTimings timings;
    EXPECT_FALSE((*encoder)->encode({&task, 1}, timings, {}).ok());
    return status.ok() ? std::string() : status.error().message;
  };
  VisionTask task;
  EXPECT_NE(refusal(task).find("no picture"), std::string::npos);
  task.images = {Image()};
  EXPECT_NE(refusal(task).find("no pixels"), std::string::npos);
  task.images = {Image(8, 8, 1)};
  EXPECT_NE(refusal(task).find("RGB"), std::string::npos);
  task.images = {noisy_picture(8, 8)};
  task.instruction = "a a a a a a a a a a a a a a a";
  EXPECT_NE(refusal(task).find("at most 16"), std::string::npos);
  task.instruction = "beyond";  // the thirteenth word of the vocabulary, the model knows twelve
  EXPECT_NE(refusal(task).find("token 12"), std::string::npos);
  EXPECT_FALSE((*encoder)->image_tokens(0, 5).ok());
}

TEST(VisionEncoder, canvases_beyond_all_measure_are_refused_before_memory_is_taken) {
  auto card = small_card("llava_next");
  card.pixels.pinpoints_hw = {{5600, 22400}};
  auto encoder = Folder(card).load(plain_options());
  ASSERT_TRUE(encoder.ok()) << encoder.error().message;
  VisionTask task;
  task.images = {noisy_picture(8, 2)};
  VisionTimings timings;
  EXPECT_TRUE((*encoder)->check(task).ok());  // 640,000 tokens: much, but somebody may want them
  card.pixels.pinpoints_hw = {{11200, 11200}};
  card.tower.patch_size_px = 8;
  auto larger = Folder(card).load(plain_options());
  ASSERT_TRUE(larger.ok());
  task.images = {noisy_picture(8, 8)};
  const auto rows = (*larger)->encode({&task, 1}, timings, {});
  ASSERT_FALSE(rows.ok());
  EXPECT_NE(rows.error().message.find("tokens of one picture"), std::string::npos);
}

TEST(VisionEncoder, a_stop_request_is_obeyed_between_chunks) {
  auto encoder = Folder(small_card("llava_next")).load(plain_options());
  ASSERT_TRUE(encoder.ok());
  VisionTask task;
  task.images = {noisy_picture(8, 8)};
  std::stop_source source;
  source.request_stop();
  VisionTimings timings;
  const auto rows = (*encoder)->encode({&task, 1}, timings, source.get_token());
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(rows.error().code, ErrorCode::kInterrupted);
}

/// Loads a folder under a changed card; the message must name what is wrong.
void expect_refused(const Folder& folder, const std::function<void(tensor::ModelCard&)>& change,
                    const std::string& what) {
  tensor::ModelCard card = folder.card();
  change(card);
  const auto encoder = VisionEncoder::load(folder.path(""), card, plain_options());
  ASSERT_FALSE(encoder.ok()) << what;
  EXPECT_EQ(encoder.error().code, ErrorCode::kModel);
  EXPECT_NE(encoder.error().message.find(what), std::string::npos) << encoder.error().message;
}

TEST(VisionEncoder, cards_that_contradict_the_file_or_themselves_are_refused) {
  const Folder folder(small_card("llava_next"));
  expect_refused(
      folder, [](auto& c) { c.family = "phi3_v"; }, "family");
  expect_refused(
      folder, [](auto& c) { c.tower.width = 25; }, "v.class");
  expect_refused(
      folder, [](auto& c) { c.tower.heads = 0; }, "heads");
  expect_refused(
      folder, [](auto& c) { c.tower.layers = 3; }, "v.layer.2");
  expect_refused(
      folder, [](auto& c) { c.tower.feature_layers = {5}; }, "layer 5");
  expect_refused(
      folder, [](auto& c) { c.tower.feature_layers.clear(); }, "features");
  expect_refused(
      folder, [](auto& c) { c.tower.activation = "mish"; }, "mish");
  expect_refused(
      folder, [](auto& c) { c.tower.patch_size_px = 0; }, "patches");
  expect_refused(
      folder, [](auto& c) { c.tower.drops_class_token = false; }, "class token");
  expect_refused(
      folder, [](auto& c) { c.tower.has_patch_bias = true; }, "v.patch.bias");
  expect_refused(
      folder, [](auto& c) { c.language.width = 31; }, "mm.0.weight");
  expect_refused(
      folder, [](auto& c) { c.language.width = 0; }, "width");
  expect_refused(
      folder, [](auto& c) { c.projector_activation = "mish"; }, "mish");
  expect_refused(
      folder,
      [](auto& c) {
        c.pixels.pinpoints_hw = {{56, 57}};
      },
      "pinpoint");
  const Folder phi(small_card("phi3_v"));
  expect_refused(
      phi, [](auto& c) { c.pixels.hd_order = "sideways"; }, "sideways");
  expect_refused(
      phi, [](auto& c) { c.pixels.num_crops = 0; }, "num_crops");
  const Folder blip(small_card("instructblip"));
  expect_refused(
      blip, [](auto& c) { c.qformer.reset(); }, "Q-Former");
  expect_refused(
      blip, [](auto& c) { c.qformer->heads = 3; }, "heads");
  expect_refused(
      blip, [](auto& c) { c.qformer->cross_attention_frequency = 0; }, "every 0");
  expect_refused(
      blip, [](auto& c) { c.qformer->cross_attention_frequency = 1; }, "q.layer.1.cross");
  expect_refused(
      blip, [](auto& c) { c.pixels.resize_order = "sideways"; }, "sideways");
}

TEST(VisionEncoder, damaged_files_are_refused) {
  const Folder folder(small_card("llava_next"));
  const std::string bytes = test::read_bytes(folder.path("vision.gguf"));
  ASSERT_GT(bytes.size(), 1000U);
  for (const std::size_t size : {std::size_t{0}, std::size_t{10}, bytes.size() / 4, bytes.size() - 1}) {
    test::write_bytes(folder.path("vision.gguf"), bytes.substr(0, size));
    const auto encoder = folder.load(plain_options());
    ASSERT_FALSE(encoder.ok()) << size;
    EXPECT_EQ(encoder.error().code, ErrorCode::kModel);
  }
}

}  // namespace
}  // namespace cinescribe::captions
