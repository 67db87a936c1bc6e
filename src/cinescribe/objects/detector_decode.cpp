#include "cinescribe/objects/detector_decode.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "cinescribe/objects/centernet_decode.h"

namespace cinescribe::objects {

namespace {

/// Collects detections that pass the common checks.
class Collector {
 public:
  Collector(const DecodeOptions& options, int classes) : options_(options), classes_(classes) {}

  void add(const Box& box, float score, int class_id, std::size_t row) {
    if (!(score > options_.conf) || !std::isfinite(score)) return;
    if (class_id < 0 || class_id >= classes_) return;
    const auto id = static_cast<std::size_t>(class_id);
    if (!options_.keep_class.empty() && (id >= options_.keep_class.size() || options_.keep_class[id] == 0)) return;
    if (!std::isfinite(box.x1) || !std::isfinite(box.y1) || !std::isfinite(box.x2) || !std::isfinite(box.y2)) return;
    found_.push_back({box, score, class_id, static_cast<std::int32_t>(row)});
  }
  void add_centre(float cx, float cy, float w, float h, float score, int class_id, std::size_t row) {
    add({cx - w / 2.0F, cy - h / 2.0F, cx + w / 2.0F, cy + h / 2.0F}, score, class_id, row);
  }
  std::vector<Detection> take() { return std::move(found_); }

