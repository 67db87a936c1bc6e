#include "cinescribe/models/whisper_convert.h"

#include <cmath>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "support/ct2_folder.h"
#include <gtest/gtest.h>

#include "cinescribe/models/slaney_filters.h"
#include "cinescribe/models/whisper_vocabulary.h"
#include "cinescribe/tensor/whisper_file.h"

namespace cinescribe::models {
namespace {

using tensor::WeightType;
using test::Ct2Weights;
using test::TinyWhisper;

/// Conversions go into a cache of their own.
class WhisperConvert : public testing::Test {
 protected:
  void SetUp() override { ::setenv("CINESCRIBE_CACHE", (folder_ / "cache").c_str(), 1); }
  void TearDown() override { ::unsetenv("CINESCRIBE_CACHE"); }

  /// Numbers of the tensor `name` in a converted file.
  static std::vector<float> tensor_of(const std::string& file, const std::string& name, WeightType type,
                                      std::size_t row_length, std::size_t rows) {
    const std::size_t at = file.rfind(name) + name.size();
    EXPECT_NE(file.rfind(name), std::string::npos) << name;
    const std::size_t size = rows * tensor::row_bytes(type, row_length);
    std::vector<float> numbers(rows * row_length);
    const auto bytes = std::as_bytes(std::span<const char>(file.data(), file.size())).subspan(at, size);
    std::vector<std::byte> aligned(bytes.begin(), bytes.end());
    EXPECT_TRUE(tensor::dequantise_rows(type, aligned, row_length, numbers).ok());
    return numbers;
  }

  static void expect_near(const std::vector<float>& numbers, const std::string& variable, std::size_t first,
                          float tolerance) {
    float largest = 0.0F;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      largest = std::max(largest, std::abs(numbers[i] - TinyWhisper::weight(variable, first + i)));
    }
    EXPECT_LE(largest, tolerance) << variable;
  }

  [[nodiscard]] LocatedModel located() const { return {"tiny", folder_ / "model", "", false}; }

