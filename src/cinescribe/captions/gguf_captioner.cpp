#include "cinescribe/captions/gguf_captioner.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <utility>
#include <vector>

#include "cinescribe/captions/gguf_context.h"
#include "cinescribe/captions/gguf_model.h"
#include "cinescribe/captions/gguf_scene.h"
#include "cinescribe/core/log.h"
#include "cinescribe/language/free_memory.h"

namespace cinescribe::captions {

namespace {

using Clock = std::chrono::steady_clock;
using Next = std::function<std::optional<CaptionRequest>()>;
using Done = std::function<void(CaptionOutcome)>;

constexpr int kMostScenes = 64;
constexpr int kMostImageTokens = 16384;
constexpr int kMostSequences = 256;  // of llama.cpp
/// Runs shorter than this are not worth a measurement.
constexpr std::int64_t kScenesToMeasure = 5;
constexpr int kMeasuredTokens = 4;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

/// One run: scenes wait, read their prompts, decode together, leave.
class Run {
 public:
  Run(const GgufModel& model, const GgufCaptionerOptions& options, const Next& next, const Done& done,
      std::unique_ptr<GgufContext>& context, const std::stop_token& stop)
      : model_(model), options_(options), next_(next), done_(done), context_(context), stop_(stop) {
    if (context_) refill_sequences();
  }

