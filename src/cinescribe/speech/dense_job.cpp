#include "cinescribe/speech/dense_job.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "cinescribe/core/audio.h"
#include "cinescribe/speech/token_alignment.h"
#include "cinescribe/speech/whisper_handles.h"

namespace cinescribe::speech {

namespace {

/// Shorter windows are filled up with silence, as for whisper.cpp.
constexpr std::size_t kFewestSamples = kAudioRateHz;
constexpr auto kMostSamples = static_cast<std::size_t>(kWindowSeconds * kAudioRateHz);
constexpr std::size_t kSamplesPerPosition = 320;
constexpr double kSecondsPerPosition = 1.0 / kPositionsPerSecond;

/// softmax(logits)[index].
double probability_of(const DenseKernels& kernels, std::span<const float> logits, std::size_t index) {
  float largest = 0.0F;
  double sum = 0.0;
  kernels.log_sum_parts(logits.data(), logits.size(), &largest, &sum);
  return std::exp(static_cast<double>(logits[index] - largest)) / sum;
}

}  // namespace

DenseContext::DenseContext(std::shared_ptr<const DenseWhisper> weights, std::vector<tensor::AlignmentHead> heads)
    : model(std::move(weights)),
      alignment_heads(std::move(heads)),
      rules(model->vocabulary, model->shape.n_vocab),
      text(model->vocabulary, rules.ids().end_of_text) {}

DenseJob::DenseJob(const DenseContext& context, WindowJob job, EncodedSound sound)
    : context_(context), job_(std::move(job)), samples_(job_.window->samples), sound_(std::move(sound)) {
  samples_.resize(std::clamp(samples_.size(), kFewestSamples, kMostSamples));
  ladder_ = attempt_ladder(samples_.size(), *job_.options);
  sound_.positions = 0;
}

Status DenseJob::start(DenseEncoder& encoder) {
  const auto positions = static_cast<std::size_t>(ladder_[attempt_].audio_ctx);
  if (sound_.positions != positions) {
    CINESCRIBE_TRY(encoder.encode(samples_, positions, job_.should_stop, sound_));
  }
  const double temperature = ladder_[attempt_].temperature;
  SearchOptions options;
  options.beams = static_cast<std::size_t>(job_.options->beam_size);
  options.candidates = static_cast<std::size_t>(job_.options->best_of);
  options.temperature = temperature;
  options.has_marks = job_.options->use_time_marks;
  options.seed = static_cast<std::uint32_t>(attempt_);
  if (job_.language.empty() && context_.rules.ids().languages == 0) job_.language = "en";
  stage_ = job_.language.empty() ? Stage::kLanguage : Stage::kPrompt;
  if (stage_ == Stage::kPrompt) write_prompt();
  const std::size_t room = static_cast<std::size_t>(context_.model->shape.n_text_ctx);
  // Half of the text context is for the prompt, the rest for the text.
  options.most_tokens = room / 2 - 8;
  const std::size_t slots = temperature > 0.0 ? options.candidates : options.beams;
  cache_.emplace(context_.model->text_blocks.size(), context_.model->state(), slots, context_.alignment_heads.size());
  search_.emplace(*context_.model->kernels, context_.rules, options);
  return {};
}

void DenseJob::write_prompt() {
  const TokenIds& ids = context_.rules.ids();
  prompt_.clear();
  if (!job_.options->initial_prompt.empty()) {
    std::vector<int> before = context_.text.tokenise(" " + job_.options->initial_prompt);
    const std::size_t most = static_cast<std::size_t>(context_.model->shape.n_text_ctx) / 2 - 1;
    if (before.size() > most) before.erase(before.begin(), before.end() - static_cast<std::ptrdiff_t>(most));
    prompt_.push_back(ids.previous);
    prompt_.insert(prompt_.end(), before.begin(), before.end());
  }
  start_position_ = prompt_.size();
  prompt_.push_back(ids.start);
  if (ids.languages > 0) {
    prompt_.push_back(ids.first_language + std::clamp(whisper_lang_id(job_.language.c_str()), 0, ids.languages - 1));
    prompt_.push_back(job_.options->translate ? ids.translate : ids.transcribe);
  }
  if (!job_.options->use_time_marks) prompt_.push_back(ids.no_marks);
}

std::size_t DenseJob::append_rows(std::vector<TextRow>& rows) {
  TextRow row;
  row.cache = &*cache_;
  row.sound = &sound_;
  if (stage_ == Stage::kLanguage) {
    row.token = context_.rules.ids().start;
    row.wants_logits = true;
    rows.push_back(row);
    return 1;
  }
  row.prompt = prompt_.size();
  if (stage_ == Stage::kPrompt) {
    std::size_t wanted = 0;
    for (std::size_t i = 0; i < prompt_.size(); ++i) {
      row.token = prompt_[i];
      row.position = i;
      row.wants_logits = i == start_position_ || i + 1 == prompt_.size();
      if (row.wants_logits) ++wanted;
      rows.push_back(row);
    }
    return wanted;
  }
  if (stage_ == Stage::kEnd) {
    const Hypothesis& text = search_->best();
    row.token = context_.rules.ids().end_of_text;
    row.position = prompt_.size() + text.tokens.size();
    row.path = text.slots;
    rows.push_back(row);
    return 0;
  }
  const std::vector<Hypothesis>& texts = search_->live();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    row.token = texts[i].tokens.back();
    row.position = prompt_.size() + texts[i].tokens.size() - 1;
    row.slot = i;
    row.path = texts[i].slots;
    row.wants_logits = true;
    rows.push_back(row);
  }
  return texts.size();
}

