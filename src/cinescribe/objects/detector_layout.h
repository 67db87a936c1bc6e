#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/core/status.h"

namespace cinescribe::objects {

/// What the outputs of a detection network mean.
enum class Layout {
  kAuto,         ///< Recognise it from the graph.
  kYolox,        ///< (N, cells, 5 + classes): cx, cy, w, h, objectness, classes; box raw or decoded.
  kYolov5,       ///< (N, 3 × cells, 5 + classes): cx, cy, w, h in input pixels, objectness, classes.
  kYolov5Heads,  ///< Three (N, 3, y, x, 5 + classes), before the sigmoid.
  kYolov8,       ///< (N, 4 + classes, cells): cx, cy, w, h in input pixels, classes. Also YOLO11.
  kEndToEnd,     ///< (N, rows, 6): x1, y1, x2, y2 in input pixels, score, class. YOLOv10, YOLO26.
  kDetr,         ///< (N, queries, 4 + classes): cx, cy, w, h as shares of the picture, scores. RT-DETR of Ultralytics.
  kDetrHeads,    ///< logits (N, queries, classes) and pred_boxes (N, queries, 4), shares. RT-DETR of Hugging Face.
  kDetrProcessed,  ///< labels, boxes, scores of (N, queries), boxes in picture pixels. RT-DETR and D-FINE themselves.
  kCenternet,      ///< keypoints (N, classes, y, x) and wh (N, 4, y, x): distances left, top, right, bottom.
};

/// Name as used on the command line, e.g. "yolov8".
std::string_view layout_name(Layout layout);
/// "auto", "yolox", "yolov5", "yolov5-heads", "yolov8", "yolov10", "rtdetr", "rtdetr-heads", "dfine" or "centernet".
/// Error: kUsage, listing these.
Result<Layout> parse_layout(std::string_view name);

/// Name and shape of one output of a network.
struct OutputShape {
  std::string name;
  std::vector<std::int64_t> shape;
};

/// What is known about a network before its first run.
struct GraphFacts {
  int input_width = 0;
  int input_height = 0;
  std::vector<OutputShape> outputs;
  std::set<std::string> operators;  ///< Empty if unknown.
  bool has_size_input = false;      ///< A second input with the picture's size.
};

/// A recognised network.
struct LayoutChoice {
  Layout layout = Layout::kAuto;
  int classes = 0;
  int input_width = 0;
  int input_height = 0;
  bool is_decoded = true;            ///< YOLOX: the graph turns cell offsets into pixels itself.
  std::vector<int> strides;          ///< YOLOX and YOLOv5: pixels per cell of each level.
  std::vector<std::size_t> outputs;  ///< Positions in `GraphFacts::outputs`, in the order the layout names them.
};

/// Recognises the layout, or checks that a forced one fits. Error: kModel, naming the shapes that were found and the
/// ones that are known.
Result<LayoutChoice> recognise_layout(const GraphFacts& graph, Layout forced, const std::string& model);

}  // namespace cinescribe::objects
