#include "cinescribe/tensor/whisper_file.h"

#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "support/scratch_folder.h"
#include <gtest/gtest.h>

#include "cinescribe/tensor/whisper_writer.h"

namespace cinescribe::tensor {
namespace {

WhisperShape tiny_shape() {
  WhisperShape shape;
  shape.n_vocab = 51864;
  shape.n_audio_ctx = 1500;
  shape.n_audio_state = 4;
  shape.n_audio_head = 2;
  shape.n_audio_layer = 1;
  shape.n_text_ctx = 448;
  shape.n_text_state = 4;
  shape.n_text_head = 2;
  shape.n_text_layer = 1;
  shape.n_mels = 80;
  return shape;
}

constexpr std::size_t kHeadBytes = 12 * 4;
constexpr std::size_t kMelEnd = kHeadBytes + 8 + 80 * 201 * 4;

/// A valid file of zeros with a vocabulary of two words, in memory.
class WhisperFile : public testing::Test {
 protected:
  void SetUp() override {
    auto output = AtomicOutput::create(folder_ / "model.bin", {});
    ASSERT_TRUE(output.ok()) << output.error().message;
    const std::vector<float> filters(80 * 201, 0.25F);
    auto writer = WhisperFileWriter::create(*std::move(output), tiny_shape(), WeightType::kF16, filters, {"a", "bc"});
    ASSERT_TRUE(writer.ok()) << writer.error().message;
    for (const WhisperTensor& tensor : writer->tensors()) {
      tensor_starts_.push_back(writer->written_bytes());
      ASSERT_TRUE(writer->begin_next_tensor().ok());
      ASSERT_TRUE(writer->append(std::vector<std::byte>(tensor.bytes())).ok());
    }
    total_ = writer->total_bytes();
    const Status status = writer->commit();
    ASSERT_TRUE(status.ok()) << status.error().message;
    bytes_ = test::read_bytes(folder_ / "model.bin");
  }

  static Result<WhisperHeader> check(std::string_view bytes, const WhisperCheck& options = {}) {
    return validate_whisper_bytes(std::as_bytes(std::span<const char>(bytes.data(), bytes.size())), "test.bin",
                                  options);
  }

  template <typename T>
  [[nodiscard]] std::string with(std::size_t offset, T value) const {
    std::string changed = bytes_;
    std::memcpy(changed.data() + offset, &value, sizeof value);
    return changed;
  }

