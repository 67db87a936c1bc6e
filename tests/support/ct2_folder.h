#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/scratch_folder.h"

namespace cinescribe::test {

/// Writes the bytes of a CTranslate2 model.bin.
class Ct2Bytes {
 public:
  template <typename T>
  void put(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void put_text(std::string_view text) {
    put(static_cast<std::uint16_t>(text.size() + 1));
    bytes_.append(text).push_back('\0');
  }
  template <typename T>
  void variable(std::string_view name, const std::vector<std::uint32_t>& dims, std::uint8_t type,
                const std::vector<T>& values) {
    Ct2Bytes item;
    item.put_text(name);
    item.put(static_cast<std::uint8_t>(dims.size()));
    for (const std::uint32_t dim : dims) item.put(dim);
    item.put(type);
    item.put(static_cast<std::uint32_t>(values.size() * sizeof(T)));
    item.bytes_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
    variables_ += item.bytes_;
    ++count_;
  }
  void alias(std::string_view name, std::string_view target) { aliases_.emplace_back(name, target); }

  [[nodiscard]] std::string file(std::string_view spec = "WhisperSpec", std::uint32_t version = 6) const {
    Ct2Bytes out;
    out.put(version);
    out.put_text(spec);
    out.put(std::uint32_t{3});
    out.put(count_);
    out.bytes_ += variables_;
    out.put(static_cast<std::uint32_t>(aliases_.size()));
    for (const auto& [name, target] : aliases_) {
      out.put_text(name);
      out.put_text(target);
    }
    return out.bytes_;
  }

 private:
  std::string bytes_;
  std::string variables_;
  std::uint32_t count_ = 0;
  std::vector<std::pair<std::string, std::string>> aliases_;
};

/// How the matrices of a made-up model are stored.
enum class Ct2Weights { kF32, kI8, kI16 };

/// A Whisper model of one layer on either side, 32 wide, 2 heads, with invented but repeatable weights.
class TinyWhisper {
 public:
  static constexpr std::uint32_t kState = 32;

  explicit TinyWhisper(Ct2Weights weights = Ct2Weights::kF32, std::uint32_t n_vocab = 51864)
      : weights_(weights), n_vocab_(n_vocab) {
    scalar("decoder/activation", std::int8_t{3}, 1);
    scalar("decoder/alibi", std::int8_t{0}, 1);
    scalar("decoder/pre_norm", std::int8_t{1}, 1);
    scalar("decoder/num_heads", std::int16_t{2}, 2);
    scalar("encoder/num_heads", std::int16_t{2}, 2);
    matrix("encoder/conv1/weight", {kState, 80, 3});
    vector("encoder/conv1/bias", kState);
    matrix("encoder/conv2/weight", {kState, kState, 3});
    vector("encoder/conv2/bias", kState);
    plain("encoder/position_encodings/encodings", {1500, kState});
    norm("encoder/layer_norm");
    matrix("decoder/embeddings/weight", {n_vocab, kState});
    plain("decoder/position_encodings/encodings", {448, kState});
    norm("decoder/layer_norm");
    for (const std::string side : {"encoder", "decoder"}) {
      const std::string layer = side + "/layer_0/";
      attention(layer + "self_attention/", {3, 1});
      if (side == "decoder") attention(layer + "attention/", {1, 2, 1});
      norm(layer + "ffn/layer_norm");
      linear(layer + "ffn/linear_0", 4 * kState, kState);
      linear(layer + "ffn/linear_1", kState, 4 * kState);
    }
    bytes_.alias("decoder/projection/weight", "decoder/embeddings/weight");
  }

  /// model.bin, vocabulary.txt and config.json.
  void write(const std::filesystem::path& folder, std::string_view config = R"({"alignment_heads": [[0, 1]]})") const {
    std::filesystem::create_directories(folder);
    write_bytes(folder / "model.bin", bytes_.file());
    write_bytes(folder / "vocabulary.txt", vocabulary());
    write_bytes(folder / "config.json", config);
  }

