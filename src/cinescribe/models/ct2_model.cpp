#include "cinescribe/models/ct2_model.h"

#include <cstring>
#include <limits>
#include <utility>

#include "cinescribe/tensor/byte_reader.h"
#include "cinescribe/tensor/weight_type.h"

namespace cinescribe::models {

namespace {

constexpr std::uint32_t kOldestVersion = 4;
constexpr std::uint32_t kNewestVersion = 6;
constexpr int kMostDimensions = 8;

template <typename T>
void convert_elements(std::span<const std::byte> data, std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    T value;
    std::memcpy(&value, data.data() + i * sizeof(T), sizeof(T));
    out[i] = static_cast<float>(value);
  }
}

template <typename T>
std::int64_t first_element(const Ct2Variable& variable) {
  T value;
  std::memcpy(&value, variable.data.data(), sizeof(T));
  return value;
}

}  // namespace

std::size_t element_bytes(Ct2Type type) {
  switch (type) {
    case Ct2Type::kI8:
      return 1;
    case Ct2Type::kI16:
    case Ct2Type::kF16:
    case Ct2Type::kBf16:
      return 2;
    case Ct2Type::kF32:
    case Ct2Type::kI32:
      return 4;
  }
  return 4;
}

/// Walks the file once.
class Ct2Parser {
 public:
  Ct2Parser(std::span<const std::byte> bytes, std::string_view name) : reader_(bytes), size_(bytes.size()) {
    model_.file_name_ = name;
  }

  Result<Ct2Model> run() {
    const auto version = reader_.read<std::uint32_t>();
    if (!version) return cut_off("its first four bytes");
    if (*version < kOldestVersion || *version > kNewestVersion) {
      return broken("binary version " + std::to_string(*version) + ", supported are " + std::to_string(kOldestVersion) +
                    " to " + std::to_string(kNewestVersion));
    }
    CINESCRIBE_ASSIGN(model_.spec_, text("the name of the specification"));
    const auto revision = reader_.read<std::uint32_t>();
    const auto count = reader_.read<std::uint32_t>();
    if (!revision || !count) return cut_off("its head");
    model_.revision_ = *revision;
    for (std::uint32_t i = 0; i < *count; ++i) CINESCRIBE_TRY(variable());
    CINESCRIBE_TRY(aliases());
    if (reader_.remaining() != 0) {
      return broken(std::to_string(reader_.remaining()) + " bytes follow after its end");
    }
    return std::move(model_);
  }

 private:
  [[nodiscard]] Error broken(const std::string& what) const {
    return {ErrorCode::kModel,
            "the CTranslate2 model " + model_.file_name_ + " is damaged or of another kind: " + what + " (at byte " +
                std::to_string(reader_.position()) + " of " + std::to_string(size_) + "); fetch it again"};
  }
  [[nodiscard]] Error cut_off(const std::string& where) const { return broken("the file ends within " + where); }

  Result<std::string> text(const std::string& what) {
    const auto length = reader_.read<std::uint16_t>();
    if (!length) return cut_off(what);
    const auto taken = reader_.take_text(*length);
    if (!taken) return cut_off(what);
    if (taken->empty() || taken->back() != '\0') return broken(what + " does not end with a zero byte");
    const std::string_view word = taken->substr(0, taken->size() - 1);
    if (word.empty() || word.find('\0') != std::string_view::npos)
      return broken(what + " is empty or holds zero bytes");
    return std::string(word);
  }

