#include "cinescribe/tensor/whisper_tensors.h"

#include <cstdint>
#include <utility>

#include "cinescribe/tensor/byte_reader.h"
#include "cinescribe/tensor/whisper_writer.h"

namespace cinescribe::tensor {

namespace {

/// Magic, eleven hyper-parameters.
constexpr std::uint64_t kHeadBytes = 12 * sizeof(std::int32_t);

}  // namespace

Result<WhisperTensors> WhisperTensors::open(const std::filesystem::path& path) {
  CINESCRIBE_ASSIGN(MappedFile file, MappedFile::open(path));
  WhisperTensors tensors(std::move(file));
  CINESCRIBE_ASSIGN(tensors.header_, validate_whisper_bytes(tensors.file_.bytes(), path.string()));
  if (const Status status = tensors.index(); !status.ok()) {
    return Error{ErrorCode::kModel,
                 "cannot read the Whisper model " + path.string() + " a second time: did it change?"};
  }
  return tensors;
}

Status WhisperTensors::index() {
  // The file has passed every check, so that only its change under our hands can make a read fail here.
  const Error changed{ErrorCode::kModel, "the file changed"};
  ByteReader reader(file_.bytes());
  if (!reader.take(kHeadBytes)) return changed;
  const auto bands = reader.read<std::int32_t>();
  const auto bins = reader.read<std::int32_t>();
  if (!bands || !bins || *bands != header_.shape.n_mels || *bins != kWhisperFftBins) return changed;
  mel_filters_.resize(static_cast<std::size_t>(*bands) * static_cast<std::size_t>(*bins));
  for (float& value : mel_filters_) {
    const auto read = reader.read<float>();
    if (!read) return changed;
    value = *read;
  }
  const auto words = reader.read<std::int32_t>();
  if (!words || *words < 0 || *words > header_.shape.n_vocab) return changed;
  for (int i = 0; i < *words; ++i) {
    const auto length = reader.read<std::uint32_t>();
    const auto text = length ? reader.take_text(*length) : std::nullopt;
    if (!text) return changed;
    vocabulary_.emplace_back(*text);
  }
  std::map<std::string, WhisperTensor> expected;
  for (WhisperTensor& tensor : whisper_tensors(header_.shape, header_.weights)) {
    std::string name = tensor.name;
    expected.emplace(std::move(name), std::move(tensor));
  }
  while (reader.remaining() > 0) {
    const auto n_dims = reader.read<std::int32_t>();
    const auto name_length = reader.read<std::int32_t>();
    const auto type = reader.read<std::int32_t>();
    if (!n_dims || !name_length || !type || *n_dims < 1 || *n_dims > 4 || *name_length < 1) return changed;
    if (!reader.take(static_cast<std::uint64_t>(*n_dims) * sizeof(std::int32_t))) return changed;
    const auto name = reader.take_text(static_cast<std::uint64_t>(*name_length));
    if (!name) return changed;
    const auto found = expected.find(std::string(*name));
    if (found == expected.end()) return changed;
    const auto bytes = reader.take(found->second.bytes());
    if (!bytes) return changed;
    places_.emplace(found->first, Place{found->second, *bytes});
  }
  if (places_.size() != expected.size()) return changed;
  return {};
}

Status WhisperTensors::read_rows(const std::string& name, std::size_t first, std::size_t count,
                                 std::span<float> out) const {
  const auto found = places_.find(name);
  const Error wrong{ErrorCode::kInternal, "there are no such rows in the Whisper tensor '" + name + "'"};
  if (found == places_.end()) return wrong;
  const WhisperTensor& tensor = found->second.tensor;
  const auto length = static_cast<std::size_t>(tensor.ne[0]);
  const auto rows = static_cast<std::size_t>(tensor.rows());
  if (first > rows || count > rows - first || out.size() != count * length) return wrong;
  const std::size_t size = row_bytes(tensor.type, length);
  return dequantise_rows(tensor.type, found->second.bytes.subspan(first * size, count * size), length, out);
}

Result<std::vector<float>> WhisperTensors::read(const std::string& name) const {
  const auto found = places_.find(name);
  if (found == places_.end()) return Error{ErrorCode::kInternal, "there is no Whisper tensor '" + name + "'"};
  const WhisperTensor& tensor = found->second.tensor;
  std::vector<float> values(static_cast<std::size_t>(tensor.elements()));
  CINESCRIBE_TRY(read_rows(name, 0, static_cast<std::size_t>(tensor.rows()), values));
  return values;
}

}  // namespace cinescribe::tensor
