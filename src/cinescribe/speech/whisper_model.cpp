#include "cinescribe/speech/whisper_model.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <utility>

#include "cinescribe/core/log.h"
#include "cinescribe/tensor/backends.h"
#include "cinescribe/tensor/whisper_file.h"

namespace cinescribe::speech {

namespace {

/// More alignment heads than any published checkpoint has (23); the scratch memory below grows with them.
constexpr std::size_t kMostHeads = 64;

struct DeviceChoice {
  bool is_gpu = false;
  int index = 0;
};

Result<DeviceChoice> choose_device(const std::string& device) {
  if (device.empty() || device == "cpu") return DeviceChoice{};
  const std::string name = device.substr(0, device.find(':'));
  DeviceChoice choice{true, 0};
  if (name.size() != device.size()) {
    const char* end = device.data() + device.size();
    const auto [rest, code] = std::from_chars(device.data() + name.size() + 1, end, choice.index);
    if (code != std::errc() || rest != end || choice.index < 0) {
      return Error{ErrorCode::kUsage, "unknown device '" + device + "'; write " + name + ":0, " + name + ":1, ..."};
    }
  }
  if (name != "cuda" && name != "vulkan" && name != "metal" && name != "gpu") {
    return Error{ErrorCode::kUsage, "unknown device '" + device + "'; known are cpu, cuda, vulkan and metal"};
  }
  const auto devices = tensor::devices();
  const auto gpus = std::count_if(devices.begin(), devices.end(), [](const tensor::Device& found) {
    return found.kind == tensor::DeviceKind::kGpu || found.kind == tensor::DeviceKind::kIntegratedGpu;
  });
  if (choice.index >= gpus) {
    return Error{ErrorCode::kResource, "cannot use the device " + device + " for speech: found " +
                                           std::to_string(gpus) + " GPUs; use --device cpu"};
  }
  return choice;
}

/// whisper.cpp aborts when its scratch for the alignment is too small: attention of every head in three copies, and
/// the cost and trace tables. Only what is used is ever touched.
std::size_t alignment_scratch_bytes(const tensor::WhisperShape& shape, std::size_t heads) {
  const auto cells = static_cast<std::size_t>(shape.n_text_ctx) * static_cast<std::size_t>(shape.n_audio_ctx);
  return (4 * heads + 8) * cells * sizeof(float) + (16U << 20U);
}

}  // namespace

std::vector<tensor::AlignmentHead> usable_heads(const std::vector<tensor::AlignmentHead>& heads,
                                                const tensor::WhisperShape& shape) {
  std::vector<tensor::AlignmentHead> usable;
  for (const tensor::AlignmentHead& head : heads) {
    const bool is_inside =
        head.layer >= 0 && head.layer < shape.n_text_layer && head.head >= 0 && head.head < shape.n_text_head;
    if (is_inside && usable.size() < kMostHeads) usable.push_back(head);
  }
  return usable;
}

Result<std::shared_ptr<const WhisperModel>> WhisperModel::load(const WhisperEngineOptions& options) {
  CINESCRIBE_ASSIGN(const tensor::WhisperHeader header, tensor::validate_whisper_file(options.model));
  CINESCRIBE_TRY(tensor::load_backends());
  CINESCRIBE_ASSIGN(const DeviceChoice device, choose_device(options.device));

  std::shared_ptr<WhisperModel> model(new WhisperModel());  // the constructor is private
  model->is_multilingual_ = header.is_multilingual;
  model->is_on_gpu_ = device.is_gpu;
  model->word_times_ = options.word_times;
  for (const tensor::AlignmentHead& head : usable_heads(options.alignment_heads, header.shape)) {
    model->heads_.push_back({head.layer, head.head});
  }
  if (options.word_times == WordTimes::kExact && model->heads_.empty()) {
    log(LogLevel::kWarning, options.model.string() + " tells no alignment heads; word times are guessed instead");
    model->word_times_ = WordTimes::kFast;
  }

  whisper_context_params params = whisper_context_default_params();
  params.use_gpu = device.is_gpu;
  params.gpu_device = device.index;
  // Plain attention in the decoder is faster on CPUs and needed for the alignment; the encoder always has the fused
  // form in our build.
  params.flash_attn = device.is_gpu && model->word_times_ != WordTimes::kExact;
  if (model->word_times_ == WordTimes::kExact) {
    params.dtw_token_timestamps = true;
    params.dtw_aheads_preset = WHISPER_AHEADS_CUSTOM;
    params.dtw_aheads = {model->heads_.size(), model->heads_.data()};
    params.dtw_mem_size = alignment_scratch_bytes(header.shape, model->heads_.size());
  }
  model->context_.reset(whisper_init_from_file_with_params_no_state(options.model.c_str(), params));
  if (!model->context_) {
    return Error{ErrorCode::kResource, "cannot load " + options.model.string() + " (" +
                                           std::to_string(header.file_bytes >> 20U) +
                                           " MiB): not enough memory, or the device refused it; --verbose tells more"};
  }
  return std::shared_ptr<const WhisperModel>(std::move(model));
}

}  // namespace cinescribe::speech
