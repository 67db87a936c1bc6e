#include "cinescribe/models/checkpoint_import.h"

#include <cmath>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "checkpoint_copy.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <llama.h>

#include "cinescribe/models/model_folder.h"
#include "cinescribe/tensor/backends.h"
#include "cinescribe/tensor/model_card.h"

namespace cinescribe::models {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kLlava = "llava_next/vicuna_two_frames";
constexpr const char* kPhi = "phi3_v/two_frames";
constexpr const char* kInstructBlip = "instructblip/p4_early_eos_min_new_tokens";

ImportOptions options(const std::string& type = "f16") {
  ImportOptions out;
  out.type = type;
  out.threads = 2;
  return out;
}

/// The message of an import that must fail, and leave nothing behind.
std::string failure(const CheckpointCopy& copy, ErrorCode code = ErrorCode::kModel) {
  const auto report = import_checkpoint(copy.path(), copy.out(), options());
  if (report.ok()) return "it was imported";
  EXPECT_EQ(report.error().code, code) << report.error().message;
  EXPECT_FALSE(fs::exists(copy.out()));
  EXPECT_FALSE(fs::exists(copy.out().parent_path() / ".model.part"));
  return report.error().message;
}

tensor::ModelCard import_card(const CheckpointCopy& copy) {
  const auto report = import_checkpoint(copy.path(), copy.out(), options());
  EXPECT_TRUE(report.ok()) << report.error().message;
  const auto card = tensor::read_model_card(copy.out());
  EXPECT_TRUE(card.ok()) << card.error().message;
  return card.ok() ? *card : tensor::ModelCard();
}

TEST(CheckpointImport, LlavaKeepsWhatItsFilesSay) {
  const CheckpointCopy copy(kLlava);
  const auto card = import_card(copy);
  EXPECT_EQ(card.family, "llava_next");
  EXPECT_EQ(card.prompt_template, "vicuna");
  EXPECT_EQ(card.type, "f16");
  EXPECT_EQ(card.vision_type, "f16");
  EXPECT_EQ(card.tower.layers, 3);  // of 4: the last one is not used
  EXPECT_THAT(card.tower.feature_layers, ElementsAre(3));
  EXPECT_TRUE(card.tower.drops_class_token && card.tower.has_pre_norm);
  EXPECT_FALSE(card.tower.has_post_norm || card.tower.has_patch_bias);
  EXPECT_EQ(card.tower.activation, "quick_gelu");
  EXPECT_EQ(card.pixels.pinpoints_hw.front(), (std::array<int, 2>{336, 672}));
  EXPECT_EQ(card.tokens.image, 768);
  EXPECT_EQ(card.tokens.bos, 1);
  EXPECT_THAT(card.tokens.eos, ElementsAre(2));
  EXPECT_EQ(card.generation.temperature, 0.9);
  EXPECT_EQ(card.generation.do_sample, true);
  EXPECT_FALSE(card.generation.num_beams.has_value());
  EXPECT_FALSE(card.is_synthetic);
  EXPECT_TRUE(fs::exists(copy.out() / "tokenizer" / "tokenizer.json"));
}

TEST(CheckpointImport, PhiKeepsItsCropsOrderAndEnds) {
  const CheckpointCopy copy(kPhi);
  copy.edit("config.json", [](json& c) { c["embd_layer"].erase("hd_transform_order"); });
  const auto card = import_card(copy);
  EXPECT_EQ(card.family, "phi3_v");
  EXPECT_EQ(card.language.architecture, "phi3");
  EXPECT_EQ(card.language.original_context, 4096);
  EXPECT_EQ(card.pixels.num_crops, 4);
  EXPECT_EQ(card.pixels.hd_order, "glb_sub");  // the code's default
  EXPECT_THAT(card.tokens.eos, ElementsAre(707, 701, 700));
}

TEST(CheckpointImport, InstructBlipIgnoresTheGenerationConfigAndStartsWithItsEnd) {
  const CheckpointCopy copy(kInstructBlip);
  copy.edit("generation_config.json", [](json& c) { c["num_beams"] = 7; });
  copy.edit("config.json", [](json& c) { c["text_config"]["eos_token_id"] = 5; });
  const auto card = import_card(copy);
  EXPECT_EQ(card.tokens.bos, 2);
  EXPECT_THAT(card.tokens.eos, ElementsAre(2, 5));
  EXPECT_THAT(card.tokens.hidden, ElementsAre(0, 1, 2, 640, 641));
  EXPECT_FALSE(card.generation.num_beams.has_value());
  ASSERT_TRUE(card.qformer.has_value());
  EXPECT_EQ(card.qformer->cross_attention_frequency, 2);
  EXPECT_TRUE(card.tower.has_post_norm && card.tower.has_patch_bias);
  EXPECT_THAT(card.tower.feature_layers, ElementsAre(card.tower.layers));
  EXPECT_TRUE(fs::exists(copy.out() / "qformer_tokenizer" / "vocab.txt"));
}

TEST(CheckpointImport, LayersOfFeaturesCountFromEitherEnd) {
  const CheckpointCopy copy(kLlava);
  copy.edit("config.json", [](json& c) { c["vision_feature_layer"] = 0; });
  EXPECT_EQ(import_card(copy).tower.layers, 0);
  const CheckpointCopy last(kLlava);
  last.edit("config.json", [](json& c) { c["vision_feature_layer"] = -1; });
  EXPECT_THAT(import_card(last).tower.feature_layers, ElementsAre(4));
  const CheckpointCopy beyond(kLlava);
  beyond.edit("config.json", [](json& c) { c["vision_feature_layer"] = 5; });
  EXPECT_THAT(failure(beyond), HasSubstr("vision_feature_layer"));
}

TEST(CheckpointImport, TiedModelsDoNotNeedAnOutput) {
  const CheckpointCopy copy(kLlava);
  copy.edit("config.json", [](json& c) { c["text_config"]["tie_word_embeddings"] = true; });
  const CheckpointCopy untied(kLlava);
  const auto tied_report = import_checkpoint(copy.path(), copy.out(), options());
  const auto report = import_checkpoint(untied.path(), untied.out(), options());
  ASSERT_TRUE(tied_report.ok() && report.ok());
  EXPECT_EQ(tied_report->tensors + 1, report->tensors);
}

TEST(CheckpointImport, RowsThatBlocksDoNotDivideFallBackByNameAndType) {
  const CheckpointCopy copy(kLlava);
  const auto report = import_checkpoint(copy.path(), copy.out(), options("q4_k_m"));
  ASSERT_TRUE(report.ok()) << report.error().message;
  bool has_query = false;
  for (const ImportFallback& fallback : report->fallbacks) {
    if (fallback.tensor != "blk.0.attn_q.weight") continue;
    has_query = true;  // rows of 96
    EXPECT_EQ(fallback.wanted, "q4_k");
    EXPECT_EQ(fallback.stored, "q5_0");
  }
  EXPECT_TRUE(has_query);
}

TEST(CheckpointImport, AnUnfinishedRunOfThePastDoesNotMatter) {
  const CheckpointCopy copy(kLlava);
  fs::create_directories(copy.out().parent_path() / ".model.part" / "tokenizer");
  test::write_bytes(copy.out().parent_path() / ".model.part" / "language.gguf", "half");
  test::write_bytes(copy.out().parent_path() / ".model.part" / "foreign", "x");
  import_card(copy);
  EXPECT_FALSE(fs::exists(copy.out() / "foreign"));
  EXPECT_FALSE(fs::exists(copy.out().parent_path() / ".model.part"));
}

TEST(CheckpointImport, AStopLeavesNothing) {
  const CheckpointCopy copy(kLlava);
  std::stop_source source;
  ImportOptions stopped = options();
  stopped.stop = source.get_token();
  stopped.on_progress = [&source](std::uint64_t, std::uint64_t) { source.request_stop(); };
  const auto report = import_checkpoint(copy.path(), copy.out(), stopped);
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().code, ErrorCode::kInterrupted);
  EXPECT_FALSE(fs::exists(copy.out()) || fs::exists(copy.out().parent_path() / ".model.part"));
}

