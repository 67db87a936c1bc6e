#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace cinescribe::test {

/// A request as the stub server saw it.
struct StubRequest {
  std::string method;
  std::string path;                            ///< With the query.
  std::map<std::string, std::string> headers;  ///< Names in lower case.
  std::string body;
};

/// What the stub server answers.
struct StubAnswer {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  /// Close the connection after this many bytes of the body (its announced length stays); -1 = send all.
  std::int64_t break_after = -1;
  /// Send nothing, and keep the connection open until the client or the server goes.
  bool is_silent = false;
};

/// An HTTP server on 127.0.0.1 for tests: one thread per connection, one request per connection.
class StubServer {
 public:
  /// `answer` is called from several threads, one call at a time; `count` counts the requests from 0.
  using Answer = std::function<StubAnswer(const StubRequest& request, int count)>;

  explicit StubServer(Answer answer);
  ~StubServer();
  StubServer(const StubServer&) = delete;
  StubServer& operator=(const StubServer&) = delete;

  /// "http://127.0.0.1:PORT".
  [[nodiscard]] std::string address() const { return "http://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] int port() const { return port_; }
  /// The requests so far.
  [[nodiscard]] std::vector<StubRequest> requests() const;

 private:
  void accept_all();
  void serve(int connection);

  Answer answer_;
  int listener_ = -1;
  int port_ = 0;
  mutable std::mutex mutex_;
  bool is_closing_ = false;
  std::vector<StubRequest> requests_;
  std::vector<int> connections_;
  std::vector<std::thread> workers_;
  std::thread acceptor_;
};

}  // namespace cinescribe::test
