#include "cinescribe/sounds/ast_tagger.h"

#include <algorithm>
#include <utility>

#include <ggml-backend.h>
#include <ggml.h>

#include "cinescribe/tensor/compute_device.h"
#include "cinescribe/tensor/encoder.h"
#include "cinescribe/tensor/encoder_weights.h"
#include "cinescribe/tensor/weight_file.h"

namespace cinescribe::sounds {

namespace {

constexpr std::size_t kFrameSamples = 400;
constexpr std::size_t kHopSamples = 160;

/// Sizes of the model, read from the file's metadata and checked.
struct Geometry {
  std::int64_t width = 0, layers = 0, heads = 0, ffn = 0, patch = 0;
  std::int64_t frequency_stride = 0, time_stride = 0, mel_bins = 0, max_frames = 0;

  [[nodiscard]] std::int64_t frequency_patches() const { return (mel_bins - patch) / frequency_stride + 1; }
  [[nodiscard]] std::int64_t time_patches() const { return (max_frames - patch) / time_stride + 1; }
  [[nodiscard]] std::int64_t patches() const { return frequency_patches() * time_patches(); }
  [[nodiscard]] std::int64_t tokens() const { return patches() + 2; }
  [[nodiscard]] std::int64_t patch_values() const { return patch * patch; }
};

struct Weights {
  ggml_tensor* cls = nullptr;
  ggml_tensor* distillation = nullptr;
  ggml_tensor* positions = nullptr;
  tensor::Affine patch;
  std::vector<tensor::EncoderLayer> layers;
  tensor::Affine norm;
  tensor::Affine classifier_norm;
  tensor::Affine classifier;
};

Result<Geometry> read_geometry(const tensor::WeightFile& file) {
  constexpr std::int64_t kWide = 1 << 20;
  Geometry g;
  CINESCRIBE_ASSIGN(g.width, file.integer("ast.width", 1, kWide));
  CINESCRIBE_ASSIGN(g.layers, file.integer("ast.layers", 1, 1000));
  CINESCRIBE_ASSIGN(g.heads, file.integer("ast.heads", 1, g.width));
  CINESCRIBE_ASSIGN(g.ffn, file.integer("ast.ffn", 1, kWide));
  CINESCRIBE_ASSIGN(g.patch, file.integer("ast.patch", 1, 4096));
  CINESCRIBE_ASSIGN(g.frequency_stride, file.integer("ast.frequency_stride", 1, 4096));
  CINESCRIBE_ASSIGN(g.time_stride, file.integer("ast.time_stride", 1, 4096));
  CINESCRIBE_ASSIGN(g.mel_bins, file.integer("ast.mel_bins", g.patch, 4096));
  CINESCRIBE_ASSIGN(g.max_frames, file.integer("ast.max_frames", g.patch, 1 << 16));
  if (g.width % g.heads != 0) return Error{ErrorCode::kModel, "the AST model's width is no multiple of its heads"};
  return g;
}

Result<FbankOptions> read_features(const tensor::WeightFile& file, const Geometry& g) {
  FbankOptions options;
  options.mel_bins = static_cast<std::size_t>(g.mel_bins);
  options.max_frames = static_cast<std::size_t>(g.max_frames);
  CINESCRIBE_ASSIGN(options.mean, file.number("ast.feature_mean"));
  CINESCRIBE_ASSIGN(options.std, file.number("ast.feature_std"));
  CINESCRIBE_ASSIGN(const std::int64_t normalized, file.integer("ast.is_normalized", 0, 1));
  options.is_normalized = normalized != 0;
  return options;
}

Result<Weights> read_weights(const tensor::WeightFile& file, const Geometry& g, const tensor::EncoderOptions& encoder,
                             std::int64_t labels) {
  Weights w;
  CINESCRIBE_ASSIGN(w.cls, file.array("cls", {g.width}));
  CINESCRIBE_ASSIGN(w.distillation, file.array("distillation", {g.width}));
  CINESCRIBE_ASSIGN(w.positions, file.array("positions", {g.width, g.tokens()}));
  CINESCRIBE_ASSIGN(w.patch, tensor::read_linear(file, "patch", g.patch_values(), g.width));
  CINESCRIBE_ASSIGN(w.layers, tensor::read_encoder_layers(file, "layer.", g.layers, encoder, g.ffn));
  CINESCRIBE_ASSIGN(w.norm, tensor::read_norm(file, "norm", g.width));
  CINESCRIBE_ASSIGN(w.classifier_norm, tensor::read_norm(file, "classifier.norm", g.width));
  CINESCRIBE_ASSIGN(w.classifier, tensor::read_linear(file, "classifier", g.width, labels));
  return w;
}

/// Patches of the frames × bins features, frequency-major (index = f * time_patches + t); each row holds the kernel's
/// values, frequency rows by time columns, since the model sees the spectrogram turned to [bins, frames].
void gather_patches(const std::vector<float>& features, const Geometry& g, float* out) {
  for (std::int64_t f = 0; f < g.frequency_patches(); ++f) {
    for (std::int64_t t = 0; t < g.time_patches(); ++t) {
      for (std::int64_t y = 0; y < g.patch; ++y) {
        for (std::int64_t x = 0; x < g.patch; ++x) {
          const std::int64_t frame = t * g.time_stride + x;
          const std::int64_t bin = f * g.frequency_stride + y;
          *out++ = features[static_cast<std::size_t>(frame * g.mel_bins + bin)];
        }
      }
    }
  }
}

class AstTagger final : public SoundTagger {
 public:
  AstTagger(std::unique_ptr<tensor::ComputeDevice> device, std::unique_ptr<tensor::WeightFile> file, Geometry geometry,
            FbankOptions features, Weights weights, tensor::EncoderOptions encoder, std::vector<std::string> labels,
            AstOptions options)
      : device_(std::move(device)),
        file_(std::move(file)),
        geometry_(geometry),
        features_(features),
        weights_(std::move(weights)),
        encoder_(encoder),
        labels_(std::move(labels)),
        options_(std::move(options)) {}