TEST(CheckpointImport, WhatIsThereIsOnlyReplacedWithForce) {
  const CheckpointCopy copy(kLlava);
  import_card(copy);
  const auto again = import_checkpoint(copy.path(), copy.out(), options());
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().code, ErrorCode::kUsage);
  ImportOptions forced = options("f32");
  forced.is_forced = true;
  ASSERT_TRUE(import_checkpoint(copy.path(), copy.out(), forced).ok());
  EXPECT_EQ(tensor::read_model_card(copy.out())->type, "f32");
}

TEST(CheckpointImport, ValuesThatAreNoNumbersAreRefused) {
  const CheckpointCopy copy(kLlava);
  copy.edit_weights([](CheckpointCopy::Weights& w) { w["image_newline"].values[5] = NAN; });
  EXPECT_THAT(failure(copy), AllOf(HasSubstr("image_newline"), HasSubstr("no finite number")));
}

TEST(CheckpointImport, NumbersBeyondHalfPrecisionNeedAnotherType) {
  const CheckpointCopy copy(kLlava);
  copy.edit_weights([](CheckpointCopy::Weights& w) { w["language_model.lm_head.weight"].values[7] = 1e6F; });
  EXPECT_THAT(failure(copy), AllOf(HasSubstr("lm_head.weight"), HasSubstr("bf16")));
  EXPECT_TRUE(import_checkpoint(copy.path(), copy.out(), options("bf16")).ok());
}

