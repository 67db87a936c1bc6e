#pragma once

#include <string>

#include "cinescribe/pipeline/caption_run.h"
#include "cinescribe/pipeline/worker_captioner.h"

namespace cinescribe::pipeline {

/// Whether a captioner of this name computes on this machine, where it may crash, hang or run out of memory: models do,
/// the narrator and servers do not.
bool suits_own_process(const std::string& name);

/// The same captioner, loaded in a process of its own (pipeline/worker_captioner.h) when it is first needed; the
/// process ends with the last copy of the source.
CaptionerSource in_own_process(const CaptionerSource& source, const WorkerOrder& order, const WorkerOptions& options);

}  // namespace cinescribe::pipeline
