#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/text/added_tokens.h"
#include "cinescribe/text/json_file.h"

namespace cinescribe::text {

/// A token with a role, such as "bos_token", and how it is added when nothing else adds it.
using SpecialRole = std::pair<std::string, AddedToken>;

/// The texts that a class of tokenizers uses for its roles when the files name none.
struct RoleDefaults {
  std::string class_name;  ///< How `tokenizer_class` begins; a folder that names none is of this class.
  std::vector<std::pair<const char*, const char*>> contents;
};

/// What the files beside a vocabulary say: `tokenizer_config.json`, or for older folders also
/// `special_tokens_map.json`, `added_tokens.json` and the added tokens of `tokenizer.json`.
///
/// @source transformers 4.57.1, PreTrainedTokenizerBase._from_pretrained
class TokenizerConfig {
 public:
  /// `tokenizer` is the content of tokenizer.json, nullptr when there is none. Errors: kModel.
  static Result<TokenizerConfig> read(const std::filesystem::path& folder, const Json* tokenizer,
                                      const RoleDefaults& defaults);
  /// The same from contents; missing files are null. For tests and fuzzing.
  static Result<TokenizerConfig> parse(Json config, const Json& special_map, const Json& added, const Json* tokenizer,
                                       const RoleDefaults& defaults);

  /// tokenizer_config.json, an empty object when there is none.
  [[nodiscard]] const Json& values() const { return values_; }
  /// Added tokens by the ids that the files give them (the reference itself does not honour these ids).
  [[nodiscard]] const std::map<std::int64_t, AddedToken>& added() const { return added_; }
  /// Text of a role; empty when it has none.
  [[nodiscard]] std::string role(std::string_view name) const;

  /// Whether the files are for this class of tokenizers, or say nothing about it.
  [[nodiscard]] bool is_of_class(std::string_view name) const;

  /// Adds the tokens of all files to those that the vocabulary's own file has added already.
  void add_to(AddedTokens& tokens, const Vocabulary& model) const;

 private:
  Status read_added(const Json& special_map, const Json& added, const Json* tokenizer);
  Status read_roles(const RoleDefaults& defaults);

  Json values_ = Json::object();
  std::map<std::int64_t, AddedToken> added_;
  std::vector<SpecialRole> roles_;
};

/// An added token as JSON files write it: an object with "content". Errors: kModel.
Result<AddedToken> parse_added_token(const Json& token, bool is_special_by_default);

/// The list "added_tokens" of a tokenizer.json, in order. Errors: kModel.
Result<std::vector<std::pair<std::int64_t, AddedToken>>> parse_added_tokens(const Json& tokenizer);

}  // namespace cinescribe::text