  test::ScratchFolder folder_;
  std::string bytes_;
  std::uint64_t total_ = 0;
  std::vector<std::uint64_t> tensor_starts_;
};

TEST_F(WhisperFile, WhatTheWriterWritesIsAccepted) {
  EXPECT_EQ(bytes_.size(), total_);
  const auto header = check(bytes_);
  ASSERT_TRUE(header.ok()) << header.error().message;
  EXPECT_EQ(header->shape, tiny_shape());
  EXPECT_EQ(header->weights, WeightType::kF16);
  EXPECT_FALSE(header->is_multilingual);
  EXPECT_EQ(header->file_bytes, bytes_.size());
  EXPECT_TRUE(validate_whisper_file(folder_ / "model.bin").ok());
  EXPECT_TRUE(looks_like_whisper_file(folder_ / "model.bin"));
}

TEST_F(WhisperFile, AFileCutAtAnyByteIsRefused) {
  const auto expect_refused = [&](std::size_t length) {
    const auto header = check(std::string_view(bytes_).substr(0, length));
    ASSERT_FALSE(header.ok()) << "cut at " << length;
    EXPECT_EQ(header.error().code, ErrorCode::kModel);
    EXPECT_NE(header.error().message.find("test.bin"), std::string::npos);
  };
  for (std::size_t length = 0; length < 200; ++length) expect_refused(length);
  for (std::size_t length = kMelEnd - 8; length < kMelEnd + 40; ++length) expect_refused(length);
  for (const std::uint64_t start : tensor_starts_) {
    for (std::size_t length = start - 4; length < start + 80 && length < bytes_.size(); ++length)
      expect_refused(length);
  }
  for (std::size_t length = 200; length < bytes_.size(); length += 997) expect_refused(length);
  expect_refused(bytes_.size() - 1);
}

TEST_F(WhisperFile, BytesAfterTheEndAreRefused) {
  EXPECT_FALSE(check(bytes_ + '\0').ok());
  EXPECT_FALSE(check(bytes_ + std::string(12, '\0')).ok());
  EXPECT_FALSE(check(bytes_ + bytes_.substr(tensor_starts_.back())).ok()) << "the last tensor twice";
}

TEST_F(WhisperFile, HostileNumbersInTheHeadAreRefused) {
  for (std::size_t field = 0; field < 12; ++field) {
    for (const std::int32_t value :
         {-1, 0, 3, 7, 1 << 20, std::numeric_limits<std::int32_t>::max(), std::numeric_limits<std::int32_t>::min()}) {
      if (field == 11 && (value == 0)) continue;  // ftype 0 is f32: refused by the types of the tensors, see below.
      EXPECT_FALSE(check(with(4 * field, value)).ok()) << "field " << field << " = " << value;
    }
  }
  EXPECT_FALSE(check(with<std::int32_t>(44, 0)).ok());
}

TEST_F(WhisperFile, HostileMelFiltersAreRefused) {
  EXPECT_FALSE(check(with<std::int32_t>(kHeadBytes, 128)).ok());
  EXPECT_FALSE(check(with<std::int32_t>(kHeadBytes + 4, 400)).ok());
  EXPECT_FALSE(check(with<float>(kHeadBytes + 8, std::numeric_limits<float>::quiet_NaN())).ok());
  EXPECT_FALSE(check(with<float>(kMelEnd - 4, -1.0F)).ok());
}

TEST_F(WhisperFile, AHostileVocabularyIsRefused) {
  for (const std::int32_t count : {-1, 0, 1, 3, 51865, std::numeric_limits<std::int32_t>::max()}) {
    EXPECT_FALSE(check(with(kMelEnd, count)).ok()) << count;
  }
  for (const std::uint32_t length : {2U, 1025U, 0x7fffffffU, 0xffffffffU}) {
    EXPECT_FALSE(check(with(kMelEnd + 4, length)).ok()) << length;
  }
}

TEST_F(WhisperFile, HostileTensorsAreRefused) {
  for (const std::uint64_t start : tensor_starts_) {
    for (std::size_t field = 0; field < 4; ++field) {  // Dimensions, length of the name, type, first dimension.
      for (const std::int32_t value : {-1, 0, 5, 2000, std::numeric_limits<std::int32_t>::max()}) {
        const std::string changed = with(start + 4 * field, value);
        if (changed == bytes_) continue;
        EXPECT_FALSE(check(changed).ok()) << "byte " << start << ", field " << field;
      }
    }
  }
}

TEST_F(WhisperFile, ATensorOfAnotherNameIsRefused) {
  const std::size_t name = bytes_.find("encoder.conv1.bias");
  ASSERT_NE(name, std::string::npos);
  std::string changed = bytes_;
  changed[name + 12] = '2';  // encoder.conv2.bias, which has the same shape and comes again later.
  const auto header = check(changed);
  ASSERT_FALSE(header.ok());
  EXPECT_NE(header.error().message.find("there twice"), std::string::npos) << header.error().message;
}

TEST_F(WhisperFile, ATestFileWithoutTensorsIsAcceptedOnlyOnRequest) {
  const std::string_view empty = std::string_view(bytes_).substr(0, tensor_starts_.front());
  EXPECT_FALSE(check(empty).ok());
  WhisperCheck options;
  options.allow_without_tensors = true;
  const auto header = check(empty, options);
  ASSERT_TRUE(header.ok()) << header.error().message;
  EXPECT_FALSE(header->has_tensors);
  EXPECT_FALSE(check(std::string_view(bytes_).substr(0, tensor_starts_[1]), options).ok()) << "one tensor only";
}

TEST_F(WhisperFile, TheWriterLeavesNothingWhenATensorIsMissing) {
  {
    auto output = AtomicOutput::create(folder_ / "half.bin", {});
    ASSERT_TRUE(output.ok());
    auto writer = WhisperFileWriter::create(*std::move(output), tiny_shape(), WeightType::kF16,
                                            std::vector<float>(80 * 201), {"a"});
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE(writer->begin_next_tensor().ok());
    EXPECT_FALSE(writer->begin_next_tensor().ok());
    EXPECT_FALSE(writer->commit().ok());
  }
  EXPECT_FALSE(std::filesystem::exists(folder_ / "half.bin"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / ".half.bin.part"));
}

TEST(WhisperLayout, BaseHas245TensorsAndThePublishedSize) {
  WhisperShape base = tiny_shape();
  base.n_vocab = 51865;
  base.n_audio_state = base.n_text_state = 512;
  base.n_audio_head = base.n_text_head = 8;
  base.n_audio_layer = base.n_text_layer = 6;
  ASSERT_TRUE(check_whisper_shape(base).ok());
  EXPECT_EQ(whisper_tensors(base, WeightType::kF16).size(), 245U);
  EXPECT_EQ(known_alignment_heads(base).size(), 8U);
  EXPECT_EQ(known_alignment_heads(base)[0], (AlignmentHead{3, 1}));
  base.n_audio_layer = 7;
  EXPECT_TRUE(known_alignment_heads(base).empty());
}

TEST(WhisperLayout, TheFileTypeNumberComesBack) {
  for (const WeightType type : {WeightType::kF32, WeightType::kF16, WeightType::kQ80, WeightType::kQ50}) {
    const auto back = weights_of_whisper_ftype(whisper_ftype(type));
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(*back, type);
  }
  EXPECT_EQ(whisper_ftype(WeightType::kQ80), 2007);
  EXPECT_FALSE(weights_of_whisper_ftype(7).ok()) << "blocks of an older version";
  EXPECT_FALSE(weights_of_whisper_ftype(5).ok());
  EXPECT_FALSE(weights_of_whisper_ftype(-1).ok());
}

}  // namespace
}  // namespace cinescribe::tensor
