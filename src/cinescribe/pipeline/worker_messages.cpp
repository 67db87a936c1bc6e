#include "cinescribe/pipeline/worker_messages.h"

#include <array>
#include <utility>

#include "cinescribe/pipeline/wire_fields.h"

namespace cinescribe {

// The members of each structure are named through a structured binding: one more or fewer does not compile, and then
// belongs here.

namespace language {

template <typename Value, typename Visit>
requires std::is_same_v<std::remove_const_t<Value>, GenerationOptions>
void visit_fields(Value& value, Visit& visit) {
  auto& [max_new_tokens, max_length, min_new_tokens, min_length, num_beams, num_return_sequences, length_penalty,
         early_stopping, repetition_penalty, no_repeat_ngram_size, do_sample, temperature, top_p, top_k, seed, eos_ids,
         pad_id, stop_strings] = value;
  visit("max_new_tokens", max_new_tokens);
  visit("max_length", max_length);
  visit("min_new_tokens", min_new_tokens);
  visit("min_length", min_length);
  visit("num_beams", num_beams);
  visit("num_return_sequences", num_return_sequences);
  visit("length_penalty", length_penalty);
  visit("early_stopping", early_stopping);
  visit("repetition_penalty", repetition_penalty);
  visit("no_repeat_ngram_size", no_repeat_ngram_size);
  visit("do_sample", do_sample);
  visit("temperature", temperature);
  visit("top_p", top_p);
  visit("top_k", top_k);
  visit("seed", seed);
  visit("eos_ids", eos_ids);
  visit("pad_id", pad_id);
  visit("stop_strings", stop_strings);
}

template <typename Value, typename Visit>
requires std::is_same_v<std::remove_const_t<Value>, Sequence>
void visit_fields(Value& value, Visit& visit) {
  auto& [ids, logprobs, score, finish] = value;
  visit("ids", ids);
  visit("logprobs", logprobs);
  visit("score", score);
  visit("finish", finish);
}

}  // namespace language

template <typename Value, typename Visit>
requires std::is_same_v<std::remove_const_t<Value>, TimeRange>
void visit_fields(Value& value, Visit& visit) {
  visit("start", value.start);
  visit("end", value.end);
}

template <typename Value, typename Visit>
requires std::is_same_v<std::remove_const_t<Value>, Error>
void visit_fields(Value& value, Visit& visit) {
  visit("code", value.code);
  visit("message", value.message);
}

namespace captions {

template <typename Value, typename Visit>
requires std::is_same_v<std::remove_const_t<Value>, VlmOptions>
void visit_fields(Value& value, Visit& visit) {
  auto& [is_offline, device, threads, gpu_layers, batch, kv_type, flash_attention, has_kv_cache, is_low_detail,
         num_crops, on_overflow, is_panorama_reversed, chat_template, is_frame_by_frame, measured_from_bytes,
         is_plain_vision] = value;
  visit("is_offline", is_offline);
  visit("device", device);
  visit("threads", threads);
  visit("gpu_layers", gpu_layers);
  visit("batch", batch);
  visit("kv_type", kv_type);
  visit("flash_attention", flash_attention);
  visit("has_kv_cache", has_kv_cache);
  visit("is_low_detail", is_low_detail);
  visit("num_crops", num_crops);
  visit("on_overflow", on_overflow);
  visit("is_panorama_reversed", is_panorama_reversed);
  visit("chat_template", chat_template);
  visit("is_frame_by_frame", is_frame_by_frame);
  visit("measured_from_bytes", measured_from_bytes);
  visit("is_plain_vision", is_plain_vision);
}

template <typename Value, typename Visit>
requires std::is_same_v<std::remove_const_t<Value>, SeenThing>
void visit_fields(Value& value, Visit& visit) {
  auto& [label, count, seconds, screen_share] = value;
  visit("label", label);
  visit("count", count);
  visit("seconds", seconds);
  visit("screen_share", screen_share);
}

template <typename Value, typename Visit>
requires std::is_same_v<std::remove_const_t<Value>, HeardSound>
void visit_fields(Value& value, Visit& visit) {
  auto& [label, score] = value;
  visit("label", label);
  visit("score", score);
}

template <typename Value, typename Visit>
requires std::is_same_v<std::remove_const_t<Value>, SceneContext>
void visit_fields(Value& value, Visit& visit) {
  auto& [range, speech, objects, sounds] = value;
  visit("range", range);
  visit("speech", speech);
  visit("objects", objects);
  visit("sounds", sounds);
}

template <typename Value, typename Visit>
requires std::is_same_v<std::remove_const_t<Value>, CaptionRequest>
void visit_fields(Value& value, Visit& visit) {
  auto& [id, frames, frame_times, prompt, is_raw_prompt, context, generation] = value;
  visit("id", id);
  (void)frames;  // their sizes and pixels come by themselves
  visit("frame_times", frame_times);
  visit("prompt", prompt);
  visit("is_raw_prompt", is_raw_prompt);
  visit("context", context);
  visit("generation", generation);
}

template <typename Value, typename Visit>
requires std::is_same_v<std::remove_const_t<Value>, CaptionTimings>
void visit_fields(Value& value, Visit& visit) {
  auto& [preprocess_seconds, encode_seconds, prefill_seconds, decode_seconds] = value;
  visit("preprocess_seconds", preprocess_seconds);
  visit("encode_seconds", encode_seconds);
  visit("prefill_seconds", prefill_seconds);
  visit("decode_seconds", decode_seconds);
}

template <typename Value, typename Visit>
requires std::is_same_v<std::remove_const_t<Value>, Caption>
void visit_fields(Value& value, Visit& visit) {
  auto& [text, sequences, sequence_texts, prompt_tokens, image_tokens, new_tokens, is_over_context, frames_used,
         suspect, timings] = value;
  visit("text", text);
  visit("sequences", sequences);
  visit("sequence_texts", sequence_texts);
  visit("prompt_tokens", prompt_tokens);
  visit("image_tokens", image_tokens);
  visit("new_tokens", new_tokens);
  visit("is_over_context", is_over_context);
  visit("frames_used", frames_used);
  visit("suspect", suspect);
  visit("timings", timings);
}

template <typename Value, typename Visit>
requires std::is_same_v<std::remove_const_t<Value>, CaptionerFacts>
void visit_fields(Value& value, Visit& visit) {
  auto& [name, family, type, checksum, is_synthetic, needs_frames] = value;
  visit("name", name);
  visit("family", family);
  visit("type", type);
  visit("checksum", checksum);
  visit("is_synthetic", is_synthetic);
  visit("needs_frames", needs_frames);
}

template <typename Value, typename Visit>
requires std::is_same_v<std::remove_const_t<Value>, CaptionerWork>
void visit_fields(Value& value, Visit& visit) {
  auto& [prompt_tokens, shared_prefix_tokens] = value;
  visit("prompt_tokens", prompt_tokens);
  visit("shared_prefix_tokens", shared_prefix_tokens);
}

template <typename Value, typename Visit>
requires std::is_same_v<std::remove_const_t<Value>, CaptionerForecast>
void visit_fields(Value& value, Visit& visit) {
  auto& [prompt_tokens, image_tokens, new_tokens, weight_bytes, cache_bytes, free_bytes, seconds_per_scene] = value;
  visit("prompt_tokens", prompt_tokens);
  visit("image_tokens", image_tokens);
  visit("new_tokens", new_tokens);
  visit("weight_bytes", weight_bytes);
  visit("cache_bytes", cache_bytes);
  visit("free_bytes", free_bytes);
  visit("seconds_per_scene", seconds_per_scene);
}

}  // namespace captions

namespace pipeline {

template <typename Value, typename Visit>
requires std::is_same_v<std::remove_const_t<Value>, WorkerOrder>
void visit_fields(Value& value, Visit& visit) {
  auto& [name, options, may_be_synthetic, checksum] = value;
  visit("name", name);
  visit("options", options);
  visit("may_be_synthetic", may_be_synthetic);
  visit("checksum", checksum);
}

template <>
constexpr int last_of<ErrorCode>() {
  return static_cast<int>(ErrorCode::kInternal);
}
template <>
constexpr int last_of<LogLevel>() {
  return static_cast<int>(LogLevel::kError);
}
template <>
constexpr int last_of<language::EarlyStopping>() {
  return static_cast<int>(language::EarlyStopping::kNever);
}
template <>
constexpr int last_of<language::FinishReason>() {
  return static_cast<int>(language::FinishReason::kStopString);
}
template <>
constexpr int last_of<language::KvType>() {
  return static_cast<int>(language::KvType::kQ80);
}
template <>
constexpr int last_of<language::FlashAttention>() {
  return static_cast<int>(language::FlashAttention::kOff);
}
template <>
constexpr int last_of<captions::OverflowRule>() {
  return static_cast<int>(captions::OverflowRule::kFewerFrames);
}

namespace {

using Json = WireJson;

constexpr std::array<const char*, 8> kSaid = {"hello", "loaded", "forecast", "next", "done", "ended", "alive", "log"};
constexpr std::array<const char*, 5> kTold = {"load", "forecast", "run", "scene", "end"};

/// The size of a picture that travels.
struct Size {
  int width = 0;
  int height = 0;
  int channels = 0;
};

template <typename Value, typename Visit>
requires std::is_same_v<std::remove_const_t<Value>, Size>
void visit_fields(Value& value, Visit& visit) {
  visit("width", value.width);
  visit("height", value.height);
  visit("channels", value.channels);
}

constexpr int kLongestSide = 1 << 16;

Error no_message(const std::string& what) { return {ErrorCode::kInternal, "it sent a message " + what}; }

template <std::size_t count>
std::optional<std::size_t> kind_of(const Json& object, const std::array<const char*, count>& names) {
  const auto found = object.is_object() ? object.find("type") : object.end();
  if (!object.is_object() || found == object.end() || !found->is_string()) return std::nullopt;
  for (std::size_t i = 0; i < count; ++i) {
    if (*found == names.at(i)) return i;
  }
  return std::nullopt;
}

template <typename T>
Status read_under(const Json& object, const char* key, T& value) {
  FieldReader reader(object);
  reader(key, value);
  return reader.is_good() ? Status() : Status(no_message(std::string("without a good '") + key + "'"));
}

/// An optional error under "error": an outcome or a status.
Status read_error(const Json& object, std::optional<Error>& error) { return read_under(object, "error", error); }

Status read_outcome(const Json& object, captions::CaptionOutcome& outcome) {
  std::optional<Error> error;
  CINESCRIBE_TRY(read_under(object, "id", outcome.id));
  CINESCRIBE_TRY(read_error(object, error));
  if (error) {
    outcome.caption = *std::move(error);
    return {};
  }
  captions::Caption caption;
  CINESCRIBE_TRY(read_under(object, "caption", caption));
  outcome.caption = std::move(caption);
  return {};
}

std::optional<Error> error_of(const Status& status) {
  return status.ok() ? std::nullopt : std::optional<Error>(status.error());
}

/// Pictures of the sizes told, with the pixels where there are any.
Status read_pictures(const std::vector<Size>& sizes, const WireMessage& message, bool has_pixels,
                     std::vector<Image>& pictures) {
  std::uint64_t bytes = 0;
  for (const Size& size : sizes) {
    const bool is_good = size.width > 0 && size.width <= kLongestSide && size.height > 0 &&
                         size.height <= kLongestSide && (size.channels == 1 || size.channels == 3);
    if (!is_good) return no_message("with a picture of no size");
    bytes += static_cast<std::uint64_t>(size.width) * static_cast<std::uint64_t>(size.height) *
             static_cast<std::uint64_t>(size.channels);
  }
  if (has_pixels && bytes != message.bytes.size()) return no_message("whose pictures have another size than it says");
  auto from = message.bytes.begin();
  for (const Size& size : sizes) {
    Image picture(size.width, size.height, size.channels);
    if (has_pixels) {
      const auto to = from + static_cast<std::ptrdiff_t>(picture.pixels.size());
      std::copy(from, to, picture.pixels.begin());
      from = to;
    }
    pictures.push_back(std::move(picture));
  }
  return {};
}

}  // namespace

std::string worker_says(const WorkerWords& words) {
  FieldWriter writer;
  writer("type", std::string(kSaid.at(static_cast<std::size_t>(words.says))));
  switch (words.says) {
    case WorkerSays::kHello:
      writer("protocol", words.protocol);
      break;
    case WorkerSays::kLoaded:
      writer("facts", words.facts);
      break;
    case WorkerSays::kForecast:
      writer("forecast", words.forecast);
      break;
    case WorkerSays::kNext:
      break;
    case WorkerSays::kDone:
      writer("id", words.outcome.id);
      writer("error", error_of(words.outcome.caption.status()));
      if (words.outcome.caption.ok()) writer("caption", *words.outcome.caption);
      break;
    case WorkerSays::kEnded:
      writer("error", error_of(words.status));
      writer("work", words.work);
      break;
    case WorkerSays::kAlive:
      writer("steps", words.steps);
      writer("cpu_seconds", words.cpu_seconds);
      break;
    case WorkerSays::kLog:
      writer("level", words.level);
      writer("text", words.text);
      break;
  }
  return writer.take().dump();
}

Result<WorkerWords> parse_worker_words(const std::string& text) {
  const Json object = Json::parse(text, nullptr, false);
  const auto kind = kind_of(object, kSaid);
  if (!kind) return no_message("of no known type");
  WorkerWords words;
  words.says = static_cast<WorkerSays>(*kind);
  std::optional<Error> error;
  switch (words.says) {
    case WorkerSays::kHello:
      CINESCRIBE_TRY(read_under(object, "protocol", words.protocol));
      break;
    case WorkerSays::kLoaded:
      CINESCRIBE_TRY(read_under(object, "facts", words.facts));
      break;
    case WorkerSays::kForecast:
      CINESCRIBE_TRY(read_under(object, "forecast", words.forecast));
      break;
    case WorkerSays::kNext:
      break;
    case WorkerSays::kDone:
      CINESCRIBE_TRY(read_outcome(object, words.outcome));
      break;
    case WorkerSays::kEnded:
      CINESCRIBE_TRY(read_error(object, error));
      if (error) words.status = *std::move(error);
      CINESCRIBE_TRY(read_under(object, "work", words.work));
      break;
    case WorkerSays::kAlive:
      CINESCRIBE_TRY(read_under(object, "steps", words.steps));
      CINESCRIBE_TRY(read_under(object, "cpu_seconds", words.cpu_seconds));
      break;
    case WorkerSays::kLog:
      CINESCRIBE_TRY(read_under(object, "level", words.level));
      CINESCRIBE_TRY(read_under(object, "text", words.text));
      break;
  }
  return words;
}

std::string worker_task(const WorkerTask& task) {
  FieldWriter writer;
  writer("type", std::string(kTold.at(static_cast<std::size_t>(task.told))));
  if (task.told == WorkerTold::kLoad) {
    writer("protocol", kWorkerProtocol);
    writer("order", task.order);
  }
  if (task.told == WorkerTold::kScene || task.told == WorkerTold::kForecast) {
    std::vector<Size> sizes;
    for (const Image& picture : task.scene.frames) sizes.push_back({picture.width, picture.height, picture.channels});
    writer("scene", task.scene);
    writer("pictures", sizes);
    writer("scenes", task.scenes);
  }
  return writer.take().dump();
}

std::vector<std::span<const std::uint8_t>> pixels_of(const captions::CaptionRequest& scene) {
  std::vector<std::span<const std::uint8_t>> parts;
  for (const Image& picture : scene.frames) parts.emplace_back(picture.pixels);
  return parts;
}

Result<WorkerTask> parse_worker_task(const WireMessage& message) {
  const Json object = Json::parse(message.text, nullptr, false);
  const auto kind = kind_of(object, kTold);
  if (!kind) return no_message("of no known type");
  WorkerTask task;
  task.told = static_cast<WorkerTold>(*kind);
  const bool has_pixels = task.told == WorkerTold::kScene;
  if (!has_pixels && !message.bytes.empty()) return no_message("with bytes that belong to nothing");
  if (task.told == WorkerTold::kLoad) {
    int protocol = 0;
    CINESCRIBE_TRY(read_under(object, "protocol", protocol));
    if (protocol != kWorkerProtocol) return no_message("of another version of this program");
    CINESCRIBE_TRY(read_under(object, "order", task.order));
  }
  if (has_pixels || task.told == WorkerTold::kForecast) {
    std::vector<Size> sizes;
    CINESCRIBE_TRY(read_under(object, "scene", task.scene));
    CINESCRIBE_TRY(read_under(object, "pictures", sizes));
    CINESCRIBE_TRY(read_under(object, "scenes", task.scenes));
    CINESCRIBE_TRY(read_pictures(sizes, message, has_pixels, task.scene.frames));
  }
  return task;
}

}  // namespace pipeline
}  // namespace cinescribe
