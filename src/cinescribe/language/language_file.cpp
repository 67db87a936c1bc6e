#include "cinescribe/language/language_file.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <utility>
#include <vector>

#include <ggml.h>

namespace cinescribe::language {

namespace {

using tensor::GgufArray;
using tensor::GgufHeader;
using tensor::GgufTensor;
using tensor::GgufType;
using tensor::GgufValue;

constexpr std::int64_t kMaxLayers = 512;  // llama.cpp's own limit, which it asserts
constexpr std::int64_t kMaxWidth = std::int64_t{1} << 17;
constexpr std::int64_t kMaxHeads = 4096;
constexpr std::int64_t kMaxHeadDim = 4096;
constexpr std::int64_t kMaxVocabulary = std::int64_t{1} << 22;
constexpr std::int64_t kMaxContext = std::int64_t{1} << 30;

/// Keys under the architecture's name that do not change what is computed, or that are checked here. llama.cpp knows
/// hundreds of others (experts, norms of other families, …); a file that has one of them is another kind of model.
constexpr std::array kKnownKeys = {
    "vocab_size",
    "context_length",
    "embedding_length",
    "block_count",
    "feed_forward_length",
    "attention.head_count",
    "attention.head_count_kv",
    "attention.key_length",
    "attention.value_length",
    "attention.layer_norm_rms_epsilon",
    "attention.sliding_window",
    "rope.dimension_count",
    "rope.freq_base",
    "rope.scale_linear",
    "rope.scaling.type",
    "rope.scaling.factor",
    "rope.scaling.attn_factor",
    "rope.scaling.original_context_length",
    "rope.scaling.finetuned",
};

bool is_known_matrix_type(std::int32_t type) {
  switch (static_cast<ggml_type>(type)) {
    case GGML_TYPE_F32:
    case GGML_TYPE_F16:
    case GGML_TYPE_BF16:
    case GGML_TYPE_Q4_0:
    case GGML_TYPE_Q4_1:
    case GGML_TYPE_Q5_0:
    case GGML_TYPE_Q5_1:
    case GGML_TYPE_Q8_0:
    case GGML_TYPE_Q2_K:
    case GGML_TYPE_Q3_K:
    case GGML_TYPE_Q4_K:
    case GGML_TYPE_Q5_K:
    case GGML_TYPE_Q6_K:
    case GGML_TYPE_IQ4_NL:
    case GGML_TYPE_IQ4_XS:
      return true;
    default:
      return false;
  }
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (const std::int64_t n : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(n);
  return text + "]";
}

}  // namespace

/// Checks one file.
class LanguageFileCheck {
 public:
  LanguageFileCheck(const GgufHeader& header, std::string_view name) : header_(header), name_(name) {}

  Result<LanguageShape> run() {
    CINESCRIBE_TRY(check_architecture());
    CINESCRIBE_TRY(check_keys());
    CINESCRIBE_TRY(read_shape());
    CINESCRIBE_TRY(read_rope());
    CINESCRIBE_TRY(check_tensors());
    return std::move(shape_);
  }

 private:
  [[nodiscard]] Error broken(const std::string& what) const {
    return {ErrorCode::kModel, "cannot use the language model " + name_ + ": " + what};
  }
  [[nodiscard]] std::string key(std::string_view name) const { return shape_.architecture + "." + std::string(name); }

  Status check_architecture() {
    const GgufValue* value = header_.find("general.architecture");
    const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(&value->value);
    if (text == nullptr) return broken("it does not say its architecture (general.architecture)");
    if (*text != "llama" && *text != "phi3") {
      return broken("its architecture is '" + text->substr(0, 40) + "'; known are llama and phi3");
    }
    shape_.architecture = *text;
    if (const GgufValue* split = header_.find("split.count")) {
      const auto* count = std::get_if<std::uint64_t>(&split->value);
      if (count == nullptr || *count > 1) return broken("it is a part of a split model; merge the parts first");
    }
    return {};
  }

