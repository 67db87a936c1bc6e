#include "cinescribe/models/catalogue.h"

#include <map>
#include <set>

#include "models_test_fixture.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cinescribe::models {
namespace {

using test::write_bytes;
using ::testing::HasSubstr;

class CatalogueTest : public ModelTest {};

TEST_F(CatalogueTest, TheBuiltInOneIsCompleteAndItsPackagesArePinned) {
  const auto loaded = Catalogue::load();
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  ASSERT_NE(loaded->find("whisper-base"), nullptr);
  ASSERT_NE(loaded->find("silero-vad"), nullptr);
  for (const CatalogueEntry& entry : loaded->entries()) {
    EXPECT_FALSE(entry.description.empty()) << entry.name;
    EXPECT_TRUE(entry.licence != "unstated" || !entry.licence_note.empty()) << entry.name;
    for (const CatalogueFile& file : entry.files) {
      for (const SourceParts& parts : file.sources) {
        for (const Source& part : parts) {
          if (part.package_key().empty()) continue;
          EXPECT_NE(loaded->find_package(part.package_key()), nullptr) << part.text;
          EXPECT_FALSE(file.sha256.empty()) << part.text;
        }
      }
    }
  }
}

TEST_F(CatalogueTest, TheDefaultModelsComeFromPackageRegistriesFirst) {
  const auto loaded = Catalogue::load();
  std::set<std::string> defaults;
  for (const CatalogueEntry& entry : loaded->entries()) {
    if (!entry.is_default) continue;
    defaults.insert(entry.name);
    for (const CatalogueFile& file : entry.files) {
      EXPECT_FALSE(file.sources.front().front().package_key().empty()) << entry.name << " " << file.path;
    }
  }
  EXPECT_EQ(defaults.count("whisper-base"), 1U);
  EXPECT_EQ(defaults.count("silero-vad"), 1U);
  EXPECT_EQ(defaults.count("yamnet"), 1U);
}

TEST_F(CatalogueTest, TheLastChoiceOfEveryTaskComesFromAPackageRegistry) {
  const auto loaded = Catalogue::load();
  std::map<std::string, const CatalogueEntry*> last;
  for (const CatalogueEntry& entry : loaded->entries()) {
    if (entry.default_rank == 0) continue;
    const CatalogueEntry*& known = last[entry.task];
    EXPECT_NE(known == nullptr ? 0 : known->default_rank, entry.default_rank) << entry.name;
    if (known == nullptr || known->default_rank < entry.default_rank) known = &entry;
  }
  ASSERT_EQ(last.count("objects"), 1U);
  for (const auto& [task, entry] : last) {
    for (const CatalogueFile& file : entry->files) {
      EXPECT_FALSE(file.sources.front().front().package_key().empty()) << entry->name << " " << file.path;
    }
  }
}

TEST_F(CatalogueTest, AUsersFileAddsAndReplaces) {
  std::filesystem::create_directories(folder_ / "config/cinescribe");
  std::filesystem::create_directories(cache_);
  write_bytes(folder_ / "config/cinescribe/catalogue.json",
              catalogue_json(file_json("m", "x", R"(["file:m"])"), "{}", "mine"));
  write_bytes(cache_ / "catalogue.json", catalogue_json(file_json("m", "x", R"(["file:m"])"), "{}", "silero-vad"));
  const auto loaded = Catalogue::load();
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  ASSERT_NE(loaded->find("mine"), nullptr);
  EXPECT_EQ(loaded->find("mine")->origin, folder_ / "config/cinescribe");
  EXPECT_EQ(loaded->find("silero-vad")->family, "toy");
  EXPECT_NE(loaded->find("whisper-base"), nullptr);
}

TEST_F(CatalogueTest, AMalformedUsersFileIsNamedWithWhatIsWrong) {
  std::filesystem::create_directories(cache_);
  write_bytes(cache_ / "catalogue.json", catalogue_json(R"({"path": "m", "sorces": []})"));
  const auto loaded = Catalogue::load();
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().code, ErrorCode::kModel);
  EXPECT_THAT(loaded.error().message, HasSubstr((cache_ / "catalogue.json").string()));
  EXPECT_THAT(loaded.error().message, HasSubstr("unknown key 'sorces'"));
}

TEST_F(CatalogueTest, EveryMalformedEntryIsRefused) {
  const std::string good = file_json("m", "x", R"(["file:m"])");
  ASSERT_TRUE(Catalogue::parse(catalogue_json(good), {}).ok());
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "not valid JSON"},
      {"[]", "must be an object"},
      {R"({"schema_version": 2, "models": []})", "schema_version"},
      {R"({"schema_version": 1})", "'models' must be a list"},
      {R"({"schema_version": 1, "models": [7]})", "must be an object"},
      {catalogue_json(""), "at least one file"},
      {catalogue_json(good + "," + good), "twice"},
      {catalogue_json(good, R"({"pypi:a==1": {"file": "../x", "size": 1, "sha256": ")" + std::string(64, '0') + "\"}}"),
       "plain name"},
      {catalogue_json(good, R"({"pypi:a==1": {"file": "x", "size": -1, "sha256": ")" + std::string(64, '0') + "\"}}"),
       "'size'"},
      {catalogue_json(good, R"({"pypi:a==1": {"file": "x", "size": 1}})"), "sha256"},
      {catalogue_json(good, "{}", "../evil"), "a name consists of"},
      {catalogue_json(file_json("../m", "x", R"(["file:m"])")), "inside the model's folder"},
      {catalogue_json(file_json("m", "x", "[]")), "at least one source"},
      {catalogue_json(file_json("m", "x", "[[]]")), "a source is empty"},
      {catalogue_json(file_json("m", "x", "[3]")), "must be a text"},
      {catalogue_json(file_json("m", "x", R"(["gopher:m"])")), "not of the form"},
      {catalogue_json(file_json("m", "x", R"(["http://host/m"])", false)), "needs a 'sha256'"},
      {catalogue_json(R"({"path": "m", "sha256": "ABC", "sources": ["file:m"]})"), "64 lower-case"},
  };
  for (const auto& [text, words] : cases) {
    const auto parsed = Catalogue::parse(text, {});
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::kModel);
    EXPECT_THAT(parsed.error().message, HasSubstr(words)) << text;
  }
}

TEST_F(CatalogueTest, AnUnknownNameNamesTheNearest) {
  const auto loaded = Catalogue::load();
  const auto entry = loaded->get("whisper-bse");
  ASSERT_FALSE(entry.ok());
  EXPECT_EQ(entry.error().code, ErrorCode::kModel);
  EXPECT_THAT(entry.error().message, HasSubstr("did you mean 'whisper-base'?"));
}

}  // namespace
}  // namespace cinescribe::models
