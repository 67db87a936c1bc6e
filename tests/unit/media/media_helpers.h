#pragma once

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "cinescribe/core/file.h"
#include "cinescribe/media/decode_pass.h"

namespace cinescribe::media::testing {

inline std::filesystem::path clip(const std::string& name) {
  return std::filesystem::path(CINESCRIBE_TEST_DATA) / "media" / name;
}

/// A folder that goes away with the object.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "cinescribe_media_XXXXXX").string();
    path_ = ::mkdtemp(pattern.data()) == nullptr ? std::filesystem::path() : std::filesystem::path(pattern);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

  /// Writes a file into the folder and returns its path.
  [[nodiscard]] std::filesystem::path write(const std::string& name, const std::string& content) const {
    const auto path = path_ / name;
    if (!write_file_atomically(path, content).ok()) throw std::runtime_error("cannot write " + path.string());
    return path;
  }

 private:
  std::filesystem::path path_;
};

inline std::string bytes_of(const std::filesystem::path& file) {
  auto content = read_file(file, std::uint64_t{64} << 20);
  if (!content.ok()) throw std::runtime_error(content.error().message);
  return *std::move(content);
}

/// Runs the ffmpeg program (a declared dependency) to make an odd file; "IN/" stands for the folder of test clips.
inline std::filesystem::path make_with_ffmpeg(const std::filesystem::path& target, std::string arguments) {
  const std::string folder = (std::filesystem::path(CINESCRIBE_TEST_DATA) / "media/").string();
  for (std::size_t at = arguments.find("IN/"); at != std::string::npos; at = arguments.find("IN/", at)) {
    arguments.replace(at, 3, folder);
    at += folder.size();
  }
  const std::string command = "ffmpeg -nostdin -v error -y " + arguments + " '" + target.string() + "'";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("this failed: " + command);
  return target;
}

/// What one run over a file gave.
struct Harvest {
  Status status;
  std::vector<VideoFrame> frames;
  std::vector<float> sound;  ///< From time 0, blocks joined; the blocks are checked to be contiguous.
  bool is_sound_contiguous = true;
  std::int64_t damaged = 0;
  Timestamp end;
};

inline Harvest harvest(DecodePass& pass, const FrameRequest* frames, bool wants_sound) {
  Harvest result;
  FrameSource* pictures = frames == nullptr ? nullptr : &pass.add_frames(*frames);
  AudioSource* sound = wants_sound ? &pass.add_audio() : nullptr;
  std::thread runner([&] { result.status = pass.run({}); });
  std::thread listener([&] {
    while (sound != nullptr) {
      const auto block = sound->pop();
      if (!block) break;
      if (block->first_sample != static_cast<std::int64_t>(result.sound.size())) result.is_sound_contiguous = false;
      result.sound.insert(result.sound.end(), block->view().begin(), block->view().end());
    }
  });
  while (pictures != nullptr) {
    auto frame = pictures->pop();
    if (!frame) break;
    result.frames.push_back(*std::move(frame));
  }
  listener.join();
  runner.join();
  result.damaged = pass.damaged_packets();
  result.end = pass.end_time();
  return result;
}

/// One run over a file with a consumer of frames (unless null) and one of sound (if wanted).
inline Harvest harvest_file(const std::filesystem::path& file, const FrameRequest* frames, bool wants_sound,
                            const DecodeOptions& options = {}) {
  auto pass = DecodePass::open(file, options);
  if (!pass.ok()) {
    Harvest failed;
    failed.status = pass.error();
    return failed;
  }
  return harvest(**pass, frames, wants_sound);
}

}  // namespace cinescribe::media::testing
