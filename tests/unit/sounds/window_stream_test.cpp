#include "cinescribe/sounds/window_stream.h"

#include <numeric>
#include <vector>

#include <gtest/gtest.h>

namespace cinescribe::sounds {
namespace {

/// Answers each window with its first sample, its last sample and its length; windows of 10 samples, hop 5.
class StubTagger final : public SoundTagger {
 public:
  explicit StubTagger(std::size_t hop) : hop_(hop) {}
  [[nodiscard]] const std::vector<std::string>& labels() const override { return labels_; }
  [[nodiscard]] std::size_t window_samples() const override { return 10; }
  [[nodiscard]] std::size_t hop_samples() const override { return hop_; }
  [[nodiscard]] std::size_t batch_windows() const override { return 3; }
  Result<std::vector<std::vector<float>>> logits(std::span<const std::span<const float>> windows,
                                                 const std::stop_token&) override {
    std::vector<std::vector<float>> rows;
    for (const auto& w : windows) rows.push_back({w.front(), w.back(), static_cast<float>(w.size())});
    return rows;
  }

 private:
  std::size_t hop_;
  std::vector<std::string> labels_{"first", "last", "length"};
};

using Rows = std::vector<std::vector<float>>;

/// Pushes samples 0, 1, 2, ... in pieces, with a boundary after each count in `stretches`.
Rows windows_of(const std::vector<int>& stretches, std::size_t hop, std::size_t piece) {
  StubTagger tagger(hop);
  Rows rows;
  WindowStream stream(tagger, [&](TaggedWindow&& w) {
    EXPECT_EQ(w.range.start.ns(), Timestamp::from_ticks(static_cast<std::int64_t>(w.logits[0]), {1, 16000}).ns());
    EXPECT_EQ(w.range.end.ns(), Timestamp::from_ticks(static_cast<std::int64_t>(w.logits[1]) + 1, {1, 16000}).ns());
    rows.push_back(w.logits);
    return Status();
  });
  float next = 0.0F;
  for (const int count : stretches) {
    for (int done = 0; done < count;) {
      std::vector<float> samples(std::min<std::size_t>(piece, static_cast<std::size_t>(count - done)));
      std::iota(samples.begin(), samples.end(), next);
      next += static_cast<float>(samples.size());
      done += static_cast<int>(samples.size());
      EXPECT_TRUE(stream.push(samples).ok());
    }
    EXPECT_TRUE(stream.end_stretch().ok());
  }
  EXPECT_TRUE(stream.finish().ok());
  return rows;
}

TEST(WindowStream, CoversAStretchWholeAndEndsTheLastWindowWithIt) {
  EXPECT_EQ(windows_of({24}, 10, 7), (Rows{{0, 9, 10}, {10, 19, 10}, {14, 23, 10}}));
}

TEST(WindowStream, NeverReachesOverABoundary) {
  EXPECT_EQ(windows_of({12, 3, 10}, 10, 100), (Rows{{0, 9, 10}, {2, 11, 10}, {12, 14, 3}, {15, 24, 10}}));
}

TEST(WindowStream, OverlapsWindowsByTheTaggersHop) {
  EXPECT_EQ(windows_of({20}, 5, 3), (Rows{{0, 9, 10}, {5, 14, 10}, {10, 19, 10}}));
}

TEST(WindowStream, GivesTheSameWindowsForAnySizeOfPieces) {
  const auto expected = windows_of({137, 5, 61}, 5, 1000);
  for (const std::size_t piece : {1U, 2U, 9U, 64U}) EXPECT_EQ(windows_of({137, 5, 61}, 5, piece), expected) << piece;
}

TEST(WindowStream, GivesNothingForAnEmptyStretch) { EXPECT_TRUE(windows_of({0, 0}, 10, 5).empty()); }

TEST(WindowStream, HandsOnTheSinksError) {
  StubTagger tagger(10);
  WindowStream stream(tagger, [](TaggedWindow&&) { return Status(Error{ErrorCode::kResource, "full"}); });
  const std::vector<float> samples(100);
  const Status status = stream.push(samples);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message, "full");
}

}  // namespace
}  // namespace cinescribe::sounds
