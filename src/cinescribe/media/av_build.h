#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cinescribe::media {

/// What the FFmpeg libraries that we run on are.
struct AvBuild {
  std::string version;                      ///< E.g. "5.1.9-0+deb12u1".
  std::string licence;                      ///< As FFmpeg states it, e.g. "GPL version 2 or later".
  std::vector<std::string> hardware_types;  ///< Kinds of hardware decoding compiled in, e.g. "vaapi"; may not be there.
};

AvBuild av_build();

/// Whether a decoder for this codec (FFmpeg's name, e.g. "h264") is there.
bool has_decoder(std::string_view codec);

}  // namespace cinescribe::media
