#include "cinescribe/media/device.h"

#include "cinescribe/core/log.h"

namespace cinescribe::media {

namespace {

/// Takes the device's pixel format where the decoder offers it, else its best format in main memory.
AVPixelFormat choose_format(AVCodecContext* context, const AVPixelFormat* offered) {
  const AVPixelFormat* last = offered;
  for (const AVPixelFormat* one = offered; *one != AV_PIX_FMT_NONE; ++one) {
    for (int i = 0;; ++i) {
      const AVCodecHWConfig* config = avcodec_get_hw_config(context->codec, i);
      if (config == nullptr) break;
      const bool is_ours = (config->methods & AV_CODEC_HW_CONFIG_METHOD_HW_DEVICE_CTX) != 0 && config->pix_fmt == *one;
      if (!is_ours || context->hw_device_ctx == nullptr) continue;
      const auto* device = reinterpret_cast<const AVHWDeviceContext*>(context->hw_device_ctx->data);
      if (device->type == config->device_type) return *one;
    }
    const AVPixFmtDescriptor* description = av_pix_fmt_desc_get(*one);
    if (description != nullptr && (description->flags & AV_PIX_FMT_FLAG_HWACCEL) == 0) last = one;
  }
  return *last;
}

BufferHandle open_device(const AVCodec& codec, AVHWDeviceType wanted) {
  for (int i = 0;; ++i) {
    const AVCodecHWConfig* config = avcodec_get_hw_config(&codec, i);
    if (config == nullptr) return nullptr;
    if ((config->methods & AV_CODEC_HW_CONFIG_METHOD_HW_DEVICE_CTX) == 0) continue;
    if (wanted != AV_HWDEVICE_TYPE_NONE && config->device_type != wanted) continue;
    AVBufferRef* device = nullptr;
    if (av_hwdevice_ctx_create(&device, config->device_type, nullptr, nullptr, 0) >= 0) return BufferHandle(device);
  }
}

}  // namespace

bool use_device(AVCodecContext& context, const AVCodec& codec, const std::string& name) {
  AVHWDeviceType wanted = AV_HWDEVICE_TYPE_NONE;
  if (name != "auto") {
    wanted = av_hwdevice_find_type_by_name(name.c_str());
    if (wanted == AV_HWDEVICE_TYPE_NONE) {
      log(LogLevel::kWarning, "FFmpeg knows no decoding device '" + name + "'; decoding in software");
      return false;
    }
  }
  BufferHandle device = open_device(codec, wanted);
  if (!device) {
    log(name == "auto" ? LogLevel::kDebug : LogLevel::kWarning,
        "no decoding device '" + name + "' for " + codec.name + " here; decoding in software");
    return false;
  }
  context.hw_device_ctx = device.release();
  context.get_format = &choose_format;
  return true;
}

}  // namespace cinescribe::media
