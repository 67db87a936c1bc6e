#include "cinescribe/captions/machine_speed.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "cinescribe/tensor/compute_device.h"
#include "cinescribe/tensor/ggml_handles.h"

namespace cinescribe::captions {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kWidth = 4096;
constexpr std::int64_t kColumns = 256;
constexpr int kMatrices = 8;  // together far beyond the caches
constexpr int kRounds = 3;
constexpr std::int64_t kHeads = 32;
constexpr std::int64_t kHeadSize = kWidth / kHeads;
constexpr std::int64_t kKeys = 1024;
constexpr float kAttentionScale = 0.09F;  // about 1 / sqrt(kHeadSize)

/// Rows of ordinary numbers: with zeros or numbers near the smallest, processors take other times.
std::vector<std::uint8_t> plain_rows(ggml_type type, std::int64_t rows) {
  std::vector<float> values(static_cast<std::size_t>(kWidth));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i * 37 % 101) / 250.0F - 0.2F;
  const std::size_t row_bytes = ggml_row_size(type, kWidth);
  std::vector<std::uint8_t> row(row_bytes);
  ggml_quantize_chunk(type, values.data(), row.data(), 0, 1, kWidth, nullptr);
  std::vector<std::uint8_t> all;
  all.reserve(row_bytes * static_cast<std::size_t>(rows));
  for (std::int64_t i = 0; i < rows; ++i) all.insert(all.end(), row.begin(), row.end());
  return all;
}

/// Square matrices where a model's would lie: rearranged for the device's fastest products, if it does that.
class ProbeWeights {
 public:
  static Result<ProbeWeights> create(tensor::ComputeDevice& device, ggml_type type) {
    ProbeWeights weights;
    weights.context_.reset(ggml_init({ggml_tensor_overhead() * (kMatrices + 1), nullptr, true}));
    for (int i = 0; weights.context_ && i < kMatrices; ++i) {
      weights.matrices_.push_back(ggml_new_tensor_2d(weights.context_.get(), type, kWidth, kWidth));
    }
    if (weights.context_) {
      ggml_backend_buffer_type* memory = device.memory_of_product(weights.matrices_.front());
      if (memory == nullptr) memory = ggml_backend_get_default_buffer_type(device.backend());
      weights.buffer_.reset(ggml_backend_alloc_ctx_tensors_from_buft(weights.context_.get(), memory));
    }
    if (!weights.buffer_) {
      return Error{ErrorCode::kResource, "there is no memory on " + device.name() + " to measure its speed"};
    }
    ggml_backend_buffer_set_usage(weights.buffer_.get(), GGML_BACKEND_BUFFER_USAGE_WEIGHTS);
    const std::vector<std::uint8_t> bytes = plain_rows(type, kWidth);
    for (ggml_tensor* matrix : weights.matrices_) ggml_backend_tensor_set(matrix, bytes.data(), 0, bytes.size());
    return weights;
  }
  [[nodiscard]] std::span<ggml_tensor* const> first(int count) const {
    return std::span(matrices_).first(static_cast<std::size_t>(count));
  }

 private:
  tensor::GgmlContext context_;
  tensor::BackendBuffer buffer_;
  std::vector<ggml_tensor*> matrices_;
};

/// Seconds that a graph of at most `nodes` nodes takes once its inputs are filled.
Result<double> graph_seconds(tensor::ComputeDevice& device, std::size_t nodes,
                             const std::function<std::vector<ggml_tensor*>(ggml_context*)>& build,
                             const std::function<void()>& fill) {
  Clock::time_point begin;
  double seconds = 0.0;
  const auto fill_and_begin = [&] {
    fill();
    begin = Clock::now();
  };
  const auto read = [&] { seconds = std::chrono::duration<double>(Clock::now() - begin).count(); };
  CINESCRIBE_TRY(device.run(nodes, build, fill_and_begin, read));
  return std::max(seconds, 1e-6);
}

/// Seconds of the products of `matrices` with `columns` columns each.
Result<double> product_seconds(tensor::ComputeDevice& device, std::span<ggml_tensor* const> matrices,
                               std::int64_t columns) {
  const std::vector<std::uint8_t> column_bytes = plain_rows(GGML_TYPE_F32, columns);
  ggml_tensor* columns_in = nullptr;
  const auto build = [&](ggml_context* context) {
    columns_in = ggml_new_tensor_2d(context, GGML_TYPE_F32, kWidth, columns);
    ggml_set_input(columns_in);
    std::vector<ggml_tensor*> outputs;
    for (ggml_tensor* matrix : matrices) outputs.push_back(ggml_mul_mat(context, matrix, columns_in));
    return outputs;
  };
  return graph_seconds(device, 3 * matrices.size() + 8, build,
                       [&] { ggml_backend_tensor_set(columns_in, column_bytes.data(), 0, column_bytes.size()); });
}