  [[nodiscard]] const std::vector<std::string>& labels() const override { return labels_; }
  [[nodiscard]] std::size_t window_samples() const override {
    return kFrameSamples + (features_.max_frames - 1) * kHopSamples;
  }
  [[nodiscard]] std::size_t hop_samples() const override { return window_samples(); }
  [[nodiscard]] std::size_t batch_windows() const override { return std::max<std::size_t>(1, options_.batch_windows); }

  Result<std::vector<std::vector<float>>> logits(std::span<const std::span<const float>> windows,
                                                 const std::stop_token& stop) override {
    std::vector<std::vector<float>> rows;
    for (std::size_t start = 0; start < windows.size(); start += batch_windows()) {
      if (stop.stop_requested()) return Error{ErrorCode::kInterrupted, "sound tagging was stopped"};
      CINESCRIBE_TRY(run_batch(windows.subspan(start, std::min(batch_windows(), windows.size() - start)), rows));
    }
    return rows;
  }

 private:
  /// What the graph of one batch reads and writes.
  struct Graph {
    ggml_tensor* patches = nullptr;
    ggml_tensor* embeddings = nullptr;
    std::vector<ggml_tensor*> hidden;
    ggml_tensor* final_norm = nullptr;
    ggml_tensor* logits = nullptr;
  };

  std::vector<ggml_tensor*> build(ggml_context* ctx, std::int64_t batch, Graph& graph) const {
    const Geometry& g = geometry_;
    graph.patches = ggml_new_tensor_3d(ctx, GGML_TYPE_F32, g.patch_values(), g.patches(), batch);
    ggml_set_input(graph.patches);
    ggml_tensor* x = tensor::linear(ctx, graph.patches, weights_.patch);
    ggml_tensor* prefix = ggml_concat(ctx, weights_.cls, weights_.distillation, 1);
    prefix = ggml_repeat_4d(ctx, prefix, g.width, 2, batch, 1);
    x = ggml_add(ctx, ggml_concat(ctx, prefix, x, 1), weights_.positions);
    graph.embeddings = x;
    graph.hidden = tensor::build_encoder(ctx, x, encoder_, weights_.layers);
    x = graph.hidden.back();
    // Only the two special tokens reach the classifier.
    x = ggml_cont(ctx, ggml_view_3d(ctx, x, g.width, 2, batch, x->nb[1], x->nb[2], 0));
    x = tensor::layer_norm(ctx, x, weights_.norm, encoder_.norm_eps);
    graph.final_norm = x;
    ggml_tensor* first = ggml_view_2d(ctx, x, g.width, batch, x->nb[2], 0);
    ggml_tensor* second = ggml_view_2d(ctx, x, g.width, batch, x->nb[2], x->nb[1]);
    x = ggml_scale(ctx, ggml_add(ctx, first, second), 0.5F);
    x = tensor::layer_norm(ctx, x, weights_.classifier_norm, encoder_.norm_eps);
    graph.logits = tensor::linear(ctx, x, weights_.classifier);
    std::vector<ggml_tensor*> outputs;
    if (options_.probe) {
      outputs = {graph.embeddings, graph.final_norm};
      outputs.insert(outputs.end(), graph.hidden.begin(), graph.hidden.end());
    }
    outputs.push_back(graph.logits);
    return outputs;
  }

