#include "cinescribe/language/language_file.h"

#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "support/tiny_language.h"
#include <gtest/gtest.h>

namespace cinescribe::language {
namespace {

Result<LanguageShape> check(const GgufBytes& file) {
  const std::string bytes = file.bytes();
  return check_language_bytes(std::as_bytes(std::span(bytes.data(), bytes.size())), "language.gguf");
}

TEST(LanguageFile, SaysWhatIsInTheFile) {
  const TinyLanguage tiny = TinyLanguage::llama();
  const auto shape = check(tiny.gguf());
  ASSERT_TRUE(shape.ok()) << shape.error().message;
  EXPECT_EQ(shape->architecture, "llama");
  EXPECT_EQ(shape->vocabulary, tiny.vocabulary);
  EXPECT_EQ(shape->width, tiny.width);
  EXPECT_EQ(shape->layers, tiny.layers);
  EXPECT_EQ(shape->kv_heads, tiny.kv_heads);
  EXPECT_EQ(shape->head_dim, tiny.head_dim);
  EXPECT_TRUE(shape->is_f32);
  EXPECT_EQ(shape->window, 0);
  EXPECT_EQ(shape->original_context, 0);
  const auto phi = check(TinyLanguage::phi3().gguf());
  ASSERT_TRUE(phi.ok()) << phi.error().message;
  EXPECT_EQ(phi->original_context, 300);
}

TEST(LanguageFile, BiasesAndOutputsAreOptional) {
  TinyLanguage tiny = TinyLanguage::llama();
  tiny.is_tied = false;
  tiny.fill(1);
  GgufBytes file = tiny.gguf();
  file.tensor("blk.1.attn_q.bias", {48}, std::vector<float>(48));
  file.tensor("blk.0.ffn_down.bias", {32}, std::vector<float>(32));
  EXPECT_TRUE(check(file).ok()) << check(file).error().message;
}

/// Numbers that llama.cpp divides by or asserts on, one after the other.
TEST(LanguageFile, NumbersThatWouldAbortAreRefusedByTheirKey) {
  using Change = std::function<void(TinyLanguage&)>;
  const std::vector<std::pair<std::string, Change>> cases = {
      {"head_count'", [](auto& t) { t.heads = 0; }},
      {"head_count_kv", [](auto& t) { t.kv_heads = 0; }},
      {"cannot share", [](auto& t) { t.kv_heads = 3; }},
      {"block_count", [](auto& t) { t.layers = 0; }},
      {"block_count", [](auto& t) { t.layers = 513; }},
      {"embedding_length", [](auto& t) { t.width = 0; }},
      {"feed_forward_length", [](auto& t) { t.ffn_width = 1 << 30; }},
      {"context_length", [](auto& t) { t.context = 0; }},
      {"key_length", [](auto& t) { t.head_dim = 0; }},
      {"rotates", [](auto& t) { t.head_dim = 13; }},
      {"rms_epsilon", [](auto& t) { t.rms_eps = -1.0; }},
      {"freq_base", [](auto& t) { t.theta = 0.0; }},
      {"blk.2.attn_norm.weight", [](auto& t) { t.layers = 3; }},
      {"has shape", [](auto& t) { t.heads = 8; }},
      {"has shape", [](auto& t) { t.ffn_width = 41; }},
  };
  for (const auto& [words, change] : cases) {
    const TinyLanguage tiny = TinyLanguage::llama();
    TinyLanguage changed = tiny;
    change(changed);
    GgufBytes file = changed.metadata();
    for (const auto& [name, values] : tiny.weights) file.tensor(name, tiny.shape_of(name), values);
    const auto shape = check(file);
    ASSERT_FALSE(shape.ok()) << words;
    EXPECT_EQ(shape.error().code, ErrorCode::kModel);
    EXPECT_NE(shape.error().message.find(words), std::string::npos) << words << ": " << shape.error().message;
  }
}

TEST(LanguageFile, OtherKindsOfModelsAreRefused) {
  using Change = std::function<void(GgufBytes&)>;
  const std::vector<std::pair<std::string, Change>> cases = {
      {"expert_count", [](auto& f) { f.u32("llama.expert_count", 8); }},
      {"output_labels", [](auto& f) { f.texts("llama.classifier.output_labels", {"a"}); }},
      {"split", [](auto& f) { f.u32("split.count", 3); }},
      {"rope.scaling.type", [](auto& f) { f.text("llama.rope.scaling.type", "surprise"); }},
      {"expected u32", [](auto& f) { f.f32("llama.attention.sliding_window", 4.0F); }},
      {"vocab_size", [](auto& f) { f.u32("llama.vocab_size", 95); }},
      {"does not belong", [](auto& f) { f.tensor("v.patch.weight", {4}, std::vector<float>(4)); }},
      {"one of two", [](auto& f) { f.tensor("rope_factors_long.weight", {6}, std::vector<float>(6)); }},
      {"has shape",
       [](auto& f) {
         f.tensor("output.weight", {32, 95}, std::vector<float>(32 * 95));
       }},
  };
  for (const auto& [words, change] : cases) {
    GgufBytes file = TinyLanguage::llama().gguf();
    change(file);
    const auto shape = check(file);
    ASSERT_FALSE(shape.ok()) << words;
    EXPECT_NE(shape.error().message.find(words), std::string::npos) << words << ": " << shape.error().message;
  }
  GgufBytes file = TinyLanguage::llama().gguf();
  file.u32("llama.expert_count", 0);  // says nothing
  EXPECT_TRUE(check(file).ok());
  GgufBytes other;
  other.text("general.architecture", "mamba");
  EXPECT_NE(check(other).error().message.find("mamba"), std::string::npos);
  EXPECT_FALSE(check(GgufBytes()).ok());
}

TEST(LanguageFile, TypesThatCannotBeComputedAreRefused) {
  const TinyLanguage tiny = TinyLanguage::llama();
  for (const auto& [broken, type] : std::vector<std::pair<std::string, std::int32_t>>{
           {"output_norm.weight", 1}, {"blk.0.attn_norm.weight", 30}, {"blk.0.ffn_up.weight", 24}}) {
    GgufBytes file = tiny.metadata();
    for (const auto& [name, values] : tiny.weights) {
      if (name == broken) {
        file.tensor(name, type, tiny.shape_of(name), std::string(values.size() * 2, '\0'));
      } else {
        file.tensor(name, tiny.shape_of(name), values);
      }
    }
    const auto shape = check(file);
    ASSERT_FALSE(shape.ok()) << broken;
    EXPECT_NE(shape.error().message.find(broken), std::string::npos) << shape.error().message;
  }
}

}  // namespace
}  // namespace cinescribe::language