  test::ScratchFolder folder_;
};

TEST_F(WhisperConvert, AFolderBecomesAValidFileOnce) {
  TinyWhisper().write(folder_ / "model");
  WhisperOptions options;
  options.threads = 2;
  std::uint64_t done = 0;
  std::uint64_t total = 0;
  options.progress = [&](std::uint64_t d, std::uint64_t t) {
    EXPECT_GE(d, done);
    done = d;
    total = t;
  };
  const auto model = prepare_whisper(located(), options);
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_TRUE(model->was_converted);
  EXPECT_FALSE(model->is_multilingual);
  EXPECT_EQ(model->weights, WeightType::kQ80);
  EXPECT_EQ(model->alignment_heads, (std::vector<tensor::AlignmentHead>{{0, 1}}));
  EXPECT_EQ(model->sha256.size(), 64U);
  EXPECT_EQ(model->name, "tiny");
  EXPECT_EQ(done, std::filesystem::file_size(model->ggml_path));
  EXPECT_EQ(done, total);
  const auto again = prepare_whisper(located(), options);
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_FALSE(again->was_converted);
  EXPECT_EQ(again->ggml_path, model->ggml_path);
}

TEST_F(WhisperConvert, EveryTypeHoldsTheWeightsWithinItsStep) {
  const auto state = std::size_t{TinyWhisper::kState};
  for (const auto& [type, tolerance] : {std::pair{WeightType::kF32, 0.0F},
                                        {WeightType::kF16, 0.0003F},
                                        {WeightType::kQ80, 0.0025F},
                                        {WeightType::kQ50, 0.04F}}) {
    TinyWhisper().write(folder_ / "model");
    WhisperOptions options;
    options.weights = type;
    const auto model = prepare_whisper(located(), options);
    ASSERT_TRUE(model.ok()) << model.error().message;
    EXPECT_EQ(model->weights, type);
    const std::string file = test::read_bytes(model->ggml_path);
    const std::string self = "encoder/layer_0/self_attention/linear_0/";
    const std::string block = "encoder.blocks.0.attn.";
    expect_near(tensor_of(file, block + "query.weight", type, state, state), self + "weight", 0, tolerance);
    expect_near(tensor_of(file, block + "key.weight", type, state, state), self + "weight", state * state, tolerance);
    expect_near(tensor_of(file, block + "value.weight", type, state, state), self + "weight", 2 * state * state,
                tolerance);
    expect_near(tensor_of(file, block + "value.bias", WeightType::kF32, state, 1), self + "bias", 2 * state, 0.0F);
    const std::string cross = "decoder/layer_0/attention/linear_1/";
    expect_near(tensor_of(file, "decoder.blocks.0.cross_attn.value.weight", type, state, state), cross + "weight",
                state * state, tolerance);
    expect_near(tensor_of(file, "decoder.blocks.0.cross_attn.value.bias", WeightType::kF32, state, 1), cross + "bias",
                state, 0.0F);
    expect_near(tensor_of(file, "decoder.token_embedding.weight", type, state, 51864), "decoder/embeddings/weight", 0,
                tolerance);
    expect_near(tensor_of(file, "encoder.positional_embedding", WeightType::kF32, state, 1500),
                "encoder/position_encodings/encodings", 0, 0.0F);
    expect_near(tensor_of(file, "decoder.blocks.0.mlp_ln.bias", WeightType::kF32, state, 1),
                "decoder/layer_0/ffn/layer_norm/beta", 0, 0.0F);
    const WeightType kernel = type == WeightType::kF32 ? WeightType::kF32 : WeightType::kF16;
    expect_near(tensor_of(file, "encoder.conv1.weight", kernel, 3, 80 * state), "encoder/conv1/weight", 0,
                type == WeightType::kF32 ? 0.0F : 0.0003F);
  }
}

TEST_F(WhisperConvert, QuantisedSourcesAreMultipliedOut) {
  const auto state = std::size_t{TinyWhisper::kState};
  for (const auto& [weights, tolerance] : {std::pair{Ct2Weights::kI8, 0.0021F}, {Ct2Weights::kI16, 0.0003F}}) {
    TinyWhisper(weights).write(folder_ / "model");
    WhisperOptions options;
    options.weights = WeightType::kF32;
    const auto model = prepare_whisper(located(), options);
    ASSERT_TRUE(model.ok()) << model.error().message;
    const std::string file = test::read_bytes(model->ggml_path);
    expect_near(tensor_of(file, "decoder.blocks.0.attn.key.weight", WeightType::kF32, state, state),
                "decoder/layer_0/self_attention/linear_0/weight", state * state, tolerance);
    expect_near(tensor_of(file, "encoder.conv2.weight", WeightType::kF32, 3, state * state), "encoder/conv2/weight", 0,
                tolerance);
    expect_near(tensor_of(file, "decoder.token_embedding.weight", WeightType::kF32, state, 51864),
                "decoder/embeddings/weight", 0, tolerance);
  }
}

TEST_F(WhisperConvert, TheResultDoesNotDependOnTheNumberOfThreads) {
  TinyWhisper().write(folder_ / "model");
  WhisperOptions options;
  options.weights = WeightType::kQ50;
  for (const int threads : {1, 2, 5}) {
    options.threads = threads;
    ASSERT_TRUE(convert_whisper(folder_ / "model", folder_ / ("out" + std::to_string(threads)), options).ok());
  }
  EXPECT_EQ(test::read_bytes(folder_ / "out1"), test::read_bytes(folder_ / "out2"));
  EXPECT_EQ(test::read_bytes(folder_ / "out1"), test::read_bytes(folder_ / "out5"));
}

TEST_F(WhisperConvert, AMultilingualModelAndAJsonVocabularyAreRecognised) {
  const TinyWhisper whisper(Ct2Weights::kI8, 51865);
  whisper.write(folder_ / "model", "{}");
  const std::string lines = whisper.vocabulary();
  std::string json = "[";
  for (std::size_t begin = 0, end = 0; begin < lines.size(); begin = end + 1) {
    end = lines.find('\n', begin);
    json += (begin == 0 ? "\"" : ", \"") + lines.substr(begin, end - begin) + "\"";
  }
  test::write_bytes(folder_ / "model/vocabulary.json", json + "]");
  std::filesystem::remove(folder_ / "model/vocabulary.txt");
  const auto model = prepare_whisper(located());
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_TRUE(model->is_multilingual);
  EXPECT_TRUE(model->alignment_heads.empty()) << "no shape that OpenAI published";
}

TEST_F(WhisperConvert, AGgmlFileIsCheckedAndUsedAsItIs) {
  TinyWhisper().write(folder_ / "model");
  ASSERT_TRUE(convert_whisper(folder_ / "model", folder_ / "ggml-tiny.bin", {}).ok());
  const auto model = prepare_whisper({"mine", folder_ / "ggml-tiny.bin", "abc", false});
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_EQ(model->ggml_path, folder_ / "ggml-tiny.bin");
  EXPECT_EQ(model->sha256, "abc");
  EXPECT_FALSE(model->was_converted);
  const std::string bytes = test::read_bytes(folder_ / "ggml-tiny.bin");
  test::write_bytes(folder_ / "cut.bin", std::string_view(bytes).substr(0, bytes.size() / 2));
  const auto cut = prepare_whisper({"cut", folder_ / "cut.bin", "abc", false});
  ASSERT_FALSE(cut.ok());
  EXPECT_EQ(cut.error().code, ErrorCode::kModel);
}

TEST_F(WhisperConvert, ADamagedConversionInTheCacheIsMadeAgain) {
  TinyWhisper().write(folder_ / "model");
  const auto first = prepare_whisper(located());
  ASSERT_TRUE(first.ok());
  const std::string good = test::read_bytes(first->ggml_path);
  test::write_bytes(first->ggml_path, std::string_view(good).substr(0, 1000));
  const auto second = prepare_whisper(located());
  ASSERT_TRUE(second.ok()) << second.error().message;
  EXPECT_TRUE(second->was_converted);
  EXPECT_EQ(test::read_bytes(second->ggml_path), good);
}

TEST_F(WhisperConvert, TwoAtOnceConvertOnce) {
  TinyWhisper().write(folder_ / "model");
  int conversions = 0;
  std::vector<Result<WhisperModel>> models(2, Error{});
  {
    std::jthread other([&] { models[0] = prepare_whisper(located()); });
    models[1] = prepare_whisper(located());
  }
  for (const auto& model : models) {
    ASSERT_TRUE(model.ok()) << model.error().message;
    conversions += model->was_converted ? 1 : 0;
  }
  EXPECT_EQ(conversions, 1);
}

TEST_F(WhisperConvert, AStoppedConversionLeavesNothing) {
  TinyWhisper().write(folder_ / "model");
  std::stop_source stop;
  WhisperOptions options;
  options.stop = stop.get_token();
  options.progress = [&](std::uint64_t, std::uint64_t) { stop.request_stop(); };
  const auto model = prepare_whisper(located(), options);
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.error().code, ErrorCode::kInterrupted);
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "cache/converted"));
}

