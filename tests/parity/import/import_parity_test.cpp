// Every checkpoint under <parity>/{llava_next,phi3_v,instructblip}: imported in f32, every tensor of the model folder
// holds the checkpoint's numbers bit for bit (under a mapping of names written here, not the importer's), 4-bit
// matrices those that bitsandbytes gives; stock llama.cpp loads language.gguf; in q8_0 every number is within its
// block's step.
#include <array>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "parity/parity_cases.h"
#include "support/scratch_folder.h"
#include <ggml.h>
#include <gguf.h>
#include <gtest/gtest.h>
#include <llama.h>
#include <nlohmann/json.hpp>

#include "cinescribe/models/checkpoint_import.h"
#include "cinescribe/models/checkpoint_weights.h"
#include "cinescribe/models/safetensors.h"
#include "cinescribe/models/sha256.h"
#include "cinescribe/tensor/backends.h"
#include "cinescribe/tensor/model_card.h"

namespace cinescribe {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Half a step, and 127 times the rounding of the block's scale to f16.
constexpr double kMostSteps = 0.5 + 127.0 * 0x1p-11 + 0.01;
constexpr std::array<const char*, 3> kFamilies = {"llava_next", "phi3_v", "instructblip"};

/// A GGUF file in memory, its tensors as f32.
class Gguf {
 public:
  explicit Gguf(const fs::path& path) {
    ggml_context* context = nullptr;
    gguf_init_params params{};
    params.ctx = &context;
    file_.reset(gguf_init_from_file(path.c_str(), params));
    tensors_.reset(context);
  }
  [[nodiscard]] bool is_open() const { return file_ != nullptr; }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (std::int64_t i = 0; i < gguf_get_n_tensors(file_.get()); ++i) {
      out.emplace_back(gguf_get_tensor_name(file_.get(), i));
    }
    return out;
  }
  [[nodiscard]] const ggml_tensor* find(const std::string& name) const {
    return ggml_get_tensor(tensors_.get(), name.c_str());
  }
  [[nodiscard]] std::vector<float> floats(const std::string& name) const {
    const ggml_tensor* tensor = find(name);
    std::vector<float> out(static_cast<std::size_t>(ggml_nelements(tensor)));
    if (tensor->type == GGML_TYPE_F32) {
      std::memcpy(out.data(), tensor->data, ggml_nbytes(tensor));
    } else {
      ggml_get_type_traits(tensor->type)->to_float(tensor->data, out.data(), ggml_nelements(tensor));
    }
    return out;
  }

 private:
  struct FreeGguf {
    void operator()(gguf_context* p) const { gguf_free(p); }
  };
  struct FreeGgml {
    void operator()(ggml_context* p) const { ggml_free(p); }
  };
  std::unique_ptr<gguf_context, FreeGguf> file_;
  std::unique_ptr<ggml_context, FreeGgml> tensors_;
};

/// Where a tensor of the folder comes from: a name after normalisation, and which third of a fused one (-1: all of it).
struct Origin {
  std::string name;
  int third = -1;
  bool is_rotated = false;  ///< q or k of arch llama.
};

std::string replaced(std::string text, const std::vector<std::pair<std::string, std::string>>& rules) {
  for (const auto& [from, to] : rules) {
    if (const auto at = text.find(from); at != std::string::npos) text.replace(at, from.size(), to);
  }
  return text;
}

Origin language_origin(const std::string& family, const std::string& name) {
  const std::string root = family == "phi3_v" ? "" : "language_model.";
  if (name == "token_embd.weight") return {root + "embed_tokens.weight"};
  if (name == "output_norm.weight") return {root + "norm.weight"};
  if (name == "output.weight") return {"lm_head.weight"};
  Origin origin{root + replaced(name, {{"blk.", "layers."},
                                       {"attn_norm", "input_layernorm"},
                                       {"ffn_norm", "post_attention_layernorm"},
                                       {"attn_qkv", "self_attn.qkv_proj"},
                                       {"attn_q", "self_attn.q_proj"},
                                       {"attn_k", "self_attn.k_proj"},
                                       {"attn_v", "self_attn.v_proj"},
                                       {"attn_output", "self_attn.o_proj"},
                                       {"ffn_gate", "mlp.gate_proj"},
                                       {"ffn_up", family == "phi3_v" ? "mlp.gate_up_proj" : "mlp.up_proj"},
                                       {"ffn_down", "mlp.down_proj"}})};
  origin.is_rotated =
      family != "phi3_v" && (name.find("attn_q.") != std::string::npos || name.find("attn_k.") != std::string::npos);
  return origin;
}

