#include "cinescribe/tensor/gguf_header.h"

#include <limits>
#include <utility>

#include <ggml.h>
#include <gguf.h>

#include "cinescribe/tensor/byte_reader.h"

namespace cinescribe::tensor {

namespace {

// Far above any real model; they keep a hostile file from costing minutes before it is refused.
constexpr std::uint64_t kMaxKeys = 10'000;
constexpr std::uint64_t kMaxTensors = 100'000;
constexpr std::uint64_t kMaxKeyBytes = 65'535;  // the format's own limit
constexpr std::uint64_t kMaxTextBytes = std::uint64_t{64} << 20;
constexpr std::uint64_t kMaxAlignment = 65'536;
constexpr std::int64_t kMaxElements = std::int64_t{1} << 46;

std::uint64_t size_of(GgufType type) {
  switch (type) {
    case GgufType::kUint8:
    case GgufType::kInt8:
    case GgufType::kBool:
      return 1;
    case GgufType::kUint16:
    case GgufType::kInt16:
      return 2;
    case GgufType::kUint32:
    case GgufType::kInt32:
    case GgufType::kFloat32:
      return 4;
    case GgufType::kUint64:
    case GgufType::kInt64:
    case GgufType::kFloat64:
      return 8;
    case GgufType::kText:
    case GgufType::kArray:
      break;
  }
  return 0;
}

std::string quoted(std::string_view text) {
  constexpr std::size_t kShown = 80;
  std::string out = "'";
  for (const char c : text.substr(0, kShown)) out += c >= ' ' && c <= '~' ? c : '?';
  return out + (text.size() > kShown ? "…'" : "'");
}

}  // namespace

const char* gguf_type_name(GgufType type) {
  constexpr const char* kNames[] = {"u8",   "i8",   "u16",  "i16", "u32", "i32", "f32",
                                    "bool", "text", "list", "u64", "i64", "f64"};
  return kNames[static_cast<std::size_t>(type)];
}

std::int64_t GgufTensor::elements() const {
  std::int64_t count = 1;
  for (const std::int64_t n : shape) count *= n;
  return count;
}

const GgufValue* GgufHeader::find(std::string_view key) const {
  const auto found = metadata_.find(key);
  return found == metadata_.end() ? nullptr : &found->second;
}

const GgufTensor* GgufHeader::tensor(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &tensors_[found->second];
}

/// Reads one header; every method leaves the position behind what it read.
class GgufHeaderReader {
 public:
  GgufHeaderReader(std::span<const std::byte> bytes, std::string_view name)
      : reader_(bytes), name_(name), file_bytes_(bytes.size()) {}

  Result<GgufHeader> read() {
    CINESCRIBE_TRY(read_counts());
    for (std::uint64_t i = 0; i < keys_; ++i) CINESCRIBE_TRY(read_key());
    CINESCRIBE_TRY(read_alignment());
    for (std::uint64_t i = 0; i < tensors_; ++i) CINESCRIBE_TRY(read_tensor());
    CINESCRIBE_TRY(place_tensors());
    return std::move(header_);
  }

 private:
  [[nodiscard]] Error broken(const std::string& what) const {
    return {ErrorCode::kModel, "cannot use " + name_ + ": " + what + " (at byte " + std::to_string(reader_.position()) +
                                   "); fetch or import the model again"};
  }
  [[nodiscard]] Error ended() const { return broken("its header ends early"); }

  template <typename T>
  Result<T> number() {
    const std::optional<T> value = reader_.read<T>();
    if (!value) return ended();
    return *value;
  }

  Result<std::string_view> text(std::uint64_t longest) {
    CINESCRIBE_ASSIGN(const auto length, number<std::uint64_t>());
    if (length > longest) return broken("a text of " + std::to_string(length) + " bytes");
    const auto taken = reader_.take_text(length);
    if (!taken) return ended();
    return *taken;
  }

