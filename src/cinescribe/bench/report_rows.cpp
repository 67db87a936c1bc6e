#include "cinescribe/bench/report_rows.h"

#include <algorithm>
#include <map>
#include <set>

namespace cinescribe::bench {

namespace {

/// "A", "B", …: machines and builds.
std::string machine_letter(int machine) {
  std::string letter(1, static_cast<char>('A' + machine % 26));
  return machine < 26 ? letter : letter + std::to_string(machine / 26);
}

/// By what repeats of one captioner over several videos are peers.
std::string peer_key(const Row& row) {
  return std::to_string(row.machine) + "\n" + row.captioner + "\n" + row.settings_hash;
}

/// What is told apart by its settings only where they differ.
std::string subject_key(const Row& row) { return row.subject() + (row.skipped_scenes() > 0 ? "\npart" : ""); }

}  // namespace

std::string part_text(const RowFigures& figures) {
  if (figures.skipped == 0) return {};
  if (figures.scenes == 0) return "first scenes";
  return std::to_string(figures.scenes) + " of " + std::to_string(figures.scenes + figures.skipped) + " scenes";
}

std::vector<ReportRow> report_rows(const Measurements& measurements) {
  std::map<std::string, std::set<std::string>> settings_of;  // subject, video and machine -> hashes
  std::map<std::string, std::vector<double>> peers;
  std::vector<ReportRow> rows;
  for (const Row& row : measurements.rows) {
    ReportRow each;
    each.row = &row;
    const int cores = measurements.machines[static_cast<std::size_t>(row.machine)].cores;
    each.figures = figures_of(row, measurements.duration(row), cores);
    settings_of[subject_key(row)].insert(row.settings_hash);
    if (!row.is_stage1() && has_figures(each)) peers[peer_key(row)].push_back(each.figures.seconds_per_scene.median);
    rows.push_back(std::move(each));
  }
  for (ReportRow& each : rows) {
    const Row& row = *each.row;
    each.judgement = judge(row, each.figures, peers[peer_key(row)]);
    each.subject = row.subject();
    const ModelRecord* const model = row.is_stage1() ? nullptr : measurements.captioner(row.captioner);
    if (model != nullptr && !model->type.empty()) each.subject += " " + model->type;
    if (settings_of[subject_key(row)].size() > 1) each.subject += " [" + row.settings_hash.substr(0, 4) + "]";
    if (each.figures.skipped > 0) each.subject += ", " + part_text(each.figures);
    each.video = row.video;
    if (measurements.machines.size() > 1) each.video += ", machine " + machine_letter(row.machine);
  }
  std::map<std::string, std::size_t> order;
  for (const ReportRow& each : rows) order.emplace(each.video + each.row->fingerprint, order.size());
  std::stable_sort(rows.begin(), rows.end(), [&](const ReportRow& a, const ReportRow& b) {
    const std::size_t first = order[a.video + a.row->fingerprint];
    const std::size_t second = order[b.video + b.row->fingerprint];
    return first != second ? first < second : a.row->is_stage1() && !b.row->is_stage1();
  });
  return rows;
}

}  // namespace cinescribe::bench
