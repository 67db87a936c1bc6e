#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "cinescribe/cli/commands.h"
#include "cinescribe/cli/result_paths.h"
#include "cinescribe/core/atomic_file.h"
#include "cinescribe/pipeline/tracked_boxes.h"
#include "cinescribe/results/base_data_reader.h"
#include "cinescribe/results/box_export.h"
#include "cinescribe/results/caption_reader.h"
#include "cinescribe/results/scene_export.h"

namespace cinescribe::cli {
namespace {

namespace fs = std::filesystem;
using results::ExportFormat;

struct ExportFlags {
  std::string result;
  std::string format;
  std::string output;
  std::string captions;
  std::string text = "speech";
  std::string media;
};

/// A file that appears whole, or stdout.
class Destination {
 public:
  static Result<Destination> open(const std::string& path) {
    Destination destination;
    if (path.empty()) return destination;
    CINESCRIBE_ASSIGN(AtomicFile file, AtomicFile::create(path));
    destination.file_.emplace(std::move(file));
    return destination;
  }
  Status write(std::string_view text) {
    if (file_) return file_->write(text);
    if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size()) return {};
    return Error{ErrorCode::kResource, "cannot write to stdout"};
  }
  Status commit() { return file_ ? file_->commit() : Status(); }

 private:
  std::optional<AtomicFile> file_;
};

/// Captions by scene: some hundred bytes each, a few thousand at the most.
struct Captions {
  std::string captioner;
  std::map<std::int64_t, std::pair<std::string, std::string>> by_scene;  ///< Text and doubt.
};

Result<Captions> read_all_captions(const fs::path& path) {
  Captions captions;
  if (path.empty()) return captions;
  CINESCRIBE_ASSIGN(const results::CaptionHeader header,
                    results::read_captions(path, [&](results::CaptionRecord&& record) {
                      captions.by_scene[record.scene_index] = {std::move(record.caption), std::move(record.suspect)};
                      return Status();
                    }));
  captions.captioner = header.captioner.name;
  return captions;
}

/// How a document at `output` reaches the pictures beside base_data.json.
std::string picture_prefix(const ResultPaths& paths, const std::string& output) {
  std::error_code ignored;
  const fs::path from = output.empty() ? fs::current_path(ignored) : fs::absolute(output, ignored).parent_path();
  const fs::path way = fs::proximate(paths.folder, from, ignored);
  return way.empty() || way == "." ? std::string() : way.generic_string() + "/";
}

Status export_scenes(const ResultPaths& paths, ExportFormat format, results::ExportSource source,
                     const results::TextSink& out) {
  CINESCRIBE_ASSIGN(const Captions captions, read_all_captions(paths.captions));
  source.captioner = captions.captioner;
  CINESCRIBE_ASSIGN(const auto writer, results::make_scene_export(format, source, out));
  const auto read = results::read_base_data(paths.base_data, [&](results::SceneRecord&& scene) {
    results::ExportScene item;
    if (const auto found = captions.by_scene.find(scene.scene_index); found != captions.by_scene.end()) {
      std::tie(item.caption, item.caption_doubt) = found->second;
    }
    item.scene = std::move(scene);
    return writer->scene(item);
  });
  if (!read.ok()) return read.error();
  return writer->finish();
}

Status export_boxes(const ResultPaths& paths, ExportFormat format, const results::VideoFacts& video,
                    const results::TextSink& out) {
  CINESCRIBE_ASSIGN(pipeline::TrackedBoxes boxes, pipeline::TrackedBoxes::open(paths.folder));
  CINESCRIBE_ASSIGN(const auto writer, results::make_box_export(format, video, boxes.labels(), out));
  while (true) {
    CINESCRIBE_ASSIGN(const auto unit, boxes.next());
    if (!unit) return writer->finish();
    for (const results::FrameBoxes& frame : unit->frames) CINESCRIBE_TRY(writer->frame(frame));
  }
}

/// Editors want a path that leads to the video from anywhere.
std::string media_path(const ExportFlags& flags, const ResultPaths& paths, const results::VideoFacts& video) {
  std::error_code ignored;
  if (!flags.media.empty()) return fs::absolute(flags.media, ignored).string();
  const std::string source = pipeline::source_of(paths.folder);
  return source.empty() ? video.file_name : source;
}

Outcome run_export(const ExportFlags& flags) {
  CINESCRIBE_ASSIGN(const ExportFormat format, results::parse_export_format(flags.format));
  CINESCRIBE_ASSIGN(const ResultPaths paths, find_results(flags.result, flags.captions));
  CINESCRIBE_ASSIGN(const results::BaseData facts,
                    results::read_base_data(paths.base_data, [](results::SceneRecord&&) { return Status(); }));
  CINESCRIBE_ASSIGN(Destination destination, Destination::open(flags.output));
  const results::TextSink out = [&](std::string_view text) { return destination.write(text); };
  if (format == ExportFormat::kMot || format == ExportFormat::kCoco) {
    CINESCRIBE_TRY(export_boxes(paths, format, facts.video, out));
  } else {
    results::ExportSource source;
    source.video = facts.video;
    source.media_path = media_path(flags, paths, facts.video);
    source.picture_prefix = picture_prefix(paths, flags.output);
    source.text = flags.text == "captions" ? results::ExportText::kCaptions : results::ExportText::kSpeech;
    CINESCRIBE_TRY(export_scenes(paths, format, source, out));
  }
  CINESCRIBE_TRY(destination.commit());
  return 0;
}

}  // namespace

Command add_export(CLI::App& root, const CommonOptions& /*common*/) {
  auto flags = std::make_shared<ExportFlags>();
  CLI::App* app = root.add_subcommand("export", "Write results as subtitles, edit lists, tables and pages");
  app->add_option("result", flags->result, "Results of a video: results/base/<video>, or a captioner's folder for it")
      ->required();
  app->add_option("-f,--format", flags->format,
                  "srt, vtt, txt, csv, edl, otio, fcpxml, mot, coco, chapters, md or html")
      ->required();
  app->add_option("-o,--output", flags->output, "File to write (default: stdout)");
  app->add_option("--captions", flags->captions, "Whose captions to take (default: the only captioner's)");
  app->add_option("--text", flags->text, "What subtitles and txt show: speech or captions")
      ->check(CLI::IsMember({"speech", "captions"}))
      ->capture_default_str();
  app->add_option("--media", flags->media, "Where the video lies, for edl, otio and fcpxml (default: where it was)");
  app->footer(
      "chapters is FFmpeg's metadata file:  ffmpeg -i film.mp4 -i chapters.txt -map_metadata 1 -c copy out.mp4\n"
      "Example:  cinescribe export results/base/film -f html -o film.html");
  return {app, [flags] { return run_export(*flags); }};
}

}  // namespace cinescribe::cli