  Status read_counts() {
    const auto magic = reader_.take_text(4);
    if (!magic || *magic != "GGUF") return broken("it is no GGUF file");
    CINESCRIBE_ASSIGN(const auto version, number<std::uint32_t>());
    if (version != 2 && version != 3) return broken("GGUF version " + std::to_string(version) + "; known are 2 and 3");
    CINESCRIBE_ASSIGN(tensors_, number<std::uint64_t>());
    CINESCRIBE_ASSIGN(keys_, number<std::uint64_t>());
    if (tensors_ > kMaxTensors) return broken("it claims " + std::to_string(tensors_) + " tensors");
    if (keys_ > kMaxKeys) return broken("it claims " + std::to_string(keys_) + " metadata keys");
    return {};
  }

  Result<GgufType> read_type() {
    CINESCRIBE_ASSIGN(const auto id, number<std::uint32_t>());
    if (id > static_cast<std::uint32_t>(GgufType::kFloat64)) {
      return broken("metadata of the unknown type " + std::to_string(id));
    }
    return static_cast<GgufType>(id);
  }

  Status read_key() {
    CINESCRIBE_ASSIGN(const std::string_view key, text(kMaxKeyBytes));
    if (key.empty()) return broken("a metadata key without a name");
    CINESCRIBE_ASSIGN(const GgufType type, read_type());
    CINESCRIBE_ASSIGN(GgufValue value, read_value(type));
    if (!header_.metadata_.emplace(std::string(key), std::move(value)).second) {
      return broken("the metadata key " + quoted(key) + " twice");
    }
    return {};
  }

  template <typename T, typename Wide>
  Result<GgufValue> scalar(GgufType type) {
    CINESCRIBE_ASSIGN(const T value, number<T>());
    return GgufValue{type, static_cast<Wide>(value)};
  }

  Result<GgufValue> read_value(GgufType type) {
    switch (type) {
      case GgufType::kUint8:
        return scalar<std::uint8_t, std::uint64_t>(type);
      case GgufType::kInt8:
        return scalar<std::int8_t, std::int64_t>(type);
      case GgufType::kUint16:
        return scalar<std::uint16_t, std::uint64_t>(type);
      case GgufType::kInt16:
        return scalar<std::int16_t, std::int64_t>(type);
      case GgufType::kUint32:
        return scalar<std::uint32_t, std::uint64_t>(type);
      case GgufType::kInt32:
        return scalar<std::int32_t, std::int64_t>(type);
      case GgufType::kUint64:
        return scalar<std::uint64_t, std::uint64_t>(type);
      case GgufType::kInt64:
        return scalar<std::int64_t, std::int64_t>(type);
      case GgufType::kFloat32:
        return scalar<float, double>(type);
      case GgufType::kFloat64:
        return scalar<double, double>(type);
      case GgufType::kBool: {
        CINESCRIBE_ASSIGN(const auto value, number<std::uint8_t>());
        return GgufValue{type, std::uint64_t{value != 0 ? 1U : 0U}};
      }
      case GgufType::kText: {
        CINESCRIBE_ASSIGN(const std::string_view value, text(kMaxTextBytes));
        return GgufValue{type, std::string(value)};
      }
      case GgufType::kArray:
        break;
    }
    return read_array();
  }

  Result<GgufValue> read_array() {
    GgufArray array;
    CINESCRIBE_ASSIGN(array.type, read_type());
    CINESCRIBE_ASSIGN(array.count, number<std::uint64_t>());
    if (array.type == GgufType::kArray) return broken("a list of lists in its metadata");
    const std::uint64_t least = array.type == GgufType::kText ? sizeof(std::uint64_t) : size_of(array.type);
    if (array.count > reader_.remaining() / least) {
      return broken("a metadata list of " + std::to_string(array.count) + " values, more than the file can hold");
    }
    if (array.type != GgufType::kText) {
      if (!reader_.take(array.count * least)) return ended();
      return GgufValue{GgufType::kArray, array};
    }
    for (std::uint64_t i = 0; i < array.count; ++i) CINESCRIBE_TRY(text(kMaxTextBytes));
    return GgufValue{GgufType::kArray, array};
  }

