#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cinescribe/cli/caption_job.h"
#include "cinescribe/cli/commands.h"
#include "cinescribe/cli/progress.h"
#include "cinescribe/pipeline/input_words.h"
#include "cinescribe/pipeline/result_folders.h"

namespace cinescribe::cli {

namespace {

struct Arguments {
  std::vector<std::string> results;
  std::vector<std::string> lists;
  std::vector<std::string> captioners;
  std::string output;
  std::string video;
  bool is_forced = false;
  CaptionJob job;
};

Outcome caption_scenes(Arguments& arguments, const CommonOptions& common) {
  for (const std::string& list : arguments.lists) arguments.results.push_back("@" + list);
  if (arguments.results.empty()) {
    return Error{ErrorCode::kUsage, "name the results to describe, such as results/base/my_video"};
  }
  if (arguments.captioners.empty()) {
    return Error{ErrorCode::kUsage,
                 "choose who describes: --captioner NAME (cinescribe models list shows the models; "
                 "narrator needs none)"};
  }
  const pipeline::InputPaths inputs = pipeline::expand_inputs(arguments.results);
  pipeline::ResultFolders found = pipeline::find_result_folders(inputs.paths);
  found.problems.insert(found.problems.begin(), inputs.problems.begin(), inputs.problems.end());
  if (found.folders.empty() && found.problems.size() == 1) return found.problems.front();
  if (found.folders.empty() && found.problems.empty()) {
    return Error{ErrorCode::kInput, "the lists of results name no folders"};
  }
  CINESCRIBE_TRY(arguments.job.prepare(arguments.captioners, common));
  Progress progress(progress_style(common));
  for (const Error& problem : found.problems) progress.message("error: " + problem.message, true);
  CINESCRIBE_ASSIGN(const int failures, arguments.job.run(found.folders, arguments.output, arguments.video,
                                                          arguments.is_forced, common, progress));
  return failures == 0 && found.problems.empty() ? 0 : 1;
}

}  // namespace

Command add_caption_scenes(CLI::App& root, const CommonOptions& common) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* app = root.add_subcommand("caption-scenes", "Describe the scenes of analysed videos");
  app->add_option(
      "RESULT", arguments->results,
      "Folders that cinescribe analyze wrote (results/base/VIDEO, or above), quoted patterns, and @LIST files");
  app->add_option("--input-list", arguments->lists,
                  "File with one results folder or pattern a line (as RESULT @FILE); - = standard input");
  app->add_option("--captioner", arguments->captioners,
                  "Who describes: a model's catalogue name or folder, or narrator; may be given several times");
  app->add_option("-o,--output", arguments->output, "Folder for the captions (default: where the results lie)");
  app->add_option("--video", arguments->video, "Where the video lies now, if it moved: the file, or its folder");
  app->add_flag("--force", arguments->is_forced, "Describe everything again");
  arguments->job.add_to(*app);
  app->footer("Example:  cinescribe caption-scenes results/base/talk --captioner phi-3.5-vision");
  return {app, [arguments, &common] { return caption_scenes(*arguments, common); }};
}

}  // namespace cinescribe::cli