  Status check_keys() {
    const std::string prefix = shape_.architecture + ".";
    for (const auto& [name, value] : header_.metadata()) {
      if (!name.starts_with(prefix)) continue;
      const std::string_view rest = std::string_view(name).substr(prefix.size());
      if (std::find(kKnownKeys.begin(), kKnownKeys.end(), rest) != kKnownKeys.end()) continue;
      const auto* number = std::get_if<std::uint64_t>(&value.value);
      if (number != nullptr && *number == 0) continue;  // "expert_count 0" and the like
      return broken("its key '" + name.substr(0, 100) + "' belongs to a kind of model that is not supported here");
    }
    return {};
  }

  Result<std::int64_t> integer(std::string_view name, std::int64_t low, std::int64_t high,
                               std::int64_t fallback = -1) const {
    const std::string full = key(name);
    const GgufValue* value = header_.find(full);
    if (value == nullptr) {
      if (fallback >= 0) return fallback;
      return broken("it lacks '" + full + "'");
    }
    const auto* number = std::get_if<std::uint64_t>(&value->value);
    if (value->type != GgufType::kUint32 || number == nullptr) {
      return broken("'" + full + "' is a " + tensor::gguf_type_name(value->type) + ", expected u32");
    }
    if (*number < static_cast<std::uint64_t>(low) || *number > static_cast<std::uint64_t>(high)) {
      return broken("'" + full + "' is " + std::to_string(*number) + ", expected " + std::to_string(low) + " to " +
                    std::to_string(high));
    }
    return static_cast<std::int64_t>(*number);
  }

  Status check_number(std::string_view name, double low, double high, bool is_required) const {
    const std::string full = key(name);
    const GgufValue* value = header_.find(full);
    if (value == nullptr) return is_required ? Status(broken("it lacks '" + full + "'")) : Status();
    const auto* number = std::get_if<double>(&value->value);
    if (value->type != GgufType::kFloat32 || number == nullptr) {
      return broken("'" + full + "' is a " + tensor::gguf_type_name(value->type) + ", expected f32");
    }
    if (!(*number >= low && *number <= high)) {
      return broken("'" + full + "' is " + std::to_string(*number) + ", expected " + std::to_string(low) + " to " +
                    std::to_string(high));
    }
    return {};
  }

  Status read_shape() {
    const auto small = [&](std::string_view name, std::int64_t high, std::int64_t fallback, int& into) -> Status {
      CINESCRIBE_ASSIGN(const std::int64_t value, integer(name, 1, high, fallback));
      into = static_cast<int>(value);
      return {};
    };
    CINESCRIBE_TRY(small("embedding_length", kMaxWidth, -1, shape_.width));
    CINESCRIBE_TRY(small("block_count", kMaxLayers, -1, shape_.layers));
    CINESCRIBE_TRY(small("feed_forward_length", kMaxWidth, -1, shape_.ffn_width));
    CINESCRIBE_TRY(small("attention.head_count", kMaxHeads, -1, shape_.heads));
    CINESCRIBE_TRY(small("attention.head_count_kv", kMaxHeads, shape_.heads, shape_.kv_heads));
    CINESCRIBE_ASSIGN(shape_.context, integer("context_length", 1, kMaxContext));
    CINESCRIBE_ASSIGN(shape_.window, integer("attention.sliding_window", 0, kMaxContext, 0));
    CINESCRIBE_TRY(check_number("attention.layer_norm_rms_epsilon", 1e-20, 1.0, true));
    if (shape_.heads % shape_.kv_heads != 0) {
      return broken(std::to_string(shape_.heads) + " attention heads cannot share " + std::to_string(shape_.kv_heads) +
                    " heads of keys and values");
    }
    return read_head_dim();
  }

  Status read_head_dim() {
    const std::int64_t natural = std::max(1, shape_.width / shape_.heads);
    CINESCRIBE_ASSIGN(const std::int64_t key_dim, integer("attention.key_length", 1, kMaxHeadDim, natural));
    CINESCRIBE_ASSIGN(const std::int64_t value_dim, integer("attention.value_length", 1, kMaxHeadDim, natural));
    if (key_dim != value_dim) {
      return broken("its keys have " + std::to_string(key_dim) + " numbers per head and its values " +
                    std::to_string(value_dim) + "; they must be as many");
    }
    shape_.head_dim = static_cast<int>(key_dim);
    if (shape_.architecture == "phi3" && key_dim * shape_.heads != shape_.width) {
      return broken("its heads (" + std::to_string(shape_.heads) + " of " + std::to_string(key_dim) +
                    ") do not add up to its width " + std::to_string(shape_.width));
    }
    return {};
  }

