#include "cinescribe/cli/result_paths.h"

#include <algorithm>
#include <vector>

#include "cinescribe/core/log.h"

namespace cinescribe::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBase = "base";
constexpr const char* kBaseData = "base_data.json";
constexpr const char* kCaptions = "vlm_captions.json";

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

/// `results/<captioner>/<video>/vlm_captions.json` of every captioner that described the video.
std::vector<fs::path> captions_of(const fs::path& video_folder) {
  std::vector<fs::path> files;
  std::error_code ignored;
  for (const auto& item : fs::directory_iterator(video_folder.parent_path().parent_path(), ignored)) {
    const fs::path file = item.path() / video_folder.filename() / kCaptions;
    if (item.path().filename() != kBase && is_file(file)) files.push_back(file);
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string captioner_of(const fs::path& captions) { return captions.parent_path().parent_path().filename().string(); }

std::string names_of(const std::vector<fs::path>& files) {
  std::string names;
  for (const fs::path& file : files) names += (names.empty() ? "" : ", ") + captioner_of(file);
  return names;
}

Result<fs::path> choose_captions(const fs::path& video_folder, const std::string& captioner) {
  const std::vector<fs::path> files = captions_of(video_folder);
  if (captioner.empty()) {
    if (files.size() > 1) {
      log(LogLevel::kInfo, "captions by " + names_of(files) + " are left out; choose one with --captions");
    }
    return files.size() == 1 ? files.front() : fs::path();
  }
  const auto found =
      std::find_if(files.begin(), files.end(), [&](const fs::path& file) { return captioner_of(file) == captioner; });
  if (found != files.end()) return *found;
  return Error{ErrorCode::kUsage,
               "there are no captions by '" + captioner + "' of " + video_folder.filename().string() + "; there are " +
                   (files.empty() ? "none (cinescribe caption-scenes makes them)" : names_of(files))};
}

}  // namespace

Result<ResultPaths> find_results(const fs::path& path, const std::string& captioner) {
  std::error_code ignored;
  const fs::path given = fs::weakly_canonical(path, ignored);
  const fs::path folder = fs::is_directory(given, ignored) ? given : given.parent_path();
  ResultPaths found;
  if (is_file(folder / kBaseData) && given.filename() != kCaptions) {
    found.folder = folder;
    CINESCRIBE_ASSIGN(found.captions, choose_captions(folder, captioner));
  } else if (is_file(folder / kCaptions)) {
    found.folder = folder.parent_path().parent_path() / kBase / folder.filename();
    found.captions = folder / kCaptions;
    if (!captioner.empty()) {
      CINESCRIBE_ASSIGN(found.captions, choose_captions(found.folder, captioner));
    }
  } else {
    return Error{ErrorCode::kInput, "there are no results in " + path.string() +
                                        ": expected a folder such as results/base/<video> with base_data.json in it, "
                                        "made by cinescribe analyze"};
  }
  found.base_data = found.folder / kBaseData;
  if (!is_file(found.base_data)) {
    return Error{ErrorCode::kInput,
                 "cannot find " + found.base_data.string() + ", which the captions in " + path.string() + " belong to"};
  }
  return found;
}

}  // namespace cinescribe::cli
