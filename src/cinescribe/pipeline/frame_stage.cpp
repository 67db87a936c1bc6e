#include "cinescribe/pipeline/frame_stage.h"

#include <array>
#include <cstddef>
#include <cstdio>
#include <system_error>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cinescribe/image/jpeg.h"
#include "cinescribe/media/extract.h"
#include "cinescribe/pipeline/journal_state.h"
#include "cinescribe/results/record_json.h"

namespace cinescribe::pipeline {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

std::string picture_name(std::size_t scene, const char* moment) {
  std::array<char, 64> name{};
  std::snprintf(name.data(), name.size(), "frames/scene_%05zu_%s.jpg", scene, moment);
  return name.data();
}

/// One picture of every scene.
struct Moment {
  const char* name;
  std::int64_t halves;  ///< From the scene's start, in halves of its length.
};

std::vector<Moment> moments_of(KeptFrames kept) {
  switch (kept) {
    case KeptFrames::kStart:
      return {{"start", 0}};
    case KeptFrames::kMiddle:
      return {{"middle", 1}};
    case KeptFrames::kStartAndMiddle:
      break;
  }
  return {{"start", 0}, {"middle", 1}};
}

const char* name_of(KeptFrames kept) {
  switch (kept) {
    case KeptFrames::kStart:
      return "start";
    case KeptFrames::kMiddle:
      return "middle";
    case KeptFrames::kStartAndMiddle:
      break;
  }
  return "both";
}

/// The times of all pictures, scene by scene, from the scene `first` on.
Result<std::vector<Timestamp>> picture_times(const fs::path& journal, const std::vector<Moment>& moments,
                                             std::int64_t first) {
  std::vector<Timestamp> times;
  CINESCRIBE_ASSIGN(const JournalState state, read_journal(journal));
  UnitCursor scenes(journal, "scenes", state.finished("scenes"));
  for (;;) {
    CINESCRIBE_ASSIGN(const std::optional<std::string> unit, scenes.next());
    if (!unit) return times;
    CINESCRIBE_ASSIGN(const results::SceneRecord scene, results::scene_from_json(*unit));
    if (scene.scene_index < first) continue;
    for (const Moment& moment : moments) {
      times.push_back(scene.range.start + scene.range.length() / 2 * moment.halves);
    }
  }
}

class FrameRun final : public StageRun {
 public:
  FrameRun(const FrameStageOptions& options, StageContext context)
      : options_(options), moments_(moments_of(options.kept)), context_(std::move(context)) {}

  Status finish(const StreamEnd&) override {
    const std::int64_t first = context_.resume ? context_.resume->units : 0;
    if (first == 0) CINESCRIBE_TRY(clear_folder());
    CINESCRIBE_ASSIGN(const std::vector<Timestamp> times,
                      picture_times(context_.folder / "journal.jsonl", moments_, first));
    if (times.empty()) return {};
    std::size_t taken = static_cast<std::size_t>(first) * moments_.size();
    return media::extract_frames(context_.file, times, options_.short_side_px, options_.decode, context_.stop,
                                 [&](media::ExtractedFrame&& frame) { return file(taken++, frame); });
  }

 private:
  /// Pictures of an earlier list of scenes would stay behind.
  Status clear_folder() {
    if (context_.quota != nullptr) context_.quota->give_back(bytes_below(context_.folder / "frames"));
    std::error_code code;
    fs::remove_all(context_.folder / "frames", code);
    if (!code) return {};
    return Error{ErrorCode::kResource, "cannot empty " + (context_.folder / "frames").string() + ": " + code.message()};
  }

  /// Stores the n-th picture; with the last one of a scene, files the unit.
  Status file(std::size_t n, const media::ExtractedFrame& frame) {
    const std::size_t scene = n / moments_.size();
    const fs::path path = context_.folder / picture_name(scene, moments_[n % moments_.size()].name);
    CINESCRIBE_TRY(image::write_jpeg(path, frame.picture, options_.jpeg_quality));
    std::error_code code;
    const std::uint64_t bytes = fs::file_size(path, code);
    if (context_.quota != nullptr && !code) CINESCRIBE_TRY(context_.quota->take(bytes));
    context_.output->moved(frame.requested);
    if (n % moments_.size() + 1 < moments_.size()) return {};
    Json files = Json::array();
    for (const Moment& each : moments_) files.push_back(picture_name(scene, each.name));
    return context_.output->unit(Json({{"scene_index", scene}, {"files", std::move(files)}}).dump());
  }

  const FrameStageOptions options_;
  const std::vector<Moment> moments_;
  const StageContext context_;
};

class FrameStage final : public Stage {
 public:
  explicit FrameStage(const FrameStageOptions& options) : options_(options) {}

  [[nodiscard]] std::string name() const override { return "frames"; }
  [[nodiscard]] Feed feed() const override { return Feed::kResults; }
  [[nodiscard]] std::string after() const override { return "scenes"; }
  [[nodiscard]] std::string settings_json() const override {
    return Json({{"short_side_px", options_.short_side_px},
                 {"jpeg_quality", options_.jpeg_quality},
                 {"kept", name_of(options_.kept)}})
        .dump();
  }
  [[nodiscard]] bool can_resume() const override { return true; }
  Result<std::unique_ptr<StageRun>> start(const StageContext& context) override {
    return std::unique_ptr<StageRun>(std::make_unique<FrameRun>(options_, context));
  }

 private:
  const FrameStageOptions options_;
};

}  // namespace

std::unique_ptr<Stage> make_frame_stage(const FrameStageOptions& options) {
  return std::make_unique<FrameStage>(options);
}

}  // namespace cinescribe::pipeline
