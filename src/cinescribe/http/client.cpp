#include "cinescribe/http/client.h"

#include <cstdio>
#include <utility>

#include "cinescribe/core/log.h"
#include "cinescribe/http/curl_handle.h"
#include "cinescribe/http/request_gate.h"
#include "cinescribe/http/retry.h"
#include "cinescribe/http/transfer.h"

namespace cinescribe::http {

namespace {

/// Collects the answer while it arrives.
struct Receiver {
  Response response;
  std::uint64_t max_bytes = 0;
  bool is_too_long = false;
};

std::size_t receive_body(char* data, std::size_t, std::size_t size, void* user) {
  auto& receiver = *static_cast<Receiver*>(user);
  if (size > receiver.max_bytes - receiver.response.body.size()) {
    receiver.is_too_long = true;
    return 0;
  }
  receiver.response.body.append(data, size);
  return size;
}

std::size_t receive_header(char* data, std::size_t, std::size_t size, void* user) {
  auto& headers = static_cast<Receiver*>(user)->response.headers;
  const std::string_view line(data, size);
  if (line.substr(0, 5) == "HTTP/") headers.clear();  // a redirect's headers are of no interest
  Header header = parse_header_line(line);
  if (!header.name.empty()) headers.push_back(std::move(header));
  return size;
}

Result<MimeHandle> make_form(CURL* easy, const std::vector<FormPart>& parts) {
  MimeHandle form(curl_mime_init(easy));
  bool is_good = form != nullptr;
  for (const FormPart& part : parts) {
    curl_mimepart* item = is_good ? curl_mime_addpart(form.get()) : nullptr;
    is_good = item != nullptr && curl_mime_name(item, part.name.c_str()) == CURLE_OK &&
              curl_mime_data(item, part.data.data(), part.data.size()) == CURLE_OK &&
              (part.file_name.empty() || curl_mime_filename(item, part.file_name.c_str()) == CURLE_OK) &&
              (part.content_type.empty() || curl_mime_type(item, part.content_type.c_str()) == CURLE_OK);
  }
  if (!is_good) return Error{ErrorCode::kResource, "cannot prepare the form of a request: out of memory"};
  return form;
}

Status set_method_and_body(CURL* easy, const Request& request, MimeHandle& form) {
  if (request.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  } else if (!request.form.empty()) {
    CINESCRIBE_ASSIGN(form, make_form(easy, request.form));
    curl_easy_setopt(easy, CURLOPT_MIMEPOST, form.get());
    if (request.method != "POST") curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  } else if (request.method != "GET") {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
    if (request.method != "POST") curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  return {};
}

void announce_wait(const Request& request, const Attempt& attempt, std::chrono::milliseconds wait) {
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, "%.1f s", static_cast<double>(wait.count()) / 1000.0);
  const std::string found =
      attempt.code == CURLE_OK ? "the server answered " + std::to_string(attempt.status) : attempt.words;
  log(LogLevel::kInfo, printable_url(request.url) + ": " + found + "; trying again in " + seconds);
}

}  // namespace

std::string_view Response::header(std::string_view name) const {
  for (const Header& entry : headers) {
    if (entry.name == name) return entry.value;
  }
  return {};
}

Result<Response> send(const Request& request, const std::stop_token& stop) {
  const std::string shown = printable_url(request.url);
  for (int tries = 1;; ++tries) {
    if (request.gate != nullptr && !request.gate->pass(stop)) {
      return Error{ErrorCode::kInterrupted, "stopped while waiting for " + shown};
    }
    CINESCRIBE_ASSIGN(PreparedTransfer transfer, prepare_transfer(request.url, request.headers, request.timeouts));
    CURL* easy = transfer.easy.get();
    if (!request.follows_redirects) curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    MimeHandle form;
    CINESCRIBE_TRY(set_method_and_body(easy, request, form));
    Receiver receiver;
    receiver.max_bytes = request.max_response_bytes;
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &receiver);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, receive_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &receiver);
    const Attempt attempt = perform(easy, stop);
    transfer.easy.reset();  // reads `form` until here
    if (attempt.was_stopped) return Error{ErrorCode::kInterrupted, "stopped while waiting for " + shown};
    if (receiver.is_too_long) {
      return Error{ErrorCode::kResource, "cannot use the answer of " + shown + ": it is longer than " +
                                             std::to_string(request.max_response_bytes) + " bytes"};
    }
    if (is_worth_retrying(attempt)) {
      if (const auto wait = wait_before_next(request.retry, tries, attempt.retry_after, random_part())) {
        announce_wait(request, attempt, *wait);
        if (request.gate != nullptr && (attempt.status == 429 || attempt.retry_after)) request.gate->hold(*wait);
        if (sleep_unless_stopped(*wait, stop)) continue;
        return Error{ErrorCode::kInterrupted, "stopped while waiting for " + shown};
      }
    }
    if (attempt.code != CURLE_OK) {
      return Error{ErrorCode::kResource, "cannot reach " + shown + ": " + attempt.words + " (tries: " +
                                             std::to_string(tries) + "); check the address, the network and the proxy"};
    }
    receiver.response.status = attempt.status;
    receiver.response.retry_after = attempt.retry_after;
    return std::move(receiver.response);
  }
}

}  // namespace cinescribe::http
