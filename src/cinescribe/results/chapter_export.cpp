#include <string>
#include <utility>

#include "cinescribe/results/markup.h"
#include "cinescribe/results/scene_export_kinds.h"

namespace cinescribe::results {
namespace {

/// `=`, `;`, `#`, `\` and line breaks have a meaning of their own in the file.
std::string escaped_metadata(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '=' || c == ';' || c == '#' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

class ChapterExport final : public SceneExport {
 public:
  ChapterExport(const ExportSource& source, TextSink out) : source_(source), out_(std::move(out)) {}

  Status scene(const ExportScene& item) override {
    CINESCRIBE_TRY(begin());
    std::string title = on_one_line(item.caption);
    if (title.empty()) title = "Scene " + std::to_string(item.scene.scene_index + 1);
    const auto milliseconds = [](Timestamp time) { return std::to_string((time.ns() + 500'000) / 1'000'000); };
    return out_("\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=" + milliseconds(item.scene.range.start) +
                "\nEND=" + milliseconds(item.scene.range.end) + "\ntitle=" + escaped_metadata(title) + "\n");
  }

  Status finish() override { return begin(); }

 private:
  Status begin() {
    if (std::exchange(has_begun_, true)) return {};
    return out_(";FFMETADATA1\ntitle=" + escaped_metadata(on_one_line(source_.video.file_name)) + "\n");
  }

  ExportSource source_;
  TextSink out_;
  bool has_begun_ = false;
};

}  // namespace

std::unique_ptr<SceneExport> make_chapter_export(const ExportSource& source, TextSink out) {
  return std::make_unique<ChapterExport>(source, std::move(out));
}

}  // namespace cinescribe::results
