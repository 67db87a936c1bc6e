#include "cinescribe/tensor/whisper_writer.h"

#include <array>
#include <utility>

#include "cinescribe/tensor/whisper_file.h"

namespace cinescribe::tensor {

namespace {

constexpr int kQuantisationVersion = 2;
constexpr int kVersionFactor = 1000;

/// ggml's ftype numbers: its own enumeration, not that of the tensor types.
constexpr std::array<std::pair<int, WeightType>, 12> kFtypes = {{{0, WeightType::kF32},
                                                                 {1, WeightType::kF16},
                                                                 {2, WeightType::kQ40},
                                                                 {3, WeightType::kQ41},
                                                                 {7, WeightType::kQ80},
                                                                 {8, WeightType::kQ50},
                                                                 {9, WeightType::kQ51},
                                                                 {10, WeightType::kQ2K},
                                                                 {11, WeightType::kQ3K},
                                                                 {12, WeightType::kQ4K},
                                                                 {13, WeightType::kQ5K},
                                                                 {14, WeightType::kQ6K}}};

class Buffer {
 public:
  template <typename T>
  void put(T value) {
    const auto bytes = std::as_bytes(std::span<const T>(&value, 1));
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  void put_bytes(std::span<const std::byte> bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  void put_text(std::string_view text) { put_bytes(std::as_bytes(std::span<const char>(text.data(), text.size()))); }
  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

std::uint64_t tensor_header_bytes(const WhisperTensor& tensor) {
  return 12 + 4 * static_cast<std::uint64_t>(tensor.n_dims) + tensor.name.size();
}

Buffer file_header(const WhisperShape& shape, WeightType weights, std::span<const float> mel_filters,
                   const std::vector<std::string>& vocabulary) {
  Buffer header;
  header.put(kWhisperMagic);
  for (const int value :
       {shape.n_vocab, shape.n_audio_ctx, shape.n_audio_state, shape.n_audio_head, shape.n_audio_layer,
        shape.n_text_ctx, shape.n_text_state, shape.n_text_head, shape.n_text_layer, shape.n_mels}) {
    header.put(static_cast<std::int32_t>(value));
  }
  header.put(static_cast<std::int32_t>(whisper_ftype(weights)));
  header.put(static_cast<std::int32_t>(shape.n_mels));
  header.put(static_cast<std::int32_t>(kWhisperFftBins));
  header.put_bytes(std::as_bytes(mel_filters));
  header.put(static_cast<std::int32_t>(vocabulary.size()));
  for (const std::string& word : vocabulary) {
    header.put(static_cast<std::uint32_t>(word.size()));
    header.put_text(word);
  }
  return header;
}

}  // namespace

int whisper_ftype(WeightType weights) {
  for (const auto& [ftype, type] : kFtypes) {
    if (type == weights) return ftype <= 1 ? ftype : ftype + kQuantisationVersion * kVersionFactor;
  }
  return -1;
}

Result<WeightType> weights_of_whisper_ftype(int ftype) {
  for (const auto& [known, type] : kFtypes) {
    if (ftype < 0 || ftype % kVersionFactor != known) continue;
    const int version = ftype / kVersionFactor;
    const bool is_good = known <= 1 ? version <= kQuantisationVersion : version == kQuantisationVersion;
    if (is_good) return type;
    return Error{ErrorCode::kModel, "its quantisation version is " + std::to_string(version) + ", expected " +
                                        std::to_string(kQuantisationVersion)};
  }
  return Error{ErrorCode::kModel, "its file type is " + std::to_string(ftype) + ", which is none that is known"};
}

Result<WhisperFileWriter> WhisperFileWriter::create(AtomicOutput output, const WhisperShape& shape, WeightType weights,
                                                    std::span<const float> mel_filters,
                                                    const std::vector<std::string>& vocabulary) {
  CINESCRIBE_TRY(check_whisper_shape(shape));
  const std::string type = weight_type_name(weights);
  if (whisper_ftype(weights) < 0) return Error{ErrorCode::kModel, "whisper files cannot hold weights of type " + type};
  if (static_cast<std::size_t>(shape.n_audio_state) % block_length(weights) != 0) {
    return Error{ErrorCode::kModel, "rows of " + std::to_string(shape.n_audio_state) + " numbers cannot be stored as " +
                                        type + ", which needs multiples of " + std::to_string(block_length(weights))};
  }
  if (mel_filters.size() != static_cast<std::size_t>(shape.n_mels) * kWhisperFftBins) {
    return Error{ErrorCode::kInternal, "the mel filters have the wrong size"};
  }
  WhisperFileWriter writer(std::move(output), whisper_tensors(shape, weights));
  const Buffer header = file_header(shape, weights, mel_filters, vocabulary);
  writer.total_ = header.bytes().size();
  for (const WhisperTensor& tensor : writer.tensors_) writer.total_ += tensor_header_bytes(tensor) + tensor.bytes();
  CINESCRIBE_TRY(writer.output_.write(header.bytes()));
  return writer;
}

Status WhisperFileWriter::begin_next_tensor() {
  if (missing_bytes_ != 0 || next_ >= tensors_.size()) {
    return Error{ErrorCode::kInternal, "a tensor was begun before the one before it was whole, or after the last"};
  }
  const WhisperTensor& tensor = tensors_[next_++];
  Buffer header;
  header.put(static_cast<std::int32_t>(tensor.n_dims));
  header.put(static_cast<std::int32_t>(tensor.name.size()));
  header.put(static_cast<std::int32_t>(tensor.type));
  for (int i = 0; i < tensor.n_dims; ++i) {
    header.put(static_cast<std::int32_t>(tensor.ne[static_cast<std::size_t>(i)]));
  }
  header.put_text(tensor.name);
  missing_bytes_ = tensor.bytes();
  return output_.write(header.bytes());
}

Status WhisperFileWriter::append(std::span<const std::byte> bytes) {
  if (bytes.size() > missing_bytes_) return Error{ErrorCode::kInternal, "more bytes than the tensor has"};
  missing_bytes_ -= bytes.size();
  return output_.write(bytes);
}

Status WhisperFileWriter::commit() {
  if (missing_bytes_ != 0 || next_ != tensors_.size()) {
    return Error{ErrorCode::kInternal, "the model file was ended before its last tensor was whole"};
  }
  const auto check = validate_whisper_file(output_.part_path());
  if (!check.ok()) return Error{ErrorCode::kInternal, "the written model is wrong: " + check.error().message};
  return output_.commit();
}

}  // namespace cinescribe::tensor
