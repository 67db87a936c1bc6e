#include "cinescribe/pipeline/thread_plan.h"

#include <algorithm>
#include <thread>

namespace cinescribe::pipeline {

ThreadPlan plan_threads(int total, bool has_frames, bool has_speech) {
  const int cores = total > 0 ? total : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  ThreadPlan plan;
  if (!has_speech) {
    plan.decoder = std::max(1, cores - 1);
  } else if (has_frames) {
    plan.decoder = std::clamp(cores / 4, 1, 4);
    plan.speech = cores <= 2 ? cores : cores - plan.decoder;
  } else {
    plan.speech = cores;
  }
  return plan;
}

}  // namespace cinescribe::pipeline
