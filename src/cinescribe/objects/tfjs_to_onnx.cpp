#include "cinescribe/objects/tfjs_to_onnx.h"

#include <array>
#include <map>
#include <set>

#include "cinescribe/ort/onnx_writer.h"

namespace cinescribe::objects {

namespace {

using Shape = std::vector<std::int64_t>;

class Translator {
 public:
  explicit Translator(const TfGraph& graph) : graph_(graph) {}

  Result<std::string> translate(const OnnxRequest& request) {
    const auto size = static_cast<std::int64_t>(request.input_size_px);
    writer_.add_input("images", Shape{-1, 3, size, size});
    names_[request.input] = "images";
    for (const auto& output : request.outputs) {
      CINESCRIBE_TRY(visit(output.node));
      const std::int64_t side = output.size_px;
      writer_.add_node("Identity", one(names_[output.node]), output.name);
      writer_.add_output(output.name, Shape{-1, output.channels, side, side});
    }
    return writer_.finish();
  }

 private:
  using Names = std::vector<std::string>;
  static Names one(const std::string& name) { return {name}; }

  static Error cannot(const TfNode& node, const std::string& why) {
    return {ErrorCode::kModel, "cannot translate the TensorFlow operator " + node.op + " '" + node.name + "': " + why};
  }

  /// Emits a node after everything it reads; an explicit stack, since the graph comes from outside.
  Status visit(const std::string& wanted) {
    std::vector<std::pair<std::string, bool>> stack{{wanted, false}};
    std::set<std::string> open;
    while (!stack.empty()) {
      const auto [name, has_inputs] = stack.back();
      stack.pop_back();
      if (names_.contains(name)) continue;
      const auto found = graph_.nodes.find(name);
      if (found == graph_.nodes.end()) {
        return Error{ErrorCode::kModel, "cannot translate the TensorFlow graph: there is no node '" + name + "'"};
      }
      if (found->second.op == "Const") continue;  // Emitted where it is used, in the shape that use needs.
      if (has_inputs) {
        CINESCRIBE_TRY(emit(found->second));
        continue;
      }
      if (!open.insert(name).second) return cannot(found->second, "the graph has a loop");
      stack.emplace_back(name, true);
      for (const auto& input : found->second.inputs) stack.emplace_back(input, false);
    }
    return {};
  }

  [[nodiscard]] const TfTensor* constant(const std::string& name) const {
    const auto found = graph_.constants.find(name);
    return found == graph_.constants.end() ? nullptr : &found->second;
  }

  /// The ONNX name of an operand; constants along the channels are turned to (1, C, 1, 1).
  std::string operand(const std::string& name) {
    const TfTensor* value = constant(name);
    if (value == nullptr) return names_[name];
    std::string own = fresh();
    const Shape shape = value->shape.size() == 1 ? Shape{1, value->shape[0], 1, 1} : Shape{};
    writer_.add_constant(own, shape, std::span<const float>(value->values));
    return own;
  }

  std::string fresh() { return "t" + std::to_string(counter_++); }

  std::string node(std::string_view type, const Names& inputs, const std::vector<ort::OnnxAttribute>& attributes = {}) {
    std::string output = fresh();
    writer_.add_node(type, inputs, output, attributes);
    return output;
  }

  Status emit(const TfNode& source) {
    const std::string& op = source.op;
    const auto needs = [&](std::size_t count) { return source.inputs.size() >= count; };
    if (op == "_FusedConv2D" || op == "Conv2D" || op == "FusedDepthwiseConv2dNative" || op == "DepthwiseConv2dNative") {
      return needs(2) ? convolution(source) : cannot(source, "it has no weights");
    }
    if (op == "Add" || op == "AddV2" || op == "Mul" || op == "Sub") {
      if (!needs(2)) return cannot(source, "it has no two inputs");
      for (std::size_t i = 0; i < 2; ++i) {
        const TfTensor* value = constant(source.inputs[i]);
        if (value != nullptr && value->shape.size() > 1)
          return cannot(source, "a constant has more than one dimension");
      }
      names_[source.name] = node(op == "Mul"   ? "Mul"
                                 : op == "Sub" ? "Sub"
                                               : "Add",
                                 {operand(source.inputs[0]), operand(source.inputs[1])});
      return {};
    }
    if (!needs(1) || constant(source.inputs[0]) != nullptr) return cannot(source, "its input is no computed value");
    const std::string input = names_[source.inputs[0]];
    if (op == "Relu" || op == "Sigmoid" || op == "Identity") {
      names_[source.name] = node(op, {input});
    } else if (op == "Relu6") {
      names_[source.name] = relu6(input);
    } else if (op == "Mean") {
      const TfTensor* axes = needs(2) ? constant(source.inputs[1]) : nullptr;
      if (axes == nullptr || axes->values != std::vector<float>{1.0F, 2.0F})
        return cannot(source, "not over a picture");
      names_[source.name] = node("GlobalAveragePool", {input});
    } else if (op == "ConcatV2") {
      Names inputs;
      for (std::size_t i = 0; i + 1 < source.inputs.size(); ++i) inputs.push_back(operand(source.inputs[i]));
      const std::int64_t channels = 1;
      names_[source.name] = node("Concat", inputs, {{"axis", channels}});
    } else if (op == "ResizeBilinear") {
      if (source.align_corners || source.half_pixel_centers) return cannot(source, "only the asymmetric kind is known");
      names_[source.name] = doubled(input);
    } else {
      return cannot(source, "it is not known");
    }
    return {};
  }

