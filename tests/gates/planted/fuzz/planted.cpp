// Planted: reads one byte past its input when it begins with a magic word and a length that is too large.
#include <cstddef>
#include <cstdint>
#include <vector>

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 6 || data[0] != 'c' || data[1] != 's' || data[2] != 'f' || data[3] != '1') return 0;
  const std::vector<std::uint8_t> body(data + 5, data + size);
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < data[4]; ++i) sum += body.data()[i];
  return sum == 0xffffffffU ? 1 : 0;
}
