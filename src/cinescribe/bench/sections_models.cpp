#include <algorithm>
#include <cmath>
#include <functional>

#include <nlohmann/json.hpp>

#include "cinescribe/bench/number_text.h"
#include "cinescribe/bench/sections.h"

namespace cinescribe::bench {

namespace {

using Json = nlohmann::ordered_json;

/// One captioner over all videos.
struct Candidate {
  std::string name;
  std::string captioner;
  const ModelRecord* model = nullptr;
  std::vector<double> seconds_per_scene;
  std::vector<double> rtf;
  std::uint64_t memory_bytes = 0;
  std::uint64_t device_bytes = 0;
  std::int64_t described = 0;
  std::int64_t doubtful = 0;
  std::int64_t capped = 0;
  std::vector<double> words;
  double cores = 0.0;
};

std::vector<Candidate> candidates(const ReportInput& input) {
  std::vector<Candidate> all;
  for (const ReportRow& row : input.rows) {
    if (row.row->is_stage1() || !has_figures(row)) continue;
    const auto same = [&](const Candidate& each) { return each.name == row.subject; };
    auto found = std::find_if(all.begin(), all.end(), same);
    if (found == all.end()) {
      found = all.insert(all.end(), Candidate());
      found->name = row.subject;
      found->captioner = row.row->captioner;
      found->model = input.measurements.captioner(row.row->captioner);
    }
    const RowFigures& figures = row.figures;
    found->seconds_per_scene.push_back(figures.seconds_per_scene.median);
    found->rtf.push_back(figures.rtf.median);
    found->memory_bytes = std::max(found->memory_bytes, figures.memory_bytes());
    for (const auto& [name, bytes] : figures.peak_device_bytes)
      found->device_bytes = std::max(found->device_bytes, bytes);
    found->described += figures.described;
    found->doubtful += figures.failed + figures.empty + figures.suspect;
    found->capped += figures.capped;
    found->words.push_back(figures.words_p50);
    found->cores = std::max(found->cores, figures.cores_busy);
  }
  return all;
}

std::string share_text(std::int64_t some, std::int64_t all) {
  return all > 0 ? percent_text(static_cast<double>(some) / static_cast<double>(all)) : "–";
}

/// "3 layers × 64, 4 heads": whatever of it a card tells.
std::string text_at(const Json& facts, const char* path) {
  const Json::json_pointer pointer{std::string(path)};
  if (!facts.contains(pointer)) return {};
  const Json& value = facts.at(pointer);
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer()) return count_text(value.get<std::int64_t>());
  if (value.is_number()) return number_text(value.get<double>());
  return {};
}

std::string shape_text(const Json& facts, const std::string& part) {
  const std::string layers = text_at(facts, ("/" + part + "/layers").c_str());
  const std::string width = text_at(facts, ("/" + part + "/width").c_str());
  const std::string heads = text_at(facts, ("/" + part + "/heads").c_str());
  if (layers.empty() && width.empty()) return {};
  std::string text = layers + " × " + width;
  if (!heads.empty()) text += ", " + heads + " heads";
  const std::string kv_heads = text_at(facts, ("/" + part + "/kv_heads").c_str());
  if (!kv_heads.empty() && kv_heads != heads) text += " (" + kv_heads + " for keys and values)";
  return text;
}

const Candidate* least(const std::vector<Candidate>& all, const std::function<double(const Candidate&)>& of) {
  const auto found =
      std::min_element(all.begin(), all.end(), [&](const auto& a, const auto& b) { return of(a) < of(b); });
  return found == all.end() ? nullptr : &*found;
}

/// Rounded up to what memory is sold in, with a fifth to spare.
std::string advised_memory(std::uint64_t bytes) {
  const double gigabytes = static_cast<double>(bytes) * 1.2 / 1e9;
  double size = 1.0;
  while (size < gigabytes) size *= size < 8.0 ? 2.0 : size < 16.0 ? 1.5 : 4.0 / 3.0;
  return number_text(std::ceil(size)) + " GB";
}

}  // namespace

Section models_section(const ReportInput& input) {
  Section section{"Architectures", {}, false};
  Table table{{"Captioner", "Family", "Weights", "On disk", "Vision tower", "Picture", "Q-Former", "Language model",
               "Vocabulary", "Context"},
              {}};
  for (const ModelRecord& model : input.measurements.models) {
    if (model.part != kCaptions) continue;
    const Json facts = Json::parse(model.facts_json, nullptr, false);
    if (!facts.is_object()) continue;
    std::string picture = text_at(facts, "/tower/image_size_px");
    if (!picture.empty()) picture += " px in patches of " + text_at(facts, "/tower/patch_size_px");
    std::string language = text_at(facts, "/language/architecture");
    if (const std::string shape = shape_text(facts, "language"); !shape.empty()) language += " " + shape;
    std::string weights = model.type;
    const std::string vision = text_at(facts, "/vision_type");
    if (!vision.empty() && vision != weights) weights += ", vision " + vision;
    if (model.is_synthetic) weights += ", random";
    table.rows.push_back({{model.name},
                          {text_at(facts, "/family")},
                          {weights},
                          number_cell(model.size_bytes > 0 ? bytes_text(model.size_bytes) : ""),
                          {shape_text(facts, "tower")},
                          {picture},
                          {shape_text(facts, "qformer")},
                          {language},
                          number_cell(text_at(facts, "/language/vocabulary")),
                          number_cell(text_at(facts, "/language/context"))});
  }
  if (table.rows.empty()) return section;
  section.blocks.emplace_back(std::move(table));
  section.blocks.emplace_back(Paragraph{"From the model.json of each model: layers × width, heads."});
  return section;
}

