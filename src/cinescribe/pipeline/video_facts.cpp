#include "cinescribe/pipeline/video_facts.h"

#include <algorithm>
#include <cstddef>

namespace cinescribe::pipeline {

namespace {

results::PictureFacts picture_facts(const media::VideoStream& stream) {
  results::PictureFacts facts;
  facts.codec = stream.codec;
  facts.width = stream.display_width;
  facts.height = stream.display_height;
  facts.coded_width = stream.coded_width;
  facts.coded_height = stream.coded_height;
  facts.rotation_degrees = stream.rotation_degrees;
  facts.sample_aspect = stream.sample_aspect;
  facts.frame_rate = stream.average_rate;
  facts.is_variable_rate = stream.is_variable_rate;
  return facts;
}

/// The track that a pass with these options decodes: the one asked for, else the default one, else the first.
int chosen_track(const std::vector<media::AudioStream>& tracks, int wanted) {
  if (wanted >= 0) return wanted;
  const auto standard = std::find_if(tracks.begin(), tracks.end(), [](const auto& track) { return track.is_default; });
  return standard == tracks.end() ? 0 : static_cast<int>(standard - tracks.begin());
}

}  // namespace

results::VideoFacts video_facts(const std::filesystem::path& file, const MediaIdentity& media,
                                const media::DecodePass& pass, const media::DecodeOptions& options,
                                bool has_decoded_pictures) {
  const media::MediaInfo& info = pass.info();
  results::VideoFacts facts;
  facts.file_name = file.filename().string();
  facts.size_bytes = media.size_bytes;
  facts.fingerprint = media.fingerprint;
  facts.container = info.format;
  facts.damaged_packets = pass.damaged_packets();
  const auto video_track = static_cast<std::size_t>(std::max(0, options.video_track));
  if (video_track < info.video.size()) {
    facts.picture = picture_facts(info.video[video_track]);
    if (has_decoded_pictures) facts.picture->frame_count = pass.frames_decoded();
  }
  const int audio_track = chosen_track(info.audio, options.audio_track);
  if (static_cast<std::size_t>(audio_track) < info.audio.size()) {
    const media::AudioStream& sound = info.audio[static_cast<std::size_t>(audio_track)];
    facts.sound = results::SoundFacts{sound.codec, sound.rate_hz, sound.channels, audio_track, sound.language};
  }
  // Where the pictures were decoded their end is known; a header often lies.
  const bool is_measured = has_decoded_pictures || info.video.empty();
  facts.duration = is_measured ? pass.end_time() - Timestamp() : info.duration();
  if (facts.duration <= Duration()) facts.duration = pass.end_time() - Timestamp();
  return facts;
}

}  // namespace cinescribe::pipeline
