#include "cinescribe/pipeline/own_process.h"

#include <memory>
#include <utility>

namespace cinescribe::pipeline {

bool suits_own_process(const std::string& name) { return name != "narrator" && !name.starts_with("openai:"); }

CaptionerSource in_own_process(const CaptionerSource& source, const WorkerOrder& order, const WorkerOptions& options) {
  CaptionerSource isolated = source;
  WorkerOrder exact = order;
  exact.checksum = source.facts.checksum;
  const auto kept = std::make_shared<std::unique_ptr<captions::Captioner>>();
  isolated.load = [kept, exact = std::move(exact),
                   options](const std::stop_token& stop) -> Result<captions::Captioner*> {
    if (!*kept) {
      CINESCRIBE_ASSIGN(*kept, start_worker_captioner(exact, options, stop));
    }
    return kept->get();
  };
  return isolated;
}

}  // namespace cinescribe::pipeline
