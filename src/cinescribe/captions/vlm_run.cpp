#include "cinescribe/captions/vlm_run.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <utility>

#include "cinescribe/captions/suspect.h"
#include "cinescribe/core/log.h"

namespace cinescribe::captions {

namespace {

/// Pictures that are encoded in one go at most, unless one scene has more.
constexpr std::size_t kPicturesAhead = 8;

std::string joined_texts(const std::vector<std::string>& texts) {
  std::string all;
  const std::string* last = nullptr;
  for (const std::string& text : texts) {
    if (text.empty() || (last != nullptr && *last == text)) continue;
    all += (all.empty() ? "" : " ") + text;
    last = &text;
  }
  return all;
}

}  // namespace

VlmRun::VlmRun(VlmModel& model, const VlmOptions& options, const std::function<std::optional<CaptionRequest>()>& next,
               const std::function<void(CaptionOutcome)>& done, const std::stop_token& stop)
    : model_(model), options_(options), next_(next), done_(done), pass_on_(stop, [this] { halt_.request_stop(); }) {}

VlmRun::~VlmRun() {
  halt_.request_stop();
  // A deferred encoding would only now begin.
  if (ahead_.valid() && ahead_.wait_for(std::chrono::seconds(0)) != std::future_status::deferred) ahead_.wait();
}

const CaptionRequest* VlmRun::peek() {
  if (!peeked_ && !is_exhausted_) {
    peeked_ = next_();
    is_exhausted_ = !peeked_.has_value();
  }
  return peeked_ ? &*peeked_ : nullptr;
}

std::optional<CaptionRequest> VlmRun::pull() {
  if (peek() == nullptr) return std::nullopt;
  return std::exchange(peeked_, std::nullopt);
}

std::vector<VlmRun::Part> VlmRun::pull_parts() {
  std::vector<Part> parts;
  std::size_t pictures = 0;
  std::size_t scenes = 0;
  while (pictures < kPicturesAhead && scenes < static_cast<std::size_t>(std::max(1, options_.batch)) &&
         !halt_.stop_requested()) {
    std::optional<CaptionRequest> request = pull();
    if (!request) break;
    const std::int64_t id = request->id;
    Result<ScenePlan> planned =
        plan_scene(model_.card, *model_.tokenizer, *model_.vision, options_, *std::move(request));
    if (!planned.ok()) {
      done_({id, planned.error()});
      continue;
    }
    if (planned->is_over_context && !std::exchange(has_warned_, true)) {
      log(LogLevel::kWarning, "prompt (" + std::to_string(planned->prompt_tokens) + " tokens) and answer (up to " +
                                  std::to_string(planned->new_tokens) + ") go beyond the " +
                                  std::to_string(model_.card.language.context) + " tokens that " + model_.card.name +
                                  " was trained with; its captions may suffer. --detail low or fewer frames help");
    }
    Scene& scene = scenes_[id];
    scene.caption.frames_used = planned->frames_used;
    scene.caption.is_over_context = planned->is_over_context;
    scene.generation = std::move(planned->generation);
    scene.parts_left = planned->parts.size();
    scene.texts.resize(planned->parts.size());
    for (std::size_t i = 0; i < planned->parts.size(); ++i) {
      pictures += planned->parts[i].task.images.size();
      parts.push_back({id, i, std::move(planned->parts[i])});
    }
    ++scenes;
  }
  return parts;
}

/// Has the pictures of the next scenes encoded: on a thread of its own where the model does not run on the CPU, else
/// when they are due, since two engines on the same cores only hinder each other.
void VlmRun::launch() {
  std::vector<Part> parts = pull_parts();
  if (parts.empty()) return;
  const std::launch policy = options_.device == "cpu" ? std::launch::deferred : std::launch::async;
  ahead_ = std::async(policy, [this, parts = std::move(parts)]() mutable { return encode(std::move(parts)); });
}

VlmRun::Encoded VlmRun::encode(std::vector<Part>&& parts) {
  std::vector<VisionTask> tasks;
  tasks.reserve(parts.size());
  for (Part& part : parts) tasks.push_back(std::move(part.part.task));
  Encoded encoded;
  VisionTimings timings;
  auto rows = model_.vision->encode(tasks, timings, halt_.get_token());
  if (rows.ok() && rows->size() == parts.size()) {
    double all_tokens = 0.0;
    for (const Part& part : parts) {
      all_tokens += std::accumulate(part.part.image_tokens.begin(), part.part.image_tokens.end(), 0.0);
    }
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const auto& counts = parts[i].part.image_tokens;
      const double share = std::accumulate(counts.begin(), counts.end(), 0.0) / std::max(1.0, all_tokens);
      encoded.push_back({std::move(parts[i]), std::move((*rows)[i]), timings.preprocess_seconds * share,
                         timings.encode_seconds * share});
    }
    return encoded;
  }
  const Error error = rows.ok() ? Error{ErrorCode::kInternal, "the vision encoder lost a scene"} : rows.error();
  const bool can_be_one_scene = parts.size() > 1 && error.code != ErrorCode::kInterrupted;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!can_be_one_scene) {
      encoded.push_back({std::move(parts[i]), error});
      continue;
    }
    VisionTimings alone;
    auto own = model_.vision->encode({&tasks[i], 1}, alone, halt_.get_token());
    EncodedPart part{std::move(parts[i]), error, alone.preprocess_seconds, alone.encode_seconds};
    if (own.ok() && own->size() == 1) {
      part.rows = std::move(own->front());
    } else if (!own.ok()) {
      part.rows = own.error();
    }
    encoded.push_back(std::move(part));
  }
  return encoded;
}

