#include "cinescribe/objects/tfjs_graph.h"

#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>

#include <nlohmann/json.hpp>

#include "cinescribe/core/file.h"

namespace cinescribe::objects {

namespace {

using Json = nlohmann::json;
constexpr std::uint64_t kMaxJsonBytes = 1ULL << 28U;
constexpr std::uint64_t kMaxWeightBytes = 1ULL << 31U;
constexpr std::int64_t kMaxElements = 1LL << 29U;

Error bad(const std::filesystem::path& file, const std::string& what) {
  return {ErrorCode::kModel, "cannot read the TensorFlow.js model " + file.string() + ": " + what};
}

/// A member of an object, or null where there is none.
const Json& member(const Json& object, const char* name) {
  static const Json nothing;
  if (!object.is_object()) return nothing;
  const auto found = object.find(name);
  return found == object.end() ? nothing : *found;
}

std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : std::string(); }

/// Bytes in TensorFlow's JSON are base64.
std::string from_base64(const std::string& text) {
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    int value = -1;
    if (c >= 'A' && c <= 'Z') value = c - 'A';
    if (c >= 'a' && c <= 'z') value = c - 'a' + 26;
    if (c >= '0' && c <= '9') value = c - '0' + 52;
    if (c == '+') value = 62;
    if (c == '/') value = 63;
    if (value < 0) break;
    bits = (bits << 6U) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out.push_back(static_cast<char>((bits >> static_cast<unsigned>(count)) & 0xFFU));
    }
  }
  return out;
}

std::vector<std::int64_t> integers_of(const Json& list) {
  std::vector<std::int64_t> values;
  if (!list.is_array()) return values;
  for (const auto& value : list) {
    if (value.is_number_integer()) values.push_back(value.get<std::int64_t>());
    if (value.is_string()) values.push_back(std::strtoll(value.get<std::string>().c_str(), nullptr, 10));
  }
  return values;
}

TfNode node_of(const Json& source) {
  TfNode node;
  node.name = text_of(member(source, "name"));
  node.op = text_of(member(source, "op"));
  for (const auto& input : member(source, "input")) {
    const std::string name = text_of(input);
    if (!name.empty() && name.front() != '^') node.inputs.push_back(name.substr(0, name.find(':')));
  }
  const Json& attributes = member(source, "attr");
  const auto list = [&](const char* name, const char* kind) -> const Json& {
    return member(member(member(attributes, name), "list"), kind);
  };
  node.strides = integers_of(list("strides", "i"));
  node.dilations = integers_of(list("dilations", "i"));
  node.window = integers_of(list("ksize", "i"));
  node.padding = from_base64(text_of(member(member(attributes, "padding"), "s")));
  for (const auto& name : list("fused_ops", "s")) node.fused_ops.push_back(from_base64(text_of(name)));
  const auto flag = [&](const char* name) {
    const Json& value = member(member(attributes, name), "b");
    return value.is_boolean() && value.get<bool>();
  };
  node.align_corners = flag("align_corners");
  node.half_pixel_centers = flag("half_pixel_centers");
  return node;
}

float half_to_float(std::uint16_t half) {
  const std::uint32_t sign = std::uint32_t{half & 0x8000U} << 16U;
  const std::uint32_t exponent = (half >> 10U) & 0x1FU;
  const std::uint32_t fraction = half & 0x3FFU;
  if (exponent == 0) {
    const float value = static_cast<float>(fraction) * 0x1p-24F;
    return sign != 0 ? -value : value;
  }
  const std::uint32_t bits = exponent == 31 ? 0x7F800000U : (exponent + 112U) << 23U;
  return std::bit_cast<float>(sign | bits | (fraction << 13U));
}

template <typename T>
T load(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

/// Takes one weight from the front of `data`. Empty when the description or the data does not suffice.
std::optional<TfTensor> take_weight(const Json& description, std::string_view& data) {
  TfTensor tensor;
  tensor.shape = integers_of(member(description, "shape"));
  std::int64_t count = 1;
  for (const auto size : tensor.shape) {
    if (size < 0 || size > kMaxElements || (size > 0 && count > kMaxElements / size)) return std::nullopt;
    count *= size;
  }
  const std::string type = text_of(member(description, "dtype"));
  const std::string stored = text_of(member(member(description, "quantization"), "dtype"));
  const bool is_half = stored == "float16";
  if (!is_half && !stored.empty()) return std::nullopt;
  if (type != "float32" && type != "int32") return std::nullopt;
  const std::size_t step = is_half ? 2 : 4;
  if (data.size() / step < static_cast<std::size_t>(count)) return std::nullopt;
  tensor.values.resize(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < tensor.values.size(); ++i) {
    const char* from = data.data() + i * step;
    tensor.values[i] = is_half           ? half_to_float(load<std::uint16_t>(from))
                       : type == "int32" ? static_cast<float>(load<std::int32_t>(from))
                                         : load<float>(from);
  }
  data.remove_prefix(tensor.values.size() * step);
  return tensor;
}

}  // namespace

Result<TfGraph> read_tfjs_graph(const std::filesystem::path& json_file) {
  const auto text = read_file(json_file, kMaxJsonBytes);
  if (!text.ok()) return Error{ErrorCode::kModel, text.error().message};
  const Json root = Json::parse(*text, nullptr, false);
  const Json& nodes = member(member(root, "modelTopology"), "node");
  const Json& manifest = member(root, "weightsManifest");
  if (!nodes.is_array() || !manifest.is_array()) return bad(json_file, "it is no TensorFlow.js graph model");
  TfGraph graph;
  for (const auto& source : nodes) {
    TfNode node = node_of(source);
    const std::string name = node.name;
    if (!graph.nodes.emplace(name, std::move(node)).second) return bad(json_file, "node '" + name + "' is there twice");
  }
  for (const auto& group : manifest) {
    std::string bytes;
    for (const auto& path : member(group, "paths")) {
      const std::filesystem::path name = std::filesystem::path(text_of(path)).filename();
      const auto part = read_file(json_file.parent_path() / name, kMaxWeightBytes);
      if (!part.ok()) return Error{ErrorCode::kModel, part.error().message};
      bytes += *part;
    }
    std::string_view rest = bytes;
    for (const auto& description : member(group, "weights")) {
      const std::string name = text_of(member(description, "name"));
      auto tensor = take_weight(description, rest);
      if (!tensor.has_value()) {
        return bad(json_file, "weight '" + name + "' has an unknown type or lies beyond the end of the weight file");
      }
      graph.constants[name] = *std::move(tensor);
    }
  }
  return graph;
}

}  // namespace cinescribe::objects
