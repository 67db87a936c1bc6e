#include "cinescribe/ort/onnx_ops.h"

#include <cstdint>
#include <optional>

namespace cinescribe::ort {

namespace {

constexpr std::uint64_t kModelGraph = 7;
constexpr std::uint64_t kGraphNode = 1;
constexpr std::uint64_t kNodeType = 4;

/// Walks the fields of one protobuf message.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : bytes_(bytes) {}

  /// The next length-delimited field; others are skipped. Empty at the end or at the first malformed byte.
  std::optional<std::pair<std::uint64_t, std::string_view>> next() {
    while (!bytes_.empty()) {
      const auto key = varint();
      if (!key.has_value()) return std::nullopt;
      switch (*key & 7U) {
        case 0:
          if (!varint().has_value()) return std::nullopt;
          break;
        case 1:
          if (!take(8).has_value()) return std::nullopt;
          break;
        case 5:
          if (!take(4).has_value()) return std::nullopt;
          break;
        case 2: {
          const auto length = varint();
          const auto content = length.has_value() ? take(*length) : std::nullopt;
          if (!content.has_value()) return std::nullopt;
          return std::pair(*key >> 3U, *content);
        }
        default:
          return std::nullopt;
      }
    }
    return std::nullopt;
  }

 private:
  std::optional<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64U && !bytes_.empty(); shift += 7U) {
      const auto byte = static_cast<unsigned char>(bytes_.front());
      bytes_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if ((byte & 0x80U) == 0U) return value;
    }
    return std::nullopt;
  }

  std::optional<std::string_view> take(std::uint64_t length) {
    if (length > bytes_.size()) return std::nullopt;
    const auto content = bytes_.substr(0, length);
    bytes_.remove_prefix(length);
    return content;
  }

  std::string_view bytes_;
};

}  // namespace

std::set<std::string> onnx_operators(std::string_view model) {
  std::set<std::string> operators;
  Fields model_fields(model);
  while (const auto graph = model_fields.next()) {
    if (graph->first != kModelGraph) continue;
    Fields graph_fields(graph->second);
    while (const auto node = graph_fields.next()) {
      if (node->first != kGraphNode) continue;
      Fields node_fields(node->second);
      while (const auto field = node_fields.next()) {
        if (field->first == kNodeType) operators.emplace(field->second);
      }
    }
  }
  return operators;
}

}  // namespace cinescribe::ort
