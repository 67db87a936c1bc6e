// Writes small networks for tests of the whole program, where real ones cannot be had.
//
// usage: write_networks FOLDER
//   yamnet/           see support/stub_yamnet.h
//   animals.onnx      a detector of the end-to-end layout that sees a cat and a dog in fixed places
//   blind.onnx        the same layout; every number of its answer is NaN
//   oracle.onnx       a network whose answer is no list of boxes
//   babble.bin        a speech model in whisper.cpp's format with random weights: it writes something, always the same
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "support/constant_network.h"
#include "support/random_whisper_file.h"
#include "support/scratch_folder.h"
#include "support/stub_yamnet.h"

namespace {

using namespace cinescribe;

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
  test::write_stub_yamnet(folder / "yamnet");
  test::write_bytes(folder / "animals.onnx",
                    detector({4, 20, 24, 44, 0.9F, 0, 34, 20, 60, 40, 0.8F, 1, 0, 0, 0, 0, 0, 0}));
  test::write_bytes(folder / "blind.onnx", detector(std::vector<float>(18, std::numeric_limits<float>::quiet_NaN())));
  test::write_bytes(folder / "oracle.onnx",
                    test::ConstantNetwork(1, 64, 64).answers("probs", {1, 10}, std::vector<float>(10)).bytes());
  return test::write_random_whisper_file(folder / "babble.bin", test::small_whisper_shape(), tensor::WeightType::kF16)
                 .ok()
             ? 0
             : 1;
}