Origin clip_origin(const std::string& root, const std::string& name) {
  if (name == "v.class") return {root + "embeddings.class_embedding"};
  if (name == "v.positions") return {root + "embeddings.position_embedding.weight"};
  return {root + replaced(name.substr(2), {{"patch.", "embeddings.patch_embedding."},
                                           {"pre_norm", "pre_layrnorm"},
                                           {"layer.", "encoder.layers."},
                                           {"norm1", "layer_norm1"},
                                           {"norm2", "layer_norm2"},
                                           {"query", "self_attn.q_proj"},
                                           {"key", "self_attn.k_proj"},
                                           {"value", "self_attn.v_proj"},
                                           {"output", "self_attn.out_proj"},
                                           {"up.", "mlp.fc1."},
                                           {"down.", "mlp.fc2."}})};
}

Origin eva_origin(const std::string& name) {
  const std::string root = "vision_model.";
  if (name == "v.class") return {root + "embeddings.class_embedding"};
  if (name == "v.positions") return {root + "embeddings.position_embedding"};
  Origin origin{root + replaced(name.substr(2), {{"patch.", "embeddings.patch_embedding."},
                                                 {"post_norm", "post_layernorm"},
                                                 {"layer.", "encoder.layers."},
                                                 {"norm1", "layer_norm1"},
                                                 {"norm2", "layer_norm2"},
                                                 {"query", "self_attn.qkv"},
                                                 {"key", "self_attn.qkv"},
                                                 {"value", "self_attn.qkv"},
                                                 {"output", "self_attn.projection"},
                                                 {"up.", "mlp.fc1."},
                                                 {"down.", "mlp.fc2."}})};
  if (name.find("query") != std::string::npos) origin.third = 0;
  if (name.find("key") != std::string::npos) origin.third = 1;
  if (name.find("value") != std::string::npos) origin.third = 2;
  return origin;
}

Origin qformer_origin(const std::string& name) {
  if (name == "q.queries") return {"query_tokens"};
  if (name == "q.word_embeddings") return {"qformer.embeddings.word_embeddings.weight"};
  if (name == "q.positions") return {"qformer.embeddings.position_embeddings.weight"};
  if (name.rfind("q.embed_norm", 0) == 0) return {"qformer.embeddings.layernorm" + name.substr(12)};
  const std::size_t dot = name.find('.', 8);
  const std::string layer = "qformer.encoder.layer." + name.substr(8, dot - 8) + ".";
  std::string rest = name.substr(dot + 1);
  const std::string end = rest.substr(rest.rfind('.'));
  rest.resize(rest.size() - end.size());
  static const std::map<std::string, std::string> kParts = {{"query", "attention.attention.query"},
                                                            {"key", "attention.attention.key"},
                                                            {"value", "attention.attention.value"},
                                                            {"output", "attention.output.dense"},
                                                            {"attention_norm", "attention.output.LayerNorm"},
                                                            {"cross.query", "crossattention.attention.query"},
                                                            {"cross.key", "crossattention.attention.key"},
                                                            {"cross.value", "crossattention.attention.value"},
                                                            {"cross.output", "crossattention.output.dense"},
                                                            {"cross_norm", "crossattention.output.LayerNorm"},
                                                            {"up", "intermediate.dense"},
                                                            {"down", "output.dense"},
                                                            {"ffn_norm", "output.LayerNorm"},
                                                            {"query_up", "intermediate_query.dense"},
                                                            {"query_down", "output_query.dense"},
                                                            {"query_ffn_norm", "output_query.LayerNorm"}};
  const auto part = kParts.find(rest);
  return {part == kParts.end() ? "?" + name : layer + part->second + end};
}

