// Model files of whisper.cpp. Raw bytes rarely get past the mel filters, so the input may also be a list of changes to
// a valid file: (u16 place, u8 value) at the bytes that are structure, after a u32 that cuts the file off.
#include "cinescribe/tensor/whisper_file.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "cinescribe/tensor/whisper_writer.h"

namespace {

using cinescribe::tensor::WeightType;
using cinescribe::tensor::WhisperShape;
using cinescribe::tensor::WhisperTensor;

struct ValidFile {
  std::string bytes;
  std::vector<std::size_t> structure;  // Places of bytes that are neither filters nor weights.

  void put(std::int32_t value) { put_bytes({reinterpret_cast<const char*>(&value), sizeof value}); }
  void put_bytes(std::string_view text) {
    for (const char c : text) {
      structure.push_back(bytes.size());
      bytes.push_back(c);
    }
  }
};

ValidFile make_valid_file() {
  ValidFile file;
  const WhisperShape shape{51864, 1500, 4, 2, 1, 448, 4, 2, 1, 80};
  file.put(static_cast<std::int32_t>(cinescribe::tensor::kWhisperMagic));
  for (const int value : {51864, 1500, 4, 2, 1, 448, 4, 2, 1, 80, 1, 80, 201}) file.put(value);
  file.bytes.append(80 * 201 * 4, '\0');
  file.put(2);
  for (const std::string_view word : {"a", "bc"}) {
    file.put(static_cast<std::int32_t>(word.size()));
    file.put_bytes(word);
  }
  for (const WhisperTensor& tensor : whisper_tensors(shape, WeightType::kF16)) {
    file.put(tensor.n_dims);
    file.put(static_cast<std::int32_t>(tensor.name.size()));
    file.put(static_cast<std::int32_t>(tensor.type));
    for (int i = 0; i < tensor.n_dims; ++i) file.put(static_cast<std::int32_t>(tensor.ne[static_cast<std::size_t>(i)]));
    file.put_bytes(tensor.name);
    file.bytes.append(tensor.bytes(), '\0');
  }
  return file;
}

/// True when the bytes were accepted.
bool check(std::string_view bytes) {
  const auto header = cinescribe::tensor::validate_whisper_bytes(
      std::as_bytes(std::span<const char>(bytes.data(), bytes.size())), "fuzzed", {.allow_without_tensors = true});
  if (!header.ok()) return false;
  std::uint64_t least = 0;
  for (const WhisperTensor& tensor : whisper_tensors(header->shape, header->weights)) least += tensor.bytes();
  if (header->file_bytes != bytes.size() || (header->has_tensors && least > bytes.size())) std::abort();
  return true;
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ValidFile valid = make_valid_file();
  static const bool is_valid = check(valid.bytes);
  if (!is_valid) std::abort();
  check({reinterpret_cast<const char*>(data), size});
  if (size < 4) return 0;
  std::string changed = valid.bytes;
  std::uint32_t end = 0;
  std::memcpy(&end, data, sizeof end);
  for (std::size_t i = 4; i + 3 <= size; i += 3) {
    std::uint16_t place = 0;
    std::memcpy(&place, data + i, sizeof place);
    changed[valid.structure[place % valid.structure.size()]] = static_cast<char>(data[i + 2]);
  }
  if (end < changed.size()) changed.resize(end);
  check(changed);
  return 0;
}
