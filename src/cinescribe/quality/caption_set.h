#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/quality/sentence_model.h"

namespace cinescribe::quality {

/// What one captioner wrote about one video.
struct CaptionSet {
  std::string captioner;
  std::string video;
  std::map<std::int64_t, std::string> captions;  ///< By scene; without those that failed.
  std::int64_t scenes = 0;
  std::int64_t failures = 0;
  std::int64_t suspects = 0;
  std::int64_t cap_hits = 0;  ///< Captions that ended because they were long enough.
};

/// Reads `vlm_captions.json`. Errors: kInput.
Result<CaptionSet> read_caption_set(const std::filesystem::path& path);

/// How a captioner writes.
struct CaptionHabits {
  double mean_words = 0.0;
  std::int64_t fewest_words = 0;
  std::int64_t most_words = 0;
  std::int64_t empties = 0;
  double repetition_rate = 0.0;  ///< Mean over captions of the share of repeated phrases of four words.
  double twin_rate = 0.0;        ///< Share of captions whose words are those of another scene's caption.
};

CaptionHabits caption_habits(const CaptionSet& set);

/// How alike two captioners' descriptions of the same scenes are.
struct CaptionAgreement {
  std::int64_t scenes = 0;  ///< Described by both with at least a word.
  double character_likeness = 0.0;
  double word_likeness = 0.0;
  /// The same between descriptions of different scenes: what style and common words alone give. 0 with one scene.
  double chance_character_likeness = 0.0;
  double chance_word_likeness = 0.0;
  bool has_meaning = false;       ///< Whether a sentence model was asked.
  double meaning_likeness = 0.0;  ///< Mean cosine.
  double chance_meaning_likeness = 0.0;
};

/// Means over scenes, on words in lower case without punctuation; the sentence model, which may be null, reads the
/// captions as they are. Errors: kInput (no scene is described by both; the sets are of different videos), or the
/// model's.
Result<CaptionAgreement> caption_agreement(const CaptionSet& a, const CaptionSet& b,
                                           const SentenceModel* sentences = nullptr, const std::stop_token& stop = {});

}  // namespace cinescribe::quality