Origin vision_origin(const std::string& family, const std::string& name) {
  if (name.rfind("q.", 0) == 0) return qformer_origin(name);
  if (name.rfind("v.", 0) == 0) {
    if (family == "instructblip") return eva_origin(name);
    return clip_origin(family == "phi3_v" ? "vision_embed_tokens.img_processor.vision_model." : "vision_tower.", name);
  }
  if (family == "instructblip") return {replaced(name, {{"mm.0", "language_projection"}})};
  if (family == "phi3_v") {
    return {"vision_embed_tokens." + replaced(name, {{"mm.0", "img_projection.0"},
                                                     {"mm.2", "img_projection.2"},
                                                     {"mm.sub_newline", "sub_GN"},
                                                     {"mm.global_separator", "glb_GN"}})};
  }
  return {replaced(name, {{"mm.0", "multi_modal_projector.linear_1"},
                          {"mm.2", "multi_modal_projector.linear_2"},
                          {"mm.newline", "image_newline"}})};
}

/// Reorders rows as llama.cpp's RoPE wants them: halves of a head become neighbours.
std::vector<float> interleaved(const std::vector<float>& in, std::size_t row, std::size_t head_dim) {
  std::vector<float> out(in.size());
  const std::size_t heads = in.size() / row / head_dim;
  for (std::size_t h = 0; h < heads; ++h) {
    for (std::size_t half = 0; half < 2; ++half) {
      for (std::size_t i = 0; i < head_dim / 2; ++i) {
        std::copy_n(&in[(h * head_dim + half * head_dim / 2 + i) * row], row,
                    &out[(h * head_dim + 2 * i + half) * row]);
      }
    }
  }
  return out;
}

class ImportCase {
 public:
  ImportCase(std::string family, fs::path folder)
      : family_(std::move(family)), folder_(std::move(folder)), name_(folder_.filename().string()) {}

  void run() {
    auto weights = models::CheckpointWeights::open(folder_ / "model");
    ASSERT_TRUE(weights.ok()) << weights.error().message;
    weights_ = *std::move(weights);
    import("f32");
    if (testing::Test::HasFatalFailure()) return;
    parity::Errors exact;
    compare(language_origin, "language.gguf", exact, false);
    compare(vision_origin, "vision.gguf", exact, false);
    check_dequantised();
    check_in_llama();
    parity::report(family_, name_ + " (f32)", exact, 0.0, exact.largest() == 0.0);
    EXPECT_EQ(exact.largest(), 0.0);
    import("q8_0");
    if (testing::Test::HasFatalFailure()) return;
    parity::Errors steps;
    compare(language_origin, "language.gguf", steps, true);
    compare(vision_origin, "vision.gguf", steps, true);
    check_in_llama();
    parity::report(family_, name_ + " (q8_0, in steps of the block)", steps, kMostSteps, steps.largest() <= kMostSteps);
    EXPECT_LE(steps.largest(), kMostSteps);
  }

  /// The language model in `type` is, byte for byte, what llama.cpp's own quantiser makes of the f32 import.
  void compare_with_llama_quantize() {
    import("f32");
    if (testing::Test::HasFatalFailure()) return;
    fs::rename(scratch_ / "model", scratch_ / "f32");
    ASSERT_TRUE(tensor::load_backends().ok());
    const std::vector<std::pair<const char*, llama_ftype>> types = {
        {"f16", LLAMA_FTYPE_MOSTLY_F16},       {"bf16", LLAMA_FTYPE_MOSTLY_BF16},
        {"q8_0", LLAMA_FTYPE_MOSTLY_Q8_0},     {"q6_k", LLAMA_FTYPE_MOSTLY_Q6_K},
        {"q5_k_m", LLAMA_FTYPE_MOSTLY_Q5_K_M}, {"q4_k_m", LLAMA_FTYPE_MOSTLY_Q4_K_M},
        {"iq4_nl", LLAMA_FTYPE_MOSTLY_IQ4_NL}};
    for (const auto& [type, file_type] : types) {
      SCOPED_TRACE(type);
      import(type);
      llama_model_quantize_params params = llama_model_quantize_default_params();
      params.ftype = file_type;
      params.nthread = 1;
      const fs::path theirs = scratch_ / "theirs.gguf";
      ASSERT_EQ(llama_model_quantize((scratch_ / "f32" / "language.gguf").c_str(), theirs.c_str(), &params), 0U);
      compare_bytes(Gguf(scratch_ / "model" / "language.gguf"), Gguf(theirs));
    }
  }

