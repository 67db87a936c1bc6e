#pragma once

// Private to the room.

#include <filesystem>

#include "cinescribe/core/status.h"
#include "cinescribe/media/av.h"
#include "cinescribe/media/media_info.h"

namespace cinescribe::media {

/// An opened container. Not thread-safe.
struct Input {
  IoHandle io;  ///< Declared before `format`, which reads through it.
  FormatHandle format;
  MediaInfo info;
  std::filesystem::path path;

  [[nodiscard]] AVStream& stream(int index) const { return *format->streams[static_cast<unsigned>(index)]; }
  /// Drops the packets of every stream from now on; `want` takes one back in.
  void ignore_all() const;
  void want(int stream_index) const { stream(stream_index).discard = AVDISCARD_DEFAULT; }
};

/// Opens and describes a local file. Nothing else is ever opened through it (playlists and network addresses inside a
/// file are refused). Errors: as `probe`.
Result<Input> open_input(const std::filesystem::path& file);

/// What happened when a packet was asked for.
enum class ReadOutcome { kPacket, kEnd, kDamaged };

/// Reads the next packet. Damaged places are passed over; a reader that meets only damage ends.
class PacketReader {
 public:
  /// The container has to outlive the reader.
  explicit PacketReader(const Input& input) : format_(input.format.get()) {}
  ReadOutcome read(AVPacket& packet);

 private:
  AVFormatContext* format_;
  int failures_in_a_row_ = 0;
};

}  // namespace cinescribe::media
