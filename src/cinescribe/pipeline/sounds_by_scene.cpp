#include "cinescribe/pipeline/sounds_by_scene.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "cinescribe/core/audio.h"

namespace cinescribe::pipeline {

namespace {

constexpr std::int64_t kBlockSamples = kAudioRateHz;

/// The first sample that sounds at or after a time. Precondition: less than 18 years.
std::int64_t first_sample_at(Timestamp time) {
  constexpr std::int64_t kNsPerSecond = 1'000'000'000;
  const std::int64_t ns = std::max<std::int64_t>(0, time.ns());
  return ns / kNsPerSecond * kAudioRateHz + (ns % kNsPerSecond * kAudioRateHz + kNsPerSecond - 1) / kNsPerSecond;
}

}  // namespace

SoundsByScene::SoundsByScene(sounds::SoundTagger& tagger, Options options, Deliver deliver, std::stop_token stop)
    : options_(std::move(options)),
      deliver_(std::move(deliver)),
      backlog_(options_.folder, SampleBacklog::kMemorySamples, options_.quota),
      stream_(
          tagger, [this](sounds::TaggedWindow&& window) { return take(std::move(window)); }, std::move(stop),
          options_.skips_masked),
      time_line_(options_.filter, options_.delivered.open) {
  stream_.skip(options_.delivered.scenes > 0);
}

Status SoundsByScene::push(std::span<const float> samples) {
  CINESCRIBE_TRY(backlog_.push(samples));
  return advance(settled_);
}

Status SoundsByScene::settle(std::span<const Timestamp> cuts, Timestamp until) {
  for (const Timestamp cut : cuts) cuts_.push_back(first_sample_at(cut));
  settled_ = std::max(settled_, first_sample_at(until));
  return advance(settled_);
}

Status SoundsByScene::advance(std::int64_t until_sample) {
  std::vector<float> block;
  while (position_ < until_sample && backlog_.size() > 0) {
    if (!cuts_.empty() && cuts_.front() <= position_) {
      CINESCRIBE_TRY(end_scene());
      continue;
    }
    const std::int64_t end = cuts_.empty() ? until_sample : std::min(until_sample, cuts_.front());
    block.clear();
    CINESCRIBE_TRY(backlog_.take(static_cast<std::size_t>(std::min(end - position_, kBlockSamples)), block));
    position_ += static_cast<std::int64_t>(block.size());
    CINESCRIBE_TRY(stream_.push(block));
  }
  return {};
}

Status SoundsByScene::end_scene() {
  CINESCRIBE_TRY(stream_.end_stretch());
  stream_.skip(++streamed_scenes_ < options_.delivered.scenes);
  scene_ends_.push_back(Timestamp::from_ticks(position_, {1, kAudioRateHz}));
  cuts_.pop_front();
  return {};
}

Status SoundsByScene::finish() {
  CINESCRIBE_TRY(advance(std::numeric_limits<std::int64_t>::max()));
  while (!cuts_.empty()) CINESCRIBE_TRY(end_scene());
  CINESCRIBE_TRY(stream_.finish());
  while (!scene_ends_.empty()) CINESCRIBE_TRY(deliver_scene());
  time_line_.finish(finished_tags_);
  return deliver_scene();
}

Status SoundsByScene::take(sounds::TaggedWindow&& window) {
  while (!scene_ends_.empty() && window.range.start >= scene_ends_.front()) CINESCRIBE_TRY(deliver_scene());
  pool_.add(window.logits);
  time_line_.add(window, finished_tags_);
  if (options_.on_move) options_.on_move(window.range.end);
  return {};
}

Status SoundsByScene::deliver_scene() {
  SceneSounds scene;
  scene.scene_index = scene_index_++;
  scene.windows = pool_.windows();
  scene.tags = pool_.tags(options_.filter);
  scene.time_line = std::exchange(finished_tags_, {});
  scene.open = time_line_.open();
  pool_ = {};
  if (!scene_ends_.empty()) scene_ends_.pop_front();
  return scene.scene_index < options_.delivered.scenes ? Status() : deliver_(std::move(scene));
}

}  // namespace cinescribe::pipeline
