#include "cinescribe/captions/openai_captioner.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "cinescribe/captions/openai_client.h"
#include "cinescribe/core/bounded_queue.h"
#include "cinescribe/core/log.h"
#include "cinescribe/http/api_server.h"

namespace cinescribe::captions {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kMostRequests = 64;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

/// A scene's outcome, and whether its error ends the run.
struct Finished {
  CaptionOutcome outcome;
  bool ends_run = false;
};

Error about_scene(std::int64_t id, const std::string& what) {
  return {ErrorCode::kModel, "the caption server did not describe scene " + std::to_string(id) + ": " + what};
}

/// A caption, or the scene's error when the answer has no text to show for itself.
Result<Caption> caption_from(ChatAnswer answer, const CaptionRequest& request) {
  if (answer.text.empty()) {
    if (!answer.refusal.empty()) return about_scene(request.id, "the model refused: " + answer.refusal);
    if (answer.end == ChatEnd::kContentFilter) return about_scene(request.id, "its content filter left nothing");
    if (answer.end == ChatEnd::kLength) {
      return about_scene(request.id, "all " + std::to_string(answer.completion_tokens) +
                                         " new tokens went into reasoning; allow more of them (max_new_tokens)");
    }
  }
  Caption caption;
  if (answer.text.empty()) caption.suspect = "empty";
  if (!answer.refusal.empty()) caption.suspect = "the model refused: " + answer.refusal;
  if (answer.end == ChatEnd::kContentFilter) caption.suspect = "cut by the server's content filter";
  language::Sequence sequence;
  sequence.finish = answer.end == ChatEnd::kLength ? language::FinishReason::kLength : language::FinishReason::kEos;
  caption.text = answer.text;
  caption.sequences = {sequence};
  caption.sequence_texts = {std::move(answer.text)};
  const auto as_int = [](std::int64_t count) { return static_cast<int>(std::min<std::int64_t>(count, 1 << 30)); };
  caption.prompt_tokens = as_int(answer.prompt_tokens);
  caption.image_tokens = as_int(answer.image_tokens);
  caption.new_tokens = as_int(answer.completion_tokens);
  caption.frames_used = static_cast<int>(request.frames.size());
  return caption;
}

/// What a run cost, for the log.
struct Account {
  std::int64_t scenes = 0;
  std::int64_t prompt_tokens = 0;
  std::int64_t new_tokens = 0;

  void add(const Result<Caption>& caption) {
    ++scenes;
    if (!caption.ok()) return;
    prompt_tokens += caption->prompt_tokens;
    new_tokens += caption->new_tokens;
  }
};

class OpenAiCaptioner final : public Captioner {
 public:
  OpenAiCaptioner(const OpenAiCaptionerOptions& options, std::unique_ptr<OpenAiClient> client)
      : options_(options), client_(std::move(client)), facts_(openai_facts(options)) {}

  [[nodiscard]] const CaptionerFacts& facts() const override { return facts_; }

  Status run(const std::function<std::optional<CaptionRequest>()>& next,
             const std::function<void(CaptionOutcome)>& done, const std::stop_token& stop) override {
    const auto wanted = static_cast<std::size_t>(options_.concurrency);
    BoundedQueue<CaptionRequest> jobs(wanted);
    BoundedQueue<Finished> finished(2 * wanted + 1);
    std::stop_source cancel;
    const std::stop_callback on_stop(stop, [&cancel] { cancel.request_stop(); });
    std::vector<std::jthread> crew;
    for (std::size_t i = 0; i < wanted; ++i) {
      crew.emplace_back([&] { work(jobs, finished, cancel.get_token()); });
    }
    Account account;
    const Status status = pump(next, done, jobs, finished, account, stop);
    cancel.request_stop();
    crew.clear();
    log(LogLevel::kInfo, facts_.name + ": " + std::to_string(account.scenes) + " scenes, " +
                             std::to_string(account.prompt_tokens) + " prompt tokens and " +
                             std::to_string(account.new_tokens) + " new tokens by the server's count");
    return status;
  }

 private:
  void work(BoundedQueue<CaptionRequest>& jobs, BoundedQueue<Finished>& finished, const std::stop_token& stop) {
    while (auto job = jobs.pop(stop)) {
      if (!finished.push(describe(*job, stop), stop)) return;
    }
  }

