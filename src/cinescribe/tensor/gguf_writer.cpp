#include "cinescribe/tensor/gguf_writer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "cinescribe/tensor/atomic_output.h"
#include "cinescribe/tensor/ggml_handles.h"

namespace cinescribe::tensor {

struct GgufWriter::State {
  std::filesystem::path path;
  GgufContext gguf{gguf_init_empty()};
  std::vector<GgmlContext> shapes;  ///< gguf_add_tensor takes its names and shapes from ggml tensors
  std::optional<AtomicOutput> output;
  std::int64_t next = 0;
  std::size_t written = 0;  ///< Bytes of the tensor `next` that are written.
};

GgufWriter::GgufWriter(std::filesystem::path path) : state_(std::make_unique<State>()) {
  state_->path = std::move(path);
}

GgufWriter::~GgufWriter() = default;

void GgufWriter::set_text(const std::string& key, const std::string& value) {
  gguf_set_val_str(state_->gguf.get(), key.c_str(), value.c_str());
}

void GgufWriter::set_texts(const std::string& key, const std::vector<std::string>& values) {
  std::vector<const char*> texts;
  texts.reserve(values.size());
  for (const std::string& value : values) texts.push_back(value.c_str());
  gguf_set_arr_str(state_->gguf.get(), key.c_str(), texts.data(), texts.size());
}

void GgufWriter::set_integer(const std::string& key, std::int32_t value) {
  gguf_set_val_i32(state_->gguf.get(), key.c_str(), value);
}

void GgufWriter::set_integers(const std::string& key, const std::vector<std::int32_t>& values) {
  gguf_set_arr_data(state_->gguf.get(), key.c_str(), GGUF_TYPE_INT32, values.data(), values.size());
}

void GgufWriter::set_unsigned(const std::string& key, std::uint32_t value) {
  gguf_set_val_u32(state_->gguf.get(), key.c_str(), value);
}

void GgufWriter::set_float(const std::string& key, float value) {
  gguf_set_val_f32(state_->gguf.get(), key.c_str(), value);
}

void GgufWriter::set_floats(const std::string& key, const std::vector<float>& values) {
  gguf_set_arr_data(state_->gguf.get(), key.c_str(), GGUF_TYPE_FLOAT32, values.data(), values.size());
}

void GgufWriter::set_number(const std::string& key, double value) {
  gguf_set_val_f64(state_->gguf.get(), key.c_str(), value);
}

void GgufWriter::set_flag(const std::string& key, bool value) {
  gguf_set_val_bool(state_->gguf.get(), key.c_str(), value);
}

Status GgufWriter::declare(const std::string& name, WeightType type, const std::vector<std::int64_t>& shape) {
  const auto ggml = static_cast<ggml_type>(type);
  if (name.size() >= GGML_MAX_NAME || shape.empty() || shape.size() > GGML_MAX_DIMS) {
    return Error{ErrorCode::kModel, "the tensor '" + name + "' does not fit GGUF (name or rank too long)"};
  }
  if (gguf_find_tensor(state_->gguf.get(), name.c_str()) >= 0) {
    return Error{ErrorCode::kModel, "the tensor '" + name + "' appears twice"};
  }
  if (std::any_of(shape.begin(), shape.end(), [](std::int64_t n) { return n <= 0; }) ||
      shape[0] % static_cast<std::int64_t>(block_length(type)) != 0) {
    return Error{ErrorCode::kModel, "rows of " + std::to_string(shape[0]) + " numbers ('" + name +
                                        "') cannot be stored as " + weight_type_name(type)};
  }
  ggml_init_params params{};
  params.mem_size = ggml_tensor_overhead();
  params.no_alloc = true;
  state_->shapes.emplace_back(ggml_init(params));
  ggml_tensor* tensor =
      ggml_new_tensor(state_->shapes.back().get(), ggml, static_cast<int>(shape.size()), shape.data());
  ggml_set_name(tensor, name.c_str());
  gguf_add_tensor(state_->gguf.get(), tensor);
  return {};
}

Status GgufWriter::begin(const std::stop_token& stop) {
  CINESCRIBE_ASSIGN(auto output, AtomicOutput::create(state_->path, stop));
  state_->output.emplace(std::move(output));
  std::vector<std::byte> header(gguf_get_meta_size(state_->gguf.get()));
  gguf_get_meta_data(state_->gguf.get(), header.data());
  return state_->output->write(header);
}

Status GgufWriter::write(std::span<const std::byte> data) {
  const gguf_context* gguf = state_->gguf.get();
  if (!state_->output || state_->next >= gguf_get_n_tensors(gguf) || state_->written != 0 ||
      data.size() != gguf_get_tensor_size(gguf, state_->next)) {
    return Error{ErrorCode::kInternal, "tensor data does not match its declaration"};
  }
  return write_piece(data);
}

Status GgufWriter::write_piece(std::span<const std::byte> piece) {
  const gguf_context* gguf = state_->gguf.get();
  if (!state_->output || state_->next >= gguf_get_n_tensors(gguf) ||
      piece.size() > gguf_get_tensor_size(gguf, state_->next) - state_->written) {
    return Error{ErrorCode::kInternal, "tensor data does not match its declaration"};
  }
  CINESCRIBE_TRY(state_->output->write(piece));
  state_->written += piece.size();
  const std::size_t size = gguf_get_tensor_size(gguf, state_->next);
  if (state_->written < size) return {};
  const std::vector<std::byte> padding(GGML_PAD(size, gguf_get_alignment(gguf)) - size);
  CINESCRIBE_TRY(state_->output->write(padding));
  ++state_->next;
  state_->written = 0;
  return {};
}

Status GgufWriter::finish() {
  if (!state_->output || state_->next != gguf_get_n_tensors(state_->gguf.get())) {
    return Error{ErrorCode::kInternal, "not every declared tensor was written"};
  }
  return state_->output->commit();
}

}  // namespace cinescribe::tensor