 private:
  static void compare_bytes(const Gguf& ours, const Gguf& theirs) {
    ASSERT_TRUE(ours.is_open() && theirs.is_open());
    ASSERT_EQ(ours.names().size(), theirs.names().size());
    for (const std::string& name : ours.names()) {
      const ggml_tensor* one = ours.find(name);
      const ggml_tensor* other = theirs.find(name);
      ASSERT_NE(other, nullptr) << name;
      ASSERT_EQ(ggml_type_name(one->type), std::string(ggml_type_name(other->type))) << name;
      EXPECT_EQ(std::memcmp(one->data, other->data, ggml_nbytes(one)), 0) << name;
    }
  }

  void import(const std::string& type) {
    models::ImportOptions options;
    options.type = type;
    options.vision_type = type;
    options.threads = 2;
    options.is_forced = true;
    const auto report = models::import_checkpoint(folder_ / "model", scratch_ / "model", options);
    ASSERT_TRUE(report.ok()) << report.error().message;
    EXPECT_EQ(report->family, family_);
    EXPECT_TRUE(report->unused.empty()) << report->unused.front();
    EXPECT_TRUE(type != "f32" || report->fallbacks.empty());
    auto card = tensor::read_model_card(scratch_ / "model");
    ASSERT_TRUE(card.ok()) << card.error().message;
    card_ = *std::move(card);
    EXPECT_EQ(card_.type, type);
    for (const auto& [file, digest] : card_.sha256) {
      const auto found = models::sha256_of_file(scratch_ / "model" / file);
      ASSERT_TRUE(found.ok()) << file;
      EXPECT_EQ(*found, digest) << file;
    }
    EXPECT_EQ(card_.sha256.count("language.gguf") + card_.sha256.count("vision.gguf"), 2U);
  }

  [[nodiscard]] std::vector<float> expected(const Origin& origin, std::size_t count, std::size_t row) const {
    std::vector<float> out(count);
    const auto first = static_cast<std::int64_t>(origin.third > 0 ? static_cast<std::size_t>(origin.third) * count : 0);
    const Status read = weights_->read(origin.name, first, out);
    EXPECT_TRUE(read.ok()) << origin.name << ": " << (read.ok() ? "" : read.error().message);
    if (origin.is_rotated) return interleaved(out, row, static_cast<std::size_t>(card_.language.head_dim));
    return out;
  }

  void compare(Origin (*origin_of)(const std::string&, const std::string&), const char* file, parity::Errors& errors,
               bool in_steps) {
    const Gguf gguf(scratch_ / "model" / file);
    ASSERT_TRUE(gguf.is_open()) << file;
    for (const std::string& name : gguf.names()) {
      if (name.rfind("rope_factors", 0) == 0) {
        check_factors(gguf, name);
        continue;
      }
      const auto actual = gguf.floats(name);
      const ggml_tensor* tensor = gguf.find(name);
      const auto row = static_cast<std::size_t>(tensor->ne[0]);
      const auto wanted = expected(origin_of(family_, name), actual.size(), row);
      const bool is_quantised = ggml_is_quantized(tensor->type) || tensor->type == GGML_TYPE_F16;
      for (std::size_t i = 0; i < actual.size(); ++i) {
        const double step = in_steps && is_quantised ? block_step(tensor, wanted, i) : 0.0;
        if (step > 0.0) {
          errors.add(static_cast<double>(actual[i]) / step, static_cast<double>(wanted[i]) / step);
        } else {
          errors.add(static_cast<double>(actual[i]), static_cast<double>(wanted[i]));
        }
      }
    }
  }

