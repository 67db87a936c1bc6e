#include "cinescribe/captions/vision_encoder.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <ggml-backend.h>
#include <ggml.h>

#include "cinescribe/captions/families.h"
#include "cinescribe/captions/vision_family.h"
#include "cinescribe/captions/vision_tower.h"

namespace cinescribe::captions {
namespace {

// Measured with bench/captions/vision_speed: on CPUs four tiles at once take 15 to 40 % longer than one by one, since
// what lies between two products no longer fits the caches. GPUs want large products.
constexpr int kCpuTiles = 1;
constexpr int kGpuTiles = 8;

constexpr int kMaxPictureTokens = 1 << 20;

/// Adds the seconds of its life to a sum.
class Stopwatch {
 public:
  explicit Stopwatch(double& sum) : sum_(sum) {}
  ~Stopwatch() { sum_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  double& sum_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// The encoder of all families: pictures become tiles, tiles of all tasks go through the tower in chunks, and every row
/// is put where it belongs as soon as its chunk is done. Besides the rows, memory holds one picture and one chunk.
class TiledVisionEncoder final : public VisionEncoder {
 public:
  TiledVisionEncoder(std::unique_ptr<tensor::ComputeDevice> device, std::unique_ptr<tensor::WeightFile> file,
                     VisionTower tower, std::unique_ptr<VisionFamily> family, int language_width, VisionOptions options)
      : device_(std::move(device)),
        file_(std::move(file)),
        tower_(std::move(tower)),
        family_(std::move(family)),
        language_width_(static_cast<std::size_t>(language_width)),
        options_(std::move(options)),
        batch_tiles_(static_cast<std::size_t>(options_.batch_tiles > 0 ? options_.batch_tiles
                                              : device_->is_cpu()      ? kCpuTiles
                                                                       : kGpuTiles)) {}

  [[nodiscard]] Result<int> image_tokens(int width_px, int height_px) const override {
    return family_->image_tokens(width_px, height_px);
  }

  [[nodiscard]] Status check(const VisionTask& task) const override {
    if (task.images.empty()) return Error{ErrorCode::kInput, "there is no picture to be described"};
    for (const Image& image : task.images) {
      CINESCRIBE_TRY(check_picture(image, image.width, image.height));
      CINESCRIBE_ASSIGN(const int tokens, family_->image_tokens(image.width, image.height));
      if (tokens > kMaxPictureTokens) {
        return Error{ErrorCode::kModel, "model.json makes " + std::to_string(tokens) +
                                            " tokens of one picture, more than any language model reads; import the "
                                            "model again"};
      }
    }
    return family_->check_instruction(task.instruction);
  }

  Result<std::vector<std::vector<ImageRows>>> encode(std::span<const VisionTask> tasks, VisionTimings& timings,
                                                     const std::stop_token& stop) override {
    for (const VisionTask& task : tasks) CINESCRIBE_TRY(check(task));
    std::vector<std::vector<ImageRows>> out(tasks.size());
    std::vector<ChunkTile> chunk;
    for (std::size_t t = 0; t < tasks.size(); ++t) {
      out[t].resize(tasks[t].images.size());
      for (std::size_t i = 0; i < tasks[t].images.size(); ++i) {
        CINESCRIBE_ASSIGN(auto picture, prepare(tasks[t].images[i], tasks[t].instruction, out[t][i], timings));
        for (int tile = 0; tile < picture->pixels.count; ++tile) {
          if (!is_needed(*picture, tile)) continue;
          chunk.push_back({picture, tile, &out[t][i]});
          if (chunk.size() < batch_tiles_) continue;
          CINESCRIBE_TRY(run(chunk, timings, stop));
          chunk.clear();
        }
      }
    }
    if (!chunk.empty()) CINESCRIBE_TRY(run(chunk, timings, stop));
    if (options_.probe) {
      for (const auto& task : out) {
        for (const ImageRows& rows : task) options_.probe("packed", rows.rows);
      }
    }
    return out;
  }

 private:
  /// Tiles of which no patch is kept are not worth the tower's time (a probe sees them nevertheless).
  [[nodiscard]] bool is_needed(const PreparedPicture& picture, int tile) const {
    return options_.probe || picture.tiles.empty() ||
           !picture.tiles[static_cast<std::size_t>(tile)].destinations.empty();
  }

  Result<std::shared_ptr<PreparedPicture>> prepare(const Image& image, const std::string& instruction, ImageRows& rows,
                                                   VisionTimings& timings) const {
    const Stopwatch watch(timings.preprocess_seconds);
    CINESCRIBE_ASSIGN(auto prepared, family_->prepare(image, instruction));
    auto picture = std::make_shared<PreparedPicture>(std::move(prepared));
    if (options_.probe) options_.probe("pixel_values", picture->pixels.values);
    rows.tokens = picture->tokens;
    rows.rows.resize(static_cast<std::size_t>(picture->tokens) * language_width_);
    for (const auto& constant : picture->constants) {
      const std::vector<float>& row = family_->constant_rows()[constant.which];
      std::copy(row.begin(), row.end(), row_of(rows, constant.destination));
    }
    return picture;
  }

  [[nodiscard]] float* row_of(ImageRows& rows, std::int32_t token) const {
    return rows.rows.data() + static_cast<std::size_t>(token) * language_width_;
  }

  Status run(std::span<const ChunkTile> chunk, VisionTimings& timings, const std::stop_token& stop) {
    if (stop.stop_requested()) return Error{ErrorCode::kInterrupted, "encoding pictures was stopped"};
    const Stopwatch watch(timings.encode_seconds);
    timings.tiles += static_cast<int>(chunk.size());
    std::vector<float> patch_rows;
    for (const ChunkTile& tile : chunk) tower_.gather_patches(tile.picture->pixels.tile(tile.tile), patch_rows);
    tensor::GraphValues values(static_cast<bool>(options_.probe));
    std::vector<RowTarget> targets;
    ggml_tensor* rows = nullptr;
    return device_->run(
        tower_.graph_nodes() + family_->graph_nodes(),
        [&](ggml_context* graph) {
          ggml_tensor* features = tower_.build(graph, std::move(patch_rows), static_cast<int>(chunk.size()), values);
          rows = family_->build(graph, features, chunk, values, targets);
          std::vector<ggml_tensor*> outputs = values.tapped();
          outputs.push_back(rows);
          return outputs;
        },
        [&] { values.write_inputs(); },
        [&] {
          std::vector<float> encoded(static_cast<std::size_t>(ggml_nelements(rows)));
          ggml_backend_tensor_get(rows, encoded.data(), 0, encoded.size() * sizeof(float));
          for (std::size_t i = 0; i < targets.size(); ++i) {
            const float* row = encoded.data() + i * language_width_;
            std::copy_n(row, language_width_, row_of(*chunk[targets[i].chunk_tile].rows, targets[i].destination));
          }
          if (options_.probe) values.read_taps(options_.probe);
        });
  }

  // Destroyed in reverse order: weights before the device that holds them.
  std::unique_ptr<tensor::ComputeDevice> device_;
  std::unique_ptr<tensor::WeightFile> file_;
  VisionTower tower_;
  std::unique_ptr<VisionFamily> family_;
  std::size_t language_width_;
  VisionOptions options_;
  std::size_t batch_tiles_;
};

Status check_file(const tensor::WeightFile& file, const std::filesystem::path& path, const tensor::ModelCard& card) {
  CINESCRIBE_ASSIGN(const std::string architecture, file.text("general.architecture"));
  if (architecture != "cinescribe-vision") {
    return Error{ErrorCode::kModel, path.string() + " holds the architecture '" + architecture +
                                        "', not the vision part of a model folder"};
  }
  CINESCRIBE_ASSIGN(const std::string family, file.text("cinescribe.family"));
  if (family != card.family) {
    return Error{ErrorCode::kModel, path.string() + " is of the family '" + family + "', but model.json says '" +
                                        card.family + "'; import the model again"};
  }
  if (card.language.width < 1) return Error{ErrorCode::kModel, "model.json gives the language model no width"};
  return {};
}

Result<std::unique_ptr<VisionFamily>> load_family(const FamilySources& sources) {
  const std::string& family = sources.card.family;
  if (family == "llava_next") return load_llava_vision(sources);
  if (family == "phi3_v") return load_phi_vision(sources);
  if (family == "instructblip") return load_instructblip_vision(sources);
  return Error{ErrorCode::kModel,
               "the model family '" + family + "' is not known; there are llava_next, phi3_v and instructblip"};
}

}  // namespace

Result<std::unique_ptr<VisionEncoder>> VisionEncoder::load(const std::filesystem::path& folder,
                                                           const tensor::ModelCard& card,
                                                           const VisionOptions& options) {
  if (options.batch_tiles < 0 || options.num_crops < 0) {
    return Error{ErrorCode::kUsage, "numbers of tiles and crops cannot be negative"};
  }
  const std::filesystem::path path = folder / "vision.gguf";
  CINESCRIBE_ASSIGN(auto device, tensor::ComputeDevice::open(options.device, options.threads));
  CINESCRIBE_ASSIGN(auto file, tensor::WeightFile::load(path, *device));
  CINESCRIBE_TRY(check_file(*file, path, card));
  CINESCRIBE_ASSIGN(auto tower, VisionTower::load(*file, card.tower, *device, options.is_fused_attention));
  CINESCRIBE_ASSIGN(auto family, load_family({folder, card, options, *file, *device}));
  return std::unique_ptr<VisionEncoder>(std::make_unique<TiledVisionEncoder>(
      std::move(device), std::move(file), std::move(tower), std::move(family), card.language.width, options));
}

}  // namespace cinescribe::captions
