#include <cstdio>

#include "cinescribe/captions/captioner_advice.h"
#include "cinescribe/captions/machine_speed.h"
#include "cinescribe/cli/byte_count.h"
#include "cinescribe/cli/json_output.h"
#include "cinescribe/cli/models_commands.h"
#include "cinescribe/language/free_memory.h"
#include "cinescribe/models/catalogue.h"
#include "cinescribe/models/installed_model.h"

namespace cinescribe::cli {

namespace {

using Json = nlohmann::ordered_json;

bool is_installed(const models::Catalogue& catalogue, const std::string& name) {
  const models::CatalogueEntry* entry = catalogue.find(name);
  return entry != nullptr && models::install_state(*entry) == models::InstallState::kInstalled;
}

/// Whether the model is made here, in a type of one's choice.
bool has_types(const models::Catalogue& catalogue, const std::string& name) {
  const models::CatalogueEntry* entry = catalogue.find(name);
  return entry != nullptr && entry->is_imported;
}

void print_speed(const char* type, const captions::MachineSpeed& speed) {
  std::printf("  %-8s %8.0f GFLOP/s  %6.1f GB/s of weights\n", type, speed.gflops, speed.gigabytes_per_second);
}

void print_table(const std::vector<captions::CaptionerAdvice>& list, const models::Catalogue& catalogue,
                 const captions::MachineSpeeds& speeds, const captions::AdviceQuestion& question,
                 const std::string& device) {
  std::printf("%s, measured now, %s free:\n", device.c_str(), format_byte_count(question.free_bytes).c_str());
  print_speed("f16", speeds.f16);
  print_speed("q8_0", speeds.q8_0);
  print_speed("q6_k", speeds.q6_k);
  print_speed("q4_k", speeds.q4_k);
  std::printf("  attention%7.0f GFLOP/s\n", speeds.attention_gflops);
  std::printf("Estimates for %d frames a scene, %d new tokens, %s detail; RTF for scenes of %g s:\n",
              question.frames_per_scene, question.new_tokens, question.is_low_detail ? "low" : "full",
              question.scene_seconds);
  std::printf("  %-24s %-7s %5s  %9s  %12s  %8s\n", "model", "type", "batch", "memory", "s per scene", "RTF");
  for (const captions::CaptionerAdvice& advice : list) {
    std::printf("  %-24s %-7s %5d  %9s  %12.1f  %8.2f  %s%s\n", advice.name.c_str(), advice.type.c_str(),
                advice.scenes_at_once, format_byte_count(static_cast<std::uint64_t>(advice.memory_bytes)).c_str(),
                advice.seconds_per_scene, advice.rtf, advice.fits ? "" : "does not fit; ",
                is_installed(catalogue, advice.name) ? "installed" : "");
  }
  if (!list.empty() && list.front().fits) {
    const captions::CaptionerAdvice& first = list.front();
    std::printf("Try:  cinescribe models pull %s%s;  cinescribe caption-scenes RESULT --captioner %s --batch %d%s\n",
                first.name.c_str(), has_types(catalogue, first.name) ? (" --type " + first.type).c_str() : "",
                first.name.c_str(), first.scenes_at_once, question.is_low_detail ? " --detail low" : "");
  } else {
    std::printf("None of them fits: use a server (--captioner openai:MODEL@BASE_URL) or --captioner narrator\n");
  }
}

nlohmann::ordered_json speed_json(const captions::MachineSpeed& speed) {
  return {{"gflops", speed.gflops}, {"gigabytes_per_second", speed.gigabytes_per_second}};
}

}  // namespace

Outcome advise_models(const ModelsArguments& arguments, const CommonOptions& common) {
  CINESCRIBE_ASSIGN(const models::Catalogue catalogue, models::Catalogue::load());
  CINESCRIBE_ASSIGN(const captions::MachineSpeeds speeds,
                    captions::measure_machine_speed(common.device, common.threads));
  captions::AdviceQuestion question;
  question.frames_per_scene = arguments.frames_per_scene;
  question.new_tokens = arguments.new_tokens;
  question.scenes_at_once = arguments.batch;
  question.scene_seconds = arguments.scene_seconds;
  question.is_low_detail = arguments.detail == "low";
  question.free_bytes = language::free_memory_bytes(common.device);
  const auto list = captions::advise_captioners(captions::known_captioners(), speeds, question);
  if (!arguments.is_json) {
    print_table(list, catalogue, speeds, question, common.device);
    return 0;
  }
  Json json = {{"schema_version", 1},
               {"device", common.device},
               {"measured",
                {{"f16", speed_json(speeds.f16)},
                 {"q8_0", speed_json(speeds.q8_0)},
                 {"q6_k", speed_json(speeds.q6_k)},
                 {"q4_k", speed_json(speeds.q4_k)},
                 {"attention", {{"gflops", speeds.attention_gflops}}}}},
               {"free_bytes", question.free_bytes},
               {"frames_per_scene", question.frames_per_scene},
               {"new_tokens", question.new_tokens},
               {"scene_seconds", question.scene_seconds},
               {"detail", question.is_low_detail ? "low" : "high"}};
  json["captioners"] = Json::array();
  for (const captions::CaptionerAdvice& advice : list) {
    json["captioners"].push_back({{"name", advice.name},
                                  {"type", advice.type},
                                  {"scenes_at_once", advice.scenes_at_once},
                                  {"memory_bytes", static_cast<std::uint64_t>(advice.memory_bytes)},
                                  {"fits", advice.fits},
                                  {"seconds_per_scene_estimate", advice.seconds_per_scene},
                                  {"rtf_estimate", advice.rtf},
                                  {"is_installed", is_installed(catalogue, advice.name)}});
  }
  print_json(json);
  return 0;
}

}  // namespace cinescribe::cli
