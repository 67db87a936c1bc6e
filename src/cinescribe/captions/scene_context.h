#pragma once

#include <string>
#include <vector>

#include "cinescribe/core/time.h"

namespace cinescribe::captions {

/// A kind of thing that was tracked in a scene.
struct SeenThing {
  std::string label;          ///< "person", "dining table".
  int count = 1;              ///< Most of them at one moment.
  double seconds = 0.0;       ///< For how long at least one was in view.
  double screen_share = 0.0;  ///< Mean share of the picture, 0..1.
};

/// A kind of sound that was heard in a scene.
struct HeardSound {
  std::string label;  ///< "Music", "Male speech, man speaking".
  double score = 0.0;
};

/// What is known of a scene besides its pictures.
struct SceneContext {
  TimeRange range;
  std::vector<std::string> speech;  ///< What is said, segment by segment.
  std::vector<SeenThing> objects;   ///< The most prominent first.
  std::vector<HeardSound> sounds;   ///< The likeliest first.

  [[nodiscard]] bool empty() const { return speech.empty() && objects.empty() && sounds.empty(); }
};

/// The words spoken in a scene in one line, cut at a word to at most `max_words` words ("…" marks the cut); empty when
/// nothing was said.
std::string spoken_words(const SceneContext& context, std::size_t max_words);

/// "2 people, a car and a dog": counted things for a sentence, the first `most` of them; empty when there are none.
std::string counted_things(const SceneContext& context, std::size_t most);

/// "music and vehicle": sounds for a sentence, the first `most`; speech, silence and the like are left out.
std::string named_sounds(const SceneContext& context, std::size_t most);

/// Which facts go into the prompt of a model.
struct ContextChoice {
  bool has_speech = false;
  bool has_objects = false;
  bool has_sounds = false;

  [[nodiscard]] bool any() const { return has_speech || has_objects || has_sounds; }
};

/// Lines to stand before an instruction, such as "Heard in this scene: music.", each ending in a line break; empty when
/// nothing is known of what was chosen. Bounded in length whatever the scene holds.
std::string context_lines(const SceneContext& context, const ContextChoice& choice);

}  // namespace cinescribe::captions
