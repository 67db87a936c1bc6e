#include "cinescribe/captions/gguf_scene.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "cinescribe/captions/frame_thinning.h"
#include "cinescribe/captions/frame_words.h"
#include "cinescribe/captions/suspect.h"

namespace cinescribe::captions {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

Error beyond_context(const GgufModel& model, const CaptionRequest& request, const PreparedScene& scene) {
  const auto length = static_cast<std::int64_t>(scene.prompt.ids.size());
  return {ErrorCode::kInput,
          "cannot describe scene " + std::to_string(request.id) + ": its prompt has " + std::to_string(length) +
              " tokens (" + std::to_string(scene.prompt.image_tokens) + " for " + std::to_string(scene.frames) +
              " frames) and " + std::to_string(scene.most_tokens - length) +
              " new ones may follow, the model was trained on " + std::to_string(model.trained_context) +
              "; take fewer frames or new tokens, --detail low, or --on-overflow fewer-frames"};
}

CaptionRequest with_fewer_frames(const CaptionRequest& request, std::size_t kept) {
  CaptionRequest fewer = request;
  fewer.frames.clear();
  fewer.frame_times.clear();
  for (std::size_t i = 0; i < kept; ++i) {
    const std::size_t from = kept_frame(i, request.frames.size(), kept);
    fewer.frames.push_back(request.frames[from]);
    if (!request.frame_times.empty()) fewer.frame_times.push_back(request.frame_times[from]);
  }
  return fewer;
}

Status measure_prompt(const GgufModel& model, const CaptionRequest& request, PreparedScene& scene) {
  CINESCRIBE_ASSIGN(scene.prompt, make_gguf_prompt(model, request));
  const auto length = static_cast<std::int64_t>(scene.prompt.ids.size());
  CINESCRIBE_ASSIGN(const std::int64_t new_tokens, language::max_new_tokens_of(scene.generation, length));
  scene.frames = static_cast<int>(request.frames.size());
  scene.cells = length + new_tokens * scene.sequences;
  scene.most_tokens = length + new_tokens;
  scene.is_over_context = scene.most_tokens > model.trained_context;
  return {};
}

}  // namespace

Result<PreparedScene> prepare_scene(const GgufModel& model, OverflowRule on_overflow, CaptionRequest request) {
  const auto begin = Clock::now();
  PreparedScene scene;
  scene.id = request.id;
  scene.generation = request.generation;
  if (scene.generation.eos_ids.empty()) scene.generation.eos_ids = model.end_ids;
  CINESCRIBE_TRY(language::check_generation_options(scene.generation));
  scene.sequences = language::rows_of(scene.generation);
  CINESCRIBE_TRY(measure_prompt(model, request, scene));
  const bool may_thin = on_overflow == OverflowRule::kFewerFrames && !request.is_raw_prompt;
  for (std::size_t kept = request.frames.size(); scene.is_over_context && may_thin && kept > 1;) {
    CINESCRIBE_TRY(measure_prompt(model, with_fewer_frames(request, --kept), scene));
  }
  // Learned positions end with the trained context; rotary ones go on.
  const bool must_fit =
      on_overflow == OverflowRule::kRefuse || llama_model_rope_type(model.language.get()) == LLAMA_ROPE_TYPE_NONE;
  if (scene.is_over_context && must_fit) return beyond_context(model, request, scene);
  scene.timings.preprocess_seconds = seconds_since(begin);
  return scene;
}

Result<std::unique_ptr<RunningScene>> RunningScene::create(const GgufModel& model, PreparedScene scene,
                                                           std::vector<int> sequences) {
  std::unique_ptr<RunningScene> running(new RunningScene(model, std::move(scene), std::move(sequences)));
  const auto detokenize = [&model](std::span<const text::TokenId> ids) {
    return text_of_tokens(model, {ids.begin(), ids.end()});
  };
  CINESCRIBE_ASSIGN(running->search_, language::Search::create(running->scene_.generation, running->scene_.prompt.ids,
                                                               model.vocabulary, detokenize));
  return running;
}

Status RunningScene::read(GgufContext& context, const std::stop_token& stop) {
  const auto begin = Clock::now();
  std::vector<float> logits;
  CINESCRIBE_TRY(context.read(scene_.prompt, std::move(scene_.rows), all_.front(), logits, position_, stop));
  scene_.rows.clear();
  scene_.prompt.chunks.reset();  // holds the pictures
  scene_.timings.prefill_seconds = seconds_since(begin);
  rows_ = {all_.front()};
  spare_.assign(all_.begin() + 1, all_.end());
  const std::span<const float> row(logits);
  return search_->advance({&row, 1});
}

void RunningScene::add_rows(GgufContext& context, std::vector<GgufRow>& rows) {
  const std::span<const language::NextRow> next = search_->next_rows();
  bool is_in_place = next.size() == rows_.size();
  for (std::size_t i = 0; is_in_place && i < next.size(); ++i) is_in_place = next[i].parent == static_cast<int>(i);
  if (!is_in_place) {
    std::vector<int> moved;
    for (const language::NextRow& row : next) {
      const int to = spare_.back();
      spare_.pop_back();
      context.copy(rows_[static_cast<std::size_t>(row.parent)], to);
      moved.push_back(to);
    }
    for (const int sequence : rows_) context.clear(sequence);
    spare_.insert(spare_.end(), rows_.begin(), rows_.end());
    rows_ = std::move(moved);
  }
  for (std::size_t i = 0; i < next.size(); ++i) rows.push_back({next[i].token, position_, rows_[i]});
}

Status RunningScene::take(std::span<const float> logits, double seconds) {
  ++position_;
  scene_.timings.decode_seconds += seconds;
  const auto width = static_cast<std::size_t>(model_.vocabulary);
  std::vector<std::span<const float>> rows;
  for (std::size_t at = 0; at < logits.size(); at += width) rows.push_back(logits.subspan(at, width));
  return search_->advance(rows);
}

Caption RunningScene::caption() const {
  Caption caption;
  caption.sequences = search_->sequences();
  for (const language::Sequence& sequence : caption.sequences) {
    caption.sequence_texts.push_back(without_reasoning(text_of_tokens(model_, sequence.ids)));
    caption.new_tokens += static_cast<int>(sequence.ids.size());
  }
  if (!caption.sequence_texts.empty()) caption.text = caption.sequence_texts.front();
  caption.suspect = suspect_reason(caption.text);
  caption.is_over_context = scene_.is_over_context;
  caption.prompt_tokens = static_cast<int>(scene_.prompt.ids.size());
  caption.image_tokens = scene_.prompt.image_tokens;
  caption.frames_used = scene_.frames;
  caption.timings = scene_.timings;
  return caption;
}

}  // namespace cinescribe::captions
