// What stands between a prompt and the language model in every case of the vision-language families: ids, pictures'
// places, the templates, the Q-Former's ids, and the text of the ids that were generated.
#include <string>
#include <vector>

#include "parity/parity_cases.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cinescribe/text/prompt_template.h"
#include "cinescribe/text/prompt_tokens.h"
#include "cinescribe/text/tokenizer.h"
#include "cinescribe/text/wordpiece.h"

namespace cinescribe::text {
namespace {

using Json = nlohmann::json;
using Ids = std::vector<TokenId>;

/// A list of ids in which runs are written as {"repeat": [id, n]}.
Ids expanded(const Json& list) {
  Ids ids;
  for (const Json& entry : list) {
    if (entry.is_object()) {
      ids.insert(ids.end(), entry.at("repeat")[1].get<std::size_t>(), entry.at("repeat")[0].get<TokenId>());
    } else {
      ids.push_back(entry.get<TokenId>());
    }
  }
  return ids;
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \n");
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \n") - first + 1);
}

/// The reference writes Phi's pictures as -1, -2, ..., the others as the image token.
Ids with_images(const std::vector<PromptTokens>& pieces, const Json& counts, bool is_phi, TokenId image_token) {
  Ids ids;
  for (const PromptTokens& piece : pieces) {
    ids.insert(ids.end(), piece.tokens.begin(), piece.tokens.end());
    if (piece.image < 0) continue;
    const auto count = counts.at(static_cast<std::size_t>(piece.image)).get<std::size_t>();
    ids.insert(ids.end(), count, is_phi ? -1 - piece.image : image_token);
  }
  return ids;
}

TokenId image_token_of(const Json& config) {
  return config.contains("image_token_index") ? config.at("image_token_index").get<TokenId>()
                                              : config.value("image_token_id", -1);
}

bool check_run(const std::string& family, const std::filesystem::path& folder, const Json& run,
               parity::Errors& errors) {
  const auto tokenizer = Tokenizer::load(folder / "model");
  EXPECT_TRUE(tokenizer.ok()) << tokenizer.error().message;
  if (!tokenizer.ok()) return false;
  const Json& expected = run.at("expected");
  const std::string prompt = run.at("prompt");
  const auto config = Json::parse(parity::read_text(folder / "model" / "config.json"));
  const TokenId image_token = image_token_of(config);
  const auto pieces =
      prompt_tokens(family, **tokenizer, prompt, static_cast<int>(run.at("images").size()), image_token);
  EXPECT_TRUE(pieces.ok()) << pieces.error().message;
  if (!pieces.ok()) return false;
  const auto compare = [&](const auto& actual, const auto& wanted) {
    errors.add(actual == wanted ? 0.0 : 1.0, 0.0);
    EXPECT_EQ(actual, wanted) << folder;
  };
  compare(with_images(*pieces, expected.at("image_token_counts"), family == "phi3_v", image_token),
          expanded(expected.at("input_ids")));
  const std::string text = (*tokenizer)->decode(expected.at("generated_ids").get<Ids>(), true);
  const bool is_stripped = family == "instructblip";
  compare(is_stripped ? trimmed(text) : text, expected.at("text").get<std::string>());
  if (expected.contains("qformer_input_ids")) {
    const auto wordpiece = WordPiece::load(folder / "model" / "qformer_tokenizer");
    EXPECT_TRUE(wordpiece.ok()) << wordpiece.error().message;
    if (wordpiece.ok()) compare((*wordpiece)->encode(prompt), expected.at("qformer_input_ids").get<Ids>());
  }
  if (run.contains("user_text")) {
    const auto rendered =
        render_prompt("phi3", run.at("user_text").get<std::string>(), static_cast<int>(run.at("images").size()));
    compare(rendered.ok() && prompt.ends_with(*rendered), true);  // a system message may stand before
  }
  return errors.largest() == 0.0;
}

void check_family(const std::string& family) {
  int found = 0;
  for (const auto& folder : parity::cases(family)) {
    if (!std::filesystem::is_directory(folder)) continue;
    const auto data = Json::parse(parity::read_text(folder / "case.json"), nullptr, false);
    ASSERT_TRUE(data.is_object()) << folder;
    ++found;
    parity::Errors errors;
    bool is_ok = check_run(family, folder, data, errors);
    for (const Json& run : data.value("more_runs", Json::array())) {
      is_ok = check_run(family, folder, run, errors) && is_ok;
    }
    parity::report(family, folder.filename().string() + " (prompt)", errors, 0.0, is_ok);
    EXPECT_TRUE(is_ok) << folder;
  }
  EXPECT_GT(found, 0) << "no cases of " << family << " under " << parity::root();
}

TEST(PromptParity, prompts_of_llava_next_have_the_same_ids) { check_family("llava_next"); }
TEST(PromptParity, prompts_of_phi3_v_have_the_same_ids) { check_family("phi3_v"); }
TEST(PromptParity, prompts_of_instructblip_have_the_same_ids) { check_family("instructblip"); }

}  // namespace
}  // namespace cinescribe::text
