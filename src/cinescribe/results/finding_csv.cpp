#include "cinescribe/results/finding_csv.h"

#include <array>
#include <cstdio>

#include "cinescribe/results/csv_field.h"

namespace cinescribe::results {

namespace {

template <typename... Arguments>
std::string print(const char* format, Arguments... arguments) {
  std::array<char, 128> text{};
  std::snprintf(text.data(), text.size(), format, arguments...);
  return text.data();
}

std::string times_of(const TimeRange& range) { return print("%.6f,%.6f,", range.start.seconds(), range.end.seconds()); }

}  // namespace

std::string sound_csv_header() { return "start_seconds,end_seconds,label,max_score\n"; }

std::string sound_csv_row(const SoundSpan& span) {
  return times_of(span.range) + csv_field(span.label) + print(",%.6f\n", span.max_score);
}

std::string object_csv_header() {
  return "scene_index,track_id,label,start_seconds,end_seconds,sightings,mean_score,screen_share\n";
}

std::string object_csv_row(std::int64_t scene_index, const TrackRecord& track) {
  return std::to_string(scene_index) + "," + std::to_string(track.track_id) + "," + csv_field(track.label) + "," +
         times_of(track.range) + std::to_string(track.sightings) +
         print(",%.6f,%.6f\n", track.mean_score, track.screen_share);
}

}  // namespace cinescribe::results
