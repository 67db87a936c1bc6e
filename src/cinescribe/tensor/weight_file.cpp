#include "cinescribe/tensor/weight_file.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <system_error>
#include <utility>

#include "cinescribe/tensor/ggml_handles.h"
#include "cinescribe/tensor/gguf_header.h"
#include "cinescribe/tensor/mapped_file.h"

namespace cinescribe::tensor {

namespace {

constexpr std::size_t kMaxTensors = 100'000;

/// Types that ggml multiplies with f32 on every backend.
constexpr std::array kProductTypes = {GGML_TYPE_F32,  GGML_TYPE_F16,  GGML_TYPE_BF16, GGML_TYPE_Q4_0,  GGML_TYPE_Q4_1,
                                      GGML_TYPE_Q5_0, GGML_TYPE_Q5_1, GGML_TYPE_Q8_0, GGML_TYPE_Q2_K,  GGML_TYPE_Q3_K,
                                      GGML_TYPE_Q4_K, GGML_TYPE_Q5_K, GGML_TYPE_Q6_K, GGML_TYPE_IQ4_NL};

std::string shape_text(const std::int64_t* ne, std::size_t count) {
  std::string text = "[";
  for (std::size_t i = 0; i < count; ++i) text += (i == 0 ? "" : ", ") + std::to_string(ne[i]);
  return text + "]";
}

}  // namespace

struct WeightFile::State {
  std::string path;
  GgufContext gguf;
  GgmlContext tensors;
  std::vector<BackendBuffer> buffers;

