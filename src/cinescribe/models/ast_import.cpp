#include "cinescribe/models/ast_import.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "cinescribe/models/model_store.h"
#include "cinescribe/models/safetensors.h"
#include "cinescribe/models/sha256.h"
#include "cinescribe/tensor/gguf_writer.h"
#include "cinescribe/tensor/json_fields.h"

namespace cinescribe::models {

namespace {

using nlohmann::json;
using tensor::JsonFields;
using tensor::WeightType;

/// Geometry of the model, all of it checked.
struct AstShape {
  std::int64_t width = 0, layers = 0, heads = 0, ffn = 0, patch = 0;
  std::int64_t frequency_stride = 0, time_stride = 0, mel_bins = 0, max_frames = 0;
  double norm_eps = 0.0;
  std::string activation;
  bool has_qkv_bias = true;
  std::vector<std::string> labels;

  [[nodiscard]] std::int64_t frequency_patches() const { return (mel_bins - patch) / frequency_stride + 1; }
  [[nodiscard]] std::int64_t time_patches() const { return (max_frames - patch) / time_stride + 1; }
  [[nodiscard]] std::int64_t tokens() const { return frequency_patches() * time_patches() + 2; }
};

Result<std::vector<std::string>> read_labels(const json& config) {
  std::size_t count = 0;
  const json& map = config.contains("id2label") ? config["id2label"] : json::object();
  if (map.is_object()) count = map.size();
  if (count == 0 && config.contains("num_labels") && config["num_labels"].is_number_unsigned()) {
    count = config["num_labels"].get<std::size_t>();
  }
  if (count == 0 || count > 100'000) return Error{ErrorCode::kModel, "config: no usable id2label"};
  std::vector<std::string> labels(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string key = std::to_string(i);
    labels[i] =
        map.is_object() && map.contains(key) && map[key].is_string() ? map[key].get<std::string>() : "LABEL_" + key;
  }
  return labels;
}

Result<AstShape> read_shape(const JsonFields& config, const json& object) {
  constexpr std::int64_t kWide = 1 << 20;
  AstShape s;
  CINESCRIBE_ASSIGN(s.width, config.integer("hidden_size", 1, kWide, 768));
  CINESCRIBE_ASSIGN(s.layers, config.integer("num_hidden_layers", 1, 1000, 12));
  CINESCRIBE_ASSIGN(s.heads, config.integer("num_attention_heads", 1, s.width, 12));
  CINESCRIBE_ASSIGN(s.ffn, config.integer("intermediate_size", 1, kWide, 3072));
  CINESCRIBE_ASSIGN(s.patch, config.integer("patch_size", 1, 4096, 16));
  CINESCRIBE_ASSIGN(s.frequency_stride, config.integer("frequency_stride", 1, 4096, 10));
  CINESCRIBE_ASSIGN(s.time_stride, config.integer("time_stride", 1, 4096, 10));
  CINESCRIBE_ASSIGN(s.mel_bins, config.integer("num_mel_bins", s.patch, 4096, 128));
  CINESCRIBE_ASSIGN(s.max_frames, config.integer("max_length", s.patch, 1 << 16, 1024));
  CINESCRIBE_ASSIGN(s.norm_eps, config.number("layer_norm_eps", 0.0, 1.0, 1e-12));
  CINESCRIBE_ASSIGN(s.activation, config.text("hidden_act", "gelu"));
  CINESCRIBE_ASSIGN(s.has_qkv_bias, config.flag("qkv_bias", true));
  CINESCRIBE_ASSIGN(s.labels, read_labels(object));
  if (s.width % s.heads != 0) {
    return Error{ErrorCode::kModel, "config: hidden_size " + std::to_string(s.width) + " is no multiple of " +
                                        std::to_string(s.heads) + " attention heads"};
  }
  return s;
}

/// A tensor of the output: where it comes from, its checkpoint shape, and whether it is a matrix to be quantised.
struct Entry {
  std::string name;
  std::string source;
  std::vector<std::int64_t> shape;  ///< Checkpoint order.
  bool is_matrix = false;
};

std::vector<Entry> entries(const AstShape& s) {
  const std::string root = "audio_spectrogram_transformer.";
  const auto labels = static_cast<std::int64_t>(s.labels.size());
  std::vector<Entry> list = {
      {"cls", root + "embeddings.cls_token", {1, 1, s.width}},
      {"distillation", root + "embeddings.distillation_token", {1, 1, s.width}},
      {"positions", root + "embeddings.position_embeddings", {1, s.tokens(), s.width}},
      {"patch.weight", root + "embeddings.patch_embeddings.projection.weight", {s.width, 1, s.patch, s.patch}, true},
      {"patch.bias", root + "embeddings.patch_embeddings.projection.bias", {s.width}},
      {"norm.weight", root + "layernorm.weight", {s.width}},
      {"norm.bias", root + "layernorm.bias", {s.width}},
      {"classifier.norm.weight", "classifier.layernorm.weight", {s.width}},
      {"classifier.norm.bias", "classifier.layernorm.bias", {s.width}},
      {"classifier.weight", "classifier.dense.weight", {labels, s.width}, true},
      {"classifier.bias", "classifier.dense.bias", {labels}}};
  for (std::int64_t i = 0; i < s.layers; ++i) {
    const std::string to = "layer." + std::to_string(i) + ".";
    const std::string from = root + "encoder.layer." + std::to_string(i) + ".";
    const auto add = [&](const std::string& name, const std::string& source, std::int64_t out, std::int64_t in,
                         bool bias) {
      list.push_back({to + name + ".weight", from + source + ".weight", {out, in}, true});
      if (bias) list.push_back({to + name + ".bias", from + source + ".bias", {out}});
    };
    add("query", "attention.attention.query", s.width, s.width, s.has_qkv_bias);
    add("key", "attention.attention.key", s.width, s.width, s.has_qkv_bias);
    add("value", "attention.attention.value", s.width, s.width, s.has_qkv_bias);
    add("output", "attention.output.dense", s.width, s.width, true);
    add("up", "intermediate.dense", s.ffn, s.width, true);
    add("down", "output.dense", s.width, s.ffn, true);
    for (const auto& [name, source] : {std::pair{"norm1", "layernorm_before"}, std::pair{"norm2", "layernorm_after"}}) {
      list.push_back({to + name + ".weight", from + source + ".weight", {s.width}});
      list.push_back({to + name + ".bias", from + source + ".bias", {s.width}});
    }
  }
  return list;
}

/// GGUF shape: reversed, and matrices flattened to [in, out] (a patch kernel is one row per output).
std::vector<std::int64_t> gguf_shape(const Entry& entry) {
  std::int64_t rows = 1;
  std::int64_t row = 1;
  if (entry.is_matrix) {
    rows = entry.shape[0];
    for (std::size_t i = 1; i < entry.shape.size(); ++i) row *= entry.shape[i];
    return {row, rows};
  }
  if (entry.shape.size() == 3)
    return entry.shape[1] == 1 ? std::vector{entry.shape[2]} : std::vector{entry.shape[2], entry.shape[1]};
  return {entry.shape[0]};
}

WeightType stored_type(const Entry& entry, WeightType wanted, ImportSummary& summary) {
  if (!entry.is_matrix) return WeightType::kF32;
  const auto row = static_cast<std::size_t>(gguf_shape(entry)[0]);
  if (row % tensor::block_length(wanted) == 0) return wanted;
  summary.fallbacks.push_back(entry.name);
  return WeightType::kF16;
}

Status write_metadata(tensor::GgufWriter& writer, const AstShape& s, const JsonFields& preprocessor) {
  writer.set_text("general.architecture", "cinescribe-ast");
  writer.set_integer("ast.width", static_cast<std::int32_t>(s.width));
  writer.set_integer("ast.layers", static_cast<std::int32_t>(s.layers));
  writer.set_integer("ast.heads", static_cast<std::int32_t>(s.heads));
  writer.set_integer("ast.ffn", static_cast<std::int32_t>(s.ffn));
  writer.set_integer("ast.patch", static_cast<std::int32_t>(s.patch));
  writer.set_integer("ast.frequency_stride", static_cast<std::int32_t>(s.frequency_stride));
  writer.set_integer("ast.time_stride", static_cast<std::int32_t>(s.time_stride));
  writer.set_integer("ast.mel_bins", static_cast<std::int32_t>(s.mel_bins));
  writer.set_integer("ast.max_frames", static_cast<std::int32_t>(s.max_frames));
  writer.set_number("ast.norm_eps", s.norm_eps);
  writer.set_text("ast.activation", s.activation);
  writer.set_flag("ast.has_qkv_bias", s.has_qkv_bias);
  writer.set_texts("ast.labels", s.labels);
  CINESCRIBE_ASSIGN(const double mean, preprocessor.number("mean", -1e6, 1e6, -4.2677393));
  CINESCRIBE_ASSIGN(const double std, preprocessor.number("std", -1e6, 1e6, 4.5689974));
  if (std == 0.0) return Error{ErrorCode::kModel, "preprocessor_config: 'std' is 0"};
  writer.set_number("ast.feature_mean", mean);
  writer.set_number("ast.feature_std", std);
  CINESCRIBE_ASSIGN(const bool is_normalized, preprocessor.flag("do_normalize", true));
  writer.set_flag("ast.is_normalized", is_normalized);
  return {};
}

/// The extractor's own sizes win over the model's; they must agree, or the position table would not fit.
Status check_extractor(const JsonFields& preprocessor, const AstShape& s) {
  CINESCRIBE_ASSIGN(const std::int64_t bins, preprocessor.integer("num_mel_bins", 1, 4096, s.mel_bins));
  CINESCRIBE_ASSIGN(const std::int64_t frames, preprocessor.integer("max_length", 1, 1 << 16, s.max_frames));
  CINESCRIBE_ASSIGN(const std::int64_t rate, preprocessor.integer("sampling_rate", 1, 1'000'000, 16000));
  if (bins != s.mel_bins || frames != s.max_frames || rate != 16000) {
    return Error{ErrorCode::kModel, "preprocessor_config: " + std::to_string(frames) + " frames × " +
                                        std::to_string(bins) + " bins at " + std::to_string(rate) +
                                        " Hz contradict config (" + std::to_string(s.max_frames) + " × " +
                                        std::to_string(s.mel_bins) + " at 16000 Hz)"};
  }
  return {};
}

}  // namespace

bool looks_like_ast(const std::filesystem::path& folder) {
  const auto config = tensor::read_json_object(folder / "config.json");
  if (!config.ok()) return false;
  const auto type = JsonFields(*config, "config").text("model_type", "");
  return type.ok() && *type == "audio-spectrogram-transformer";
}

Result<ImportSummary> import_ast(const std::filesystem::path& folder, const std::filesystem::path& out,
                                 WeightType type) {
  CINESCRIBE_ASSIGN(const json config, tensor::read_json_object(folder / "config.json"));
  CINESCRIBE_ASSIGN(const json extractor, tensor::read_json_object(folder / "preprocessor_config.json"));
  const JsonFields preprocessor(extractor, "preprocessor_config");
  auto shape = read_shape(JsonFields(config, "config"), config);
  if (!shape.ok()) return shape.error().with_context(folder.string());
  const Status agrees = check_extractor(preprocessor, *shape);
  if (!agrees.ok()) return agrees.error().with_context(folder.string());
  CINESCRIBE_ASSIGN(const Checkpoint checkpoint, Checkpoint::open(folder));

  ImportSummary summary;
  const auto list = entries(*shape);
  tensor::GgufWriter writer(out);
  CINESCRIBE_TRY(write_metadata(writer, *shape, preprocessor));
  std::vector<WeightType> types;
  for (const Entry& entry : list) {
    types.push_back(stored_type(entry, type, summary));
    CINESCRIBE_TRY(writer.declare(entry.name, types.back(), gguf_shape(entry)));
  }
  CINESCRIBE_TRY(writer.begin());
  std::vector<std::byte> stored;
  for (std::size_t i = 0; i < list.size(); ++i) {
    auto values = checkpoint.floats(list[i].source, list[i].shape);
    if (!values.ok()) return values.error().with_context(folder.string());
    const auto row = static_cast<std::size_t>(gguf_shape(list[i])[0]);
    stored.resize(tensor::row_bytes(types[i], row) * (values->size() / row));
    CINESCRIBE_TRY(tensor::quantise_rows(types[i], *values, row, stored));
    CINESCRIBE_TRY(writer.write(stored));
    ++summary.tensors;
  }
  CINESCRIBE_TRY(writer.finish());
  return summary;
}

Result<std::filesystem::path> prepare_ast(const std::filesystem::path& folder, WeightType type) {
  if (!std::filesystem::is_directory(folder)) return folder;
  std::vector<std::string> lines;
  for (const auto& item : std::filesystem::directory_iterator(folder)) {
    const std::string name = item.path().filename().string();
    if (!name.ends_with(".safetensors") && !name.ends_with(".json")) continue;
    CINESCRIBE_ASSIGN(const std::string content, sha256_of_file(item.path()));
    lines.push_back(name + " " + content + "\n");
  }
  std::sort(lines.begin(), lines.end());  // directory order is arbitrary
  Sha256 sum;
  for (const std::string& line : lines) sum.update(line);
  const std::string digest = sum.hex();
  const std::filesystem::path target =
      cache_folder() / "converted" / ("ast-" + digest.substr(0, 16) + "-" + tensor::weight_type_name(type) + ".gguf");
  if (!std::filesystem::exists(target)) CINESCRIBE_TRY(import_ast(folder, target, type));
  return target;
}

}  // namespace cinescribe::models