Section guide_section(const ReportInput& input) {
  Section section{"Which captioner", {}, false};
  const std::vector<Candidate> all = candidates(input);
  if (all.empty()) return section;
  Table table{{"Captioner", "s per scene", "RTF", "Hours of video a day", "Peak memory", "Peak of devices", "On disk",
               "Words", "Not to be trusted", "At the limit", "Writing misread"},
              {}};
  for (const Candidate& each : all) {
    const double rtf = percentile(each.rtf, 0.5);
    table.rows.push_back(
        {{each.name},
         number_cell(table_seconds(percentile(each.seconds_per_scene, 0.5))),
         number_cell(number_text(rtf)),
         number_cell(rtf > 0.0 ? number_text(24.0 / rtf) : "–"),
         number_cell(bytes_text(each.memory_bytes)),
         number_cell(each.device_bytes > 0 ? bytes_text(each.device_bytes) : ""),
         number_cell(each.model != nullptr && each.model->size_bytes > 0 ? bytes_text(each.model->size_bytes) : ""),
         number_cell(count_text(std::llround(percentile(each.words, 0.5)))),
         number_cell(share_text(each.doubtful, each.described)),
         number_cell(share_text(each.capped, each.described)),
         number_cell(reading_text(input.measurements, each.captioner))});
  }
  section.blocks.emplace_back(std::move(table));
  List advice;
  const auto say = [&](const char* wish, const Candidate* best, const std::string& figure) {
    if (best != nullptr) advice.items.push_back(std::string(wish) + ": " + best->name + " (" + figure + ").");
  };
  if (all.size() > 1) {
    const auto* fast = least(all, [](const Candidate& c) { return percentile(c.seconds_per_scene, 0.5); });
    say("Where speed counts", fast, table_seconds(percentile(fast->seconds_per_scene, 0.5)) + " s per scene");
    const auto* small = least(all, [](const Candidate& c) { return static_cast<double>(c.memory_bytes); });
    say("Where memory is short", small, bytes_text(small->memory_bytes));
  }
  std::vector<Candidate> trained = all;
  std::erase_if(trained, [](const Candidate& c) { return c.model != nullptr && c.model->is_synthetic; });
  if (trained.size() > 1) {
    const auto* sound = least(trained, [](const Candidate& c) {
      return c.described > 0 ? static_cast<double>(c.doubtful) / static_cast<double>(c.described) : 1.0;
    });
    say("Where every caption must be usable", sound,
        share_text(sound->doubtful, sound->described) + " not to be trusted");
    const auto* wordy = least(trained, [](const Candidate& c) { return -percentile(c.words, 0.5); });
    say("Where captions should be long", wordy, count_text(std::llround(percentile(wordy->words, 0.5))) + " words");
  }
  for (const Candidate& each : all) {
    if (each.model != nullptr && each.model->is_synthetic) {
      advice.items.push_back(each.name + " has random weights: its speed and memory are real, its words mean nothing.");
    }
  }
  if (!advice.items.empty()) section.blocks.emplace_back(std::move(advice));
  section.blocks.emplace_back(Paragraph{
      "Medians over the videos, peaks over everything measured. \"Not to be trusted\" are failed, empty and suspect "
      "captions. \"Writing misread\" is the share of letters of signs (cinescribe evaluate text), where it was "
      "measured. "
      "How good the words are is under Quality."});
  return section;
}

Section requirements_section(const ReportInput& input) {
  Section section{"What it needs", {}, false};
  Table table{{"Work", "Measured peak of memory", "Advised memory", "Measured peak of devices", "Cores busy"}, {}};
  std::uint64_t stage1_bytes = 0;
  std::uint64_t stage1_device = 0;
  double stage1_cores = 0.0;
  for (const ReportRow& row : input.rows) {
    if (!row.row->is_stage1() || !has_figures(row)) continue;
    stage1_bytes = std::max(stage1_bytes, row.figures.memory_bytes());
    stage1_cores = std::max(stage1_cores, row.figures.cores_busy);
    for (const auto& [name, bytes] : row.figures.peak_device_bytes) stage1_device = std::max(stage1_device, bytes);
  }
  const auto add = [&](const std::string& what, std::uint64_t memory, std::uint64_t device, double cores) {
    table.rows.push_back({{what},
                          number_cell(bytes_text(memory)),
                          number_cell(advised_memory(memory)),
                          number_cell(device > 0 ? bytes_text(device) : ""),
                          number_cell(number_text(cores))});
  };
  if (stage1_bytes > 0) add("stage 1", stage1_bytes, stage1_device, stage1_cores);
  for (const Candidate& each : candidates(input)) add(each.name, each.memory_bytes, each.device_bytes, each.cores);
  if (table.rows.empty()) return section;
  section.blocks.emplace_back(std::move(table));
  section.blocks.emplace_back(
      Paragraph{"Peaks over everything measured, all processes together; advised is a fifth more, rounded up to a "
                "usual size. The "
                "system itself needs some besides."});
  return section;
}

}  // namespace cinescribe::bench
