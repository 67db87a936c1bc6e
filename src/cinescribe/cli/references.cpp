#include "cinescribe/cli/references.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>
#include <utility>

#include "cinescribe/cli/evaluation.h"
#include "cinescribe/results/base_data_reader.h"

namespace cinescribe::cli {

namespace {

namespace fs = std::filesystem;

Result<Evaluation> judge_speech(const std::string& reference, const std::string& result) {
  return evaluate_speech(reference, result, false);
}

Result<Evaluation> judge_scenes(const std::string& reference, const std::string& result) {
  return evaluate_scenes(reference, result, kCutTolerance);
}

struct Kind {
  std::string_view name;   ///< In file names, and of `evaluate`.
  std::string_view stage;  ///< Whose results it judges.
  Result<Evaluation> (*judge)(const std::string& reference, const std::string& result);
};

constexpr std::array<Kind, 4> kKinds = {{{"speech", "speech", judge_speech},
                                         {"scenes", "scenes", judge_scenes},
                                         {"sounds", "sounds", evaluate_sounds},
                                         {"tracks", "objects", evaluate_tracks}}};

/// The model that did it, where the stage has one.
std::string subject_of(const results::BaseData& data, std::string_view stage) {
  const auto model = std::find_if(data.models.begin(), data.models.end(),
                                  [&](const results::ModelRecord& each) { return each.stage == stage; });
  return model == data.models.end() ? std::string(stage) : model->name;
}

}  // namespace

Result<References> References::open(const fs::path& folder) {
  std::vector<Entry> entries;
  std::error_code code;
  for (auto entry = fs::directory_iterator(folder, code); !code && entry != fs::directory_iterator();
       entry.increment(code)) {
    const fs::path inner = entry->path().stem();  // "talk.speech" of "talk.speech.srt"
    const std::string suffix = inner.extension().string();
    const auto kind = std::find_if(kKinds.begin(), kKinds.end(),
                                   [&](const Kind& each) { return suffix == "." + std::string(each.name); });
    if (kind != kKinds.end()) {
      entries.push_back({inner.stem().string(), std::string(kind->stage), kind->judge, entry->path()});
    }
  }
  if (code) {
    return Error{ErrorCode::kInput, "cannot read the references in " + folder.string() + ": " + code.message()};
  }
  if (entries.empty()) {
    return Error{ErrorCode::kInput, folder.string() +
                                        " holds no references; name them VIDEO.speech.txt, "
                                        "VIDEO.scenes.txt, VIDEO.sounds.csv or VIDEO.tracks.txt, VIDEO "
                                        "without its ending"};
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.file < b.file; });
  return References(std::move(entries));
}

Result<std::vector<bench::QualityRecord>> References::judge(const std::string& video, const fs::path& base) const {
  std::vector<bench::QualityRecord> records;
  const std::string stem = fs::path(video).stem().string();
  CINESCRIBE_ASSIGN(const results::BaseData data,
                    results::read_base_data(base / "base_data.json", [](results::SceneRecord&&) { return Status(); }));
  for (const Entry& entry : entries_) {
    if (entry.stem != stem) continue;
    const bool has_run = std::any_of(data.stages.begin(), data.stages.end(),
                                     [&](const results::StageRecord& stage) { return stage.name == entry.stage; });
    if (!has_run) continue;
    const auto evaluation = entry.judge(entry.file.string(), base.string());
    if (!evaluation.ok()) return evaluation.error();
    for (bench::QualityRecord record : evaluation->records) {
      record.subject = subject_of(data, entry.stage);
      record.video = video;
      record.reference = entry.file.filename().string();
      records.push_back(std::move(record));
    }
  }
  return records;
}

}  // namespace cinescribe::cli
