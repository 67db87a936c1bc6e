#include "cinescribe/cli/objects_output.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "cinescribe/core/atomic_file.h"
#include "cinescribe/objects/mot_file.h"

namespace cinescribe::cli {

namespace {

using nlohmann::ordered_json;

double rounded(double value, double steps) { return std::nearbyint(value * steps) / steps; }
double pixels(float value) { return rounded(static_cast<double>(value), 1e3); }
double seconds(Timestamp time) { return rounded(time.seconds(), 1e6); }

std::string label_of(const std::vector<std::string>& names, std::int32_t class_id) {
  const auto index = static_cast<std::size_t>(class_id);
  return class_id >= 0 && index < names.size() ? names[index] : "class " + std::to_string(class_id);
}

std::string dump(const ordered_json& value) {
  return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

ordered_json box_json(const objects::Box& box) {
  return {pixels(box.x1), pixels(box.y1), pixels(box.x2), pixels(box.y2)};
}

class JsonWriter : public ObjectsWriter {
 public:
  explicit JsonWriter(const ObjectsRun& run) : run_(run) {
    const auto& detector = run.detector;
    const ordered_json model{{"name", run.model},
                             {"layout", objects::layout_name(detector.layout)},
                             {"input_width", detector.input_width},
                             {"input_height", detector.input_height},
                             {"classes", detector.class_names.size()},
                             {"conf", rounded(static_cast<double>(detector.conf), 1e6)},
                             {"iou", rounded(static_cast<double>(detector.iou), 1e6)}};
    std::printf("{\"schema_version\": 1, \"file\": %s, \"model\": %s, \"frames\": [", dump(run.file).c_str(),
                dump(model).c_str());
  }

  Status add(const VideoFrame& frame, std::span<const objects::TrackedBox> boxes) override {
    ordered_json objects = ordered_json::array();
    for (const auto& box : boxes) {
      ordered_json object;
      if (run_.has_tracks) object["track_id"] = box.track_id;
      object["label"] = label_of(run_.detector.class_names, box.class_id);
      object["class_id"] = box.class_id;
      object["score"] = rounded(static_cast<double>(box.score), 1e6);
      object["box"] = box_json(box.box);
      objects.push_back(std::move(object));
    }
    const ordered_json entry{{"time_seconds", seconds(frame.time)}, {"frame", frame.index}, {"objects", objects}};
    std::printf("%s\n  %s", frames_++ == 0 ? "" : ",", dump(entry).c_str());
    return {};
  }

  /// Tracks come after all frames in the object: until then they wait in a file, not in memory.
  Status add_tracks(std::span<const objects::TrackSummary> tracks) override {
    if (spool_ == nullptr) spool_.reset(std::tmpfile());
    if (spool_ == nullptr) return full();
    for (const auto& track : tracks) {
      ordered_json path = ordered_json::array();
      for (const auto& point : track.path) {
        path.push_back({seconds(point.time), pixels(point.box.x1), pixels(point.box.y1), pixels(point.box.x2),
                        pixels(point.box.y2)});
      }
      const ordered_json entry{{"track_id", track.track_id},
                               {"label", label_of(run_.detector.class_names, track.class_id)},
                               {"start_seconds", seconds(track.range.start)},
                               {"end_seconds", seconds(track.range.end)},
                               {"frames", track.sightings},
                               {"mean_score", rounded(track.mean_score, 1e6)},
                               {"screen_share", rounded(track.screen_share, 1e6)},
                               {"path", path}};
      if (std::fprintf(spool_.get(), "%s\n  %s", tracks_++ == 0 ? "" : ",", dump(entry).c_str()) < 0) return full();
    }
    return {};
  }

  Status finish() override {
    std::printf("\n], \"tracks\": [");
    if (spool_ != nullptr) {
      if (std::fflush(spool_.get()) != 0) return full();
      std::rewind(spool_.get());
      std::array<char, 65536> block{};
      for (std::size_t n = 0; (n = std::fread(block.data(), 1, block.size(), spool_.get())) > 0;) {
        std::fwrite(block.data(), 1, n, stdout);
      }
    }
    std::printf("\n]}\n");
    return {};
  }

 private:
  struct FileCloser {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  static Error full() {
    return {ErrorCode::kResource, "cannot keep the tracks in a temporary file; free some disk room or set TMPDIR"};
  }

  ObjectsRun run_;
  std::size_t frames_ = 0;
  std::size_t tracks_ = 0;
  std::unique_ptr<std::FILE, FileCloser> spool_;
};

class TableWriter : public ObjectsWriter {
 public:
  explicit TableWriter(const ObjectsRun& run) : run_(run) {}
  Status add(const VideoFrame& frame, std::span<const objects::TrackedBox> boxes) override {
    ++frames_;
    if (run_.has_tracks) return {};
    for (const auto& box : boxes) {
      std::printf("%s  %.2f  %s  [%.0f %.0f %.0f %.0f]\n", format_timecode(frame.time).c_str(),
                  static_cast<double>(box.score), label_of(run_.detector.class_names, box.class_id).c_str(),
                  static_cast<double>(box.box.x1), static_cast<double>(box.box.y1), static_cast<double>(box.box.x2),
                  static_cast<double>(box.box.y2));
    }
    return {};
  }
  Status add_tracks(std::span<const objects::TrackSummary> tracks) override {
    for (const auto& track : tracks) {
      ++counts_[track.class_id];
      std::printf("%s  %s  #%lld %s  score %.2f, %.1f %% of the picture, seen in %lld frames\n",
                  format_timecode(track.range.start).c_str(), format_timecode(track.range.end).c_str(),
                  static_cast<long long>(track.track_id), label_of(run_.detector.class_names, track.class_id).c_str(),
                  track.mean_score, 100.0 * track.screen_share, static_cast<long long>(track.sightings));
    }
    return {};
  }
  Status finish() override {
    if (!run_.has_tracks) return {};
    const std::string counts = objects::count_by_label(counts_, run_.detector.class_names);
    std::printf("%lld frames looked at: %s\n", frames_, counts.empty() ? "nothing found" : counts.c_str());
    return {};
  }

 private:
  ObjectsRun run_;
  long long frames_ = 0;
  std::map<std::int32_t, int> counts_;
};

/// Puts the wanted file in place when it is complete.
class FileWriter : public ObjectsWriter {
 public:
  Status open(const std::string& file) {
    CINESCRIBE_ASSIGN(AtomicFile created, AtomicFile::create(file));
    file_.emplace(std::move(created));
    return {};
  }

 protected:
  Status write(const std::string& text) { return file_->write(text); }
  Status close() { return file_->commit(); }

 private:
  std::optional<AtomicFile> file_;
};

class MotWriter : public FileWriter {
 public:
  Status add(const VideoFrame& frame, std::span<const objects::TrackedBox> boxes) override {
    for (const auto& box : boxes) CINESCRIBE_TRY(write(objects::mot_line(frame.index + 1, box)));
    return {};
  }
  Status add_tracks(std::span<const objects::TrackSummary>) override { return {}; }
  Status finish() override { return close(); }
};

class CocoWriter : public FileWriter {
 public:
  explicit CocoWriter(const ObjectsRun& run) : run_(run) {}

  Status begin() {
    ordered_json categories = ordered_json::array();
    for (std::size_t i = 0; i < run_.detector.class_names.size(); ++i) {
      categories.push_back({{"id", i + 1}, {"name", run_.detector.class_names[i]}});
    }
    return write("{\"info\": " + dump({{"description", run_.file}, {"model", run_.model}}) +
                 ",\n\"categories\": " + dump(categories) + ",\n\"annotations\": [");
  }

  Status add(const VideoFrame& frame, std::span<const objects::TrackedBox> boxes) override {
    // Pictures follow the annotations in the file, so that both can be written as they come.
    images_.push_back({frame.index + 1, frame.time, frame.width, frame.height});
    for (const auto& box : boxes) {
      ordered_json entry{
          {"id", ++annotations_},
          {"image_id", frame.index + 1},
          {"category_id", box.class_id + 1},
          {"bbox", {pixels(box.box.x1), pixels(box.box.y1), pixels(box.box.width()), pixels(box.box.height())}},
          {"area", pixels(box.box.width() * box.box.height())},
          {"iscrowd", 0},
          {"score", rounded(static_cast<double>(box.score), 1e6)}};
      if (run_.has_tracks) entry["track_id"] = box.track_id;
      CINESCRIBE_TRY(write((annotations_ == 1 ? "\n" : ",\n") + dump(entry)));
    }
    return {};
  }

  Status add_tracks(std::span<const objects::TrackSummary>) override { return {}; }
  Status finish() override {
    CINESCRIBE_TRY(write("\n],\n\"images\": ["));
    for (std::size_t i = 0; i < images_.size(); ++i) {
      const auto& image = images_[i];
      const ordered_json entry{{"id", image.id},        {"file_name", run_.file},
                               {"frame", image.id - 1}, {"time_seconds", seconds(image.time)},
                               {"width", image.width},  {"height", image.height}};
      CINESCRIBE_TRY(write((i == 0 ? "\n" : ",\n") + dump(entry)));
    }
    CINESCRIBE_TRY(write("\n]}\n"));
    return close();
  }

 private:
  struct Picture {
    std::int64_t id = 0;
    Timestamp time;
    int width = 0;
    int height = 0;
  };
  ObjectsRun run_;
  std::vector<Picture> images_;
  std::int64_t annotations_ = 0;
};

}  // namespace

std::unique_ptr<ObjectsWriter> make_json_writer(const ObjectsRun& run) { return std::make_unique<JsonWriter>(run); }

std::unique_ptr<ObjectsWriter> make_table_writer(const ObjectsRun& run) { return std::make_unique<TableWriter>(run); }

Result<std::unique_ptr<ObjectsWriter>> make_mot_writer(const std::string& file) {
  auto writer = std::make_unique<MotWriter>();
  CINESCRIBE_TRY(writer->open(file));
  return std::unique_ptr<ObjectsWriter>(std::move(writer));
}

Result<std::unique_ptr<ObjectsWriter>> make_coco_writer(const std::string& file, const ObjectsRun& run) {
  auto writer = std::make_unique<CocoWriter>(run);
  CINESCRIBE_TRY(writer->open(file));
  CINESCRIBE_TRY(writer->begin());
  return std::unique_ptr<ObjectsWriter>(std::move(writer));
}

}  // namespace cinescribe::cli
