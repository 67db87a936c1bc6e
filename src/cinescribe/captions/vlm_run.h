#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "cinescribe/captions/captioner.h"
#include "cinescribe/captions/scene_plan.h"
#include "cinescribe/captions/vlm_model.h"
#include "cinescribe/captions/vlm_options.h"

namespace cinescribe::captions {

/// One run of a vision-language model over scenes: plans each, has pictures encoded ahead of the generator, and puts
/// together what comes out of it.
class VlmRun {
 public:
  VlmRun(VlmModel& model, const VlmOptions& options, const std::function<std::optional<CaptionRequest>()>& next,
         const std::function<void(CaptionOutcome)>& done, const std::stop_token& stop);
  ~VlmRun();
  VlmRun(const VlmRun&) = delete;
  VlmRun& operator=(const VlmRun&) = delete;

  Status run(language::Generator& generator);

  /// The first request, taken before there is a generator so that this can be made for it; empty when there is none.
  const CaptionRequest* peek();

 private:
  /// A scene at work.
  struct Scene {
    Caption caption;
    language::GenerationOptions generation;
    std::vector<std::string> texts;  ///< Of its parts, in order.
    std::size_t parts_left = 0;
    std::optional<Error> error;
  };
  /// A part on its way to the generator.
  struct Part {
    std::int64_t scene = 0;
    std::size_t index = 0;  ///< Among the scene's parts.
    ScenePart part;
  };
  struct EncodedPart {
    Part part;
    Result<std::vector<ImageRows>> rows;
    double preprocess_seconds = 0.0;
    double encode_seconds = 0.0;
  };
  using Encoded = std::vector<EncodedPart>;

  std::optional<CaptionRequest> pull();
  std::vector<Part> pull_parts();
  void launch();
  void collect(Encoded&& encoded);
  Encoded encode(std::vector<Part>&& parts);
  std::optional<language::GenerationRequest> next_generation();
  void take(language::GenerationOutcome&& outcome);
  void fail_part(std::int64_t scene, const Error& error);
  void finish_part(std::int64_t scene);

  VlmModel& model_;
  const VlmOptions& options_;
  const std::function<std::optional<CaptionRequest>()>& next_;
  const std::function<void(CaptionOutcome)>& done_;
  std::stop_source halt_;
  std::stop_callback<std::function<void()>> pass_on_;
  std::optional<CaptionRequest> peeked_;
  bool is_exhausted_ = false;
  bool has_warned_ = false;
  std::int64_t finished_ = 0;
  std::optional<Error> fatal_;
  std::map<std::int64_t, Scene> scenes_;
  std::map<std::int64_t, std::pair<std::int64_t, std::size_t>> parts_;  ///< Generation -> scene and part.
  std::int64_t next_generation_id_ = 0;
  std::deque<language::GenerationRequest> ready_;
  std::future<Encoded> ahead_;
};

}  // namespace cinescribe::captions
