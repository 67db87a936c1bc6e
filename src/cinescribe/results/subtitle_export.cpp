#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "cinescribe/results/markup.h"
#include "cinescribe/results/scene_export_kinds.h"
#include "cinescribe/results/subtitles.h"

namespace cinescribe::results {
namespace {

/// The caption as something that is said over the whole scene.
std::vector<SegmentRecord> spoken_caption(const ExportScene& item) {
  SegmentRecord segment;
  segment.range = item.scene.range;
  segment.text = on_one_line(item.caption);
  return segment.text.empty() ? std::vector<SegmentRecord>() : std::vector<SegmentRecord>{std::move(segment)};
}

class SubtitleExport final : public SceneExport {
 public:
  SubtitleExport(ExportFormat format, const ExportSource& source, TextSink out)
      : format_(format), text_(source.text), out_(std::move(out)) {}

  Status scene(const ExportScene& item) override {
    CINESCRIBE_TRY(begin());
    const std::vector<SegmentRecord> segments =
        text_ == ExportText::kCaptions ? spoken_caption(item) : item.scene.speech;
    if (format_ == ExportFormat::kTxt) return out_(to_txt(segments));
    for (Cue& cue : make_cues(segments, {})) {
      // A word may last beyond a cut; the first cue of the next scene waits for it.
      cue.range.start = std::max(cue.range.start, shown_until_);
      cue.range.end = std::max(cue.range.end, cue.range.start);
      shown_until_ = cue.range.end;
      CINESCRIBE_TRY(out_(format_ == ExportFormat::kSrt ? srt_cue(++cues_, cue) : vtt_cue(cue)));
    }
    return {};
  }

  Status finish() override { return begin(); }

 private:
  Status begin() {
    if (std::exchange(has_begun_, true) || format_ != ExportFormat::kVtt) return {};
    return out_(vtt_header());
  }

  ExportFormat format_;
  ExportText text_;
  TextSink out_;
  bool has_begun_ = false;
  std::size_t cues_ = 0;
  Timestamp shown_until_;
};

}  // namespace

std::unique_ptr<SceneExport> make_subtitle_export(ExportFormat format, const ExportSource& source, TextSink out) {
  return std::make_unique<SubtitleExport>(format, source, std::move(out));
}

}  // namespace cinescribe::results
