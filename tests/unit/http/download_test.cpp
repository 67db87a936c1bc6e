#include "cinescribe/http/download.h"

#include <csignal>
#include <cstdlib>

#include "support/scratch_folder.h"
#include "support/stub_server.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

namespace cinescribe::http {
namespace {

namespace fs = std::filesystem;
using test::read_bytes;
using test::StubAnswer;
using test::StubRequest;
using test::StubServer;
using test::write_bytes;
using ::testing::HasSubstr;

std::string made_up_content(std::size_t size) {
  std::string content(size, '\0');
  for (std::size_t i = 0; i < size; ++i) content[i] = static_cast<char>((i * 31 + i / 251) & 0xFFU);
  return content;
}

/// A server that understands ranges, as file servers do.
StubAnswer serve_range(const StubRequest& request, const std::string& content, const std::string& etag) {
  const auto range = request.headers.find("range");
  const auto condition = request.headers.find("if-range");
  const bool is_same = condition == request.headers.end() || condition->second == etag;
  StubAnswer answer;
  if (!etag.empty()) answer.headers.emplace_back("ETag", etag);
  if (range == request.headers.end() || !is_same) {
    answer.body = content;
    return answer;
  }
  const std::size_t first = std::stoul(range->second.substr(std::string("bytes=").size()));
  if (first >= content.size()) {
    answer.status = 416;
    answer.headers.emplace_back("Content-Range", "bytes */" + std::to_string(content.size()));
    return answer;
  }
  answer.status = 206;
  answer.headers.emplace_back("Content-Range", "bytes " + std::to_string(first) + "-" +
                                                   std::to_string(content.size() - 1) + "/" +
                                                   std::to_string(content.size()));
  answer.body = content.substr(first);
  return answer;
}

class DownloadTest : public ::testing::Test {
 protected:
  void SetUp() override { ::setenv("no_proxy", "127.0.0.1", 1); }

  Download download_from(const StubServer& server) {
    Download what;
    what.url = server.address() + "/file.bin";
    what.part_file = part_;
    what.retry.first_wait = std::chrono::milliseconds(1);
    return what;
  }

