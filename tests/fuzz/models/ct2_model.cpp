// CTranslate2 model files: any bytes give a model whose every number can be read, or an error.
#include "cinescribe/models/ct2_model.h"

#include <cstdint>
#include <span>
#include <vector>

#include "cinescribe/models/ct2_whisper.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cinescribe;
  const auto model = models::Ct2Model::parse(std::as_bytes(std::span(data, size)), "fuzzed");
  if (!model.ok()) return 0;
  for (const char* name : {"a/heads", "b", "c", "d", "e", "f", "same"}) {
    const models::Ct2Variable* variable = model->find(name);
    if (variable == nullptr) continue;
    std::vector<float> numbers(variable->elements());
    models::read_elements(*variable, 0, numbers);
    (void)model->integer(name);
  }
  const auto whisper = models::Ct2Whisper::create(*model);
  if (!whisper.ok()) return 0;
  for (const auto& tensor : tensor::whisper_tensors(whisper->shape(), tensor::WeightType::kF32)) {
    if (!whisper->check(tensor).ok()) continue;
    std::vector<float> row(static_cast<std::size_t>(tensor.ne[0]));
    (void)whisper->read(tensor, static_cast<std::uint64_t>((tensor.rows() - 1) * tensor.ne[0]), row).ok();
  }
  return 0;
}
