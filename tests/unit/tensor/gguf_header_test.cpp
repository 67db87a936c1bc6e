#include "cinescribe/tensor/gguf_header.h"

#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "support/gguf_bytes.h"
#include <gtest/gtest.h>

namespace cinescribe::tensor {
namespace {

Result<GgufHeader> read(const std::string& bytes) {
  return GgufHeader::read(std::as_bytes(std::span(bytes.data(), bytes.size())), "file.gguf");
}

GgufBytes small_file() {
  GgufBytes file;
  file.text("general.name", "x");
  file.u32("a.count", 7);
  file.f32("a.number", 1.5F);
  file.texts("a.words", {"one", "two"});
  file.tensor("t", {2, 3}, std::vector<float>(6, 1.0F));
  file.tensor("u", {4}, std::vector<float>(4, 2.0F));
  return file;
}

TEST(GgufHeader, ReadsValuesAndPlacesTensors) {
  const std::string bytes = small_file().bytes();
  const auto header = read(bytes);
  ASSERT_TRUE(header.ok()) << header.error().message;
  EXPECT_EQ(std::get<std::string>(header->find("general.name")->value), "x");
  EXPECT_EQ(std::get<std::uint64_t>(header->find("a.count")->value), 7U);
  EXPECT_EQ(std::get<double>(header->find("a.number")->value), 1.5);
  EXPECT_EQ(std::get<GgufArray>(header->find("a.words")->value).count, 2U);
  EXPECT_EQ(header->find("none"), nullptr);
  const GgufTensor* tensor = header->tensor("u");
  ASSERT_NE(tensor, nullptr);
  EXPECT_EQ(tensor->bytes, 16U);
  EXPECT_EQ(tensor->first_byte + 32U, bytes.size());
  EXPECT_EQ(header->tensor("t")->elements(), 6);
}

TEST(GgufHeader, EveryTruncationIsRefused) {
  const std::string bytes = small_file().bytes();
  // The padding behind the last tensor may be missing.
  for (std::size_t size = 0; size + 16 < bytes.size(); ++size) {
    const auto header = read(bytes.substr(0, size));
    ASSERT_FALSE(header.ok()) << size;
    EXPECT_EQ(header.error().code, ErrorCode::kModel);
  }
}

TEST(GgufHeader, HostileFieldsAreRefused) {
  using Build = std::function<void(GgufBytes&)>;
  const auto list = [](std::uint32_t type, std::uint64_t count) {
    std::string bytes;
    GgufBytes::put(bytes, type);
    GgufBytes::put(bytes, count);
    return bytes;
  };
  const std::vector<std::pair<std::string, Build>> cases = {
      {"twice", [](auto& f) { f.u32("k", 1), f.u32("k", 2); }},
      {"unknown type", [](auto& f) { f.raw("k", 13, std::string(8, '\0')); }},
      {"list of lists", [&](auto& f) { f.raw("k", 9, list(9, 1) + std::string(64, '\0')); }},
      {"more than the file", [&](auto& f) { f.raw("k", 9, list(0, ~std::uint64_t{0})); }},
      {"more than the file", [&](auto& f) { f.raw("k", 9, list(8, std::uint64_t{1} << 61)); }},
      {"without a name", [](auto& f) { f.u32("", 1); }},
      {"alignment", [](auto& f) { f.u32("general.alignment", 24); }},
      {"alignment", [](auto& f) { f.u32("general.alignment", 0); }},
      {"alignment", [](auto& f) { f.text("general.alignment", "32"); }},
      {"twice", [](auto& f) { f.tensor("t", {1}, {1.0F}), f.tensor("t", {1}, {1.0F}); }},
      {"tensor name", [](auto& f) { f.tensor(std::string(64, 'n'), {1}, {1.0F}); }},
      {"dimensions",
       [](auto& f) {
         f.tensor("t", 0, {1, 1, 1, 1, 1}, "0000");
       }},
      {"dimensions", [](auto& f) { f.tensor("t", 0, {}, "0000"); }},
      {"dimension", [](auto& f) { f.tensor("t", 0, {-1}, "0000"); }},
      {"dimension",
       [](auto& f) {
         f.tensor("t", 0, {std::int64_t{1} << 32, std::int64_t{1} << 32}, "0000");
       }},
      {"unknown type", [](auto& f) { f.tensor("t", 9999, {1}, "0000"); }},
      {"unknown type", [](auto& f) { f.tensor("t", -1, {1}, "0000"); }},
      {"unknown type", [](auto& f) { f.tensor("t", 4, {32}, "0000"); }},  // a type that ggml has dropped
      {"multiples of 32", [](auto& f) { f.tensor("t", 8, {33}, "0000"); }},
      {"truncated", [](auto& f) { f.tensor("t", 0, {1000}, "0000"); }},
  };
  for (const auto& [words, build] : cases) {
    GgufBytes file;
    build(file);
    const auto header = read(file.bytes());
    ASSERT_FALSE(header.ok()) << words;
    EXPECT_EQ(header.error().code, ErrorCode::kModel);
    EXPECT_NE(header.error().message.find(words), std::string::npos) << header.error().message;
  }
}

TEST(GgufHeader, OtherMagicsAndVersionsAreRefused) {
  std::string bytes = small_file().bytes();
  bytes[0] = 'X';
  EXPECT_NE(read(bytes).error().message.find("no GGUF"), std::string::npos);
  bytes = small_file().bytes();
  bytes[4] = 9;
  EXPECT_NE(read(bytes).error().message.find("version 9"), std::string::npos);
  bytes = small_file().bytes();
  bytes[15] = 'x';  // the number of tensors
  EXPECT_NE(read(bytes).error().message.find("tensors"), std::string::npos);
}

}  // namespace
}  // namespace cinescribe::tensor