/// Seconds in which kColumns queries attend to kKeys keys in every head.
Result<double> attention_seconds(tensor::ComputeDevice& device) {
  const std::vector<std::uint8_t> query_bytes = plain_rows(GGML_TYPE_F32, kColumns);
  const std::vector<std::uint8_t> key_bytes = plain_rows(GGML_TYPE_F16, kKeys);
  ggml_tensor* queries = nullptr;
  ggml_tensor* keys = nullptr;
  ggml_tensor* values = nullptr;
  const auto build = [&](ggml_context* context) {
    queries = ggml_new_tensor_3d(context, GGML_TYPE_F32, kHeadSize, kColumns, kHeads);
    keys = ggml_new_tensor_3d(context, GGML_TYPE_F16, kHeadSize, kKeys, kHeads);
    values = ggml_new_tensor_3d(context, GGML_TYPE_F16, kHeadSize, kKeys, kHeads);
    for (ggml_tensor* input : {queries, keys, values}) ggml_set_input(input);
    return std::vector<ggml_tensor*>{
        ggml_flash_attn_ext(context, queries, keys, values, nullptr, kAttentionScale, 0.0F, 0.0F)};
  };
  return graph_seconds(device, 16, build, [&] {
    ggml_backend_tensor_set(queries, query_bytes.data(), 0, query_bytes.size());
    ggml_backend_tensor_set(keys, key_bytes.data(), 0, key_bytes.size());
    ggml_backend_tensor_set(values, key_bytes.data(), 0, key_bytes.size());
  });
}

/// The least seconds of kRounds measurements.
Result<double> best_of_rounds(const std::function<Result<double>()>& measure) {
  double best = 0.0;
  for (int round = 0; round < kRounds; ++round) {
    CINESCRIBE_ASSIGN(const double seconds, measure());
    best = round == 0 ? seconds : std::min(best, seconds);
  }
  return best;
}

Result<MachineSpeed> speed_of(tensor::ComputeDevice& device, ggml_type type) {
  CINESCRIBE_ASSIGN(const ProbeWeights weights, ProbeWeights::create(device, type));
  CINESCRIBE_ASSIGN(const double many,
                    best_of_rounds([&] { return product_seconds(device, weights.first(1), kColumns); }));
  CINESCRIBE_ASSIGN(const double one,
                    best_of_rounds([&] { return product_seconds(device, weights.first(kMatrices), 1); }));
  constexpr auto kWeights = static_cast<double>(kWidth * kWidth);
  MachineSpeed speed;
  speed.gflops = 2.0 * kWeights * static_cast<double>(kColumns) / many / 1e9;
  speed.gigabytes_per_second = static_cast<double>(ggml_row_size(type, kWidth) * kWidth) * kMatrices / one / 1e9;
  return speed;
}

}  // namespace

const MachineSpeed& MachineSpeeds::of(std::string_view type) const {
  if (type == "f16" || type == "bf16" || type == "f32") return f16;
  if (type == "q6_k") return q6_k;
  return type.starts_with("q4") || type.starts_with("q5") || type == "iq4_nl" ? q4_k : q8_0;
}

Result<MachineSpeeds> measure_machine_speed(const std::string& device_name, int threads) {
  CINESCRIBE_ASSIGN(const auto device, tensor::ComputeDevice::open(device_name, threads));
  MachineSpeeds speeds;
  CINESCRIBE_ASSIGN(speeds.f16, speed_of(*device, GGML_TYPE_F16));
  CINESCRIBE_ASSIGN(speeds.q8_0, speed_of(*device, GGML_TYPE_Q8_0));
  CINESCRIBE_ASSIGN(speeds.q6_k, speed_of(*device, GGML_TYPE_Q6_K));
  CINESCRIBE_ASSIGN(speeds.q4_k, speed_of(*device, GGML_TYPE_Q4_K));
  CINESCRIBE_ASSIGN(const double attention, best_of_rounds([&] { return attention_seconds(*device); }));
  speeds.attention_gflops = 4.0 * static_cast<double>(kWidth * kColumns * kKeys) / attention / 1e9;
  return speeds;
}

}  // namespace cinescribe::captions
