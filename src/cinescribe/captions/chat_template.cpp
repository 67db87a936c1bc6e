#include "cinescribe/captions/chat_template.h"

#include <utility>
#include <vector>

#include <llama.h>

#include "cinescribe/http/api_server.h"

namespace cinescribe::captions {

namespace {

constexpr const char* kAdvice =
    "; name one with --chat-template (chatml, gemma, vicuna, llama3, mistral-v7, phi3, smolvlm, ...), or put it into a "
    "chat_template.txt beside the model";
constexpr std::size_t kMostShown = 80;

/// The names that llama.cpp knows, for messages.
std::string known_names() {
  std::vector<const char*> names(256);
  const int count = llama_chat_builtin_templates(names.data(), names.size());
  std::string text;
  for (std::size_t i = 0; i < names.size() && static_cast<int>(i) < count; ++i) {
    text += (text.empty() ? "" : ", ") + std::string(names[i]);
  }
  return text;
}

Error unknown(const std::string& words) {
  const bool is_name = words.find_first_of("{} \n") == std::string::npos && words.size() <= kMostShown;
  if (is_name) return {ErrorCode::kModel, "there is no chat template '" + words + "'; known are " + known_names()};
  return {ErrorCode::kModel, "the model's chat template is not one of those that are known: '" +
                                 http::one_line(words.substr(0, kMostShown)) + "...'" + kAdvice};
}

/// "<|im_start|>system\nYou are a helpful assistant.<|im_end|>" written out in a template, with a real or an escaped
/// line break; the words between, when they are words and no program.
std::string system_written_out(std::string_view words) {
  constexpr std::string_view kBegin = "<|im_start|>system";
  constexpr std::string_view kEnd = "<|im_end|>";
  for (std::size_t at = words.find(kBegin); at != std::string_view::npos; at = words.find(kBegin, at + 1)) {
    std::string_view rest = words.substr(at + kBegin.size());
    const std::size_t break_size = rest.starts_with("\\n") ? 2 : rest.starts_with("\n") ? 1 : 0;
    if (break_size == 0) continue;
    rest.remove_prefix(break_size);
    const std::string_view text = rest.substr(0, rest.find(kEnd));
    if (text.size() == rest.size() || text.empty()) continue;
    if (text.find_first_of("{}'\"+\\") == std::string_view::npos) return std::string(text);
  }
  return {};
}

}  // namespace

ChatTemplate::ChatTemplate(std::string words) : words_(std::move(words)), own_system_(system_written_out(words_)) {}

Result<ChatTemplate> ChatTemplate::create(std::string words) {
  if (words.empty()) {
    return Error{ErrorCode::kModel, std::string("the model has no chat template") + kAdvice};
  }
  ChatTemplate made(std::move(words));
  CINESCRIBE_TRY(made.apply("x").status());
  return made;
}

Result<std::string> ChatTemplate::apply(std::string_view user) const {
  const std::string content(user);
  std::vector<llama_chat_message> turns;
  if (!own_system_.empty()) turns.push_back({"system", own_system_.c_str()});
  turns.push_back({"user", content.c_str()});
  std::vector<char> text(content.size() + own_system_.size() + 512);
  for (int round = 0; round < 2; ++round) {
    const int length = llama_chat_apply_template(words_.c_str(), turns.data(), turns.size(), true, text.data(),
                                                 static_cast<int>(text.size()));
    if (length < 0) {
      return unknown(words_);
    }
    if (static_cast<std::size_t>(length) <= text.size()) {
      return std::string(text.data(), static_cast<std::size_t>(length));
    }
    text.resize(static_cast<std::size_t>(length));
  }
  return Error{ErrorCode::kInternal, "a chat template's text does not settle on a length"};
}

}  // namespace cinescribe::captions
