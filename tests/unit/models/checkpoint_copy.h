#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "support/scratch_folder.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cinescribe/models/safetensors.h"

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

  /// A tensor as numbers.
  struct Numbers {
    std::vector<std::int64_t> shape;
    std::vector<float> values;
  };
  using Weights = std::map<std::string, Numbers>;

  /// Replaces the weights by a single f32 file that holds what `change` makes of them.
  void edit_weights(const std::function<void(Weights&)>& change) const {
    Weights weights;
    {
      const auto checkpoint = Checkpoint::open(path());
      ASSERT_TRUE(checkpoint.ok()) << checkpoint.error().message;
      for (const auto& [name, view] : checkpoint->tensors()) {
        auto values = checkpoint->floats(name, view.shape);
        if (values.ok()) weights[name] = {view.shape, *std::move(values)};
      }
    }
    change(weights);
    for (const auto& entry : std::filesystem::directory_iterator(path())) {
      if (entry.path().filename().string().find("safetensors") != std::string::npos) {
        std::filesystem::remove(entry.path());
      }
    }
    write_weights(weights);
  }

 private:
  void write_weights(const Weights& weights) const {
    nlohmann::json header;
    std::string data;
    for (const auto& [name, tensor] : weights) {
      const std::size_t begin = data.size();
      data.resize(begin + tensor.values.size() * sizeof(float));
      std::memcpy(data.data() + begin, tensor.values.data(), data.size() - begin);
      header[name] = {{"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {begin, data.size()}}};
    }
    const std::string text = header.dump();
    const std::uint64_t length = text.size();
    std::string file(sizeof length, '\0');
    std::memcpy(file.data(), &length, sizeof length);
    test::write_bytes(this->file("model.safetensors"), file + text + data);
  }

  test::ScratchFolder folder_;
};

}  // namespace cinescribe::models
