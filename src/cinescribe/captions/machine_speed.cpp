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

/// Seconds of the product of `matrices` square 8-bit matrices with `columns` columns each, without making them.
Result<double> product_seconds(tensor::ComputeDevice& device, int matrices, std::int64_t columns) {
  std::vector<ggml_tensor*> inputs;
  Clock::time_point begin;
  double seconds = 0.0;
  const auto build = [&](ggml_context* context) {
    ggml_tensor* columns_in = ggml_new_tensor_2d(context, GGML_TYPE_F32, kWidth, columns);
    ggml_set_input(columns_in);
    inputs = {columns_in};
    std::vector<ggml_tensor*> outputs;
    for (int i = 0; i < matrices; ++i) {
      ggml_tensor* weights = ggml_new_tensor_2d(context, GGML_TYPE_Q8_0, kWidth, kWidth);
      ggml_set_input(weights);
      inputs.push_back(weights);
      outputs.push_back(ggml_mul_mat(context, weights, columns_in));
    }
    return outputs;
  };
  const auto fill = [&] {
    for (ggml_tensor* input : inputs) {
      const std::vector<std::uint8_t> bytes(ggml_nbytes(input), 1);
      ggml_backend_tensor_set(input, bytes.data(), 0, bytes.size());
    }
    begin = Clock::now();
  };
  const auto read = [&] { seconds = std::chrono::duration<double>(Clock::now() - begin).count(); };
  CINESCRIBE_TRY(device.run(static_cast<std::size_t>(3 * matrices + 8), build, fill, read));
  return std::max(seconds, 1e-6);
}

Result<double> best_of_rounds(tensor::ComputeDevice& device, int matrices, std::int64_t columns) {
  double best = 0.0;
  for (int round = 0; round < kRounds; ++round) {
    CINESCRIBE_ASSIGN(const double seconds, product_seconds(device, matrices, columns));
    best = round == 0 ? seconds : std::min(best, seconds);
  }
  return best;
}

}  // namespace

Result<MachineSpeed> measure_machine_speed(const std::string& device_name, int threads) {
  CINESCRIBE_ASSIGN(const auto device, tensor::ComputeDevice::open(device_name, threads));
  CINESCRIBE_ASSIGN(const double many, best_of_rounds(*device, 1, kColumns));
  CINESCRIBE_ASSIGN(const double one, best_of_rounds(*device, kMatrices, 1));
  constexpr auto kWeights = static_cast<double>(kWidth * kWidth);
  MachineSpeed speed;
  speed.gflops = 2.0 * kWeights * static_cast<double>(kColumns) / many / 1e9;
  speed.gigabytes_per_second =
      static_cast<double>(ggml_row_size(GGML_TYPE_Q8_0, kWidth) * kWidth) * kMatrices / one / 1e9;
  return speed;
}

}  // namespace cinescribe::captions
