#include "cinescribe/http/api_server.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include <nlohmann/json.hpp>

#include "cinescribe/core/log.h"

namespace cinescribe::http {

namespace {

using nlohmann::json;

std::string trimmed_variable(const char* name) {
  const char* value = std::getenv(name);
  std::string text = value == nullptr ? "" : value;
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

Status check_key(const ApiServer& server) {
  const bool is_good = std::all_of(server.key.begin(), server.key.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (is_good) return {};
  return Error{ErrorCode::kUsage,
               "the key for the " + server.noun +
                   " holds spaces or characters that no key has; set CINESCRIBE_OPENAI_API_KEY anew"};
}

/// A key that travels in the clear can be read on the way.
void warn_of_open_key(const ApiServer& server) {
  const std::string_view url = server.base_url;
  if (server.key.empty() || !url.starts_with("http://") || is_on_this_machine(url)) return;
  log(LogLevel::kWarning, printable_url(url) + ": the key is sent without encryption; use an https address");
}

std::string text_in(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// "1h2m3.5s" or "20ms"; nothing for anything else.
std::optional<std::chrono::milliseconds> parse_reset_time(std::string_view text) {
  if (text.empty() || text.size() > 32) return std::nullopt;
  double total_ms = 0.0;
  while (!text.empty()) {
    double value = 0.0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    if (error != std::errc() || !(value >= 0.0)) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    double unit_ms = 1000.0;
    if (text.starts_with("ms")) {
      unit_ms = 1.0;
      text.remove_prefix(2);
    } else if (text.starts_with("s") || text.starts_with("m") || text.starts_with("h")) {
      unit_ms = text.front() == 's' ? 1e3 : text.front() == 'm' ? 6e4 : 3.6e6;
      text.remove_prefix(1);
    } else if (!text.empty()) {
      return std::nullopt;
    }
    total_ms += value * unit_ms;
  }
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::min(total_ms, 8.64e7)) + 1);
}

}  // namespace

std::string api_key_from_environment() {
  const std::string own = trimmed_variable("CINESCRIBE_OPENAI_API_KEY");
  return own.empty() ? trimmed_variable("OPENAI_API_KEY") : own;
}

Result<Request> make_api_request(const ApiServer& server, std::string_view path) {
  std::string base = server.base_url;
  while (!base.empty() && base.back() == '/') base.pop_back();
  if (!base.starts_with("http://") && !base.starts_with("https://")) {
    return Error{ErrorCode::kUsage, "'" + printable_url(server.base_url) + "' is no address of a " + server.noun +
                                        "; write e.g. http://127.0.0.1:8000/v1"};
  }
  CINESCRIBE_TRY(check_key(server));
  warn_of_open_key(server);
  Request request;
  request.method = "POST";
  request.url = base + std::string(path);
  request.follows_redirects = !is_on_this_machine(request.url);  // what is meant for this machine stays on it
  if (!server.key.empty()) request.headers.push_back({"Authorization", "Bearer " + server.key});
  return request;
}

std::string one_line(std::string_view text) {
  constexpr std::size_t kLongest = 300;
  std::string line;
  for (const char c : text) {
    const bool is_control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    if (is_control && (line.empty() || line.back() == ' ')) continue;
    line.push_back(is_control ? ' ' : c);
    if (line.size() < kLongest) continue;
    while (!line.empty() && (static_cast<unsigned char>(line.back()) & 0xc0U) == 0x80U) line.pop_back();
    if (!line.empty() && static_cast<unsigned char>(line.back()) >= 0xc0U) line.pop_back();
    return line + "...";
  }
  return line;
}

std::string api_error_words(std::string_view body) {
  const json answer = json::parse(body, nullptr, false);
  if (answer.is_object()) {
    const auto error = answer.find("error");
    if (error != answer.end() && error->is_object()) {
      const std::string message = text_in(*error, "message");
      if (!message.empty()) return one_line(message);
    }
    for (const char* key : {"error", "message", "detail"}) {
      const std::string message = text_in(answer, key);
      if (!message.empty()) return one_line(message);
    }
  }
  return one_line(body);
}

Error api_refusal(std::string_view noun, const Request& request, const Response& response) {
  const std::string words = api_error_words(response.body);
  std::string message = "the " + std::string(noun) + " " + printable_url(request.url) + " answered " +
                        std::to_string(response.status) + (words.empty() ? "" : " (" + words + ")");
  ErrorCode code = ErrorCode::kModel;
  if (response.status == 401 || response.status == 403) {
    message += "; check the key in CINESCRIBE_OPENAI_API_KEY or OPENAI_API_KEY";
  } else if (response.status == 404) {
    message += "; check the address and the model's name";
  } else if (response.status == 413) {
    message += "; it takes smaller files only";
  } else if (response.status == 429) {
    code = ErrorCode::kResource;
    message += "; its limit is used up: try again later, or with fewer requests at once";
  } else if (response.status >= 500 || response.status < 400) {
    code = ErrorCode::kResource;
    message += "; try again later";
  }
  return {code, message};
}

std::optional<std::chrono::milliseconds> rate_limit_pause(const Response& response) {
  std::optional<std::chrono::milliseconds> pause;
  for (const std::string kind : {"requests", "tokens"}) {
    if (response.header("x-ratelimit-remaining-" + kind) != "0") continue;
    const auto wait = parse_reset_time(response.header("x-ratelimit-reset-" + kind));
    if (wait) pause = std::max(*wait, pause.value_or(*wait));
  }
  return pause;
}

}  // namespace cinescribe::http
