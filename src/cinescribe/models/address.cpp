#include "cinescribe/models/address.h"

#include <cstdlib>
#include <initializer_list>
#include <string_view>

namespace cinescribe::models {

namespace {

std::string first_set(std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return "";
}

std::string encoded_path(std::string_view path) {
  std::string encoded;
  while (true) {
    const std::size_t slash = path.find('/');
    encoded += http::percent_encoded(path.substr(0, slash));
    if (slash == std::string_view::npos) return encoded;
    encoded += '/';
    path.remove_prefix(slash + 1);
  }
}

bool may_see_token(std::string_view endpoint) {
  return endpoint.substr(0, 8) == "https://" || endpoint.substr(0, 17) == "http://127.0.0.1:" ||
         endpoint.substr(0, 17) == "http://localhost:";
}

}  // namespace

Address address_of(const Source& source) {
  if (source.kind != SourceKind::kHuggingFace) return {source.path, {}};
  std::string endpoint = first_set({"HF_ENDPOINT"});
  if (endpoint.empty()) endpoint = "https://huggingface.co";
  while (endpoint.size() > 1 && endpoint.back() == '/') endpoint.pop_back();
  Address address;
  address.url = endpoint + "/" + encoded_path(source.package) + "/resolve/" + http::percent_encoded(source.version) +
                "/" + encoded_path(source.path);
  const std::string token = first_set({"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"});
  if (!token.empty() && may_see_token(endpoint)) address.headers.push_back({"Authorization", "Bearer " + token});
  return address;
}

Error add_token_hint(const Source& source, const Error& error) {
  const bool is_refused = error.message.find("answered 401") != std::string::npos ||
                          error.message.find("answered 403") != std::string::npos;
  if (source.kind != SourceKind::kHuggingFace || !is_refused) return error;
  return {error.code, error.message + " (accept its terms on its web page and set HF_TOKEN)"};
}

}  // namespace cinescribe::models
