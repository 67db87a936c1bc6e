#include "cinescribe/sounds/yamnet_tagger.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <numbers>
#include <utility>

#include "cinescribe/core/audio.h"
#include "cinescribe/ort/session.h"
#include "cinescribe/sounds/mel_filters.h"
#include "cinescribe/sounds/power_spectrum.h"

namespace cinescribe::sounds {

namespace {

constexpr std::size_t kFrameSamples = 400;
constexpr std::size_t kHopSamples = 160;
constexpr std::size_t kFftLength = 512;
constexpr std::size_t kFrames = 96;
constexpr std::size_t kBands = 64;
constexpr std::size_t kPatchSamples = kFrameSamples + (kFrames - 1) * kHopSamples;  // 15,600
constexpr std::size_t kPatchHopSamples = 48 * kHopSamples;
constexpr std::size_t kClasses = 521;
// Quantisation of the model's input and output, as published with it.
constexpr float kInputScale = 0.047937885F;
constexpr float kInputZero = 144.0F;
constexpr float kOutputScale = 0.7565417F;
constexpr float kOutputZero = 190.0F;

/// The third field of each line; it may be quoted.
Result<std::vector<std::string>> read_class_map(const std::filesystem::path& path) {
  std::ifstream stream(path);
  std::vector<std::string> labels;
  std::string line;
  std::getline(stream, line);  // index,mid,display_name
  while (std::getline(stream, line) && labels.size() <= kClasses) {
    const std::size_t first = line.find(',');
    const std::size_t second = first == std::string::npos ? first : line.find(',', first + 1);
    if (second == std::string::npos) continue;
    std::string name = line.substr(second + 1);
    while (!name.empty() && (name.back() == '\r' || name.back() == ' ')) name.pop_back();
    if (name.size() >= 2 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
    labels.push_back(name);
  }
  if (labels.size() != kClasses) {
    return Error{ErrorCode::kModel,
                 path.string() + " has " + std::to_string(labels.size()) +
                     " classes, YAMNet has 521; pull the model again: cinescribe models pull yamnet"};
  }
  return labels;
}

std::string shape_text(const ort::TensorInfo& info) {
  std::string text = info.name + " [";
  for (std::size_t i = 0; i < info.shape.size(); ++i) text += (i == 0 ? "" : ",") + std::to_string(info.shape[i]);
  return text + "]";
}

Status check_layout(const ort::Session& session, const std::filesystem::path& model) {
  const auto& in = session.inputs();
  const auto& out = session.outputs();
  const std::vector<std::int64_t> patch{1, 1, kFrames, kBands};
  const std::vector<std::int64_t> scores{1, kClasses};
  if (in.size() == 1 && out.size() == 1 && in[0].shape == patch && in[0].type == ort::ElementType::kUint8 &&
      out[0].shape == scores && out[0].type == ort::ElementType::kUint8) {
    return {};
  }
  std::string found;
  for (const auto& info : in) found += " " + shape_text(info);
  found += " ->";
  for (const auto& info : out) found += " " + shape_text(info);
  return Error{ErrorCode::kModel, model.string() + " is no 8-bit YAMNet: found" + found +
                                      ", expected one uint8 input [1,1,96,64] and one uint8 output [1,521]"};
}

class YamnetTagger final : public SoundTagger {
 public:
  YamnetTagger(std::unique_ptr<ort::Session> session, std::vector<std::string> labels)
      : session_(std::move(session)),
        labels_(std::move(labels)),
        input_(session_->inputs()[0].name),
        output_{session_->outputs()[0].name} {}

  [[nodiscard]] const std::vector<std::string>& labels() const override { return labels_; }
  [[nodiscard]] std::size_t window_samples() const override { return kPatchSamples; }
  [[nodiscard]] std::size_t hop_samples() const override { return kPatchHopSamples; }
  [[nodiscard]] std::size_t batch_windows() const override { return 1; }  // fixed in the model

  Result<std::vector<std::vector<float>>> logits(std::span<const std::span<const float>> windows,
                                                 const std::stop_token& stop) override {
    std::vector<std::vector<float>> rows;
    rows.reserve(windows.size());
    for (const auto& window : windows) {
      const std::vector<float> patch = yamnet_patch(window);
      std::vector<std::uint8_t> quantised(patch.size());
      std::transform(patch.begin(), patch.end(), quantised.begin(), [](float x) {
        const float level = std::isnan(x) ? 0.0F : std::nearbyint(x / kInputScale) + kInputZero;
        return static_cast<std::uint8_t>(std::clamp(level, 0.0F, 255.0F));
      });
      const std::array<ort::Input, 1> inputs{
          ort::Input{input_, {1, 1, kFrames, kBands}, std::span<const std::uint8_t>(quantised)}};
      CINESCRIBE_ASSIGN(const auto outputs, session_->run(inputs, output_, stop));
      const auto scores = outputs[0].view<std::uint8_t>();
      if (scores.size() != kClasses) return Error{ErrorCode::kModel, "YAMNet answered with another number of classes"};
      std::vector<float>& row = rows.emplace_back(kClasses);
      std::transform(scores.begin(), scores.end(), row.begin(),
                     [](std::uint8_t q) { return kOutputScale * (static_cast<float>(q) - kOutputZero); });
    }
    return rows;
  }

 private:
  std::unique_ptr<ort::Session> session_;
  std::vector<std::string> labels_;
  std::string input_;
  std::array<std::string, 1> output_;
};

}  // namespace

std::vector<float> yamnet_patch(std::span<const float> samples) {
  static const MelFilters filters(kBands, kFftLength, kAudioRateHz, 125.0, 7500.0, 1);
  PowerSpectrum spectrum(kFftLength);
  std::array<double, kFrameSamples> frame{};
  std::vector<double> magnitude(spectrum.bins());
  std::array<double, kBands> bands{};
  std::vector<float> patch(kFrames * kBands);
  for (std::size_t t = 0; t < kFrames; ++t) {
    for (std::size_t i = 0; i < kFrameSamples; ++i) {
      const std::size_t at = t * kHopSamples + i;
      const double window = 0.5 - 0.5 * std::cos(2.0 * std::numbers::pi * static_cast<double>(i) / kFrameSamples);
      frame[i] = at < samples.size() ? static_cast<double>(samples[at]) * window : 0.0;
    }
    spectrum.compute(frame, magnitude);
    for (double& m : magnitude) m = std::sqrt(m);
    filters.apply(magnitude, bands);
    for (std::size_t b = 0; b < kBands; ++b) patch[t * kBands + b] = static_cast<float>(std::log(bands[b] + 0.001));
  }
  return patch;
}

Result<std::unique_ptr<SoundTagger>> load_yamnet(const std::filesystem::path& folder, int threads) {
  CINESCRIBE_ASSIGN(auto labels, read_class_map(folder / "yamnet_class_map.csv"));
  ort::SessionOptions options;
  options.threads = std::max(1, threads);
  CINESCRIBE_ASSIGN(auto session, ort::Session::open(folder / "model.onnx", options));
  CINESCRIBE_TRY(check_layout(*session, folder / "model.onnx"));
  return std::unique_ptr<SoundTagger>(std::make_unique<YamnetTagger>(std::move(session), std::move(labels)));
}

}  // namespace cinescribe::sounds
