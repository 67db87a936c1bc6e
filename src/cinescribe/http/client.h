#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/core/status.h"

/// A small HTTP client: requests in memory here, files in download.h.
namespace cinescribe::http {

class RequestGate;

struct Header {
  std::string name;
  std::string value;
};

/// One part of a multipart/form-data body.
struct FormPart {
  std::string name;
  std::string data;          ///< Sent as it is; may hold zero bytes.
  std::string file_name;     ///< Empty: a plain field without a file name.
  std::string content_type;  ///< Empty: none is sent for fields, application/octet-stream for files.
};

/// When a request is tried again: after a failed connection, a stall, or the answers 408, 425, 429, 500, 502, 503, 504.
/// The wait before try n+1 is `first_wait` doubled n-1 times with a random part of up to a half taken off, or what the
/// server's Retry-After asks for, if that is longer.
struct RetryPolicy {
  int max_attempts = 4;                           ///< 1 = never again.
  std::chrono::milliseconds first_wait{500};      ///< Before the second try.
  std::chrono::milliseconds longest_wait{30000};  ///< Upper bound of the doubled wait.
  /// A server that asks for a longer pause than this is not tried again: its answer is returned at once.
  std::chrono::milliseconds longest_retry_after{120000};
};

/// Limits of time; 0 switches one off.
struct Timeouts {
  std::chrono::milliseconds connect{20000};  ///< Name look-up, connection and TLS handshake.
  /// Without any byte in either direction (whole seconds; rounded up). A server that computes for long before it
  /// answers (speech recognition) needs more.
  std::chrono::milliseconds stall{60000};
  std::chrono::milliseconds total{0};  ///< One try from start to end.
};

struct Request {
  std::string method = "GET";
  std::string url;                ///< http:// or https://.
  std::vector<Header> headers;    ///< Added to the client's own. `Authorization` is not sent on to another host.
  std::string body;               ///< Sent with every method but GET and HEAD, when `form` is empty.
  std::vector<FormPart> form;     ///< Not empty: sent as multipart/form-data instead of `body`.
  bool follows_redirects = true;  ///< False: the answer 3xx is returned as it is.
  Timeouts timeouts;
  RetryPolicy retry;
  RequestGate* gate =
      nullptr;  ///< Every try passes through it, and a pause asked for by the server holds it. Borrowed.
  std::uint64_t max_response_bytes = 64U << 20U;  ///< After decompression; a longer answer is an error.
};

struct Response {
  int status = 0;  ///< As the server gave it, e.g. 200, also 4xx and 5xx.
  std::string body;
  std::vector<Header> headers;                           ///< Of the last answer; names in lower case.
  std::optional<std::chrono::milliseconds> retry_after;  ///< What the server asked for, if it did.

  [[nodiscard]] bool is_success() const { return status >= 200 && status < 300; }
  /// Value of the first header of this (lower-case) name, or "".
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

/// Sends a request and waits for the whole answer, trying again as `request.retry` says. An answer with an error status
/// is a value (check `is_success()`); redirects are followed (never from https to http), proxies come from the
/// environment (`http_proxy`, `https_proxy`, `no_proxy`), certificates are checked against the system's.
/// Errors: kUsage (not an http or https address), kResource (no answer within all tries, or too long an answer),
/// kInterrupted (stop requested; within about 0.1 s, also while waiting for the next try). Messages name the address
/// without its user name, password and query. Thread-safe.
Result<Response> send(const Request& request, const std::stop_token& stop);

/// The address without user name, password, query and fragment, for messages.
std::string printable_url(std::string_view url);

/// Whether an http or https address names this very machine ("localhost", a name below it, 127.0.0.0/8, ::1). What is
/// sent there never goes through a proxy.
bool is_on_this_machine(std::string_view url);

/// `text` with everything but letters, digits and "-._~" as %XX.
std::string percent_encoded(std::string_view text);

}  // namespace cinescribe::http
