#include "cinescribe/text/tokenizer_files.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace cinescribe::text {
namespace {

/// Roles in the order in which the reference adds their tokens.
constexpr std::array<const char*, 7> kRoles = {"bos_token", "eos_token", "unk_token", "sep_token",
                                               "pad_token", "cls_token", "mask_token"};
constexpr const char* kMoreSpecial = "additional_special_tokens";

Result<std::int64_t> parse_id(const std::string& text) {
  std::int64_t id = -1;
  const auto end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, id);
  if (parsed.ec != std::errc() || parsed.ptr != end || id < 0) {
    return Error{ErrorCode::kModel, "'" + text + "' in added_tokens_decoder is no token id"};
  }
  return id;
}

Result<std::int64_t> parse_id(const Json& id, const std::string& content) {
  if (!id.is_number_integer() || id.get<std::int64_t>() < 0) {
    return Error{ErrorCode::kModel, "the id of the added token '" + content + "' is no token id"};
  }
  return id.get<std::int64_t>();
}

/// A role's value: a text, or an object with "content".
Result<AddedToken> parse_role(const Json& value, const std::string& name) {
  if (value.is_string()) return AddedToken{.content = value.get<std::string>(), .is_special = true};
  auto token = parse_added_token(value, true);
  if (!token.ok()) return token.error().with_context(name);
  token->is_special = true;
  return token;
}

Result<Json> read_optional(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return Json();
  return read_json_object(file);
}

}  // namespace

Result<AddedToken> parse_added_token(const Json& token, bool is_special_by_default) {
  const Json* content = member(token, "content");
  if (content == nullptr || !content->is_string()) {
    return Error{ErrorCode::kModel, "an added token has no text 'content'"};
  }
  AddedToken result;
  result.content = content->get<std::string>();
  CINESCRIBE_ASSIGN(result.is_special, bool_member(token, "special", is_special_by_default));
  CINESCRIBE_ASSIGN(result.is_single_word, bool_member(token, "single_word", false));
  CINESCRIBE_ASSIGN(result.takes_left_space, bool_member(token, "lstrip", false));
  CINESCRIBE_ASSIGN(result.takes_right_space, bool_member(token, "rstrip", false));
  CINESCRIBE_ASSIGN(result.is_normalized, bool_member(token, "normalized", !result.is_special));
  return result;
}

Result<std::vector<std::pair<std::int64_t, AddedToken>>> parse_added_tokens(const Json& tokenizer) {
  std::vector<std::pair<std::int64_t, AddedToken>> tokens;
  const Json* list = member(tokenizer, "added_tokens");
  if (list == nullptr) return tokens;
  if (!list->is_array()) return Error{ErrorCode::kModel, "'added_tokens' of tokenizer.json is no list"};
  for (const Json& entry : *list) {
    CINESCRIBE_ASSIGN(AddedToken token, parse_added_token(entry, false));
    const Json* id = member(entry, "id");
    CINESCRIBE_ASSIGN(const std::int64_t value, parse_id(id == nullptr ? Json() : *id, token.content));
    tokens.emplace_back(value, std::move(token));
  }
  return tokens;
}

Result<TokenizerConfig> TokenizerConfig::read(const std::filesystem::path& folder, const Json* tokenizer,
                                              const RoleDefaults& defaults) {
  CINESCRIBE_ASSIGN(Json config, read_optional(folder / "tokenizer_config.json"));
  CINESCRIBE_ASSIGN(const Json special_map, read_optional(folder / "special_tokens_map.json"));
  CINESCRIBE_ASSIGN(const Json added, read_optional(folder / "added_tokens.json"));
  return parse(std::move(config), special_map, added, tokenizer, defaults);
}

Result<TokenizerConfig> TokenizerConfig::parse(Json config, const Json& special_map, const Json& added,
                                               const Json* tokenizer, const RoleDefaults& defaults) {
  TokenizerConfig result;
  if (config.is_object()) result.values_ = std::move(config);
  CINESCRIBE_TRY(result.read_added(special_map, added, tokenizer));
  CINESCRIBE_TRY(result.read_roles(defaults));
  return result;
}

