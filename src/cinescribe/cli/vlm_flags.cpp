#include "cinescribe/cli/vlm_flags.h"

#include <array>
#include <utility>

namespace cinescribe::cli {

namespace {

constexpr const char* kGroup = "Model";

template <typename Value, std::size_t count>
Value value_of(const std::string& name, const std::array<std::pair<const char*, Value>, count>& table) {
  for (const auto& [known, value] : table) {
    if (name == known) return value;
  }
  return table.front().second;
}

constexpr std::array<std::pair<const char*, language::KvType>, 4> kKvTypes = {{{"auto", language::KvType::kAuto},
                                                                               {"f32", language::KvType::kF32},
                                                                               {"f16", language::KvType::kF16},
                                                                               {"q8_0", language::KvType::kQ80}}};
constexpr std::array<std::pair<const char*, language::FlashAttention>, 3> kFlash = {
    {{"auto", language::FlashAttention::kAuto},
     {"on", language::FlashAttention::kOn},
     {"off", language::FlashAttention::kOff}}};
constexpr std::array<std::pair<const char*, captions::OverflowRule>, 3> kOverflow = {
    {{"warn", captions::OverflowRule::kWarn},
     {"refuse", captions::OverflowRule::kRefuse},
     {"fewer-frames", captions::OverflowRule::kFewerFrames}}};

}  // namespace

void VlmFlags::add_to(CLI::App& app, bool has_batch) {
  if (has_batch) {
    app.add_option("--batch", values_.batch, "Scenes decoded at once")
        ->check(CLI::Range(1, 64))
        ->capture_default_str()
        ->group(kGroup);
  }
  app.add_option("--detail", detail_, "low: LLaVA sees the overview only, Phi a single crop; for slow machines")
      ->check(CLI::IsMember({"high", "low"}))
      ->capture_default_str()
      ->group(kGroup);
  app.add_option("--num-crops", values_.num_crops, "Phi: most crops per picture; 0 = the model's own number")
      ->check(CLI::Range(0, 64))
      ->group(kGroup);
  app.add_option("--panorama-order", panorama_order_, "InstructBLIP: frames from left to right in time, or reversed")
      ->check(CLI::IsMember({"forward", "reverse"}))
      ->capture_default_str()
      ->group(kGroup);
  app.add_flag("--frame-by-frame", values_.is_frame_by_frame, "Describe every picture by itself and join the answers")
      ->group(kGroup);
  app.add_option("--on-overflow", on_overflow_, "When prompt and answer exceed the trained context")
      ->check(CLI::IsMember({"warn", "refuse", "fewer-frames"}))
      ->capture_default_str()
      ->group(kGroup);
  app.add_option(
         "--chat-template", values_.chat_template,
         "GGUF pairs: a chat template's name (chatml, gemma, ...) or file, where the model's own is none or not known")
      ->group(kGroup);
  app.add_option("--flash-attention", flash_attention_, "Fused attention; auto: off for f32 models")
      ->check(CLI::IsMember({"auto", "on", "off"}))
      ->capture_default_str()
      ->group(kGroup);
  app.add_option("--kv-type", kv_type_, "Keys and values in the cache; auto: f16, f32 for f32 models")
      ->check(CLI::IsMember({"auto", "f32", "f16", "q8_0"}))
      ->capture_default_str()
      ->group(kGroup);
  app.add_option("--gpu-layers", values_.gpu_layers, "Layers of the language model on --device; -1 = all")
      ->check(CLI::Range(-1, 10000))
      ->capture_default_str()
      ->group(kGroup);
  app.add_flag("--no-kv-cache", has_no_cache_,
               "Compute everything again for every token, to measure what the cache saves")
      ->group(kGroup);
  app.add_flag("--allow-synthetic", may_be_synthetic_, "Accept models with random weights (models synthesize)")
      ->group(kGroup);
}

Result<captions::VlmOptions> VlmFlags::options(const CommonOptions& common) const {
  captions::VlmOptions options = values_;
  options.is_offline = common.offline;
  options.device = common.device;
  options.threads = common.threads;
  options.is_low_detail = detail_ == "low";
  options.is_panorama_reversed = panorama_order_ == "reverse";
  options.on_overflow = value_of(on_overflow_, kOverflow);
  options.flash_attention = value_of(flash_attention_, kFlash);
  options.kv_type = value_of(kv_type_, kKvTypes);
  options.has_kv_cache = !has_no_cache_;
  if (options.is_low_detail && options.num_crops > 1) {
    return Error{ErrorCode::kUsage, "--detail low is a single crop; leave --num-crops or --detail out"};
  }
  if (options.kv_type == language::KvType::kQ80 && options.flash_attention == language::FlashAttention::kOff) {
    return Error{ErrorCode::kUsage, "--kv-type q8_0 needs fused attention; leave --flash-attention off out"};
  }
  return options;
}

}  // namespace cinescribe::cli