 private:
  const DecodeOptions& options_;
  int classes_;
  std::vector<Detection> found_;
};

struct Best {
  int class_id = 0;
  float score = 0.0F;
};

/// The first largest of a row of scores; NaN never wins.
Best best_of(const float* scores, std::size_t count) {
  Best best;
  for (std::size_t c = 0; c < count; ++c) {
    if (scores[c] > best.score) best = {static_cast<int>(c), scores[c]};
  }
  return best;
}

float sigmoid(float x) { return 1.0F / (1.0F + std::exp(-x)); }

void decode_yolox(const LayoutChoice& layout, std::span<const float> raw, const DecodeOptions& options,
                  Collector& out) {
  const std::size_t classes = static_cast<std::size_t>(layout.classes);
  std::size_t row = 0;
  for (const int stride : layout.strides) {
    const auto step = static_cast<float>(stride);
    for (int y = 0; y < layout.input_height / stride; ++y) {
      for (int x = 0; x < layout.input_width / stride; ++x, ++row) {
        const float* v = raw.data() + row * (5 + classes);
        if (!(v[4] > options.conf)) continue;  // Class scores are at most 1: no product can be above.
        float cx = v[0];
        float cy = v[1];
        float w = v[2];
        float h = v[3];
        if (!layout.is_decoded) {
          cx = (cx + static_cast<float>(x)) * step;
          cy = (cy + static_cast<float>(y)) * step;
          w = std::exp(w) * step;
          h = std::exp(h) * step;
        }
        if (options.is_multi_label) {
          for (std::size_t c = 0; c < classes; ++c) {
            out.add_centre(cx, cy, w, h, v[4] * v[5 + c], static_cast<int>(c), row);
          }
        } else {
          const Best best = best_of(v + 5, classes);
          out.add_centre(cx, cy, w, h, v[4] * best.score, best.class_id, row);
        }
      }
    }
  }
}

void decode_yolov5(const LayoutChoice& layout, const RawOutputs& outputs, const DecodeOptions& options,
                   Collector& out) {
  const std::size_t classes = static_cast<std::size_t>(layout.classes);
  const std::size_t rows = outputs.values[0].size() / (5 + classes);
  for (std::size_t row = 0; row < rows; ++row) {
    const float* v = outputs.values[0].data() + row * (5 + classes);
    if (!(v[4] > options.conf)) continue;
    const Best best = best_of(v + 5, classes);
    out.add_centre(v[0], v[1], v[2], v[3], v[4] * best.score, best.class_id, row);
  }
}

void decode_yolov5_heads(const LayoutChoice& layout, const RawOutputs& outputs, const DecodeOptions& options,
                         Collector& out) {
  constexpr std::array<std::array<float, 6>, 3> kAnchors{
      {{10, 13, 16, 30, 33, 23}, {30, 61, 62, 45, 59, 119}, {116, 90, 156, 198, 373, 326}}};
  const std::size_t classes = static_cast<std::size_t>(layout.classes);
  std::size_t row = 0;
  for (std::size_t level = 0; level < 3; ++level) {
    const auto stride = static_cast<float>(layout.strides[level]);
    const float* v = outputs.values[level].data();
    for (std::size_t anchor = 0; anchor < 3; ++anchor) {
      for (std::int64_t y = 0; y < outputs.shapes[level][1]; ++y) {
        for (std::int64_t x = 0; x < outputs.shapes[level][2]; ++x, ++row, v += 5 + classes) {
          const float objectness = sigmoid(v[4]);
          if (!(objectness > options.conf)) continue;
          const Best best = [&] {
            Best b{0, -INFINITY};
            for (std::size_t c = 0; c < classes; ++c) {
              if (v[5 + c] > b.score) b = {static_cast<int>(c), v[5 + c]};
            }
            return b;
          }();
          const float w = 2.0F * sigmoid(v[2]);
          const float h = 2.0F * sigmoid(v[3]);
          out.add_centre((2.0F * sigmoid(v[0]) - 0.5F + static_cast<float>(x)) * stride,
                         (2.0F * sigmoid(v[1]) - 0.5F + static_cast<float>(y)) * stride,
                         w * w * kAnchors[level][2 * anchor], h * h * kAnchors[level][2 * anchor + 1],
                         objectness * sigmoid(best.score), best.class_id, row);
        }
      }
    }
  }
}

void decode_yolov8(const LayoutChoice& layout, std::span<const float> raw, const DecodeOptions& options,
                   Collector& out) {
  const std::size_t classes = static_cast<std::size_t>(layout.classes);
  const std::size_t cells = raw.size() / (4 + classes);
  // Class rows are read one after the other (they are contiguous), keeping the best so far of every cell.
  std::vector<float> best(cells, options.conf);
  std::vector<std::int32_t> best_class(cells, -1);
  for (std::size_t c = 0; c < classes; ++c) {
    const float* scores = raw.data() + (4 + c) * cells;
    for (std::size_t i = 0; i < cells; ++i) {
      const bool is_better = scores[i] > best[i];
      best[i] = is_better ? scores[i] : best[i];
      best_class[i] = is_better ? static_cast<std::int32_t>(c) : best_class[i];
    }
  }
  for (std::size_t i = 0; i < cells; ++i) {
    if (best_class[i] < 0) continue;
    out.add_centre(raw[i], raw[cells + i], raw[2 * cells + i], raw[3 * cells + i], best[i], best_class[i], i);
  }
}

void decode_end_to_end(std::span<const float> raw, Collector& out) {
  for (std::size_t row = 0; row < raw.size() / 6; ++row) {
    const float* v = raw.data() + row * 6;
    const int class_id = v[5] >= 0.0F && v[5] < 1e6F ? static_cast<int>(v[5]) : -1;
    out.add({v[0], v[1], v[2], v[3]}, v[4], class_id, row);
  }
}

void decode_detr(const LayoutChoice& layout, std::span<const float> raw, Collector& out) {
  const std::size_t classes = static_cast<std::size_t>(layout.classes);
  const auto width = static_cast<float>(layout.input_width);
  const auto height = static_cast<float>(layout.input_height);
  for (std::size_t row = 0; row < raw.size() / (4 + classes); ++row) {
    const float* v = raw.data() + row * (4 + classes);
    const Best best = best_of(v + 4, classes);
    out.add_centre(v[0] * width, v[1] * height, v[2] * width, v[3] * height, best.score, best.class_id, row);
  }
}

/// As many of the best (query, class) pairs as there are queries; one query can appear with several classes.
void decode_detr_heads(const LayoutChoice& layout, const RawOutputs& outputs, Collector& out) {
  const std::size_t classes = static_cast<std::size_t>(layout.classes);
  const std::size_t queries = outputs.values[1].size() / 4;
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < queries * classes; ++i) {
    if (!std::isnan(outputs.values[0][i])) order.push_back(i);
  }
  const std::size_t kept = std::min(queries, order.size());
  const auto middle = order.begin() + static_cast<std::ptrdiff_t>(kept);
  std::partial_sort(order.begin(), middle, order.end(), [&](std::size_t a, std::size_t b) {
    return outputs.values[0][a] != outputs.values[0][b] ? outputs.values[0][a] > outputs.values[0][b] : a < b;
  });
  const auto width = static_cast<float>(layout.input_width);
  const auto height = static_cast<float>(layout.input_height);
  for (std::size_t i = 0; i < kept; ++i) {
    const std::size_t query = order[i] / classes;
    const float* v = outputs.values[1].data() + 4 * query;
    out.add_centre(v[0] * width, v[1] * height, v[2] * width, v[3] * height, sigmoid(outputs.values[0][order[i]]),
                   static_cast<int>(order[i] % classes), query);
  }
}

void decode_processed(const RawOutputs& outputs, Collector& out) {
  for (std::size_t row = 0; row < outputs.labels.size(); ++row) {
    const float* v = outputs.values[0].data() + 4 * row;
    const std::int64_t label = outputs.labels[row];
    out.add({v[0], v[1], v[2], v[3]}, outputs.values[1][row],
            label >= 0 && label < 1'000'000 ? static_cast<int>(label) : -1, row);
  }
}

}  // namespace

