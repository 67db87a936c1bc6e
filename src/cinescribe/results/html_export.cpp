#include <array>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#include "cinescribe/results/markup.h"
#include "cinescribe/results/scene_export_kinds.h"
#include "cinescribe/results/scene_words.h"

namespace cinescribe::results {
namespace {

/// Readable in light and dark, on a phone and on paper, without anything from elsewhere.
constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --text: #1c1c1e; --soft: #6b6b70; --page: #f7f7f5; --card: #fff; --line: #e3e3df; --mark: #2457a6; }
@media (prefers-color-scheme: dark) {
  :root { --text: #ececee; --soft: #9c9ca3; --page: #17181a; --card: #212225; --line: #35363a; --mark: #8ab4f8; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
header, main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1 { margin: 0; font-size: 1.5rem; overflow-wrap: anywhere; }
.soft { color: var(--soft); font-size: .875rem; }
input { width: 100%; margin-top: .75rem; padding: .5rem .75rem; font: inherit; color: inherit; background: var(--card);
  border: 1px solid var(--line); border-radius: .5rem; }
article { display: grid; grid-template-columns: 16rem 1fr; gap: 1rem; margin-bottom: 1rem; padding: 1rem; background: var(--card);
  border: 1px solid var(--line); border-radius: .75rem; break-inside: avoid; }
article[hidden] { display: none; }
article.plain { grid-template-columns: 1fr; }
.pictures { display: grid; gap: .5rem; align-content: start; }
.pictures img { width: 100%; border-radius: .4rem; display: block; }
h2 { margin: 0 0 .25rem; font-size: 1rem; font-variant-numeric: tabular-nums; }
.caption { margin: .25rem 0; font-size: 1.0625rem; }
.doubt { color: #b3541e; font-size: .875rem; }
.speech { margin: .5rem 0; padding-left: .75rem; border-left: 3px solid var(--mark); }
.speech time { color: var(--soft); font-size: .8125rem; font-variant-numeric: tabular-nums; margin-right: .5rem; }
ul { list-style: none; display: flex; flex-wrap: wrap; gap: .375rem; margin: .5rem 0 0; padding: 0; }
li { padding: .0625rem .5rem; border: 1px solid var(--line); border-radius: 1rem; font-size: .8125rem; }
@media (max-width: 40rem) { article { grid-template-columns: 1fr; } }
@media print { input { display: none; } }
)";

/// Hides the scenes that do not hold all the words that are typed.
constexpr std::string_view kScript = R"(
const field = document.querySelector('input'), scenes = [...document.querySelectorAll('article')];
const count = document.querySelector('#count');
field.addEventListener('input', () => {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const scene of scenes) {
    const text = scene.textContent.toLowerCase();
    scene.hidden = !words.every(word => text.includes(word));
    shown += scene.hidden ? 0 : 1;
  }
  count.textContent = words.length ? `${shown} of ${scenes.length} scenes` : `${scenes.length} scenes`;
});
count.textContent = `${scenes.length} scenes`;
)";

std::string two_decimals(double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.2f", value);
  return text.data();
}

std::string pictures(const SceneRecord& scene, const std::string& prefix) {
  std::string html;
  for (const std::string& file : scene.frame_files) {
    html += "<img loading=\"lazy\" src=\"" + escaped_path(prefix + file) + "\" alt=\"picture of scene " +
            std::to_string(scene.scene_index + 1) + "\">";
  }
  return html.empty() ? html : "<div class=\"pictures\">" + html + "</div>\n";
}

std::string speech(const SceneRecord& scene) {
  std::string html;
  for (const SegmentRecord& segment : scene.speech) {
    const std::string text = on_one_line(segment.text);
    if (text.empty()) continue;
    html += "<div><time>" + format_timecode(segment.range.start) + "</time>" + escaped_markup(text) + "</div>";
  }
  return html.empty() ? html : "<div class=\"speech\">" + html + "</div>\n";
}

std::string findings(const SceneRecord& scene) {
  std::string html;
  for (const auto& [label, count] : label_counts(scene.objects)) {
    html += "<li>" + std::to_string(count) + " × " + escaped_markup(label) + "</li>";
  }
  for (const SoundRecord& sound : scene.sounds) {
    html += "<li>♪ " + escaped_markup(sound.label) + " " + two_decimals(sound.max_score) + "</li>";
  }
  return html.empty() ? html : "<ul>" + html + "</ul>\n";
}

class HtmlExport final : public SceneExport {
 public:
  HtmlExport(const ExportSource& source, TextSink out) : source_(source), out_(std::move(out)) {}

  Status scene(const ExportScene& item) override {
    CINESCRIBE_TRY(begin());
    const SceneRecord& scene = item.scene;
    const std::string images = pictures(scene, source_.picture_prefix);
    std::string html = images.empty() ? "<article class=\"plain\">\n" : "<article>\n" + images;
    html += "<div><h2>Scene " + std::to_string(scene.scene_index + 1) + " <span class=\"soft\">" +
            format_timecode(scene.range.start) + " – " + format_timecode(scene.range.end) + "</span></h2>\n";
    if (const std::string caption = on_one_line(item.caption); !caption.empty()) {
      html += "<p class=\"caption\">" + escaped_markup(caption) + "</p>\n";
      if (!item.caption_doubt.empty()) {
        html += "<p class=\"doubt\">Not to be trusted: " + escaped_markup(item.caption_doubt) + "</p>\n";
      }
    }
    return out_(html + speech(scene) + findings(scene) + "</div></article>\n");
  }

  Status finish() override {
    CINESCRIBE_TRY(begin());
    return out_("</main>\n<script>" + std::string(kScript) + "</script>\n</body>\n</html>\n");
  }

 private:
  Status begin() {
    if (std::exchange(has_begun_, true)) return {};
    const std::string name = escaped_markup(source_.video.file_name);
    std::string html =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
        name + "</title>\n<style>" + std::string(kStyle) + "</style>\n</head>\n<body>\n<header>\n<h1>" + name +
        "</h1>\n<div class=\"soft\">" + escaped_markup(video_in_words(source_.video)) + " · <span id=\"count\"></span>";
    if (!source_.captioner.empty()) html += " · descriptions by " + escaped_markup(source_.captioner);
    html +=
        "</div>\n<input type=\"search\" placeholder=\"Find words, sounds, objects\" aria-label=\"Find scenes\">\n"
        "</header>\n<main>\n";
    return out_(html);
  }

  ExportSource source_;
  TextSink out_;
  bool has_begun_ = false;
};

}  // namespace

std::unique_ptr<SceneExport> make_html_export(const ExportSource& source, TextSink out) {
  return std::make_unique<HtmlExport>(source, std::move(out));
}

}  // namespace cinescribe::results
