#include "cinescribe/sounds/tag_pool.h"

#include <algorithm>
#include <cmath>

namespace cinescribe::sounds {

namespace {

double score_of(float logit) { return std::isnan(logit) ? 0.0 : static_cast<double>(sigmoid(logit)); }

template <typename T>
void cut(std::vector<T>& tags, std::size_t top_k) {
  if (top_k != 0 && tags.size() > top_k) tags.resize(top_k);
}

}  // namespace

std::vector<Tag> tags_of(const std::vector<float>& logits, const TagFilter& filter) {
  std::vector<Tag> tags;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const double score = score_of(logits[i]);
    if (score >= filter.threshold) tags.push_back({static_cast<int>(i), score});
  }
  std::stable_sort(tags.begin(), tags.end(), [](const Tag& a, const Tag& b) { return a.score > b.score; });
  cut(tags, filter.top_k);
  return tags;
}

void TagPool::add(const std::vector<float>& logits) {
  highest_.resize(std::max(highest_.size(), logits.size()));
  sum_.resize(highest_.size());
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const double score = score_of(logits[i]);
    highest_[i] = std::max(highest_[i], score);
    sum_[i] += score;
  }
  ++windows_;
}

std::vector<PooledTag> TagPool::tags(const TagFilter& filter) const {
  std::vector<PooledTag> tags;
  for (std::size_t i = 0; i < highest_.size(); ++i) {
    if (highest_[i] < filter.threshold) continue;
    tags.push_back({static_cast<int>(i), highest_[i], sum_[i] / static_cast<double>(windows_)});
  }
  std::stable_sort(tags.begin(), tags.end(),
                   [](const PooledTag& a, const PooledTag& b) { return a.max_score > b.max_score; });
  cut(tags, filter.top_k);
  return tags;
}

void TagTimeline::add(const TaggedWindow& window, std::vector<TimedTag>& finished) {
  std::vector<TimedTag> still_open;
  for (TimedTag& entry : open_) {
    (entry.range.end < window.range.start ? finished : still_open).push_back(entry);
  }
  for (const Tag& tag : tags_of(window.logits, filter_)) {
    const auto same = std::find_if(still_open.begin(), still_open.end(),
                                   [&](const TimedTag& entry) { return entry.label_index == tag.label_index; });
    if (same == still_open.end()) {
      still_open.push_back({window.range, tag.label_index, tag.score});
    } else {
      same->range.end = std::max(same->range.end, window.range.end);
      same->max_score = std::max(same->max_score, tag.score);
    }
  }
  open_ = std::move(still_open);
}

void TagTimeline::finish(std::vector<TimedTag>& finished) {
  std::stable_sort(open_.begin(), open_.end(),
                   [](const TimedTag& a, const TimedTag& b) { return a.range.end < b.range.end; });
  finished.insert(finished.end(), open_.begin(), open_.end());
  open_.clear();
}

}  // namespace cinescribe::sounds
