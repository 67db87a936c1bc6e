#include "cinescribe/captions/captioner_advice.h"

#include <algorithm>
#include <array>

namespace cinescribe::captions {

namespace {

constexpr double kTextTokens = 80.0;     // chat template, labels, instruction
constexpr double kComputeBytes = 0.7e9;  // intermediate results of both halves
constexpr double kLongSecondsPerScene = 60.0;

// Multiplications of a vision transformer: 2 x parameters x patches, and 4 x layers x patches^2 x width for attention.
// SmolVLM2 cuts such a frame into 4 x 3 tiles and an overview; Qwen3-VL takes it in its own size (32 px a token); Gemma
// squeezes it to 896 x 896.
constexpr std::array kShapes = {
    CaptionerShape{"smolvlm2-500m", 0.36e9, 0.55e9, 0.44e9, 41e3, 832, 128, 2800, 430},
    CaptionerShape{"smolvlm2-2.2b", 1.71e9, 1.70e9, 1.11e9, 197e3, 1053, 162, 8400, 1300},
    CaptionerShape{"qwen3-vl-2b", 1.72e9, 1.55e9, 1.11e9, 115e3, 209, 128, 540, 330},
    CaptionerShape{"qwen3-vl-4b", 4.02e9, 2.95e9, 2.50e9, 147e3, 209, 128, 540, 330},
    CaptionerShape{"gemma-3-4b", 3.88e9, 3.34e9, 2.49e9, 139e3, 256, 256, 5400, 5400},
    CaptionerShape{"qwen3-vl-8b", 8.19e9, 5.78e9, 5.03e9, 147e3, 209, 128, 960, 600},
};

double seconds_per_scene(const CaptionerShape& shape, const MachineSpeed& speed, const AdviceQuestion& question) {
  const double frames = question.frames_per_scene;
  const double frame_gflop = question.is_low_detail ? shape.frame_gflop_low : shape.frame_gflop;
  const double frame_tokens = question.is_low_detail ? shape.frame_tokens_low : shape.frame_tokens;
  const double prompt = frames * frame_tokens + kTextTokens;
  const double encode = frames * frame_gflop / speed.gflops;
  const double prefill = 2.0 * shape.parameters * prompt / 1e9 / speed.gflops;
  // A step reads all weights once for all scenes that decode together, or is held up by computing.
  const double scenes = question.scenes_at_once;
  const double read = shape.language_bytes / 1e9 / speed.gigabytes_per_second;
  const double compute = 2.0 * shape.parameters * scenes / 1e9 / speed.gflops;
  return encode + prefill + question.new_tokens * std::max(read, compute) / scenes;
}

double memory_of(const CaptionerShape& shape, const AdviceQuestion& question) {
  const double frame_tokens = question.is_low_detail ? shape.frame_tokens_low : shape.frame_tokens;
  const double tokens = question.frames_per_scene * frame_tokens + kTextTokens + 2.0 * question.new_tokens;
  return shape.weight_bytes + question.scenes_at_once * tokens * shape.kv_bytes_per_token + kComputeBytes;
}

/// Smaller comes first.
int group_of(const CaptionerAdvice& advice) {
  if (!advice.fits) return 2;
  return advice.seconds_per_scene <= kLongSecondsPerScene ? 0 : 1;
}

}  // namespace

std::span<const CaptionerShape> known_captioners() { return kShapes; }

std::vector<CaptionerAdvice> advise_captioners(std::span<const CaptionerShape> shapes, const MachineSpeed& speed,
                                               const AdviceQuestion& question) {
  std::vector<CaptionerAdvice> list;
  for (const CaptionerShape& shape : shapes) {
    CaptionerAdvice advice;
    advice.name = shape.name;
    advice.memory_bytes = memory_of(shape, question);
    advice.fits = advice.memory_bytes <= static_cast<double>(question.free_bytes);
    advice.seconds_per_scene = seconds_per_scene(shape, speed, question);
    list.push_back(std::move(advice));
  }
  const auto size_of = [&](const CaptionerAdvice& advice) {
    const auto found = std::find_if(shapes.begin(), shapes.end(),
                                    [&](const CaptionerShape& shape) { return shape.name == advice.name; });
    return found->parameters;
  };
  std::stable_sort(list.begin(), list.end(), [&](const CaptionerAdvice& a, const CaptionerAdvice& b) {
    const int group_a = group_of(a);
    const int group_b = group_of(b);
    if (group_a != group_b) return group_a < group_b;
    if (group_a == 0) return size_of(a) > size_of(b);
    return group_a == 1 ? a.seconds_per_scene < b.seconds_per_scene : a.memory_bytes < b.memory_bytes;
  });
  return list;
}

}  // namespace cinescribe::captions