bool outputs_fit(const LayoutChoice& layout, const RawOutputs& outputs) {
  const std::size_t classes = static_cast<std::size_t>(layout.classes);
  const auto& values = outputs.values;
  switch (layout.layout) {
    case Layout::kYolox: {
      std::size_t rows = 0;
      for (const int stride : layout.strides) {
        rows += static_cast<std::size_t>(layout.input_width / stride) *
                static_cast<std::size_t>(layout.input_height / stride);
      }
      return values.size() == 1 && values[0].size() == rows * (5 + classes);
    }
    case Layout::kYolov5:
      return values.size() == 1 && values[0].size() % (5 + classes) == 0;
    case Layout::kYolov5Heads:
      return values.size() == 3 && outputs.shapes.size() == 3 &&
             std::all_of(outputs.shapes.begin(), outputs.shapes.end(), [&](const auto& shape) {
               return shape.size() == 4 && shape[0] == 3 && shape[3] == layout.classes + 5;
             });
    case Layout::kYolov8:
    case Layout::kDetr:
      return values.size() == 1 && values[0].size() % (4 + classes) == 0;
    case Layout::kEndToEnd:
      return values.size() == 1 && values[0].size() % 6 == 0;
    case Layout::kDetrHeads:
      return values.size() == 2 && values[1].size() % 4 == 0 && values[0].size() == values[1].size() / 4 * classes;
    case Layout::kDetrProcessed:
      return values.size() == 2 && values[0].size() == 4 * outputs.labels.size() &&
             values[1].size() == outputs.labels.size();
    case Layout::kCenternet:
      return values.size() == 2 && outputs.shapes.size() == 2 && outputs.shapes[0].size() == 3 &&
             outputs.shapes[0][0] == layout.classes && values[0].size() == classes * (values[1].size() / 4);
    case Layout::kAuto:
      break;
  }
  return false;
}

std::vector<Detection> decode(const LayoutChoice& layout, const RawOutputs& outputs, const DecodeOptions& options) {
  Collector out(options, layout.classes);
  switch (layout.layout) {
    case Layout::kYolox:
      decode_yolox(layout, outputs.values[0], options, out);
      break;
    case Layout::kYolov5:
      decode_yolov5(layout, outputs, options, out);
      break;
    case Layout::kYolov5Heads:
      decode_yolov5_heads(layout, outputs, options, out);
      break;
    case Layout::kYolov8:
      decode_yolov8(layout, outputs.values[0], options, out);
      break;
    case Layout::kEndToEnd:
      decode_end_to_end(outputs.values[0], out);
      break;
    case Layout::kDetr:
      decode_detr(layout, outputs.values[0], out);
      break;
    case Layout::kDetrHeads:
      decode_detr_heads(layout, outputs, out);
      break;
    case Layout::kDetrProcessed:
      decode_processed(outputs, out);
      break;
    case Layout::kCenternet:
      for (const auto& peak : centernet_peaks(layout, outputs, options.conf)) {
        out.add(peak.box, peak.score, peak.class_id, static_cast<std::size_t>(peak.row));
      }
      break;
    case Layout::kAuto:
      break;
  }
  return out.take();
}

}  // namespace cinescribe::objects
