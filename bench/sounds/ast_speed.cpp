// Seconds per window of an AST model on this machine, for each weight type.
//
// usage: ast_speed AST_FOLDER THREADS ROUNDS [f32 f16 bf16 q8_0 ...]
// Prints one JSON line per type: median wall and CPU seconds per window of 10.24 s, and the largest difference of the
// scores from the first type's.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

#include "cinescribe/models/ast_import.h"
#include "cinescribe/sounds/ast_tagger.h"
#include "cinescribe/sounds/tag_pool.h"

namespace {

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  using namespace cinescribe;
  if (argc < 4) {
    std::fputs("usage: ast_speed AST_FOLDER THREADS ROUNDS [TYPE...]\n", stderr);
    return 2;
  }
  std::vector<std::string> types(argv + 4, argv + argc);
  if (types.empty()) types = {"f32", "f16", "bf16", "q8_0"};
  std::vector<float> sound(164'080);
  unsigned state = 1;
  for (std::size_t i = 0; i < sound.size(); ++i) {
    state = state * 1664525U + 1013904223U;
    sound[i] =
        0.3F * std::sin(static_cast<float>(i) * 0.05F) + 0.05F * (static_cast<float>(state >> 8) / 8388608.0F - 1.0F);
  }
  const std::vector<std::span<const float>> windows(4, std::span<const float>(sound));
  std::vector<float> first;
  for (const std::string& name : types) {
    const auto path = std::filesystem::temp_directory_path() / ("ast_speed_" + name + ".gguf");
    const auto type = tensor::parse_weight_type(name);
    if (!type.ok() || !models::import_ast(argv[1], path, *type).ok()) return 4;
    sounds::AstOptions options;
    options.threads = std::atoi(argv[2]);
    options.batch_windows = windows.size();
    const auto tagger = sounds::load_ast(path, options);
    std::filesystem::remove(path);
    if (!tagger.ok()) return 4;
    std::vector<double> wall;
    std::vector<double> cpu;
    double difference = 0.0;
    for (int round = 0; round <= std::atoi(argv[3]); ++round) {
      const auto start = std::chrono::steady_clock::now();
      const double cpu_start = cpu_seconds();
      const auto rows = (*tagger)->logits(windows, {});
      if (!rows.ok()) return 70;
      const auto count = static_cast<double>(windows.size());
      if (round > 0) {  // the first one warms up
        wall.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / count);
        cpu.push_back((cpu_seconds() - cpu_start) / count);
      }
      if (first.empty()) first = rows->front();
      for (std::size_t i = 0; i < first.size(); ++i) {
        difference = std::max(
            difference, std::abs(static_cast<double>(sounds::sigmoid(rows->front()[i]) - sounds::sigmoid(first[i]))));
      }
    }
    std::printf(
        "{\"type\": \"%s\", \"wall_s_per_window\": %.3f, \"cpu_s_per_window\": %.3f, \"max_score_difference\": %.5f}\n",
        name.c_str(), median(wall), median(cpu), difference);
  }
  return 0;
}
