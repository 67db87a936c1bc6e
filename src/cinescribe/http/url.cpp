#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

#include <arpa/inet.h>

#include "cinescribe/http/client.h"
#include "cinescribe/http/curl_handle.h"

namespace cinescribe::http {

std::string printable_url(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return std::string(url);
  const std::size_t host = scheme + 3;
  const std::size_t path = url.find('/', host);
  const std::string_view authority = url.substr(host, path == std::string_view::npos ? path : path - host);
  const std::size_t at = authority.rfind('@');
  std::string printable(url.substr(0, host));
  printable += at == std::string_view::npos ? authority : authority.substr(at + 1);
  if (path != std::string_view::npos) printable += url.substr(path);
  return printable;
}

bool is_on_this_machine(std::string_view url) {
  // libcurl's own reading of the address, so that nothing reads as one host here and as another one there.
  const AddressHandle address(curl_url());
  const std::string text(url);
  if (!address || curl_url_set(address.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) return false;
  char* found = nullptr;
  if (curl_url_get(address.get(), CURLUPART_HOST, &found, 0) != CURLUE_OK) return false;
  const CurlText owned(found);
  std::string host(owned.get());
  std::transform(host.begin(), host.end(), host.begin(), [](unsigned char c) { return std::tolower(c); });
  if (host == "localhost" || host.ends_with(".localhost") || host == "[::1]") return true;
  in_addr number{};
  return inet_pton(AF_INET, host.c_str(), &number) == 1 && ntohl(number.s_addr) >> 24U == 127U;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                          c == '.' || c == '_' || c == '~';
    if (is_plain) {
      encoded.push_back(c);
    } else {
      encoded.push_back('%');
      encoded.push_back(kHex[byte >> 4U]);
      encoded.push_back(kHex[byte & 15U]);
    }
  }
  return encoded;
}

}  // namespace cinescribe::http
