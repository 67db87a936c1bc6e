#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cinescribe/core/time.h"
#include "cinescribe/sounds/window_stream.h"

namespace cinescribe::sounds {

/// Which tags are worth telling.
struct TagFilter {
  double threshold = 0.3;  ///< Lowest score, 0..1.
  std::size_t top_k = 10;  ///< Most tags per window or scene; 0 = all above the threshold.
};

struct Tag {
  int label_index = 0;
  double score = 0.0;
};

/// A tag pooled over the windows of a stretch.
struct PooledTag {
  int label_index = 0;
  double max_score = 0.0;
  double mean_score = 0.0;
};

/// Tags of one row of logits, best first, equal scores by label. NaN logits count as score 0.
std::vector<Tag> tags_of(const std::vector<float>& logits, const TagFilter& filter);

/// Pools windows into one list of tags: highest and mean score per label, filtered and ordered by the highest.
class TagPool {
 public:
  void add(const std::vector<float>& logits);
  [[nodiscard]] std::size_t windows() const { return windows_; }
  [[nodiscard]] std::vector<PooledTag> tags(const TagFilter& filter) const;

 private:
  std::vector<double> highest_;
  std::vector<double> sum_;
  std::size_t windows_ = 0;
};

/// A stretch of time in which a label stays above the threshold.
struct TimedTag {
  TimeRange range;
  int label_index = 0;
  double max_score = 0.0;
};

/// Merges tags of adjoining or overlapping windows into a time line. Windows come in time order; finished entries come
/// out as soon as no later window can extend them, in the order in which they end. Memory: one open entry per label.
class TagTimeline {
 public:
  /// `open`: what another time line left open, to go on from there.
  explicit TagTimeline(TagFilter filter, std::vector<TimedTag> open = {}) : filter_(filter), open_(std::move(open)) {}
  void add(const TaggedWindow& window, std::vector<TimedTag>& finished);
  void finish(std::vector<TimedTag>& finished);
  [[nodiscard]] const std::vector<TimedTag>& open() const { return open_; }

 private:
  TagFilter filter_;
  std::vector<TimedTag> open_;
};

}  // namespace cinescribe::sounds
