#include "cinescribe/pipeline/caption_settings.h"

#include <utility>

#include <nlohmann/json.hpp>

namespace cinescribe::pipeline {

namespace {

using Json = nlohmann::ordered_json;

const char* early_stopping_name(language::EarlyStopping value) {
  switch (value) {
    case language::EarlyStopping::kYes:
      return "true";
    case language::EarlyStopping::kNever:
      return "never";
    case language::EarlyStopping::kNo:
      break;
  }
  return "false";
}

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json generation_value(const language::GenerationOptions& options) {
  Json value = {{"max_new_tokens", or_null(options.max_new_tokens)},
                {"max_length", or_null(options.max_length)},
                {"min_new_tokens", options.min_new_tokens},
                {"min_length", options.min_length},
                {"num_beams", options.num_beams},
                {"repetition_penalty", options.repetition_penalty},
                {"no_repeat_ngram_size", options.no_repeat_ngram_size},
                {"do_sample", options.do_sample}};
  if (options.num_beams > 1) {
    value["length_penalty"] = options.length_penalty;
    value["early_stopping"] = early_stopping_name(options.early_stopping);
  }
  if (options.do_sample) {
    value["temperature"] = options.temperature;
    value["top_p"] = options.top_p;
    value["top_k"] = options.top_k;
    value["seed"] = options.seed;
  }
  if (!options.stop_strings.empty()) value["stop_strings"] = options.stop_strings;
  return value;
}

}  // namespace

std::string caption_settings_json(const CaptionerSource& captioner, const CaptionRunOptions& options) {
  if (!captioner.facts.needs_frames) return "{}";
  const captions::FrameChoice& choice = options.choice;
  Json frames = {{"per_scene", choice.frames}, {"policy", captions::frame_policy_name(choice.policy)}};
  if (choice.policy == captions::FramePolicy::kFps) frames["fps"] = choice.fps;
  frames["short_side_px"] = options.short_side_px;
  Json context = Json::array();
  if (options.context.has_speech) context.push_back("speech");
  if (options.context.has_objects) context.push_back("objects");
  if (options.context.has_sounds) context.push_back("sounds");
  Json own = Json::parse(captioner.settings_json, nullptr, false);
  if (!own.is_object()) own = Json::object();
  const Json settings = {{"frames", std::move(frames)},
                         {"context", std::move(context)},
                         {"captioner", std::move(own)},
                         {"generation", generation_value(options.generation)}};
  return settings.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace cinescribe::pipeline
