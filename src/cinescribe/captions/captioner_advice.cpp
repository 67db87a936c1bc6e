#include "cinescribe/captions/captioner_advice.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>

namespace cinescribe::captions {

namespace {

constexpr double kTextTokens = 80.0;     // chat template, labels, instruction
constexpr double kComputeBytes = 0.7e9;  // intermediate results of both halves
constexpr double kLongSecondsPerScene = 60.0;
constexpr std::array kBatches = {1, 2, 4, 8, 16};
constexpr double kWorthwhileGain = 0.97;  // a larger batch must be faster than this share of the time

double pictures(const CaptionerShape& shape, const AdviceQuestion& question) {
  return shape.is_one_picture ? 1.0 : question.frames_per_scene;
}

double prompt_tokens(const CaptionerShape& shape, const AdviceQuestion& question) {
  const double frame_tokens = question.is_low_detail ? shape.frame_tokens_low : shape.frame_tokens;
  return pictures(shape, question) * frame_tokens + kTextTokens;
}

double seconds_per_scene(const CaptionerShape& shape, const MachineSpeeds& speeds, const AdviceQuestion& question,
                         double scenes) {
  const MachineSpeed& language = speeds.of(shape.type);
  const double frame_gflop = question.is_low_detail ? shape.frame_gflop_low : shape.frame_gflop;
  const double prompt = prompt_tokens(shape, question);
  const double encode = pictures(shape, question) * frame_gflop / speeds.of(shape.vision_type).gflops;
  const double attention =
      2.0 * shape.attention_width * prompt * prompt / 1e9;  // every token looks back: half of all pairs
  const double prefill = 2.0 * shape.parameters * prompt / 1e9 / language.gflops + attention / speeds.attention_gflops;
  // A step reads all weights once for all scenes that decode together, or is held up by computing; every scene's own
  // keys and values are read besides.
  const double weights = shape.language_bytes / 1e9 / language.gigabytes_per_second;
  const double cache =
      scenes * (prompt + question.new_tokens / 2.0) * shape.kv_bytes_per_token / 1e9 / speeds.f16.gigabytes_per_second;
  const double compute = 2.0 * shape.parameters * scenes / 1e9 / language.gflops;
  return encode + prefill + question.new_tokens * (std::max(weights, compute) + cache) / scenes;
}

double memory_of(const CaptionerShape& shape, const AdviceQuestion& question, double scenes) {
  const double tokens = prompt_tokens(shape, question) + 2.0 * question.new_tokens;
  return shape.weight_bytes + scenes * tokens * shape.kv_bytes_per_token + kComputeBytes;
}

CaptionerAdvice advice_for(const CaptionerShape& shape, const MachineSpeeds& speeds, const AdviceQuestion& question,
                           int scenes) {
  CaptionerAdvice advice;
  advice.name = shape.name;
  advice.type = shape.type;
  advice.scenes_at_once = scenes;
  advice.memory_bytes = memory_of(shape, question, scenes);
  advice.fits = advice.memory_bytes <= static_cast<double>(question.free_bytes);
  advice.seconds_per_scene = seconds_per_scene(shape, speeds, question, scenes);
  advice.rtf = advice.seconds_per_scene / question.scene_seconds;
  return advice;
}

/// With the batch that was asked for, or the smallest one beyond which there is little to gain.
CaptionerAdvice best_advice(const CaptionerShape& shape, const MachineSpeeds& speeds, const AdviceQuestion& question) {
  if (question.scenes_at_once > 0) return advice_for(shape, speeds, question, question.scenes_at_once);
  CaptionerAdvice best = advice_for(shape, speeds, question, kBatches.front());
  for (const int batch : kBatches) {
    const CaptionerAdvice advice = advice_for(shape, speeds, question, batch);
    if (advice.fits && advice.seconds_per_scene < kWorthwhileGain * best.seconds_per_scene) best = advice;
  }
  return best;
}

/// Smaller comes first.
int group_of(const CaptionerAdvice& advice) {
  if (!advice.fits) return 2;
  return advice.seconds_per_scene <= kLongSecondsPerScene ? 0 : 1;
}

}  // namespace

std::vector<CaptionerAdvice> advise_captioners(std::span<const CaptionerShape> shapes, const MachineSpeeds& speeds,
                                               const AdviceQuestion& question) {
  std::vector<CaptionerAdvice> all;
  for (const CaptionerShape& shape : shapes) all.push_back(best_advice(shape, speeds, question));
  std::vector<std::size_t> order(all.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t i, std::size_t k) {
    const CaptionerAdvice& a = all[i];
    const CaptionerAdvice& b = all[k];
    if (group_of(a) != group_of(b)) return group_of(a) < group_of(b);
    if (group_of(a) == 1) return a.seconds_per_scene < b.seconds_per_scene;
    if (group_of(a) == 2) return a.memory_bytes < b.memory_bytes;
    if (shapes[i].parameters != shapes[k].parameters) return shapes[i].parameters > shapes[k].parameters;
    return shapes[i].language_bytes > shapes[k].language_bytes;
  });
  std::vector<CaptionerAdvice> list;
  for (const std::size_t i : order) list.push_back(std::move(all[i]));
  return list;
}

}  // namespace cinescribe::captions