  /// Size of a quantisation step around element i: of q8_0 a 127th of the block's largest value (and f16's rounding of
  /// that); of f16 its last digit.
  static double block_step(const ggml_tensor* tensor, const std::vector<float>& values, std::size_t i) {
    if (tensor->type == GGML_TYPE_F16) return std::max(6e-8, std::abs(static_cast<double>(values[i])) * 0x1p-10);
    float largest = 0.0F;
    const std::size_t begin = i / 32 * 32;
    for (std::size_t k = begin; k < begin + 32; ++k) largest = std::max(largest, std::abs(values[k]));
    return static_cast<double>(largest) / 127.0 + 1e-7;
  }

  void check_factors(const Gguf& gguf, const std::string& name) const {
    const auto config = json::parse(parity::read_text(folder_ / "model" / "config.json"));
    const char* key = name.find("long") != std::string::npos ? "long_factor" : "short_factor";
    EXPECT_EQ(gguf.floats(name), config["rope_scaling"][key].get<std::vector<float>>());
  }

  /// 4-bit cases: checksums of the dequantised matrices, as bitsandbytes gave them.
  void check_dequantised() const {
    const auto facts = json::parse(parity::read_text(folder_ / "case.json"));
    if (!facts.contains("quantisation") || !facts["quantisation"].contains("dequantised_sha256")) return;
    for (const auto& [name, digest] : facts["quantisation"]["dequantised_sha256"].items()) {
      const std::string canonical = models::canonical_name(name);
      const auto shape = weights_->shape(canonical);
      ASSERT_TRUE(shape.ok()) << shape.error().message;
      std::vector<float> values(static_cast<std::size_t>((*shape)[0] * (*shape)[1]));
      ASSERT_TRUE(weights_->read(canonical, 0, values).ok());
      models::Sha256 sum;
      sum.update({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)});
      EXPECT_EQ(sum.hex(), digest.get<std::string>()) << name;
    }
  }

  /// Stock llama.cpp takes the file, and sees the shape that the card tells.
  void check_in_llama() const {
    ASSERT_TRUE(tensor::load_backends().ok());
    const llama_model_params params = llama_model_default_params();
    const fs::path path = scratch_ / "model" / "language.gguf";
    const std::unique_ptr<llama_model, decltype(&llama_model_free)> model(
        llama_model_load_from_file(path.c_str(), params), llama_model_free);
    ASSERT_NE(model, nullptr) << path;
    EXPECT_EQ(llama_model_n_embd(model.get()), card_.language.width);
    EXPECT_EQ(llama_model_n_layer(model.get()), card_.language.layers);
    EXPECT_EQ(llama_model_n_head(model.get()), card_.language.heads);
    EXPECT_EQ(llama_model_n_head_kv(model.get()), card_.language.kv_heads);
    const llama_vocab* vocabulary = llama_model_get_vocab(model.get());
    EXPECT_EQ(llama_vocab_n_tokens(vocabulary), card_.language.vocabulary);
    EXPECT_EQ(llama_vocab_bos(vocabulary), card_.tokens.bos);
    for (const int id : card_.tokens.eos) EXPECT_LT(id, card_.language.vocabulary);
  }

  std::string family_;
  fs::path folder_;
  std::string name_;
  test::ScratchFolder scratch_;
  std::unique_ptr<models::CheckpointWeights> weights_;
  tensor::ModelCard card_;
};

TEST(ImportParity, every_checkpoint_imports_with_its_numbers_intact_and_llama_cpp_loads_it) {
  int count = 0;
  for (const char* family : kFamilies) {
    for (const fs::path& folder : parity::cases(family)) {
      if (!fs::exists(folder / "model" / "config.json")) continue;
      SCOPED_TRACE(folder.string());
      ImportCase(family, folder).run();
      ++count;
    }
  }
  EXPECT_GT(count, 0) << "no checkpoints under " << parity::root();
}

TEST(ImportParity, every_type_is_byte_for_byte_what_llama_quantize_makes) {
  int count = 0;
  for (const char* family : kFamilies) {
    for (const fs::path& folder : parity::cases(family)) {
      if (!fs::exists(folder / "model" / "config.json")) continue;
      SCOPED_TRACE(folder.string());
      ImportCase(family, folder).compare_with_llama_quantize();
      ++count;
    }
  }
  EXPECT_GT(count, 0) << "no checkpoints under " << parity::root();
}

}  // namespace
}  // namespace cinescribe
