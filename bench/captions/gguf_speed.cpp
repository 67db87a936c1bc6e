// How fast a pair of GGUF files describes scenes when so many decode together: the captioner as users run it.
//
// usage: gguf_speed FOLDER [--threads N] [--batches 1,2,4,8] [--new N] [--frames N] [--size WxH] [--image-tokens N]
// Prints one row per batch (Markdown). Every batch describes as many scenes as decode together, once; pictures are
// noise. Tokens are counted in all scenes together. make_gguf_pair.py writes pairs of true shapes with random weights.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "cinescribe/captions/gguf_captioner.h"

namespace {

using namespace cinescribe;
using namespace cinescribe::captions;
using Clock = std::chrono::steady_clock;

struct Settings {
  std::string folder;
  int threads = 0;
  int new_tokens = 24;
  int frames = 2;
  int width = 256;
  int height = 144;
  int image_tokens = 0;
  std::vector<int> batches = {1, 2, 4, 8};
};

[[noreturn]] void fail(const std::string& message) {
  std::fprintf(stderr, "gguf_speed: %s\n", message.c_str());
  std::exit(4);
}

std::vector<int> numbers(const std::string& list) {
  std::vector<int> values;
  std::stringstream stream(list);
  for (std::string item; std::getline(stream, item, ',');) values.push_back(std::atoi(item.c_str()));
  return values;
}

Settings parse(int argc, char** argv) {
  if (argc < 2) fail("name the folder of a pair");
  Settings settings;
  settings.folder = argv[1];
  for (int i = 2; i + 1 < argc; i += 2) {
    const std::string flag = argv[i];
    const std::string value = argv[i + 1];
    const int number = std::atoi(value.c_str());
    if (flag == "--threads") settings.threads = number;
    if (flag == "--new") settings.new_tokens = number;
    if (flag == "--frames") settings.frames = number;
    if (flag == "--image-tokens") settings.image_tokens = number;
    if (flag == "--batches") settings.batches = numbers(value);
    if (flag == "--size") std::sscanf(value.c_str(), "%dx%d", &settings.width, &settings.height);
  }
  return settings;
}

CaptionRequest scene(const Settings& settings, int id) {
  CaptionRequest request;
  request.id = id;
  std::mt19937 random(static_cast<std::mt19937::result_type>(id + 1));
  for (int i = 0; i < settings.frames; ++i) {
    Image picture(settings.width, settings.height, 3);
    for (std::uint8_t& value : picture.pixels) value = static_cast<std::uint8_t>(random());
    request.frames.push_back(std::move(picture));
    request.frame_times.push_back(Timestamp::from_seconds(10.0 * id + i));
  }
  request.prompt = "Describe what happens in this scene.";
  request.generation.max_new_tokens = settings.new_tokens;
  request.generation.min_new_tokens = settings.new_tokens;
  return request;
}

struct Sums {
  double encode = 0.0;
  double prefill = 0.0;
  double decode = 0.0;
  long prompt_tokens = 0;
  long image_tokens = 0;
  long new_tokens = 0;
};

/// As many scenes as decode together, with a captioner of their own.
void measure(const GgufPair& pair, const Settings& settings, int batch) {
  GgufCaptionerOptions options;
  options.threads = settings.threads;
  options.scenes_at_once = batch;
  options.max_image_tokens = settings.image_tokens;
  const auto captioner = make_gguf_captioner(pair, options);
  if (!captioner.ok()) fail(captioner.error().message);
  int next = 0;
  Sums sums;
  const auto begin = Clock::now();
  const Status status = (*captioner)
                            ->run(
                                [&]() -> std::optional<CaptionRequest> {
                                  if (next == batch) return std::nullopt;
                                  return scene(settings, next++);
                                },
                                [&](const CaptionOutcome& outcome) {
                                  if (!outcome.caption.ok()) fail(outcome.caption.error().message);
                                  const Caption& caption = *outcome.caption;
                                  sums.encode += caption.timings.encode_seconds;
                                  sums.prefill += caption.timings.prefill_seconds;
                                  sums.decode += caption.timings.decode_seconds;
                                  sums.prompt_tokens += caption.prompt_tokens;
                                  sums.image_tokens += caption.image_tokens;
                                  sums.new_tokens += caption.new_tokens;
                                },
                                {});
  if (!status.ok()) fail(status.error().message);
  const double wall = std::chrono::duration<double>(Clock::now() - begin).count();
  const double steps =
      static_cast<double>(sums.new_tokens - batch);  // the first token of a scene comes with its prompt
  std::printf("| %d | %.2f | %.1f | %.1f | %.2f |\n", batch, sums.encode / batch,
              static_cast<double>(sums.prompt_tokens) / sums.prefill, steps / sums.decode, wall / batch);
  if (batch == settings.batches.back()) {
    std::printf("\n%ld prompt tokens a scene (%ld of pictures), %ld new ones\n", sums.prompt_tokens / batch,
                sums.image_tokens / batch, sums.new_tokens / batch);
  }
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const Settings settings = parse(argc, argv);
  const auto pair = find_gguf_pair(settings.folder);
  if (!pair.ok()) fail(pair.error().message);
  std::printf(
      "| scenes at once | encoding, s a scene | prompt, tokens/s | decode, tokens/s | s a scene "
      "|\n|---|---|---|---|---|\n");
  for (const int batch : settings.batches) measure(*pair, settings, batch);
  return 0;
}