Status TokenizerConfig::read_added(const Json& special_map, const Json& added, const Json* tokenizer) {
  if (const Json* decoder = member(values_, "added_tokens_decoder")) {
    if (!decoder->is_object()) return Error{ErrorCode::kModel, "added_tokens_decoder is no object"};
    for (const auto& [id, token] : decoder->items()) {
      CINESCRIBE_ASSIGN(const std::int64_t value, parse_id(id));
      CINESCRIBE_ASSIGN(added_[value], parse_added_token(token, false));
    }
    return {};
  }
  // Folders from before that key: later files win.
  if (special_map.is_object()) {
    for (const auto& [role, token] : special_map.items()) values_[role] = token;
  }
  if (added.is_object()) {
    for (const auto& entry : added.items()) {
      const std::string& content = entry.key();
      CINESCRIBE_ASSIGN(const std::int64_t value, parse_id(entry.value(), content));
      const bool is_special = std::any_of(kRoles.begin(), kRoles.end(), [&](const char* name) {
        const Json* role = member(values_, name);
        const Json* inner = role == nullptr ? nullptr : member(*role, "content");
        return role != nullptr && (*role == content || (inner != nullptr && *inner == content));
      });
      added_[value] = {.content = content, .is_normalized = !is_special, .is_special = is_special};
    }
  }
  if (tokenizer != nullptr) {
    CINESCRIBE_ASSIGN(auto tokens, parse_added_tokens(*tokenizer));
    for (auto& [id, token] : tokens) added_[id] = std::move(token);
  }
  return {};
}

Status TokenizerConfig::read_roles(const RoleDefaults& defaults) {
  const auto add = [&](const std::string& name, const Json& value) -> Status {
    CINESCRIBE_ASSIGN(AddedToken token, parse_role(value, name));
    for (const auto& [id, known] : added_) {
      if (known.content == token.content) token = known;
    }
    roles_.emplace_back(name, std::move(token));
    return {};
  };
  for (const char* name : kRoles) {
    if (values_.contains(name)) {
      if (!values_[name].is_null()) CINESCRIBE_TRY(add(name, values_[name]));
      continue;
    }
    if (!is_of_class(defaults.class_name)) continue;
    for (const auto& [role, content] : defaults.contents) {
      if (std::string_view(role) == name) CINESCRIBE_TRY(add(name, Json(content)));
    }
  }
  const Json* more = member(values_, kMoreSpecial);
  if (more == nullptr) return {};
  if (!more->is_array()) return Error{ErrorCode::kModel, std::string(kMoreSpecial) + " is no list"};
  for (const Json& value : *more) CINESCRIBE_TRY(add(kMoreSpecial, value));
  return {};
}

bool TokenizerConfig::is_of_class(std::string_view name) const {
  const Json* given = member(values_, "tokenizer_class");
  return given == nullptr || !given->is_string() || given->get_ref<const std::string&>().starts_with(name);
}

std::string TokenizerConfig::role(std::string_view name) const {
  for (const auto& [role, token] : roles_) {
    if (role == name) return token.content;
  }
  return {};
}

void TokenizerConfig::add_to(AddedTokens& tokens, const Vocabulary& model) const {
  const auto has_role = [&](const std::string& content) {
    return std::any_of(roles_.begin(), roles_.end(), [&](const auto& role) { return role.second.content == content; });
  };
  for (const auto& [id, token] : added_) {
    AddedToken added = token;
    added.is_special = added.is_special || has_role(token.content);
    tokens.add(added, model);
  }
  for (const auto& [name, token] : roles_) {
    if (tokens.find(token.content) >= 0) continue;
    AddedToken added = token;
    added.is_special = true;
    tokens.add(added, model);
  }
}

}  // namespace cinescribe::text
