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

void print_table(const std::vector<captions::CaptionerAdvice>& list, const models::Catalogue& catalogue,
                 const captions::MachineSpeed& speed, const captions::AdviceQuestion& question,
                 const std::string& device) {
  std::printf("%s: %.0f GFLOP/s, %.1f GB/s of weights (measured now), %s free\n", device.c_str(), speed.gflops,
              speed.gigabytes_per_second, format_byte_count(question.free_bytes).c_str());
  std::printf("Estimates for %d frames a scene, %d new tokens, %d scenes at once, %s detail:\n",
              question.frames_per_scene, question.new_tokens, question.scenes_at_once,
              question.is_low_detail ? "low" : "full");
  std::printf("  %-16s %9s  %12s  %s\n", "model", "memory", "s per scene", "");
  for (const captions::CaptionerAdvice& advice : list) {
    std::printf("  %-16s %9s  %12.1f  %s%s\n", advice.name.c_str(),
                format_byte_count(static_cast<std::uint64_t>(advice.memory_bytes)).c_str(), advice.seconds_per_scene,
                advice.fits ? "" : "does not fit; ", is_installed(catalogue, advice.name) ? "installed" : "");
  }
  if (!list.empty() && list.front().fits) {
    std::printf("Try:  cinescribe models pull %s;  cinescribe caption-scenes RESULT --captioner %s%s\n",
                list.front().name.c_str(), list.front().name.c_str(), question.is_low_detail ? " --detail low" : "");
  } else {
    std::printf("None of them fits: use a server (--captioner openai:MODEL@BASE_URL) or --captioner narrator\n");
  }
}

}  // namespace

Outcome advise_models(const ModelsArguments& arguments, const CommonOptions& common) {
  if (!arguments.is_captioner) {
    return Error{ErrorCode::kUsage, "say what for: cinescribe models advise --captioner"};
  }
  CINESCRIBE_ASSIGN(const models::Catalogue catalogue, models::Catalogue::load());
  CINESCRIBE_ASSIGN(const captions::MachineSpeed speed, captions::measure_machine_speed(common.device, common.threads));
  captions::AdviceQuestion question;
  question.frames_per_scene = arguments.frames_per_scene;
  question.is_low_detail = arguments.detail == "low";
  question.free_bytes = language::free_memory_bytes(common.device);
  const auto list = captions::advise_captioners(captions::known_captioners(), speed, question);
  if (!arguments.is_json) {
    print_table(list, catalogue, speed, question, common.device);
    return 0;
  }
  Json json = {{"schema_version", 1},
               {"device", common.device},
               {"measured", {{"gflops", speed.gflops}, {"gigabytes_per_second", speed.gigabytes_per_second}}},
               {"free_bytes", question.free_bytes},
               {"frames_per_scene", question.frames_per_scene},
               {"new_tokens", question.new_tokens},
               {"scenes_at_once", question.scenes_at_once},
               {"detail", question.is_low_detail ? "low" : "high"}};
  json["captioners"] = Json::array();
  for (const captions::CaptionerAdvice& advice : list) {
    json["captioners"].push_back({{"name", advice.name},
                                  {"memory_bytes", static_cast<std::uint64_t>(advice.memory_bytes)},
                                  {"fits", advice.fits},
                                  {"seconds_per_scene_estimate", advice.seconds_per_scene},
                                  {"is_installed", is_installed(catalogue, advice.name)}});
  }
  print_json(json);
  return 0;
}

}  // namespace cinescribe::cli
