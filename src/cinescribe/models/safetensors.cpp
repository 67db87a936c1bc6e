#include "cinescribe/models/safetensors.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "cinescribe/core/file.h"
#include "cinescribe/models/source.h"
#include "cinescribe/tensor/weight_type.h"

namespace cinescribe::models {

namespace {

using nlohmann::json;

constexpr std::uint64_t kMaxHeaderBytes = 100ULL << 20;
constexpr std::uint64_t kMaxIndexBytes = 64ULL << 20;
constexpr std::size_t kMaxRank = 8;

Error broken(const std::string& what) { return {ErrorCode::kModel, "not a usable safetensors file: " + what}; }

std::optional<ElementType> element_type(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, ElementType>, 10> kNames{{{"F64", ElementType::kF64},
                                                                                    {"F32", ElementType::kF32},
                                                                                    {"F16", ElementType::kF16},
                                                                                    {"BF16", ElementType::kBf16},
                                                                                    {"I64", ElementType::kI64},
                                                                                    {"I32", ElementType::kI32},
                                                                                    {"I16", ElementType::kI16},
                                                                                    {"I8", ElementType::kI8},
                                                                                    {"U8", ElementType::kU8},
                                                                                    {"BOOL", ElementType::kBool}}};
  for (const auto& [text, type] : kNames) {
    if (text == name) return type;
  }
  return std::nullopt;
}

/// Non-negative integer fields only; anything else is a damaged header.
std::optional<std::uint64_t> as_size(const json& value) {
  if (!value.is_number_unsigned()) return std::nullopt;
  return value.get<std::uint64_t>();
}

Result<TensorView> read_entry(const std::string& name, const json& entry, std::span<const std::byte> data) {
  const auto bad = [&](const std::string& what) { return broken("tensor '" + name + "' " + what); };
  if (!entry.is_object() || !entry.contains("dtype") || !entry["dtype"].is_string() || !entry.contains("shape") ||
      !entry["shape"].is_array() || !entry.contains("data_offsets") || !entry["data_offsets"].is_array()) {
    return bad("lacks dtype, shape or data_offsets");
  }
  const auto type = element_type(entry["dtype"].get_ref<const std::string&>());
  if (!type) return bad("has the unsupported type '" + entry["dtype"].get<std::string>() + "'");
  if (entry["shape"].size() > kMaxRank) return bad("has more than 8 dimensions");
  TensorView view;
  view.type = *type;
  std::uint64_t bytes = element_bytes(*type);
  for (const json& dim : entry["shape"]) {
    const auto size = as_size(dim);
    if (!size || (*size != 0 && bytes > data.size() / *size)) return bad("is larger than the file");
    bytes *= *size;
    view.shape.push_back(static_cast<std::int64_t>(*size));
  }
  if (entry["data_offsets"].size() != 2) return bad("has no pair of data_offsets");
  const auto begin = as_size(entry["data_offsets"][0]);
  const auto end = as_size(entry["data_offsets"][1]);
  if (!begin || !end || *begin > *end || *end > data.size()) return bad("lies outside the file (is it truncated?)");
  if (*end - *begin != bytes) {
    return bad("has " + std::to_string(*end - *begin) + " bytes where its shape needs " + std::to_string(bytes));
  }
  view.bytes = data.subspan(*begin, bytes);
  return view;
}

/// Two tensors that share bytes would let one header describe more memory than there is file.
Status check_overlaps(const std::map<std::string, TensorView>& tensors) {
  std::vector<std::span<const std::byte>> ranges;
  ranges.reserve(tensors.size());
  for (const auto& [name, view] : tensors) {
    if (!view.bytes.empty()) ranges.push_back(view.bytes);
  }
  std::sort(ranges.begin(), ranges.end(), [](const auto& a, const auto& b) { return a.data() < b.data(); });
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    if (ranges[i - 1].data() + ranges[i - 1].size() > ranges[i].data()) return broken("two tensors overlap");
  }
  return {};
}

}  // namespace

std::size_t element_bytes(ElementType type) {
  switch (type) {
    case ElementType::kF64:
    case ElementType::kI64:
      return 8;
    case ElementType::kF32:
    case ElementType::kI32:
      return 4;
    case ElementType::kF16:
    case ElementType::kBf16:
    case ElementType::kI16:
      return 2;
    case ElementType::kI8:
    case ElementType::kU8:
    case ElementType::kBool:
      return 1;
  }
  return 1;
}

