#include "cinescribe/results/box_export.h"

#include <array>
#include <cstdio>
#include <utility>
#include <vector>

#include "cinescribe/results/json_values.h"

namespace cinescribe::results {
namespace {

class MotExport final : public BoxExport {
 public:
  explicit MotExport(TextSink out) : out_(std::move(out)) {}

  Status frame(const FrameBoxes& frame) override {
    std::string lines;
    for (const BoxRecord& box : frame.boxes) {
      std::array<char, 256> line{};
      std::snprintf(line.data(), line.size(), "%lld,%lld,%.4f,%.4f,%.4f,%.4f,%.6g,%d,-1,-1\n",
                    static_cast<long long>(frame.frame + 1), static_cast<long long>(box.track_id), box.box[0],
                    box.box[1], box.box[2] - box.box[0], box.box[3] - box.box[1], box.score, box.class_id);
      lines += line.data();
    }
    return out_(lines);
  }
  Status finish() override { return {}; }

 private:
  TextSink out_;
};

/// Annotations are written as they come; the list of pictures is kept until the end, a few words each.
class CocoExport final : public BoxExport {
 public:
  CocoExport(const VideoFacts& video, std::vector<std::string> labels, TextSink out)
      : video_(video), labels_(std::move(labels)), out_(std::move(out)) {}

  Status frame(const FrameBoxes& frame) override {
    CINESCRIBE_TRY(begin());
    pictures_.emplace_back(frame.frame, frame.time);
    std::string text;
    for (const BoxRecord& box : frame.boxes) {
      const double width = box.box[2] - box.box[0];
      const double height = box.box[3] - box.box[1];
      text += annotations_ == 0 ? "\n" : ",\n";
      text += dump(Json{{"id", ++annotations_},
                        {"image_id", frame.frame + 1},
                        {"category_id", box.class_id + 1},
                        {"bbox", {box.box[0], box.box[1], width, height}},
                        {"area", width * height},
                        {"iscrowd", 0},
                        {"score", box.score},
                        {"track_id", box.track_id}});
    }
    return out_(text);
  }

  Status finish() override {
    CINESCRIBE_TRY(begin());
    std::string text = "\n],\n\"images\": [";
    const int width = video_.picture ? video_.picture->width : 0;
    const int height = video_.picture ? video_.picture->height : 0;
    for (std::size_t i = 0; i < pictures_.size(); ++i) {
      text += i == 0 ? "\n" : ",\n";
      text += dump(Json{{"id", pictures_[i].first + 1},
                        {"file_name", video_.file_name + "#" + std::to_string(pictures_[i].first)},
                        {"width", width},
                        {"height", height},
                        {"frame", pictures_[i].first},
                        {"time_seconds", exact_seconds(pictures_[i].second.ns())}});
      if (text.size() > 1 << 16) {
        CINESCRIBE_TRY(out_(text));
        text.clear();
      }
    }
    text += "\n],\n\"categories\": [";
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      text += i == 0 ? "\n" : ",\n";
      text += dump(Json{{"id", i + 1}, {"name", labels_[i]}});
    }
    return out_(text + "\n]}\n");
  }

 private:
  Status begin() {
    if (std::exchange(has_begun_, true)) return {};
    return out_("{\"info\": " + dump(Json{{"description", video_.file_name}}) +
                ",\n\"licenses\": [],\n\"annotations\": [");
  }

  VideoFacts video_;
  std::vector<std::string> labels_;
  TextSink out_;
  bool has_begun_ = false;
  std::int64_t annotations_ = 0;
  std::vector<std::pair<std::int64_t, Timestamp>> pictures_;
};

}  // namespace

Result<std::unique_ptr<BoxExport>> make_box_export(ExportFormat format, const VideoFacts& video,
                                                   std::vector<std::string> labels, TextSink out) {
  if (format == ExportFormat::kMot) return std::unique_ptr<BoxExport>(std::make_unique<MotExport>(std::move(out)));
  if (format == ExportFormat::kCoco) {
    return std::unique_ptr<BoxExport>(std::make_unique<CocoExport>(video, std::move(labels), std::move(out)));
  }
  return Error{ErrorCode::kInternal, std::string(export_format_name(format)) + " is not made of boxes"};
}

}  // namespace cinescribe::results
