#include "cinescribe/results/scene_words.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "cinescribe/results/markup.h"

namespace cinescribe::results {
namespace {

std::string short_number(const char* format, double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

void add(std::string& list, const std::string& item) { list += (list.empty() ? "" : ", ") + item; }

}  // namespace

std::string video_in_words(const VideoFacts& video) {
  std::string words;
  if (video.picture) {
    add(words, std::to_string(video.picture->width) + " × " + std::to_string(video.picture->height));
    if (video.picture->frame_rate.is_known()) {
      add(words, short_number("%.5g frames per second", video.picture->frame_rate.value()));
    }
  }
  add(words, format_timecode(Timestamp() + video.duration));
  add(words, video.sound ? "with sound" : "without sound");
  return words;
}

std::vector<std::pair<std::string, int>> label_counts(const std::vector<TrackRecord>& tracks) {
  std::vector<std::pair<std::string, int>> counts;
  for (const TrackRecord& track : tracks) {
    const auto found =
        std::find_if(counts.begin(), counts.end(), [&](const auto& c) { return c.first == track.label; });
    if (found == counts.end()) {
      counts.emplace_back(track.label, 1);
    } else {
      ++found->second;
    }
  }
  std::stable_sort(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  return counts;
}

std::string objects_in_words(const SceneRecord& scene) {
  std::string words;
  for (const auto& [label, count] : label_counts(scene.objects)) add(words, std::to_string(count) + " " + label);
  return words;
}

std::string sounds_in_words(const SceneRecord& scene) {
  std::string words;
  for (const SoundRecord& sound : scene.sounds) add(words, sound.label + short_number(" %.2f", sound.max_score));
  return words;
}

std::string speech_in_words(const SceneRecord& scene) {
  std::string words;
  for (const SegmentRecord& segment : scene.speech) {
    const std::string text = on_one_line(segment.text);
    if (!text.empty()) words += (words.empty() ? "" : " ") + text;
  }
  return words;
}

}  // namespace cinescribe::results
