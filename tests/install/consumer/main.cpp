#include <cstdio>

#include "cinescribe/core/time.h"
#include "cinescribe/media/probe.h"

int main(int argc, char** argv) {
  const auto time = cinescribe::parse_time("1:02.5");
  if (!time.ok() || argc != 2) return 2;
  std::printf("%s\n", cinescribe::format_timecode(*time).c_str());

  const auto missing = cinescribe::media::probe("no such file.mp4");
  if (missing.ok() || missing.error().code != cinescribe::ErrorCode::kInput) return 3;

  const auto info = cinescribe::media::probe(argv[1], {.scan = true});
  if (!info.ok()) {
    std::fprintf(stderr, "%s\n", info.error().message.c_str());
    return 1;
  }
  std::printf("%lld frames in %.3f s\n", static_cast<long long>(info->video.at(0).frames_from_scan.value_or(0)),
              info->duration().seconds());
  return 0;
}
