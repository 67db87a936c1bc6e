#include "cinescribe/http/download.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "cinescribe/core/log.h"
#include "cinescribe/http/part_file.h"
#include "cinescribe/http/rate_meter.h"
#include "cinescribe/http/retry.h"
#include "cinescribe/http/transfer.h"

namespace cinescribe::http {

namespace {

constexpr std::chrono::milliseconds kProgressInterval{100};
constexpr std::size_t kLongestExcerpt = 200;

struct ContentRange {
  std::optional<std::uint64_t> first;
  std::optional<std::uint64_t> total;
};

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Reads "bytes 100-199/200", "bytes 100-199/*" and "bytes */200".
ContentRange parse_content_range(std::string_view text) {
  ContentRange range;
  constexpr std::string_view kUnit = "bytes ";
  const std::size_t slash = text.find('/');
  if (text.substr(0, kUnit.size()) != kUnit || slash == std::string_view::npos) return range;
  range.total = parse_number(text.substr(slash + 1));
  const std::string_view span = text.substr(kUnit.size(), slash - kUnit.size());
  range.first = parse_number(span.substr(0, span.find('-')));
  return range;
}

/// One running download: decides, from the answer's head, whether its body continues the part file.
class Receiver {
 public:
  Receiver(const Download& what, PartFile& file, RateMeter& meter) : what_(what), file_(file), meter_(meter) {}

  void start_try(CURL* easy, std::uint64_t asked_from) {
    easy_ = easy;
    asked_from_ = asked_from;
    is_body_wanted_ = is_begun_ = is_mismatch_ = false;
    status_code_ = 0;
    etag_.clear();
    range_ = {};
    length_.reset();
    excerpt_.clear();
  }

  void take_header(std::string_view line) {
    if (line.substr(0, 5) == "HTTP/") {
      etag_.clear();
      range_ = {};
      length_.reset();
    }
    const Header header = parse_header_line(line);
    if (header.name == "etag" && header.value.substr(0, 2) != "W/") etag_ = header.value;
    if (header.name == "content-range") range_ = parse_content_range(header.value);
    if (header.name == "content-length") length_ = parse_number(header.value);
  }

  /// False ends the transfer.
  bool take_body(std::string_view bytes) {
    if (!is_begun_ && !begin_body()) return false;
    if (!is_body_wanted_) {
      excerpt_.append(bytes.substr(0, kLongestExcerpt - std::min(kLongestExcerpt, excerpt_.size())));
      return true;
    }
    const std::uint64_t limit = what_.expected_size.value_or(what_.max_bytes);
    if (limit > 0 && bytes.size() > limit - std::min(limit, file_.size())) {
      status_ =
          Error{ErrorCode::kResource, "cannot download " + printable_url(what_.url) +
                                          ": the file is longer than the expected " + std::to_string(limit) + " bytes"};
      return false;
    }
    status_ = file_.append(bytes);
    report(false);
    return status_.ok();
  }

  /// Looks at the head of the answer once; needed for answers without a body, too.
  bool begin_body() {
    is_begun_ = true;
    long code = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &code);
    status_code_ = static_cast<int>(code);
    if (status_code_ == 206 && asked_from_ > 0) {
      is_mismatch_ = range_.first != asked_from_ || (!etag_.empty() && !file_.etag().empty() && etag_ != file_.etag());
      is_body_wanted_ = !is_mismatch_;
      total_ = range_.total.value_or(0);
    } else if (status_code_ == 200) {
      is_body_wanted_ = true;
      total_ = length_.value_or(0);
      status_ = file_.restart(etag_);
    }
    return status_.ok() && !is_mismatch_;
  }

  void report(bool is_last) {
    const auto now = RateMeter::Clock::now();
    if (!is_last && now - last_report_ < kProgressInterval) return;
    last_report_ = now;
    meter_.add(file_.size(), now);
    if (what_.on_progress) what_.on_progress({file_.size(), total_, meter_.bytes_per_second()});
  }

  [[nodiscard]] bool is_begun() const { return is_begun_; }
  [[nodiscard]] bool is_mismatch() const { return is_mismatch_; }
  [[nodiscard]] const Status& status() const { return status_; }
  [[nodiscard]] const ContentRange& range() const { return range_; }

