#include "cinescribe/pipeline/worker_messages.h"

#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace cinescribe::pipeline {
namespace {

WireMessage on_the_wire(const WorkerTask& task) {
  WireMessage message{worker_task(task), {}};
  if (task.told != WorkerTold::kScene) return message;
  for (const auto& part : pixels_of(task.scene)) message.bytes.insert(message.bytes.end(), part.begin(), part.end());
  return message;
}

captions::CaptionRequest a_scene() {
  captions::CaptionRequest scene;
  scene.id = 41;
  scene.frames = {Image(3, 2, 3), Image(2, 2, 3)};
  for (std::size_t i = 0; i < 18; ++i) scene.frames[0].pixels[i] = static_cast<std::uint8_t>(i + 1);
  scene.frames[1].pixels.back() = 255;
  scene.frame_times = {Timestamp::from_ns(-5), Timestamp::from_ns(1'234'567'890'123)};
  scene.prompt = "what\n\xff\xfe happens \"here\"?";
  scene.is_raw_prompt = true;
  scene.context.speech = {"a", ""};
  scene.context.objects = {{"car", 2, 0.1, 1.0 / 3.0}};
  scene.context.sounds = {{"Music", 0.25}};
  scene.generation.max_length = 77;
  scene.generation.num_beams = 5;
  scene.generation.early_stopping = language::EarlyStopping::kNever;
  scene.generation.temperature = 0.1;
  scene.generation.seed = std::numeric_limits<std::uint64_t>::max();
  scene.generation.eos_ids = {2, 32000};
  scene.generation.stop_strings = {"\xc3", "###"};
  return scene;
}

TEST(WorkerMessages, ASceneComesBackBitByBit) {
  WorkerTask task;
  task.told = WorkerTold::kScene;
  task.scene = a_scene();
  const auto back = parse_worker_task(on_the_wire(task));
  ASSERT_TRUE(back.ok()) << back.error().message;
  const captions::CaptionRequest& scene = back->scene;
  EXPECT_EQ(scene.id, 41);
  ASSERT_EQ(scene.frames.size(), 2U);
  EXPECT_EQ(scene.frames[0].width, 3);
  EXPECT_EQ(scene.frames[0].pixels, task.scene.frames[0].pixels);
  EXPECT_EQ(scene.frames[1].pixels, task.scene.frames[1].pixels);
  EXPECT_EQ(scene.frame_times, task.scene.frame_times);
  EXPECT_EQ(scene.prompt, task.scene.prompt);
  EXPECT_TRUE(scene.is_raw_prompt);
  EXPECT_EQ(scene.context.objects.at(0).screen_share, 1.0 / 3.0);
  EXPECT_EQ(scene.context.speech, task.scene.context.speech);
  EXPECT_EQ(scene.generation.max_length, 77);
  EXPECT_FALSE(scene.generation.max_new_tokens.has_value());
  EXPECT_EQ(scene.generation.early_stopping, language::EarlyStopping::kNever);
  EXPECT_EQ(scene.generation.temperature, 0.1);
  EXPECT_EQ(scene.generation.seed, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(scene.generation.eos_ids, task.scene.generation.eos_ids);
  EXPECT_EQ(scene.generation.stop_strings, task.scene.generation.stop_strings);
}

TEST(WorkerMessages, PicturesOfAForecastHaveASizeAlone) {
  WorkerTask task;
  task.told = WorkerTold::kForecast;
  task.scene = a_scene();
  task.scenes = 3000;
  const auto back = parse_worker_task(on_the_wire(task));
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(back->scenes, 3000);
  ASSERT_EQ(back->scene.frames.size(), 2U);
  EXPECT_EQ(back->scene.frames[1].height, 2);
}

TEST(WorkerMessages, AnOrderComesBack) {
  WorkerTask task;
  task.told = WorkerTold::kLoad;
  task.order.name = "models/\xff odd";
  task.order.options.device = "cuda:1";
  task.order.options.threads = 3;
  task.order.options.kv_type = language::KvType::kQ80;
  task.order.options.on_overflow = captions::OverflowRule::kFewerFrames;
  task.order.options.is_frame_by_frame = true;
  task.order.checksum = "aabb";
  const auto back = parse_worker_task(on_the_wire(task));
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(back->order.name, task.order.name);
  EXPECT_EQ(back->order.options.device, "cuda:1");
  EXPECT_EQ(back->order.options.threads, 3);
  EXPECT_EQ(back->order.options.kv_type, language::KvType::kQ80);
  EXPECT_EQ(back->order.options.on_overflow, captions::OverflowRule::kFewerFrames);
  EXPECT_TRUE(back->order.options.is_frame_by_frame);
  EXPECT_EQ(back->order.checksum, "aabb");
}

TEST(WorkerMessages, ACaptionComesBackBitByBit) {
  WorkerWords words;
  words.says = WorkerSays::kDone;
  captions::Caption caption;
  caption.text = "a \xf0\x9f\x98\x80 and a broken \xf0\x9f";
  language::Sequence sequence;
  sequence.ids = {1, 2, 3};
  sequence.logprobs = {-0.1F, -std::numeric_limits<float>::infinity(), std::nextafterf(-1.0F, 0.0F)};
  sequence.score = -1.0 / 3.0;
  sequence.finish = language::FinishReason::kStopString;
  caption.sequences = {sequence, {}};
  caption.sequence_texts = {caption.text, ""};
  caption.suspect = "repeats itself";
  caption.frames_used = 2;
  caption.timings.decode_seconds = 0.1;
  words.outcome = {7, caption};
  const auto back = parse_worker_words(worker_says(words));
  ASSERT_TRUE(back.ok()) << back.error().message;
  ASSERT_TRUE(back->outcome.caption.ok());
  EXPECT_EQ(back->outcome.id, 7);
  const captions::Caption& read = *back->outcome.caption;
  EXPECT_EQ(read.text, caption.text);
  ASSERT_EQ(read.sequences.size(), 2U);
  EXPECT_EQ(read.sequences[0].ids, sequence.ids);
  EXPECT_EQ(read.sequences[0].logprobs, sequence.logprobs);
  EXPECT_EQ(read.sequences[0].score, sequence.score);
  EXPECT_EQ(read.sequences[0].finish, language::FinishReason::kStopString);
  EXPECT_EQ(read.suspect, caption.suspect);
  EXPECT_EQ(read.timings.decode_seconds, 0.1);
}

TEST(WorkerMessages, FailuresKeepTheirCode) {
  WorkerWords words;
  words.says = WorkerSays::kEnded;
  words.status = Error{ErrorCode::kResource, "no room"};
  words.work = {1000, 24};
  const auto back = parse_worker_words(worker_says(words));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->work.prompt_tokens, 1000);
  EXPECT_EQ(back->work.shared_prefix_tokens, 24);
  ASSERT_FALSE(back->status.ok());
  EXPECT_EQ(back->status.error().code, ErrorCode::kResource);
  EXPECT_EQ(back->status.error().message, "no room");
}

TEST(WorkerMessages, WhatDoesNotFitIsRefused) {
  for (const char* text : {"", "[]", "{}", "{\"type\":3}", "{\"type\":\"scene\"}", "{\"type\":\"dance\"}",
                           "{\"type\":\"done\",\"id\":1}", "{\"type\":\"done\",\"id\":-1.5,\"error\":null}",
                           "{\"type\":\"ended\",\"error\":{\"code\":99,\"message\":\"\"}}",
                           "{\"type\":\"alive\",\"steps\":-1,\"cpu_seconds\":0}"}) {
    EXPECT_FALSE(parse_worker_words(text).ok()) << text;
    EXPECT_FALSE(parse_worker_task({text, {}}).ok()) << text;
  }
}

TEST(WorkerMessages, PixelsMustBeAsManyAsThePicturesHave) {
  WorkerTask task;
  task.told = WorkerTold::kScene;
  task.scene = a_scene();
  WireMessage message = on_the_wire(task);
  message.bytes.pop_back();
  EXPECT_FALSE(parse_worker_task(message).ok());
  task.scene.frames[0].width = -3;
  EXPECT_FALSE(parse_worker_task({worker_task(task), message.bytes}).ok());
  task.scene.frames[0].width = 1 << 30;
  EXPECT_FALSE(parse_worker_task({worker_task(task), message.bytes}).ok());
  task.told = WorkerTold::kRun;
  EXPECT_FALSE(parse_worker_task({worker_task(task), {1, 2, 3}}).ok());
}

}  // namespace
}  // namespace cinescribe::pipeline
