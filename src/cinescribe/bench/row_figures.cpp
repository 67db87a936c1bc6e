#include "cinescribe/bench/row_figures.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace cinescribe::bench {

namespace {

/// The system counts the processor time of the whole machine in hundredths of a second.
constexpr double kLongEnoughForTicks = 1.0;

template <typename Pick>
Spread over_repeats(const Row& row, const Pick& pick) {
  std::vector<double> values;
  for (const PassData& data : row.repeats) values.push_back(pick(data));
  return spread_of(std::move(values));
}

Spread divided(Spread spread, double by) {
  if (by <= 0.0) return {};
  return {spread.median / by, spread.min / by, spread.max / by, spread.count};
}

template <typename Pick>
std::vector<double> over_scenes(const Row& row, const Pick& pick) {
  std::vector<double> values;
  for (const PassData& data : row.repeats) {
    for (const ScenePoint& scene : data.scenes) {
      if (!scene.is_failed) values.push_back(pick(scene));
    }
  }
  return values;
}

double sum(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

double rate(double amount, double seconds) { return seconds > 0.0 ? amount / seconds : 0.0; }

void add_peaks(const PassData& data, RowFigures& figures) {
  for (const auto& [name, bytes] : data.pass.peak_memory_bytes) {
    figures.peak_memory_bytes[name] = std::max(figures.peak_memory_bytes[name], bytes);
  }
  for (const auto& [name, bytes] : data.pass.peak_device_bytes) {
    figures.peak_device_bytes[name] = std::max(figures.peak_device_bytes[name], bytes);
  }
}

void add_machine_figures(const Row& row, int cores, RowFigures& figures) {
  std::vector<double> busy;
  std::vector<double> joules;
  for (const PassData& data : row.repeats) {
    const PassRecord& pass = data.pass;
    busy.push_back(rate(pass.cpu_seconds, pass.wall_seconds));
    if (pass.wall_seconds >= kLongEnoughForTicks) {
      const double share = rate(pass.other_cpu_seconds, pass.wall_seconds * std::max(1, cores));
      figures.other_share = std::max(figures.other_share, share);
    }
    if (pass.energy_joules) joules.push_back(*pass.energy_joules);
    add_peaks(data, figures);
    figures.scenes = std::max(figures.scenes, pass.scenes);
  }
  figures.cores_busy = percentile(busy, 0.5);
  figures.joules = spread_of(std::move(joules));
}

void add_counts(const Row& row, RowFigures& figures) {
  for (const PassData& data : row.repeats) {
    for (const ScenePoint& scene : data.scenes) {
      ++figures.described;
      figures.failed += scene.is_failed ? 1 : 0;
      figures.empty += scene.is_empty ? 1 : 0;
      figures.suspect += scene.is_suspect ? 1 : 0;
      figures.capped += scene.is_capped ? 1 : 0;
    }
  }
}

void add_scene_figures(const Row& row, RowFigures& figures) {
  const auto work = over_scenes(row, [](const ScenePoint& scene) {
    return scene.work_seconds() > 0.0 ? scene.work_seconds() : scene.wall_seconds;
  });
  figures.scene_p50 = percentile(work, 0.5);
  figures.scene_p95 = percentile(work, 0.95);
  figures.scene_max = percentile(work, 1.0);
  figures.seconds_per_scene = divided(figures.after_load, static_cast<double>(figures.scenes));
  figures.scenes_per_minute = rate(60.0, figures.seconds_per_scene.median);
  const auto words = over_scenes(row, [](const ScenePoint& s) { return static_cast<double>(s.words); });
  figures.words_p50 = percentile(words, 0.5);
  figures.words_p95 = percentile(words, 0.95);
  const auto in = over_scenes(row, [](const ScenePoint& s) { return static_cast<double>(s.tokens_in); });
  const auto out = over_scenes(row, [](const ScenePoint& s) { return static_cast<double>(s.tokens_out); });
  const auto image = over_scenes(row, [](const ScenePoint& s) { return static_cast<double>(s.image_tokens); });
  figures.tokens_in_p50 = percentile(in, 0.5);
  figures.tokens_out_p50 = percentile(out, 0.5);
  figures.image_tokens_p50 = percentile(image, 0.5);
  figures.prompt_tokens_per_second =
      rate(sum(in), sum(over_scenes(row, [](const ScenePoint& s) { return s.phases.prefill_seconds; })));
  figures.new_tokens_per_second =
      rate(sum(out), sum(over_scenes(row, [](const ScenePoint& s) { return s.phases.decode_seconds; })));
}

/// Length of the scenes that one repeat described.
double described_seconds(const Row& row) {
  if (row.repeats.empty()) return 0.0;
  const std::vector<ScenePoint>& scenes = row.repeats.front().scenes;
  return std::accumulate(scenes.begin(), scenes.end(), 0.0,
                         [](double all, const ScenePoint& scene) { return all + scene.media_seconds; });
}

void add_phases(const Row& row, RowFigures& figures) {
  const auto add = [&](const char* name, double CaptionPhases::*phase) {
    figures.phases[name] = over_repeats(row, [&](const PassData& data) {
      return std::accumulate(data.scenes.begin(), data.scenes.end(), 0.0,
                             [&](double all, const ScenePoint& scene) { return all + scene.phases.*phase; });
    });
  };
  add("preprocess", &CaptionPhases::preprocess_seconds);
  add("encode", &CaptionPhases::encode_seconds);
  add("prefill", &CaptionPhases::prefill_seconds);
  add("decode", &CaptionPhases::decode_seconds);
}

}  // namespace

std::uint64_t RowFigures::memory_bytes() const {
  return std::accumulate(peak_memory_bytes.begin(), peak_memory_bytes.end(), std::uint64_t{0},
                         [](std::uint64_t all, const auto& each) { return all + each.second; });
}

RowFigures figures_of(const Row& row, double duration_seconds, int cores) {
  RowFigures figures;
  figures.skipped = row.skipped_scenes();
  if (figures.skipped > 0) duration_seconds = described_seconds(row);
  figures.duration_seconds = duration_seconds;
  figures.wall = over_repeats(row, [](const PassData& data) { return data.pass.wall_seconds; });
  figures.load = over_repeats(row, [](const PassData& data) { return data.pass.load_seconds; });
  figures.after_load = row.is_stage1()
                           ? figures.wall
                           : over_repeats(row, [](const PassData& data) { return data.pass.after_load_seconds; });
  figures.cpu = over_repeats(row, [](const PassData& data) { return data.pass.cpu_seconds; });
  figures.rtf = divided(figures.after_load, duration_seconds);
  figures.wall_rtf = divided(figures.wall, duration_seconds);
  add_machine_figures(row, cores, figures);
  if (row.is_stage1()) return figures;
  add_counts(row, figures);
  add_scene_figures(row, figures);
  add_phases(row, figures);
  return figures;
}

const PassData* typical_repeat(const Row& row) {
  const double median = over_repeats(row, [](const PassData& data) { return data.pass.wall_seconds; }).median;
  const auto nearest = std::min_element(row.repeats.begin(), row.repeats.end(), [&](const auto& a, const auto& b) {
    return std::abs(a.pass.wall_seconds - median) < std::abs(b.pass.wall_seconds - median);
  });
  return nearest == row.repeats.end() ? nullptr : &*nearest;
}

}  // namespace cinescribe::bench
