#include "cinescribe/results/fcpxml.h"

#include <cstdint>

#include "cinescribe/results/markup.h"

namespace cinescribe::results {
namespace {

/// `frames` of the rate num/den as seconds: "1001/30000s".
std::string seconds_of(std::int64_t frames, Rational rate) {
  if (frames == 0) return "0s";
  return std::to_string(frames * rate.den) + "/" + std::to_string(rate.num) + "s";
}

/// Editors ask for an address; a bare path becomes one.
std::string address_of(const std::string& target) {
  if (target.find("://") != std::string::npos) return target;
  return (target.starts_with('/') ? "file://" : "") + escaped_path(target);
}

std::string attribute(const char* name, const std::string& value) {
  return std::string(" ") + name + "=\"" + escaped_markup(value) + "\"";
}

std::string resources(const FcpxmlSource& source, std::int64_t frames) {
  const std::string sound = source.has_sound ? attribute("hasAudio", "1") + attribute("audioSources", "1") : "";
  return "  <resources>\n    <format id=\"r1\"" + attribute("frameDuration", seconds_of(1, source.frame_rate)) +
         attribute("width", std::to_string(source.width)) + attribute("height", std::to_string(source.height)) +
         "/>\n    <asset id=\"r2\"" + attribute("name", source.name) + " start=\"0s\"" +
         attribute("duration", seconds_of(frames, source.frame_rate)) + " hasVideo=\"1\" videoSources=\"1\"" + sound +
         " format=\"r1\">\n      <media-rep kind=\"original-media\"" + attribute("src", address_of(source.target_url)) +
         "/>\n    </asset>\n  </resources>\n";
}

}  // namespace

Result<std::string> to_fcpxml(const std::vector<FcpxmlClip>& clips, const FcpxmlSource& source) {
  if (!source.frame_rate.is_known()) {
    return Error{ErrorCode::kInput,
                 "cannot write a project for " + source.target_url + ": its frame rate is unknown; choose CSV or JSON"};
  }
  const std::int64_t frames = clips.empty() ? 0 : clips.back().scene.end_frame;
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE fcpxml>\n<fcpxml version=\"1.9\">\n" +
                     resources(source, frames) + "  <library>\n    <event" + attribute("name", source.name) +
                     ">\n      <project" + attribute("name", source.name) +
                     ">\n        <sequence format=\"r1\" tcStart=\"0s\" tcFormat=\"NDF\"" +
                     attribute("duration", seconds_of(frames, source.frame_rate)) + ">\n          <spine>\n";
  for (const FcpxmlClip& clip : clips) {
    const std::string start = seconds_of(clip.scene.start_frame, source.frame_rate);
    text += "            <asset-clip ref=\"r2\"" + attribute("name", clip.title) + attribute("offset", start) +
            attribute("start", start) +
            attribute("duration", seconds_of(clip.scene.end_frame - clip.scene.start_frame, source.frame_rate)) +
            "/>\n";
  }
  return text + "          </spine>\n        </sequence>\n      </project>\n    </event>\n  </library>\n</fcpxml>\n";
}

}  // namespace cinescribe::results