/// Whether stock llama.cpp takes the language model, and how it sees its heads.
void expect_llama_cpp_loads(const fs::path& folder, const tensor::LanguageCard& card) {
  ASSERT_TRUE(tensor::load_backends().ok());
  const std::unique_ptr<llama_model, decltype(&llama_model_free)> model(
      llama_model_load_from_file((folder / "language.gguf").c_str(), llama_model_default_params()), llama_model_free);
  ASSERT_NE(model, nullptr);
  EXPECT_EQ(llama_model_n_head_kv(model.get()), card.kv_heads);
  EXPECT_EQ(llama_model_n_embd(model.get()), card.width);
}

TEST(CheckpointImport, HeadsOfAnotherWidthGroupedBiasedScaledAndTiedLoadInLlamaCpp) {
  const CheckpointCopy copy(kLlava);
  copy.edit("config.json", [](json& c) {
    c["multimodal_projector_bias"] = false;
    c["text_config"].update(
        {{"head_dim", 24}, {"num_key_value_heads", 2}, {"attention_bias", true}, {"tie_word_embeddings", true}});
    c["text_config"]["rope_scaling"] = {{"type", "linear"}, {"factor", 2.0}};
  });
  copy.edit_weights([](CheckpointCopy::Weights& w) {
    w.erase("language_model.lm_head.weight");
    w.erase("multi_modal_projector.linear_1.bias");
    w.erase("multi_modal_projector.linear_2.bias");
    for (const char* layer : {"0", "1"}) {
      const std::string root = std::string("language_model.model.layers.") + layer + ".self_attn.";
      const auto put = [&](const std::string& name, std::int64_t out, std::int64_t in) {
        w[root + name + ".weight"] = {{out, in}, std::vector<float>(static_cast<std::size_t>(out * in), 0.01F)};
        w[root + name + ".bias"] = {{out}, std::vector<float>(static_cast<std::size_t>(out), 0.5F)};
      };
      put("q_proj", 144, 96);
      put("k_proj", 48, 96);
      put("v_proj", 48, 96);
      put("o_proj", 96, 144);
    }
  });
  const auto card = import_card(copy);
  EXPECT_EQ(card.language.head_dim, 24);
  EXPECT_EQ(card.language.kv_heads, 2);
  expect_llama_cpp_loads(copy.out(), card.language);
}

TEST(CheckpointImport, AMistralWithoutTheKeyHasAWindow) {
  const CheckpointCopy copy(kLlava);
  copy.edit("config.json", [](json& c) {
    c["text_config"].update({{"model_type", "mistral"}, {"num_key_value_heads", nullptr}});
  });
  const auto card = import_card(copy);
  EXPECT_EQ(card.language.window, 4096);
  EXPECT_EQ(card.language.kv_heads, 6);  // null: as many as heads
  EXPECT_EQ(card.prompt_template, "mistral");
  const CheckpointCopy open(kLlava);
  open.edit("config.json", [](json& c) {
    c["text_config"].update({{"model_type", "mistral"}, {"sliding_window", nullptr}, {"num_key_value_heads", 6}});
  });
  EXPECT_FALSE(import_card(open).language.window.has_value());
}

