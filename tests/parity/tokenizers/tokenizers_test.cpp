#include <string>
#include <vector>

#include "parity/parity_cases.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cinescribe/text/tokenizer.h"
#include "cinescribe/text/wordpiece.h"

namespace cinescribe::text {
namespace {

using Json = nlohmann::json;
using Ids = std::vector<TokenId>;

/// Counts what differs: every id, text and token is one value whose error is 0 or 1.
class Differences {
 public:
  template <typename T>
  void compare(const T& actual, const T& expected, const Json& about) {
    errors_.add(actual == expected ? 0.0 : 1.0, 0.0);
    EXPECT_EQ(actual, expected) << about.dump();
  }
  void report(const std::string& name) const {
    const bool is_ok = errors_.count() > 0 && errors_.largest() == 0.0;
    parity::report("tokenizers", name, errors_, 0.0, is_ok);
    EXPECT_TRUE(is_ok) << name;
  }

 private:
  parity::Errors errors_;
};

void run_tokenizer(const std::filesystem::path& folder, const Json& data) {
  const auto loaded = Tokenizer::load(folder);
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  const Tokenizer& tokenizer = **loaded;
  Differences differences;
  for (const Json& c : data.at("cases")) {
    const Ids ids = tokenizer.encode(c.at("text").get<std::string>(), true);
    differences.compare(ids, c.at("ids").get<Ids>(), c);
    std::vector<std::string> tokens;
    for (const TokenId id : ids) tokens.push_back(tokenizer.vocabulary().at(static_cast<std::size_t>(id)).text);
    differences.compare(tokens, c.at("tokens").get<std::vector<std::string>>(), c);
    differences.compare(tokenizer.decode(ids, true), c.at("decoded_skip_special").get<std::string>(), c);
    differences.compare(tokenizer.decode(ids, false), c.at("decoded").get<std::string>(), c);
  }
  for (const Json& c : data.value("decode_only", Json::array())) {
    const Ids ids = c.at("ids").get<Ids>();
    differences.compare(tokenizer.decode(ids, true), c.at("decoded_skip_special").get<std::string>(), c);
    differences.compare(tokenizer.decode(ids, false), c.at("decoded").get<std::string>(), c);
  }
  differences.report(folder.filename().string());
}

void run_wordpiece(const std::filesystem::path& folder, const Json& data) {
  const auto wordpiece = WordPiece::load(folder);
  ASSERT_TRUE(wordpiece.ok()) << wordpiece.error().message;
  Differences differences;
  for (const Json& c : data.at("cases")) {
    differences.compare((*wordpiece)->encode(c.at("text").get<std::string>()), c.at("ids").get<Ids>(), c);
  }
  differences.report(folder.filename().string());
}

TEST(TokenizerParity, every_string_has_the_same_ids_and_every_id_the_same_text) {
  const auto folders = parity::cases("tokenizers");
  ASSERT_FALSE(folders.empty()) << "no tokenizers under " << parity::root();
  for (const auto& folder : folders) {
    const auto data = Json::parse(parity::read_text(folder / "cases.json"), nullptr, false);
    ASSERT_TRUE(data.is_object()) << folder;
    const auto files = Json::parse(parity::read_text(folder / "tokenizer.json"), nullptr, false);
    const bool is_wordpiece = files.is_object() && files.at("model").at("type") == "WordPiece";
    is_wordpiece ? run_wordpiece(folder, data) : run_tokenizer(folder, data);
  }
}

}  // namespace
}  // namespace cinescribe::text