Result<std::map<std::string, TensorView>> parse_safetensors(std::span<const std::byte> file) {
  std::uint64_t header_bytes = 0;
  if (file.size() < sizeof(header_bytes)) return broken("shorter than its 8-byte length field");
  std::memcpy(&header_bytes, file.data(), sizeof(header_bytes));
  if (header_bytes > kMaxHeaderBytes || header_bytes > file.size() - sizeof(header_bytes)) {
    return broken("its header claims " + std::to_string(header_bytes) + " bytes");
  }
  const auto* text = reinterpret_cast<const char*>(file.data() + sizeof(header_bytes));
  const json header = json::parse(text, text + header_bytes, nullptr, false);
  if (!header.is_object()) return broken("its header is no JSON object");
  const auto data = file.subspan(sizeof(header_bytes) + header_bytes);
  std::map<std::string, TensorView> tensors;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") continue;
    CINESCRIBE_ASSIGN(auto view, read_entry(name, entry, data));
    tensors.emplace(name, std::move(view));
  }
  CINESCRIBE_TRY(check_overlaps(tensors));
  return tensors;
}

Result<std::set<std::string>> shard_names(const std::filesystem::path& index) {
  const auto text = read_file(index, kMaxIndexBytes);
  if (!text.ok()) return Error{ErrorCode::kModel, text.error().message};
  const json root = json::parse(*text, nullptr, false);
  if (!root.is_object() || !root.contains("weight_map") || !root["weight_map"].is_object()) {
    return Error{ErrorCode::kModel, "cannot read " + index.string() + ": no weight_map in it"};
  }
  std::set<std::string> names;
  for (const auto& [tensor, shard] : root["weight_map"].items()) {
    const std::string name = shard.is_string() ? shard.get<std::string>() : std::string();
    if (name.find('/') != std::string::npos || !is_safe_relative_path(name)) {
      return Error{ErrorCode::kModel, "cannot read " + index.string() + ": bad shard name for '" + tensor + "'"};
    }
    names.insert(name);
  }
  return names;
}

Result<Checkpoint> Checkpoint::open(const std::filesystem::path& folder) {
  std::set<std::string> names;
  std::error_code code;
  if (std::filesystem::exists(folder / "model.safetensors", code)) {
    names.insert("model.safetensors");
  } else if (std::filesystem::exists(folder / "model.safetensors.index.json", code)) {
    CINESCRIBE_ASSIGN(names, shard_names(folder / "model.safetensors.index.json"));
  } else {
    return Error{ErrorCode::kModel,
                 folder.string() + " holds neither model.safetensors nor model.safetensors.index.json"};
  }
  Checkpoint checkpoint;
  for (const std::string& name : names) {
    auto mapped = tensor::MappedFile::open(folder / name);
    if (!mapped.ok()) return Error{ErrorCode::kModel, mapped.error().message};
    checkpoint.files_.push_back(*std::move(mapped));
    auto tensors = parse_safetensors(checkpoint.files_.back().bytes());
    if (!tensors.ok()) return tensors.error().with_context((folder / name).string());
    for (auto& [tensor, view] : *tensors) {
      if (!checkpoint.tensors_.emplace(tensor, std::move(view)).second) {
        return Error{ErrorCode::kModel, folder.string() + ": the tensor '" + tensor + "' is in two shards"};
      }
    }
  }
  return checkpoint;
}

const TensorView* Checkpoint::find(const std::string& name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

Result<std::vector<float>> Checkpoint::floats(const std::string& name, const std::vector<std::int64_t>& shape) const {
  const TensorView* view = find(name);
  if (view == nullptr) return Error{ErrorCode::kModel, "the checkpoint lacks the tensor '" + name + "'"};
  if (view->shape != shape) {
    return Error{ErrorCode::kModel, "the tensor '" + name + "' has another shape than its configuration says"};
  }
  std::vector<float> out(view->elements());
  switch (view->type) {
    case ElementType::kF32:
      if (!out.empty()) std::memcpy(out.data(), view->bytes.data(), view->bytes.size());
      return out;
    case ElementType::kF16:
      tensor::half_to_float(view->bytes, out);
      return out;
    case ElementType::kBf16:
      tensor::bfloat_to_float(view->bytes, out);
      return out;
    default:
      return Error{ErrorCode::kModel, "the tensor '" + name + "' does not hold floating-point numbers"};
  }
}

}  // namespace cinescribe::models
