#include "cinescribe/tensor/model_card.h"

#include <functional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace cinescribe::tensor {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

ModelCard sample() {
  ModelCard card;
  card.family = "instructblip";
  card.name = "sämple";
  card.source = "somewhere";
  card.licence = "MIT";
  card.type = "q4_k_m";
  card.vision_type = "f16";
  card.prompt_template = "plain";
  card.tower = {224, 14, 88, 4, 22, 176, 3, 1e-6, "gelu", true, false, true, {3}, false};
  card.qformer = QformerCard{48, 4, 4, 96, 32, 2, 482, 512, 1e-12, "gelu"};
  card.pixels.mean = {0.48145466, 0.4578275, 0.40821073};
  card.pixels.std = {0.26862954, 0.26130258, 0.27577711};
  card.pixels.rescale_factor = 0.00392156862745098;
  card.language = {"llama", 802, 64, 2, 4, 4, 16, 160, 2048, 4096, 0};
  card.tokens = {2, {2, 5}, 800, 801, {0, 1, 2, 800, 801}};
  card.generation.temperature = 0.9;
  card.generation.num_beams = 5;
  card.sha256["language.gguf"] = std::string(64, 'a');
  return card;
}

std::string failure(const std::function<void(json&)>& change) {
  json object = json::parse(model_card_json(sample()));
  change(object);
  const auto card = parse_model_card(object.dump());
  if (card.ok()) return "it was read";
  EXPECT_EQ(card.error().code, ErrorCode::kModel);
  return card.error().message;
}

TEST(ModelCard, what_is_written_is_read_again) {
  const auto card = parse_model_card(model_card_json(sample()));
  ASSERT_TRUE(card.ok()) << card.error().message;
  EXPECT_EQ(model_card_json(*card), model_card_json(sample()));
  EXPECT_EQ(card->pixels.rescale_factor, 0.00392156862745098);
  EXPECT_EQ(card->qformer->norm_eps, 1e-12);
  EXPECT_EQ(card->language.window, 4096);
  EXPECT_FALSE(card->generation.top_k.has_value());
}

TEST(ModelCard, every_number_has_a_range) {
  EXPECT_THAT(failure([](json& c) { c["tower"]["width"] = 0; }), HasSubstr("'width' is 0"));
  EXPECT_THAT(failure([](json& c) { c["tower"]["patch_size_px"] = 225; }), HasSubstr("patch_size_px"));
  EXPECT_THAT(failure([](json& c) { c["tower"]["feature_layers"] = {4}; }), HasSubstr("feature_layers"));
  EXPECT_THAT(failure([](json& c) { c["tower"]["feature_layers"] = json::array(); }), HasSubstr("feature_layers"));
  EXPECT_THAT(failure([](json& c) { c["tower"]["norm_eps"] = "small"; }), HasSubstr("norm_eps"));
  EXPECT_THAT(failure([](json& c) { c["language"]["layers"] = 1e9; }), HasSubstr("layers"));
  EXPECT_THAT(failure([](json& c) { c["language"]["kv_heads"] = 3; }), HasSubstr("kv_heads"));
  EXPECT_THAT(failure([](json& c) { c["language"]["vocabulary"] = 1ULL << 63U; }), HasSubstr("vocabulary"));
  EXPECT_THAT(failure([](json& c) { c["qformer"]["heads"] = 5; }), HasSubstr("heads"));
  EXPECT_THAT(failure([](json& c) { c["pixels"]["std"] = {0.0, 1.0, 1.0}; }), HasSubstr("std"));
  EXPECT_THAT(failure([](json& c) { c["tokens"]["image"] = 802; }), HasSubstr("image"));
  EXPECT_THAT(failure([](json& c) { c["tokens"]["eos"] = {-1}; }), HasSubstr("eos"));
  EXPECT_THAT(failure([](json& c) { c["generation"]["num_beams"] = 0; }), HasSubstr("num_beams"));
}

TEST(ModelCard, what_a_family_needs_must_be_there) {
  EXPECT_THAT(failure([](json& c) { c.erase("qformer"); }), HasSubstr("qformer"));
  EXPECT_THAT(failure([](json& c) { c["family"] = "llava_next"; }), HasSubstr("pinpoints_hw"));
  EXPECT_THAT(failure([](json& c) { c["family"] = "phi3_v"; }), HasSubstr("num_crops"));
  EXPECT_THAT(failure([](json& c) { c["family"] = "blip"; }), HasSubstr("'blip'"));
  EXPECT_THAT(failure([](json& c) { c["schema_version"] = 2; }), HasSubstr("schema_version"));
  EXPECT_THAT(failure([](json& c) { c.erase("type"); }), HasSubstr("'type' is missing"));
}

TEST(ModelCard, anything_but_an_object_is_refused) {
  for (const char* text : {"", "[]", "{", "null", "7"}) EXPECT_FALSE(parse_model_card(text).ok()) << text;
}

}  // namespace
}  // namespace cinescribe::tensor
