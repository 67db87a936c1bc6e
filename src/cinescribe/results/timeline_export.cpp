#include <string>
#include <utility>
#include <vector>

#include "cinescribe/results/edl.h"
#include "cinescribe/results/fcpxml.h"
#include "cinescribe/results/markup.h"
#include "cinescribe/results/otio.h"
#include "cinescribe/results/scene_export_kinds.h"

namespace cinescribe::results {
namespace {

/// A timeline is one document with its length at the top, so the cuts (not the texts) of all scenes are kept.
class TimelineExport final : public SceneExport {
 public:
  TimelineExport(ExportFormat format, const ExportSource& source, TextSink out)
      : format_(format), source_(source), out_(std::move(out)) {}

  Status scene(const ExportScene& item) override {
    if (item.scene.start_frame < 0 || item.scene.end_frame < item.scene.start_frame) {
      return Error{ErrorCode::kInput, "scene " + std::to_string(item.scene.scene_index) + " of " +
                                          source_.video.file_name + " has no frame numbers"};
    }
    SceneRecord cut;
    cut.scene_index = item.scene.scene_index;
    cut.start_frame = item.scene.start_frame;
    cut.end_frame = item.scene.end_frame;
    cut.range = item.scene.range;
    if (format_ != ExportFormat::kFcpxml) {
      scenes_.push_back(std::move(cut));
      return {};
    }
    std::string title = "scene " + std::to_string(cut.scene_index);
    if (const std::string caption = on_one_line(item.caption); !caption.empty()) title += ": " + caption;
    clips_.push_back({std::move(cut), std::move(title)});
    return {};
  }

  Status finish() override {
    const PictureFacts& picture = *source_.video.picture;
    const std::string& name = source_.video.file_name;
    if (format_ == ExportFormat::kOtio) {
      return write_otio(scenes_, {name, source_.media_path, picture.frame_rate}, out_);
    }
    if (format_ == ExportFormat::kEdl) {
      CINESCRIBE_ASSIGN(const std::string text, to_edl(scenes_, {name, name, picture.frame_rate}));
      return out_(text);
    }
    CINESCRIBE_ASSIGN(const std::string text,
                      to_fcpxml(clips_, {name, source_.media_path, picture.frame_rate, picture.width, picture.height,
                                         source_.video.sound.has_value()}));
    return out_(text);
  }

 private:
  ExportFormat format_;
  ExportSource source_;
  TextSink out_;
  std::vector<SceneRecord> scenes_;
  std::vector<FcpxmlClip> clips_;  ///< With FCPXML.
};

}  // namespace

std::unique_ptr<SceneExport> make_timeline_export(ExportFormat format, const ExportSource& source, TextSink out) {
  return std::make_unique<TimelineExport>(format, source, std::move(out));
}

}  // namespace cinescribe::results
