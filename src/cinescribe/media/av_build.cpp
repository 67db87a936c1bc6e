#include "cinescribe/media/av_build.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/avutil.h>
#include <libavutil/hwcontext.h>
}

namespace cinescribe::media {

AvBuild av_build() {
  AvBuild build{av_version_info(), avcodec_license(), {}};
  for (AVHWDeviceType type = av_hwdevice_iterate_types(AV_HWDEVICE_TYPE_NONE); type != AV_HWDEVICE_TYPE_NONE;
       type = av_hwdevice_iterate_types(type)) {
    build.hardware_types.emplace_back(av_hwdevice_get_type_name(type));
  }
  return build;
}

bool has_decoder(std::string_view codec) {
  const AVCodecDescriptor* descriptor = avcodec_descriptor_get_by_name(std::string(codec).c_str());
  return descriptor != nullptr && avcodec_find_decoder(descriptor->id) != nullptr;
}

}  // namespace cinescribe::media
