#pragma once

// The one place that sees ONNX Runtime's headers; private to the room.
#define ORT_API_MANUAL_INIT
#include <onnxruntime_cxx_api.h>
#undef ORT_API_MANUAL_INIT

#include "cinescribe/core/status.h"

namespace cinescribe::ort {

/// Loads the shared library once per process and hands out the process-wide environment, which lives until exit.
/// Thread-safe. Error: kResource.
Result<Ort::Env*> runtime_environment();

}  // namespace cinescribe::ort