  Status read_alignment() {
    const GgufValue* value = header_.find("general.alignment");
    if (value == nullptr) return {};
    const auto* number = std::get_if<std::uint64_t>(&value->value);
    if (value->type != GgufType::kUint32 || *number == 0 || *number > kMaxAlignment || (*number & (*number - 1)) != 0) {
      return broken("general.alignment is no power of two up to " + std::to_string(kMaxAlignment));
    }
    alignment_ = *number;
    return {};
  }

  Status read_tensor() {
    GgufTensor tensor;
    CINESCRIBE_ASSIGN(const std::string_view name, text(kMaxKeyBytes));
    tensor.name = name;
    if (name.empty() || name.size() >= GGML_MAX_NAME || name.find('\0') != std::string_view::npos) {
      return broken("the tensor name " + quoted(name) + " (1 to " + std::to_string(GGML_MAX_NAME - 1) + " bytes)");
    }
    CINESCRIBE_TRY(read_shape(tensor));
    CINESCRIBE_ASSIGN(tensor.type, number<std::int32_t>());
    CINESCRIBE_TRY(measure(tensor));
    CINESCRIBE_ASSIGN(tensor.first_byte, number<std::uint64_t>());  // from the start of the data, for now
    if (!header_.by_name_.emplace(tensor.name, header_.tensors_.size()).second) {
      return broken("the tensor " + quoted(name) + " twice");
    }
    header_.tensors_.push_back(std::move(tensor));
    return {};
  }

  Status read_shape(GgufTensor& tensor) {
    CINESCRIBE_ASSIGN(const auto rank, number<std::uint32_t>());
    if (rank < 1 || rank > GGML_MAX_DIMS) {
      return broken("tensor " + quoted(tensor.name) + " of " + std::to_string(rank) + " dimensions");
    }
    std::int64_t room = kMaxElements;
    for (std::uint32_t i = 0; i < rank; ++i) {
      CINESCRIBE_ASSIGN(const auto n, number<std::int64_t>());
      if (n < 1 || n > room) return broken("tensor " + quoted(tensor.name) + " has a dimension " + std::to_string(n));
      room /= n;
      tensor.shape.push_back(n);
    }
    return {};
  }

  Status measure(GgufTensor& tensor) {
    if (tensor.type < 0 || tensor.type >= GGML_TYPE_COUNT || ggml_blck_size(static_cast<ggml_type>(tensor.type)) == 0) {
      return broken("tensor " + quoted(tensor.name) + " of the unknown type " + std::to_string(tensor.type));
    }
    const auto type = static_cast<ggml_type>(tensor.type);
    const std::int64_t block = ggml_blck_size(type);
    if (tensor.shape.front() % block != 0) {
      return broken("tensor " + quoted(tensor.name) + " has rows of " + std::to_string(tensor.shape.front()) +
                    " numbers, but type " + ggml_type_name(type) + " needs multiples of " + std::to_string(block));
    }
    tensor.bytes = static_cast<std::uint64_t>(tensor.elements() / block) * ggml_type_size(type);
    return {};
  }

  Status place_tensors() {
    const std::uint64_t data = (reader_.position() + alignment_ - 1) / alignment_ * alignment_;
    for (GgufTensor& tensor : header_.tensors_) {
      if (tensor.first_byte % alignment_ != 0) return broken("tensor " + quoted(tensor.name) + " is not aligned");
      if (data > file_bytes_ || tensor.first_byte > file_bytes_ - data ||
          tensor.bytes > file_bytes_ - data - tensor.first_byte) {
        return broken("the file is truncated: tensor " + quoted(tensor.name) + " ends beyond its " +
                      std::to_string(file_bytes_) + " bytes");
      }
      tensor.first_byte += data;
    }
    return {};
  }

  ByteReader reader_;
  std::string name_;
  std::uint64_t file_bytes_;
  std::uint64_t keys_ = 0;
  std::uint64_t tensors_ = 0;
  std::uint64_t alignment_ = GGUF_DEFAULT_ALIGNMENT;
  GgufHeader header_;
};

Result<GgufHeader> GgufHeader::read(std::span<const std::byte> bytes, std::string_view name) {
  return GgufHeaderReader(bytes, name).read();
}

}  // namespace cinescribe::tensor