void VlmRun::collect(Encoded&& encoded) {
  for (EncodedPart& item : encoded) {
    const auto found = scenes_.find(item.part.scene);
    if (found == scenes_.end()) continue;
    Scene& scene = found->second;
    scene.caption.timings.preprocess_seconds += item.preprocess_seconds;
    scene.caption.timings.encode_seconds += item.encode_seconds;
    if (!item.rows.ok()) {
      if (item.rows.error().code != ErrorCode::kInterrupted) fail_part(item.part.scene, item.rows.error());
      continue;
    }
    language::GenerationRequest request;
    request.id = next_generation_id_++;
    for (const ImageRows& rows : *item.rows) scene.caption.image_tokens += rows.tokens;
    request.prompt = assemble_prompt(model_.card, std::move(item.part.part.prompt), *std::move(item.rows));
    scene.caption.prompt_tokens += static_cast<int>(request.prompt.ids.size());
    request.options = scene.generation;
    parts_[request.id] = {item.part.scene, item.part.index};
    ready_.push_back(std::move(request));
  }
}

std::optional<language::GenerationRequest> VlmRun::next_generation() {
  while (ready_.empty()) {
    if (halt_.stop_requested()) return std::nullopt;
    if (!ahead_.valid()) launch();
    if (!ahead_.valid()) {
      if (is_exhausted_) return std::nullopt;
      continue;  // all that was pulled failed
    }
    collect(ahead_.get());
    launch();
  }
  language::GenerationRequest request = std::move(ready_.front());
  ready_.pop_front();
  return request;
}

void VlmRun::fail_part(std::int64_t id, const Error& error) {
  // What does not fit into the machine with the first scene will not fit with the others.
  if (error.code == ErrorCode::kResource && finished_ == 0) {
    if (!fatal_) fatal_ = error;
    halt_.request_stop();
    return;
  }
  Scene& scene = scenes_.at(id);
  if (!scene.error) scene.error = error;
  finish_part(id);
}

void VlmRun::finish_part(std::int64_t id) {
  Scene& scene = scenes_.at(id);
  if (--scene.parts_left > 0) return;
  if (scene.error) {
    done_({id, *scene.error});
  } else {
    ++finished_;
    if (scene.texts.size() > 1) scene.caption.text = joined_texts(scene.texts);
    scene.caption.suspect = suspect_reason(scene.caption.text);
    done_({id, std::move(scene.caption)});
  }
  scenes_.erase(id);
}

void VlmRun::take(language::GenerationOutcome&& outcome) {
  const auto found = parts_.find(outcome.id);
  if (found == parts_.end()) return;
  const auto [id, index] = found->second;
  parts_.erase(found);
  if (!outcome.generation.ok()) return fail_part(id, outcome.generation.error());
  language::Generation generation = *std::move(outcome.generation);
  Caption& caption = scenes_.at(id).caption;
  caption.timings.prefill_seconds += generation.timings.prefill_seconds;
  caption.timings.decode_seconds += generation.timings.decode_seconds;
  std::vector<std::string> texts;
  for (const language::Sequence& sequence : generation.sequences) {
    texts.push_back(caption_text(model_.card, *model_.tokenizer, sequence.ids));
    caption.new_tokens += static_cast<int>(sequence.ids.size());
  }
  if (!texts.empty()) scenes_.at(id).texts[index] = texts.front();
  if (caption.sequences.empty()) {  // of several parts the first one's are kept
    caption.text = texts.empty() ? std::string() : texts.front();
    caption.sequences = std::move(generation.sequences);
    caption.sequence_texts = std::move(texts);
  }
  finish_part(id);
}

Status VlmRun::run(language::Generator& generator) {
  Status status =
      generator.run([this] { return next_generation(); },
                    [this](language::GenerationOutcome outcome) { take(std::move(outcome)); }, halt_.get_token());
  if (fatal_) return *fatal_;
  if (!status.ok()) return status;
  if (halt_.stop_requested()) return Error{ErrorCode::kInterrupted, "stopped; finished captions are kept"};
  return {};
}

}  // namespace cinescribe::captions
