#include "cinescribe/objects/class_names.h"

#include "support/scratch_folder.h"
#include <gtest/gtest.h>

namespace cinescribe::objects {
namespace {

using Names = std::vector<std::string>;

TEST(ClassNames, AreReadFromPythonAndJsonNotation) {
  EXPECT_EQ(parse_names("{0: 'person', 1: \"dog's bed\", 2: 'it\\'s'}"), (Names{"person", "dog's bed", "it's"}));
  EXPECT_EQ(parse_names("{\"1\": \"b\", \"0\": \"a\"}"), (Names{"a", "b"}));
  EXPECT_EQ(parse_names("['a', 'b',]"), (Names{"a", "b"}));
}

TEST(ClassNames, AreNotGuessedFromDamagedText) {
  for (const char* text : {"", "{", "{0}", "{0: }", "{0: 'a'", "{0: 'a', 2: 'c'}", "{-1: 'a'}", "[1]", "['a", "{}",
                           "{99999999999999999999: 'a'}", "person"}) {
    EXPECT_TRUE(parse_names(text).empty()) << text;
  }
}

TEST(ClassNames, OfCocoAreEightyFromPersonToToothbrush) {
  ASSERT_EQ(coco_names().size(), 80U);
  EXPECT_EQ(coco_names()[0], "person");
  EXPECT_EQ(coco_names()[16], "dog");
  EXPECT_EQ(coco_names()[39], "bottle");
  EXPECT_EQ(coco_names()[79], "toothbrush");
}

TEST(ClassNames, ComeOnePerLineFromAFile) {
  test::ScratchFolder folder;
  test::write_bytes(folder / "names", "cat\r\nbig dog\n\n");
  EXPECT_EQ(*read_class_file(folder / "names"), (Names{"cat", "big dog"}));
  test::write_bytes(folder / "names", "{0: 'cat'}");
  EXPECT_EQ(*read_class_file(folder / "names"), (Names{"cat"}));
  test::write_bytes(folder / "names", "\n\n");
  EXPECT_EQ(read_class_file(folder / "names").error().code, ErrorCode::kInput);
}

}  // namespace
}  // namespace cinescribe::objects
