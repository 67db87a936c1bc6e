#include "cinescribe/http/transfer.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>

namespace cinescribe::http {

namespace {

constexpr int kPollMs = 1000;
constexpr long kLongestRedirectChain = 10;

bool initialise_once() {
  static const bool is_ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return is_ready;
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), text.begin(), [](char a, char b) {
           return a == static_cast<char>(std::tolower(static_cast<unsigned char>(b)));
         });
}

/// libcurl itself does not look at these, though the programs around us (curl, pip, Python) do.
const char* certificate_bundle_from_environment() {
  for (const char* name : {"CURL_CA_BUNDLE", "SSL_CERT_FILE"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return nullptr;
}

void set_limits_of_time(CURL* easy, const Timeouts& timeouts) {
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   timeouts.connect.count() > 0 ? static_cast<long>(timeouts.connect.count()) : 300'000L);
  if (timeouts.stall.count() > 0) {
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>((timeouts.stall.count() + 999) / 1000));
  }
  if (timeouts.total.count() > 0) {
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(timeouts.total.count()));
  }
}

Result<HeaderList> make_header_list(const std::vector<Header>& headers) {
  // No "Expect: 100-continue": many servers never answer it, and every upload would wait for that a second.
  HeaderList list(curl_slist_append(nullptr, "Expect:"));
  if (list == nullptr) return Error{ErrorCode::kResource, "out of memory while preparing a request"};
  for (const Header& header : headers) {
    if ((header.name + header.value).find_first_of("\r\n") != std::string::npos) {
      return Error{ErrorCode::kUsage, "cannot send the header '" + header.name.substr(0, 40) +
                                          "': it holds a line break; check the key or token it is made of"};
    }
    // "Name;" is libcurl's spelling of a header without a value.
    const std::string line = header.value.empty() ? header.name + ";" : header.name + ": " + header.value;
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) return Error{ErrorCode::kResource, "out of memory while preparing a request"};
    static_cast<void>(list.release());  // `longer` owns the old list
    list.reset(longer);
  }
  return list;
}

}  // namespace

Result<PreparedTransfer> prepare_transfer(const std::string& url, const std::vector<Header>& headers,
                                          const Timeouts& timeouts) {
  const bool is_https = starts_with_ignoring_case(url, "https://");
  if (!is_https && !starts_with_ignoring_case(url, "http://")) {
    return Error{ErrorCode::kUsage,
                 "cannot use the address '" + printable_url(url) + "': it must begin with http:// or https://"};
  }
  PreparedTransfer transfer;
  CINESCRIBE_ASSIGN(transfer.headers, make_header_list(headers));
  if (initialise_once()) transfer.easy.reset(curl_easy_init());
  CURL* easy = transfer.easy.get();
  if (easy == nullptr) return Error{ErrorCode::kResource, "cannot start the HTTP client: out of memory"};
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers.get());
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "cinescribe");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, is_https ? "https" : "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
  if (is_on_this_machine(url)) curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(easy, CURLOPT_MAXREDIRS, kLongestRedirectChain);
  if (const char* bundle = certificate_bundle_from_environment(); bundle != nullptr) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, bundle);
  }
  set_limits_of_time(easy, timeouts);
  return transfer;
}

Attempt perform(CURL* easy, const std::stop_token& stop) {
  Attempt attempt;
  std::array<char, CURL_ERROR_SIZE> words{};
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, words.data());
  const MultiHandle multi(curl_multi_init());
  if (multi == nullptr || curl_multi_add_handle(multi.get(), easy) != CURLM_OK) {
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, nullptr);
    attempt.code = CURLE_OUT_OF_MEMORY;
    attempt.words = "out of memory";
    return attempt;
  }
  {
    const std::stop_callback wake(stop, [&multi] { curl_multi_wakeup(multi.get()); });
    int running = 1;
    while (running > 0 && !stop.stop_requested()) {
      if (curl_multi_perform(multi.get(), &running) != CURLM_OK) break;
      if (running > 0) curl_multi_poll(multi.get(), nullptr, 0, kPollMs, nullptr);
    }
    attempt.was_stopped = running > 0 && stop.stop_requested();
    attempt.code = running > 0 ? CURLE_ABORTED_BY_CALLBACK : CURLE_OK;
  }
  int waiting = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi.get(), &waiting)) {
    if (message->msg == CURLMSG_DONE) attempt.code = message->data.result;
  }
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  attempt.status = static_cast<int>(status);
  curl_off_t seconds = 0;
  curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
  constexpr curl_off_t kADay = 86'400;
  if (seconds > 0) attempt.retry_after = std::chrono::seconds(std::min(seconds, kADay));
  curl_multi_remove_handle(multi.get(), easy);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, nullptr);
  if (attempt.code != CURLE_OK) {
    attempt.words = words.front() != '\0' ? words.data() : curl_easy_strerror(attempt.code);
  }
  return attempt;
}

bool is_worth_retrying(const Attempt& attempt) {
  switch (attempt.code) {
    case CURLE_OK:
      switch (attempt.status) {
        case 408:
        case 425:
        case 429:
        case 500:
        case 502:
        case 503:
        case 504:
          return true;
        default:
          return false;
      }
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return true;
    default:
      return false;
  }
}

Header parse_header_line(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || line.substr(0, 5) == "HTTP/") return {};
  Header header;
  for (const char c : line.substr(0, colon)) {
    header.name.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  }
  std::string_view value = line.substr(colon + 1);
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t first = value.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return header;
  value = value.substr(first, value.find_last_not_of(kBlank) - first + 1);
  header.value = std::string(value);
  return header;
}

}  // namespace cinescribe::http
