#include "support/stub_server.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cinescribe::test {

namespace {

bool receive_more(int connection, std::string& bytes) {
  std::array<char, 4096> block{};
  const ssize_t count = ::recv(connection, block.data(), block.size(), 0);
  if (count <= 0) return false;
  bytes.append(block.data(), static_cast<std::size_t>(count));
  return true;
}

bool send_all(int connection, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

std::string in_lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

StubRequest parse_head(std::string_view head) {
  StubRequest request;
  const std::string_view line = head.substr(0, head.find("\r\n"));
  const std::size_t first = line.find(' ');
  const std::size_t second = line.rfind(' ');
  request.method = std::string(line.substr(0, first));
  request.path = std::string(line.substr(first + 1, second - first - 1));
  std::size_t at = line.size() + 2;
  while (at < head.size()) {
    const std::size_t end = std::min(head.find("\r\n", at), head.size());
    const std::string_view entry = head.substr(at, end - at);
    at = end + 2;
    const std::size_t colon = entry.find(':');
    if (colon == std::string_view::npos) continue;
    const std::size_t value = entry.find_first_not_of(' ', colon + 1);
    request.headers[in_lower_case(std::string(entry.substr(0, colon)))] =
        value == std::string_view::npos ? "" : std::string(entry.substr(value));
  }
  return request;
}

bool is_chunked(const StubRequest& request) {
  const auto found = request.headers.find("transfer-encoding");
  return found != request.headers.end() && found->second == "chunked";
}

/// Reads one request; nothing when the client went away first.
std::optional<StubRequest> receive_request(int connection) {
  std::string bytes;
  std::size_t end = std::string::npos;
  while ((end = bytes.find("\r\n\r\n")) == std::string::npos) {
    if (!receive_more(connection, bytes)) return std::nullopt;
  }
  StubRequest request = parse_head(std::string_view(bytes).substr(0, end));
  if (request.headers.count("expect") > 0 && !send_all(connection, "HTTP/1.1 100 Continue\r\n\r\n"))
    return std::nullopt;
  bytes.erase(0, end + 4);
  const auto length = request.headers.find("content-length");
  const std::size_t wanted = length == request.headers.end() ? 0 : std::stoul(length->second);
  while (is_chunked(request) ? bytes.find("0\r\n\r\n") == std::string::npos : bytes.size() < wanted) {
    if (!receive_more(connection, bytes)) return std::nullopt;
  }
  request.body = std::move(bytes);
  return request;
}

void send_answer(int connection, const StubAnswer& answer) {
  std::string head = "HTTP/1.1 " + std::to_string(answer.status) +
                     " Stub\r\nConnection: close\r\nContent-Length: " + std::to_string(answer.body.size()) + "\r\n";
  for (const auto& [name, value] : answer.headers) head += name + ": " + value + "\r\n";
  std::string_view body = answer.body;
  if (answer.break_after >= 0) body = body.substr(0, static_cast<std::size_t>(answer.break_after));
  if (send_all(connection, head + "\r\n")) send_all(connection, body);
}

}  // namespace

StubServer::StubServer(Answer answer) : answer_(std::move(answer)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (listener_ < 0 || ::bind(listener_, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
      ::listen(listener_, 16) != 0 || ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    throw std::runtime_error("cannot start the stub server on 127.0.0.1");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

StubServer::~StubServer() {
  {
    const std::lock_guard lock(mutex_);
    is_closing_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    for (const int connection : connections_) ::shutdown(connection, SHUT_RDWR);
  }
  acceptor_.join();
  for (std::thread& worker : workers_) worker.join();
  for (const int connection : connections_) ::close(connection);
  ::close(listener_);
}

std::vector<StubRequest> StubServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void StubServer::accept_all() {
  while (true) {
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const std::lock_guard lock(mutex_);
    if (connection < 0 || is_closing_) {
      if (connection >= 0) ::close(connection);
      return;
    }
    connections_.push_back(connection);
    workers_.emplace_back([this, connection] { serve(connection); });
  }
}

void StubServer::serve(int connection) {
  auto request = receive_request(connection);
  if (request) {
    StubAnswer answer;
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(*request);
      answer = answer_(*request, static_cast<int>(requests_.size()) - 1);
    }
    if (answer.is_silent) {
      std::string rest;
      while (receive_more(connection, rest)) rest.clear();
    } else {
      send_answer(connection, answer);
    }
  }
  ::shutdown(connection, SHUT_RDWR);
}

}  // namespace cinescribe::test
