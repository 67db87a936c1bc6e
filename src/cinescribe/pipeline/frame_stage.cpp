#include "cinescribe/pipeline/frame_stage.h"

#include <array>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cinescribe/image/jpeg.h"
#include "cinescribe/media/extract.h"

namespace cinescribe::pipeline {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

std::string picture_name(std::int64_t scene, const char* moment) {
  std::array<char, 64> name{};
  std::snprintf(name.data(), name.size(), "frames/scene_%05lld_%s.jpg", static_cast<long long>(scene), moment);
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

class FrameRun final : public StageRun {
 public:
  FrameRun(const FrameStageOptions& options, StageContext context)
      : options_(options), moments_(moments_of(options.kept)), context_(std::move(context)) {}

  /// Pictures of an earlier list of scenes would stay behind.
  Status clear_folder() {
    if (context_.quota != nullptr) context_.quota->give_back(bytes_below(context_.folder / "frames"));
    std::error_code code;
    fs::remove_all(context_.folder / "frames", code);
    if (!code) return {};
    return Error{ErrorCode::kResource, "cannot empty " + (context_.folder / "frames").string() + ": " + code.message()};
  }

  Status push_scene(const SettledScene& scene) override {
    if (context_.resume && scene.index < context_.resume->units) return {};
    if (!taker_) {
      CINESCRIBE_ASSIGN(media::FrameTaker taker,
                        media::FrameTaker::open(context_.file, options_.short_side_px, options_.decode, context_.stop));
      taker_.emplace(std::move(taker));
    }
    Json files = Json::array();
    for (const Moment& moment : moments_) {
      const std::string file = picture_name(scene.index, moment.name);
      CINESCRIBE_TRY(store(scene.range.start + scene.range.length() / 2 * moment.halves, file));
      files.push_back(file);
    }
    return context_.output->unit(Json({{"scene_index", scene.index}, {"files", std::move(files)}}).dump());
  }

  Status finish(const StreamEnd&) override { return {}; }

 private:
  Status store(Timestamp time, const std::string& file) {
    CINESCRIBE_ASSIGN(const media::ExtractedFrame frame, taker_->take(time, context_.stop));
    const fs::path path = context_.folder / file;
    CINESCRIBE_TRY(image::write_jpeg(path, frame.picture, options_.jpeg_quality));
    std::error_code code;
    const std::uint64_t bytes = fs::file_size(path, code);
    if (context_.quota != nullptr && !code) CINESCRIBE_TRY(context_.quota->take(bytes));
    context_.output->moved(time);
    return {};
  }

  const FrameStageOptions options_;
  const std::vector<Moment> moments_;
  const StageContext context_;
  std::optional<media::FrameTaker> taker_;  ///< Opened with the first scene: a file without pictures has none.
};

class FrameStage final : public Stage {
 public:
  explicit FrameStage(const FrameStageOptions& options) : options_(options) {}

  [[nodiscard]] std::string name() const override { return "frames"; }
  [[nodiscard]] Feed feed() const override { return Feed::kScenes; }
  [[nodiscard]] std::string after() const override { return "scenes"; }
  [[nodiscard]] std::string settings_json() const override {
    return Json({{"short_side_px", options_.short_side_px},
                 {"jpeg_quality", options_.jpeg_quality},
                 {"kept", name_of(options_.kept)}})
        .dump();
  }
  [[nodiscard]] bool can_resume() const override { return true; }
  Result<std::unique_ptr<StageRun>> start(const StageContext& context) override {
    auto run = std::make_unique<FrameRun>(options_, context);
    if (!context.resume) CINESCRIBE_TRY(run->clear_folder());
    return std::unique_ptr<StageRun>(std::move(run));
  }

 private:
  const FrameStageOptions options_;
};

}  // namespace

std::unique_ptr<Stage> make_frame_stage(const FrameStageOptions& options) {
  return std::make_unique<FrameStage>(options);
}

}  // namespace cinescribe::pipeline