TEST_F(WhisperConvert, WrongFoldersAreNamedWithWhatIsWrong) {
  const auto message_of = [&] {
    const auto model = prepare_whisper(located());
    EXPECT_TRUE(model.ok() || model.error().code == ErrorCode::kModel);
    return model.ok() ? std::string("accepted") : model.error().message;
  };
  EXPECT_NE(message_of().find("cannot find"), std::string::npos);
  std::filesystem::create_directories(folder_ / "model");
  EXPECT_NE(message_of().find("neither"), std::string::npos);
  TinyWhisper whisper;
  whisper.write(folder_ / "model", R"({"alignment_heads": [[0, 2]]})");
  EXPECT_NE(message_of().find("alignment_heads"), std::string::npos);
  whisper.write(folder_ / "model");
  test::write_bytes(folder_ / "model/vocabulary.txt", "only\nthree\nwords\n");
  EXPECT_NE(message_of().find("3 words"), std::string::npos);
  std::filesystem::remove(folder_ / "model/vocabulary.txt");
  EXPECT_NE(message_of().find("vocabulary"), std::string::npos);
  TinyWhisper incomplete(Ct2Weights::kF32, 51864);
  test::Ct2Bytes other;
  other.variable<float>("x", {1}, 0, {1.0F});
  test::write_bytes(folder_ / "model/model.bin", other.file());
  EXPECT_NE(message_of().find("vocabulary size is 0"), std::string::npos);
  test::write_bytes(folder_ / "model/model.bin", other.file("TransformerSpec"));
  EXPECT_NE(message_of().find("neither"), std::string::npos);
}

