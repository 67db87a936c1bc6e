#include "cinescribe/speech/voice_activity.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "cinescribe/core/audio.h"

namespace cinescribe::speech {

namespace {

/// Samples of the previous chunk that the network sees before each chunk; without them it hears no speech at all.
constexpr std::size_t kContext = 64;
constexpr std::size_t kChunk = kVadChunkSamples;
constexpr std::size_t kInputWidth = kContext + kChunk;
/// Chunks per run of the sequence network (2 s): large enough to be fast, small enough for Ctrl-C.
constexpr std::size_t kMaxBatch = 64;
constexpr std::size_t kStateSize = 128;

enum class Kind { kOneChunk, kOneChunkWithoutRate, kSequence };

bool has_input(const ort::Session& session, std::string_view name) {
  return std::any_of(session.inputs().begin(), session.inputs().end(),
                     [&](const ort::TensorInfo& input) { return input.name == name; });
}

class SileroStream final : public VoiceActivity {
 public:
  SileroStream(std::shared_ptr<ort::Session> session, Kind kind) : session_(std::move(session)), kind_(kind) {}

  Status push(std::span<const float> samples, std::vector<float>& probabilities, const std::stop_token& stop) override {
    waiting_.insert(waiting_.end(), samples.begin(), samples.end());
    const std::size_t at_least = (kind_ == Kind::kSequence ? kMaxBatch : 1) * kChunk;
    std::size_t used = 0;
    while (waiting_.size() - used >= kContext + at_least) {
      const std::size_t chunks = at_least / kChunk;
      CINESCRIBE_TRY(run({waiting_.data() + used, kContext + chunks * kChunk}, chunks, probabilities, stop));
      used += chunks * kChunk;
    }
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(used));
    return {};
  }

  Status finish(std::vector<float>& probabilities, const std::stop_token& stop) override {
    const std::size_t left = waiting_.size() - kContext;
    const std::size_t chunks = (left + kChunk - 1) / kChunk;
    waiting_.resize(kContext + chunks * kChunk, 0.0F);
    if (chunks == 0) return {};
    if (kind_ == Kind::kSequence) return run(waiting_, chunks, probabilities, stop);
    for (std::size_t i = 0; i < chunks; ++i) {
      CINESCRIBE_TRY(run({waiting_.data() + i * kChunk, kInputWidth}, 1, probabilities, stop));
    }
    return {};
  }

 private:
  /// `samples`: the context, then `chunks` chunks.
  Status run(std::span<const float> samples, std::size_t chunks, std::vector<float>& probabilities,
             const std::stop_token& stop) {
    rows_.resize(chunks * kInputWidth);
    for (std::size_t i = 0; i < chunks; ++i) {
      std::copy_n(samples.begin() + static_cast<std::ptrdiff_t>(i * kChunk), kInputWidth,
                  rows_.begin() + static_cast<std::ptrdiff_t>(i * kInputWidth));
    }
    const auto rows = static_cast<std::int64_t>(chunks);
    std::vector<ort::Input> inputs;
    inputs.push_back({"input", {rows, static_cast<std::int64_t>(kInputWidth)}, std::span<const float>(rows_)});
    std::vector<std::string> outputs;
    if (kind_ == Kind::kSequence) {
      inputs.push_back({"h", {1, 1, kStateSize}, std::span<const float>(state_).first(kStateSize)});
      inputs.push_back({"c", {1, 1, kStateSize}, std::span<const float>(state_).last(kStateSize)});
      outputs = {"speech_probs", "hn", "cn"};
    } else {
      inputs.push_back({"state", {2, 1, kStateSize}, std::span<const float>(state_)});
      if (kind_ == Kind::kOneChunk) inputs.push_back({"sr", {}, std::span<const std::int64_t>(rate_)});
      outputs = {"output", "stateN"};
    }
    CINESCRIBE_ASSIGN(const auto results, session_->run(inputs, outputs, stop));
    const auto speech = results[0].view<float>();
    std::vector<float> state;
    for (std::size_t i = 1; i < results.size(); ++i) {
      const auto part = results[i].view<float>();
      state.insert(state.end(), part.begin(), part.end());
    }
    if (speech.size() != chunks || state.size() != state_.size()) {
      return Error{ErrorCode::kModel, "the voice activity model answers in an unknown form; pull silero-vad again"};
    }
    std::copy(state.begin(), state.end(), state_.begin());
    probabilities.insert(probabilities.end(), speech.begin(), speech.end());
    return {};
  }

  std::shared_ptr<ort::Session> session_;
  Kind kind_;
  std::vector<float> waiting_ = std::vector<float>(kContext, 0.0F);  // starts with the context of the next chunk
  std::vector<float> rows_;
  std::array<float, 2 * kStateSize> state_{};
  std::array<std::int64_t, 1> rate_{kAudioRateHz};
};

class SileroNetwork final : public SileroVad {
 public:
  SileroNetwork(std::shared_ptr<ort::Session> session, Kind kind) : session_(std::move(session)), kind_(kind) {}
  [[nodiscard]] std::unique_ptr<VoiceActivity> make_stream() const override {
    return std::make_unique<SileroStream>(session_, kind_);
  }

 private:
  std::shared_ptr<ort::Session> session_;
  Kind kind_;
};

}  // namespace

Result<std::shared_ptr<SileroVad>> SileroVad::open(const std::filesystem::path& model) {
  CINESCRIBE_ASSIGN(std::shared_ptr<ort::Session> session, ort::Session::open(model));
  Kind kind = Kind::kOneChunkWithoutRate;
  if (has_input(*session, "h")) {
    kind = Kind::kSequence;
  } else if (has_input(*session, "sr")) {
    kind = Kind::kOneChunk;
  }
  const bool is_known = has_input(*session, "input") && (kind == Kind::kSequence || has_input(*session, "state"));
  if (!is_known) return Error{ErrorCode::kModel, model.string() + " is no Silero VAD model; pull silero-vad"};
  // One silent chunk proves that names, types and shapes are what the streams will use.
  SileroStream probe(session, kind);
  std::vector<float> probabilities;
  const std::vector<float> silence(kChunk, 0.0F);
  CINESCRIBE_TRY(probe.push(silence, probabilities, {}));
  const Status status = probe.finish(probabilities, {});
  if (!status.ok()) {
    return Error{ErrorCode::kModel, model.string() + " is no Silero VAD model: " + status.error().message};
  }
  return std::shared_ptr<SileroVad>(std::make_shared<SileroNetwork>(std::move(session), kind));
}

}  // namespace cinescribe::speech