  Finished describe(const CaptionRequest& request, const std::stop_token& stop) {
    const auto begin = Clock::now();
    const auto parts = chat_parts(request, options_);
    if (!parts.ok()) return {{request.id, parts.error()}, false};
    const double preprocess_seconds = seconds_since(begin);
    const auto asked = Clock::now();
    ChatOutcome outcome = client_->ask(*parts, request.generation, options_.retry.max_attempts, stop);
    if (outcome.failure) return {{request.id, outcome.failure->error}, outcome.failure->ends_run};
    auto caption = caption_from(std::move(outcome.answer), request);
    if (caption.ok()) {
      caption->timings.preprocess_seconds = preprocess_seconds;
      caption->timings.decode_seconds = seconds_since(asked);
    }
    return {{request.id, std::move(caption)}, false};
  }

  /// Keeps one scene more in hand than there are requests, so that a slow `next` holds nobody up.
  Status pump(const std::function<std::optional<CaptionRequest>()>& next,
              const std::function<void(CaptionOutcome)>& done, BoundedQueue<CaptionRequest>& jobs,
              BoundedQueue<Finished>& finished, Account& account, const std::stop_token& stop) {
    const std::size_t most = static_cast<std::size_t>(options_.concurrency) + 1;
    std::size_t in_flight = 0;
    bool has_more = true;
    while (true) {
      while (has_more && in_flight < most) {
        auto request = next();
        has_more = request.has_value();
        if (!request) break;
        if (!jobs.push(std::move(*request), stop)) return interrupted();
        ++in_flight;
      }
      if (in_flight == 0) return stop.stop_requested() ? interrupted() : Status();
      auto item = finished.pop(stop);
      if (!item) return interrupted();
      --in_flight;
      if (item->ends_run) return item->outcome.caption.error();
      account.add(item->outcome.caption);
      done(std::move(item->outcome));
    }
  }

  static Status interrupted() { return Error{ErrorCode::kInterrupted, "captioning was stopped"}; }

  const OpenAiCaptionerOptions options_;
  const std::unique_ptr<OpenAiClient> client_;
  const CaptionerFacts facts_;
};

Status check_options(const OpenAiCaptionerOptions& options) {
  const char* what = nullptr;
  if (options.model.empty()) what = "a caption server needs the name of a model";
  if (options.concurrency < 1 || options.concurrency > kMostRequests) what = "requests at once go from 1 to 64";
  if (!(options.requests_per_minute >= 0.0)) what = "requests per minute cannot be negative";
  if (options.jpeg_quality < 1 || options.jpeg_quality > 100) what = "JPEG quality goes from 1 to 100";
  if (options.longest_side_px < 0) what = "the longest side of a frame cannot be negative";
  if (what == nullptr) return {};
  return Error{ErrorCode::kUsage, what};
}

}  // namespace

CaptionerFacts openai_facts(const OpenAiCaptionerOptions& options) {
  CaptionerFacts facts;
  facts.name = "openai:" + options.model + "@" + http::printable_url(options.base_url);
  facts.family = "openai";
  facts.type = options.model;
  return facts;
}

Result<OpenAiCaptionerOptions> parse_openai_spec(std::string_view spec) {
  OpenAiCaptionerOptions options;
  std::size_t at = std::min(spec.find("@http://"), spec.find("@https://"));
  options.model = std::string(spec.substr(0, at));
  if (at != std::string_view::npos) {
    options.base_url = std::string(spec.substr(at + 1));
  } else if (at = spec.find('@'); at != std::string_view::npos && at > 0) {
    return Error{ErrorCode::kUsage, "'" + std::string(spec.substr(at + 1)) +
                                        "' is no address of a caption server; write MODEL@http://HOST:PORT/v1"};
  }
  if (!options.model.empty()) return options;
  return Error{ErrorCode::kUsage,
               "a caption server needs the name of a model: openai:MODEL@BASE_URL, as in "
               "openai:qwen2.5-vl@http://127.0.0.1:8080/v1"};
}

Result<std::unique_ptr<Captioner>> make_openai_captioner(const OpenAiCaptionerOptions& options,
                                                         const std::stop_token& stop) {
  CINESCRIBE_TRY(check_options(options));
  CINESCRIBE_ASSIGN(std::unique_ptr<OpenAiClient> client, OpenAiClient::create(options));
  if (options.is_probed) CINESCRIBE_TRY(probe_sight(*client, options, stop));
  return std::unique_ptr<Captioner>(std::make_unique<OpenAiCaptioner>(options, std::move(client)));
}

}  // namespace cinescribe::captions