TEST(SlaneyFilters, TheFirstNumbersAreThoseOfTheReference) {
  // From the preprocessor_config.json of openai/whisper models.
  const std::vector<float> filters = slaney_filters(80);
  ASSERT_EQ(filters.size(), 80U * 201U);
  EXPECT_FLOAT_EQ(filters[1], 0.02486259F);
  EXPECT_EQ(filters[2], 0.0F);
  EXPECT_NEAR(filters[201 + 1], 0.00199082F, 1e-7);
  EXPECT_NEAR(filters[201 + 2], 0.02287177F, 1e-7);
  for (int band = 0; band < 80; ++band) {
    float area = 0.0F;
    for (std::size_t bin = 0; bin < 201; ++bin) area += filters[static_cast<std::size_t>(band) * 201 + bin] * 40.0F;
    EXPECT_TRUE(band <= 20 || std::abs(area - 1.0F) < 0.1F) << band << ": " << area;
  }
  EXPECT_EQ(slaney_filters(128).size(), 128U * 201U);
}

TEST(WhisperVocabulary, ByteLevelSpellingIsDecoded) {
  EXPECT_EQ(*decode_byte_level("\xc4\xa0hello"), " hello");
  EXPECT_EQ(*decode_byte_level("\xc4\x8a"), "\n");
  EXPECT_EQ(*decode_byte_level("\xc3\xa3\xc4\xa3\xc4\xa4"), "\xe3\x81\x82");
  EXPECT_EQ(*decode_byte_level("\xc5\x83"), "\xad");
  EXPECT_EQ(*decode_byte_level(""), "");
  for (const char* wrong : {" ", "\xc3", "\xe3\x81\x82", "\xff", "\xc5\x84", "\xc3\x28", "\xc0\xa1"}) {
    EXPECT_FALSE(decode_byte_level(wrong).ok()) << wrong;
  }
}

TEST(WhisperVocabulary, HostileListsAreRefused) {
  for (const char* text : {"", "[", "{}", "[1, 2]", "[\"a\"]", "null"}) {
    EXPECT_FALSE(parse_whisper_vocabulary(text, true, 51864, "vocabulary.json").ok()) << text;
  }
  EXPECT_FALSE(parse_whisper_vocabulary("", false, 51864, "vocabulary.txt").ok());
  const std::string whole = TinyWhisper().vocabulary();
  EXPECT_TRUE(parse_whisper_vocabulary(whole, false, 51864, "vocabulary.txt").ok());
  EXPECT_FALSE(parse_whisper_vocabulary(whole.substr(2), false, 51864, "vocabulary.txt").ok())
      << "the first is missing";
  EXPECT_FALSE(parse_whisper_vocabulary("extra\n" + whole, false, 51864, "vocabulary.txt").ok());
}

}  // namespace
}  // namespace cinescribe::models
