#include "cinescribe/ort/onnx_writer.h"

#include <bit>
#include <cstddef>
#include <cstring>

namespace cinescribe::ort {

namespace {

// Field numbers of onnx.proto.
constexpr unsigned kModelIrVersion = 1;
constexpr unsigned kModelProducer = 2;
constexpr unsigned kModelGraph = 7;
constexpr unsigned kModelOpset = 8;
constexpr unsigned kModelMetadata = 14;
constexpr unsigned kOpsetVersion = 2;
constexpr unsigned kGraphNode = 1;
constexpr unsigned kGraphName = 2;
constexpr unsigned kGraphInitializer = 5;
constexpr unsigned kGraphInput = 11;
constexpr unsigned kGraphOutput = 12;
constexpr unsigned kNodeInput = 1;
constexpr unsigned kNodeOutput = 2;
constexpr unsigned kNodeType = 4;
constexpr unsigned kNodeAttribute = 5;
constexpr unsigned kTensorDims = 1;
constexpr unsigned kTensorType = 2;
constexpr unsigned kTensorName = 8;
constexpr unsigned kTensorRaw = 9;
constexpr unsigned kElementFloat = 1;
constexpr unsigned kElementUint8 = 2;
constexpr unsigned kElementInt64 = 7;

static_assert(std::endian::native == std::endian::little, "raw tensor data is little-endian");

void put_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80U; value >>= 7U) out.push_back(static_cast<char>((value & 0x7FU) | 0x80U));
  out.push_back(static_cast<char>(value));
}

void put_number(std::string& out, unsigned field, std::int64_t value) {
  put_varint(out, std::uint64_t{field} << 3U);
  put_varint(out, static_cast<std::uint64_t>(value));
}

void put_bytes(std::string& out, unsigned field, std::string_view bytes) {
  put_varint(out, (std::uint64_t{field} << 3U) | 2U);
  put_varint(out, bytes.size());
  out += bytes;
}

std::string value_info(std::string_view name, std::span<const std::int64_t> shape, unsigned element) {
  std::string dims;
  for (const auto size : shape) {
    std::string dim;
    if (size < 0) {
      put_bytes(dim, 2, "N");
    } else {
      put_number(dim, 1, size);
    }
    put_bytes(dims, 1, dim);
  }
  std::string tensor;
  put_number(tensor, 1, element);
  put_bytes(tensor, 2, dims);
  std::string type;
  put_bytes(type, 1, tensor);
  std::string info;
  put_bytes(info, 1, name);
  put_bytes(info, 2, type);
  return info;
}

template <typename T>
std::string tensor(std::string_view name, std::span<const std::int64_t> shape, std::span<const T> values,
                   unsigned element) {
  std::string out;
  for (const auto size : shape) put_number(out, kTensorDims, size);
  put_number(out, kTensorType, element);
  put_bytes(out, kTensorName, name);
  put_bytes(out, kTensorRaw, {reinterpret_cast<const char*>(values.data()), values.size_bytes()});
  return out;
}

std::string attribute(const OnnxAttribute& source) {
  constexpr unsigned kName = 1;
  constexpr unsigned kFloat = 2;
  constexpr unsigned kInt = 3;
  constexpr unsigned kString = 4;
  constexpr unsigned kInts = 8;
  constexpr unsigned kType = 20;
  std::string out;
  put_bytes(out, kName, source.name);
  if (const auto* number = std::get_if<std::int64_t>(&source.value)) {
    put_number(out, kInt, *number);
    put_number(out, kType, 2);
  } else if (const auto* real = std::get_if<float>(&source.value)) {
    put_varint(out, (std::uint64_t{kFloat} << 3U) | 5U);
    const auto bits = std::bit_cast<std::uint32_t>(*real);
    for (unsigned shift = 0; shift < 32U; shift += 8U) out.push_back(static_cast<char>((bits >> shift) & 0xFFU));
    put_number(out, kType, 1);
  } else if (const auto* text = std::get_if<std::string_view>(&source.value)) {
    put_bytes(out, kString, *text);
    put_number(out, kType, 3);
  } else {
    for (const auto value : std::get<std::vector<std::int64_t>>(source.value)) put_number(out, kInts, value);
    put_number(out, kType, 7);
  }
  return out;
}

}  // namespace

void OnnxWriter::add_input(std::string_view name, std::span<const std::int64_t> shape) {
  put_bytes(graph_, kGraphInput, value_info(name, shape, kElementFloat));
}

void OnnxWriter::add_output(std::string_view name, std::span<const std::int64_t> shape) {
  put_bytes(graph_, kGraphOutput, value_info(name, shape, kElementFloat));
}

void OnnxWriter::add_int64_input(std::string_view name, std::span<const std::int64_t> shape) {
  put_bytes(graph_, kGraphInput, value_info(name, shape, kElementInt64));
}

void OnnxWriter::add_int64_output(std::string_view name, std::span<const std::int64_t> shape) {
  put_bytes(graph_, kGraphOutput, value_info(name, shape, kElementInt64));
}

void OnnxWriter::add_uint8_input(std::string_view name, std::span<const std::int64_t> shape) {
  put_bytes(graph_, kGraphInput, value_info(name, shape, kElementUint8));
}

void OnnxWriter::add_uint8_output(std::string_view name, std::span<const std::int64_t> shape) {
  put_bytes(graph_, kGraphOutput, value_info(name, shape, kElementUint8));
}

void OnnxWriter::add_constant(std::string_view name, std::span<const std::int64_t> shape,
                              std::span<const std::uint8_t> values) {
  put_bytes(graph_, kGraphInitializer, tensor(name, shape, values, kElementUint8));
}

void OnnxWriter::add_constant(std::string_view name, std::span<const std::int64_t> shape,
                              std::span<const float> values) {
  put_bytes(graph_, kGraphInitializer, tensor(name, shape, values, kElementFloat));
}

void OnnxWriter::add_constant(std::string_view name, std::span<const std::int64_t> shape,
                              std::span<const std::int64_t> values) {
  put_bytes(graph_, kGraphInitializer, tensor(name, shape, values, kElementInt64));
}

void OnnxWriter::add_node(std::string_view type, std::span<const std::string> inputs, std::string_view output,
                          std::span<const OnnxAttribute> attributes) {
  std::string node;
  for (const auto& input : inputs) put_bytes(node, kNodeInput, input);
  put_bytes(node, kNodeOutput, output);
  put_bytes(node, kNodeType, type);
  for (const auto& one : attributes) put_bytes(node, kNodeAttribute, attribute(one));
  put_bytes(graph_, kGraphNode, node);
}

void OnnxWriter::add_metadata(std::string_view key, std::string_view value) {
  std::string entry;
  put_bytes(entry, 1, key);
  put_bytes(entry, 2, value);
  put_bytes(metadata_, kModelMetadata, entry);
}

std::string OnnxWriter::finish() const {
  std::string graph = graph_;
  put_bytes(graph, kGraphName, "cinescribe");
  std::string opset;
  put_number(opset, kOpsetVersion, 17);
  std::string model;
  put_number(model, kModelIrVersion, 8);
  put_bytes(model, kModelProducer, "cinescribe");
  put_bytes(model, kModelGraph, graph);
  put_bytes(model, kModelOpset, opset);
  model += metadata_;
  return model;
}

}  // namespace cinescribe::ort
