#include <algorithm>
#include <chrono>

#include "cinescribe/image/letterbox.h"
#include "cinescribe/objects/class_names.h"
#include "cinescribe/objects/detector_decode.h"
#include "cinescribe/objects/detector_graph.h"
#include "cinescribe/objects/nms.h"
#include "cinescribe/objects/object_detector.h"

namespace cinescribe::objects {

namespace {

using Clock = std::chrono::steady_clock;
constexpr int kMaxFreeBatch = 16;  ///< Bounds the memory of one run where the model leaves the batch size open.

Duration since(Clock::time_point start) {
  return Duration::from_ns(std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - start).count());
}

/// How the authors of a layout feed and finish it.
struct Recipe {
  image::Letterbox (*place)(int, int, int, int) = image::letterbox_centred;
  image::LetterboxFill fill;
  bool has_nms = true;
  bool is_agnostic = false;
  bool inclusive_area = false;
  bool is_clipped = true;
  float iou = 0.45F;
};

Recipe recipe_for(Layout layout) {
  Recipe recipe;
  switch (layout) {
    case Layout::kYolox:
      recipe.place = image::letterbox_top_left;
      recipe.fill.is_bgr = true;
      recipe.fill.is_scaled = false;
      recipe.is_agnostic = true;
      recipe.inclusive_area = true;
      recipe.is_clipped = false;
      break;
    case Layout::kDetr:
    case Layout::kDetrHeads:
    case Layout::kDetrProcessed:
      recipe.place = image::letterbox_stretched;
      recipe.has_nms = false;
      break;
    case Layout::kEndToEnd:
      recipe.has_nms = false;
      break;
    case Layout::kCenternet:
      recipe.fill.is_scaled = false;
      recipe.iou = 0.5F;
      break;
    case Layout::kYolov5:
    case Layout::kYolov5Heads:
    case Layout::kYolov8:
    case Layout::kAuto:
      break;
  }
  return recipe;
}

class OnnxDetector : public ObjectDetector {
 public:
  OnnxDetector(DetectorGraph graph, DetectorInfo info, DecodeOptions decode_options, const DetectorOptions& options)
      : graph_(std::move(graph)),
        info_(std::move(info)),
        decode_options_(std::move(decode_options)),
        recipe_(recipe_for(info_.layout)) {
    nms_.iou = info_.iou;
    nms_.is_agnostic = options.is_agnostic.value_or(recipe_.is_agnostic);
    nms_.inclusive_area = recipe_.inclusive_area;
    nms_.max_boxes = static_cast<std::size_t>(std::max(0, options.max_boxes));
    decode_options_.is_multi_label = info_.layout == Layout::kYolox && !nms_.is_agnostic;
  }

  [[nodiscard]] const DetectorInfo& info() const override { return info_; }
  [[nodiscard]] const DetectorTimes& times() const override { return times_; }

  Result<std::vector<std::vector<Detection>>> detect(std::span<const image::PixelView> pictures,
                                                     const std::stop_token& stop) override {
    std::vector<std::vector<Detection>> all;
    all.reserve(pictures.size());
    const auto batch = static_cast<std::size_t>(info_.max_batch > 0 ? info_.max_batch : kMaxFreeBatch);
    for (std::size_t first = 0; first < pictures.size(); first += batch) {
      CINESCRIBE_TRY(detect_batch(pictures.subspan(first, std::min(batch, pictures.size() - first)), stop, all));
    }
    return all;
  }

