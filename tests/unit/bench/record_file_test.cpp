#include "cinescribe/bench/record_file.h"

#include <fstream>
#include <string>
#include <vector>

#include "support/scratch_folder.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cinescribe/bench/raw_record_json.h"

namespace cinescribe::bench {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

UnitRecord some_unit() {
  UnitRecord unit;
  unit.session = "abc";
  unit.pass = 3;
  unit.stage = kCaptions;
  unit.scene = 7;
  unit.wall_seconds = 1.25;
  unit.tokens_out = 42;
  unit.phases = CaptionPhases{0.1, 0.2, 0.3, 0.4};
  unit.finish_reason = "eos";
  return unit;
}

void write(const fs::path& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

TEST(RawRecord, EveryKindIsReadAsItWasWritten) {
  SessionRecord session;
  session.session = "abc";
  session.cpu = "a processor with \"quotes\" and \xff";
  session.engines = {{"ggml", "1.2"}};
  session.cpu_features = {"avx2"};
  session.devices = {{"CPU", "a processor", 1000}};
  PassRecord pass;
  pass.energy_joules = 12.5;
  pass.peak_memory_bytes = {{"cinescribe", 5'000'000'000}};
  ModelRecord model;
  model.facts_json = R"({"tower":{"width":1024}})";
  QualityRecord quality;
  quality.value = -0.5;
  const std::vector<RawRecord> records = {session, VideoRecord(), model,          SettingsRecord(),
                                          pass,    some_unit(),   SampleRecord(), quality};
  for (const RawRecord& record : records) {
    const std::string line = record_json(record);
    const auto read = record_from_json(line);
    ASSERT_TRUE(read.ok()) << line << ": " << read.error().message;
    ASSERT_TRUE(read->has_value()) << line;
    EXPECT_EQ((*read)->index(), record.index());
    EXPECT_EQ(record_json(**read), line);
  }
}

TEST(RawRecord, AnUnknownKindIsNoErrorAndUnknownKeysAreSkipped) {
  EXPECT_FALSE(record_from_json(R"({"kind":"weather","rain":true})")->has_value());
  EXPECT_TRUE(record_from_json(R"({"kind":"unit","surprise":[1,2]})")->has_value());
}

TEST(RawRecord, WhatCannotBeIsRefusedByName) {
  const auto words = [](const std::string& line) {
    const auto record = record_from_json(line);
    return record.ok() ? std::string() : record.error().message;
  };
  EXPECT_THAT(words(R"({"kind":"unit","wall_seconds":-1})"), HasSubstr("wall_seconds"));
  EXPECT_THAT(words(R"({"kind":"unit","wall_seconds":1e300})"), HasSubstr("wall_seconds"));
  EXPECT_THAT(words(R"({"kind":"unit","tokens_out":1.5})"), HasSubstr("tokens_out"));
  EXPECT_THAT(words(R"({"kind":"unit","tokens_out":18446744073709551615})"), HasSubstr("tokens_out"));
  EXPECT_THAT(words(R"({"kind":"unit","stage":7})"), HasSubstr("stage"));
  EXPECT_THAT(words(R"({"kind":"unit","phases":{"decode_seconds":"fast"}})"), HasSubstr("phases"));
  EXPECT_THAT(words(R"({"kind":"pass","threads":4294967296})"), HasSubstr("threads"));
  EXPECT_THAT(words(R"({"kind":"pass","peak_memory_bytes":{"a":-5}})"), HasSubstr("peak_memory_bytes"));
  EXPECT_THAT(words(R"({"kind":"session","record_version":99})"), HasSubstr("record_version"));
  EXPECT_THAT(words(R"({"kind":"session","devices":[1]})"), HasSubstr("devices"));
  EXPECT_THAT(words(R"({"kind":"model","facts":[]})"), HasSubstr("facts"));
  EXPECT_THAT(words(R"({"kind":17})"), HasSubstr("kind"));
  EXPECT_THAT(words("[]"), HasSubstr("no JSON object"));
  EXPECT_THAT(words(std::string(100'000, '[')), HasSubstr("deep"));
  EXPECT_THAT(words(R"({"kind":"video","name":")" + std::string(70'000, 'x') + "\"}"), HasSubstr("64 KiB"));
}

TEST(RecordFile, WhatIsAppendedIsReadInItsOrderAndStaysWhenMoreIsAppended) {
  const test::ScratchFolder folder;
  const fs::path path = folder / "deep" / "measurements.jsonl";
  for (int call = 0; call < 2; ++call) {
    auto file = RecordFile::open(path);
    ASSERT_TRUE(file.ok()) << file.error().message;
    for (int i = 0; i < 3; ++i) {
      UnitRecord unit = some_unit();
      unit.pass = call * 10 + i;
      ASSERT_TRUE(file->append(unit).ok());
    }
    ASSERT_TRUE(file->sync().ok());
  }
  std::vector<std::int64_t> passes;
  const auto report = read_records(path, [&](RawRecord&& record) -> Status {
    passes.push_back(std::get<UnitRecord>(record).pass);
    return {};
  });
  ASSERT_TRUE(report.ok());
  EXPECT_THAT(passes, ElementsAre(0, 1, 2, 10, 11, 12));
  EXPECT_EQ(report->bad_lines, 0);
}

TEST(RecordFile, ALineThatWasCutShortCostsItselfAlone) {
  const test::ScratchFolder folder;
  const fs::path path = folder / "measurements.jsonl";
  const std::string line = record_json(some_unit());
  write(path, line + "\n" + line.substr(0, 20));
  auto file = RecordFile::open(path);
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE(file->append(some_unit()).ok());
  const auto report = read_records(path, [](RawRecord&&) { return Status(); });
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->records, 2);
  EXPECT_EQ(report->bad_lines, 1);
  ASSERT_EQ(report->problems.size(), 1U);
  EXPECT_THAT(report->problems.front(), HasSubstr("line 2"));
}

TEST(RecordFile, HostileLinesAreToldAndSkipped) {
  const test::ScratchFolder folder;
  const fs::path path = folder / "measurements.jsonl";
  const std::string endless(3 << 20, 'x');
  write(path, "garbage\n\n{\"kind\":\"unit\",\"pass\":\"one\"}\n" + endless + "\n{\"kind\":\"weather\"}\n\x01\x02\n" +
                  record_json(some_unit()));
  int units = 0;
  const auto report = read_records(path, [&](RawRecord&&) -> Status {
    ++units;
    return {};
  });
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(units, 1);
  EXPECT_EQ(report->lines, 7);
  EXPECT_EQ(report->bad_lines, 4);
  EXPECT_EQ(report->unknown_kinds, 1);
  EXPECT_THAT(report->problems,
              ElementsAre(HasSubstr("line 1"), HasSubstr("'pass'"), HasSubstr("1 MiB"), HasSubstr("line 6")));
}

TEST(RecordFile, AFileThatCannotBeReadIsAnErrorThatNamesIt) {
  const test::ScratchFolder folder;
  const auto sink = [](RawRecord&&) { return Status(); };
  for (const fs::path& path : {folder / "missing.jsonl", folder.path()}) {
    const auto report = read_records(path, sink);
    ASSERT_FALSE(report.ok());
    EXPECT_EQ(report.error().code, ErrorCode::kInput);
    EXPECT_THAT(report.error().message, HasSubstr(path.string()));
  }
}

}  // namespace
}  // namespace cinescribe::bench
