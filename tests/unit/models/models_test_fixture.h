#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "support/scratch_folder.h"
#include <gtest/gtest.h>

#include "cinescribe/models/catalogue.h"
#include "cinescribe/models/sha256.h"

namespace cinescribe::models {

/// A cache and a configuration folder of the test's own, and helpers to write catalogues.
class ModelTest : public ::testing::Test {
 protected:
  ModelTest() {
    ::setenv("CINESCRIBE_CACHE", cache_.c_str(), 1);
    ::setenv("XDG_CONFIG_HOME", (folder_ / "config").c_str(), 1);
    ::setenv("no_proxy", "127.0.0.1", 1);
    for (const char* name : {"CINESCRIBE_DOWNLOADS", "CINESCRIBE_PYTHON", "HF_ENDPOINT", "HF_TOKEN"}) ::unsetenv(name);
  }

  static std::string sha256_of(std::string_view content) {
    Sha256 digest;
    digest.update({content.data(), content.size()});
    return digest.hex();
  }

  /// One file of a model, as JSON; an empty `sha256` leaves it out.
  static std::string file_json(const std::string& path, std::string_view content, const std::string& sources,
                               bool is_pinned = true) {
    return R"({"path": ")" + path + R"(", )" +
           (is_pinned
                ? R"("size": )" + std::to_string(content.size()) + R"(, "sha256": ")" + sha256_of(content) + "\", "
                : std::string()) +
           R"("sources": )" + sources + "}";
  }
  static std::string catalogue_json(const std::string& files, const std::string& packages = "{}",
                                    const std::string& name = "toy") {
    return R"({"schema_version": 1, "packages": )" + packages + R"(, "models": [{"name": ")" + name +
           R"(", "task": "speech", "family": "toy", "licence": "MIT", "files": [)" + files + "]}]}";
  }
  Catalogue catalogue(const std::string& files, const std::string& packages = "{}") const {
    auto parsed = Catalogue::parse(catalogue_json(files, packages), folder_.path());
    EXPECT_TRUE(parsed.ok()) << (parsed.ok() ? "" : parsed.error().message);
    return *parsed;
  }

  test::ScratchFolder folder_;
  const std::filesystem::path cache_ = folder_ / "cache";
};

}  // namespace cinescribe::models
