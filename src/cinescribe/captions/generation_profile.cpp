#include "cinescribe/captions/generation_profile.h"

#include <optional>

namespace cinescribe::captions {

namespace {

constexpr int kSceneTokens = 128;
constexpr int kInstructBlipBeams = 5;
constexpr int kInstructBlipLeastTokens = 10;

template <typename T>
void put(const std::optional<T>& given, T& into) {
  if (given) into = *given;
}

}  // namespace

language::GenerationOptions reference_generation(const tensor::ModelCard& card) {
  const tensor::GenerationCard& files = card.generation;
  language::GenerationOptions options;
  options.max_new_tokens = files.max_new_tokens;
  options.max_length = files.max_length;
  put(files.min_length, options.min_length);
  put(files.num_beams, options.num_beams);
  put(files.repetition_penalty, options.repetition_penalty);
  put(files.length_penalty, options.length_penalty);
  put(files.no_repeat_ngram_size, options.no_repeat_ngram_size);
  put(files.temperature, options.temperature);
  put(files.top_p, options.top_p);
  put(files.top_k, options.top_k);
  options.eos_ids.assign(card.tokens.eos.begin(), card.tokens.eos.end());
  options.pad_id = card.tokens.pad;
  return options;
}

language::GenerationOptions scene_generation(const tensor::ModelCard& card) {
  language::GenerationOptions options = reference_generation(card);
  options.max_length.reset();
  options.max_new_tokens = kSceneTokens;
  if (card.family == "instructblip") {
    options.num_beams = kInstructBlipBeams;
    options.min_new_tokens = kInstructBlipLeastTokens;
  }
  return options;
}

}  // namespace cinescribe::captions
