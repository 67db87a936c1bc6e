#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "support/scratch_folder.h"
#include <nlohmann/json.hpp>

namespace cinescribe::models {

/// A copy of a small checkpoint that a test may spoil.
class CheckpointCopy {
 public:
  /// `which`: "llava_next/vicuna_two_frames", "phi3_v/two_frames" or "instructblip/p4_early_eos_min_new_tokens".
  explicit CheckpointCopy(const std::string& which) {
    const auto options = std::filesystem::copy_options::recursive;
    std::filesystem::copy(std::filesystem::path(CINESCRIBE_TEST_DATA) / "parity" / which / "model", path(), options);
  }
  [[nodiscard]] std::filesystem::path path() const { return folder_ / "checkpoint"; }
  [[nodiscard]] std::filesystem::path out() const { return folder_ / "model"; }
  [[nodiscard]] std::filesystem::path file(const std::string& name) const { return path() / name; }

  void edit(const std::string& name, const std::function<void(nlohmann::json&)>& change) const {
    auto json = nlohmann::json::parse(test::read_bytes(file(name)));
    change(json);
    test::write_bytes(file(name), json.dump());
  }

 private:
  test::ScratchFolder folder_;
};

}  // namespace cinescribe::models
