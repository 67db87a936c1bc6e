#include "cinescribe/text/metaspace.h"

#include <algorithm>

#include "cinescribe/text/normalizer_chain.h"
#include "cinescribe/text/utf8.h"

namespace cinescribe::text {

std::vector<std::string> Metaspace::words(std::string_view text, bool is_first) const {
  std::string marked = replaced(text, " ", mark);
  const bool wants_mark = scheme == PrependScheme::kAlways || (scheme == PrependScheme::kFirst && is_first);
  if (wants_mark && !marked.empty() && !marked.starts_with(mark)) marked.insert(0, mark);
  if (marked.empty()) return {};
  if (!is_splitting) return {marked};
  std::vector<std::string> words;
  std::size_t start = 0;
  while (start < marked.size()) {
    const std::size_t from = marked.compare(start, mark.size(), mark) == 0 ? start + mark.size() : start;
    const std::size_t end = std::min(marked.find(mark, from), marked.size());
    words.push_back(marked.substr(start, end - start));
    start = end;
  }
  return words;
}

Result<Metaspace> parse_metaspace(const Json& component) {
  Metaspace metaspace;
  CINESCRIBE_ASSIGN(metaspace.mark, text_member(component, "replacement", metaspace.mark));
  if (metaspace.mark.empty() || first_code_point(metaspace.mark).bytes != metaspace.mark.size()) {
    return Error{ErrorCode::kModel, "the replacement of a Metaspace component is not one character"};
  }
  CINESCRIBE_ASSIGN(const std::string scheme, text_member(component, "prepend_scheme", "always"));
  if (scheme != "always" && scheme != "first" && scheme != "never") {
    return Error{ErrorCode::kModel, "prepend_scheme '" + scheme + "' is none of always, first and never"};
  }
  metaspace.scheme = scheme == "always"  ? PrependScheme::kAlways
                     : scheme == "first" ? PrependScheme::kFirst
                                         : PrependScheme::kNever;
  CINESCRIBE_ASSIGN(const bool has_prefix, bool_member(component, "add_prefix_space", true));
  if (!has_prefix && metaspace.scheme != PrependScheme::kNever) {
    return Error{ErrorCode::kModel, "a Metaspace component says add_prefix_space false and prepend_scheme " + scheme};
  }
  CINESCRIBE_ASSIGN(metaspace.is_splitting, bool_member(component, "split", true));
  return metaspace;
}

Result<std::vector<Metaspace>> parse_pre_tokenizer(const Json* pre_tokenizer) {
  std::vector<Metaspace> chain;
  if (pre_tokenizer == nullptr) return chain;
  const auto add = [&](const Json& component) -> Status {
    if (type_of(component) != "Metaspace") return unsupported("a pre-tokenizer", type_of(component));
    CINESCRIBE_ASSIGN(Metaspace metaspace, parse_metaspace(component));
    chain.push_back(metaspace);
    return {};
  };
  if (type_of(*pre_tokenizer) != "Sequence") {
    CINESCRIBE_TRY(add(*pre_tokenizer));
    return chain;
  }
  const Json* list = member(*pre_tokenizer, "pretokenizers");
  if (list == nullptr || !list->is_array()) {
    return Error{ErrorCode::kModel, "a sequence of pre-tokenizers is no list"};
  }
  for (const Json& component : *list) CINESCRIBE_TRY(add(component));
  return chain;
}

}  // namespace cinescribe::text
