// Processor time per frame of everything around a detection network, and of the tracker.
//
// usage: objects_speed detect YOLOX.onnx VIDEO FRAMES     decoding, letterbox, network, decoding of boxes, tracking
//        objects_speed track DETECTIONS ROUNDS            ByteTrack alone
// Prints JSON in the form of objects_speed.py, which drives the same model from Python. Processor time is what a busy
// machine does not distort; the parts outside the network run on one thread each, so on an idle machine it is also the
// time that passes.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

#include "cinescribe/image/letterbox.h"
#include "cinescribe/media/decode_pass.h"
#include "cinescribe/objects/detector_decode.h"
#include "cinescribe/objects/mot_file.h"
#include "cinescribe/objects/nms.h"
#include "cinescribe/objects/tracker.h"
#include "cinescribe/ort/session.h"

namespace {

using namespace cinescribe;

double clock_ms(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) * 1e-6;
}

/// Adds the thread's processor time of its scope.
class Stopwatch {
 public:
  explicit Stopwatch(double& total_ms) : total_(total_ms), start_(clock_ms(CLOCK_THREAD_CPUTIME_ID)) {}
  ~Stopwatch() { total_ += clock_ms(CLOCK_THREAD_CPUTIME_ID) - start_; }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  double& total_;
  double start_;
};

int fail(const std::string& message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  return 1;
}

/// All of the process's time while frames are decoded; they stay as decoded, the letterbox reads their planes.
Result<std::vector<VideoFrame>> read_frames(const char* video, std::size_t count, double& decode_ms) {
  CINESCRIBE_ASSIGN(const auto pass, media::DecodePass::open(video));
  media::FrameRequest request;
  auto& source = pass->add_frames(request);
  const double start = clock_ms(CLOCK_PROCESS_CPUTIME_ID);
  Status decoded;
  std::jthread decoder([&](const std::stop_token& stop) { decoded = pass->run(stop); });
  std::vector<VideoFrame> kept;
  std::size_t seen = 0;
  while (const auto frame = source.pop()) {
    // A few are enough: memory of hundreds of pictures would be measured instead.
    if (seen++ % 8 == 0 && kept.size() < 16) kept.push_back(*frame);
    if (seen == count) source.cancel();
  }
  decoder.join();
  CINESCRIBE_TRY(decoded);
  decode_ms = (clock_ms(CLOCK_PROCESS_CPUTIME_ID) - start) / static_cast<double>(seen);
  return kept;
}

int detect(const char* model, const char* video, std::size_t count) {
  double decode_ms = 0.0;
  const auto frames = read_frames(video, count, decode_ms);
  if (!frames.ok()) return fail(frames.error().message);
  const auto session = ort::Session::open(model, {.threads = 2});
  if (!session.ok()) return fail(session.error().message);
  const auto& input = (*session)->inputs()[0];
  const auto& output = (*session)->outputs()[0];
  objects::GraphFacts facts;
  facts.input_height = static_cast<int>(input.shape[2]);
  facts.input_width = static_cast<int>(input.shape[3]);
  facts.outputs = {{output.name, output.shape}};
  const auto layout = objects::recognise_layout(facts, objects::Layout::kYolox, model);
  if (!layout.ok()) return fail(layout.error().message);
  std::vector<float> blob(3 * static_cast<std::size_t>(facts.input_width) *
                          static_cast<std::size_t>(facts.input_height));
  const auto tracker = objects::make_byte_tracker();
  double prepare = 0.0;
  double network = 0.0;
  double finish = 0.0;
  double track = 0.0;
  std::size_t boxes = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const VideoFrame& frame = (*frames)[i % frames->size()];
    image::Letterbox box;
    {
      const Stopwatch watch(prepare);
      box = image::letterbox_top_left(frame.width, frame.height, facts.input_width, facts.input_height);
      image::write_letterboxed(frame, box, {.is_bgr = true, .is_scaled = false}, blob);
    }
    const double network_start = clock_ms(CLOCK_PROCESS_CPUTIME_ID);
    const ort::Input tensor{input.name, {1, 3, facts.input_height, facts.input_width}, std::span<const float>(blob)};
    const auto raw = (*session)->run({&tensor, 1}, std::vector<std::string>{output.name});
    if (!raw.ok()) return fail(raw.error().message);
    network += clock_ms(CLOCK_PROCESS_CPUTIME_ID) - network_start;
    std::vector<objects::Detection> found;
    {
      const Stopwatch watch(finish);
      objects::RawOutputs outputs;
      outputs.values = {(*raw)[0].view<float>()};
      objects::DecodeOptions options;
      options.conf = 0.1F;
      found = objects::suppress_overlaps(objects::decode(*layout, outputs, options),
                                         {.is_agnostic = true, .inclusive_area = true});
      for (auto& d : found) {
        d.box = {static_cast<float>(box.picture_x(static_cast<double>(d.box.x1))),
                 static_cast<float>(box.picture_y(static_cast<double>(d.box.y1))),
                 static_cast<float>(box.picture_x(static_cast<double>(d.box.x2))),
                 static_cast<float>(box.picture_y(static_cast<double>(d.box.y2)))};
      }
    }
    const Stopwatch watch(track);
    boxes += found.size();
    tracker->update(frame.time, found);
  }
  const auto n = static_cast<double>(count);
  std::printf(
      "{\"frames\": %zu, \"boxes\": %zu, \"decode_ms\": %.3f, \"prepare_ms\": %.3f, \"network_ms\": %.3f, "
      "\"finish_ms\": %.3f, \"track_ms\": %.4f, \"outside_network_ms\": %.3f}\n",
      count, boxes, decode_ms, prepare / n, network / n, finish / n, track / n,
      decode_ms + (prepare + finish + track) / n);
  return 0;
}

int track(const char* file, int rounds) {
  const auto sequence = objects::read_detections(file, 30.0);
  if (!sequence.ok()) return fail(sequence.error().message);
  double spent = 0.0;
  std::size_t tracks = 0;
  std::size_t boxes = 0;
  for (int round = 0; round < rounds; ++round) {
    const auto tracker = objects::make_byte_tracker();
    for (const auto& frame : sequence->frames) {
      const Stopwatch watch(spent);
      tracks += tracker->update(frame.time, frame.detections).size();
      boxes += frame.detections.size();
    }
  }
  const double frames = static_cast<double>(sequence->frames.size()) * rounds;
  std::printf("{\"boxes_per_frame\": %.1f, \"tracks_per_frame\": %.1f, \"track_ms\": %.5f}\n",
              static_cast<double>(boxes) / frames, static_cast<double>(tracks) / frames, spent / frames);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "detect" && argc == 5) return detect(argv[2], argv[3], static_cast<std::size_t>(std::atoi(argv[4])));
  if (what == "track" && argc == 4) return track(argv[2], std::atoi(argv[3]));
  std::fputs("usage: objects_speed detect YOLOX.onnx VIDEO FRAMES | track DETECTIONS ROUNDS\n", stderr);
  return 2;
}
