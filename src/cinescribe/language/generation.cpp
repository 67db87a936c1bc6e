#include "cinescribe/language/generation.h"

#include <cmath>

namespace cinescribe::language {

namespace {

Error bad(const std::string& option, const std::string& why) {
  return {ErrorCode::kUsage, "cannot generate: " + option + " " + why};
}

std::string number(double value) {
  std::string text = std::to_string(value);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

Status check_counts(const GenerationOptions& options) {
  if (options.num_beams < 1) return bad("num_beams", "is " + std::to_string(options.num_beams) + "; at least 1");
  if (options.num_return_sequences < 1) {
    return bad("num_return_sequences", "is " + std::to_string(options.num_return_sequences) + "; at least 1");
  }
  if (options.num_beams > 1 && options.num_return_sequences > options.num_beams) {
    return bad("num_return_sequences", "(" + std::to_string(options.num_return_sequences) + ") exceeds num_beams (" +
                                           std::to_string(options.num_beams) + ")");
  }
  if (options.num_beams == 1 && options.num_return_sequences > 1 && !options.do_sample) {
    return bad("num_return_sequences", "above 1 needs beams or sampling: a greedy search has one outcome");
  }
  if (options.max_new_tokens && *options.max_new_tokens < 1) {
    return bad("max_new_tokens", "is " + std::to_string(*options.max_new_tokens) + "; at least 1");
  }
  if (options.min_length < 0) return bad("min_length", "is negative");
  if (options.min_new_tokens < 0) return bad("min_new_tokens", "is negative");
  if (options.no_repeat_ngram_size < 0) return bad("no_repeat_ngram_size", "is negative");
  if (options.top_k < 0) return bad("top_k", "is negative; 0 switches it off");
  return {};
}

}  // namespace

const char* finish_reason_name(FinishReason reason) {
  switch (reason) {
    case FinishReason::kEos:
      return "eos";
    case FinishReason::kStopString:
      return "stop_string";
    case FinishReason::kLength:
      break;
  }
  return "length";
}

Status check_generation_options(const GenerationOptions& options) {
  CINESCRIBE_TRY(check_counts(options));
  if (!(options.repetition_penalty > 0.0) || !std::isfinite(options.repetition_penalty)) {
    return bad("repetition_penalty", "is " + number(options.repetition_penalty) + "; a number above 0, 1 = off");
  }
  if (!(options.temperature > 0.0) || !std::isfinite(options.temperature)) {
    return bad("temperature",
               "is " + number(options.temperature) + "; a number above 0 (for greedy use do_sample false)");
  }
  if (!(options.top_p >= 0.0 && options.top_p <= 1.0)) {
    return bad("top_p", "is " + number(options.top_p) + "; from 0 to 1");
  }
  if (!std::isfinite(options.length_penalty)) return bad("length_penalty", "is not a finite number");
  for (const std::string& stop : options.stop_strings) {
    if (stop.empty()) return bad("stop_strings", "holds an empty text");
  }
  return {};
}

Result<std::int64_t> max_new_tokens_of(const GenerationOptions& options, std::int64_t prompt_length) {
  if (options.max_new_tokens) return std::int64_t{*options.max_new_tokens};
  constexpr std::int64_t kDefaultNewTokens = 20;
  if (!options.max_length) return kDefaultNewTokens;
  const std::int64_t room = *options.max_length - prompt_length;
  if (room < 1) {
    return Error{ErrorCode::kUsage, "cannot generate: the prompt has " + std::to_string(prompt_length) +
                                        " positions (images included), but max_length is " +
                                        std::to_string(*options.max_length) + "; raise it, or use max_new_tokens"};
  }
  return room;
}

int rows_of(const GenerationOptions& options) {
  return options.num_beams > 1 ? options.num_beams : options.num_return_sequences;
}

}  // namespace cinescribe::language
