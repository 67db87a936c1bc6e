#include "cinescribe/captions/machine_speed.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

#include <ggml-backend.h>
#include <ggml.h>

#include "cinescribe/tensor/compute_device.h"

namespace cinescribe::captions {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kWidth = 4096;
constexpr std::int64_t kColumns = 256;
constexpr int kMatrices = 8;  // together far beyond the caches
constexpr int kRounds = 3;

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

/// Seconds of the product of `matrices` square matrices with `columns` columns each, without making them.
Result<double> product_seconds(tensor::ComputeDevice& device, ggml_type type, int matrices, std::int64_t columns) {
  std::vector<ggml_tensor*> inputs;
  const std::vector<std::uint8_t> weight_bytes = plain_rows(type, kWidth);
  const std::vector<std::uint8_t> column_bytes = plain_rows(GGML_TYPE_F32, columns);
  Clock::time_point begin;
  double seconds = 0.0;
  const auto build = [&](ggml_context* context) {
    ggml_tensor* columns_in = ggml_new_tensor_2d(context, GGML_TYPE_F32, kWidth, columns);
    ggml_set_input(columns_in);
    inputs = {columns_in};
    std::vector<ggml_tensor*> outputs;
    for (int i = 0; i < matrices; ++i) {
      ggml_tensor* weights = ggml_new_tensor_2d(context, type, kWidth, kWidth);
      ggml_set_input(weights);
      inputs.push_back(weights);
      outputs.push_back(ggml_mul_mat(context, weights, columns_in));
    }
    return outputs;
  };
  const auto fill = [&] {
    for (ggml_tensor* input : inputs) {
      const auto& bytes = input->type == GGML_TYPE_F32 ? column_bytes : weight_bytes;
      ggml_backend_tensor_set(input, bytes.data(), 0, bytes.size());
    }
    begin = Clock::now();
  };
  const auto read = [&] { seconds = std::chrono::duration<double>(Clock::now() - begin).count(); };
  CINESCRIBE_TRY(device.run(static_cast<std::size_t>(3 * matrices + 8), build, fill, read));
  return std::max(seconds, 1e-6);
}

Result<double> best_of_rounds(tensor::ComputeDevice& device, ggml_type type, int matrices, std::int64_t columns) {
  double best = 0.0;
  for (int round = 0; round < kRounds; ++round) {
    CINESCRIBE_ASSIGN(const double seconds, product_seconds(device, type, matrices, columns));
    best = round == 0 ? seconds : std::min(best, seconds);
  }
  return best;
}

Result<MachineSpeed> speed_of(tensor::ComputeDevice& device, ggml_type type) {
  CINESCRIBE_ASSIGN(const double many, best_of_rounds(device, type, 1, kColumns));
  CINESCRIBE_ASSIGN(const double one, best_of_rounds(device, type, kMatrices, 1));
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
  return speeds;
}

}  // namespace cinescribe::captions