 private:
  const Download& what_;
  PartFile& file_;
  RateMeter& meter_;
  CURL* easy_ = nullptr;
  std::uint64_t asked_from_ = 0;
  bool is_begun_ = false;
  bool is_body_wanted_ = false;
  bool is_mismatch_ = false;
  int status_code_ = 0;
  std::string etag_;
  ContentRange range_;
  std::optional<std::uint64_t> length_;
  std::uint64_t total_ = 0;
  std::string excerpt_;
  Status status_;
  RateMeter::Clock::time_point last_report_{};
};

std::size_t receive_body(char* data, std::size_t, std::size_t size, void* user) {
  return static_cast<Receiver*>(user)->take_body({data, size}) ? size : 0;
}

std::size_t receive_header(char* data, std::size_t, std::size_t size, void* user) {
  static_cast<Receiver*>(user)->take_header({data, size});
  return size;
}

std::string advice_for(int status) {
  switch (status) {
    case 401:
    case 403:
      return "; the server wants an account or a token for this file";
    case 404:
    case 410:
      return "; the file is not there any more: use another source";
    case 407:
      return "; the proxy wants a user name and password (set https_proxy)";
    default:
      return "; try again later";
  }
}

Error refused(const Download& what, const Attempt& attempt, int tries) {
  const std::string shown = printable_url(what.url);
  if (attempt.code != CURLE_OK) {
    return {ErrorCode::kResource, "cannot download " + shown + ": " + attempt.words + " (tries: " +
                                      std::to_string(tries) + "); check the address, the network and the proxy"};
  }
  return {ErrorCode::kResource, "cannot download " + shown + ": the server answered " + std::to_string(attempt.status) +
                                    advice_for(attempt.status)};
}

/// Whether what is on disk may be continued, and from where.
std::uint64_t resume_offset(const Download& what, const PartFile& file) {
  if (file.etag().empty() && !what.may_resume_unvalidated) return 0;
  if (what.expected_size && file.size() > *what.expected_size) return 0;
  return file.size();
}

Result<Attempt> try_once(const Download& what, PartFile& file, Receiver& receiver, const std::stop_token& stop) {
  const std::uint64_t offset = resume_offset(what, file);
  std::vector<Header> headers = what.headers;
  if (offset > 0) {
    headers.push_back({"Range", "bytes=" + std::to_string(offset) + "-"});
    if (!file.etag().empty()) headers.push_back({"If-Range", file.etag()});
  }
  CINESCRIBE_ASSIGN(PreparedTransfer transfer, prepare_transfer(what.url, headers, what.timeouts));
  CURL* easy = transfer.easy.get();
  receiver.start_try(easy, offset);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &receiver);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, receive_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &receiver);
  const Attempt attempt = perform(easy, stop);
  if (attempt.code == CURLE_OK && !receiver.is_begun()) receiver.begin_body();
  return attempt;
}

Result<std::uint64_t> finish(const Download& what, PartFile& file, Receiver& receiver) {
  if (what.expected_size && file.size() != *what.expected_size) {
    return Error{ErrorCode::kResource, "cannot download " + printable_url(what.url) + ": " +
                                           std::to_string(file.size()) + " bytes came, expected are " +
                                           std::to_string(*what.expected_size)};
  }
  CINESCRIBE_TRY(file.finish());
  receiver.report(true);
  return file.size();
}

}  // namespace

Result<std::uint64_t> download(const Download& what, const std::stop_token& stop) {
  CINESCRIBE_ASSIGN(PartFile file, PartFile::open(what.part_file));
  RateMeter meter;
  Receiver receiver(what, file, meter);
  const bool is_whole = what.expected_size && what.may_resume_unvalidated && file.size() == *what.expected_size;
  if (is_whole) return finish(what, file, receiver);
  std::uint64_t farthest = file.size();
  int restarts = 0;
  for (int tries = 1;; ++tries) {
    CINESCRIBE_ASSIGN(const Attempt attempt, try_once(what, file, receiver, stop));
    if (attempt.was_stopped) {
      return Error{ErrorCode::kInterrupted, "stopped while downloading " + printable_url(what.url) + " (" +
                                                std::to_string(file.size()) + " bytes are kept)"};
    }
    CINESCRIBE_TRY(receiver.status());
    const bool is_answered = attempt.code == CURLE_OK;
    if (is_answered && !receiver.is_mismatch() && (attempt.status == 200 || attempt.status == 206)) {
      return finish(what, file, receiver);
    }
    if (receiver.is_mismatch() || (is_answered && attempt.status == 416)) {
      if (!receiver.is_mismatch() && receiver.range().total == file.size() && file.size() > 0) {
        return finish(what, file, receiver);
      }
      if (++restarts > 1) return refused(what, attempt, tries);
      CINESCRIBE_TRY(file.restart(""));
      continue;
    }
    // A connection that brought something new may break as often as it likes.
    if (file.size() > farthest) tries = 1;
    farthest = std::max(farthest, file.size());
    const auto wait = is_worth_retrying(attempt)
                          ? wait_before_next(what.retry, tries, attempt.retry_after, random_part())
                          : std::nullopt;
    if (!wait) return refused(what, attempt, tries);
    const std::string cause = is_answered ? "the server answered " + std::to_string(attempt.status) : attempt.words;
    log(LogLevel::kInfo, "download of " + printable_url(what.url) + ": " + cause + "; trying again");
    if (!sleep_unless_stopped(*wait, stop)) {
      return Error{ErrorCode::kInterrupted, "stopped while downloading " + printable_url(what.url)};
    }
  }
}

}  // namespace cinescribe::http