  [[nodiscard]] Error broken(const std::string& what) const {
    return {ErrorCode::kModel, "cannot use the model file " + path + ": " + what};
  }
  [[nodiscard]] Result<std::int64_t> key(const std::string& name) const {
    const std::int64_t id = gguf_find_key(gguf.get(), name.c_str());
    if (id < 0) return broken("it lacks '" + name + "'; import the model again");
    return id;
  }
  /// The tensor of this name with exactly this shape.
  [[nodiscard]] Result<ggml_tensor*> tensor(const std::string& name, std::initializer_list<std::int64_t> shape) const;
  [[nodiscard]] Status check_header() const;
  [[nodiscard]] Status allocate(const ComputeDevice& device, std::uint64_t file_bytes);
  [[nodiscard]] Status read_tensors(std::ifstream& stream) const;
};

Result<ggml_tensor*> WeightFile::State::tensor(const std::string& name,
                                               std::initializer_list<std::int64_t> shape) const {
  ggml_tensor* tensor = ggml_get_tensor(tensors.get(), name.c_str());
  if (tensor == nullptr) return broken("it lacks the tensor '" + name + "'");
  std::array<std::int64_t, GGML_MAX_DIMS> expected{1, 1, 1, 1};
  std::copy_n(shape.begin(), std::min<std::size_t>(shape.size(), GGML_MAX_DIMS), expected.begin());
  if (!std::equal(expected.begin(), expected.end(), std::begin(tensor->ne))) {
    return broken("tensor '" + name + "' has shape " + shape_text(tensor->ne, GGML_MAX_DIMS) + ", expected " +
                  shape_text(expected.data(), GGML_MAX_DIMS));
  }
  return tensor;
}

/// ggml's own reader asserts here and there, so it only sees what ours has passed.
Status WeightFile::State::check_header() const {
  const auto mapped = MappedFile::open(path);
  if (!mapped.ok()) return broken(mapped.error().message);
  const auto header = GgufHeader::read(mapped->bytes(), path);
  if (!header.ok()) return header.error();
  const std::size_t count = header->tensors().size();
  if (count == 0 || count > kMaxTensors) return broken("it holds " + std::to_string(count) + " tensors");
  return {};
}

/// Matrices for products go where the device multiplies fastest, everything else into its ordinary memory.
Status WeightFile::State::allocate(const ComputeDevice& device, std::uint64_t file_bytes) {
  const auto keep = [&](ggml_backend_buffer* buffer) {
    if (buffer != nullptr) ggml_backend_buffer_set_usage(buffer, GGML_BACKEND_BUFFER_USAGE_WEIGHTS);
    buffers.emplace_back(buffer);
    return buffer != nullptr;
  };
  const Error too_little{ErrorCode::kResource, "not enough memory on " + device.name() + " for " + path + " (" +
                                                   std::to_string(file_bytes >> 20) + " MiB)"};
  for (ggml_backend_buffer_type* memory : device.product_memory()) {
    std::vector<ggml_tensor*> taken;
    std::size_t bytes = 0;
    for (ggml_tensor* t = ggml_get_first_tensor(tensors.get()); t != nullptr;
         t = ggml_get_next_tensor(tensors.get(), t)) {
      // What is read by rows or summed is f32 and stays as it is.
      if (t->data != nullptr || t->type == GGML_TYPE_F32 || ggml_n_dims(t) != 2) continue;
      if (std::find(kProductTypes.begin(), kProductTypes.end(), t->type) == kProductTypes.end()) continue;
      if (!device.takes_product(memory, t)) continue;
      taken.push_back(t);
      bytes += GGML_PAD(ggml_backend_buft_get_alloc_size(memory, t), ggml_backend_buft_get_alignment(memory));
    }
    if (taken.empty()) continue;
    if (!keep(ggml_backend_buft_alloc_buffer(memory, bytes + ggml_backend_buft_get_alignment(memory))))
      return too_little;
    ggml_tallocr place = ggml_tallocr_new(buffers.back().get());
    for (ggml_tensor* t : taken) {
      if (ggml_tallocr_alloc(&place, t) != GGML_STATUS_SUCCESS) return too_little;
    }
  }
  for (ggml_tensor* t = ggml_get_first_tensor(tensors.get()); t != nullptr;
       t = ggml_get_next_tensor(tensors.get(), t)) {
    if (t->data != nullptr) continue;
    return keep(ggml_backend_alloc_ctx_tensors(tensors.get(), device.backend())) ? Status() : Status(too_little);
  }
  return {};
}

Status WeightFile::State::read_tensors(std::ifstream& stream) const {
  std::vector<char> bytes;
  const std::uint64_t data = gguf_get_data_offset(gguf.get());
  for (std::int64_t i = 0; i < gguf_get_n_tensors(gguf.get()); ++i) {
    ggml_tensor* tensor = ggml_get_tensor(tensors.get(), gguf_get_tensor_name(gguf.get(), i));
    if (tensor == nullptr) return broken("its tensor list contradicts itself");
    bytes.resize(ggml_nbytes(tensor));
    stream.seekg(static_cast<std::streamoff>(data + gguf_get_tensor_offset(gguf.get(), i)));
    stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!stream) return broken("it ended early");
    ggml_backend_tensor_set(tensor, bytes.data(), 0, bytes.size());
  }
  return {};
}

WeightFile::WeightFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
WeightFile::~WeightFile() = default;

Result<std::unique_ptr<WeightFile>> WeightFile::load(const std::filesystem::path& path, const ComputeDevice& device) {
  auto state = std::make_unique<State>();
  state->path = path.string();
  std::error_code code;
  const std::uint64_t file_bytes = std::filesystem::file_size(path, code);
  std::ifstream stream(path, std::ios::binary);
  if (code || !stream) return state->broken("it cannot be read");
  CINESCRIBE_TRY(state->check_header());
  ggml_context* tensors = nullptr;
  gguf_init_params params{};
  params.no_alloc = true;
  params.ctx = &tensors;
  state->gguf.reset(gguf_init_from_file(state->path.c_str(), params));
  state->tensors.reset(tensors);
  if (!state->gguf || !state->tensors) return state->broken("its header is damaged");
  CINESCRIBE_TRY(state->allocate(device, file_bytes));
  CINESCRIBE_TRY(state->read_tensors(stream));
  return std::unique_ptr<WeightFile>(new WeightFile(std::move(state)));
}

