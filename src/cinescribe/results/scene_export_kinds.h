#pragma once

#include <memory>

#include "cinescribe/results/scene_export.h"

/// The writers behind `make_scene_export`, one maker per file.
namespace cinescribe::results {

/// SRT, VTT and TXT.
std::unique_ptr<SceneExport> make_subtitle_export(ExportFormat format, const ExportSource& source, TextSink out);
/// CSV: one line per scene with its words, sounds, objects and caption.
std::unique_ptr<SceneExport> make_table_export(const ExportSource& source, TextSink out);
/// Chapters as FFmpeg's metadata file. @source FFmpeg documentation, "Metadata".
std::unique_ptr<SceneExport> make_chapter_export(const ExportSource& source, TextSink out);
/// EDL, OTIO and FCPXML.
std::unique_ptr<SceneExport> make_timeline_export(ExportFormat format, const ExportSource& source, TextSink out);
std::unique_ptr<SceneExport> make_markdown_export(const ExportSource& source, TextSink out);
std::unique_ptr<SceneExport> make_html_export(const ExportSource& source, TextSink out);

}  // namespace cinescribe::results
