#include "cinescribe/captions/narrator.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "cinescribe/captions/english.h"

namespace cinescribe::captions {

namespace {

constexpr std::size_t kMostThings = 4;
constexpr std::size_t kMostSounds = 3;
constexpr std::size_t kMostWords = 30;

std::string scene_length(Duration length) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%.1f seconds", length.seconds());
  return text.data();
}

/// A quotation ends the sentence only once.
std::string without_end_mark(std::string text) {
  while (!text.empty() && (text.back() == '.' || text.back() == ',' || text.back() == ';' || text.back() == ' ')) {
    text.pop_back();
  }
  return text;
}

/// Speech whose words are not known.
bool hears_speech(const SceneContext& context) {
  return std::any_of(context.sounds.begin(), context.sounds.end(), [](const HeardSound& sound) {
    return sound.label.find("peech") != std::string::npos || sound.label.find("onversation") != std::string::npos;
  });
}

bool is_plural(const SceneContext& context) {
  return context.objects.size() > 1 || (!context.objects.empty() && context.objects.front().count > 1);
}

}  // namespace

std::string narrate(const SceneContext& context) {
  std::vector<std::string> clauses;
  const std::string things = counted_things(context, kMostThings);
  const std::string speech = without_end_mark(spoken_words(context, kMostWords));
  std::string sounds = named_sounds(context, kMostSounds);
  if (speech.empty() && hears_speech(context)) sounds = sounds.empty() ? "speech" : "speech besides " + sounds;
  if (!things.empty()) clauses.push_back(things + (is_plural(context) ? " are in view" : " is in view"));
  if (!sounds.empty()) clauses.push_back(sounds + " can be heard");
  if (!speech.empty()) clauses.push_back("somebody says “" + speech + "”");
  const std::string start = "For " + scene_length(context.range.length()) + ", ";
  if (clauses.empty()) return start + "nothing that cinescribe recognises is seen or heard.";
  return start + joined(clauses) + ".";
}

namespace {

class Narrator final : public Captioner {
 public:
  Narrator() {
    facts_.name = "narrator";
    facts_.family = "narrator";
    facts_.needs_frames = false;
  }

  [[nodiscard]] const CaptionerFacts& facts() const override { return facts_; }

  Status run(const std::function<std::optional<CaptionRequest>()>& next,
             const std::function<void(CaptionOutcome)>& done, const std::stop_token& stop) override {
    while (!stop.stop_requested()) {
      std::optional<CaptionRequest> request = next();
      if (!request) return {};
      Caption caption;
      caption.text = narrate(request->context);
      caption.sequence_texts = {caption.text};
      done({request->id, std::move(caption)});
    }
    return Error{ErrorCode::kInterrupted, "stopped; finished captions are kept"};
  }

 private:
  CaptionerFacts facts_;
};

}  // namespace

std::unique_ptr<Captioner> make_narrator() { return std::make_unique<Narrator>(); }

}  // namespace cinescribe::captions
