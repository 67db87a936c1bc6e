#include "cinescribe/media/decode_pass.h"

#include <atomic>
#include <utility>
#include <vector>

#include "cinescribe/core/log.h"
#include "cinescribe/media/input.h"
#include "cinescribe/media/pass_run.h"
#include "cinescribe/media/tracks.h"

namespace cinescribe::media {

namespace {

class FileDecodePass final : public DecodePass {
 public:
  FileDecodePass(Input input, const DecodeOptions& options, Tracks tracks)
      : input_(std::move(input)), options_(options), tracks_(tracks) {}

  [[nodiscard]] const MediaInfo& info() const override { return input_.info; }
  [[nodiscard]] bool has_video() const override { return tracks_.video >= 0; }
  [[nodiscard]] bool has_audio() const override { return tracks_.audio >= 0; }

  FrameSource& add_frames(const FrameRequest& request) override {
    int rotation = 0;
    Rational aspect{1, 1};
    for (const VideoStream& video : input_.info.video) {
      if (video.stream_index != tracks_.video) continue;
      rotation = video.rotation_degrees;
      aspect = video.sample_aspect;
    }
    frame_taps_.push_back(std::make_unique<FrameTap>(request, rotation, aspect));
    return *frame_taps_.back();
  }

  AudioSource& add_audio(std::size_t queue_blocks) override {
    audio_taps_.push_back(std::make_unique<AudioTap>(queue_blocks));
    return *audio_taps_.back();
  }

  Status run(const std::stop_token& stop) override {
    Status status = attempt(stop, options_.hardware);
    if (facts_.device_failed) {
      log(LogLevel::kWarning, "the decoding device cannot decode " + input_.path.string() + "; decoding in software");
      status = reopen();
      if (status.ok()) status = attempt(stop, "");
    }
    for (const auto& tap : frame_taps_) tap->close();
    for (const auto& tap : audio_taps_) tap->close();
    return status;
  }

  [[nodiscard]] Timestamp position() const override { return Timestamp::from_ns(position_ns_.load()); }
  [[nodiscard]] std::int64_t frames_decoded() const override { return facts_.frames; }
  [[nodiscard]] std::int64_t damaged_packets() const override { return facts_.damaged; }
  [[nodiscard]] Timestamp end_time() const override { return facts_.end_time; }

 private:
  Status reopen() {
    Result<Input> again = open_input(input_.path);
    if (!again.ok()) return again.error();
    MediaInfo kept = std::move(input_.info);  // references to it stay valid
    input_ = std::move(*again);
    input_.info = std::move(kept);
    return {};
  }

  Status attempt(const std::stop_token& stop, const std::string& hardware) {
    PassSetup setup;
    setup.input = &input_;
    setup.video_stream = tracks_.video;
    setup.audio_stream = tracks_.audio;
    setup.threads = options_.threads;
    setup.hardware = hardware;
    for (const auto& tap : frame_taps_) setup.frame_taps.push_back(tap.get());
    for (const auto& tap : audio_taps_) setup.audio_taps.push_back(tap.get());
    setup.position_ns = &position_ns_;
    const bool was_asked = (has_video() && !frame_taps_.empty()) || (has_audio() && !audio_taps_.empty());
    PassRun run(std::move(setup));
    Status status = run.run(stop);
    facts_ = run.facts();
    if (status.ok() && was_asked && !facts_.device_failed && facts_.frames == 0 && facts_.audio_samples == 0 &&
        !everyone_left()) {
      return Error{ErrorCode::kInput, "cannot decode " + input_.path.string() + ": nothing in it could be decoded (" +
                                          std::to_string(facts_.damaged) +
                                          " damaged packets); the file is damaged or cut off"};
    }
    return status;
  }

  [[nodiscard]] bool everyone_left() const {
    for (const auto& tap : frame_taps_) {
      if (!tap->is_cancelled()) return false;
    }
    for (const auto& tap : audio_taps_) {
      if (!tap->is_cancelled()) return false;
    }
    return true;
  }

  Input input_;
  DecodeOptions options_;
  Tracks tracks_;
  std::vector<std::unique_ptr<FrameTap>> frame_taps_;
  std::vector<std::unique_ptr<AudioTap>> audio_taps_;
  std::atomic<std::int64_t> position_ns_{0};
  PassFacts facts_;
};

}  // namespace

Result<std::unique_ptr<DecodePass>> DecodePass::open(const std::filesystem::path& file, const DecodeOptions& options) {
  CINESCRIBE_ASSIGN(Input input, open_input(file));
  CINESCRIBE_ASSIGN(const Tracks tracks, choose_tracks(input, options));
  return std::unique_ptr<DecodePass>(std::make_unique<FileDecodePass>(std::move(input), options, tracks));
}

}  // namespace cinescribe::media