Result<std::int64_t> WeightFile::integer(const std::string& key, std::int64_t low, std::int64_t high) const {
  CINESCRIBE_ASSIGN(const std::int64_t id, state_->key(key));
  std::int64_t value = 0;
  switch (gguf_get_kv_type(state_->gguf.get(), id)) {
    case GGUF_TYPE_UINT32:
      value = gguf_get_val_u32(state_->gguf.get(), id);
      break;
    case GGUF_TYPE_INT32:
      value = gguf_get_val_i32(state_->gguf.get(), id);
      break;
    case GGUF_TYPE_BOOL:
      value = gguf_get_val_bool(state_->gguf.get(), id) ? 1 : 0;
      break;
    default:
      return state_->broken("'" + key + "' is not an integer");
  }
  if (value < low || value > high) {
    return state_->broken("'" + key + "' is " + std::to_string(value) + ", expected " + std::to_string(low) + " to " +
                          std::to_string(high));
  }
  return value;
}

Result<double> WeightFile::number(const std::string& key) const {
  CINESCRIBE_ASSIGN(const std::int64_t id, state_->key(key));
  switch (gguf_get_kv_type(state_->gguf.get(), id)) {
    case GGUF_TYPE_FLOAT32:
      return static_cast<double>(gguf_get_val_f32(state_->gguf.get(), id));
    case GGUF_TYPE_FLOAT64:
      return gguf_get_val_f64(state_->gguf.get(), id);
    default:
      return state_->broken("'" + key + "' is not a number");
  }
}

Result<std::string> WeightFile::text(const std::string& key) const {
  CINESCRIBE_ASSIGN(const std::int64_t id, state_->key(key));
  if (gguf_get_kv_type(state_->gguf.get(), id) != GGUF_TYPE_STRING) return state_->broken("'" + key + "' is no text");
  return std::string(gguf_get_val_str(state_->gguf.get(), id));
}

Result<std::vector<std::string>> WeightFile::texts(const std::string& key) const {
  CINESCRIBE_ASSIGN(const std::int64_t id, state_->key(key));
  if (gguf_get_kv_type(state_->gguf.get(), id) != GGUF_TYPE_ARRAY ||
      gguf_get_arr_type(state_->gguf.get(), id) != GGUF_TYPE_STRING) {
    return state_->broken("'" + key + "' is no list of texts");
  }
  std::vector<std::string> out(gguf_get_arr_n(state_->gguf.get(), id));
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = gguf_get_arr_str(state_->gguf.get(), id, i);
  return out;
}

bool WeightFile::has(const std::string& name) const {
  return ggml_get_tensor(state_->tensors.get(), name.c_str()) != nullptr;
}

Result<ggml_tensor*> WeightFile::matrix(const std::string& name, std::int64_t in, std::int64_t out) const {
  CINESCRIBE_ASSIGN(ggml_tensor * tensor, state_->tensor(name, {in, out}));
  if (std::find(kProductTypes.begin(), kProductTypes.end(), tensor->type) == kProductTypes.end()) {
    return state_->broken("tensor '" + name + "' has the type " + ggml_type_name(tensor->type) +
                          ", which products do not take; import the model again with another type");
  }
  return tensor;
}

Result<ggml_tensor*> WeightFile::array(const std::string& name, std::initializer_list<std::int64_t> shape) const {
  CINESCRIBE_ASSIGN(ggml_tensor * tensor, state_->tensor(name, shape));
  if (tensor->type != GGML_TYPE_F32) {
    return state_->broken("tensor '" + name + "' has the type " + ggml_type_name(tensor->type) + ", expected f32");
  }
  return tensor;
}

Result<std::vector<float>> WeightFile::values(const std::string& name,
                                              std::initializer_list<std::int64_t> shape) const {
  CINESCRIBE_ASSIGN(ggml_tensor * tensor, array(name, shape));
  std::vector<float> out(static_cast<std::size_t>(ggml_nelements(tensor)));
  ggml_backend_tensor_get(tensor, out.data(), 0, ggml_nbytes(tensor));
  return out;
}

}  // namespace cinescribe::tensor
