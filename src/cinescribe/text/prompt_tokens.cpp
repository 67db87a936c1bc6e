#include "cinescribe/text/prompt_tokens.h"

#include <optional>
#include <string>
#include <utility>

namespace cinescribe::text {
namespace {

Error wrong_count(const std::string& tag, int found, int images) {
  return {ErrorCode::kUsage, "the prompt has " + std::to_string(found) + " " + tag + ", but there are " +
                                 std::to_string(images) + " pictures; write one " + tag + " for each picture"};
}

/// A tag `<|image_N|>` in a prompt.
struct ImageTag {
  std::size_t begin = 0, end = 0;
  std::string_view digits;
};

std::optional<ImageTag> find_tag(std::string_view prompt, std::size_t from) {
  constexpr std::string_view kOpening = "<|image_";
  constexpr std::string_view kClosing = "|>";
  for (std::size_t at = prompt.find(kOpening, from); at != std::string_view::npos; at = prompt.find(kOpening, at + 1)) {
    const std::size_t digits = at + kOpening.size();
    std::size_t end = digits;
    while (end < prompt.size() && prompt[end] >= '0' && prompt[end] <= '9') ++end;
    if (end == digits || prompt.substr(end, kClosing.size()) != kClosing) continue;
    return ImageTag{at, end + kClosing.size(), prompt.substr(digits, end - digits)};
  }
  return std::nullopt;
}

/// Number of a tag without leading zeros, which the reference ignores; "0" stays.
std::string_view without_zeros(std::string_view digits) {
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  return digits;
}

std::string tag_text(int number) { return "<|image_" + std::to_string(number) + "|>"; }

}  // namespace

Result<std::vector<PromptTokens>> llava_prompt_tokens(const Tokenizer& tokenizer, std::string_view prompt, int images,
                                                      TokenId image_token) {
  if (image_token < 0) return Error{ErrorCode::kModel, "the model has no image token"};
  std::vector<PromptTokens> pieces;
  int found = 0;
  PromptTokens text;
  for (const TokenId id : tokenizer.encode(prompt, true)) {
    if (id != image_token) {
      text.tokens.push_back(id);
      continue;
    }
    if (!text.tokens.empty()) pieces.push_back(std::exchange(text, {}));
    pieces.push_back({{}, found++});
  }
  if (!text.tokens.empty()) pieces.push_back(std::move(text));
  if (found != images) {
    if (found == 0 && prompt.find("<image>") != std::string_view::npos) {
      return Error{ErrorCode::kModel, "the model's tokenizer does not know <image> as the token " +
                                          std::to_string(image_token) + " that the model wants"};
    }
    return wrong_count("<image>", found, images);
  }
  return pieces;
}

Result<std::vector<PromptTokens>> phi_prompt_tokens(const Tokenizer& tokenizer, std::string_view prompt, int images) {
  std::vector<PromptTokens> pieces;
  const auto add_text = [&](std::string_view text) {
    std::vector<TokenId> tokens = tokenizer.encode(text, true);
    if (!tokens.empty()) pieces.push_back({std::move(tokens), -1});
  };
  std::size_t done = 0;
  int found = 0;
  for (auto tag = find_tag(prompt, 0); tag.has_value(); tag = find_tag(prompt, done)) {
    const std::string expected = std::to_string(found + 1);
    if (without_zeros(tag->digits) != expected) {
      return Error{ErrorCode::kUsage,
                   "the prompt has " + std::string(prompt.substr(tag->begin, tag->end - tag->begin)) + " where " +
                       tag_text(found + 1) + " is expected; tags are numbered from 1, in order, each once"};
    }
    add_text(prompt.substr(done, tag->begin - done));
    pieces.push_back({{}, found++});
    done = tag->end;
  }
  add_text(prompt.substr(done));
  if (found < images) {
    return Error{ErrorCode::kUsage, "the prompt has no " + tag_text(found + 1) + ", but there are " +
                                        std::to_string(images) + " pictures; write one tag for each picture"};
  }
  if (found > images) return wrong_count("image tags", found, images);
  return pieces;
}

Result<std::vector<PromptTokens>> instructblip_prompt_tokens(const Tokenizer& tokenizer, std::string_view prompt,
                                                             int images) {
  if (images != 1) {
    return Error{ErrorCode::kUsage, "InstructBLIP takes exactly one picture per prompt, not " + std::to_string(images)};
  }
  return std::vector<PromptTokens>{{{}, 0}, {tokenizer.encode(prompt, true), -1}};
}

Result<std::vector<PromptTokens>> prompt_tokens(std::string_view family, const Tokenizer& tokenizer,
                                                std::string_view prompt, int images, TokenId image_token) {
  if (family == "llava_next") return llava_prompt_tokens(tokenizer, prompt, images, image_token);
  if (family == "phi3_v") return phi_prompt_tokens(tokenizer, prompt, images);
  if (family == "instructblip") return instructblip_prompt_tokens(tokenizer, prompt, images);
  return Error{ErrorCode::kModel, "prompts of the family '" + std::string(family) + "' are not known"};
}

}  // namespace cinescribe::text