void DenseJob::take(std::span<float> logits) {
  const auto n_vocab = static_cast<std::size_t>(context_.model->shape.n_vocab);
  if (stage_ == Stage::kLanguage) {
    find_language(logits.first(n_vocab));
    write_prompt();
    stage_ = Stage::kPrompt;
    return;
  }
  if (stage_ == Stage::kEnd) {
    finish_attempt();
    return;
  }
  if (stage_ == Stage::kPrompt) {
    // What the model expects after the very first token says whether anybody speaks.
    no_speech_prob_ = probability_of(*context_.model->kernels, logits.first(n_vocab),
                                     static_cast<std::size_t>(context_.rules.ids().no_speech));
    stage_ = Stage::kText;
    search_->advance(logits.last(n_vocab), n_vocab);
  } else {
    search_->advance(logits, n_vocab);
  }
  if (!search_->live().empty()) return;
  // The alignment looks at the end of the text, too; a text that was cut off has none.
  const Hypothesis& text = search_->best();
  const bool has_end = text.slots.size() == text.tokens.size() && !text.tokens.empty();
  if (has_word_times() && has_end) {
    stage_ = Stage::kEnd;
  } else {
    finish_attempt();
  }
}

void DenseJob::find_language(std::span<const float> logits) {
  const TokenIds& ids = context_.rules.ids();
  const auto languages =
      logits.subspan(static_cast<std::size_t>(ids.first_language), static_cast<std::size_t>(ids.languages));
  const auto best = static_cast<std::size_t>(std::max_element(languages.begin(), languages.end()) - languages.begin());
  job_.language = whisper_lang_str(static_cast<int>(best));
  job_.on_language({job_.language, probability_of(*context_.model->kernels, languages, best)});
}

void DenseJob::finish_attempt() {
  DecodedWindow found = result_of(search_->best());
  const bool is_fine = !is_doubtful(found.figures, *job_.options);
  if (!best_ || is_fine || is_better_attempt(found, *best_, *job_.options)) best_ = std::move(found);
  ++attempt_;
  stage_ = is_fine || attempt_ == ladder_.size() ? Stage::kDone : Stage::kStart;
  if (stage_ == Stage::kDone && is_silence(best_->figures, *job_.options)) best_->tokens.clear();
}

DecodedWindow DenseJob::result_of(const Hypothesis& text) {
  const TokenIds& ids = context_.rules.ids();
  DecodedWindow window;
  window.temperature = ladder_[attempt_].temperature;
  window.figures.no_speech_prob = no_speech_prob_;
  std::string bytes;
  double sum = 0.0;
  for (std::size_t i = 0; i < text.tokens.size(); ++i) {
    DecodedToken token;
    token.id = text.tokens[i];
    token.probability = std::exp(static_cast<double>(text.logprobs[i]));
    sum += static_cast<double>(text.logprobs[i]);
    if (token.id >= ids.first_mark) {
      token.is_timestamp = true;
      token.begin_seconds = (token.id - ids.first_mark) * kSecondsPerPosition;
    } else if (static_cast<std::size_t>(token.id) < context_.model->vocabulary.size()) {
      token.bytes = context_.model->vocabulary[static_cast<std::size_t>(token.id)];
    }
    bytes += token.bytes;
    window.tokens.push_back(std::move(token));
  }
  window.figures.avg_logprob = text.tokens.empty() ? 0.0 : sum / static_cast<double>(text.tokens.size());
  window.figures.compression_ratio = compression_ratio(bytes);
  if (has_word_times()) set_times(text, window.tokens);
  return window;
}

void DenseJob::set_times(const Hypothesis& text, std::vector<DecodedToken>& tokens) {
  // Rows of attention by position: the prompt's are in slot 0, the text's along its path. The last token of a text that
  // was cut off has not been read.
  const auto row_at_slot = [&](std::size_t position, std::size_t slot) {
    AttentionRow row;
    for (std::size_t head = 0; head < cache_->heads(); ++head) row.push_back(cache_->attention(position, slot, head));
    return row;
  };
  const auto row_at = [&](std::size_t position) {
    return row_at_slot(position, position < prompt_.size() ? 0 : text.slots[position - prompt_.size()]);
  };
  std::vector<AttentionRow> rows;
  const std::size_t lead = context_.rules.ids().languages > 0 ? 3 : 1;
  for (std::size_t i = 0; i < lead; ++i) rows.push_back(row_at(start_position_ + i));
  std::vector<std::size_t> places;  // of the text tokens
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].is_timestamp) continue;
    places.push_back(i);
    rows.push_back(row_at(prompt_.size() + i - 1));
  }
  if (places.empty()) return;
  const bool is_read = places.back() < text.slots.size();
  if (is_read) rows.push_back(row_at(prompt_.size() + places.back()));
  // The row of the end-of-text token, as in the reference.
  const std::size_t trail = stage_ == Stage::kEnd ? 1 : 0;
  if (trail > 0) rows.push_back(row_at_slot(prompt_.size() + tokens.size(), 0));
  const std::size_t positions = std::min(sound_.positions, samples_.size() / kSamplesPerPosition);
  const auto leaves = align_tokens(*context_.model->kernels, rows, lead, trail, positions);
  double until = 0.0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    DecodedToken& token = tokens[places[i]];
    token.begin_seconds = until;
    if (i < leaves.size()) {
      until = std::max(until, static_cast<double>(leaves[i]) * kSecondsPerPosition);
      token.end_seconds = until;
    }
  }
}

void DenseJob::deliver(Status status) {
  if (status.ok() && best_) {
    job_.on_done(std::move(*best_));
  } else {
    job_.on_done(status.ok() ? Error{ErrorCode::kInternal, "a window of sound has no text"} : status.error());
  }
}

}  // namespace cinescribe::speech