 private:
  Status detect_batch(std::span<const image::PixelView> pictures, const std::stop_token& stop,
                      std::vector<std::vector<Detection>>& all) {
    const auto started = Clock::now();
    // A model with a fixed batch size gets the rest of its input unchanged; those answers are not read.
    const std::size_t runs = info_.max_batch > 0 ? static_cast<std::size_t>(info_.max_batch) : pictures.size();
    const std::size_t plane =
        static_cast<std::size_t>(info_.input_width) * static_cast<std::size_t>(info_.input_height);
    input_.resize(runs * 3 * plane);
    std::vector<image::Letterbox> boxes;
    std::vector<std::int64_t> sizes(2 * runs, 1);
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      const auto& picture = pictures[i];
      if (picture.empty()) {
        return Error{ErrorCode::kInput, "cannot detect objects in an empty picture"};
      }
      boxes.push_back(recipe_.place(picture.width, picture.height, info_.input_width, info_.input_height));
      image::write_letterboxed(picture, boxes.back(), recipe_.fill,
                               std::span(input_).subspan(i * 3 * plane, 3 * plane));
      sizes[2 * i] = picture.width;
      sizes[2 * i + 1] = picture.height;
    }
    times_.prepare = times_.prepare + since(started);
    const auto network_started = Clock::now();
    const auto n = static_cast<std::int64_t>(runs);
    std::vector<ort::Input> inputs{
        {graph_.input_name, {n, 3, info_.input_height, info_.input_width}, std::span<const float>(input_)}};
    if (!graph_.size_input_name.empty()) {
      inputs.push_back({graph_.size_input_name, {n, 2}, std::span<const std::int64_t>(sizes)});
    }
    CINESCRIBE_ASSIGN(const auto outputs, graph_.session->run(inputs, graph_.output_names, stop));
    times_.network = times_.network + since(network_started);
    const auto finish_started = Clock::now();
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      CINESCRIBE_ASSIGN(auto found, finish(outputs, i, runs, boxes[i]));
      all.push_back(std::move(found));
    }
    times_.finish = times_.finish + since(finish_started);
    times_.pictures += static_cast<std::int64_t>(pictures.size());
    return {};
  }

  Result<std::vector<Detection>> finish(const std::vector<ort::Tensor>& tensors, std::size_t index, std::size_t runs,
                                        const image::Letterbox& box) const {
    RawOutputs raw;
    std::vector<std::int64_t> labels;
    for (const auto& tensor : tensors) {
      if (tensor.shape.empty() || tensor.shape[0] != static_cast<std::int64_t>(runs)) return wrong_answer();
      if (info_.layout == Layout::kDetrProcessed && &tensor == &tensors[0]) {
        for (const auto label : slice<std::int64_t>(tensor, index, runs)) labels.push_back(label);
        for (const auto label : slice<std::int32_t>(tensor, index, runs)) labels.push_back(label);
        continue;
      }
      raw.values.push_back(slice<float>(tensor, index, runs));
      raw.shapes.emplace_back(tensor.shape.begin() + 1, tensor.shape.end());
    }
    raw.labels = labels;
    if (!outputs_fit(graph_.layout, raw)) return wrong_answer();
    auto found = decode(graph_.layout, raw, decode_options_);
    if (recipe_.has_nms) {
      found = suppress_overlaps(std::move(found), nms_);
    } else {
      std::stable_sort(found.begin(), found.end(),
                       [](const Detection& a, const Detection& b) { return a.score > b.score; });
      if (found.size() > nms_.max_boxes) found.resize(nms_.max_boxes);
    }
    if (info_.layout != Layout::kDetrProcessed) to_picture(box, found);
    return found;
  }

  void to_picture(const image::Letterbox& box, std::vector<Detection>& found) const {
    const auto width = static_cast<double>(box.picture_width);
    const auto height = static_cast<double>(box.picture_height);
    for (auto& d : found) {
      double x1 = box.picture_x(static_cast<double>(d.box.x1));
      double y1 = box.picture_y(static_cast<double>(d.box.y1));
      double x2 = box.picture_x(static_cast<double>(d.box.x2));
      double y2 = box.picture_y(static_cast<double>(d.box.y2));
      if (recipe_.is_clipped) {
        x1 = std::clamp(x1, 0.0, width);
        x2 = std::clamp(x2, 0.0, width);
        y1 = std::clamp(y1, 0.0, height);
        y2 = std::clamp(y2, 0.0, height);
      }
      d.box = {static_cast<float>(x1), static_cast<float>(y1), static_cast<float>(x2), static_cast<float>(y2)};
    }
  }

  template <typename T>
  static std::span<const T> slice(const ort::Tensor& tensor, std::size_t index, std::size_t runs) {
    const auto all = tensor.view<T>();
    const std::size_t each = all.size() / runs;
    return all.subspan(index * each, each);
  }

  [[nodiscard]] Error wrong_answer() const {
    return {ErrorCode::kModel, "the detector " + info_.model + " answered in another shape than it declared as " +
                                   std::string(layout_name(info_.layout)) +
                                   "; force another layout or use another model"};
  }

  DetectorGraph graph_;
  DetectorInfo info_;
  DecodeOptions decode_options_;
  Recipe recipe_;
  NmsOptions nms_;
  DetectorTimes times_;
  std::vector<float> input_;
};

