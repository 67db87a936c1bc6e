#include "cinescribe/media/probe.h"

#include <cstdio>
#include <memory>
#include <optional>

#include <nlohmann/json.hpp>

#include "cinescribe/cli/commands.h"
#include "cinescribe/cli/json_output.h"

namespace cinescribe::cli {

namespace {

using nlohmann::ordered_json;

struct ProbeFlags {
  std::string file;
  bool is_json = false;
  bool scan = false;
};

/// Unknown ratios are null.
ordered_json ratio(const Rational& value) {
  if (!value.is_known()) return nullptr;
  return std::to_string(value.num) + "/" + std::to_string(value.den);
}

template <typename T>
ordered_json or_null(const std::optional<T>& value) {
  if (!value) return nullptr;
  return *value;
}

ordered_json seconds(const std::optional<Duration>& value) {
  if (!value) return nullptr;
  return value->seconds();
}

ordered_json to_json(const media::VideoStream& video) {
  return {{"stream_index", video.stream_index},
          {"codec", video.codec},
          {"pixel_format", video.pixel_format},
          {"coded_width", video.coded_width},
          {"coded_height", video.coded_height},
          {"display_width", video.display_width},
          {"display_height", video.display_height},
          {"rotation_degrees", video.rotation_degrees},
          {"sample_aspect", ratio(video.sample_aspect)},
          {"average_rate", ratio(video.average_rate)},
          {"nominal_rate", ratio(video.nominal_rate)},
          {"is_variable_rate", video.is_variable_rate},
          {"frames_from_header", or_null(video.frames_from_header)},
          {"frames_from_scan", or_null(video.frames_from_scan)},
          {"duration_from_header_seconds", seconds(video.duration_from_header)},
          {"duration_from_scan_seconds", seconds(video.duration_from_scan)},
          {"bit_rate", video.bit_rate},
          {"language", video.language},
          {"is_default", video.is_default}};
}

ordered_json to_json(const media::AudioStream& audio) {
  return {{"stream_index", audio.stream_index},
          {"codec", audio.codec},
          {"sample_format", audio.sample_format},
          {"rate_hz", audio.rate_hz},
          {"channels", audio.channels},
          {"duration_from_header_seconds", seconds(audio.duration_from_header)},
          {"duration_from_scan_seconds", seconds(audio.duration_from_scan)},
          {"bit_rate", audio.bit_rate},
          {"language", audio.language},
          {"title", audio.title},
          {"is_default", audio.is_default}};
}

ordered_json to_json(const std::string& file, const media::MediaInfo& info) {
  ordered_json json = {{"schema_version", 1},
                       {"file", file},
                       {"format", info.format},
                       {"size_bytes", info.size_bytes},
                       {"start_seconds", info.start.seconds()},
                       {"duration_seconds", info.duration().seconds()},
                       {"duration_from_header_seconds", seconds(info.duration_from_header)},
                       {"duration_from_scan_seconds", seconds(info.duration_from_scan)},
                       {"video", ordered_json::array()},
                       {"audio", ordered_json::array()}};
  for (const auto& video : info.video) json["video"].push_back(to_json(video));
  for (const auto& audio : info.audio) json["audio"].push_back(to_json(audio));
  return json;
}

void print_text(const std::string& file, const media::MediaInfo& info) {
  std::printf("%s\n  container  %s, %.2f MB, %s\n", file.c_str(), info.format.c_str(),
              static_cast<double>(info.size_bytes) * 1e-6, format_timecode(Timestamp() + info.duration()).c_str());
  int track = 0;
  for (const auto& video : info.video) {
    std::printf("  video %d    %s, %dx%d", track++, video.codec.c_str(), video.display_width, video.display_height);
    if (video.display_width != video.coded_width || video.display_height != video.coded_height) {
      std::printf(" (stored %dx%d, turned by %d degrees, sample aspect %lld:%lld)", video.coded_width,
                  video.coded_height, video.rotation_degrees, static_cast<long long>(video.sample_aspect.num),
                  static_cast<long long>(video.sample_aspect.den));
    }
    std::printf(", %.3f frames/s%s, %s", video.average_rate.value(),
                video.is_variable_rate ? " on average (variable)" : "", video.pixel_format.c_str());
    if (video.frames_from_scan) std::printf(", %lld frames", static_cast<long long>(*video.frames_from_scan));
    std::printf("%s%s\n", video.language.empty() ? "" : ", ", video.language.c_str());
  }
  track = 0;
  for (const auto& audio : info.audio) {
    std::printf("  audio %d    %s, %d Hz, %d channel%s%s%s%s%s\n", track++, audio.codec.c_str(), audio.rate_hz,
                audio.channels, audio.channels == 1 ? "" : "s", audio.language.empty() ? "" : ", ",
                audio.language.c_str(), audio.title.empty() ? "" : ", ", audio.title.c_str());
  }
}

Outcome run_probe(const ProbeFlags& flags) {
  media::ProbeOptions options;
  options.scan = flags.scan;
  CINESCRIBE_ASSIGN(const media::MediaInfo info, media::probe(flags.file, options));
  if (flags.is_json) {
    print_json(to_json(flags.file, info));
  } else {
    print_text(flags.file, info);
  }
  return 0;
}

}  // namespace

Command add_probe(CLI::App& root, const CommonOptions&) {
  auto flags = std::make_shared<ProbeFlags>();
  CLI::App* app = root.add_subcommand("probe", "Show what a file contains: streams, duration, rotation, rates");
  app->add_option("file", flags->file, "Video or sound file")->required();
  app->add_flag("--scan", flags->scan, "Read the whole file for exact durations, frame counts and rates");
  app->add_flag("--json", flags->is_json, "JSON on stdout");
  app->footer("Example:  cinescribe probe talk.mp4 --scan --json");
  return {app, [flags] { return run_probe(*flags); }};
}

}  // namespace cinescribe::cli