  ~Run() {
    for (const auto& scene : running_) clear(*scene);  // after a stop or a failure
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  Status work() {
    while (true) {
      CINESCRIBE_TRY(admit());
      if (running_.empty() && waiting_.empty()) {
        if (stop_.stop_requested()) return stopped();
        if (!has_more_) return {};
        continue;  // all that was pulled failed, or was finished by its prompt
      }
      CINESCRIBE_TRY(step());
    }
  }

 private:
  static Error stopped() { return {ErrorCode::kInterrupted, "captioning was stopped"}; }

  [[nodiscard]] std::size_t most_scenes() const { return static_cast<std::size_t>(options_.scenes_at_once); }
  static int sequences_of(const PreparedScene& scene) { return scene.sequences > 1 ? 2 * scene.sequences : 1; }

  /// Pulls requests until as many scenes are known as may decode at once.
  Status pull() {
    while (has_more_ && waiting_.size() + running_.size() < most_scenes()) {
      if (stop_.stop_requested()) return stopped();
      auto request = next_();
      has_more_ = request.has_value();
      if (!request) break;
      const std::int64_t id = request->id;
      auto scene = prepare_scene(model_, options_.on_overflow, std::move(*request));
      if (scene.ok() && scene->is_over_context) warn_once(*scene);
      if (scene.ok() && sequences_of(*scene) > kMostSequences) {
        done_({id, Error{ErrorCode::kUsage, "more than " + std::to_string(kMostSequences / 2) + " beams do not fit"}});
      } else if (scene.ok()) {
        waiting_.push_back(std::move(*scene));
      } else {
        done_({id, scene.error()});
      }
    }
    return {};
  }

  void warn_once(const PreparedScene& scene) {
    if (std::exchange(has_warned_, true)) return;
    log(LogLevel::kWarning, "prompt and answer (up to " + std::to_string(scene.most_tokens) +
                                " tokens) go beyond the " + std::to_string(model_.trained_context) + " tokens that " +
                                options_.name +
                                " was trained with; its captions may suffer. --detail low, fewer frames or "
                                "--on-overflow fewer-frames help");
  }

  /// Brings in what is there and fits; makes a larger context when nothing runs and the first one does not fit.
  Status admit() {
    CINESCRIBE_TRY(pull());
    while (running_.empty() && !waiting_.empty() && !fits_context(waiting_.front())) {
      const Status made = make_context();
      if (made.ok()) break;
      if (made.error().code != ErrorCode::kResource || finished_ == 0) return made;
      done_({waiting_.front().id, made.error()});
      waiting_.pop_front();
    }
    std::vector<PreparedScene> group;
    while (!waiting_.empty() && fits(waiting_.front(), group)) {
      group.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
    }
    if (!group.empty()) CINESCRIBE_TRY(start(std::move(group)));
    return {};
  }

  /// Whether the context is made for a scene like this at all.
  [[nodiscard]] bool fits_context(const PreparedScene& scene) const {
    return context_ && scene.cells <= context_->options().tokens &&
           scene.prompt.longest_picture <= context_->options().longest_picture &&
           sequences_of(scene) <= context_->options().sequences;
  }

  [[nodiscard]] bool fits(const PreparedScene& scene, const std::vector<PreparedScene>& group) const {
    std::int64_t cells = scene.cells;
    std::size_t sequences = static_cast<std::size_t>(sequences_of(scene));
    for (const auto& other : running_) cells += other->cells();
    for (const PreparedScene& other : group) {
      cells += other.cells;
      sequences += static_cast<std::size_t>(sequences_of(other));
    }
    return fits_context(scene) && cells <= context_->options().tokens && sequences <= free_.size() &&
           running_.size() + group.size() < most_scenes();
  }

  /// For all that wait, else for the first of them.
  Status make_context() {
    if (make_context_for(waiting_.size()).ok()) return {};
    return make_context_for(1);
  }

  Status make_context_for(std::size_t count) {
    GgufContextOptions wanted;
    wanted.kv_type = options_.kv_type;
    wanted.flash_attention = options_.flash_attention;
    std::int64_t longest = 0;
    int sequences = 1;
    for (std::size_t i = 0; i < count; ++i) {
      const PreparedScene& scene = waiting_[i];
      longest = std::max(longest, scene.cells);
      sequences = std::max(sequences, sequences_of(scene));
      wanted.longest_picture = std::max(wanted.longest_picture, scene.prompt.longest_picture);
    }
    if (context_ && count > 1) {  // what fitted before fits again
      longest = std::max(longest, context_->options().tokens / options_.scenes_at_once);
      sequences = std::max(sequences, context_->options().sequences / options_.scenes_at_once);
      wanted.longest_picture = std::max(wanted.longest_picture, context_->options().longest_picture);
    }
    context_.reset();  // first, so that both need not fit
    const int most = std::max(1, kMostSequences / sequences);
    for (int scenes = std::min(options_.scenes_at_once, most);; scenes /= 2) {
      wanted.tokens = longest * scenes;
      wanted.sequences = sequences * scenes;
      auto made = GgufContext::create(model_, wanted);
      if (!made.ok() && scenes > 1) continue;
      if (!made.ok()) return made.error();
      context_ = std::move(*made);
      refill_sequences();
      return {};
    }
  }

  void refill_sequences() {
    free_.clear();
    for (int id = context_->options().sequences - 1; id >= 0; --id) free_.push_back(id);
  }

  Status start(std::vector<PreparedScene> group) {
    std::vector<const GgufPrompt*> prompts;
    for (const PreparedScene& scene : group) prompts.push_back(&scene.prompt);
    const auto begin = Clock::now();
    std::vector<Result<PictureRows>> rows = encode_pictures(model_, prompts, stop_);
    const double share = seconds_since(begin) / static_cast<double>(group.size());
    if (stop_.stop_requested()) return stopped();
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (!rows[i].ok()) {
        done_({group[i].id, rows[i].error()});
        continue;
      }
      group[i].rows = std::move(*rows[i]);
      group[i].timings.encode_seconds = share;
      CINESCRIBE_TRY(start_one(std::move(group[i])));
    }
    return {};
  }

  Status start_one(PreparedScene scene) {
    std::vector<int> sequences;
    for (int i = 0; i < sequences_of(scene); ++i) {
      sequences.push_back(free_.back());
      free_.pop_back();
    }
    const std::int64_t id = scene.id;
    auto made = RunningScene::create(model_, std::move(scene), sequences);
    if (!made.ok()) {
      free_.insert(free_.end(), sequences.begin(), sequences.end());
      done_({id, made.error()});
      return {};
    }
    running_.push_back(std::move(*made));
    const Status status = running_.back()->read(*context_, stop_);
    if (!status.ok()) return lose(running_.size() - 1, status.error());
    finish_those_done();
    return {};
  }

