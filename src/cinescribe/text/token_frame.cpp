#include "cinescribe/text/token_frame.h"

#include <string>
#include <utility>

namespace cinescribe::text {
namespace {

Error bad_template(const std::string& what) { return {ErrorCode::kModel, "the post-processor's template " + what}; }

Status add_special(const Json& part, const Json& specials, TokenId vocabulary_size, std::vector<TokenId>& ids) {
  const Json* name = member(part, "id");
  const Json* special =
      name != nullptr && name->is_string() ? member(specials, name->get_ref<const std::string&>()) : nullptr;
  const Json* list = special == nullptr ? nullptr : member(*special, "ids");
  if (list == nullptr || !list->is_array()) return bad_template("names a token without ids");
  for (const Json& id : *list) {
    if (!id.is_number_integer() || id.get<std::int64_t>() < 0 || id.get<std::int64_t>() >= vocabulary_size) {
      return bad_template("has the id " + id.dump() + ", which is not in the vocabulary");
    }
    ids.push_back(id.get<TokenId>());
  }
  return {};
}

/// BERT's own form: ["[CLS]", 101] and ["[SEP]", 102].
Result<TokenFrame> parse_bert(const Json& processor, TokenId vocabulary_size) {
  TokenFrame frame;
  for (const auto& [name, ids] : {std::pair("cls", &frame.before), std::pair("sep", &frame.after)}) {
    const Json* pair = member(processor, name);
    const Json id = pair != nullptr && pair->is_array() && pair->size() == 2 ? (*pair)[1] : Json();
    if (!id.is_number_integer() || id.get<std::int64_t>() < 0 || id.get<std::int64_t>() >= vocabulary_size) {
      return bad_template("has no valid '" + std::string(name) + "'");
    }
    ids->push_back(id.get<TokenId>());
  }
  return frame;
}

Result<TokenFrame> parse_template(const Json& processor, TokenId vocabulary_size) {
  const Json* single = member(processor, "single");
  if (single == nullptr || !single->is_array()) return bad_template("for one text is no list");
  const Json* specials = member(processor, "special_tokens");
  TokenFrame frame;
  bool has_text = false;
  for (const Json& part : *single) {
    if (const Json* special = member(part, "SpecialToken")) {
      CINESCRIBE_TRY(add_special(*special, specials == nullptr ? Json() : *specials, vocabulary_size,
                                 has_text ? frame.after : frame.before));
    } else if (member(part, "Sequence") != nullptr && !has_text) {
      has_text = true;
    } else {
      return bad_template("for one text has a part that is neither a token nor the text");
    }
  }
  if (!has_text) return bad_template("leaves out the text");
  return frame;
}

}  // namespace

Result<TokenFrame> parse_post_processor(const Json* post_processor, TokenId vocabulary_size) {
  if (post_processor == nullptr) return TokenFrame();
  const std::string type = type_of(*post_processor);
  if (type == "TemplateProcessing") return parse_template(*post_processor, vocabulary_size);
  if (type == "BertProcessing") return parse_bert(*post_processor, vocabulary_size);
  const Json* list = member(*post_processor, "processors");
  if (type != "Sequence" || list == nullptr || !list->is_array()) return unsupported("a post-processor", type);
  TokenFrame frame;
  for (const Json& part : *list) {
    if (type_of(part) != "TemplateProcessing") return unsupported("a post-processor", type_of(part));
    CINESCRIBE_ASSIGN(const TokenFrame outer, parse_template(part, vocabulary_size));
    frame.before.insert(frame.before.begin(), outer.before.begin(), outer.before.end());
    frame.after.insert(frame.after.end(), outer.after.begin(), outer.after.end());
  }
  return frame;
}

}  // namespace cinescribe::text
