#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/http/client.h"
#include "cinescribe/http/curl_handle.h"

/// One try of one request; private to this room.
namespace cinescribe::http {

/// A handle with everything set that all requests share: address, headers, limits of time, redirects, certificates.
struct PreparedTransfer {
  HeaderList headers;  ///< Read by `easy` until it is destroyed, hence declared before it.
  EasyHandle easy;
};

/// Errors: kUsage (not an http or https address), kResource (out of memory).
Result<PreparedTransfer> prepare_transfer(const std::string& url, const std::vector<Header>& headers,
                                          const Timeouts& timeouts);

/// How one try ended.
struct Attempt {
  CURLcode code = CURLE_OK;
  int status = 0;  ///< HTTP status; 0 when none came.
  std::optional<std::chrono::milliseconds> retry_after;
  std::string words;  ///< What libcurl said, empty on success.
  bool was_stopped = false;
};

/// Runs a prepared handle until it is done or a stop is requested.
Attempt perform(CURL* easy, const std::stop_token& stop);

/// Whether an attempt that ended like this is worth another one.
bool is_worth_retrying(const Attempt& attempt);

/// "name: value\r\n" as libcurl hands it over, as a lower-case name and a trimmed value; an empty name for anything
/// else (the status line).
Header parse_header_line(std::string_view line);

}  // namespace cinescribe::http