  Status step() {
    std::vector<GgufRow> rows;
    std::vector<std::size_t> ends;
    const auto begin = Clock::now();
    for (const auto& scene : running_) {
      scene->add_rows(*context_, rows);
      ends.push_back(rows.size());
    }
    if (rows.empty()) return {};
    CINESCRIBE_TRY(context_->step(rows, logits_, stop_));
    const double seconds = seconds_since(begin) / static_cast<double>(rows.size());
    const auto width = static_cast<std::size_t>(model_.vocabulary);
    std::size_t first = 0;
    std::vector<std::pair<std::size_t, Error>> lost;
    for (std::size_t i = 0; i < running_.size(); ++i) {
      const std::size_t count = ends[i] - first;
      const auto own = std::span<const float>(logits_).subspan(first * width, count * width);
      const Status status = running_[i]->take(own, seconds * static_cast<double>(count));
      if (!status.ok()) lost.emplace_back(i, status.error());
      first = ends[i];
    }
    for (auto it = lost.rbegin(); it != lost.rend(); ++it) CINESCRIBE_TRY(lose(it->first, it->second));
    finish_those_done();
    return {};
  }

  void finish_those_done() {
    for (std::size_t i = running_.size(); i-- > 0;) {
      if (!running_[i]->is_finished()) continue;
      ++finished_;
      done_({running_[i]->id(), running_[i]->caption()});
      remove(i);
    }
  }

  /// A scene's own failure costs the scene; a stop ends the run.
  Status lose(std::size_t index, const Error& error) {
    if (error.code == ErrorCode::kInterrupted) return error;
    done_({running_[index]->id(), error});
    remove(index);
    return {};
  }

  void remove(std::size_t index) {
    clear(*running_[index]);
    const std::vector<int>& sequences = running_[index]->sequences();
    free_.insert(free_.end(), sequences.begin(), sequences.end());
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(index));
  }

  void clear(const RunningScene& scene) {
    for (const int sequence : scene.sequences()) context_->clear(sequence);
  }

  const GgufModel& model_;
  const GgufCaptionerOptions& options_;
  const Next& next_;
  const Done& done_;
  std::unique_ptr<GgufContext>& context_;
  const std::stop_token& stop_;
  bool has_more_ = true;
  bool has_warned_ = false;
  std::int64_t finished_ = 0;
  std::deque<PreparedScene> waiting_;
  std::vector<std::unique_ptr<RunningScene>> running_;
  std::vector<int> free_;
  std::vector<float> logits_;
};

class GgufCaptioner final : public Captioner {
 public:
  GgufCaptioner(const GgufCaptionerOptions& options, std::unique_ptr<GgufModel> model)
      : options_(options), model_(std::move(model)) {
    facts_.name = options.name;
    facts_.family = "gguf";
    facts_.type = model_->description;
  }

  [[nodiscard]] const CaptionerFacts& facts() const override { return facts_; }

  Status run(const Next& next, const Done& done, const std::stop_token& stop) override {
    return Run(*model_, options_, next, done, context_, stop).work();
  }

  Result<std::optional<CaptionerForecast>> forecast(const CaptionRequest& typical, std::int64_t scenes,
                                                    const std::stop_token& stop) override;

 private:
  Result<double> measured_seconds(const CaptionRequest& typical, const PreparedScene& scene,
                                  const std::stop_token& stop);

