#include "cinescribe/media/tracks.h"

#include <string>

namespace cinescribe::media {

namespace {

std::string list(const MediaInfo& info) {
  std::string text;
  for (std::size_t i = 0; i < info.video.size(); ++i) {
    const VideoStream& v = info.video[i];
    text += "; video track " + std::to_string(i) + ": " + v.codec + " " + std::to_string(v.coded_width) + "x" +
            std::to_string(v.coded_height);
  }
  for (std::size_t i = 0; i < info.audio.size(); ++i) {
    const AudioStream& a = info.audio[i];
    text += "; audio track " + std::to_string(i) + ": " + a.codec + " " + std::to_string(a.rate_hz) + " Hz";
    if (!a.language.empty()) text += " (" + a.language + ")";
    if (!a.title.empty()) text += " '" + a.title + "'";
  }
  return text;
}

Error no_track(const Input& input, const char* kind, int track) {
  return {ErrorCode::kUsage, input.path.string() + " has no " + kind + " track " + std::to_string(track) + "; it has" +
                                 (list(input.info).empty() ? " none" : list(input.info).substr(1))};
}

}  // namespace

Result<Tracks> choose_tracks(const Input& input, const DecodeOptions& options) {
  Tracks tracks;
  const auto& video = input.info.video;
  const auto& audio = input.info.audio;
  if (options.video_track < 0 || (options.video_track > 0 && options.video_track >= static_cast<int>(video.size()))) {
    return no_track(input, "video", options.video_track);
  }
  if (!video.empty()) tracks.video = video[static_cast<std::size_t>(options.video_track)].stream_index;
  if (options.audio_track < -1 || options.audio_track >= static_cast<int>(audio.size())) {
    return no_track(input, "audio", options.audio_track);
  }
  if (options.audio_track >= 0) {
    tracks.audio = audio[static_cast<std::size_t>(options.audio_track)].stream_index;
  } else {
    for (const AudioStream& one : audio) {
      if (tracks.audio < 0 || (one.is_default && !audio.front().is_default)) tracks.audio = one.stream_index;
      if (one.is_default) break;
    }
  }
  return tracks;
}

}  // namespace cinescribe::media
