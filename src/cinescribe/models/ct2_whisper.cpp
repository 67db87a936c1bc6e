#include "cinescribe/models/ct2_whisper.h"

#include <array>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cinescribe::models {

namespace {

using tensor::WhisperTensor;

/// Where the numbers of a whisper.cpp tensor lie: part `part` of the `parts` equal parts of a variable.
struct Place {
  std::string variable;
  std::uint32_t part = 0;
  std::uint32_t parts = 1;
};

struct Renaming {
  std::string_view ggml;
  std::string_view ct2;
  std::uint32_t part = 0;
  std::uint32_t parts = 1;
};

constexpr std::array<Renaming, 9> kOutsideBlocks = {{
    {"encoder.positional_embedding", "encoder/position_encodings/encodings"},
    {"encoder.conv1.weight", "encoder/conv1/weight"},
    {"encoder.conv1.bias", "encoder/conv1/bias"},
    {"encoder.conv2.weight", "encoder/conv2/weight"},
    {"encoder.conv2.bias", "encoder/conv2/bias"},
    {"encoder.ln_post", "encoder/layer_norm"},
    {"decoder.positional_embedding", "decoder/position_encodings/encodings"},
    {"decoder.token_embedding", "decoder/embeddings"},
    {"decoder.ln", "decoder/layer_norm"},
}};

constexpr std::array<Renaming, 13> kInsideBlocks = {{
    {"attn_ln", "self_attention/layer_norm"},
    {"attn.query", "self_attention/linear_0", 0, 3},
    {"attn.key", "self_attention/linear_0", 1, 3},
    {"attn.value", "self_attention/linear_0", 2, 3},
    {"attn.out", "self_attention/linear_1"},
    {"cross_attn_ln", "attention/layer_norm"},
    {"cross_attn.query", "attention/linear_0"},
    {"cross_attn.key", "attention/linear_1", 0, 2},
    {"cross_attn.value", "attention/linear_1", 1, 2},
    {"cross_attn.out", "attention/linear_2"},
    {"mlp_ln", "ffn/layer_norm"},
    {"mlp.0", "ffn/linear_0"},
    {"mlp.2", "ffn/linear_1"},
}};

bool is_norm(std::string_view module) {
  return module.ends_with("_ln") || module.ends_with(".ln") || module.ends_with("ln_post");
}

/// "weight" and "bias" are called gamma and beta in layer norms.
std::string_view leaf_name(std::string_view module, std::string_view leaf) {
  if (!is_norm(module)) return leaf;
  return leaf == "weight" ? "gamma" : "beta";
}

std::optional<Place> place_outside(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  const std::string_view module = name.substr(0, dot);
  for (const Renaming& entry : kOutsideBlocks) {
    if (entry.ggml == name) return Place{std::string(entry.ct2)};
    if (entry.ggml == module) {
      return Place{std::string(entry.ct2) + "/" + std::string(leaf_name(module, name.substr(dot + 1)))};
    }
  }
  return std::nullopt;
}

/// `name` is "encoder.blocks.<i>.<module>.<leaf>" or the decoder's.
std::optional<Place> place_inside(std::string_view name) {
  const std::string side(name.substr(0, name.find('.')));
  std::string_view rest = name.substr(name.find(".blocks.") + 8);
  const std::string layer(rest.substr(0, rest.find('.')));
  rest.remove_prefix(layer.size() + 1);
  const std::size_t dot = rest.rfind('.');
  const std::string_view module = rest.substr(0, dot);
  for (const Renaming& entry : kInsideBlocks) {
    if (entry.ggml != module) continue;
    std::string variable = side;
    variable.append("/layer_").append(layer).append("/").append(entry.ct2).append("/");
    variable.append(leaf_name(module, rest.substr(dot + 1)));
    return Place{std::move(variable), entry.part, entry.parts};
  }
  return std::nullopt;
}

std::optional<Place> place_of(std::string_view name) {
  return name.find(".blocks.") == std::string_view::npos ? place_outside(name) : place_inside(name);
}

/// The variable's dimensions: the tensor's reversed, with the outermost multiplied by the number of parts. The biases
/// of the convolutions are vectors there.
std::vector<std::uint32_t> expected_dims(const WhisperTensor& tensor, std::uint32_t parts) {
  std::vector<std::uint32_t> dims;
  for (int i = tensor.n_dims - 1; i >= 0; --i)
    dims.push_back(static_cast<std::uint32_t>(tensor.ne[static_cast<std::size_t>(i)]));
  if (tensor.name.ends_with(".bias") && dims.size() == 2) dims.pop_back();
  dims.front() *= parts;
  return dims;
}

std::string words_of(const std::vector<std::uint32_t>& dims) {
  std::string words = "(";
  for (const std::uint32_t dim : dims) words += (words.size() > 1 ? ", " : "") + std::to_string(dim);
  return words + ")";
}

Error unfit(const Ct2Model& model, const std::string& what) {
  return {ErrorCode::kModel, "cannot use the CTranslate2 model " + model.file_name() + ": " + what};
}

int dim_of(const Ct2Model& model, std::string_view name, std::size_t index) {
  const Ct2Variable* variable = model.find(name);
  if (variable == nullptr || index >= variable->dims.size() || variable->dims[index] > 1'000'000) return 0;
  return static_cast<int>(variable->dims[index]);
}

int count_layers(const Ct2Model& model, const std::string& side) {
  int layers = 0;
  while (layers < 1000 &&
         model.find(side + "/layer_" + std::to_string(layers) + "/self_attention/linear_0/weight") != nullptr) {
    ++layers;
  }
  return layers;
}

int heads_of(const Ct2Model& model, const std::string& side) {
  const auto heads = model.integer(side + "/num_heads");
  return heads && *heads > 0 && *heads < 1000 ? static_cast<int>(*heads) : 0;
}

/// Settings that whisper.cpp has no switch for.
Status check_architecture(const Ct2Model& model) {
  struct Setting {
    const char* name;
    std::int64_t expected;
  };
  for (const Setting& setting : {Setting{"decoder/pre_norm", 1}, Setting{"decoder/alibi", 0},
                                 Setting{"decoder/scale_embeddings", 0}, Setting{"decoder/activation", 3}}) {
    const auto value = model.integer(setting.name);
    if (value && *value != setting.expected) {
      return unfit(model, std::string(setting.name) + " is " + std::to_string(*value) + ", Whisper has " +
                              std::to_string(setting.expected));
    }
  }
  return {};
}

bool is_quantised(const Ct2Variable& variable) {
  return variable.type == Ct2Type::kI8 || variable.type == Ct2Type::kI16;
}

std::uint64_t row_length(const Ct2Variable& variable) {
  return variable.dims.empty() || variable.dims[0] == 0 ? 1 : variable.elements() / variable.dims[0];
}

}  // namespace