  Status read_rope() {
    CINESCRIBE_ASSIGN(const std::int64_t rotated, integer("rope.dimension_count", 2, kMaxHeadDim, shape_.head_dim));
    if (rotated % 2 != 0 || rotated > shape_.head_dim ||
        (shape_.architecture == "llama" && rotated != shape_.head_dim)) {
      return broken("it rotates " + std::to_string(rotated) + " numbers of heads of " +
                    std::to_string(shape_.head_dim));
    }
    rotated_ = rotated;
    CINESCRIBE_TRY(check_number("rope.freq_base", 1e-3, 1e12, false));
    CINESCRIBE_TRY(check_number("rope.scale_linear", 1e-6, 1e9, false));
    CINESCRIBE_TRY(check_number("rope.scaling.factor", 1e-6, 1e9, false));
    CINESCRIBE_TRY(check_number("rope.scaling.attn_factor", 1e-3, 1e3, false));
    CINESCRIBE_ASSIGN(const std::int64_t original,
                      integer("rope.scaling.original_context_length", 1, kMaxContext, shape_.context));
    const bool is_long = header_.tensor("rope_factors_long.weight") != nullptr;
    const bool is_short = header_.tensor("rope_factors_short.weight") != nullptr;
    if (is_long != is_short) return broken("it has one of two sets of RoPE factors only");
    if (is_long) shape_.original_context = original;
    const GgufValue* type = header_.find(key("rope.scaling.type"));
    if (type == nullptr) return {};
    const auto* text = std::get_if<std::string>(&type->value);
    constexpr std::array kTypes = {"none", "linear", "yarn", "longrope"};
    if (text == nullptr || std::find(kTypes.begin(), kTypes.end(), *text) == kTypes.end()) {
      return broken("'" + key("rope.scaling.type") + "' is unknown; known are none, linear, yarn and longrope");
    }
    return {};
  }

  /// A tensor with a shape; takes it off the list of those not yet explained.
  Status expect(const std::string& tensor_name, const std::vector<std::int64_t>& shape, bool is_required) {
    const GgufTensor* found = header_.tensor(tensor_name);
    if (found == nullptr) return is_required ? Status(broken("it lacks the tensor '" + tensor_name + "'")) : Status();
    std::vector<std::int64_t> actual = found->shape;
    while (actual.size() > shape.size() && actual.back() == 1) actual.pop_back();
    if (actual != shape) {
      return broken("tensor '" + tensor_name + "' has shape " + shape_text(found->shape) + ", expected " +
                    shape_text(shape));
    }
    const bool is_matrix = shape.size() > 1;
    if (!is_matrix && found->type != GGML_TYPE_F32) {
      return broken("tensor '" + tensor_name + "' is stored as " + ggml_type_name(static_cast<ggml_type>(found->type)) +
                    ", expected f32");
    }
    if (is_matrix && !is_known_matrix_type(found->type)) {
      return broken("tensor '" + tensor_name + "' is stored as " + ggml_type_name(static_cast<ggml_type>(found->type)) +
                    ", which is not supported here");
    }
    if (is_matrix) shape_.is_f32 = shape_.is_f32 && found->type == GGML_TYPE_F32;
    shape_.weight_bytes += found->bytes;
    explained_.insert(tensor_name);
    return {};
  }

