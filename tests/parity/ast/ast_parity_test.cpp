// Every case under <parity>/ast: import the checkpoint, tag its clips in f32, compare features, hidden states and
// logits.
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "parity/parity_cases.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "cinescribe/models/ast_import.h"
#include "cinescribe/models/safetensors.h"
#include "cinescribe/sounds/ast_tagger.h"
#include "cinescribe/tensor/mapped_file.h"

namespace cinescribe {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// The `data` chunk of a canonical 16-bit mono WAV file, divided by 32768.
std::vector<float> read_wav(const fs::path& path) {
  const std::string bytes = parity::read_text(path);
  const std::size_t chunk = bytes.find("data");
  if (chunk == std::string::npos) return {};
  std::uint32_t size = 0;
  std::memcpy(&size, bytes.data() + chunk + 4, 4);
  std::vector<float> samples(size / 2);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    std::int16_t s = 0;
    std::memcpy(&s, bytes.data() + chunk + 8 + 2 * i, 2);
    samples[i] = static_cast<float>(s) / 32768.0F;
  }
  return samples;
}

std::vector<float> as_floats(const models::TensorView& view) {
  std::vector<float> out(view.bytes.size() / sizeof(float));
  if (!out.empty()) std::memcpy(out.data(), view.bytes.data(), view.bytes.size());
  return out;
}

std::vector<std::int32_t> as_indices(const models::TensorView& view) {
  std::vector<std::int32_t> out(view.bytes.size() / sizeof(std::int32_t));
  if (!out.empty()) std::memcpy(out.data(), view.bytes.data(), view.bytes.size());
  return out;
}

/// What the tagger told about one clip: name -> values of the only window.
using Probed = std::map<std::string, std::vector<float>, std::less<>>;

/// Compares the stored rows (all, or those in `rows`) with the probed values; errors relative to the largest stored
/// value.
void compare_rows(const Probed& probed, const std::string& name, const std::vector<float>& expected,
                  const std::vector<std::int32_t>& rows, bool is_relative, parity::Errors& errors) {
  const auto found = probed.find(name);
  if (found == probed.end() || rows.empty()) {
    errors.add(HUGE_VAL, 0.0);
    return;
  }
  double scale = 1.0;
  if (is_relative) {
    for (const float v : expected) scale = std::max(scale, std::abs(static_cast<double>(v)));
  }
  const std::size_t width = expected.size() / rows.size();
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (std::size_t i = 0; i < width; ++i) {
      const std::size_t at = static_cast<std::size_t>(rows[r]) * width + i;
      errors.add(at < found->second.size() ? static_cast<double>(found->second[at]) / scale : HUGE_VAL,
                 static_cast<double>(expected[r * width + i]) / scale);
    }
  }
}

class AstCase {
 public:
  explicit AstCase(fs::path folder) : folder_(std::move(folder)), name_(folder_.filename().string()) {}

  void run() {
    description_ = json::parse(parity::read_text(folder_ / "case.json"), nullptr, false);
    ASSERT_TRUE(description_.is_object()) << folder_;
    auto mapped = tensor::MappedFile::open(folder_ / "expected.safetensors");
    ASSERT_TRUE(mapped.ok()) << mapped.error().message;
    auto expected = models::parse_safetensors(mapped->bytes());
    ASSERT_TRUE(expected.ok()) << expected.error().message;
    expected_ = *expected;
    const fs::path gguf =
        fs::temp_directory_path() / ("cinescribe_ast_" + name_ + "_" + std::to_string(::getpid()) + ".gguf");
    const auto imported = models::import_ast(folder_ / "model", gguf, tensor::WeightType::kF32);
    ASSERT_TRUE(imported.ok()) << imported.error().message;
    sounds::AstOptions options;
    options.threads = 2;
    options.is_fused_attention = false;
    options.probe = [this](std::string_view name, std::span<const float> values) {
      probed_[std::string(name)] = {values.begin(), values.end()};
    };
    auto tagger = sounds::load_ast(gguf, options);
    fs::remove(gguf);
    ASSERT_TRUE(tagger.ok()) << tagger.error().message;
    for (const auto& [clip, facts] : description_["expected"]["clips"].items()) compare_clip(**tagger, clip, facts);
  }

 private:
  [[nodiscard]] std::vector<float> stored(const std::string& key) const {
    const auto found = expected_.find(key);
    return found == expected_.end() ? std::vector<float>() : as_floats(found->second);
  }

  void compare_clip(sounds::SoundTagger& tagger, const std::string& clip, const json& facts) {
    probed_.clear();
    const auto samples = read_wav(folder_ / facts["file"].get<std::string>());
    ASSERT_EQ(samples.size(), facts["n_samples"].get<std::size_t>()) << clip;
    const std::span<const float> window(samples);
    const auto rows = tagger.logits(std::span(&window, 1), {});
    ASSERT_TRUE(rows.ok()) << rows.error().message;
    const json& tolerances = description_["tolerances"];
    parity::Errors logits;
    auto reference = stored(clip + ".logits");
    if (reference.empty()) reference = stored(clip + ".all_padding_logits");
    ASSERT_EQ(rows->front().size(), reference.size()) << clip;
    for (std::size_t i = 0; i < reference.size(); ++i) logits.add(rows->front()[i], reference[i]);
    verdict(clip + " logits", logits, tolerances["logits_abs"].get<double>());

    if (expected_.count(clip + ".fbank_norm") == 0) return;
    const auto frames = as_indices(expected_.at("frame_index"));
    parity::Errors features;
    compare_rows(probed_, "fbank", stored(clip + ".fbank_norm"), frames, false, features);
    verdict(clip + " fbank", features, tolerances["fbank_norm"].get<double>());
    parity::Errors hidden;
    compare_rows(probed_, "embeddings", stored(clip + ".embeddings"), as_indices(expected_.at("token_index")), true,
                 hidden);
    for (int k = 1; expected_.count(clip + ".hidden_" + std::to_string(k)) != 0; ++k) {
      const std::string layer = "hidden_" + std::to_string(k);
      compare_rows(probed_, layer, stored(clip + "." + layer), as_indices(expected_.at("token_index_hidden")), true,
                   hidden);
    }
    compare_rows(probed_, "final_norm", stored(clip + ".final_norm"), {0, 1}, true, hidden);
    verdict(clip + " hidden states", hidden, tolerances["hidden_rel"].get<double>());
  }

  void verdict(const std::string& what, const parity::Errors& errors, double allowed) const {
    const bool is_ok = errors.count() > 0 && errors.largest() <= allowed;
    parity::report("ast", name_ + "/" + what, errors, allowed, is_ok);
    EXPECT_TRUE(is_ok) << name_ << " " << what;
  }

  fs::path folder_;
  std::string name_;
  json description_;
  std::map<std::string, models::TensorView> expected_;
  Probed probed_;
};

TEST(AstParity, LogitsFeaturesAndHiddenStatesEqualTheReference) {
  const auto cases = parity::cases("ast");
  ASSERT_FALSE(cases.empty()) << "no cases under " << parity::root() / "ast";
  for (const auto& folder : cases) AstCase(folder).run();
}

}  // namespace
}  // namespace cinescribe
