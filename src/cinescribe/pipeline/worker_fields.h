#pragma once

#include <type_traits>

#include "cinescribe/pipeline/wire_fields.h"
#include "cinescribe/pipeline/worker_messages.h"

/// The members of what travels between the main process and a captioner's, for pipeline/wire_fields.h. They are named
/// through structured bindings: one more or fewer does not compile, and then belongs here.
namespace cinescribe {

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

}  // namespace pipeline
}  // namespace cinescribe
