#include "cinescribe/pipeline/chosen_captioner.h"

#include <utility>

#include "cinescribe/captions/narrator.h"

namespace cinescribe::pipeline {

namespace {

ChosenCaptioner narrator() {
  ChosenCaptioner chosen;
  const std::shared_ptr<captions::Captioner> captioner = captions::make_narrator();
  chosen.source.facts = captioner->facts();
  chosen.source.load = [captioner]() -> Result<captions::Captioner*> { return captioner.get(); };
  return chosen;
}

}  // namespace

Result<ChosenCaptioner> choose_captioner(const std::string& name, const captions::VlmOptions& /*options*/,
                                         bool /*may_be_synthetic*/) {
  if (name == "narrator") return narrator();
  return Error{ErrorCode::kModel, "there is no captioner '" + name + "'"};
}

}  // namespace cinescribe::pipeline
