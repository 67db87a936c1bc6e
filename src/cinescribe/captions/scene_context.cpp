#include "cinescribe/captions/scene_context.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include "cinescribe/captions/english.h"

namespace cinescribe::captions {

namespace {

constexpr std::size_t kMostSpokenWords = 120;
constexpr std::size_t kMostSpokenBytes = 900;
constexpr std::size_t kMostThings = 8;
constexpr std::size_t kMostSounds = 5;

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

/// Lower-case letters of ASCII; other bytes stay.
std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

/// Speech is quoted where it is understood, silence is no sound.
bool is_worth_naming(std::string_view label) {
  constexpr std::array<std::string_view, 7> kLeftOut = {"speech",    "conversation",       "narration",   "silence",
                                                        "monologue", "inside, small room", "sound effect"};
  const std::string name = lowered(label);
  return std::none_of(kLeftOut.begin(), kLeftOut.end(),
                      [&name](std::string_view part) { return name.find(part) != std::string::npos; });
}

/// The first of several names: "Vehicle horn, car horn, honking" -> "vehicle horn".
std::string short_name(std::string_view label) { return lowered(label.substr(0, label.find(','))); }

/// Nothing that was said or read may look like a model's own marks, such as "<image>" or "<|end|>".
std::string without_marks(std::string text) {
  std::replace(text.begin(), text.end(), '<', '(');
  std::replace(text.begin(), text.end(), '>', ')');
  return text;
}

}  // namespace

std::string spoken_words(const SceneContext& context, std::size_t max_words) {
  std::string text;
  std::size_t words = 0;
  for (const std::string& segment : context.speech) {
    for (std::size_t i = 0; i < segment.size();) {
      while (i < segment.size() && is_space(segment[i])) ++i;
      std::size_t end = i;
      while (end < segment.size() && !is_space(segment[end])) ++end;
      if (end == i) break;
      if (words == max_words || text.size() + (end - i) > kMostSpokenBytes) return text.empty() ? text : text + " …";
      if (!text.empty()) text += ' ';
      text.append(segment, i, end - i);
      ++words;
      i = end;
    }
  }
  return text;
}

std::string counted_things(const SceneContext& context, std::size_t most) {
  std::vector<std::string> parts;
  for (const SeenThing& thing : context.objects) {
    if (parts.size() == most) break;
    if (!thing.label.empty()) parts.push_back(counted(thing.count, thing.label));
  }
  return joined(parts);
}

std::string named_sounds(const SceneContext& context, std::size_t most) {
  std::vector<std::string> parts;
  for (const HeardSound& sound : context.sounds) {
    if (parts.size() == most) break;
    const std::string name = short_name(sound.label);
    if (name.empty() || !is_worth_naming(sound.label)) continue;
    if (std::find(parts.begin(), parts.end(), name) == parts.end()) parts.push_back(name);
  }
  return joined(parts);
}

std::string context_lines(const SceneContext& context, const ContextChoice& choice) {
  std::string lines;
  const std::string things = choice.has_objects ? counted_things(context, kMostThings) : std::string();
  const std::string sounds = choice.has_sounds ? named_sounds(context, kMostSounds) : std::string();
  const std::string speech = choice.has_speech ? spoken_words(context, kMostSpokenWords) : std::string();
  if (!things.empty()) lines += "Detected in this scene: " + things + ".\n";
  if (!sounds.empty()) lines += "Heard in this scene: " + sounds + ".\n";
  if (!speech.empty()) lines += "Said in this scene: \"" + speech + "\"\n";
  return without_marks(std::move(lines));
}

}  // namespace cinescribe::captions
