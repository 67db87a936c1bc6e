#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <vector>

#include <nlohmann/json.hpp>

#include "cinescribe/cli/commands.h"
#include "cinescribe/cli/json_output.h"
#include "cinescribe/core/file.h"
#include "cinescribe/image/jpeg.h"
#include "cinescribe/image/png.h"
#include "cinescribe/media/extract.h"

namespace cinescribe::cli {

namespace {

using nlohmann::ordered_json;

struct FramesFlags {
  std::string file;
  std::vector<std::string> at;
  std::string folder;
  std::string format = "jpg";
  int short_side_px = 0;
  int quality = 90;
  int video_track = 0;
  std::string hardware;
  bool is_json = false;
};

/// "talk_0001_00-00-01.500.jpg": position in the list, then the time of the picture.
std::string picture_name(const FramesFlags& flags, std::size_t number, Timestamp time) {
  std::array<char, 32> serial{};
  std::snprintf(serial.data(), serial.size(), "_%04zu_", number);
  std::string clock = format_timecode(time);
  std::replace(clock.begin(), clock.end(), ':', '-');
  return std::filesystem::path(flags.file).stem().string() + serial.data() + clock + "." + flags.format;
}

Outcome run_frames(const FramesFlags& flags, const CommonOptions& common) {
  std::vector<Timestamp> times;
  for (const std::string& text : flags.at) {
    CINESCRIBE_ASSIGN(const Timestamp time, parse_time(text));
    times.push_back(time);
  }
  media::DecodeOptions options;
  options.video_track = flags.video_track;
  options.hardware = flags.hardware;
  options.threads = common.threads;
  CINESCRIBE_TRY(create_folder(flags.folder));
  ordered_json frames = ordered_json::array();
  const auto keep = [&](media::ExtractedFrame&& frame) -> Status {
    const auto path = std::filesystem::path(flags.folder) / picture_name(flags, frames.size() + 1, frame.time);
    CINESCRIBE_TRY(flags.format == "png" ? image::write_png(path, frame.picture)
                                         : image::write_jpeg(path, frame.picture, flags.quality));
    if (!flags.is_json) std::printf("%s  %s\n", format_timecode(frame.time).c_str(), path.c_str());
    frames.push_back({{"requested_seconds", frame.requested.seconds()},
                      {"time_seconds", frame.time.seconds()},
                      {"width", frame.picture.width},
                      {"height", frame.picture.height},
                      {"path", path.string()}});
    return {};
  };
  CINESCRIBE_TRY(media::extract_frames(flags.file, times, flags.short_side_px, options, common.stop, keep));
  if (flags.is_json) print_json({{"schema_version", 1}, {"file", flags.file}, {"frames", frames}});
  return 0;
}

}  // namespace

Command add_frames(CLI::App& root, const CommonOptions& common) {
  auto flags = std::make_shared<FramesFlags>();
  CLI::App* app = root.add_subcommand("frames", "Save the frames on screen at given times as pictures");
  app->add_option("file", flags->file, "Video file")->required();
  app->add_option("--at", flags->at, "Times such as 1.5s, 250ms or 00:00:03.200, separated by commas")
      ->required()
      ->delimiter(',');
  app->add_option("-o,--output", flags->folder, "Folder for the pictures")->required();
  app->add_option("--format", flags->format, "Kind of picture")
      ->check(CLI::IsMember({"jpg", "png"}))
      ->capture_default_str();
  app->add_option("--short-side", flags->short_side_px, "Pixels of the shorter side; 0 = as in the video")
      ->check(CLI::Range(0, 16384))
      ->capture_default_str();
  app->add_option("--quality", flags->quality, "JPEG quality")->check(CLI::Range(1, 100))->capture_default_str();
  app->add_option("--video-track", flags->video_track, "Which video track, from 0")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app->add_option("--hardware", flags->hardware, "Decode on a device: auto, cuda, vaapi, ...; software if it fails");
  app->add_flag("--json", flags->is_json, "JSON on stdout");
  app->footer("Example:  cinescribe frames talk.mp4 --at 1.5s,00:00:03.200 -o pictures");
  return {app, [flags, &common] { return run_frames(*flags, common); }};
}

}  // namespace cinescribe::cli
