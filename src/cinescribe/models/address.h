#pragma once

#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/http/client.h"
#include "cinescribe/models/source.h"

namespace cinescribe::models {

/// What to ask a web server for.
struct Address {
  std::string url;
  std::vector<http::Header> headers;
};

/// The address of an hf: or https: source. hf: honours $HF_ENDPOINT (default https://huggingface.co), and sends
/// $HF_TOKEN (or $HUGGING_FACE_HUB_TOKEN) over https, or to this machine itself.
Address address_of(const Source& source);

/// The same error; if an hf: source was refused, with a word about the token.
Error add_token_hint(const Source& source, const Error& error);

}  // namespace cinescribe::models
