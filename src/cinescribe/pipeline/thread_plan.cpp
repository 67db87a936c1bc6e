#include "cinescribe/pipeline/thread_plan.h"

#include <algorithm>
#include <thread>

namespace cinescribe::pipeline {

ThreadPlan plan_threads(int total, const PlannedWork& work, int jobs) {
  const int cores = total > 0 ? total : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  ThreadPlan plan;
  const bool is_heavy = work.has_speech || work.has_objects;
  plan.decoder = is_heavy            ? std::clamp(cores / 4, 1, 4)
                 : work.has_pictures ? std::max(1, cores / 2)
                                     : std::max(1, cores - 1);
  const int rest = cores <= 2 || !work.has_frames ? cores : cores - plan.decoder;
  const bool is_shared = work.has_speech && work.has_objects && cores > 2;
  plan.objects = is_shared ? std::max(1, rest / 2) : rest;
  plan.speech = is_shared ? rest - plan.objects : rest;
  plan.sounds = is_heavy ? 1 : rest;
  const int parts = std::max(1, jobs);
  plan.decoder = std::max(1, plan.decoder / parts);
  plan.pictures = plan.decoder;
  plan.objects = std::max(1, plan.objects / parts);
  plan.sounds = std::max(1, plan.sounds / parts);
  return plan;
}

}  // namespace cinescribe::pipeline
