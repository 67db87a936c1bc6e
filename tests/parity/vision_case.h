#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "parity/model_case.h"
#include "parity/parity_cases.h"
#include "parity/stored_array.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cinescribe/captions/vision_encoder.h"
#include "cinescribe/image/png.h"

namespace cinescribe::parity {

/// The picture half of one case of a vision-language model: its checkpoint is imported in f32, its pictures are encoded
/// with plain attention, and what the probe heard is compared with the stored arrays.
class VisionCase {
 public:
  VisionCase(std::string family, const std::filesystem::path& folder)
      : family_(std::move(family)), name_(folder.filename().string()), folder_(folder), model_(folder) {}

  /// Encodes the pictures of `task` (names relative to the case) with an instruction; `is_probed` keeps what the probe
  /// hears in `probed()`. Failures are reported and give no rows.
  std::vector<captions::ImageRows> encode(const std::vector<std::string>& images, const std::string& instruction) {
    if (!encoder_ && !load()) return {};
    captions::VisionTask task;
    task.instruction = instruction;
    for (const std::string& image : images) {
      auto picture = image::read_png(folder_ / image);
      EXPECT_TRUE(picture.ok()) << (picture.ok() ? "" : picture.error().message);
      if (!picture.ok()) return {};
      task.images.push_back(*std::move(picture));
    }
    probed_.clear();
    captions::VisionTimings timings;
    auto rows = encoder_->encode({&task, 1}, timings, {});
    EXPECT_TRUE(rows.ok()) << name_ << ": " << (rows.ok() ? "" : rows.error().message);
    return rows.ok() ? std::move(rows->front()) : std::vector<captions::ImageRows>();
  }

  [[nodiscard]] const nlohmann::json& description() const { return model_.description(); }
  [[nodiscard]] const std::filesystem::path& model_folder() const { return model_.folder(); }
  [[nodiscard]] const tensor::ModelCard& card() const { return model_.card(); }

  /// Stored array of this name; empty when there is none.
  [[nodiscard]] std::vector<float> stored(const std::string& name) const {
    return read_array<float>(folder_ / "expected.safetensors", name);
  }
  [[nodiscard]] std::vector<std::int32_t> stored_indices(const std::string& name) const {
    return read_array<std::int32_t>(folder_ / "expected.safetensors", name);
  }
  /// Everything that the probe heard under a name, one after the other.
  [[nodiscard]] const std::vector<float>& probed(const std::string& name) const {
    static const std::vector<float> nothing;
    const auto found = probed_.find(name);
    return found == probed_.end() ? nothing : found->second;
  }

  void verdict(const std::string& what, const Errors& errors, double allowed) const {
    const bool is_ok = errors.count() > 0 && errors.largest() <= allowed;
    report(family_, name_ + "/" + what, errors, allowed, is_ok);
    EXPECT_TRUE(is_ok) << family_ << "/" << name_ << " " << what;
  }

 private:
  bool load() {
    const Status imported = model_.import();
    EXPECT_TRUE(imported.ok()) << name_ << ": " << (imported.ok() ? "" : imported.error().message);
    if (!imported.ok()) return false;
    captions::VisionOptions options;
    options.threads = 1;
    options.is_fused_attention = false;
    options.probe = [this](std::string_view name, std::span<const float> values) {
      auto& all = probed_[std::string(name)];
      all.insert(all.end(), values.begin(), values.end());
    };
    auto encoder = captions::VisionEncoder::load(model_.folder(), model_.card(), options);
    EXPECT_TRUE(encoder.ok()) << name_ << ": " << (encoder.ok() ? "" : encoder.error().message);
    if (encoder.ok()) encoder_ = *std::move(encoder);
    return encoder_ != nullptr;
  }

  std::string family_;
  std::string name_;
  std::filesystem::path folder_;
  ModelCase model_;
  std::map<std::string, std::vector<float>> probed_;
  std::unique_ptr<captions::VisionEncoder> encoder_;
};

/// Rows `indices` of an array of rows of `width` numbers; a row that is not there becomes NaN.
inline std::vector<float> pick_rows(const std::vector<float>& rows, std::size_t width,
                                    const std::vector<std::size_t>& indices) {
  std::vector<float> out;
  for (const std::size_t i : indices) {
    for (std::size_t c = i * width; c < (i + 1) * width; ++c) out.push_back(c < rows.size() ? rows[c] : NAN);
  }
  return out;
}

/// 0, step, 2 · step … below `end`.
inline std::vector<std::size_t> every(std::size_t step, std::size_t end) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < end; i += step) out.push_back(i);
  return out;
}

/// ‖actual - expected‖ / ‖expected‖; infinite when the sizes differ or nothing is stored.
inline double relative_l2(const std::vector<float>& actual, const std::vector<float>& expected) {
  if (actual.size() != expected.size() || expected.empty()) return HUGE_VAL;
  double difference = 0.0;
  double size = 0.0;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const double e = static_cast<double>(expected[i]);
    const double d = static_cast<double>(actual[i]) - e;
    difference += d * d;
    size += e * e;
  }
  return std::isnan(difference) ? HUGE_VAL : std::sqrt(difference / std::max(size, 1e-300));
}

/// Adds every difference, divided by `scale`; infinite when the sizes differ or nothing is stored.
inline void add_all(Errors& errors, const std::vector<float>& actual, const std::vector<float>& expected,
                    double scale = 1.0) {
  if (actual.size() != expected.size() || expected.empty()) return errors.add(HUGE_VAL, 0.0);
  for (std::size_t i = 0; i < actual.size(); ++i) {
    errors.add(static_cast<double>(actual[i]) / scale, static_cast<double>(expected[i]) / scale);
  }
}

/// The largest magnitude, at least 1.
inline double scale_of(const std::vector<float>& values) {
  double scale = 1.0;
  for (const float v : values) scale = std::max(scale, std::abs(static_cast<double>(v)));
  return scale;
}

}  // namespace cinescribe::parity
