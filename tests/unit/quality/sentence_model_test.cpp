#include "cinescribe/quality/sentence_model.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "support/scratch_folder.h"
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace cinescribe::quality {
namespace {

using testing::HasSubstr;

/// A BERT of 2 layers whose weights follow from their names, so that transformers can be given the same ones.
class TinyBert {
 public:
  explicit TinyBert(const std::filesystem::path& folder) : folder_(folder) {
    config_ = {{"model_type", "bert"},         {"vocab_size", 20},         {"hidden_size", 8},
               {"num_hidden_layers", 2},       {"num_attention_heads", 2}, {"intermediate_size", 16},
               {"max_position_embeddings", 12}};
    add("embeddings.word_embeddings.weight", {20, 8});
    add("embeddings.position_embeddings.weight", {12, 8});
    add("embeddings.token_type_embeddings.weight", {2, 8});
    add_norm("embeddings.LayerNorm");
    for (const std::string at : {"encoder.layer.0.", "encoder.layer.1."}) {
      for (const char* name :
           {"attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"}) {
        add_linear(at + name, 8, 8);
      }
      add_norm(at + "attention.output.LayerNorm");
      add_linear(at + "intermediate.dense", 8, 16);
      add_linear(at + "output.dense", 16, 8);
      add_norm(at + "output.LayerNorm");
    }
  }

  void write() const {
    const std::string text = header_.dump();
    const std::uint64_t length = text.size();
    std::string file(sizeof length, '\0');
    std::memcpy(file.data(), &length, sizeof length);
    test::write_bytes(folder_ / "model.safetensors", file + text + data_);
    test::write_bytes(folder_ / "config.json", config_.dump());
    test::write_bytes(folder_ / "tokenizer_config.json",
                      R"({"do_lower_case": true, "tokenizer_class": "BertTokenizer"})");
    std::string words = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n";
    for (char c = 'a'; c < 'q'; ++c) words += std::string(1, c) + "\n";
    test::write_bytes(folder_ / "vocab.txt", words);
  }

  nlohmann::json config_;
  nlohmann::json header_;

 private:
  void add_norm(const std::string& name) {
    add(name + ".weight", {8});
    add(name + ".bias", {8});
  }
  void add_linear(const std::string& name, std::int64_t in, std::int64_t out) {
    add(name + ".weight", {out, in});
    add(name + ".bias", {out});
  }
  void add(const std::string& name, const std::vector<std::int64_t>& shape) {
    std::uint64_t state = 0xcbf29ce484222325ULL;
    for (const char c : name) state = (state ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    std::int64_t count = 1;
    for (const std::int64_t n : shape) count *= n;
    const std::size_t begin = data_.size();
    for (std::int64_t i = 0; i < count; ++i) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      double value = static_cast<double>(state >> 40U) / 16777216.0 - 0.5;
      if (name.ends_with("LayerNorm.weight")) value = 1.0 + 0.2 * value;
      const auto single = static_cast<float>(value);
      data_.append(reinterpret_cast<const char*>(&single), sizeof single);
    }
    header_[name] = {{"dtype", "F32"}, {"shape", shape}, {"data_offsets", {begin, data_.size()}}};
  }

  std::filesystem::path folder_;
  std::string data_;
};

class SentenceModelTest : public testing::Test {
 protected:
  Result<std::unique_ptr<SentenceModel>> load() {
    bert_.write();
    return SentenceModel::load(scratch_.path(), 1);
  }
  test::ScratchFolder scratch_;
  TinyBert bert_{scratch_.path()};
};

TEST_F(SentenceModelTest, DirectionsAreThoseOfTransformers) {
  // transformers 4.57.1, BertModel with these weights; mean of last_hidden_state, scaled to length 1.
  const std::vector<std::pair<std::vector<std::int64_t>, std::vector<float>>> cases = {
      {{1, 5, 7, 2},
       {-0.58175015F, 0.3303231F, -0.02877432F, 0.41033059F, -0.09750737F, 0.37656477F, -0.38147968F, -0.29397079F}},
      {{3},
       {-0.45524999F, 0.33149582F, 0.03276777F, 0.47755006F, -0.17098255F, 0.31019258F, -0.44782504F, -0.35739109F}},
      {{0, 19, 4, 4, 4, 11, 8, 2},
       {-0.41975951F, 0.29271728F, 0.02764812F, 0.42359868F, -0.36604697F, 0.41332561F, -0.45739552F, -0.20947368F}}};
  const auto model = load();
  ASSERT_TRUE(model.ok()) << model.error().message;
  for (const auto& [ids, expected] : cases) {
    const auto direction = (*model)->embed_ids(ids, {});
    ASSERT_TRUE(direction.ok()) << direction.error().message;
    EXPECT_THAT(*direction, testing::Pointwise(testing::FloatNear(2e-6F), expected));
    EXPECT_NEAR(cosine(*direction, *direction), 1.0, 1e-6);
  }
}

TEST_F(SentenceModelTest, TextIsTokenisedAndCutToWhatTheModelCanRead) {
  const auto model = load();
  ASSERT_TRUE(model.ok()) << model.error().message;
  // [CLS] a c [SEP]
  EXPECT_EQ(*(*model)->embed("A c", {}), *(*model)->embed_ids(std::vector<std::int64_t>{2, 4, 6, 3}, {}));
  EXPECT_EQ(*(*model)->embed("a a a a a a a a a a b b b b", {}),
            *(*model)->embed_ids(std::vector<std::int64_t>{2, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 3}, {}));
}

TEST_F(SentenceModelTest, IdsOutsideAreRefused) {
  const auto model = load();
  ASSERT_TRUE(model.ok());
  for (const std::vector<std::int64_t>& ids : {std::vector<std::int64_t>{}, std::vector<std::int64_t>{20},
                                               std::vector<std::int64_t>{-1}, std::vector<std::int64_t>(13, 1)}) {
    const auto direction = (*model)->embed_ids(ids, {});
    ASSERT_FALSE(direction.ok());
    EXPECT_EQ(direction.error().code, ErrorCode::kUsage);
  }
}

TEST_F(SentenceModelTest, WhatIsNoSuchModelIsNamed) {
  bert_.config_["hidden_size"] = 16;
  EXPECT_THAT(load().error().message, HasSubstr("embeddings."));
  bert_.config_["hidden_size"] = 9;
  EXPECT_THAT(load().error().message, HasSubstr("cannot be shared by 2 heads"));
  bert_.config_["model_type"] = "roberta";
  EXPECT_THAT(load().error().message, HasSubstr("this is 'roberta'"));
  bert_.config_["vocab_size"] = -4;
  bert_.config_["model_type"] = "bert";
  EXPECT_THAT(load().error().message, HasSubstr("vocab_size"));
  EXPECT_EQ(SentenceModel::load(scratch_ / "none", 1).error().code, ErrorCode::kModel);
}

}  // namespace
}  // namespace cinescribe::quality
