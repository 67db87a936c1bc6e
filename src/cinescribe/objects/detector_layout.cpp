#include "cinescribe/objects/detector_layout.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace cinescribe::objects {

namespace {

constexpr std::array<std::pair<Layout, std::string_view>, 10> kNames{{{Layout::kAuto, "auto"},
                                                                      {Layout::kYolox, "yolox"},
                                                                      {Layout::kYolov5, "yolov5"},
                                                                      {Layout::kYolov5Heads, "yolov5-heads"},
                                                                      {Layout::kYolov8, "yolov8"},
                                                                      {Layout::kEndToEnd, "yolov10"},
                                                                      {Layout::kDetr, "rtdetr"},
                                                                      {Layout::kDetrHeads, "rtdetr-heads"},
                                                                      {Layout::kDetrProcessed, "dfine"},
                                                                      {Layout::kCenternet, "centernet"}}};
/// More rows than this are cells of a grid, not a fixed list of detections.
constexpr std::int64_t kMaxListRows = 1000;
constexpr std::int64_t kMaxClasses = 100'000;

std::int64_t cells(int width, int height, const std::vector<int>& strides) {
  std::int64_t total = 0;
  for (const int stride : strides) total += std::int64_t{width / stride} * (height / stride);
  return total;
}

/// The strides that make `rows` cells (times `anchors`) at this input size; empty if none do.
std::vector<int> strides_for(const GraphFacts& graph, std::int64_t rows, std::int64_t anchors) {
  for (const auto& strides : {std::vector<int>{8, 16, 32}, std::vector<int>{8, 16, 32, 64}}) {
    if (cells(graph.input_width, graph.input_height, strides) * anchors == rows) return strides;
  }
  return {};
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i == 0 ? "" : ",") + std::to_string(shape[i]);
  return text + "]";
}

Error no_fit(const GraphFacts& graph, Layout forced, const std::string& model) {
  std::string found;
  for (const auto& output : graph.outputs) {
    found += (found.empty() ? "" : ", ") + output.name + " " + shape_text(output.shape);
  }
  const std::string wanted =
      forced == Layout::kAuto ? "fit no known detector" : "do not fit the layout " + std::string(layout_name(forced));
  return {ErrorCode::kModel,
          "cannot use " + model + " as an object detector: its outputs " + found + " at input " +
              std::to_string(graph.input_width) + "x" + std::to_string(graph.input_height) + " " + wanted +
              "; known are yolox [N,cells,5+classes], yolov5 [N,3*cells,5+classes], yolov5-heads 3 x "
              "[N,3,y,x,5+classes], yolov8 [N,4+classes,cells], yolov10 [N,rows,6], rtdetr [N,queries,4+classes], "
              "rtdetr-heads logits [N,queries,classes] + boxes [N,queries,4], dfine labels + boxes + scores, centernet "
              "keypoints [N,classes,y,x] + wh [N,4,y,x]"};
}

class Recogniser {
 public:
  Recogniser(const GraphFacts& graph, Layout forced) : graph_(graph), forced_(forced) {}