  std::string relu6(const std::string& input) {
    if (zero_.empty()) {
      zero_ = fresh();
      six_ = fresh();
      writer_.add_constant(zero_, Shape{}, std::span<const float>(kClip.data(), 1));
      writer_.add_constant(six_, Shape{}, std::span<const float>(kClip.data() + 1, 1));
    }
    return node("Clip", {input, zero_, six_});
  }

  std::string doubled(const std::string& input) {
    if (scales_.empty()) {
      scales_ = fresh();
      writer_.add_constant(scales_, Shape{4}, std::span<const float>(kDouble));
    }
    return node(
        "Resize", {input, "", scales_},
        {{"mode", std::string_view("linear")}, {"coordinate_transformation_mode", std::string_view("asymmetric")}});
  }

  /// TensorFlow keeps weights as height, width, input, output (a multiplier of the input for depthwise ones); ONNX as
  /// output, input, height, width.
  Status convolution(const TfNode& source) {
    const bool is_depthwise = source.op.find("Depthwise") != std::string::npos;
    const TfTensor* weights = constant(source.inputs[1]);
    if (weights == nullptr || weights->shape.size() != 4 || constant(source.inputs[0]) != nullptr) {
      return cannot(source, "its weights are no constant of four dimensions");
    }
    const Shape& s = weights->shape;
    const std::int64_t outputs = is_depthwise ? s[2] * s[3] : s[3];
    const std::int64_t inputs = is_depthwise ? 1 : s[2];
    std::vector<float> turned(weights->values.size());
    for (std::int64_t y = 0, at = 0; y < s[0]; ++y) {
      for (std::int64_t x = 0; x < s[1]; ++x) {
        for (std::int64_t c = 0; c < s[2]; ++c) {
          for (std::int64_t k = 0; k < s[3]; ++k, ++at) {
            const std::int64_t first = is_depthwise ? c * s[3] + k : k * s[2] + c;
            turned[static_cast<std::size_t>((first * s[0] + y) * s[1] + x)] =
                weights->values[static_cast<std::size_t>(at)];
          }
        }
      }
    }
    const std::string name = fresh();
    writer_.add_constant(name, Shape{outputs, inputs, s[0], s[1]}, std::span<const float>(turned));
    Names operands{names_[source.inputs[0]], name};
    if (source.inputs.size() > 2) {
      const TfTensor* bias = constant(source.inputs[2]);
      if (bias == nullptr || static_cast<std::int64_t>(bias->values.size()) != outputs) {
        return cannot(source, "its bias does not fit");
      }
      operands.push_back(fresh());
      writer_.add_constant(operands.back(), Shape{outputs}, std::span<const float>(bias->values));
    }
    const bool is_same = source.padding == "SAME";
    if (!is_same && source.padding != "VALID") return cannot(source, "padding '" + source.padding + "'");
    const auto middle = [](const Shape& list) { return list.size() == 4 ? Shape{list[1], list[2]} : Shape{1, 1}; };
    std::string result = node("Conv", operands,
                              {{"group", is_depthwise ? s[2] : std::int64_t{1}},
                               {"kernel_shape", Shape{s[0], s[1]}},
                               {"strides", middle(source.strides)},
                               {"dilations", middle(source.dilations)},
                               {"auto_pad", std::string_view(is_same ? "SAME_UPPER" : "VALID")}});
    for (const auto& fused : source.fused_ops) {
      if (fused == "Relu") {
        result = node("Relu", {result});
      } else if (fused == "Relu6") {
        result = relu6(result);
      } else if (fused != "BiasAdd") {
        return cannot(source, "fused operation '" + fused + "'");
      }
    }
    names_[source.name] = result;
    return {};
  }

  static constexpr std::array<float, 2> kClip{0.0F, 6.0F};
  static constexpr std::array<float, 4> kDouble{1.0F, 1.0F, 2.0F, 2.0F};

  const TfGraph& graph_;
  ort::OnnxWriter writer_;
  std::map<std::string, std::string> names_;  ///< TensorFlow node to ONNX value.
  std::string zero_;
  std::string six_;
  std::string scales_;
  int counter_ = 0;
};

}  // namespace

Result<std::string> tfjs_to_onnx(const TfGraph& graph, const OnnxRequest& request) {
  return Translator(graph).translate(request);
}

Result<std::string> centernet_to_onnx(const std::filesystem::path& json_file) {
  CINESCRIBE_ASSIGN(const TfGraph graph, read_tfjs_graph(json_file));
  OnnxRequest request;
  request.input = "tower_0/images";
  request.input_size_px = 512;
  request.outputs = {{"tower_0/keypoints", "keypoints", 80, 128}, {"tower_0/wh", "wh", 4, 128}};
  auto model = tfjs_to_onnx(graph, request);
  if (!model.ok()) return model.error().with_context(json_file.string());
  return model;
}

}  // namespace cinescribe::objects
