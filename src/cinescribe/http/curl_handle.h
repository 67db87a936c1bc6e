#pragma once

#include <memory>

#include <curl/curl.h>

/// Owners of libcurl's handles; private to this room.
namespace cinescribe::http {

struct EasyDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct MultiDeleter {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct MimeDeleter {
  void operator()(curl_mime* handle) const { curl_mime_free(handle); }
};
struct HeaderListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

struct AddressDeleter {
  void operator()(CURLU* address) const { curl_url_cleanup(address); }
};
struct CurlTextDeleter {
  void operator()(char* text) const { curl_free(text); }
};

using EasyHandle = std::unique_ptr<CURL, EasyDeleter>;
using MultiHandle = std::unique_ptr<CURLM, MultiDeleter>;
using MimeHandle = std::unique_ptr<curl_mime, MimeDeleter>;
using HeaderList = std::unique_ptr<curl_slist, HeaderListDeleter>;
using AddressHandle = std::unique_ptr<CURLU, AddressDeleter>;
using CurlText = std::unique_ptr<char, CurlTextDeleter>;

}  // namespace cinescribe::http
