#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cinescribe/bench/raw_record.h"
#include "cinescribe/core/status.h"

namespace cinescribe::cli {

struct Evaluation;

/// What is known to be true about videos: a folder of files named after the videos and what they tell of them, as
/// `talk.speech.srt`, `talk.scenes.txt`, `talk.sounds.csv`, `talk.tracks.txt` for `talk.mp4`. Each is what
/// `evaluate KIND` takes as its reference.
class References {
 public:
  /// Errors: kInput (no such folder, or nothing of that kind in it).
  static Result<References> open(const std::filesystem::path& folder);

  /// How good the stage-1 result in `base` is by what is known of `video` (a file name). Kinds whose stage did not run
  /// are left out. Errors: kInput.
  [[nodiscard]] Result<std::vector<bench::QualityRecord>> judge(const std::string& video,
                                                                const std::filesystem::path& base) const;

 private:
  struct Entry {
    std::string stem;   ///< Of the video.
    std::string stage;  ///< Whose results it judges.
    Result<Evaluation> (*judge)(const std::string& reference, const std::string& result);
    std::filesystem::path file;
  };
  explicit References(std::vector<Entry> entries) : entries_(std::move(entries)) {}

  std::vector<Entry> entries_;
};

}  // namespace cinescribe::cli
