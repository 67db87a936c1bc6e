// Time per tile of the vision towers at full size on this machine, with random weights.
//
// usage: vision_speed clip|eva THREADS ROUNDS TILES [LAYERS] -- TYPE[:flash|:plain]...
// `clip` is LLaVA-v1.6's half (ViT-L/14-336, 23 layers, projector to 4096), `eva` InstructBLIP's (ViT-g/14-224, 39
// layers, Q-Former, projection to 4096). LAYERS runs fewer (0 = all). TILES are encoded in one graph, the median of
// ROUNDS counts. Prints one JSON line per type and kind of attention: wall and CPU milliseconds per tile, and the
// difference of the rows from those of the first line, relative to their size.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "support/random_vision.h"

#include "cinescribe/captions/vision_encoder.h"

namespace {

namespace fs = std::filesystem;
using namespace cinescribe;

tensor::ModelCard clip_card() {
  tensor::ModelCard card;
  card.family = "llava_next";
  card.tower = {.image_size_px = 336,
                .patch_size_px = 14,
                .width = 1024,
                .heads = 16,
                .head_dim = 64,
                .ffn_width = 4096,
                .layers = 23,
                .norm_eps = 1e-5,
                .activation = "quick_gelu",
                .has_pre_norm = true,
                .feature_layers = {23},
                .drops_class_token = true};
  card.language.width = 4096;
  card.pixels.mean = {0.48145466, 0.4578275, 0.40821073};
  card.pixels.std = {0.26862954, 0.26130258, 0.27577711};
  card.pixels.pinpoints_hw = {{336, 672}};
  return card;
}

tensor::ModelCard eva_card() {
  tensor::ModelCard card;
  card.family = "instructblip";
  card.tower = {.image_size_px = 224,
                .patch_size_px = 14,
                .width = 1408,
                .heads = 16,
                .head_dim = 88,
                .ffn_width = 6144,
                .layers = 39,
                .norm_eps = 1e-6,
                .activation = "gelu",
                .has_patch_bias = true,
                .has_post_norm = true,
                .feature_layers = {39}};
  card.qformer = tensor::QformerCard{.width = 768,
                                     .heads = 12,
                                     .layers = 12,
                                     .ffn_width = 3072,
                                     .queries = 32,
                                     .cross_attention_frequency = 2,
                                     .vocabulary = 30523,
                                     .max_positions = 512,
                                     .activation = "gelu"};
  card.language.width = 4096;
  card.pixels.mean = {0.48145466, 0.4578275, 0.40821073};
  card.pixels.std = {0.26862954, 0.26130258, 0.27577711};
  return card;
}

/// One noisy picture per tile: LLaVA sees its base tile only.
std::vector<captions::VisionTask> make_tasks(int tiles) {
  captions::VisionTask task;
  task.instruction = "Describe what happens in this scene in detail.";
  test::Noise noise(3);
  for (int i = 0; i < tiles; ++i) {
    Image& image = task.images.emplace_back(640, 360, 3);
    for (auto& byte : image.pixels) byte = static_cast<std::uint8_t>(128.0F + 127.0F * noise.next());
  }
  return {task};
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double relative_difference(const std::vector<float>& a, const std::vector<float>& b) {
  double difference = 0.0;
  double size = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double d = static_cast<double>(a[i]) - static_cast<double>(b[i]);
    difference += d * d;
    size += static_cast<double>(b[i]) * static_cast<double>(b[i]);
  }
  return std::sqrt(difference / size);
}

/// A model folder with random weights of one type; removed at the end.
struct RandomFolder {
  fs::path path = fs::temp_directory_path() / "cinescribe_vision_speed";
  RandomFolder() {
    fs::create_directories(path / "qformer_tokenizer");
    std::ofstream(path / "qformer_tokenizer/vocab.txt")
        << "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ndescribe\nwhat\nhappens\nin\nthis\nscene\ndetail\n.\n";
    std::ofstream(path / "qformer_tokenizer/tokenizer_config.json")
        << R"({"tokenizer_class": "BertTokenizer", "do_lower_case": true})";
  }
  RandomFolder(const RandomFolder&) = delete;
  RandomFolder& operator=(const RandomFolder&) = delete;
  ~RandomFolder() { fs::remove_all(path); }
};

struct Settings {
  tensor::ModelCard card;
  int threads = 0;
  int rounds = 0;
  int tiles = 0;
};

/// Measures one type; false when it failed.
bool measure(const Settings& settings, const RandomFolder& folder, const std::string& type, bool is_fused,
             std::vector<float>& first) {
  captions::VisionOptions options;
  options.threads = settings.threads;
  options.batch_tiles = settings.tiles;
  options.is_fused_attention = is_fused;
  options.is_low_detail = true;
  const auto encoder = captions::VisionEncoder::load(folder.path, settings.card, options);
  if (!encoder.ok()) {
    std::fprintf(stderr, "%s\n", encoder.error().message.c_str());
    return false;
  }
  const auto tasks = make_tasks(settings.tiles);
  std::vector<double> wall;
  std::vector<double> cpu;
  double difference = 0.0;
  for (int round = 0; round <= settings.rounds; ++round) {
    captions::VisionTimings timings;
    const double cpu_start = static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
    const auto rows = (*encoder)->encode(tasks, timings, {});
    const double cpu_seconds = static_cast<double>(std::clock()) / CLOCKS_PER_SEC - cpu_start;
    if (!rows.ok()) return false;
    if (round > 0) {  // the first one warms up
      wall.push_back(timings.encode_seconds * 1000.0 / settings.tiles);
      cpu.push_back((cpu_seconds - timings.preprocess_seconds) * 1000.0 / settings.tiles);
    }
    if (first.empty()) first = rows->front().front().rows;
    difference = relative_difference(rows->front().front().rows, first);
  }
  std::printf(
      "{\"type\": \"%s\", \"attention\": \"%s\", \"layers\": %d, \"tiles\": %d, \"wall_ms_per_tile\": %.0f, "
      "\"least_wall_ms_per_tile\": %.0f, \"cpu_ms_per_tile\": %.0f, \"relative_difference\": %.2e}\n",
      type.c_str(), is_fused ? "fused" : "plain", settings.card.tower.layers, settings.tiles, median(wall),
      *std::min_element(wall.begin(), wall.end()), median(cpu), difference);
  std::fflush(stdout);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto bar = std::find(words.begin(), words.end(), "--");
  if (bar - words.begin() < 4 || bar == words.end() || (words[0] != "clip" && words[0] != "eva")) {
    std::fputs("usage: vision_speed clip|eva THREADS ROUNDS TILES [LAYERS] -- TYPE[:flash|:plain]...\n", stderr);
    return 2;
  }
  Settings settings{words[0] == "clip" ? clip_card() : eva_card(), std::atoi(words[1].c_str()),
                    std::max(1, std::atoi(words[2].c_str())), std::max(1, std::atoi(words[3].c_str()))};
  const int layers = bar - words.begin() > 4 ? std::atoi(words[4].c_str()) : 0;
  if (layers > 0) {
    settings.card.tower.layers = layers;
    settings.card.tower.feature_layers = {layers};
  }
  const RandomFolder folder;
  std::vector<float> first;
  std::string written;
  for (auto word = bar + 1; word != words.end(); ++word) {
    const std::string name = word->substr(0, word->find(':'));
    const auto type = tensor::parse_weight_type(name);
    if (!type.ok()) {
      std::fprintf(stderr, "%s\n", type.error().message.c_str());
      return 2;
    }
    if (written != name) {
      const Status status = test::write_random_vision(folder.path / "vision.gguf", settings.card, true, *type, nullptr);
      if (!status.ok()) {
        std::fprintf(stderr, "%s\n", status.error().message.c_str());
        return 5;
      }
      written = name;
    }
    if (!measure(settings, folder, name, !word->ends_with(":plain"), first)) return 70;
  }
  return 0;
}
