#include "cinescribe/captions/vlm_captioner.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "cinescribe/captions/scene_plan.h"
#include "cinescribe/captions/vlm_model.h"
#include "cinescribe/captions/vlm_run.h"
#include "cinescribe/language/free_memory.h"

namespace cinescribe::captions {

namespace {

/// Runs shorter than this are not worth a measurement.
constexpr std::int64_t kScenesToMeasure = 5;
constexpr int kMeasuredPrompt = 16;
constexpr int kMeasuredTokens = 2;

class VlmCaptioner final : public Captioner {
 public:
  VlmCaptioner(VlmModel model, CaptionerFacts facts, const VlmOptions& options)
      : model_(std::move(model)), facts_(std::move(facts)), options_(options) {}

  [[nodiscard]] const CaptionerFacts& facts() const override { return facts_; }

  Status run(const std::function<std::optional<CaptionRequest>()>& next,
             const std::function<void(CaptionOutcome)>& done, const std::stop_token& stop) override {
    VlmRun run(model_, options_, next, done, stop);
    const CaptionRequest* first = run.peek();
    if (first == nullptr) return {};
    CINESCRIBE_ASSIGN(const auto generator,
                      model_.make_generator(options_.batch, language::rows_of(first->generation), options_));
    const Status status = run.run(*generator);
    const language::GeneratorStatistics& read = generator->statistics();
    work_.prompt_tokens += read.prefill_tokens + read.shared_prefix_tokens;
    work_.shared_prefix_tokens += read.shared_prefix_tokens;
    return status;
  }

  [[nodiscard]] CaptionerWork work_so_far() const override { return work_; }

  Result<std::optional<CaptionerForecast>> forecast(const CaptionRequest& typical, std::int64_t scenes,
                                                    const std::stop_token& stop) override;

 private:
  Result<double> measured_seconds(const ScenePlan& plan, int beams, const std::stop_token& stop);

  VlmModel model_;
  const CaptionerFacts facts_;
  const VlmOptions options_;
  CaptionerWork work_;
};

/// Seconds per scene from one encoded picture, a short prompt and a few tokens: an upper bound, since scenes that are
/// decoded together take less each.
Result<double> VlmCaptioner::measured_seconds(const ScenePlan& plan, int beams, const std::stop_token& stop) {
  const VisionTask& task = plan.parts.front().task;
  VisionTask one;
  one.images.push_back(task.images.front());
  one.instruction = task.instruction;
  VisionTimings vision;
  CINESCRIBE_TRY(model_.vision->encode({&one, 1}, vision, stop));
  CINESCRIBE_ASSIGN(const auto generator, model_.make_generator(1, 1, options_));
  language::GenerationRequest request;
  request.prompt.ids.assign(kMeasuredPrompt, std::min(3, model_.language->vocabulary() - 1));
  request.prompt.pieces.push_back({request.prompt.ids, {}});
  request.options.max_new_tokens = kMeasuredTokens;
  std::optional<language::GenerationRequest> next(std::move(request));
  language::GenerationTimings timings;
  CINESCRIBE_TRY(generator->run([&next] { return std::exchange(next, std::nullopt); },
                                [&timings](const language::GenerationOutcome& outcome) {
                                  if (outcome.generation.ok()) timings = outcome.generation->timings;
                                },
                                stop));
  const double per_prompt_token = timings.prefill_seconds / kMeasuredPrompt;
  const double per_new_token = timings.decode_seconds / kMeasuredTokens;
  const double pictures = static_cast<double>(task.images.size() * plan.parts.size());
  return pictures * (vision.preprocess_seconds + vision.encode_seconds) +
         static_cast<double>(plan.parts.size()) * (per_prompt_token * static_cast<double>(plan.prompt_tokens) +
                                                   per_new_token * static_cast<double>(plan.new_tokens * beams));
}

Result<std::optional<CaptionerForecast>> VlmCaptioner::forecast(const CaptionRequest& typical, std::int64_t scenes,
                                                                const std::stop_token& stop) {
  CaptionRequest request = typical;
  const int beams = std::max(1, typical.generation.num_beams);
  CINESCRIBE_ASSIGN(const ScenePlan plan,
                    plan_scene(model_.card, *model_.tokenizer, *model_.vision, options_, std::move(request)));
  CaptionerForecast forecast;
  forecast.prompt_tokens = static_cast<int>(plan.prompt_tokens);
  for (const ScenePart& part : plan.parts) {
    for (const int tokens : part.image_tokens) forecast.image_tokens += tokens;
  }
  forecast.new_tokens = static_cast<int>(plan.new_tokens);
  forecast.weight_bytes = static_cast<std::uint64_t>(model_.language->weight_bytes());
  // Beams share the prompt.
  const std::int64_t cells = plan.prompt_tokens + plan.new_tokens * beams;
  const std::int64_t at_once = std::min<std::int64_t>(options_.batch, std::max<std::int64_t>(1, scenes));
  const auto per_token = model_.language->kv_bytes_per_token(model_.language->kv_type_for(options_.kv_type));
  forecast.cache_bytes = static_cast<std::uint64_t>(cells * at_once * per_token);
  forecast.free_bytes = language::free_memory_bytes(options_.device);
  if (static_cast<std::uint64_t>(cells * per_token) > forecast.free_bytes) {
    return Error{ErrorCode::kResource,
                 "one scene needs " + language::memory_text(static_cast<std::uint64_t>(cells * per_token)) +
                     " of keys and values, but " + language::memory_text(forecast.free_bytes) +
                     " are free; use fewer frames, --detail low, --kv-type q8_0 or a smaller model"};
  }
  if (scenes >= kScenesToMeasure && forecast.weight_bytes >= options_.measured_from_bytes) {
    CINESCRIBE_ASSIGN(forecast.seconds_per_scene, measured_seconds(plan, beams, stop));
  }
  return std::optional<CaptionerForecast>(forecast);
}

}  // namespace

Result<std::unique_ptr<Captioner>> load_vlm(const std::filesystem::path& folder, const CaptionerFacts& facts,
                                            const VlmOptions& options) {
  CINESCRIBE_ASSIGN(VlmModel model, VlmModel::load(folder, options));
  return std::unique_ptr<Captioner>(std::make_unique<VlmCaptioner>(std::move(model), facts, options));
}

}  // namespace cinescribe::captions
