#include <filesystem>
#include <string>

#include "checkpoint_copy.h"
#include "models_test_fixture.h"
#include "support/stub_server.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cinescribe/models/cache.h"
#include "cinescribe/models/checkpoint_shards.h"
#include "cinescribe/models/installed_model.h"
#include "cinescribe/models/installer.h"
#include "cinescribe/models/model_folder.h"
#include "cinescribe/models/model_store.h"
#include "cinescribe/tensor/model_card.h"

namespace cinescribe::models {
namespace {

namespace fs = std::filesystem;

using ::testing::HasSubstr;
using ::testing::SizeIs;

/// Checkpoints that a catalogue of the test's own names.
class PullCheckpointTest : public ModelTest {
 protected:
  /// An entry whose files are `required`, `optional` and the index, each below `root` ("file:…/").
  Catalogue catalogue_of(const std::string& root) const {
    std::string files;
    const auto add = [&](const std::string& path, bool is_optional) {
      files += (files.empty() ? "" : ", ") + std::string(R"({"path": ")") + path + R"(", "is_optional": )" +
               (is_optional ? "true" : "false") + R"(, "sources": [")" + root + path + R"("]})";
    };
    for (const char* path :
         {"config.json", "preprocessor_config.json", "tokenizer_config.json", "model.safetensors.index.json"}) {
      add(path, false);
    }
    for (const char* path : {"generation_config.json", "tokenizer.json", "tokenizer.model", "chat_template.json"}) {
      add(path, true);
    }
    auto parsed = Catalogue::parse(
        R"({"schema_version": 1, "models": [{"name": "toy", "task": "captions", "family": "llava_next",
            "licence": "MIT", "home": "https://example.org/toy", "is_imported": true, "about_bytes": 12345,
            "files": [)" +
            files + "]}]}",
        folder_.path());
    EXPECT_TRUE(parsed.ok()) << (parsed.ok() ? "" : parsed.error().message);
    return *parsed;
  }

  const CheckpointCopy checkpoint_{"llava_next/vicuna_two_frames"};
};

TEST_F(PullCheckpointTest, AFetchedCheckpointBecomesAModelFolder) {
  const Catalogue from = catalogue_of("file:" + checkpoint_.path().string() + "/");
  EXPECT_EQ(from.find("toy")->total_bytes(), 12345U);
  PullOptions options;
  options.type = "q8_0";
  options.threads = 1;
  const auto done = Installer(from, options).pull("toy");
  ASSERT_TRUE(done.ok()) << done.error().message;
  EXPECT_TRUE(is_model_folder(done->folder));
  const auto card = tensor::read_model_card(done->folder);
  ASSERT_TRUE(card.ok()) << card.error().message;
  EXPECT_EQ(card->name, "toy");
  EXPECT_EQ(card->type, "q8_0");
  EXPECT_EQ(card->source, "https://example.org/toy");
  EXPECT_FALSE(fs::exists(staging_folder("toy"))) << "the checkpoint is not needed any more";
  EXPECT_EQ(install_state(*from.find("toy")), InstallState::kInstalled);
  const auto faults = verify_installed("toy", {});
  ASSERT_TRUE(faults.ok());
  EXPECT_THAT(*faults, SizeIs(0));
  EXPECT_TRUE(Installer(from, {}).pull("toy")->was_installed);
}

TEST_F(PullCheckpointTest, ARepositoryWithoutTheOptionalFilesIsFetchedByItsIndexAndABrokenDownloadContinues) {
  fs::remove(checkpoint_.file("tokenizer.model"));
  bool was_broken = false;
  test::StubServer server([&](const test::StubRequest& request, int) {
    const std::string prefix = "/toy/repo/resolve/main/";
    const std::string name = request.path.rfind(prefix, 0) == 0 ? request.path.substr(prefix.size()) : "?";
    if (!fs::is_regular_file(checkpoint_.file(name))) return test::StubAnswer{404, {}, "no such file"};
    test::StubAnswer answer{200, {{"ETag", "\"1\""}}, test::read_bytes(checkpoint_.file(name))};
    const auto range = request.headers.find("range");
    if (range != request.headers.end()) {
      const auto from = std::stoul(range->second.substr(std::string("bytes=").size()));
      const std::string span = std::to_string(from) + "-" + std::to_string(answer.body.size() - 1);
      answer.headers.emplace_back("Content-Range", "bytes " + span + "/" + std::to_string(answer.body.size()));
      answer.body = answer.body.substr(from);
      answer.status = 206;
    } else if (name.find("00002") != std::string::npos && !was_broken) {
      was_broken = true;
      answer.break_after = 100'000;
    }
    return answer;
  });
  ::setenv("HF_ENDPOINT", server.address().c_str(), 1);
  const Catalogue from = catalogue_of("hf:toy/repo@main:");
  const auto done = Installer(from, {}).pull("toy");
  ::unsetenv("HF_ENDPOINT");
  ASSERT_TRUE(done.ok()) << done.error().message;
  EXPECT_TRUE(was_broken);
  EXPECT_TRUE(is_model_folder(done->folder));
  EXPECT_THAT(done->failed_sources, SizeIs(0)) << "files that upstream need not have are nothing to warn of";
}

TEST_F(PullCheckpointTest, ADamagedModelFolderIsNoticed) {
  const Catalogue from = catalogue_of("file:" + checkpoint_.path().string() + "/");
  const auto done = Installer(from, {}).pull("toy");
  ASSERT_TRUE(done.ok()) << done.error().message;
  fs::resize_file(done->folder / "language.gguf", 1000);
  EXPECT_EQ(install_state(*from.find("toy")), InstallState::kDamaged);
}

TEST_F(PullCheckpointTest, AMissingShardEndsThePullAndKeepsWhatCame) {
  fs::remove(checkpoint_.file("model-00003-of-00003.safetensors"));
  const Catalogue from = catalogue_of("file:" + checkpoint_.path().string() + "/");
  const auto done = Installer(from, {}).pull("toy");
  ASSERT_FALSE(done.ok());
  EXPECT_THAT(done.error().message, HasSubstr("model-00003-of-00003.safetensors"));
  EXPECT_FALSE(fs::exists(installed_folder("toy")));
  EXPECT_TRUE(fs::exists(staging_folder("toy") / "model-00001-of-00003.safetensors"));
}

TEST_F(PullCheckpointTest, ACheckpointThatCannotBeImportedIsNotInstalled) {
  checkpoint_.edit("config.json", [](nlohmann::json& c) { c["text_config"]["hidden_size"] = 64; });
  const Catalogue from = catalogue_of("file:" + checkpoint_.path().string() + "/");
  const auto done = Installer(from, {}).pull("toy");
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, ErrorCode::kModel);
  EXPECT_FALSE(fs::exists(installed_folder("toy")));
}

TEST_F(PullCheckpointTest, ShardsComeFromWhereTheIndexCameFrom) {
  const auto index = parse_source("hf:owner/name@main:model.safetensors.index.json");
  ASSERT_TRUE(index.ok());
  const Source shard = beside(*index, "model-1.safetensors");
  EXPECT_EQ(shard.text, "hf:owner/name@main:model-1.safetensors");
  EXPECT_EQ(shard.path, "model-1.safetensors");
  EXPECT_EQ(shard.package, "owner/name");
  EXPECT_EQ(beside(*parse_source("file:a/index.json"), "b").path, "a/b");
  EXPECT_EQ(beside(*parse_source("file:index.json"), "b").text, "file:b");
}

TEST_F(PullCheckpointTest, TheBuiltInVisionLanguageModelsAreImported) {
  const auto catalogue = Catalogue::load();
  ASSERT_TRUE(catalogue.ok());
  for (const char* name : {"llava-v1.6-vicuna-7b", "llava-v1.6-vicuna-13b", "llava-v1.6-mistral-7b", "phi-3.5-vision",
                           "instructblip-vicuna-7b", "instructblip-vicuna-13b"}) {
    const CatalogueEntry* entry = catalogue->find(name);
    ASSERT_NE(entry, nullptr) << name;
    EXPECT_TRUE(entry->is_imported) << name;
    EXPECT_EQ(entry->task, "captions");
    EXPECT_GT(entry->total_bytes(), 8'000'000'000U) << name;
    EXPECT_FALSE(entry->licence.empty());
  }
}

}  // namespace
}  // namespace cinescribe::models
