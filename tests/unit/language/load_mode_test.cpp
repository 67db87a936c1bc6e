// Whether llama.cpp maps a file of weights or reads it: maps beside copies would count twice.
#include "cinescribe/language/load_mode.h"

#include <string>

#include "support/gguf_bytes.h"
#include "support/scratch_folder.h"
#include <ggml.h>
#include <gtest/gtest.h>

#include "cinescribe/tensor/compute_device.h"
#include "cinescribe/tensor/ggml_handles.h"

namespace cinescribe::language {
namespace {

constexpr std::int64_t kSide = 256;

class LoadMode : public testing::Test {
 protected:
  /// A file with so many square matrices of each type.
  std::string file(int eight_bits, int plain) {
    GgufBytes bytes;
    for (int i = 0; i < eight_bits + plain; ++i) {
      const ggml_type type = i < eight_bits ? GGML_TYPE_Q8_0 : GGML_TYPE_F32;
      bytes.tensor("m" + std::to_string(i), type, {kSide, kSide},
                   std::string(ggml_row_size(type, kSide) * kSide, '\0'));
    }
    const std::string path = (scratch_ / "weights.gguf").string();
    bytes.write(path);
    return path;
  }

 private:
  test::ScratchFolder scratch_;
};

bool this_processor_rearranges_eight_bits() {
  const auto device = tensor::ComputeDevice::open("cpu", 1);
  EXPECT_TRUE(device.ok());
  const tensor::GgmlContext context(ggml_init({2 * ggml_tensor_overhead(), nullptr, true}));
  return (*device)->memory_of_product(ggml_new_tensor_2d(context.get(), GGML_TYPE_Q8_0, kSide, kSide)) != nullptr;
}

TEST_F(LoadMode, WhatIsCopiedAnywayIsRead) {
  const llama_load_mode expected = this_processor_rearranges_eight_bits() ? LLAMA_LOAD_MODE_NONE : LLAMA_LOAD_MODE_AUTO;
  EXPECT_EQ(load_mode_of(file(4, 0), true), expected);
  EXPECT_EQ(load_mode_of(file(8, 1), true), expected);
}

TEST_F(LoadMode, WhatIsUsedAsItLiesIsMapped) {
  EXPECT_EQ(load_mode_of(file(0, 4), true), LLAMA_LOAD_MODE_AUTO);
  EXPECT_EQ(load_mode_of(file(1, 1), true), LLAMA_LOAD_MODE_AUTO);  // four bytes a number against one
}

TEST_F(LoadMode, OtherDevicesAndUnreadableFilesAreLeftToLlama) {
  EXPECT_EQ(load_mode_of(file(4, 0), false), LLAMA_LOAD_MODE_AUTO);
  EXPECT_EQ(load_mode_of("/nowhere/weights.gguf", true), LLAMA_LOAD_MODE_AUTO);
}

}  // namespace
}  // namespace cinescribe::language