/// Names by file, metadata, or COCO where the count fits; else "class 0", "class 1", ...
Result<std::vector<std::string>> class_names(const DetectorGraph& graph, const DetectorOptions& options,
                                             const std::string& model) {
  // These two put the class into a number: the graph does not tell how many there are.
  const bool is_count_open = graph.layout.layout == Layout::kEndToEnd || graph.layout.layout == Layout::kDetrProcessed;
  const auto count = static_cast<std::size_t>(graph.layout.classes);
  std::vector<std::string> names = graph.names;
  if (!options.class_file.empty()) {
    CINESCRIBE_ASSIGN(names, read_class_file(options.class_file));
  }
  if (!names.empty() && !is_count_open && names.size() != count) {
    return Error{ErrorCode::kModel, "cannot use the class names of " +
                                        (options.class_file.empty() ? model : options.class_file.string()) +
                                        ": there are " + std::to_string(names.size()) + " names, the detector has " +
                                        std::to_string(count) + " classes"};
  }
  if (!names.empty()) return names;
  if (count == coco_names().size()) return std::vector<std::string>(coco_names().begin(), coco_names().end());
  for (std::size_t i = 0; i < count; ++i) names.push_back("class " + std::to_string(i));
  return names;
}

Result<std::vector<char>> wanted_classes(const std::vector<std::string>& wanted,
                                         const std::vector<std::string>& names) {
  std::vector<char> keep;
  if (wanted.empty()) return keep;
  keep.resize(names.size(), 0);
  for (const auto& name : wanted) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) {
      std::string known;
      for (std::size_t i = 0; i < std::min<std::size_t>(names.size(), 100); ++i)
        known.append(i == 0 ? "" : ", ").append(names[i]);
      return Error{ErrorCode::kUsage, "the detector knows no class '" + name + "'; it knows " + known};
    }
    keep[static_cast<std::size_t>(found - names.begin())] = 1;
  }
  return keep;
}

}  // namespace

Result<std::unique_ptr<ObjectDetector>> make_detector(const std::filesystem::path& model,
                                                      const DetectorOptions& options) {
  CINESCRIBE_ASSIGN(DetectorGraph graph, load_detector_graph(model, options));
  DetectorInfo info;
  info.model = model.filename().string();
  info.layout = graph.layout.layout;
  CINESCRIBE_ASSIGN(info.class_names, class_names(graph, options, model.string()));
  graph.layout.classes = static_cast<int>(info.class_names.size());
  info.input_width = graph.layout.input_width;
  info.input_height = graph.layout.input_height;
  info.max_batch = graph.max_batch;
  if (info.layout == Layout::kCenternet) {
    // Its scores are modest, and below this there is mostly guesswork.
    info.suggested_conf = 0.3F;
    info.suggested_track_conf = 0.35F;
  }
  info.conf = options.conf.value_or(info.suggested_conf);
  info.iou = options.iou.value_or(recipe_for(info.layout).iou);
  DecodeOptions decode_options;
  decode_options.conf = info.conf;
  CINESCRIBE_ASSIGN(decode_options.keep_class, wanted_classes(options.classes, info.class_names));
  return std::unique_ptr<ObjectDetector>(
      std::make_unique<OnnxDetector>(std::move(graph), std::move(info), std::move(decode_options), options));
}

}  // namespace cinescribe::objects
