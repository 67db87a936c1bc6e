#include <string>
#include <utility>

#include "cinescribe/results/markup.h"
#include "cinescribe/results/scene_export_kinds.h"
#include "cinescribe/results/scene_words.h"

namespace cinescribe::results {
namespace {

void add_fact(std::string& text, const char* name, const std::string& words) {
  if (!words.empty()) text += std::string("- **") + name + "**: " + escaped_markdown(words) + "\n";
}

class MarkdownExport final : public SceneExport {
 public:
  MarkdownExport(const ExportSource& source, TextSink out) : source_(source), out_(std::move(out)) {}

  Status scene(const ExportScene& item) override {
    CINESCRIBE_TRY(begin());
    const SceneRecord& scene = item.scene;
    std::string text = "\n## Scene " + std::to_string(scene.scene_index + 1) + ": " +
                       format_timecode(scene.range.start) + " – " + format_timecode(scene.range.end) + "\n\n";
    for (const std::string& file : scene.frame_files) {
      text += "![scene " + std::to_string(scene.scene_index + 1) + "](" + escaped_path(source_.picture_prefix + file) +
              ")\n";
    }
    if (!scene.frame_files.empty()) text += "\n";
    if (const std::string caption = on_one_line(item.caption); !caption.empty()) {
      text += "> " + escaped_markdown(caption) + "\n\n";
      if (!item.caption_doubt.empty()) text += "*Not to be trusted: " + escaped_markdown(item.caption_doubt) + "*\n\n";
    }
    add_fact(text, "Speech", speech_in_words(scene));
    add_fact(text, "Sounds", sounds_in_words(scene));
    add_fact(text, "Objects", objects_in_words(scene));
    return out_(text);
  }

  Status finish() override { return begin(); }

 private:
  Status begin() {
    if (std::exchange(has_begun_, true)) return {};
    std::string text = "# " + escaped_markdown(source_.video.file_name) + "\n\n" + video_in_words(source_.video) + "\n";
    if (!source_.captioner.empty()) text += "\nDescriptions by " + escaped_markdown(source_.captioner) + ".\n";
    return out_(text);
  }

  ExportSource source_;
  TextSink out_;
  bool has_begun_ = false;
};

}  // namespace

std::unique_ptr<SceneExport> make_markdown_export(const ExportSource& source, TextSink out) {
  return std::make_unique<MarkdownExport>(source, std::move(out));
}

}  // namespace cinescribe::results
