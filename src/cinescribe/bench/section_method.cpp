#include <algorithm>

#include "cinescribe/bench/number_text.h"
#include "cinescribe/bench/sections.h"

namespace cinescribe::bench {

namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string engines_text(const SessionRecord& session) {
  std::string text;
  for (const auto& [name, version] : session.engines) {
    if (!version.empty()) text += (text.empty() ? "" : ", ") + name + " " + version;
  }
  return text;
}

std::string devices_text(const SessionRecord& session) {
  std::string text;
  for (const DeviceFacts& device : session.devices) {
    text += (text.empty() ? "" : "; ") + device.name + ": " + device.description;
    if (device.memory_bytes > 0) text += ", " + bytes_text(device.memory_bytes);
  }
  return text;
}

Table machine_table(const SessionRecord& machine, std::size_t index, std::size_t count) {
  Table table{
      {count > 1 ? "Machine " + std::string(1, static_cast<char>('A' + static_cast<int>(index % 26))) : "Machine", ""},
      {}};
  const auto add = [&](const char* name, const std::string& words) {
    if (!words.empty()) table.rows.push_back({{name}, {words}});
  };
  add("processor", machine.cpu + ", " + std::to_string(machine.cores) + " cores");
  add("its instructions", joined(machine.cpu_features));
  add("memory", bytes_text(machine.memory_bytes));
  add("devices", devices_text(machine));
  add("GPU driver", machine.gpu_driver);
  add("system", machine.system);
  add("cinescribe", machine.version + ", commit " + machine.commit);
  add("build", machine.compiler + ", " + machine.build_type + ", " + machine.build_flags);
  add("engines", engines_text(machine));
  add("energy", machine.energy_source.empty() ? "not available: " + machine.no_energy_why : machine.energy_source);
  return table;
}

void add_left_out(const ReportInput& input, Section& section) {
  Table table{{"Video", "What", "Pass", "Why"}, {}};
  for (const ReportRow& row : input.rows) {
    for (const PassData& data : row.row->left_out) {
      const PassRecord& pass = data.pass;
      std::string why = pass.error;
      if (why.empty()) {
        why = std::to_string(pass.resumed_scenes) + " of " + std::to_string(pass.scenes) +
              " scenes were taken over from an earlier run";
      }
      table.rows.push_back({{row.video}, {row.subject}, {pass.session + "/" + std::to_string(pass.pass)}, {why}});
    }
  }
  if (table.rows.empty()) return;
  section.blocks.emplace_back(Paragraph{"Passes that are in no figure:"});
  section.blocks.emplace_back(std::move(table));
}

void add_reading(const Measurements& measurements, Section& section) {
  if (measurements.cut_short > 0) {
    section.blocks.emplace_back(Paragraph{std::to_string(measurements.cut_short) +
                                          " passes were cut short (stopped or killed) and are in no figure."});
  }
  const ReadingReport& reading = measurements.reading;
  if (reading.bad_lines == 0) return;
  section.blocks.emplace_back(Paragraph{std::to_string(reading.bad_lines) + " of " + std::to_string(reading.lines) +
                                        " lines of the measurements could not be read and were skipped, first:"});
  section.blocks.emplace_back(List{reading.problems});
}

Table video_table(const Measurements& measurements) {
  Table table{{"Video", "Length", "Picture", "Sound", "Size", "Fingerprint"}, {}};
  for (const auto& [key, video] : measurements.videos) {
    table.rows.push_back({{video.name},
                          number_cell(seconds_text(video.duration_seconds)),
                          {video.picture},
                          {video.sound},
                          number_cell(bytes_text(video.size_bytes)),
                          {video.fingerprint.substr(0, 12)}});
  }
  return table;
}

Table model_table(const Measurements& measurements) {
  Table table{{"Model", "Part", "Weights", "Checksum"}, {}};
  for (const ModelRecord& model : measurements.models) {
    table.rows.push_back({{model.name},
                          {model.part},
                          {model.type + (model.is_synthetic ? " (random)" : "")},
                          {model.sha256.substr(0, 16)}});
  }
  return table;
}

}  // namespace

Section method_section(const ReportInput& input) {
  const Measurements& measurements = input.measurements;
  Section section{"Method", {}, false};
  section.blocks.emplace_back(Paragraph{
      "Every pass ran from an empty folder with its models loaded anew, and was recorded when it had ended; all "
      "figures "
      "on this page are computed from these records (measurements.jsonl) and nothing else. Rows with the same machine, "
      "build, video, models and settings are repeats of each other. How each figure is measured stands in "
      "docs/benchmarks.md. Status follows these rules:"});
  section.blocks.emplace_back(List{rules_in_words()});
  for (std::size_t i = 0; i < measurements.machines.size(); ++i) {
    section.blocks.emplace_back(machine_table(measurements.machines[i], i, measurements.machines.size()));
  }
  if (!measurements.videos.empty()) section.blocks.emplace_back(video_table(measurements));
  if (!measurements.models.empty()) section.blocks.emplace_back(model_table(measurements));
  Table settings{{"Settings", "What they are"}, {}};
  for (const auto& [hash, json] : measurements.settings) settings.rows.push_back({{hash}, {json}});
  if (!settings.rows.empty()) section.blocks.emplace_back(std::move(settings));
  add_left_out(input, section);
  add_reading(measurements, section);
  List commands;
  for (const SessionRecord& session : measurements.sessions) {
    commands.items.push_back(session.started_at + ": " + session.command);
  }
  section.blocks.emplace_back(Paragraph{"Measured by:"});
  section.blocks.emplace_back(std::move(commands));
  return section;
}

}  // namespace cinescribe::bench
