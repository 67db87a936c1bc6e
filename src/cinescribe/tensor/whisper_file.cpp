#include "cinescribe/tensor/whisper_file.h"

#include <array>
#include <cmath>
#include <fstream>
#include <map>

#include "cinescribe/tensor/byte_reader.h"
#include "cinescribe/tensor/mapped_file.h"
#include "cinescribe/tensor/whisper_writer.h"

namespace cinescribe::tensor {

namespace {

constexpr std::uint32_t kLongestWord = 1024;
constexpr int kLongestTensorName = 128;

/// Walks the file once; every method leaves the reader behind what it checked.
class Checker {
 public:
  Checker(std::span<const std::byte> bytes, std::string_view name) : reader_(bytes), name_(name) {
    header_.file_bytes = bytes.size();
  }

  Result<WhisperHeader> run(const WhisperCheck& check) {
    CINESCRIBE_TRY(check_head());
    CINESCRIBE_TRY(check_mel_filters());
    CINESCRIBE_TRY(check_vocabulary());
    CINESCRIBE_TRY(check_tensors(check));
    return header_;
  }

 private:
  [[nodiscard]] Error broken(const std::string& what) const {
    return {ErrorCode::kModel, "the Whisper model " + name_ + " is damaged or of another kind: " + what + " (at byte " +
                                   std::to_string(reader_.position()) + " of " + std::to_string(header_.file_bytes) +
                                   "); fetch or convert it again"};
  }
  [[nodiscard]] Error cut_off(const std::string& where) const { return broken("the file ends within " + where); }

  Status check_head() {
    const auto magic = reader_.read<std::uint32_t>();
    if (!magic) return cut_off("its first four bytes");
    if (*magic != kWhisperMagic) return broken("it does not start with the mark of whisper.cpp's model files");
    WhisperShape& shape = header_.shape;
    for (int* field :
         {&shape.n_vocab, &shape.n_audio_ctx, &shape.n_audio_state, &shape.n_audio_head, &shape.n_audio_layer,
          &shape.n_text_ctx, &shape.n_text_state, &shape.n_text_head, &shape.n_text_layer, &shape.n_mels}) {
      const auto value = reader_.read<std::int32_t>();
      if (!value) return cut_off("the hyper-parameters");
      *field = *value;
    }
    const auto ftype = reader_.read<std::int32_t>();
    if (!ftype) return cut_off("the hyper-parameters");
    if (const Status status = check_whisper_shape(shape); !status.ok()) return broken(status.error().message);
    const auto weights = weights_of_whisper_ftype(*ftype);
    if (!weights.ok()) return broken(weights.error().message);
    header_.weights = *weights;
    header_.is_multilingual = is_multilingual(shape);
    if (static_cast<std::size_t>(shape.n_audio_state) % block_length(*weights) != 0) {
      return broken("rows of " + std::to_string(shape.n_audio_state) + " numbers cannot be of type " +
                    weight_type_name(*weights));
    }
    return {};
  }

  Status check_mel_filters() {
    const auto bands = reader_.read<std::int32_t>();
    const auto bins = reader_.read<std::int32_t>();
    if (!bands || !bins) return cut_off("the mel filters");
    if (*bands != header_.shape.n_mels || *bins != kWhisperFftBins) {
      return broken("the mel filters are " + std::to_string(*bands) + " by " + std::to_string(*bins) + ", expected " +
                    std::to_string(header_.shape.n_mels) + " by " + std::to_string(kWhisperFftBins));
    }
    for (int i = 0; i < *bands * *bins; ++i) {
      const auto value = reader_.read<float>();
      if (!value) return cut_off("the mel filters");
      if (!std::isfinite(*value) || *value < 0.0F || *value > 1.0F) {
        return broken("a mel filter holds a number outside 0 to 1");
      }
    }
    return {};
  }

