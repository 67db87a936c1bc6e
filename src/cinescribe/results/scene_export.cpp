#include "cinescribe/results/scene_export.h"

#include <utility>

#include "cinescribe/results/scene_export_kinds.h"

namespace cinescribe::results {

Result<std::unique_ptr<SceneExport>> make_scene_export(ExportFormat format, const ExportSource& source, TextSink out) {
  if (source.text == ExportText::kCaptions && source.captioner.empty()) {
    return Error{ErrorCode::kInput, "cannot export captions of " + source.video.file_name +
                                        ": its scenes have none; run cinescribe caption-scenes first"};
  }
  switch (format) {
    case ExportFormat::kSrt:
    case ExportFormat::kVtt:
    case ExportFormat::kTxt:
      return make_subtitle_export(format, source, std::move(out));
    case ExportFormat::kCsv:
      return make_table_export(source, std::move(out));
    case ExportFormat::kEdl:
    case ExportFormat::kOtio:
    case ExportFormat::kFcpxml:
      if (!source.video.picture || !source.video.picture->frame_rate.is_known()) {
        return Error{ErrorCode::kInput, "cannot export " + source.video.file_name + " as " +
                                            std::string(export_format_name(format)) +
                                            ": it has no pictures of a known frame rate; choose csv or chapters"};
      }
      return make_timeline_export(format, source, std::move(out));
    case ExportFormat::kChapters:
      return make_chapter_export(source, std::move(out));
    case ExportFormat::kMarkdown:
      return make_markdown_export(source, std::move(out));
    case ExportFormat::kHtml:
      return make_html_export(source, std::move(out));
    case ExportFormat::kMot:
    case ExportFormat::kCoco:
      break;
  }
  return Error{ErrorCode::kInternal, std::string(export_format_name(format)) + " is made of boxes, not of scenes"};
}

}  // namespace cinescribe::results
