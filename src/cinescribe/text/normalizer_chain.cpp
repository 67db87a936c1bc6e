#include "cinescribe/text/normalizer_chain.h"

#include <utility>

namespace cinescribe::text {
namespace {

constexpr int kMaxDepth = 8;

}  // namespace

std::string replaced(std::string_view text, std::string_view pattern, std::string_view content) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = text.find(pattern); at != std::string_view::npos; at = text.find(pattern)) {
    result.append(text.substr(0, at)).append(content);
    text.remove_prefix(at + pattern.size());
  }
  return result.append(text);
}

Result<std::string> replace_pattern(const Json& component) {
  const Json* pattern = member(component, "pattern");
  const Json* text = pattern == nullptr ? nullptr : member(*pattern, "String");
  if (text == nullptr || !text->is_string() || text->get_ref<const std::string&>().empty()) {
    return Error{ErrorCode::kModel, "a Replace component has no plain string as its pattern"};
  }
  return text->get<std::string>();
}

Result<NormalizerChain> NormalizerChain::parse(const Json* normalizer) {
  NormalizerChain chain;
  if (normalizer != nullptr) CINESCRIBE_TRY(chain.add(*normalizer, 0));
  return chain;
}

Status NormalizerChain::add(const Json& normalizer, int depth) {
  const std::string type = type_of(normalizer);
  if (type == "Sequence") {
    const Json* list = member(normalizer, "normalizers");
    if (list == nullptr || !list->is_array() || depth >= kMaxDepth) {
      return Error{ErrorCode::kModel, "a sequence of normalizers is no list, or nested too deeply"};
    }
    for (const Json& part : *list) CINESCRIBE_TRY(add(part, depth + 1));
    return {};
  }
  if (type == "Prepend") {
    CINESCRIBE_ASSIGN(std::string text, text_member(normalizer, "prepend", ""));
    add_prepend(std::move(text));
    return {};
  }
  if (type == "Replace") {
    CINESCRIBE_ASSIGN(std::string pattern, replace_pattern(normalizer));
    CINESCRIBE_ASSIGN(std::string content, text_member(normalizer, "content", ""));
    add_replace(std::move(pattern), std::move(content));
    return {};
  }
  return unsupported("a normalizer", type);
}

void NormalizerChain::add_prepend(std::string text) { steps_.push_back({{}, std::move(text)}); }

void NormalizerChain::add_replace(std::string pattern, std::string content) {
  steps_.push_back({std::move(pattern), std::move(content)});
}

std::string NormalizerChain::apply(std::string_view text) const {
  std::string result(text);
  for (const Step& step : steps_) {
    if (!step.pattern.empty()) {
      result = replaced(result, step.pattern, step.content);
    } else if (!result.empty()) {
      result.insert(0, step.content);
    }
  }
  return result;
}

}  // namespace cinescribe::text