TEST(CheckpointImport, TheChatTemplateDecidesHowPromptsAreWritten) {
  for (const char* file : {"chat_template.jinja", "chat_template.json"}) {
    const CheckpointCopy copy(kLlava);
    const bool is_json = std::string(file).ends_with(".json");
    test::write_bytes(copy.file(file), is_json ? R"({"chat_template": "[INST] {{ x }} [/INST]"})" : "[INST] {{ x }}");
    EXPECT_EQ(import_card(copy).prompt_template, "mistral") << file;
  }
}

TEST(CheckpointImport, AnUnknownFamilyIsNamed) {
  const CheckpointCopy copy(kLlava);
  copy.edit("config.json", [](json& c) { c["model_type"] = "paligemma"; });
  EXPECT_THAT(failure(copy), AllOf(HasSubstr("paligemma"), HasSubstr("llava_next")));
  copy.edit("config.json", [](json& c) { c["model_type"] = 7; });
  EXPECT_THAT(failure(copy), HasSubstr("model_type"));
}

TEST(CheckpointImport, AMissingShardIsNamed) {
  const CheckpointCopy copy(kLlava);
  fs::remove(copy.file("model-00002-of-00003.safetensors"));
  EXPECT_THAT(failure(copy), HasSubstr("model-00002-of-00003.safetensors"));
}

