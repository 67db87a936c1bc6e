#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/core/status.h"

namespace cinescribe::pipeline {

/// One message between two processes: a line of JSON, and bytes that belong to it.
struct WireMessage {
  std::string text;  ///< One JSON object without its end of line.
  std::vector<std::uint8_t> bytes;
};

/// What an end takes from the other; more is refused before it is stored.
struct WireLimits {
  std::size_t text_bytes = std::size_t{64} << 20;
  std::uint64_t bytes = 0;  ///< Beside the text.
};

/// One end of a stream between two processes, and its owner. A message is
///
///     <length of the text> <number of bytes>\n<text>\n<bytes>
///
/// with both numbers in decimal. What is no such message, or larger than the limits, breaks the stream; nothing is
/// allocated before its size was checked. One thread receives; any thread may send.
class Wire {
 public:
  enum class State {
    kMessage,
    kNothing,  ///< Not within the time given.
    kClosed,   ///< The other end is gone, between two messages or within one.
    kBroken,   ///< It sent what is no message; `problem()` tells.
  };

  /// Takes over a connected socket.
  Wire(int fd, const WireLimits& limits);
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;
  ~Wire();

  /// Waits for the next message, for ever without a `timeout`.
  State receive(WireMessage& message, std::chrono::milliseconds timeout = std::chrono::milliseconds(-1));
  [[nodiscard]] const std::string& problem() const { return problem_; }

  /// Sends a message. While the other end takes nothing, `is_to_wait` is asked every 200 ms whether to go on; without
  /// it waits for ever. A message that was given up half-way leaves the stream of no use. Errors: kResource (the other
  /// end is gone, or takes nothing).
  Status send(std::string_view text, std::span<const std::span<const std::uint8_t>> parts = {},
              const std::function<bool()>& is_to_wait = {});

 private:
  bool fill(std::chrono::milliseconds timeout);
  bool parse_head();
  State broken(std::string problem);
  Status send_all(std::span<const std::uint8_t> bytes, const std::function<bool()>& is_to_wait);

  const int fd_;
  const WireLimits limits_;
  std::mutex sending_;
  std::string head_;  ///< Of the message that is being received, up to its line's end.
  bool has_head_ = false;
  std::size_t text_bytes_ = 0;
  std::uint64_t bytes_ = 0;
  WireMessage coming_;
  std::vector<std::uint8_t> buffer_;
  std::size_t buffer_at_ = 0;
  bool is_closed_ = false;
  std::string problem_;
};

}  // namespace cinescribe::pipeline
