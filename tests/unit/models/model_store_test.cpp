#include "cinescribe/models/model_store.h"

#include "models_test_fixture.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cinescribe/models/installer.h"

namespace cinescribe::models {
namespace {

namespace fs = std::filesystem;
using test::write_bytes;
using ::testing::HasSubstr;

class ModelStoreTest : public ModelTest {
 protected:
  /// Puts a catalogue in place that `locate` sees, and installs its model `toy`.
  void install(const std::string& files) {
    fs::create_directories(cache_);
    write_bytes(cache_ / "catalogue.json", catalogue_json(files));
    const auto loaded = Catalogue::load();
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    const auto done = Installer(*loaded, {}).pull("toy");
    ASSERT_TRUE(done.ok()) << done.error().message;
  }
};

TEST_F(ModelStoreTest, TheCacheFolderFollowsItsThreeVariables) {
  EXPECT_EQ(cache_folder(), cache_);
  ::unsetenv("CINESCRIBE_CACHE");
  ::setenv("XDG_CACHE_HOME", "/xdg", 1);
  EXPECT_EQ(cache_folder(), "/xdg/cinescribe");
  ::setenv("XDG_CACHE_HOME", "relative", 1);
  ::setenv("HOME", "/home/somebody", 1);
  EXPECT_EQ(cache_folder(), "/home/somebody/.cache/cinescribe");
  ::unsetenv("XDG_CACHE_HOME");
  EXPECT_EQ(cache_folder(), "/home/somebody/.cache/cinescribe");
}

TEST_F(ModelStoreTest, AModelOfOneFileIsThatFile) {
  fs::create_directories(cache_);
  write_bytes(cache_ / "vad", "v");
  install(file_json("vad.onnx", "v", R"(["file:vad"])"));
  const auto model = locate("toy");
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_EQ(model->name, "toy");
  EXPECT_EQ(model->path, cache_ / "models/toy/vad.onnx");
  EXPECT_EQ(model->sha256, sha256_of("v"));
  EXPECT_TRUE(model->is_from_catalogue);
}

TEST_F(ModelStoreTest, AModelOfSeveralFilesIsTheirFolder) {
  fs::create_directories(cache_);
  write_bytes(cache_ / "w", "weights");
  write_bytes(cache_ / "c", "{}");
  install(file_json("model.bin", "weights", R"(["file:w"])") + "," + file_json("config.json", "{}", R"(["file:c"])"));
  const auto model = locate("toy");
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_EQ(model->path, cache_ / "models/toy");
  EXPECT_EQ(model->sha256, sha256_of("weights"));
  write_bytes(cache_ / "models/toy/config.json", "");
  EXPECT_THAT(locate("toy").error().message, HasSubstr("is damaged; mend it with `cinescribe models pull toy`"));
}

TEST_F(ModelStoreTest, AFileOrFolderOnDiskIsUsedAsItIs) {
  write_bytes(folder_ / "my.onnx", "graph");
  const auto file = locate((folder_ / "my.onnx").string());
  ASSERT_TRUE(file.ok()) << file.error().message;
  EXPECT_EQ(file->name, "my.onnx");
  EXPECT_EQ(file->sha256, sha256_of("graph"));
  EXPECT_FALSE(file->is_from_catalogue);

  fs::create_directories(folder_ / "my-model");
  write_bytes(folder_ / "my-model/vocabulary.txt", "a longer file than the weights");
  write_bytes(folder_ / "my-model/model.bin", "weights");
  const auto folder = locate((folder_ / "my-model").string() + "/");
  ASSERT_TRUE(folder.ok()) << folder.error().message;
  EXPECT_EQ(folder->path, fs::canonical(folder_ / "my-model"));
  EXPECT_EQ(folder->name, "my-model");
  EXPECT_EQ(folder->sha256, sha256_of("weights"));
}

TEST_F(ModelStoreTest, WhatCannotBeFoundSaysWhatToDo) {
  const auto absent = locate("whisper-base");
  ASSERT_FALSE(absent.ok());
  EXPECT_EQ(absent.error().code, ErrorCode::kModel);
  EXPECT_THAT(absent.error().message, HasSubstr("`cinescribe models pull whisper-base`"));
  EXPECT_THAT(locate("wisper-base").error().message, HasSubstr("did you mean 'whisper-base'?"));
  EXPECT_THAT(locate("/no/such/model").error().message, HasSubstr("there is no model at /no/such/model"));
  fs::create_directories(folder_ / "empty");
  EXPECT_EQ(locate((folder_ / "empty").string()).error().code, ErrorCode::kModel);
  EXPECT_EQ(locate("").error().code, ErrorCode::kModel);
}

TEST_F(ModelStoreTest, ADamagedRecordIsAnErrorWhateverIsInIt) {
  fs::create_directories(cache_);
  write_bytes(cache_ / "vad", "v");
  install(file_json("vad.onnx", "v", R"(["file:vad"])"));
  for (const char* record : {"", "[]", "{}", R"({"name": "toy", "files": []})", R"({"name": "toy", "files": [1]})",
                             R"({"name": "toy", "files": [{"path": "../../x", "size": 1}]})"}) {
    write_bytes(cache_ / "models/toy/cinescribe-model.json", record);
    const auto model = locate("toy");
    ASSERT_FALSE(model.ok()) << record;
    EXPECT_EQ(model.error().code, ErrorCode::kModel);
  }
}

}  // namespace
}  // namespace cinescribe::models
