#include "cinescribe/cli/config.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace cinescribe::cli {
namespace {

namespace fs = std::filesystem;

std::map<std::string, std::string>& variables() {
  static std::map<std::string, std::string> all;
  return all;
}
std::string environment(const std::string& name) { return variables()[name]; }

/// A small program with two commands, a nested one and a group.
struct Program {
  CLI::App root{"test"};
  int threads = 0;
  bool is_quiet = false;
  double threshold = 27.0;
  std::vector<std::string> stages = {"scenes", "speech"};
  bool has_frames = true;
  bool is_json = false;
  std::string task;

  Program() {
    root.fallthrough();
    root.add_option("--threads", threads)->check(CLI::Range(0, 64))->capture_default_str();
    root.add_flag("-q,--quiet", is_quiet);
    CLI::App* scenes = root.add_subcommand("scenes");
    scenes->add_option("FILE");
    scenes->add_option("--threshold", threshold)->capture_default_str();
    scenes->add_option_group("output")->add_flag("--json", is_json);
    CLI::App* analyze = root.add_subcommand("analyze");
    analyze->add_option("--stages", stages)->delimiter(',');
    analyze->add_flag("--frames,!--no-frames", has_frames);
    CLI::App* list = root.add_subcommand("models")->add_subcommand("list");
    list->add_option("--task", task);
  }
  void parse(std::vector<std::string> arguments) {
    std::reverse(arguments.begin(), arguments.end());
    root.parse(arguments);
  }
};

class ConfigTest : public testing::Test {
 protected:
  void SetUp() override {
    variables().clear();
    folder_ = fs::path(testing::TempDir()) /
              ("config_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path file(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }
  Status configure(const std::vector<fs::path>& files) {
    CINESCRIBE_ASSIGN(configuration_, Configuration::read(program_.root, files));
    return configuration_.apply(program_.root, environment);
  }
  std::string origin(const std::string& key) {
    for (const Setting& setting : configuration_.settings()) {
      if (setting.key == key) return setting.origin;
    }
    return "none";
  }

  fs::path folder_;
  Program program_;
  Configuration configuration_;
};

TEST_F(ConfigTest, AFlagWinsOverTheEnvironmentThatOverAFileThatOverTheDefault) {
  const std::vector<fs::path> files = {file("a.toml", "[scenes]\nthreshold = 3.5\n"),
                                       file("b.toml", "threads = 7\n[scenes]\nthreshold = 9\n")};
  program_.parse({"scenes"});
  ASSERT_TRUE(configure(files).ok());
  EXPECT_EQ(program_.threshold, 3.5);
  EXPECT_EQ(program_.threads, 7);
  EXPECT_EQ(origin("scenes.threshold"), (folder_ / "a.toml").string() + ":2");
  EXPECT_EQ(origin("quiet"), "default");

  Program other;
  variables()["CINESCRIBE_SCENES_THRESHOLD"] = "4.5";
  variables()["CINESCRIBE_THREADS"] = "2";
  other.parse({"scenes", "--threads", "1"});
  auto configuration = Configuration::read(other.root, files);
  ASSERT_TRUE(configuration.ok());
  ASSERT_TRUE(configuration->apply(other.root, environment).ok());
  EXPECT_EQ(other.threshold, 4.5);
  EXPECT_EQ(other.threads, 1);
}

TEST_F(ConfigTest, ListsFlagsAndNestedCommandsCanBeSet) {
  const fs::path settings = file("a.toml",
                                 "quiet = true\n[analyze]\nstages = [\"scenes\"]\nframes = false\n[models.list]\ntask "
                                 "= \"speech\"\n[scenes]\njson = true\n");
  ASSERT_TRUE(configure({settings}).ok());
  EXPECT_TRUE(program_.is_quiet);
  EXPECT_EQ(program_.stages, std::vector<std::string>{"scenes"});
  EXPECT_FALSE(program_.has_frames);
  EXPECT_EQ(program_.task, "speech");
  EXPECT_TRUE(program_.is_json);
}

TEST_F(ConfigTest, SettingsOfOtherCommandsAreLeftAlone) {
  program_.parse({"analyze"});
  ASSERT_TRUE(configure({file("a.toml", "[scenes]\nthreshold = 1\n")}).ok());
  EXPECT_EQ(program_.threshold, 27.0);
  EXPECT_EQ(origin("scenes.threshold"), "none");
}

TEST_F(ConfigTest, AnUnknownKeyNamesTheNearestAndItsLine) {
  const Status status = configure({file("a.toml", "threads = 1\n[scenes]\ntreshold = 1\n")});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kUsage);
  EXPECT_NE(status.error().message.find("a.toml:3"), std::string::npos) << status.error().message;
  EXPECT_NE(status.error().message.find("did you mean 'scenes.threshold'?"), std::string::npos)
      << status.error().message;
}

TEST_F(ConfigTest, AValueThatTheOptionRefusesIsReportedWithItsPlace) {
  Status status = configure({file("a.toml", "threads = 100\n")});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kUsage);
  EXPECT_NE(status.error().message.find("a.toml:1"), std::string::npos) << status.error().message;
  Program other;
  variables()["CINESCRIBE_SCENES_THRESHOLD"] = "much";
  auto configuration = Configuration::read(other.root, {});
  status = configuration->apply(other.root, environment);
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().message.find("CINESCRIBE_SCENES_THRESHOLD"), std::string::npos);
}

TEST_F(ConfigTest, FilesThatAreNoConfigurationAreRefused) {
  for (const char* text :
       {"threads = \n", "[scenes\n", "threads = 2024-01-01\n", "threads = [[1]]\n", "[[scenes]]\nthreshold = 1\n"}) {
    const Status status = configure({file("a.toml", text)});
    ASSERT_FALSE(status.ok()) << text;
    EXPECT_EQ(status.error().code, ErrorCode::kUsage);
    EXPECT_NE(status.error().message.find("a.toml:"), std::string::npos) << status.error().message;
  }
  EXPECT_FALSE(configure({folder_ / "missing.toml"}).ok());
}

TEST_F(ConfigTest, TheUsersFileLiesUnderXdgOrHome) {
  variables()["HOME"] = folder_.string();
  fs::create_directories(folder_ / ".config" / "cinescribe");
  fs::create_directories(folder_ / "xdg" / "cinescribe");
  file(".config/cinescribe/config.toml", "");
  EXPECT_EQ(config_files("", environment), std::vector<fs::path>{folder_ / ".config" / "cinescribe" / "config.toml"});
  variables()["XDG_CONFIG_HOME"] = (folder_ / "xdg").string();
  EXPECT_TRUE(config_files("", environment).empty());
  file("xdg/cinescribe/config.toml", "");
  EXPECT_EQ(config_files("own.toml", environment),
            (std::vector<fs::path>{"own.toml", folder_ / "xdg" / "cinescribe" / "config.toml"}));
  variables()["CINESCRIBE_CONFIG"] = "env.toml";
  EXPECT_EQ(config_files("", environment).front(), "env.toml");
}

}  // namespace
}  // namespace cinescribe::cli