  Status variable() {
    Ct2Variable variable;
    CINESCRIBE_ASSIGN(variable.name, text("the name of a variable"));
    const auto rank = reader_.read<std::uint8_t>();
    if (!rank) return cut_off("the head of a variable");
    if (*rank > kMostDimensions) return broken("a variable has " + std::to_string(*rank) + " dimensions");
    std::uint64_t elements = 1;
    for (int i = 0; i < *rank; ++i) {
      const auto dim = reader_.read<std::uint32_t>();
      if (!dim) return cut_off("the dimensions of a variable");
      // A variable's size is a 32-bit number in the file, so no product needs more than that.
      if (*dim != 0 && elements > std::numeric_limits<std::uint32_t>::max() / *dim) {
        return broken("the dimensions of a variable are too large");
      }
      elements *= *dim;
      variable.dims.push_back(*dim);
    }
    const auto type = reader_.read<std::uint8_t>();
    const auto bytes = reader_.read<std::uint32_t>();
    if (!type || !bytes) return cut_off("the head of a variable");
    if (*type > static_cast<std::uint8_t>(Ct2Type::kBf16)) {
      return broken("a variable has the unknown type " + std::to_string(*type));
    }
    variable.type = static_cast<Ct2Type>(*type);
    if (elements * element_bytes(variable.type) != *bytes) {
      return broken("the variable " + variable.name + " has " + std::to_string(*bytes) + " bytes, its dimensions say " +
                    std::to_string(elements * element_bytes(variable.type)));
    }
    const auto data = reader_.take(*bytes);
    if (!data) return cut_off("the variable " + variable.name);
    variable.data = *data;
    std::string name = variable.name;
    if (!model_.variables_.emplace(std::move(name), std::move(variable)).second) {
      return broken("a variable is there twice");
    }
    return {};
  }

  Status aliases() {
    const auto count = reader_.read<std::uint32_t>();
    if (!count) return cut_off("the list of aliases");
    for (std::uint32_t i = 0; i < *count; ++i) {
      CINESCRIBE_ASSIGN(std::string alias, text("an alias"));
      CINESCRIBE_ASSIGN(std::string target, text("the target of an alias"));
      if (model_.variables_.find(target) == model_.variables_.end()) {
        return broken(
            std::string("the alias ").append(alias).append(" stands for the missing variable ").append(target));
      }
      if (model_.variables_.find(alias) != model_.variables_.end() ||
          !model_.aliases_.emplace(std::move(alias), std::move(target)).second) {
        return broken("an alias is there twice");
      }
    }
    return {};
  }

  tensor::ByteReader reader_;
  std::uint64_t size_;
  Ct2Model model_;
};

Result<Ct2Model> Ct2Model::parse(std::span<const std::byte> bytes, std::string_view name) {
  return Ct2Parser(bytes, name).run();
}

Result<Ct2Model> Ct2Model::open(const std::filesystem::path& path) {
  CINESCRIBE_ASSIGN(tensor::MappedFile file, tensor::MappedFile::open(path));
  CINESCRIBE_ASSIGN(Ct2Model model, parse(file.bytes(), path.string()));
  model.file_.emplace(std::move(file));  // The mapping does not move with its owner: the spans stay good.
  return model;
}

const Ct2Variable* Ct2Model::find(std::string_view name) const {
  auto found = variables_.find(name);
  if (found == variables_.end()) {
    const auto alias = aliases_.find(name);
    if (alias == aliases_.end()) return nullptr;
    found = variables_.find(alias->second);
  }
  return &found->second;
}

std::optional<std::int64_t> Ct2Model::integer(std::string_view name) const {
  const Ct2Variable* variable = find(name);
  if (variable == nullptr || variable->elements() != 1) return std::nullopt;
  switch (variable->type) {
    case Ct2Type::kI8:
      return first_element<std::int8_t>(*variable);
    case Ct2Type::kI16:
      return first_element<std::int16_t>(*variable);
    case Ct2Type::kI32:
      return first_element<std::int32_t>(*variable);
    default:
      return std::nullopt;
  }
}

void read_elements(const Ct2Variable& variable, std::uint64_t first, std::span<float> out) {
  const std::size_t size = element_bytes(variable.type);
  const auto data = variable.data.subspan(first * size, out.size() * size);
  switch (variable.type) {
    case Ct2Type::kF32:
      if (!out.empty()) std::memcpy(out.data(), data.data(), data.size());
      break;
    case Ct2Type::kF16:
      tensor::half_to_float(data, out);
      break;
    case Ct2Type::kBf16:
      tensor::bfloat_to_float(data, out);
      break;
    case Ct2Type::kI8:
      convert_elements<std::int8_t>(data, out);
      break;
    case Ct2Type::kI16:
      convert_elements<std::int16_t>(data, out);
      break;
    case Ct2Type::kI32:
      convert_elements<std::int32_t>(data, out);
      break;
  }
}

}  // namespace cinescribe::models
