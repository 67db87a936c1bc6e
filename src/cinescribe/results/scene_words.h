#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cinescribe/results/base_data.h"
#include "cinescribe/results/records.h"

/// The facts of a scene in the words of documents for people.
namespace cinescribe::results {

/// "1280 × 720, 29.97 frames per second, 00:01:43.500, with sound".
std::string video_in_words(const VideoFacts& video);

/// Number of tracks of each label, the most frequent first; equal ones in the order of their first sighting.
std::vector<std::pair<std::string, int>> label_counts(const std::vector<TrackRecord>& tracks);

/// "2 person, 1 car"; empty without objects.
std::string objects_in_words(const SceneRecord& scene);

/// "Speech 0.98, Music 0.41" (highest score within the scene); empty without sounds.
std::string sounds_in_words(const SceneRecord& scene);

/// What is said, on one line.
std::string speech_in_words(const SceneRecord& scene);

}  // namespace cinescribe::results