  test::ScratchFolder folder_;
  const fs::path part_ = folder_ / "file.bin.part";
  const std::string content_ = made_up_content(100'000);
};

TEST_F(DownloadTest, AFileArrivesWholeAndProgressEndsAtItsLength) {
  const StubServer server([this](const StubRequest& request, int) { return serve_range(request, content_, ""); });
  Download what = download_from(server);
  TransferProgress last;
  what.on_progress = [&last](const TransferProgress& progress) { last = progress; };
  const auto length = download(what, {});
  ASSERT_TRUE(length.ok()) << length.error().message;
  EXPECT_EQ(*length, content_.size());
  EXPECT_EQ(read_bytes(part_), content_);
  EXPECT_EQ(last.done_bytes, content_.size());
  EXPECT_EQ(last.total_bytes, content_.size());
}

TEST_F(DownloadTest, ABrokenConnectionContinuesWhereItBroke) {
  const StubServer server([this](const StubRequest& request, int count) {
    StubAnswer answer = serve_range(request, content_, "\"v1\"");
    if (count < 8) answer.break_after = 10'000;
    return answer;
  });
  const auto length = download(download_from(server), {});
  ASSERT_TRUE(length.ok()) << length.error().message;
  EXPECT_EQ(read_bytes(part_), content_);
  EXPECT_EQ(server.requests().at(1).headers.at("range"), "bytes=10000-");
  EXPECT_EQ(server.requests().at(1).headers.at("if-range"), "\"v1\"");
  EXPECT_FALSE(fs::exists(part_.string() + ".etag"));
}

TEST_F(DownloadTest, AnEarlierRunsPartIsContinuedWhenAChecksumFollows) {
  const StubServer server([this](const StubRequest& request, int) { return serve_range(request, content_, ""); });
  write_bytes(part_, content_.substr(0, 60'000));
  Download what = download_from(server);
  what.may_resume_unvalidated = true;
  ASSERT_TRUE(download(what, {}).ok());
  EXPECT_EQ(read_bytes(part_), content_);
  EXPECT_EQ(server.requests().at(0).headers.at("range"), "bytes=60000-");
}

TEST_F(DownloadTest, APartNobodyCanVouchForIsFetchedAnew) {
  const StubServer server([this](const StubRequest& request, int) { return serve_range(request, content_, ""); });
  write_bytes(part_, "something else");
  ASSERT_TRUE(download(download_from(server), {}).ok());
  EXPECT_EQ(read_bytes(part_), content_);
  EXPECT_EQ(server.requests().at(0).headers.count("range"), 0U);
}

TEST_F(DownloadTest, AFileThatChangedMeanwhileIsFetchedFromItsStart) {
  const std::string newer = made_up_content(90'001);
  const StubServer server([&](const StubRequest& request, int count) {
    if (count > 0) return serve_range(request, newer, "\"v2\"");
    StubAnswer answer = serve_range(request, content_, "\"v1\"");
    answer.break_after = 50'000;
    return answer;
  });
  ASSERT_TRUE(download(download_from(server), {}).ok());
  EXPECT_EQ(read_bytes(part_), newer);
}

TEST_F(DownloadTest, AServerWithoutRangesStartsOver) {
  const StubServer server([this](const StubRequest&, int count) {
    StubAnswer answer{200, {{"ETag", "\"v1\""}}, content_};
    if (count == 0) answer.break_after = 30'000;
    return answer;
  });
  ASSERT_TRUE(download(download_from(server), {}).ok());
  EXPECT_EQ(read_bytes(part_), content_);
}

TEST_F(DownloadTest, AServerThatAnswersAnotherRangeIsNotBelieved) {
  const StubServer server([this](const StubRequest& request, int) {
    StubAnswer answer = serve_range(request, content_, "");
    if (answer.status == 206) answer.headers = {{"Content-Range", "bytes 5-99999/100000"}};
    return answer;
  });
  write_bytes(part_, content_.substr(0, 10));
  Download what = download_from(server);
  what.may_resume_unvalidated = true;
  ASSERT_TRUE(download(what, {}).ok());
  EXPECT_EQ(read_bytes(part_), content_);
}

TEST_F(DownloadTest, AWholePartNeedsNoByteMore) {
  const StubServer server([this](const StubRequest& request, int) { return serve_range(request, content_, "\"v1\""); });
  write_bytes(part_, content_);
  write_bytes(part_.string() + ".etag", "\"v1\"");
  const auto length = download(download_from(server), {});
  ASSERT_TRUE(length.ok()) << length.error().message;
  EXPECT_EQ(*length, content_.size());
  EXPECT_EQ(read_bytes(part_), content_);
}

TEST_F(DownloadTest, AServerThatAlwaysBreaksAtTheSamePlaceIsGivenUp) {
  const StubServer server([this](const StubRequest&, int) { return StubAnswer{200, {}, content_, 100}; });
  Download what = download_from(server);
  what.retry.max_attempts = 3;
  const auto length = download(what, {});
  ASSERT_FALSE(length.ok());
  EXPECT_EQ(length.error().code, ErrorCode::kResource);
  EXPECT_LE(server.requests().size(), 4U);
}

TEST_F(DownloadTest, AMissingFileIsNamedAndLeavesNothingInThePart) {
  const StubServer server([](const StubRequest&, int) { return StubAnswer{404, {}, "<html>not here</html>"}; });
  const auto length = download(download_from(server), {});
  ASSERT_FALSE(length.ok());
  EXPECT_EQ(length.error().code, ErrorCode::kResource);
  EXPECT_THAT(length.error().message, HasSubstr("/file.bin: the server answered 404"));
  EXPECT_EQ(server.requests().size(), 1U);
  EXPECT_EQ(read_bytes(part_), "");
}

TEST_F(DownloadTest, ALongerOrShorterFileThanExpectedIsAnError) {
  const StubServer server([this](const StubRequest& request, int) { return serve_range(request, content_, ""); });
  Download what = download_from(server);
  what.expected_size = content_.size() - 1;
  EXPECT_THAT(download(what, {}).error().message, HasSubstr("longer than the expected 99999 bytes"));
  fs::remove(part_);
  what.expected_size = content_.size() + 1;
  EXPECT_THAT(download(what, {}).error().message, HasSubstr("expected are 100001"));
  fs::remove(part_);
  what.expected_size.reset();
  what.max_bytes = 1000;
  EXPECT_EQ(download(what, {}).error().code, ErrorCode::kResource);
  EXPECT_LE(fs::file_size(part_), 1000U);
}

TEST_F(DownloadTest, AStopKeepsWhatHasCome) {
  std::stop_source source;
  const StubServer server([this, &source](const StubRequest& request, int count) {
    StubAnswer answer = serve_range(request, content_, "\"v1\"");
    if (count == 0) {
      answer.break_after = 40'000;
    } else {
      source.request_stop();
      answer.is_silent = true;
    }
    return answer;
  });
  const auto length = download(download_from(server), source.get_token());
  ASSERT_FALSE(length.ok());
  EXPECT_EQ(length.error().code, ErrorCode::kInterrupted);
  EXPECT_EQ(read_bytes(part_), content_.substr(0, 40'000));
}

TEST_F(DownloadTest, AWriteThatFailsIsNamedAndNotTriedAgain) {
  const StubServer server([this](const StubRequest& request, int) { return serve_range(request, content_, ""); });
  // A limit on the length of files stands in for a full disk.
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit old{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old), 0);
  const rlimit small{50'000, old.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto length = download(download_from(server), {});
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &old), 0);
  ASSERT_FALSE(length.ok());
  EXPECT_EQ(length.error().code, ErrorCode::kResource);
  EXPECT_THAT(length.error().message, HasSubstr("cannot write " + part_.string()));
  EXPECT_EQ(server.requests().size(), 1U);
  EXPECT_EQ(read_bytes(part_), content_.substr(0, 50'000));
}

}  // namespace
}  // namespace cinescribe::http
