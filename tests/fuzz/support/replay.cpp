// Runs a fuzz target over a folder of seeds without a fuzzer: every seed whole, cut short at many lengths, and with
// single bytes changed. The same damage in every run, so a failure can be repeated.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::size_t kCutsPerSeed = 200;
constexpr std::size_t kChangesPerSeed = 400;

std::vector<std::uint8_t> read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void run(const std::vector<std::uint8_t>& bytes) { LLVMFuzzerTestOneInput(bytes.data(), bytes.size()); }

void replay(const std::vector<std::uint8_t>& seed) {
  run(seed);
  const std::size_t cut_step = std::max<std::size_t>(1, seed.size() / kCutsPerSeed);
  for (std::size_t size = 0; size < seed.size(); size += cut_step) {
    run({seed.begin(), seed.begin() + static_cast<std::ptrdiff_t>(size)});
  }
  const std::size_t change_step = std::max<std::size_t>(1, seed.size() / kChangesPerSeed);
  std::vector<std::uint8_t> damaged = seed;
  for (std::size_t at = 0; at < seed.size(); at += change_step) {
    for (const std::uint8_t value : {std::uint8_t{0x00}, std::uint8_t{0x7f}, std::uint8_t{0xff}}) {
      damaged[at] = value;
      run(damaged);
    }
    damaged[at] = seed[at];
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || !std::filesystem::is_directory(argv[1])) {
    std::fprintf(stderr, "usage: %s FOLDER_OF_SEEDS\n", argv[0]);
    return 2;
  }
  int seeds = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[1])) {
    if (!entry.is_regular_file()) continue;
    replay(read(entry.path()));
    ++seeds;
  }
  std::printf("%d seeds replayed, whole and damaged\n", seeds);
  return seeds > 0 ? 0 : 1;
}
