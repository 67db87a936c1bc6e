#pragma once

namespace cinescribe::pipeline {

/// How many threads each part of a run may keep busy.
struct ThreadPlan {
  int decoder = 1;
  int speech = 1;
};

/// Gives out `total` threads (0 = as many as cores). Speech is by far the heaviest, so it gets nearly all; the decoder
/// runs ahead only as far as its queues reach and waits most of the time, so its threads and the one of the scene
/// detector count little. Without speech the decoder gets all but one.
ThreadPlan plan_threads(int total, bool has_frames, bool has_speech);

}  // namespace cinescribe::pipeline
