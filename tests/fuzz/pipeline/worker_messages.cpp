// What a captioner's process sends, and what it is sent: any bytes give messages or break the wire, and what was
// understood of a worker is written back so that it is understood as the same.
#include "cinescribe/pipeline/worker_messages.h"

#include <array>
#include <chrono>
#include <cstdlib>
#include <string>

#include <sys/socket.h>
#include <unistd.h>

#include "cinescribe/pipeline/wire.h"

namespace {

using namespace cinescribe::pipeline;

void read(const WireMessage& message) {
  (void)parse_worker_task(message);
  const auto words = parse_worker_words(message.text);
  if (!words.ok()) return;
  const std::string written = worker_says(*words);
  const auto again = parse_worker_words(written);
  if (!again.ok() || worker_says(*again) != written) std::abort();
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kFitsIntoASocket = 64 << 10;
  if (size > kFitsIntoASocket) return 0;
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) return 0;
  WireLimits limits;
  limits.bytes = kFitsIntoASocket;
  Wire wire(pair[0], limits);
  const bool is_sent = ::send(pair[1], data, size, 0) == static_cast<ssize_t>(size);
  ::close(pair[1]);
  WireMessage message;
  while (is_sent && wire.receive(message, std::chrono::milliseconds(0)) == Wire::State::kMessage) read(message);
  read({std::string(reinterpret_cast<const char*>(data), size), {}});
  return 0;
}
