#include "cinescribe/models/whisper_convert.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <system_error>
#include <thread>
#include <utility>

#include "cinescribe/models/ct2_model.h"
#include "cinescribe/models/ct2_whisper.h"
#include "cinescribe/models/sha256.h"
#include "cinescribe/models/slaney_filters.h"
#include "cinescribe/models/whisper_files.h"
#include "cinescribe/models/whisper_vocabulary.h"
#include "cinescribe/tensor/atomic_output.h"
#include "cinescribe/tensor/whisper_file.h"
#include "cinescribe/tensor/whisper_writer.h"

namespace cinescribe::models {

namespace {

using tensor::WhisperTensor;

/// Numbers that one thread converts at a time: large enough to be worth a thread, small enough for the cache.
constexpr std::size_t kPieceElements = 256U * 1024U;

/// Converts one model, tensor by tensor; holds at most `threads` pieces of it in memory.
class Conversion {
 public:
  Conversion(const Ct2Whisper& source, tensor::WhisperFileWriter& writer, const WhisperOptions& options)
      : source_(source), writer_(writer), options_(options) {
    threads_ = static_cast<std::size_t>(std::clamp(options.threads, 1, 256));
  }

  Status run() {
    for (const WhisperTensor& tensor : writer_.tensors()) CINESCRIBE_TRY(source_.check(tensor));
    for (const WhisperTensor& tensor : writer_.tensors()) CINESCRIBE_TRY(convert(tensor));
    return writer_.commit();
  }

 private:
  Status convert(const WhisperTensor& tensor) {
    CINESCRIBE_TRY(writer_.begin_next_tensor());
    const auto rows = static_cast<std::size_t>(tensor.rows());
    const auto length = static_cast<std::size_t>(tensor.ne[0]);
    const std::size_t piece_rows = std::max<std::size_t>(1, kPieceElements / length);
    for (std::size_t first = 0; first < rows; first += piece_rows * threads_) {
      if (options_.stop.stop_requested()) {
        return Error{ErrorCode::kInterrupted, "the conversion of the Whisper model was stopped"};
      }
      const std::size_t count = std::min(rows - first, piece_rows * threads_);
      bytes_.resize(count * tensor::row_bytes(tensor.type, length));
      CINESCRIBE_TRY(convert_rows(tensor, first, count, piece_rows));
      CINESCRIBE_TRY(writer_.append(bytes_));
      if (options_.progress) options_.progress(writer_.written_bytes(), writer_.total_bytes());
    }
    return {};
  }

  /// Fills `bytes_` with rows [first, first + count), one thread for each piece.
  Status convert_rows(const WhisperTensor& tensor, std::size_t first, std::size_t count, std::size_t piece_rows) {
    const std::size_t pieces = (count + piece_rows - 1) / piece_rows;
    std::vector<Status> outcomes(pieces);
    const auto work = [&](std::size_t piece) {
      const std::size_t begin = piece * piece_rows;
      outcomes[piece] = convert_piece(tensor, first, begin, std::min(piece_rows, count - begin));
    };
    {
      std::vector<std::jthread> helpers;
      for (std::size_t piece = 1; piece < pieces; ++piece) helpers.emplace_back(work, piece);
      work(0);
    }
    for (const Status& outcome : outcomes) CINESCRIBE_TRY(outcome);
    return {};
  }

  Status convert_piece(const WhisperTensor& tensor, std::size_t first, std::size_t begin, std::size_t count) {
    const auto length = static_cast<std::size_t>(tensor.ne[0]);
    const std::size_t row_size = tensor::row_bytes(tensor.type, length);
    std::vector<float> numbers(count * length);
    CINESCRIBE_TRY(source_.read(tensor, (first + begin) * length, numbers));
    return tensor::quantise_rows(tensor.type, numbers, length,
                                 std::span(bytes_).subspan(begin * row_size, count * row_size));
  }

  const Ct2Whisper& source_;
  tensor::WhisperFileWriter& writer_;
  const WhisperOptions& options_;
  std::size_t threads_ = 1;
  std::vector<std::byte> bytes_;
};

Status convert_into(const std::filesystem::path& folder, tensor::AtomicOutput output, const WhisperOptions& options) {
  CINESCRIBE_ASSIGN(const Ct2Model model, Ct2Model::open(folder / "model.bin"));
  CINESCRIBE_ASSIGN(const Ct2Whisper source, Ct2Whisper::create(model));
  CINESCRIBE_ASSIGN(const auto vocabulary, read_whisper_vocabulary(folder, source.shape().n_vocab));
  CINESCRIBE_ASSIGN(auto writer, tensor::WhisperFileWriter::create(std::move(output), source.shape(), options.weights,
                                                                   slaney_filters(source.shape().n_mels), vocabulary));
  return Conversion(source, writer, options).run();
}

WhisperModel described(const LocatedModel& model, const tensor::WhisperHeader& header, std::filesystem::path path) {
  WhisperModel whisper;
  whisper.ggml_path = std::move(path);
  whisper.is_multilingual = header.is_multilingual;
  whisper.name = model.name;
  whisper.sha256 = model.sha256;
  whisper.weights = header.weights;
  return whisper;
}

Result<WhisperModel> prepare_ggml(const LocatedModel& model, const std::filesystem::path& path) {
  CINESCRIBE_ASSIGN(const tensor::WhisperHeader header, tensor::validate_whisper_file(path));
  WhisperModel whisper = described(model, header, path);
  whisper.alignment_heads = tensor::known_alignment_heads(header.shape);
  return whisper;
}

Result<WhisperModel> prepare_ct2(const LocatedModel& model, const std::filesystem::path& folder,
                                 const WhisperOptions& options) {
  CINESCRIBE_ASSIGN(const std::filesystem::path path, converted_path(folder, model.sha256, options.weights));
  bool was_converted = false;
  auto header = tensor::validate_whisper_file(path);
  if (!header.ok()) {
    CINESCRIBE_ASSIGN(tensor::AtomicOutput output, tensor::AtomicOutput::create(path, options.stop));
    header = tensor::validate_whisper_file(path);  // Another process may have finished it while we waited.
    if (!header.ok()) {
      CINESCRIBE_TRY(convert_into(folder, std::move(output), options));
      was_converted = true;
      header = tensor::validate_whisper_file(path);
    }
  }
  if (!header.ok()) return header.error();
  WhisperModel whisper = described(model, *header, path);
  whisper.was_converted = was_converted;
  CINESCRIBE_ASSIGN(whisper.alignment_heads, read_alignment_heads(folder, header->shape));
  if (whisper.alignment_heads.empty()) whisper.alignment_heads = tensor::known_alignment_heads(header->shape);
  return whisper;
}

}  // namespace

Status convert_whisper(const std::filesystem::path& folder, const std::filesystem::path& out,
                       const WhisperOptions& options) {
  CINESCRIBE_ASSIGN(tensor::AtomicOutput output, tensor::AtomicOutput::create(out, options.stop));
  return convert_into(folder, std::move(output), options);
}

Result<WhisperModel> prepare_whisper(const LocatedModel& model, const WhisperOptions& options) {
  CINESCRIBE_ASSIGN(const FoundWhisper found, find_whisper(model.path));
  LocatedModel known = model;
  const bool is_ggml = found.source == WhisperSource::kGgmlFile;
  if (known.sha256.empty()) {
    CINESCRIBE_ASSIGN(known.sha256, sha256_of_file(is_ggml ? found.path : found.path / "model.bin", options.stop));
  }
  return is_ggml ? prepare_ggml(known, found.path) : prepare_ct2(known, found.path, options);
}

}  // namespace cinescribe::models