  const GgufCaptionerOptions options_;
  const std::unique_ptr<GgufModel> model_;
  std::unique_ptr<GgufContext> context_;  // looks at the model
  CaptionerFacts facts_;
};

/// Seconds per scene from one picture, its prompt and a few tokens: an upper bound, since scenes that are decoded
/// together take less each.
Result<double> GgufCaptioner::measured_seconds(const CaptionRequest& typical, const PreparedScene& scene,
                                               const std::stop_token& stop) {
  CaptionRequest sample;
  sample.frames = {typical.frames.front()};
  sample.prompt = "?";
  sample.generation.max_new_tokens = kMeasuredTokens;
  sample.generation.min_new_tokens = kMeasuredTokens;  // the first comes with the prompt
  std::optional<CaptionRequest> next(std::move(sample));
  std::optional<Result<Caption>> caption;
  std::unique_ptr<GgufContext> context;
  CINESCRIBE_TRY(Run(
                     *model_, options_, [&next] { return std::exchange(next, std::nullopt); },
                     [&caption](CaptionOutcome outcome) { caption = std::move(outcome.caption); }, context, stop)
                     .work());
  if (!caption) return Error{ErrorCode::kInternal, "the model gave no answer"};
  CINESCRIBE_TRY(*caption);
  const CaptionTimings& timings = (*caption)->timings;
  const double per_picture = timings.preprocess_seconds + timings.encode_seconds;
  const double per_prompt_token = timings.prefill_seconds / std::max(1, (*caption)->prompt_tokens);
  const double per_new_token = timings.decode_seconds / (kMeasuredTokens - 1);
  const auto prompt = static_cast<double>(scene.prompt.ids.size());
  const double new_tokens = static_cast<double>(scene.most_tokens) - prompt;
  return per_picture * scene.frames + per_prompt_token * prompt + per_new_token * new_tokens * scene.sequences;
}

Result<std::optional<CaptionerForecast>> GgufCaptioner::forecast(const CaptionRequest& typical, std::int64_t scenes,
                                                                 const std::stop_token& stop) {
  CINESCRIBE_ASSIGN(const PreparedScene scene, prepare_scene(*model_, options_.on_overflow, typical));
  CaptionerForecast forecast;
  forecast.prompt_tokens = static_cast<int>(scene.prompt.ids.size());
  forecast.image_tokens = scene.prompt.image_tokens;
  forecast.new_tokens = static_cast<int>(scene.most_tokens - forecast.prompt_tokens);
  forecast.weight_bytes = model_->weight_bytes;
  const std::int64_t at_once = std::min<std::int64_t>(options_.scenes_at_once, std::max<std::int64_t>(1, scenes));
  const auto bytes = [&](std::int64_t per_token) { return static_cast<std::uint64_t>(scene.cells * per_token); };
  forecast.cache_bytes = bytes(model_->kv_bytes_per_token(options_.kv_type)) * static_cast<std::uint64_t>(at_once);
  forecast.free_bytes = language::free_memory_bytes(model_->device);
  const std::uint64_t least = bytes(model_->least_kv_bytes_per_token(options_.kv_type));
  if (least > forecast.free_bytes) {
    return Error{ErrorCode::kResource,
                 "one scene needs " + language::memory_text(least) + " of keys and values, but " +
                     language::memory_text(forecast.free_bytes) +
                     " are free; use fewer frames, --detail low, --kv-type q8_0 or a smaller model"};
  }
  if (scenes >= kScenesToMeasure && forecast.weight_bytes >= options_.measured_from_bytes) {
    CINESCRIBE_ASSIGN(forecast.seconds_per_scene, measured_seconds(typical, scene, stop));
  }
  return std::optional<CaptionerForecast>(forecast);
}

}  // namespace

Result<std::unique_ptr<Captioner>> make_gguf_captioner(const GgufPair& pair, const GgufCaptionerOptions& options) {
  if (options.scenes_at_once < 1 || options.scenes_at_once > kMostScenes) {
    return Error{ErrorCode::kUsage, "scenes at once go from 1 to " + std::to_string(kMostScenes)};
  }
  if (options.max_image_tokens < 0 || options.max_image_tokens > kMostImageTokens) {
    return Error{ErrorCode::kUsage,
                 "tokens of a picture go from 1 to " + std::to_string(kMostImageTokens) + ", 0 = as the model does"};
  }
  GgufModelOptions loading;
  loading.device = options.device;
  loading.threads = options.threads;
  loading.gpu_layers = options.gpu_layers;
  loading.chat_template = options.chat_template;
  loading.max_image_tokens = options.max_image_tokens;
  CINESCRIBE_ASSIGN(std::unique_ptr<GgufModel> model, load_gguf_model(pair, loading));
  return std::unique_ptr<Captioner>(std::make_unique<GgufCaptioner>(options, std::move(model)));
}

}  // namespace cinescribe::captions
