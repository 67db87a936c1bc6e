// model.json: any bytes give a card whose text is read back as the same card, or an error.
#include "cinescribe/tensor/model_card.h"

#include <cstdint>
#include <cstdlib>
#include <string>

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cinescribe;
  const auto card = tensor::parse_model_card(std::string(reinterpret_cast<const char*>(data), size));
  if (!card.ok()) return 0;
  const std::string text = tensor::model_card_json(*card);
  const auto again = tensor::parse_model_card(text);
  if (!again.ok() || tensor::model_card_json(*again) != text) std::abort();
  return 0;
}
