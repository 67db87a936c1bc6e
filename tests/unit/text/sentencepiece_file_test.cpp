#include "cinescribe/text/sentencepiece_file.h"

#include <cstdint>
#include <cstring>
#include <limits>

#include <gmock/gmock.h>

#include "cinescribe/text/spm_merges.h"

namespace cinescribe::text {
namespace {

using ::testing::HasSubstr;

std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7U) bytes.push_back(static_cast<char>(static_cast<std::uint8_t>(value | 0x80U)));
  bytes.push_back(static_cast<char>(static_cast<std::uint8_t>(value)));
  return bytes;
}

std::string number(std::uint64_t field, std::uint64_t value) { return varint(field << 3U) + varint(value); }
std::string bytes(std::uint64_t field, const std::string& content) {
  return varint(field << 3U | 2U) + varint(content.size()) + content;
}
std::string real(std::uint64_t field, float value) {
  std::string content(4, '\0');
  std::memcpy(content.data(), &value, 4);
  return varint(field << 3U | 5U) + content;
}

std::string piece(const std::string& text, float score, int type = 1) {
  return bytes(1, bytes(1, text) + real(2, score) + number(3, static_cast<std::uint64_t>(type)));
}

std::string bpe_trainer() { return bytes(2, number(3, 2)); }

std::string message_of(const std::string& file) {
  const auto parsed = parse_sentencepiece(file);
  if (parsed.ok()) return "it is read";
  EXPECT_EQ(parsed.error().code, ErrorCode::kModel);
  return parsed.error().message;
}

TEST(SentencePieceFile, pieces_algorithm_and_unknown_piece_are_read_and_other_fields_skipped) {
  const std::string trainer = bytes(2, number(3, 2) + bytes(45, "?") + number(40, 7) + real(10, 0.5F));
  const auto file = parse_sentencepiece(piece("?", 0.0F, 2) + bytes(9, "whatever") + piece("ab", -1.5F) + trainer +
                                        bytes(3, bytes(1, "identity")));
  ASSERT_TRUE(file.ok()) << file.error().message;
  ASSERT_EQ(file->pieces.size(), 2U);
  EXPECT_EQ(file->pieces[0].type, SentencePiece::Type::kUnknown);
  EXPECT_EQ(file->pieces[1].text, "ab");
  EXPECT_EQ(file->pieces[1].score, -1.5F);
  EXPECT_EQ(file->pieces[1].type, SentencePiece::Type::kNormal);
  EXPECT_EQ(file->algorithm, SentencePieceFile::Algorithm::kBpe);
  EXPECT_EQ(file->unknown_piece, "?");
}

TEST(SentencePieceFile, a_piece_without_type_is_a_normal_one) {
  const auto file = parse_sentencepiece(bytes(1, bytes(1, "a")));
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(file->pieces[0].type, SentencePiece::Type::kNormal);
  EXPECT_EQ(file->algorithm, SentencePieceFile::Algorithm::kUnigram);
}

TEST(SentencePieceFile, a_file_cut_anywhere_is_damaged_or_shorter_but_never_read_beyond_its_end) {
  const std::string whole = piece("ab", -1.0F) + bpe_trainer() + piece("cd", -2.0F);
  const std::size_t first = piece("ab", -1.0F).size();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const bool is_at_field = length == first || length == first + bpe_trainer().size();
    EXPECT_EQ(parse_sentencepiece(std::string(whole, 0, length)).ok(), is_at_field) << length;
  }
}

TEST(SentencePieceFile, lengths_numbers_and_texts_that_cannot_be_are_errors) {
  EXPECT_THAT(message_of(varint(1U << 3U | 2U) + varint(~0ULL)), HasSubstr("longer than the file"));
  EXPECT_THAT(message_of(std::string(11, '\xFF')), HasSubstr("longer than ten bytes"));
  EXPECT_THAT(message_of(std::string(1, '\x03')), HasSubstr("number 0"));
  EXPECT_THAT(message_of(varint(1U << 3U | 3U)), HasSubstr("no known kind"));
  EXPECT_THAT(message_of(piece("\xFF", 0.0F)), HasSubstr("not UTF-8"));
  EXPECT_THAT(message_of(piece("", 0.0F)), HasSubstr("no text"));
  EXPECT_THAT(message_of(piece(std::string(5000, 'a'), 0.0F)), HasSubstr("huge"));
  EXPECT_THAT(message_of(piece("a", std::numeric_limits<float>::quiet_NaN())), HasSubstr("no number"));
  EXPECT_THAT(message_of(piece("a", 0.0F, 9)), HasSubstr("type of 'a'"));
  EXPECT_THAT(message_of(bytes(2, number(3, 8)) + piece("a", 0.0F)), HasSubstr("algorithm"));
  EXPECT_THAT(message_of(""), HasSubstr("no pieces"));
}

TEST(SentencePieceFile, every_cut_of_a_piece_is_a_merge_and_higher_scores_come_first) {
  const auto file =
      parse_sentencepiece(piece("<unk>", 0.0F, 2) + piece("a", -9.0F) + piece("b", -9.0F) + piece("c", -9.0F) +
                          piece("ab", -2.0F) + piece("bc", -1.0F) + piece("abc", -3.0F) + bpe_trainer());
  ASSERT_TRUE(file.ok());
  const auto bpe = bpe_of_sentencepiece(*file);
  ASSERT_TRUE(bpe.ok()) << bpe.error().message;
  std::vector<TokenId> ids;
  bpe->encode("abcab", ids);
  EXPECT_THAT(ids, ::testing::ElementsAre(6, 4)) << "bc before ab, then abc from a and bc";
  EXPECT_EQ(bpe->vocabulary().tokens[5].score, -1.0F) << "scores stay those of the file";
}

TEST(SentencePieceFile, other_algorithms_and_pieces_that_come_twice_cannot_be_converted) {
  const auto unigram = parse_sentencepiece(piece("<unk>", 0.0F, 2));
  ASSERT_TRUE(unigram.ok());
  EXPECT_THAT(bpe_of_sentencepiece(*unigram).error().message, HasSubstr("no BPE model"));
  const auto twice = parse_sentencepiece(piece("<unk>", 0.0F, 2) + piece("a", 0.0F) + piece("a", 0.0F) + bpe_trainer());
  ASSERT_TRUE(twice.ok());
  EXPECT_THAT(bpe_of_sentencepiece(*twice).error().message, HasSubstr("'a' twice"));
  const auto without = parse_sentencepiece(piece("a", 0.0F) + bpe_trainer());
  ASSERT_TRUE(without.ok());
  EXPECT_THAT(bpe_of_sentencepiece(*without).error().message, HasSubstr("'<unk>' is not in the vocabulary"));
}

}  // namespace
}  // namespace cinescribe::text