  std::optional<LayoutChoice> find() const {
    for (const auto& attempt : {&Recogniser::centernet, &Recogniser::processed, &Recogniser::detr_heads,
                                &Recogniser::yolov5_heads, &Recogniser::single}) {
      auto choice = (this->*attempt)();
      if (!choice.has_value() || choice->classes < 1 || choice->classes > kMaxClasses) continue;
      choice->input_width = graph_.input_width;
      choice->input_height = graph_.input_height;
      return choice;
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] bool may_be(Layout layout) const { return forced_ == Layout::kAuto || forced_ == layout; }

  /// Position of the first output with this many dimensions whose name contains one of the words.
  [[nodiscard]] std::optional<std::size_t> named(std::size_t rank,
                                                 std::initializer_list<std::string_view> words) const {
    for (std::size_t i = 0; i < graph_.outputs.size(); ++i) {
      if (graph_.outputs[i].shape.size() != rank) continue;
      for (const auto word : words) {
        if (graph_.outputs[i].name.find(word) != std::string::npos) return i;
      }
    }
    return std::nullopt;
  }
  [[nodiscard]] const std::vector<std::int64_t>& shape(std::size_t output) const {
    return graph_.outputs[output].shape;
  }

  [[nodiscard]] std::optional<LayoutChoice> centernet() const {
    const auto keypoints = named(4, {"keypoint", "heatmap", "hm"});
    const auto wh = named(4, {"wh"});
    if (!may_be(Layout::kCenternet) || !keypoints || !wh) return std::nullopt;
    const auto& k = shape(*keypoints);
    const auto& w = shape(*wh);
    if (w[1] != 4 || k[2] != w[2] || k[3] != w[3] || k[2] < 1 || k[3] < 1) return std::nullopt;
    return choice(Layout::kCenternet, k[1], {*keypoints, *wh});
  }

  [[nodiscard]] std::optional<LayoutChoice> processed() const {
    const auto labels = named(2, {"label", "class"});
    const auto boxes = named(3, {"box"});
    const auto scores = named(2, {"score"});
    if (!may_be(Layout::kDetrProcessed) || !labels || !boxes || !scores || !graph_.has_size_input) return std::nullopt;
    if (shape(*boxes)[2] != 4) return std::nullopt;
    // The graph does not say how many classes there are; its authors' models know the 80 of COCO.
    return choice(Layout::kDetrProcessed, 80, {*labels, *boxes, *scores});
  }

  [[nodiscard]] std::optional<LayoutChoice> detr_heads() const {
    const auto logits = named(3, {"logits"});
    const auto boxes = named(3, {"boxes"});
    if (!may_be(Layout::kDetrHeads) || !logits || !boxes) return std::nullopt;
    if (shape(*boxes)[2] != 4 || shape(*boxes)[1] != shape(*logits)[1]) return std::nullopt;
    return choice(Layout::kDetrHeads, shape(*logits)[2], {*logits, *boxes});
  }

  [[nodiscard]] std::optional<LayoutChoice> yolov5_heads() const {
    if (!may_be(Layout::kYolov5Heads)) return std::nullopt;
    std::vector<std::size_t> levels;
    for (std::size_t i = 0; i < graph_.outputs.size(); ++i) {
      if (shape(i).size() == 5 && shape(i)[1] == 3) levels.push_back(i);
    }
    if (levels.size() != 3) return std::nullopt;
    std::sort(levels.begin(), levels.end(), [this](auto a, auto b) { return shape(a)[3] > shape(b)[3]; });
    constexpr std::array<int, 3> kStrides{8, 16, 32};
    for (std::size_t i = 0; i < levels.size(); ++i) {
      const auto& s = shape(levels[i]);
      if (s[2] != graph_.input_height / kStrides[i] || s[3] != graph_.input_width / kStrides[i] ||
          s[4] != shape(levels[0])[4]) {
        return std::nullopt;
      }
    }
    auto found = choice(Layout::kYolov5Heads, shape(levels[0])[4] - 5, levels);
    found.strides.assign(kStrides.begin(), kStrides.end());
    return found;
  }

  /// Everything that is one (N, a, b) tensor. A grid whose row count fits the input exactly is surest; a list of at
  /// most 1000 rows is a set of detections or queries; what is left is recognised by which side is longer.
  [[nodiscard]] std::optional<LayoutChoice> single() const {
    std::optional<std::size_t> only;
    for (std::size_t i = 0; i < graph_.outputs.size(); ++i) {
      if (shape(i).size() != 3) continue;
      if (only.has_value() && graph_.outputs[i].name.find("output") != 0) continue;
      if (!only.has_value()) only = i;  // Segmentation and pose models add further outputs behind the first.
    }
    if (!only) return std::nullopt;
    const std::int64_t a = shape(*only)[1];
    const std::int64_t b = shape(*only)[2];
    if (a < 1 || b < 1) return std::nullopt;
    const auto grid = strides_for(graph_, a, 1);
    const auto anchored = strides_for(graph_, a, 3);
    if (may_be(Layout::kYolox) && b >= 6 && !grid.empty()) {
      auto found = choice(Layout::kYolox, b - 5, {*only});
      found.strides = grid;
      found.is_decoded = graph_.operators.contains("Exp");
      return found;
    }
    if (may_be(Layout::kYolov5) && b >= 6 && !anchored.empty()) return choice(Layout::kYolov5, b - 5, {*only});
    if (may_be(Layout::kEndToEnd) && b == 6 && a <= kMaxListRows) {
      // The class is a number in the last column: how many there are is only in the metadata.
      return choice(Layout::kEndToEnd, 80, {*only});
    }
    if (may_be(Layout::kYolov8) && a >= 5 && (a < b || !strides_for(graph_, b, 1).empty())) {
      return choice(Layout::kYolov8, a - 4, {*only});
    }
    if (may_be(Layout::kDetr) && b >= 5 && a <= kMaxListRows) return choice(Layout::kDetr, b - 4, {*only});
    if (may_be(Layout::kYolov5) && b >= 6 && a > kMaxListRows) return choice(Layout::kYolov5, b - 5, {*only});
    return std::nullopt;
  }

  static LayoutChoice choice(Layout layout, std::int64_t classes, std::vector<std::size_t> outputs) {
    LayoutChoice found;
    found.layout = layout;
    found.classes = static_cast<int>(std::clamp<std::int64_t>(classes, 0, kMaxClasses + 1));
    found.outputs = std::move(outputs);
    return found;
  }

  const GraphFacts& graph_;
  Layout forced_;
};

}  // namespace

std::string_view layout_name(Layout layout) {
  for (const auto& [value, name] : kNames) {
    if (value == layout) return name;
  }
  return "auto";
}

Result<Layout> parse_layout(std::string_view name) {
  std::string known;
  for (const auto& [value, own] : kNames) {
    if (own == name) return value;
    known += (known.empty() ? "" : ", ") + std::string(own);
  }
  return Error{ErrorCode::kUsage, "unknown detector layout '" + std::string(name) + "'; known are " + known};
}

Result<LayoutChoice> recognise_layout(const GraphFacts& graph, Layout forced, const std::string& model) {
  auto choice = Recogniser(graph, forced).find();
  if (!choice.has_value()) return no_fit(graph, forced, model);
  return *std::move(choice);
}

}  // namespace cinescribe::objects
