#include "cinescribe/language/load_mode.h"

#include <cstdint>

#include "cinescribe/tensor/compute_device.h"
#include "cinescribe/tensor/ggml_handles.h"
#include "cinescribe/tensor/gguf_header.h"
#include "cinescribe/tensor/mapped_file.h"

namespace cinescribe::language {

namespace {

bool is_rearranged(const tensor::ComputeDevice& device, const tensor::GgufTensor& weight) {
  if (weight.shape.size() != 2) return false;
  const tensor::GgmlContext context(ggml_init({2 * ggml_tensor_overhead(), nullptr, true}));
  if (!context) return false;
  ggml_tensor* matrix =
      ggml_new_tensor_2d(context.get(), static_cast<ggml_type>(weight.type), weight.shape[0], weight.shape[1]);
  return device.memory_of_product(matrix) != nullptr;
}

}  // namespace

llama_load_mode load_mode_of(const std::filesystem::path& gguf, bool is_on_processor) {
  if (!is_on_processor) return LLAMA_LOAD_MODE_AUTO;
  const auto file = tensor::MappedFile::open(gguf);
  if (!file.ok()) return LLAMA_LOAD_MODE_AUTO;
  const auto header = tensor::GgufHeader::read(file->bytes(), gguf.string());
  const auto device = tensor::ComputeDevice::open("cpu", 1);
  if (!header.ok() || !device.ok()) return LLAMA_LOAD_MODE_AUTO;
  std::uint64_t all = 0;
  std::uint64_t rearranged = 0;
  for (const tensor::GgufTensor& weight : header->tensors()) {
    all += weight.bytes;
    if (is_rearranged(**device, weight)) rearranged += weight.bytes;
  }
  return rearranged > all / 2 ? LLAMA_LOAD_MODE_NONE : LLAMA_LOAD_MODE_AUTO;
}

}  // namespace cinescribe::language
