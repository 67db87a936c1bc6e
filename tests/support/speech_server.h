#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cinescribe::test {

struct SpeechRequest {
  int number = 0;  ///< Counts from 0 in the order of arrival.
  std::string head;
  std::string body;

  /// The text of a form's part, or "".
  [[nodiscard]] std::string part(std::string_view name) const {
    const std::size_t at = body.find("name=\"" + std::string(name) + "\"");
    if (at == std::string::npos) return {};
    const std::size_t begin = body.find("\r\n\r\n", at) + 4;
    const std::string boundary = "\r\n" + body.substr(0, body.find("\r\n"));
    return body.substr(begin, body.find(boundary, begin) - begin);
  }
};

struct SpeechReply {
  int status = 200;
  std::string headers = {};  ///< Additional ones, each ended by \r\n.
  std::string body = {};
  std::chrono::milliseconds delay{0};         ///< Before the answer; ends early when the server stops.
  std::size_t cut_after = std::string::npos;  ///< Closes the connection after so many bytes of the body.
  bool close_at_once = false;                 ///< Closes without any answer.
};

/// A transcription server on the loopback that answers as it is told, well or badly, several requests at once: unlike
/// StubServer it may dawdle with one while it answers another. One thread for each connection.
class SpeechServer {
 public:
  /// `answer` may be called by several threads at once.
  explicit SpeechServer(std::function<SpeechReply(const SpeechRequest&)> answer) : answer_(std::move(answer)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), length);
    ::listen(listener_, 64);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::jthread([this] { accept_all(); });
  }
  SpeechServer(const SpeechServer&) = delete;
  SpeechServer& operator=(const SpeechServer&) = delete;
  ~SpeechServer() {
    is_over_ = true;
    acceptor_.join();
    connections_.clear();
    ::close(listener_);
  }

  [[nodiscard]] std::string url(std::string_view path = "") const {
    return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
  }
  [[nodiscard]] int request_count() const { return requests_; }
  [[nodiscard]] int most_at_once() const { return most_at_once_; }

 private:
  bool wait_readable(int socket) const {
    while (!is_over_) {
      pollfd entry = {socket, POLLIN, 0};
      if (::poll(&entry, 1, 20) > 0) return true;
    }
    return false;
  }

  void accept_all() {
    while (wait_readable(listener_)) {
      const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket >= 0) connections_.emplace_back([this, socket] { serve(socket); });
    }
  }

  bool read_more(int socket, std::string& bytes) const {
    char buffer[65536];
    if (!wait_readable(socket)) return false;
    const ssize_t count = ::recv(socket, buffer, sizeof buffer, 0);
    if (count <= 0) return false;
    bytes.append(buffer, static_cast<std::size_t>(count));
    return true;
  }

  static void send_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }

  bool read_request(int socket, SpeechRequest& request) const {
    std::string bytes;
    while (bytes.find("\r\n\r\n") == std::string::npos) {
      if (!read_more(socket, bytes)) return false;
    }
    const std::size_t head_end = bytes.find("\r\n\r\n") + 4;
    request.head = bytes.substr(0, head_end);
    request.body = bytes.substr(head_end);
    if (request.head.find("100-continue") != std::string::npos) send_all(socket, "HTTP/1.1 100 Continue\r\n\r\n");
    const std::size_t field = request.head.find("Content-Length: ");
    const std::size_t length = field == std::string::npos ? 0 : std::stoul(request.head.substr(field + 16));
    while (request.body.size() < length) {
      if (!read_more(socket, request.body)) return false;
    }
    return true;
  }

  SpeechReply reply_to(SpeechRequest& request) {
    request.number = requests_++;
    const int now = ++at_once_;
    for (int most = most_at_once_; most < now && !most_at_once_.compare_exchange_weak(most, now);) {
    }
    SpeechReply reply = answer_(request);
    for (auto left = reply.delay; left.count() > 0 && !is_over_; left -= std::chrono::milliseconds(10)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    --at_once_;
    return reply;
  }

  void serve(int socket) {
    SpeechRequest request;
    if (read_request(socket, request)) {
      const SpeechReply reply = reply_to(request);
      if (!reply.close_at_once) {
        send_all(socket, "HTTP/1.1 " + std::to_string(reply.status) + " Stub\r\nConnection: close\r\n" + reply.headers +
                             "Content-Length: " + std::to_string(reply.body.size()) + "\r\n\r\n" +
                             reply.body.substr(0, reply.cut_after));
      }
    }
    ::shutdown(socket, SHUT_RDWR);
    ::close(socket);
  }

  std::function<SpeechReply(const SpeechRequest&)> answer_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> is_over_{false};
  std::atomic<int> requests_{0};
  std::atomic<int> at_once_{0};
  std::atomic<int> most_at_once_{0};
  std::vector<std::jthread> connections_;  // Touched by the acceptor only, until it has ended.
  std::jthread acceptor_;
};

}  // namespace cinescribe::test
