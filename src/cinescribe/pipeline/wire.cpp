#include "cinescribe/pipeline/wire.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cinescribe::pipeline {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// Two numbers of 20 digits at most and what separates them.
constexpr std::size_t kLongestHead = 48;
constexpr std::size_t kBlock = std::size_t{256} << 10;
constexpr milliseconds kPatience(200);

/// Waits until the socket can be read or written; false after the time. A negative time waits for ever.
bool wait_for(int fd, short events, milliseconds timeout) {
  pollfd polled{fd, events, 0};
  int ready = 0;
  do {
    ready = ::poll(&polled, 1, static_cast<int>(timeout.count()));
  } while (ready < 0 && errno == EINTR && timeout.count() < 0);
  return ready > 0;
}

bool parse_number(std::string_view text, std::uint64_t& value) {
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  return code == std::errc() && end == text.data() + text.size() && !text.empty();
}

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

Wire::Wire(int fd, const WireLimits& limits) : fd_(fd), limits_(limits) {
  ::fcntl(fd_, F_SETFL, ::fcntl(fd_, F_GETFL) | O_NONBLOCK);
}

Wire::~Wire() { ::close(fd_); }

Wire::State Wire::broken(std::string problem) {
  if (problem_.empty()) problem_ = std::move(problem);
  return State::kBroken;
}

/// Brings new bytes into the buffer, which is empty; false when there are none in time, or never will be.
bool Wire::fill(milliseconds timeout) {
  const auto until = Clock::now() + timeout;
  while (!is_closed_) {
    buffer_.resize(kBlock);
    buffer_at_ = 0;
    const ssize_t count = ::recv(fd_, buffer_.data(), buffer_.size(), 0);
    buffer_.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    if (count > 0) return true;
    if (count < 0 && errno == EINTR) continue;
    if (count == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) {
      is_closed_ = true;
      return false;
    }
    const auto left = timeout.count() < 0
                          ? timeout
                          : std::max(milliseconds(0), std::chrono::duration_cast<milliseconds>(until - Clock::now()));
    if (!wait_for(fd_, POLLIN, left) && timeout.count() >= 0 && Clock::now() >= until) return false;
  }
  return false;
}

bool Wire::parse_head() {
  const std::size_t space = head_.find(' ');
  std::uint64_t text_bytes = 0;
  if (space == std::string::npos || !parse_number(std::string_view(head_).substr(0, space), text_bytes) ||
      !parse_number(std::string_view(head_).substr(space + 1), bytes_)) {
    broken("it sent something that is no message");
    return false;
  }
  if (text_bytes > limits_.text_bytes || bytes_ > limits_.bytes) {
    broken("it announced a message of " + std::to_string(text_bytes) + " and " + std::to_string(bytes_) +
           " bytes, more than is ever needed");
    return false;
  }
  text_bytes_ = static_cast<std::size_t>(text_bytes) + 1;  // the end of its line
  return true;
}

Wire::State Wire::receive(WireMessage& message, milliseconds timeout) {
  if (!problem_.empty()) return State::kBroken;
  while (true) {
    if (buffer_at_ == buffer_.size() && !fill(timeout)) return is_closed_ ? State::kClosed : State::kNothing;
    const auto rest = std::span(buffer_).subspan(buffer_at_);
    if (!has_head_) {
      const auto end = std::find(rest.begin(), rest.end(), std::uint8_t{'\n'});
      head_.append(rest.begin(), end);
      buffer_at_ += static_cast<std::size_t>(end - rest.begin());
      if (head_.size() > kLongestHead) return broken("it sent something that is no message");
      if (end == rest.end()) continue;
      ++buffer_at_;
      if (!parse_head()) return State::kBroken;
      has_head_ = true;
    } else if (coming_.text.size() < text_bytes_) {
      const std::size_t count = std::min(rest.size(), text_bytes_ - coming_.text.size());
      coming_.text.append(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(count));
      buffer_at_ += count;
    } else {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(rest.size(), bytes_ - coming_.bytes.size()));
      coming_.bytes.insert(coming_.bytes.end(), rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(count));
      buffer_at_ += count;
    }
    if (!has_head_ || coming_.text.size() < text_bytes_ || coming_.bytes.size() < bytes_) continue;
    if (coming_.text.back() != '\n') return broken("a message has another length than it says");
    coming_.text.pop_back();
    message = std::exchange(coming_, {});
    head_.clear();
    has_head_ = false;
    return State::kMessage;
  }
}

Status Wire::send_all(std::span<const std::uint8_t> bytes, const std::function<bool()>& is_to_wait) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(count));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) {
      return Error{ErrorCode::kResource, "the other process is gone: " + std::generic_category().message(errno)};
    }
    if (!wait_for(fd_, POLLOUT, kPatience) && is_to_wait && !is_to_wait()) {
      return Error{ErrorCode::kResource, "the other process takes nothing"};
    }
  }
  return {};
}

Status Wire::send(std::string_view text, std::span<const std::span<const std::uint8_t>> parts,
                  const std::function<bool()>& is_to_wait) {
  std::uint64_t bytes = 0;
  for (const auto& part : parts) bytes += part.size();
  std::string line = std::to_string(text.size()) + " " + std::to_string(bytes) + "\n";
  line.append(text).push_back('\n');
  const std::lock_guard lock(sending_);
  CINESCRIBE_TRY(send_all(bytes_of(line), is_to_wait));
  for (const auto& part : parts) CINESCRIBE_TRY(send_all(part, is_to_wait));
  return {};
}

}  // namespace cinescribe::pipeline
