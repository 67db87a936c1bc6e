#pragma once

namespace cinescribe::pipeline {

/// How many threads each part of a run may keep busy.
struct ThreadPlan {
  int decoder = 1;   ///< Of the pass.
  int pictures = 1;  ///< Of the decoder that takes the pictures of the scenes.
  int speech = 1;
  int sounds = 1;
  int objects = 1;
};

/// What a run does.
struct PlannedWork {
  bool has_frames = false;    ///< Pictures are decoded.
  bool has_pictures = false;  ///< Pictures of the scenes are kept.
  bool has_speech = false;
  bool has_sounds = false;
  bool has_objects = false;
};

/// Gives out `total` threads (0 = as many as cores). Speech and objects are by far the heaviest, so they get nearly all
/// and share them; nobody spins while waiting, so on two cores each may use both. The decoder runs ahead only as far as
/// its queues reach and waits most of the time, so its threads and the one of the scene detector count little; alone it
/// gets all but one. The pictures of the scenes are taken by a decoder that has as much to do as that of the pass, so
/// both get the same. Sounds are light: one thread beside speech or objects.
///
/// With several videos at once (`jobs`), speech keeps its share for all together (they share one pool of decoders);
/// what each video has of its own gets its part of the rest, at least one thread.
ThreadPlan plan_threads(int total, const PlannedWork& work, int jobs = 1);

}  // namespace cinescribe::pipeline