  [[nodiscard]] Ct2Bytes& bytes() { return bytes_; }

  [[nodiscard]] std::string vocabulary() const {
    const std::uint32_t spoken = n_vocab_ >= 51865 ? 50257 : 50256;
    std::string text = "!\n\xc4\xa0hello\n\xc3\xa9\xc4\x8a\n";  // "!", " hello", byte E9 and a line feed.
    for (std::uint32_t i = 3; i < n_vocab_; ++i)
      text += i == spoken ? "<|endoftext|>\n" : "w" + std::to_string(i) + "\n";
    return text;
  }

  /// The made-up weight at `index` of the variable `name`, as it was before it was quantised.
  static float weight(std::string_view name, std::size_t index) {
    std::uint32_t seed = 2166136261U;
    for (const char c : name) seed = (seed ^ static_cast<unsigned char>(c)) * 16777619U;
    seed = (seed ^ static_cast<std::uint32_t>(index)) * 2654435761U;
    return static_cast<float>(seed >> 8U) / 16777216.0F - 0.5F;
  }

 private:
  template <typename T>
  void scalar(std::string_view name, T value, std::uint8_t type) {
    bytes_.variable<T>(name, {}, type, {value});
  }
  static std::size_t product(const std::vector<std::uint32_t>& dims) {
    std::size_t count = 1;
    for (const std::uint32_t dim : dims) count *= dim;
    return count;
  }
  static std::vector<float> weights(std::string_view name, std::size_t count) {
    std::vector<float> values(count);
    for (std::size_t i = 0; i < count; ++i) values[i] = weight(name, i);
    return values;
  }
  void plain(const std::string& name, const std::vector<std::uint32_t>& dims) {
    bytes_.variable(name, dims, 0, weights(name, product(dims)));
  }
  void vector(const std::string& name, std::uint32_t length) { plain(name, {length}); }
  void norm(const std::string& name) {
    vector(name + "/gamma", kState);
    vector(name + "/beta", kState);
  }
  void linear(const std::string& name, std::uint32_t outputs, std::uint32_t inputs) {
    matrix(name + "/weight", {outputs, inputs});
    vector(name + "/bias", outputs);
  }
  void attention(const std::string& prefix, const std::vector<std::uint32_t>& widths) {
    norm(prefix + "layer_norm");
    for (std::size_t i = 0; i < widths.size(); ++i)
      linear(prefix + "linear_" + std::to_string(i), widths[i] * kState, kState);
  }
  void matrix(const std::string& name, const std::vector<std::uint32_t>& dims) {
    if (weights_ == Ct2Weights::kF32) return plain(name, dims);
    const std::vector<float> values = weights(name, product(dims));
    if (weights_ == Ct2Weights::kI16) {
      const float scale = 1024.0F / 0.5F;
      std::vector<std::int16_t> stored(values.size());
      for (std::size_t i = 0; i < values.size(); ++i)
        stored[i] = static_cast<std::int16_t>(std::lround(values[i] * scale));
      bytes_.variable(name, dims, 2, stored);
      bytes_.variable<float>(name + "_scale", {}, 0, {scale});
      return;
    }
    const std::size_t length = values.size() / dims[0];
    std::vector<std::int8_t> stored(values.size());
    std::vector<float> scales(dims[0]);
    for (std::size_t row = 0; row < dims[0]; ++row) {
      float largest = 0.0F;
      for (std::size_t i = 0; i < length; ++i) largest = std::max(largest, std::abs(values[row * length + i]));
      scales[row] = 127.0F / largest;
      for (std::size_t i = row * length; i < (row + 1) * length; ++i) {
        stored[i] = static_cast<std::int8_t>(std::lround(values[i] * scales[row]));
      }
    }
    bytes_.variable(name, dims, 1, stored);
    bytes_.variable(name + "_scale", {dims[0]}, 0, scales);
  }

  Ct2Weights weights_;
  std::uint32_t n_vocab_;
  Ct2Bytes bytes_;
};

}  // namespace cinescribe::test
