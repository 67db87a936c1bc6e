#include "cinescribe/objects/detector_graph.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "cinescribe/core/file.h"
#include "cinescribe/objects/class_names.h"
#include "cinescribe/objects/tfjs_to_onnx.h"
#include "cinescribe/ort/onnx_ops.h"

namespace cinescribe::objects {

namespace {

namespace fs = std::filesystem;
constexpr std::uint64_t kMaxModelBytes = 1ULL << 32U;
constexpr int kDefaultInputPx = 640;
constexpr std::int64_t kMaxInputPx = 16384;

Result<fs::path> find_model_file(const fs::path& model) {
  std::error_code code;
  if (!fs::is_directory(model, code)) {
    if (fs::is_regular_file(model, code)) return model;
    return Error{ErrorCode::kModel, "cannot load the detector " + model.string() + ": no such file or folder"};
  }
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(model, code)) {
    if (entry.path().extension() == ".onnx") found.push_back(entry.path());
  }
  if (found.empty() && fs::is_regular_file(model / "centernet.json", code)) return model / "centernet.json";
  if (found.size() == 1) return found.front();
  return Error{ErrorCode::kModel, "cannot load the detector " + model.string() + ": the folder has " +
                                      std::to_string(found.size()) +
                                      " .onnx files and one is needed (or a centernet.json); name the file itself"};
}

Result<std::unique_ptr<ort::Session>> open_session(const fs::path& file, const DetectorOptions& options) {
  ort::SessionOptions settings;
  settings.threads = options.threads;
  settings.device = options.device;
  if (file.extension() == ".json") {
    CINESCRIBE_ASSIGN(const std::string model, centernet_to_onnx(file));
    return ort::Session::from_bytes(model, file.string(), settings);
  }
  return ort::Session::open(file, settings);
}

/// Height and width from Ultralytics' metadata "[480, 640]".
std::optional<std::pair<int, int>> declared_size(const ort::Session& session) {
  const auto found = session.metadata().find("imgsz");
  if (found == session.metadata().end()) return std::nullopt;
  std::vector<int> numbers;
  const char* at = found->second.data();
  const char* end = at + found->second.size();
  while (at < end) {
    int value = 0;
    const auto [next, error] = std::from_chars(at, end, value);
    if (error == std::errc()) numbers.push_back(value);
    at = error == std::errc() ? next : at + 1;
  }
  if (numbers.size() != 2 || numbers[0] < 32 || numbers[1] < 32) return std::nullopt;
  return std::pair(numbers[0], numbers[1]);
}

std::string shapes_text(const std::vector<ort::TensorInfo>& tensors) {
  std::string text;
  for (const auto& tensor : tensors) {
    text += (text.empty() ? "" : ", ") + tensor.name + " [";
    for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
      text += (i == 0 ? "" : ",") + (tensor.shape[i] < 0 ? std::string("?") : std::to_string(tensor.shape[i]));
    }
    text += tensor.type == ort::ElementType::kFloat ? "]" : "] (not float32)";
  }
  return text;
}