  Status check_tensors() {
    const GgufTensor* embedding = header_.tensor("token_embd.weight");
    if (embedding == nullptr || embedding->shape.size() != 2) return broken("it lacks the tensor 'token_embd.weight'");
    const std::int64_t rows = embedding->shape[1];
    if (rows > kMaxVocabulary) return broken("it has " + std::to_string(rows) + " token rows");
    CINESCRIBE_ASSIGN(const std::int64_t claimed, integer("vocab_size", 1, kMaxVocabulary, rows));
    if (claimed != rows) {
      return broken("'" + key("vocab_size") + "' is " + std::to_string(claimed) + ", but there are " +
                    std::to_string(rows) + " token rows");
    }
    shape_.vocabulary = static_cast<int>(rows);
    shape_.embedding = *embedding;
    shape_.is_f32 = true;
    const std::int64_t width = shape_.width;
    CINESCRIBE_TRY(expect("token_embd.weight", {width, rows}, true));
    CINESCRIBE_TRY(expect("output_norm.weight", {width}, true));
    CINESCRIBE_TRY(expect("output.weight", {width, rows}, false));
    CINESCRIBE_TRY(expect("rope_factors_long.weight", {rotated_ / 2}, false));
    CINESCRIBE_TRY(expect("rope_factors_short.weight", {rotated_ / 2}, false));
    if (shape_.architecture == "llama") CINESCRIBE_TRY(expect("rope_freqs.weight", {rotated_ / 2}, false));
    for (int layer = 0; layer < shape_.layers; ++layer) {
      const std::string prefix = "blk." + std::to_string(layer) + ".";
      CINESCRIBE_TRY(check_attention(prefix));
      CINESCRIBE_TRY(check_feed_forward(prefix));
    }
    for (const GgufTensor& each : header_.tensors()) {
      if (explained_.count(each.name) == 0) {
        return broken("tensor '" + each.name + "' does not belong to the architecture " + shape_.architecture);
      }
    }
    return {};
  }

  Status check_attention(const std::string& prefix) {
    const std::int64_t width = shape_.width;
    const std::int64_t q = std::int64_t{shape_.heads} * shape_.head_dim;
    const std::int64_t kv = std::int64_t{shape_.kv_heads} * shape_.head_dim;
    CINESCRIBE_TRY(expect(prefix + "attn_norm.weight", {width}, true));
    const bool is_fused = header_.tensor(prefix + "attn_qkv.weight") != nullptr;
    if (is_fused) {
      CINESCRIBE_TRY(expect(prefix + "attn_qkv.weight", {width, q + 2 * kv}, true));
      CINESCRIBE_TRY(expect(prefix + "attn_qkv.bias", {q + 2 * kv}, false));
    } else {
      const std::pair<const char*, std::int64_t> parts[] = {{"attn_q", q}, {"attn_k", kv}, {"attn_v", kv}};
      for (const auto& [part, rows] : parts) {
        CINESCRIBE_TRY(expect(prefix + part + ".weight", {width, rows}, true));
        CINESCRIBE_TRY(expect(prefix + part + ".bias", {rows}, false));
      }
    }
    CINESCRIBE_TRY(expect(prefix + "attn_output.weight", {q, width}, true));
    if (shape_.architecture == "llama") CINESCRIBE_TRY(expect(prefix + "attn_output.bias", {width}, false));
    return {};
  }

  Status check_feed_forward(const std::string& prefix) {
    const std::int64_t width = shape_.width;
    const std::int64_t ffn = shape_.ffn_width;
    CINESCRIBE_TRY(expect(prefix + "ffn_norm.weight", {width}, true));
    CINESCRIBE_TRY(expect(prefix + "ffn_down.weight", {ffn, width}, true));
    if (shape_.architecture == "phi3") return expect(prefix + "ffn_up.weight", {width, 2 * ffn}, true);
    CINESCRIBE_TRY(expect(prefix + "ffn_gate.weight", {width, ffn}, true));
    CINESCRIBE_TRY(expect(prefix + "ffn_up.weight", {width, ffn}, true));
    CINESCRIBE_TRY(expect(prefix + "ffn_gate.bias", {ffn}, false));
    CINESCRIBE_TRY(expect(prefix + "ffn_up.bias", {ffn}, false));
    return expect(prefix + "ffn_down.bias", {width}, false);
  }

  const GgufHeader& header_;
  std::string name_;
  LanguageShape shape_;
  std::int64_t rotated_ = 0;
  std::set<std::string> explained_;
};

Result<LanguageShape> check_language_file(const GgufHeader& header, std::string_view name) {
  return LanguageFileCheck(header, name).run();
}

Result<LanguageShape> check_language_bytes(std::span<const std::byte> bytes, std::string_view name) {
  CINESCRIBE_ASSIGN(const GgufHeader header, GgufHeader::read(bytes, name));
  return check_language_file(header, name);
}

}  // namespace cinescribe::language