  void tell(std::string_view name, ggml_tensor* t) const {
    std::vector<float> values(static_cast<std::size_t>(ggml_nelements(t)));
    ggml_backend_tensor_get(t, values.data(), 0, ggml_nbytes(t));
    options_.probe(name, values);
  }

  Status run_batch(std::span<const std::span<const float>> windows, std::vector<std::vector<float>>& rows) {
    const auto batch = static_cast<std::int64_t>(windows.size());
    const auto per_window = static_cast<std::size_t>(geometry_.patches() * geometry_.patch_values());
    std::vector<float> patches(per_window * windows.size());
    for (std::size_t i = 0; i < windows.size(); ++i) {
      const std::vector<float> features = kaldi_fbank(windows[i], features_);
      if (options_.probe) options_.probe("fbank", features);
      gather_patches(features, geometry_, patches.data() + i * per_window);
    }
    Graph graph;
    const std::size_t max_nodes = 64 + tensor::encoder_nodes(weights_.layers.size());
    return device_->run(
        max_nodes, [&](ggml_context* ctx) { return build(ctx, batch, graph); },
        [&] { ggml_backend_tensor_set(graph.patches, patches.data(), 0, patches.size() * sizeof(float)); },
        [&] {
          for (std::int64_t i = 0; i < batch; ++i) {
            std::vector<float>& row = rows.emplace_back(labels_.size());
            ggml_backend_tensor_get(graph.logits, row.data(), static_cast<std::size_t>(i) * row.size() * sizeof(float),
                                    row.size() * sizeof(float));
          }
          if (!options_.probe) return;
          tell("embeddings", graph.embeddings);
          for (std::size_t k = 0; k < graph.hidden.size(); ++k)
            tell("hidden_" + std::to_string(k + 1), graph.hidden[k]);
          tell("final_norm", graph.final_norm);
        });
  }

  // Destroyed in reverse order: weights before the device that holds them.
  std::unique_ptr<tensor::ComputeDevice> device_;
  std::unique_ptr<tensor::WeightFile> file_;
  Geometry geometry_;
  FbankOptions features_;
  Weights weights_;
  tensor::EncoderOptions encoder_;
  std::vector<std::string> labels_;
  AstOptions options_;
};

}  // namespace

Result<std::unique_ptr<SoundTagger>> load_ast(const std::filesystem::path& gguf, const AstOptions& options) {
  CINESCRIBE_ASSIGN(auto device, tensor::ComputeDevice::open(options.device, options.threads));
  CINESCRIBE_ASSIGN(auto file, tensor::WeightFile::load(gguf, *device));
  CINESCRIBE_ASSIGN(const std::string architecture, file->text("general.architecture"));
  if (architecture != "cinescribe-ast") {
    return Error{ErrorCode::kModel, gguf.string() + " holds the architecture '" + architecture +
                                        "', not an audio spectrogram transformer"};
  }
  CINESCRIBE_ASSIGN(const Geometry geometry, read_geometry(*file));
  CINESCRIBE_ASSIGN(const FbankOptions features, read_features(*file, geometry));
  CINESCRIBE_ASSIGN(auto labels, file->texts("ast.labels"));
  tensor::EncoderOptions encoder;
  encoder.width = static_cast<int>(geometry.width);
  encoder.heads = static_cast<int>(geometry.heads);
  encoder.head_dim = static_cast<int>(geometry.width / geometry.heads);
  tensor::fit_to_device(encoder, *device, options.is_fused_attention);
  CINESCRIBE_ASSIGN(const double eps, file->number("ast.norm_eps"));
  encoder.norm_eps = static_cast<float>(eps);
  CINESCRIBE_ASSIGN(const std::string activation, file->text("ast.activation"));
  if (!tensor::parse_activation(activation, encoder.activation)) {
    return Error{ErrorCode::kModel, gguf.string() + ": unknown activation '" + activation + "'"};
  }
  CINESCRIBE_ASSIGN(auto weights, read_weights(*file, geometry, encoder, static_cast<std::int64_t>(labels.size())));
  return std::unique_ptr<SoundTagger>(std::make_unique<AstTagger>(
      std::move(device), std::move(file), geometry, features, std::move(weights), encoder, std::move(labels), options));
}

}  // namespace cinescribe::sounds
