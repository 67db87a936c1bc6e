#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cinescribe/captions/captioner.h"
#include "cinescribe/captions/gguf_captioner.h"
#include "cinescribe/image/png.h"

/// The tiny vision-language models under tests/data/gguf_pairs (made by tests/parity/captions/make_gguf_pairs.py).
namespace cinescribe::test {

/// What llama.cpp's own tool generates for one prompt.
struct GgufCase {
  captions::CaptionRequest request;
  std::vector<text::TokenId> ids;
};

inline std::filesystem::path gguf_pairs_folder() { return std::filesystem::path(CINESCRIBE_TEST_DATA) / "gguf_pairs"; }

/// Names of the pairs, in order.
inline std::vector<std::string> gguf_pair_names() {
  return {"gemma3", "internvl", "llava", "qwen2vl", "qwen3vl", "smolvlm"};
}

/// The stored cases of a pair; their ids count from 0.
inline std::vector<GgufCase> gguf_cases(const std::string& pair) {
  std::ifstream file(gguf_pairs_folder() / pair / "case.json");
  const nlohmann::json stored = nlohmann::json::parse(file);
  const std::filesystem::path images = stored["image_folder"].get<std::string>();
  std::vector<GgufCase> cases;
  for (const nlohmann::json& item : stored["cases"]) {
    GgufCase one;
    one.request.id = static_cast<std::int64_t>(cases.size());
    for (const nlohmann::json& name : item["images"]) {
      auto picture = image::read_png(images / name.get<std::string>());
      EXPECT_TRUE(picture.ok());
      if (picture.ok()) one.request.frames.push_back(std::move(*picture));
    }
    for (const nlohmann::json& time : item["times"]) {
      one.request.frame_times.push_back(Timestamp::from_seconds(time.get<double>()));
    }
    one.request.prompt = item["prompt"].get<std::string>();
    one.request.generation.max_new_tokens = item["new_tokens"].get<int>();
    one.ids = item["ids"].get<std::vector<text::TokenId>>();
    cases.push_back(std::move(one));
  }
  return cases;
}

}  // namespace cinescribe::test