TEST(CheckpointImport, ATruncatedShardIsNamed) {
  const CheckpointCopy copy(kLlava);
  fs::resize_file(copy.file("model-00002-of-00003.safetensors"), 300'000);
  EXPECT_THAT(failure(copy), AllOf(HasSubstr("model-00002-of-00003.safetensors"), HasSubstr("truncated")));
}

TEST(CheckpointImport, AShardOutsideOfTheFolderIsRefused) {
  const CheckpointCopy copy(kLlava);
  copy.edit("model.safetensors.index.json", [](json& c) { c["weight_map"]["image_newline"] = ".."; });
  EXPECT_THAT(failure(copy), HasSubstr("bad shard name"));
}

TEST(CheckpointImport, AConfigurationThatContradictsItsTensorsSaysWhich) {
  const CheckpointCopy copy(kLlava);
  copy.edit("config.json", [](json& c) { c["text_config"]["intermediate_size"] = 320; });
  EXPECT_THAT(failure(copy), AllOf(HasSubstr("mlp."), HasSubstr("320")));
  const CheckpointCopy deeper(kLlava);
  deeper.edit("config.json", [](json& c) { c["text_config"]["num_hidden_layers"] = 3; });
  EXPECT_THAT(failure(deeper), HasSubstr("layers.2."));
}

TEST(CheckpointImport, MoreTokensThanRowsAreRefused) {
  const CheckpointCopy copy(kLlava);
  copy.edit("tokenizer.json", [](json& t) {
    for (int i = 770; i < 900; ++i) {
      auto token = t["added_tokens"].back();
      token["id"] = i;
      token["content"] = "<extra" + std::to_string(i) + ">";
      t["added_tokens"].push_back(token);
    }
  });
  EXPECT_THAT(failure(copy), AllOf(HasSubstr("900 tokens"), HasSubstr("832 rows")));
}

TEST(CheckpointImport, ASecondTokenizerThatIsTooLargeIsRefused) {
  const CheckpointCopy copy(kInstructBlip);
  copy.edit("qformer_tokenizer/tokenizer.json", [](json& t) { t["model"]["vocab"]["zzz"] = 900; });
  EXPECT_THAT(failure(copy), Not(HasSubstr("it was imported")));
}

TEST(CheckpointImport, ImageIdsOutsideOfTheEmbeddingAreRefused) {
  const CheckpointCopy copy(kLlava);
  copy.edit("config.json", [](json& c) { c.erase("image_token_index"); });  // the class's 32000
  EXPECT_THAT(failure(copy), HasSubstr("image_token_index"));
}

TEST(CheckpointImport, AbsurdNumbersAreRefusedByName) {
  const std::vector<std::pair<const char*, json>> changes = {
      {"hidden_size", -1},
      {"hidden_size", "wide"},
      {"hidden_size", 1e30},
      {"num_attention_heads", 0},
      {"num_attention_heads", 7},
      {"num_key_value_heads", 4},
      {"num_hidden_layers", 1'000'000'000},
      {"head_dim", 15},
      {"rms_norm_eps", -1.0},
      {"rope_theta", 0},
      {"max_position_embeddings", std::numeric_limits<std::uint64_t>::max()},
      {"vocab_size", 0},
      {"hidden_act", "relu"},
      {"model_type", "qwen2"},
      {"rope_scaling", json{{"rope_type", "llama3"}, {"factor", 8.0}}}};
  for (const auto& [key, value] : changes) {
    const CheckpointCopy copy(kLlava);
    copy.edit("config.json", [key = key, value = value](json& c) { c["text_config"][key] = value; });
    const std::string message = failure(copy);
    EXPECT_THAT(message, AnyOf(HasSubstr(key), HasSubstr("rope_type"))) << message;
    EXPECT_THAT(message, HasSubstr("config.json"));
  }
}

TEST(CheckpointImport, PhiFactorsOfAnotherLengthAreRefused) {
  const CheckpointCopy copy(kPhi);
  copy.edit("config.json", [](json& c) { c["rope_scaling"]["long_factor"].push_back(1.0); });
  EXPECT_THAT(failure(copy), AllOf(HasSubstr("long_factor"), HasSubstr("12 numbers")));
  const CheckpointCopy zero(kPhi);
  zero.edit("config.json", [](json& c) { c["rope_scaling"]["short_factor"][3] = 0; });
  EXPECT_THAT(failure(zero), HasSubstr("short_factor"));
}

TEST(CheckpointImport, OtherSmallWeightsAreRefused) {
  const CheckpointCopy copy(kLlava);
  copy.edit("config.json", [](json& c) { c["quantization_config"] = {{"quant_method", "gptq"}, {"bits", 4}}; });
  EXPECT_THAT(failure(copy), HasSubstr("gptq"));
  copy.edit("config.json", [](json& c) { c["quantization_config"] = {{"load_in_8bit", true}}; });
  EXPECT_THAT(failure(copy), HasSubstr("LLM.int8"));
}

TEST(CheckpointImport, PicturesOfAnotherSizeThanTheTowersAreRefused) {
  const CheckpointCopy copy(kLlava);
  copy.edit("preprocessor_config.json", [](json& c) { c["crop_size"] = {{"height", 224}, {"width", 224}}; });
  EXPECT_THAT(failure(copy), HasSubstr("crop_size"));
  const CheckpointCopy points(kLlava);
  points.edit("preprocessor_config.json", [](json& c) { c["image_grid_pinpoints"] = json::array({{336, 672}}); });
  EXPECT_THAT(failure(points), HasSubstr("image_grid_pinpoints"));
}

TEST(CheckpointImport, AFolderWithoutAnythingIsNamed) {
  const CheckpointCopy copy(kLlava);
  fs::remove_all(copy.path());
  EXPECT_THAT(failure(copy), HasSubstr("checkpoint"));
  fs::create_directories(copy.path());
  EXPECT_THAT(failure(copy), HasSubstr("config.json"));
}

TEST(ModelFolder, ACheckpointIsToldToBeImported) {
  const CheckpointCopy copy(kLlava);
  const auto found = find_model_folder(copy.path().string());
  ASSERT_FALSE(found.ok());
  EXPECT_THAT(found.error().message, HasSubstr("cinescribe import"));
  import_card(copy);
  const auto imported = find_model_folder(copy.out().string());
  ASSERT_TRUE(imported.ok()) << imported.error().message;
  EXPECT_EQ(*imported, copy.out());
}

TEST(ModelFolder, WhatIsMissingNamesTheCommandThatMendsIt) {
  const auto model = find_model_folder("llava-v1.6-vicuna-7b");
  ASSERT_FALSE(model.ok());
  EXPECT_THAT(model.error().message, HasSubstr("cinescribe models pull llava-v1.6-vicuna-7b"));
  EXPECT_THAT(find_model_folder("lava-v1.6-vicuna-7b").error().message, HasSubstr("did you mean"));
  EXPECT_THAT(find_model_folder("./nowhere").error().message, HasSubstr("there is no folder"));
}

}  // namespace
}  // namespace cinescribe::models