  Status check_vocabulary() {
    const auto count = reader_.read<std::int32_t>();
    if (!count) return cut_off("the vocabulary");
    if (*count < 1 || *count > header_.shape.n_vocab) {
      return broken("the vocabulary has " + std::to_string(*count) + " words, expected 1 to " +
                    std::to_string(header_.shape.n_vocab));
    }
    for (int i = 0; i < *count; ++i) {
      const auto length = reader_.read<std::uint32_t>();
      if (!length) return cut_off("the vocabulary");
      if (*length > kLongestWord) {
        return broken("word " + std::to_string(i) + " has " + std::to_string(*length) + " bytes, at most " +
                      std::to_string(kLongestWord) + " are accepted");
      }
      if (!reader_.take(*length)) return cut_off("the vocabulary");
    }
    return {};
  }

  Status check_tensors(const WhisperCheck& check) {
    const std::vector<WhisperTensor> expected = whisper_tensors(header_.shape, header_.weights);
    std::map<std::string_view, const WhisperTensor*> missing;
    for (const WhisperTensor& tensor : expected) missing.emplace(tensor.name, &tensor);
    while (reader_.remaining() > 0) CINESCRIBE_TRY(check_tensor(missing));
    header_.has_tensors = missing.size() < expected.size();
    if (!header_.has_tensors && check.allow_without_tensors) return {};
    if (!missing.empty()) {
      return broken(std::to_string(missing.size()) + " of " + std::to_string(expected.size()) +
                    " tensors are missing, the first is " + std::string(missing.begin()->first));
    }
    return {};
  }

  Status check_tensor(std::map<std::string_view, const WhisperTensor*>& missing) {
    const auto n_dims = reader_.read<std::int32_t>();
    const auto name_length = reader_.read<std::int32_t>();
    const auto type = reader_.read<std::int32_t>();
    if (!n_dims || !name_length || !type) return cut_off("a tensor's head");
    if (*n_dims < 1 || *n_dims > 4) return broken("a tensor has " + std::to_string(*n_dims) + " dimensions");
    if (*name_length < 1 || *name_length > kLongestTensorName) {
      return broken("a tensor's name has " + std::to_string(*name_length) + " bytes");
    }
    std::array<std::int64_t, 4> ne = {1, 1, 1, 1};
    for (int i = 0; i < *n_dims; ++i) {
      const auto size = reader_.read<std::int32_t>();
      if (!size) return cut_off("a tensor's dimensions");
      ne[static_cast<std::size_t>(i)] = *size;
    }
    const auto name = reader_.take_text(static_cast<std::uint64_t>(*name_length));
    if (!name) return cut_off("a tensor's name");
    const auto found = missing.find(*name);
    if (found == missing.end()) return broken("a tensor is unknown to this kind of model, or there twice");
    const WhisperTensor& tensor = *found->second;
    if (*n_dims != tensor.n_dims || ne != tensor.ne)
      return broken("the tensor " + tensor.name + " has the wrong shape");
    if (*type != static_cast<std::int32_t>(tensor.type)) {
      return broken("the tensor " + tensor.name + " is of type " + std::to_string(*type) + ", expected " +
                    weight_type_name(tensor.type));
    }
    if (!reader_.take(tensor.bytes())) return cut_off("the tensor " + tensor.name);
    missing.erase(found);
    return {};
  }

  ByteReader reader_;
  std::string name_;
  WhisperHeader header_;
};

}  // namespace

Result<WhisperHeader> validate_whisper_bytes(std::span<const std::byte> bytes, std::string_view name,
                                             const WhisperCheck& check) {
  return Checker(bytes, name).run(check);
}

Result<WhisperHeader> validate_whisper_file(const std::filesystem::path& path, const WhisperCheck& check) {
  CINESCRIBE_ASSIGN(const MappedFile file, MappedFile::open(path));
  return validate_whisper_bytes(file.bytes(), path.string(), check);
}

bool looks_like_whisper_file(const std::filesystem::path& path) {
  std::error_code code;
  if (!std::filesystem::is_regular_file(path, code)) return false;
  std::ifstream stream(path, std::ios::binary);
  std::uint32_t magic = 0;
  stream.read(reinterpret_cast<char*>(&magic), sizeof magic);
  return stream.good() && magic == kWhisperMagic;
}

}  // namespace cinescribe::tensor
