#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/tensor/mapped_file.h"

namespace cinescribe::models {

/// Element types of CTranslate2 variables; the values are the ids of the file.
enum class Ct2Type : std::uint8_t { kF32 = 0, kI8 = 1, kI16 = 2, kI32 = 3, kF16 = 4, kBf16 = 5 };

std::size_t element_bytes(Ct2Type type);

/// One stored array. Row-major, outermost dimension first, little-endian, **unaligned**.
struct Ct2Variable {
  std::string name;
  std::vector<std::uint32_t> dims;  ///< Empty = a scalar.
  Ct2Type type = Ct2Type::kF32;
  std::span<const std::byte> data;  ///< Lives as long as the model.

  [[nodiscard]] std::uint64_t elements() const { return data.size() / element_bytes(type); }
};

/// A CTranslate2 `model.bin`, checked to the last byte: every length against the file, sizes against dimensions, names
/// unique, aliases resolved, nothing after the end. Binary versions 4 to 6.
class Ct2Model {
 public:
  /// Errors: kInput (unreadable), kModel (what was found, at which byte).
  static Result<Ct2Model> open(const std::filesystem::path& path);
  /// From memory that outlives the model; `name` stands for the file in messages.
  static Result<Ct2Model> parse(std::span<const std::byte> bytes, std::string_view name);

  [[nodiscard]] const std::string& spec() const { return spec_; }  ///< E.g. "WhisperSpec".
  [[nodiscard]] std::uint32_t revision() const { return revision_; }
  [[nodiscard]] const std::string& file_name() const { return file_name_; }
  [[nodiscard]] std::size_t variable_count() const { return variables_.size(); }

  /// A variable by its name or an alias; null when there is none.
  [[nodiscard]] const Ct2Variable* find(std::string_view name) const;
  /// The value of an integer scalar; nothing when it is missing or no integer scalar.
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name) const;

 private:
  friend class Ct2Parser;
  Ct2Model() = default;

  std::optional<tensor::MappedFile> file_;
  std::string file_name_;
  std::string spec_;
  std::uint32_t revision_ = 0;
  std::map<std::string, Ct2Variable, std::less<>> variables_;
  std::map<std::string, std::string, std::less<>> aliases_;
};

/// Reads elements [first, first + out.size()) of a variable as f32, without any scale.
/// Precondition: the range lies within the variable.
void read_elements(const Ct2Variable& variable, std::uint64_t first, std::span<float> out);

}  // namespace cinescribe::models
