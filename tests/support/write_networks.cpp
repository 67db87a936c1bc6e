// Writes small networks for tests of the whole program, where real ones cannot be had.
//
// usage: write_networks FOLDER
//   yamnet/           takes what YAMNet takes, and hears "Music" (0.98) and "Dog" (0.68) whatever it is given
//   animals.onnx      a detector of the end-to-end layout that sees a cat and a dog in fixed places
//   blind.onnx        the same layout; every number of its answer is NaN
//   oracle.onnx       a network whose answer is no list of boxes
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "support/constant_network.h"
#include "support/scratch_folder.h"

namespace {

using namespace cinescribe;
using Shape = std::vector<std::int64_t>;

std::string yamnet() {
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

std::string class_map() {
  std::string lines = "index,mid,display_name\n";
  for (int i = 0; i < 521; ++i) {
    const std::string name = i == 132 ? "Music" : i == 69 ? "Dog" : "class " + std::to_string(i);
    lines += std::to_string(i) + ",/m/" + std::to_string(i) + "," + name + "\n";
  }
  return lines;
}

std::string detector(const std::vector<float>& rows) {
  test::ConstantNetwork network(1, 64, 64);
  network.answers("output0", {1, static_cast<std::int64_t>(rows.size() / 6), 6}, rows);
  network.says("names", "{0: 'cat', 1: 'dog'}");
  return network.bytes();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::filesystem::path folder = argv[1];
  std::filesystem::create_directories(folder / "yamnet");
  test::write_bytes(folder / "yamnet" / "model.onnx", yamnet());
  test::write_bytes(folder / "yamnet" / "yamnet_class_map.csv", class_map());
  test::write_bytes(folder / "animals.onnx",
                    detector({4, 20, 24, 44, 0.9F, 0, 34, 20, 60, 40, 0.8F, 1, 0, 0, 0, 0, 0, 0}));
  test::write_bytes(folder / "blind.onnx", detector(std::vector<float>(18, std::numeric_limits<float>::quiet_NaN())));
  test::write_bytes(folder / "oracle.onnx",
                    test::ConstantNetwork(1, 64, 64).answers("probs", {1, 10}, std::vector<float>(10)).bytes());
  return 0;
}
