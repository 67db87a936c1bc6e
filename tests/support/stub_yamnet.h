#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "support/scratch_folder.h"

#include "cinescribe/ort/onnx_writer.h"

namespace cinescribe::test {

inline std::string stub_yamnet_network() {
  using Shape = std::vector<std::int64_t>;
  constexpr std::size_t kClasses = 521;
  std::vector<std::uint8_t> scores(kClasses, 150);  // all but certainly not
  scores[132] = 195;                                // sigmoid(0.757 * 5)
  scores[69] = 191;
  ort::OnnxWriter writer;
  writer.add_uint8_input("audio", Shape{1, 1, 96, 64});
  writer.add_constant("scores", Shape{1, kClasses}, std::span<const std::uint8_t>(scores));
  writer.add_node("Identity", std::vector<std::string>{"scores"}, "class_scores");
  writer.add_uint8_output("class_scores", Shape{1, kClasses});
  return writer.finish();
}

inline std::string stub_class_map() {
  std::string lines = "index,mid,display_name\n";
  for (int i = 0; i < 521; ++i) {
    const std::string name = i == 132 ? "Music" : i == 69 ? "Dog" : "class " + std::to_string(i);
    lines += std::to_string(i) + ",/m/" + std::to_string(i) + "," + name + "\n";
  }
  return lines;
}

/// A folder that takes what YAMNet takes, and hears "Music" (0.98) and "Dog" (0.68) whatever it is given.
inline void write_stub_yamnet(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  write_bytes(folder / "model.onnx", stub_yamnet_network());
  write_bytes(folder / "yamnet_class_map.csv", stub_class_map());
}

}  // namespace cinescribe::test
