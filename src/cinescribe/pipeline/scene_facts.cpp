#include "cinescribe/pipeline/scene_facts.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace cinescribe::pipeline {

namespace {

/// Sounds below this score are too uncertain to be told as facts.
constexpr double kLeastSoundScore = 0.2;

/// How many of these tracks exist at once at most, and for how long there is at least one.
std::pair<int, Duration> presence(const std::vector<TimeRange>& ranges) {
  std::vector<std::pair<std::int64_t, int>> steps;
  for (const TimeRange& range : ranges) {
    // A track that was seen in a single frame counts for that moment.
    const std::int64_t end = std::max(range.end.ns(), range.start.ns() + 1);
    steps.emplace_back(range.start.ns(), 1);
    steps.emplace_back(end, -1);
  }
  std::sort(steps.begin(), steps.end());
  int now = 0;
  int most = 0;
  std::int64_t seen_ns = 0;
  std::int64_t last = 0;
  for (const auto& [time, step] : steps) {
    if (now > 0) seen_ns += time - last;
    last = time;
    now += step;
    most = std::max(most, now);
  }
  return {most, Duration::from_ns(seen_ns)};
}

std::vector<captions::SeenThing> seen_things(const std::vector<results::TrackRecord>& tracks) {
  std::map<std::string, std::vector<TimeRange>> ranges;
  std::map<std::string, double> shares;
  for (const results::TrackRecord& track : tracks) {
    ranges[track.label].push_back(track.range);
    shares[track.label] = std::max(shares[track.label], track.screen_share);
  }
  std::vector<captions::SeenThing> things;
  for (const auto& [label, of_label] : ranges) {
    const auto [most, seen] = presence(of_label);
    things.push_back({label, most, seen.seconds(), shares[label]});
  }
  const auto weight = [](const captions::SeenThing& thing) {
    return thing.seconds * thing.screen_share * static_cast<double>(thing.count);
  };
  std::stable_sort(things.begin(), things.end(),
                   [&](const auto& a, const auto& b) { return weight(a) > weight(b); });  // else by name
  return things;
}

}  // namespace

captions::SceneContext scene_facts(const results::SceneRecord& scene) {
  captions::SceneContext context;
  context.range = scene.range;
  for (const results::SegmentRecord& segment : scene.speech) context.speech.push_back(segment.text);
  context.objects = seen_things(scene.objects);
  for (const results::SoundRecord& sound : scene.sounds) {
    if (sound.max_score >= kLeastSoundScore) context.sounds.push_back({sound.label, sound.max_score});
  }
  std::stable_sort(context.sounds.begin(), context.sounds.end(),
                   [](const auto& a, const auto& b) { return a.score > b.score; });
  return context;
}

}  // namespace cinescribe::pipeline