/// Finds the picture input and fixes its size.
Status read_inputs(const DetectorOptions& options, const std::string& name, DetectorGraph& graph, GraphFacts& facts) {
  const auto& inputs = graph.session->inputs();
  const ort::TensorInfo* picture = nullptr;
  for (const auto& input : inputs) {
    if (input.type == ort::ElementType::kFloat && input.shape.size() == 4 &&
        (input.shape[1] == 3 || input.shape[1] < 0) && picture == nullptr) {
      picture = &input;
    } else if (input.type == ort::ElementType::kInt64 && input.shape.size() == 2 && input.shape[1] == 2) {
      graph.size_input_name = input.name;
    } else {
      picture = nullptr;
      break;
    }
  }
  if (picture == nullptr) {
    return Error{ErrorCode::kModel, "cannot use " + name + " as an object detector: its inputs are " +
                                        shapes_text(inputs) +
                                        "; expected one float32 picture [N,3,height,width] and at most one int64 "
                                        "size [N,2]"};
  }
  graph.input_name = picture->name;
  graph.max_batch = static_cast<int>(std::clamp<std::int64_t>(picture->shape[0], 0, 1024));
  const auto declared = declared_size(*graph.session);
  const int fallback = options.input_size_px > 0 ? options.input_size_px : 0;
  const auto size = [&](std::int64_t in_graph, int from_metadata) -> std::int64_t {
    if (in_graph > 0) return in_graph;
    if (fallback > 0) return fallback;
    return from_metadata > 0 ? from_metadata : kDefaultInputPx;
  };
  const std::int64_t height = size(picture->shape[2], declared ? declared->first : 0);
  const std::int64_t width = size(picture->shape[3], declared ? declared->second : 0);
  if (width > kMaxInputPx || height > kMaxInputPx) {
    return Error{ErrorCode::kModel, "cannot use " + name + ": its input of " + std::to_string(width) + "x" +
                                        std::to_string(height) + " pixels is larger than 16384x16384"};
  }
  facts.input_width = static_cast<int>(width);
  facts.input_height = static_cast<int>(height);
  facts.has_size_input = !graph.size_input_name.empty();
  return {};
}

/// One run over an empty picture, to learn sizes that the graph leaves open.
Status probe_outputs(const DetectorGraph& graph, GraphFacts& facts) {
  const std::int64_t batch = std::max(1, graph.max_batch);
  const std::int64_t w = facts.input_width;
  const std::int64_t h = facts.input_height;
  const std::vector<float> empty(static_cast<std::size_t>(batch * 3 * w * h), 0.0F);
  std::vector<std::int64_t> sizes;
  for (std::int64_t i = 0; i < batch; ++i) sizes.insert(sizes.end(), {w, h});
  std::vector<ort::Input> inputs{{graph.input_name, {batch, 3, h, w}, std::span<const float>(empty)}};
  if (facts.has_size_input) {
    inputs.push_back({graph.size_input_name, {batch, 2}, std::span<const std::int64_t>(sizes)});
  }
  std::vector<std::string> names;
  for (const auto& output : facts.outputs) names.push_back(output.name);
  CINESCRIBE_ASSIGN(const auto tensors, graph.session->run(inputs, names));
  for (std::size_t i = 0; i < tensors.size(); ++i) facts.outputs[i].shape = tensors[i].shape;
  return {};
}

}  // namespace

Result<DetectorGraph> load_detector_graph(const std::filesystem::path& model, const DetectorOptions& options) {
  CINESCRIBE_ASSIGN(const fs::path file, find_model_file(model));
  DetectorGraph graph;
  CINESCRIBE_ASSIGN(graph.session, open_session(file, options));
  GraphFacts facts;
  CINESCRIBE_TRY(read_inputs(options, file.string(), graph, facts));
  bool has_open_sizes = false;
  for (const auto& output : graph.session->outputs()) {
    facts.outputs.push_back({output.name, output.shape});
    has_open_sizes = has_open_sizes || std::any_of(output.shape.begin() + (output.shape.empty() ? 0 : 1),
                                                   output.shape.end(), [](std::int64_t size) { return size < 0; });
  }
  if (has_open_sizes) CINESCRIBE_TRY(probe_outputs(graph, facts));
  CINESCRIBE_ASSIGN(graph.layout, recognise_layout(facts, options.layout, file.string()));
  if (graph.layout.layout == Layout::kYolox) {
    CINESCRIBE_ASSIGN(const std::string bytes, read_file(file, kMaxModelBytes));
    graph.layout.is_decoded = ort::onnx_operators(bytes).contains("Exp");
  }
  for (const std::size_t output : graph.layout.outputs) graph.output_names.push_back(facts.outputs[output].name);
  const auto names = graph.session->metadata().find("names");
  if (names != graph.session->metadata().end()) graph.names = parse_names(names->second);
  std::error_code code;
  if (fs::is_directory(model, code) && fs::is_regular_file(model / "classes.txt", code)) {
    CINESCRIBE_ASSIGN(graph.names, read_class_file(model / "classes.txt"));
  }
  return graph;
}

}  // namespace cinescribe::objects