Result<Ct2Whisper> Ct2Whisper::create(const Ct2Model& model) {
  if (model.spec() != "WhisperSpec") {
    return unfit(model, "it is a " + model.spec() + "; a Whisper model (WhisperSpec) is needed here");
  }
  CINESCRIBE_TRY(check_architecture(model));
  Ct2Whisper whisper(model);
  tensor::WhisperShape& shape = whisper.shape_;
  shape.n_vocab = dim_of(model, "decoder/embeddings/weight", 0);
  shape.n_text_state = dim_of(model, "decoder/embeddings/weight", 1);
  shape.n_text_ctx = dim_of(model, "decoder/position_encodings/encodings", 0);
  shape.n_text_head = heads_of(model, "decoder");
  shape.n_text_layer = count_layers(model, "decoder");
  shape.n_audio_ctx = dim_of(model, "encoder/position_encodings/encodings", 0);
  shape.n_audio_state = dim_of(model, "encoder/position_encodings/encodings", 1);
  shape.n_audio_head = heads_of(model, "encoder");
  shape.n_audio_layer = count_layers(model, "encoder");
  shape.n_mels = dim_of(model, "encoder/conv1/weight", 1);
  if (const Status status = check_whisper_shape(shape); !status.ok()) return unfit(model, status.error().message);
  return whisper;
}

Status Ct2Whisper::check(const WhisperTensor& tensor) const {
  const auto place = place_of(tensor.name);
  if (!place) return Error{ErrorCode::kInternal, "the tensor " + tensor.name + " has no counterpart"};
  const Ct2Variable* variable = model_->find(place->variable);
  if (variable == nullptr) return unfit(*model_, "the variable " + place->variable + " is missing");
  const std::vector<std::uint32_t> dims = expected_dims(tensor, place->parts);
  if (variable->dims != dims) {
    return unfit(*model_, "the variable " + place->variable + " is " + words_of(variable->dims) + ", expected " +
                              words_of(dims));
  }
  if (variable->type == Ct2Type::kI32)
    return unfit(*model_, "the variable " + place->variable + " holds whole numbers");
  if (!is_quantised(*variable)) return {};
  const Ct2Variable* scale = model_->find(place->variable + "_scale");
  if (scale == nullptr) return unfit(*model_, "the variable " + place->variable + "_scale is missing");
  if (is_quantised(*scale) || scale->type == Ct2Type::kI32 ||
      (scale->elements() != 1 && scale->elements() != variable->dims[0])) {
    return unfit(*model_, "the variable " + place->variable + "_scale has neither one scale nor one for each row");
  }
  return {};
}

Status Ct2Whisper::read(const WhisperTensor& tensor, std::uint64_t first, std::span<float> out) const {
  const auto place = place_of(tensor.name);
  const Ct2Variable* variable = place ? model_->find(place->variable) : nullptr;
  if (variable == nullptr) return Error{ErrorCode::kInternal, "the tensor " + tensor.name + " was not checked"};
  const std::uint64_t begin = first + place->part * (variable->elements() / place->parts);
  read_elements(*variable, begin, out);
  if (!is_quantised(*variable)) return {};
  const Ct2Variable* scales = model_->find(place->variable + "_scale");
  if (scales == nullptr) return Error{ErrorCode::kInternal, "the tensor " + tensor.name + " was not checked"};
  const std::uint64_t length = row_length(*variable);
  std::uint64_t row = ~std::uint64_t{0};
  float factor = 1.0F;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::uint64_t this_row = scales->elements() == 1 ? 0 : (begin + i) / length;
    if (this_row != row) {
      row = this_row;
      read_elements(*scales, row, std::span<float>(&factor, 1));
      if (!std::isfinite(factor) || factor == 0.0F) {
        return unfit(*model_, "the variable " + place->variable + "_scale holds a scale of 0 or none at all");
      }
    }
    out[i] /= factor;
  }
  return {};
}

}  // namespace cinescribe::models
