#include "cinescribe/models/tensor_stream.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <thread>

#include "cinescribe/tensor/weight_type.h"

namespace cinescribe::models {

namespace {

using tensor::WeightType;

constexpr std::int64_t kPieceElements = std::int64_t{1} << 20U;  // per thread: 4 MiB of f32
constexpr float kLargestHalf = 65504.0F;

std::vector<std::int64_t> without_ones(const std::vector<std::int64_t>& shape) {
  std::vector<std::int64_t> out;
  std::copy_if(shape.begin(), shape.end(), std::back_inserter(out), [](std::int64_t n) { return n != 1; });
  return out;
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (const std::int64_t extent : shape) text += (text.empty() ? "" : ", ") + std::to_string(extent);
  return "[" + text + "]";
}

std::int64_t elements_of(const WantedTensor& tensor) {
  std::int64_t count = 1;
  for (const std::int64_t extent : tensor.shape) count *= extent;
  return count;
}

/// Within a head of d rows, row 2i comes from i and row 2i + 1 from i + d/2: llama.cpp rotates neighbours.
std::int64_t source_row(std::int64_t row, std::int64_t head_dim) {
  if (head_dim == 0) return row;
  const std::int64_t within = row % head_dim;
  return row - within + within / 2 + (within % 2) * (head_dim / 2);
}

/// Streams one tensor; lives for one call.
class TensorStream {
 public:
  TensorStream(const WantedTensor& tensor, WeightType type, const WeightSource& source, const StreamOptions& options)
      : tensor_(tensor), type_(type), source_(source), options_(options) {
    // A reordered vector is reordered element by element.
    row_length_ = tensor.permuted_head_dim != 0 && tensor.shape.size() == 1 ? 1 : tensor.shape[0];
    rows_ = elements_of(tensor) / row_length_;
    row_bytes_ = tensor::row_bytes(type, static_cast<std::size_t>(row_length_));
  }

  Status run(tensor::GgufWriter& writer) {
    const std::int64_t rows_per_thread = std::max<std::int64_t>(1, kPieceElements / row_length_);
    const std::int64_t rows_per_turn = rows_per_thread * std::max(1, options_.threads);
    for (std::int64_t first = 0; first < rows_; first += rows_per_turn) {
      if (options_.stop.stop_requested()) return Error{ErrorCode::kInterrupted, "stopped while importing"};
      const std::int64_t count = std::min(rows_per_turn, rows_ - first);
      bytes_.resize(static_cast<std::size_t>(count) * row_bytes_);
      CINESCRIBE_TRY(convert_rows(first, count, rows_per_thread));
      CINESCRIBE_TRY(writer.write_piece(bytes_));
      if (options_.on_bytes) options_.on_bytes(bytes_.size());
    }
    return {};
  }

 private:
  Status convert_rows(std::int64_t first, std::int64_t count, std::int64_t piece_rows) {
    const auto pieces = static_cast<std::size_t>((count + piece_rows - 1) / piece_rows);
    std::vector<Status> outcomes(pieces);
    const auto work = [&](std::size_t piece) {
      const std::int64_t begin = static_cast<std::int64_t>(piece) * piece_rows;
      const std::int64_t rows = std::min(piece_rows, count - begin);
      const auto out = std::span(bytes_).subspan(static_cast<std::size_t>(begin) * row_bytes_,
                                                 static_cast<std::size_t>(rows) * row_bytes_);
      outcomes[piece] = convert_piece(first + begin, rows, out);
    };
    {
      std::vector<std::jthread> helpers;
      for (std::size_t piece = 1; piece < pieces; ++piece) helpers.emplace_back(work, piece);
      work(0);
    }
    for (const Status& outcome : outcomes) CINESCRIBE_TRY(outcome);
    return {};
  }

  Status convert_piece(std::int64_t first_row, std::int64_t rows, std::span<std::byte> out) {
    if (source_.makes_stored_rows() && tensor_.is_matrix) {
      return source_.stored_rows(tensor_.name, type_, row_length_, first_row, out);
    }
    std::vector<float> numbers(static_cast<std::size_t>(rows * row_length_));
    CINESCRIBE_TRY(read_rows(first_row, rows, numbers));
    CINESCRIBE_TRY(check(numbers));
    return tensor::quantise_rows(type_, numbers, static_cast<std::size_t>(row_length_), out);
  }

  Status read_rows(std::int64_t first_row, std::int64_t rows, std::span<float> out) const {
    if (tensor_.source.empty()) {
      std::copy_n(tensor_.values.begin() + first_row * row_length_, out.size(), out.begin());
      return {};
    }
    if (tensor_.permuted_head_dim == 0) {
      return source_.read(tensor_.source, tensor_.first_element + first_row * row_length_, out);
    }
    for (std::int64_t row = 0; row < rows; ++row) {
      const std::int64_t from = source_row(first_row + row, tensor_.permuted_head_dim);
      CINESCRIBE_TRY(source_.read(
          tensor_.source, tensor_.first_element + from * row_length_,
          out.subspan(static_cast<std::size_t>(row * row_length_), static_cast<std::size_t>(row_length_))));
    }
    return {};
  }

  /// Not-a-number would spoil whole blocks, and every caption after them.
  [[nodiscard]] Status check(std::span<const float> numbers) const {
    float largest = 0.0F;
    bool is_finite = true;
    for (const float number : numbers) {
      is_finite = is_finite && std::isfinite(number);
      largest = std::max(largest, std::abs(number));
    }
    if (!is_finite) {
      return Error{ErrorCode::kModel, "the tensor '" + tensor_.source + "' holds a value that is no finite number"};
    }
    if (largest > kLargestHalf && type_ != WeightType::kF32 && type_ != WeightType::kBf16) {
      return Error{ErrorCode::kModel, "the tensor '" + tensor_.source + "' holds numbers up to " +
                                          std::to_string(largest) + ", beyond what " + tensor::weight_type_name(type_) +
                                          " can hold; import with --type bf16 or f32"};
    }
    return {};
  }

  const WantedTensor& tensor_;
  WeightType type_;
  const WeightSource& source_;
  const StreamOptions& options_;
  std::int64_t row_length_ = 1;
  std::int64_t rows_ = 1;
  std::size_t row_bytes_ = 4;
  std::vector<std::byte> bytes_;
};

}  // namespace

std::uint64_t stored_bytes(const WantedTensor& wanted, WeightType type) {
  const std::int64_t rows = elements_of(wanted) / wanted.shape[0];
  return tensor::row_bytes(type, static_cast<std::size_t>(wanted.shape[0])) * static_cast<std::uint64_t>(rows);
}

Status check_sources(const std::vector<WantedTensor>& tensors, const WeightSource& source) {
  for (const WantedTensor& wanted : tensors) {
    if (wanted.source.empty()) continue;
    CINESCRIBE_TRY(source.read(wanted.source, 0, {}));  // the kind of its numbers
    CINESCRIBE_ASSIGN(const auto shape, source.shape(wanted.source));
    if (without_ones(shape) == without_ones(wanted.source_shape)) continue;
    return Error{ErrorCode::kModel, "the tensor '" + wanted.source + "' has the shape " + shape_text(shape) +
                                        ", the configuration wants " + shape_text(wanted.source_shape)};
  }
  return {};
}

Status stream_tensor(const WantedTensor& wanted, WeightType type, const WeightSource& source,
                     tensor::GgufWriter& writer, const StreamOptions& options) {
  CINESCRIBE_TRY(TensorStream(wanted, type, source, options).run(writer));
  if (!wanted.source.empty()) source.release(wanted.source);
  return {};
}

}  // namespace cinescribe::models
