#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "cinescribe/core/status.h"
#include "cinescribe/results/base_data.h"
#include "cinescribe/results/export_format.h"
#include "cinescribe/results/records.h"
#include "cinescribe/results/text_sink.h"

namespace cinescribe::results {

/// Which text subtitles show.
enum class ExportText { kSpeech, kCaptions };

/// What an export says about its source.
struct ExportSource {
  VideoFacts video;
  std::string media_path;      ///< Path or address of the video for editors.
  std::string picture_prefix;  ///< Put before the picture files of scenes, e.g. "results/base/film/"; may be empty.
  std::string captioner;       ///< Who described the scenes; empty = there are no captions.
  ExportText text = ExportText::kSpeech;
};

/// One scene to be exported, with its description where there is one.
struct ExportScene {
  SceneRecord scene;
  std::string caption;
  std::string caption_doubt;  ///< Why the caption is not to be trusted; empty = fine.
};

/// Writes one kind of file from scenes that come in order; what it holds does not grow with the text of the scenes.
/// Not thread-safe.
class SceneExport {
 public:
  virtual ~SceneExport() = default;
  SceneExport() = default;
  SceneExport(const SceneExport&) = delete;
  SceneExport& operator=(const SceneExport&) = delete;

  virtual Status scene(const ExportScene& item) = 0;
  /// Writes what comes after the last scene. Call it once, last.
  virtual Status finish() = 0;
};

/// The writer of a format that is made of scenes: all but kMot and kCoco, which are made of boxes (box_export.h).
/// Errors: kInput (the frame rate is unknown and the format counts frames; captions are asked for and there are none),
/// or the sink's.
Result<std::unique_ptr<SceneExport>> make_scene_export(ExportFormat format, const ExportSource& source, TextSink out);

}  // namespace cinescribe::results
