#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "cinescribe/core/status.h"
#include "cinescribe/pipeline/media_identity.h"

namespace cinescribe::pipeline {

/// The folder that results go to (`results`), held by one process at a time; video folders lie in `base` below it.
class OutputFolder {
 public:
  /// Creates the folder where needed and locks it until this object goes (also when the process is killed).
  /// Errors: kResource (cannot be created or written; used by another process, which the message names).
  static Result<OutputFolder> open(const std::filesystem::path& folder);
  OutputFolder(OutputFolder&& other) noexcept;
  OutputFolder& operator=(OutputFolder&&) = delete;
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;
  ~OutputFolder();

  /// Where the results of this video are or will be: `base/<stem>`, or `base/<stem>-<hash of the path>` where that name
  /// belongs to another file. The folder of a file that moved within its own name is found again: a journal whose file
  /// is gone belongs to the file with the same content.
  /// A name given out here stays with its file as long as this object lives, whatever becomes of the results.
  /// Thread-safe.
  [[nodiscard]] Result<std::filesystem::path> video_folder(const MediaIdentity& media) const;

  /// Where a captioner's results for the video whose stage-1 results lie in `base` are or will be: beside `base`, in a
  /// folder named after the captioner.
  [[nodiscard]] std::filesystem::path caption_folder(const std::string& captioner,
                                                     const std::filesystem::path& base) const;

 private:
  /// Which file a folder was given to.
  struct Claims {
    std::mutex mutex;
    std::map<std::filesystem::path, std::filesystem::path> source_of;
  };
  OutputFolder(std::filesystem::path folder, int lock_fd)
      : folder_(std::move(folder)), lock_fd_(lock_fd), claims_(std::make_unique<Claims>()) {}

  std::filesystem::path folder_;
  int lock_fd_ = -1;
  std::unique_ptr<Claims> claims_;
};

/// A folder name made of a file's stem: never empty, "." or "..", at most 200 bytes, characters kept whole.
std::string folder_name(const std::filesystem::path& file);

}  // namespace cinescribe::pipeline
