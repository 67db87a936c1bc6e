#include "cinescribe/speech/whisper_decoder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "cinescribe/core/audio.h"
#include "cinescribe/speech/speech_window.h"

namespace cinescribe::speech {

namespace {

/// Shorter windows are filled up with silence: the alignment filter of whisper.cpp aborts on a few frames.
constexpr std::size_t kFewestSamples = kAudioRateHz;

bool ask(void* check) { return (*static_cast<const StopCheck*>(check))(); }

Error stopped() { return {ErrorCode::kInterrupted, "the transcription was stopped"}; }

}  // namespace

Result<std::unique_ptr<WhisperDecoder>> WhisperDecoder::create(std::shared_ptr<const WhisperModel> model) {
  WhisperState state(whisper_init_state(model->context()));
  if (!state) {
    return Error{ErrorCode::kResource,
                 "not enough memory to transcribe with another thread; use fewer --threads or a smaller model"};
  }
  return std::unique_ptr<WhisperDecoder>(new WhisperDecoder(std::move(model), std::move(state)));
}

Result<Language> WhisperDecoder::detect_language(std::span<const float> samples, const StopCheck& should_stop) {
  if (!model_->is_multilingual()) return Language{"en", 1.0};
  // Only the mel spectrogram and the context's length are prepared by this call.
  whisper_full_params params = whisper_full_default_params(WHISPER_SAMPLING_GREEDY);
  params.print_progress = false;
  params.n_threads = 1;  // threads of one graph spin while they wait for each other
  params.language = "en";
  params.audio_ctx = attempt_ladder(samples.size(), {}).front().audio_ctx;
  params.duration_ms = 100;  // as much as it takes for a pass that begins, and ends before the encoder
  std::vector<float> padded(samples.begin(), samples.end());
  padded.resize(std::max(padded.size(), kFewestSamples), 0.0F);
  if (whisper_full_with_state(model_->context(), state_.get(), params, padded.data(),
                              static_cast<int>(padded.size())) != 0) {
    return Error{ErrorCode::kInternal, "cannot prepare the sound for the language detection"};
  }
  std::vector<float> probabilities(static_cast<std::size_t>(whisper_lang_max_id()) + 1, 0.0F);
  const int best = whisper_lang_auto_detect_with_state(model_->context(), state_.get(), 0, 1, probabilities.data());
  if (should_stop()) return stopped();
  if (best < 0) return Error{ErrorCode::kInternal, "the language detection failed"};
  return Language{whisper_lang_str(best), static_cast<double>(probabilities[static_cast<std::size_t>(best)])};
}

Result<DecodedWindow> WhisperDecoder::decode(std::span<const float> samples, const std::string& language,
                                             const TranscriptionOptions& options, const StopCheck& should_stop) {
  std::vector<float> padded(samples.begin(), samples.end());
  padded.resize(std::clamp(padded.size(), kFewestSamples, static_cast<std::size_t>(kWindowSeconds * kAudioRateHz)));
  std::optional<DecodedWindow> best;
  for (const Attempt& step : attempt_ladder(padded.size(), options)) {
    CINESCRIBE_ASSIGN(DecodedWindow found, attempt(padded, language, options, step, should_stop));
    const bool is_fine = !is_doubtful(found.figures, options);
    if (!best || is_fine || is_better_attempt(found, *best, options)) best = std::move(found);
    if (is_fine) break;
  }
  if (is_silence(best->figures, options)) best->tokens.clear();
  return std::move(*best);
}

Result<DecodedWindow> WhisperDecoder::attempt(std::span<const float> samples, const std::string& language,
                                              const TranscriptionOptions& options, const Attempt& attempt,
                                              const StopCheck& should_stop) {
  if (should_stop()) return stopped();
  const bool has_beams = options.beam_size > 1 && attempt.temperature <= 0.0;  // above 0, draws are compared instead
  whisper_full_params params =
      whisper_full_default_params(has_beams ? WHISPER_SAMPLING_BEAM_SEARCH : WHISPER_SAMPLING_GREEDY);
  params.print_progress = false;
  params.print_timestamps = false;
  params.n_threads = 1;  // threads of one graph spin while they wait for each other
  params.no_context = true;
  params.single_segment = true;  // one pass over the window; the segments are made from the tokens here
  params.token_timestamps = model_->word_times() == WordTimes::kFast;
  params.no_timestamps = !options.use_time_marks && !params.token_timestamps;
  params.audio_ctx = attempt.audio_ctx;
  params.language = language.c_str();
  params.translate = options.translate;
  params.initial_prompt = options.initial_prompt.empty() ? nullptr : options.initial_prompt.c_str();
  params.suppress_nst = true;  // brackets, notes and the like, as the reference does
  params.temperature = static_cast<float>(attempt.temperature);
  params.temperature_inc = 0.0F;  // the ladder is climbed here, where the compression ratio is known
  params.greedy.best_of = attempt.temperature > 0.0 ? options.best_of : 1;
  params.beam_search.beam_size = options.beam_size;
  // What these would drop is judged here.
  params.no_speech_thold = 1.0F;
  params.logprob_thold = -1e9F;
  params.entropy_thold = 0.0F;
  // A pass that ends in a loop would go on with the rest of the window: one pass is enough to judge it.
  int passes = 0;
  params.encoder_begin_callback = [](whisper_context*, whisper_state*, void* count) {
    return ++*static_cast<int*>(count) == 1;
  };
  params.encoder_begin_callback_user_data = &passes;
  params.abort_callback = ask;
  params.abort_callback_user_data = const_cast<StopCheck*>(&should_stop);  // only called

  const int code = whisper_full_with_state(model_->context(), state_.get(), params, samples.data(),
                                           static_cast<int>(samples.size()));
  if (code == -7) {
    // The library has freed the state when it says that the memory for more beams is missing.
    static_cast<void>(state_.release());
    return Error{ErrorCode::kResource, "not enough memory for so many beams; use a smaller --beam-size"};
  }
  if (should_stop()) return stopped();
  if (code != 0) {
    return Error{ErrorCode::kInternal, "whisper.cpp failed on a window of sound (code " + std::to_string(code) + ")"};
  }
  DecodedWindow result = read_result();
  result.figures.no_speech_prob = no_speech_probability();
  result.temperature = attempt.temperature;
  return result;
}

double WhisperDecoder::no_speech_probability() {
  // Whisper's own figure is what the model expects after the very first token. The library looks at a row of logits
  // that it has not computed; one more step of the decoder over the encoded window gives the right one.
  whisper_context* context = model_->context();
  const whisper_token start = whisper_token_sot(context);
  if (whisper_decode_with_state(context, state_.get(), &start, 1, 0, 1) != 0) return 0.0;
  const std::span<const float> logits(whisper_get_logits_from_state(state_.get()),
                                      static_cast<std::size_t>(whisper_n_vocab(context)));
  const double highest = static_cast<double>(*std::max_element(logits.begin(), logits.end()));
  double sum = 0.0;
  for (const float logit : logits) sum += std::exp(static_cast<double>(logit) - highest);
  const auto no_speech = static_cast<std::size_t>(whisper_token_nosp(context));
  return std::exp(static_cast<double>(logits[no_speech]) - highest) / sum;
}

DecodedWindow WhisperDecoder::read_result() const {
  whisper_context* context = model_->context();
  whisper_state* state = state_.get();
  const whisper_token end_of_text = whisper_token_eot(context);
  const whisper_token first_mark = whisper_token_beg(context);
  DecodedWindow window;
  std::string text;
  double log_sum = 0.0;
  double aligned_until = 0.0;
  int count = 0;
  for (int s = 0; s < whisper_full_n_segments_from_state(state); ++s) {
    for (int i = 0; i < whisper_full_n_tokens_from_state(state, s); ++i) {
      const whisper_token_data data = whisper_full_get_token_data_from_state(state, s, i);
      log_sum += static_cast<double>(data.plog);
      ++count;
      DecodedToken token;
      token.id = data.id;
      token.probability = static_cast<double>(data.p);
      if (data.id >= first_mark) {
        token.is_timestamp = true;
        token.begin_seconds = (data.id - first_mark) / kPositionsPerSecond;
      } else if (data.id < end_of_text) {
        token.bytes = whisper_full_get_token_text_from_state(context, state, s, i);
        if (model_->word_times() == WordTimes::kExact && data.t_dtw >= 0) {
          // The library notes when the decoder's attention leaves the token; it came there from the one before.
          token.begin_seconds = aligned_until;
          aligned_until = std::max(aligned_until, static_cast<double>(data.t_dtw) / 100.0);
          token.end_seconds = aligned_until;
        } else if (model_->word_times() == WordTimes::kFast && data.t0 >= 0) {
          token.begin_seconds = static_cast<double>(data.t0) / 100.0;
          token.end_seconds = static_cast<double>(std::max(data.t0, data.t1)) / 100.0;
        }
        text += token.bytes;
      } else {
        continue;
      }
      window.tokens.push_back(std::move(token));
    }
  }
  window.figures.avg_logprob = count == 0 ? 0.0 : log_sum / count;
  window.figures.compression_ratio = compression_ratio(text);
  return window;
}

}  // namespace cinescribe::speech
