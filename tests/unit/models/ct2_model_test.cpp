#include "cinescribe/models/ct2_model.h"

#include "support/ct2_folder.h"
#include <gtest/gtest.h>

namespace cinescribe::models {
namespace {

using test::Ct2Bytes;

Result<Ct2Model> parse(const std::string& file) {
  return Ct2Model::parse(std::as_bytes(std::span<const char>(file.data(), file.size())), "test.bin");
}

Ct2Bytes small_model() {
  Ct2Bytes bytes;
  bytes.variable<std::int8_t>("a/heads", {}, 1, {-5});
  bytes.variable<float>("b", {2, 2}, 0, {1.5F, -2.0F, 3.0F, 4.0F});
  bytes.variable<std::uint16_t>("c", {2}, 4, {0x3c00, 0xc000});
  bytes.variable<std::uint16_t>("d", {2}, 5, {0x3f80, 0x4000});
  bytes.variable<std::int16_t>("e", {2}, 2, {-7, 300});
  bytes.variable<std::int32_t>("f", {1}, 3, {70000});
  bytes.alias("same", "b");
  return bytes;
}

TEST(Ct2Model, EveryTypeOfElementIsRead) {
  const std::string file = small_model().file();
  const auto model = parse(file);
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_EQ(model->spec(), "WhisperSpec");
  EXPECT_EQ(model->revision(), 3U);
  EXPECT_EQ(model->variable_count(), 6U);
  EXPECT_EQ(model->integer("a/heads"), -5);
  EXPECT_EQ(model->integer("f"), 70000);
  EXPECT_EQ(model->integer("b"), std::nullopt);
  EXPECT_EQ(model->integer("none"), std::nullopt);
  std::vector<float> two(2);
  const auto read = [&](const char* name, std::uint64_t first) {
    read_elements(*model->find(name), first, two);
    return two;
  };
  EXPECT_EQ(read("b", 1), (std::vector<float>{-2.0F, 3.0F}));
  EXPECT_EQ(read("same", 2), (std::vector<float>{3.0F, 4.0F}));
  EXPECT_EQ(read("c", 0), (std::vector<float>{1.0F, -2.0F}));
  EXPECT_EQ(read("d", 0), (std::vector<float>{1.0F, 2.0F}));
  EXPECT_EQ(read("e", 0), (std::vector<float>{-7.0F, 300.0F}));
}

TEST(Ct2Model, AFileCutAtAnyByteIsRefused) {
  const std::string file = small_model().file();
  for (std::size_t length = 0; length < file.size(); ++length) {
    const auto model = parse(file.substr(0, length));
    ASSERT_FALSE(model.ok()) << "cut at " << length;
    EXPECT_EQ(model.error().code, ErrorCode::kModel);
  }
  EXPECT_FALSE(parse(file + '\0').ok());
}

TEST(Ct2Model, AnyChangedByteIsReadOrRefusedButNeverOverrun) {
  const std::string file = small_model().file();
  int refused = 0;
  for (std::size_t i = 0; i < file.size(); ++i) {
    for (const int value : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
      std::string changed = file;
      changed[i] = static_cast<char>(value);
      const auto model = parse(changed);
      refused += model.ok() ? 0 : 1;
      if (!model.ok() || model->find("b") == nullptr) continue;
      std::vector<float> all(model->find("b")->elements());
      read_elements(*model->find("b"), 0, all);
    }
  }
  EXPECT_GT(refused, 100);
}

TEST(Ct2Model, ContradictionsAreNamed) {
  const auto message_of = [](const std::string& file) {
    const auto model = parse(file);
    return model.ok() ? std::string("accepted") : model.error().message;
  };
  EXPECT_NE(message_of(small_model().file("WhisperSpec", 3)).find("binary version 3"), std::string::npos);
  EXPECT_NE(message_of(small_model().file("WhisperSpec", 7)).find("binary version 7"), std::string::npos);
  Ct2Bytes twice = small_model();
  twice.variable<std::int8_t>("a/heads", {}, 1, {1});
  EXPECT_NE(message_of(twice.file()).find("twice"), std::string::npos);
  Ct2Bytes dangling = small_model();
  dangling.alias("other", "missing");
  EXPECT_NE(message_of(dangling.file()).find("missing variable"), std::string::npos);
  Ct2Bytes wrong_size = small_model();
  wrong_size.variable<float>("g", {3}, 0, {1.0F});
  EXPECT_NE(message_of(wrong_size.file()).find("its dimensions say 12"), std::string::npos);
  Ct2Bytes huge = small_model();
  huge.variable<float>("g", {0xffffffff, 0xffffffff, 0xffffffff}, 0, {1.0F});
  EXPECT_NE(message_of(huge.file()).find("too large"), std::string::npos);
  Ct2Bytes deep = small_model();
  deep.variable<float>("g", {1, 1, 1, 1, 1, 1, 1, 1, 1}, 0, {1.0F});
  EXPECT_NE(message_of(deep.file()).find("9 dimensions"), std::string::npos);
  Ct2Bytes unknown_type = small_model();
  unknown_type.variable<float>("g", {1}, 9, {1.0F});
  EXPECT_NE(message_of(unknown_type.file()).find("unknown type 9"), std::string::npos);
}

TEST(Ct2Model, AFileOnDiskStaysReadableAfterTheModelMoved) {
  const test::ScratchFolder folder;
  test::write_bytes(folder / "model.bin", small_model().file());
  auto opened = Ct2Model::open(folder / "model.bin");
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  const Ct2Model moved = *std::move(opened);
  std::vector<float> four(4);
  read_elements(*moved.find("b"), 0, four);
  EXPECT_EQ(four, (std::vector<float>{1.5F, -2.0F, 3.0F, 4.0F}));
  const auto missing = Ct2Model::open(folder / "none.bin");
  ASSERT_FALSE(missing.ok());
  EXPECT_NE(missing.error().message.find("none.bin"), std::string::npos);
  EXPECT_FALSE(Ct2Model::open(folder.path()).ok()) << "a folder";
}

}  // namespace
}  // namespace cinescribe::models
