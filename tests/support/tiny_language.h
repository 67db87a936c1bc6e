#pragma once

#include <cmath>
#include <cstdint>
#include <map>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "support/gguf_bytes.h"

#include "cinescribe/language/generation.h"

namespace cinescribe::language {

/// A small random decoder (architecture llama or phi3) as a GGUF file and as plain loops in double precision, for
/// comparison.
struct TinyLanguage {
  bool is_phi = false;
  int vocabulary = 96;
  int width = 32;
  int layers = 2;
  int heads = 4;
  int kv_heads = 2;
  int head_dim = 12;  ///< Not width / heads (phi3: must be).
  int ffn_width = 40;
  bool is_tied = true;
  int context = 2048;
  int original_context = 300;      ///< phi3 only.
  double attention_factor = 1.19;  ///< phi3 only: scales the rotation.
  double rms_eps = 1e-5;
  double theta = 10000.0;
  std::map<std::string, std::vector<float>> weights;

  static TinyLanguage llama(std::uint32_t seed = 1) {
    TinyLanguage model;
    model.fill(seed);
    return model;
  }
  static TinyLanguage phi3(std::uint32_t seed = 2) {
    TinyLanguage model;
    model.is_phi = true;
    model.width = 48;
    model.is_tied = false;
    model.fill(seed);
    return model;
  }

  void fill(std::uint32_t seed) {
    std::mt19937 random(seed);
    const auto add = [&](const std::string& name, int count, double mean, double deviation) {
      std::normal_distribution<double> normal(mean, deviation);
      std::vector<float>& values = weights[name];
      values.resize(static_cast<std::size_t>(count));
      for (float& value : values) value = static_cast<float>(normal(random));
    };
    const auto matrix = [&](const std::string& name, int in, int out) {
      add(name, in * out, 0.0, 1.2 / std::sqrt(in));
    };
    add("token_embd.weight", width * vocabulary, 0.0, 0.3);
    add("output_norm.weight", width, 1.0, 0.1);
    if (!is_tied) matrix("output.weight", width, vocabulary);
    const int q = heads * head_dim;
    const int kv = kv_heads * head_dim;
    for (int layer = 0; layer < layers; ++layer) {
      const std::string p = "blk." + std::to_string(layer) + ".";
      add(p + "attn_norm.weight", width, 1.0, 0.1);
      add(p + "ffn_norm.weight", width, 1.0, 0.1);
      matrix(p + "attn_output.weight", q, width);
      matrix(p + "ffn_down.weight", ffn_width, width);
      if (is_phi) {
        matrix(p + "attn_qkv.weight", width, q + 2 * kv);
        matrix(p + "ffn_up.weight", width, 2 * ffn_width);
        continue;
      }
      matrix(p + "attn_q.weight", width, q);
      matrix(p + "attn_k.weight", width, kv);
      matrix(p + "attn_v.weight", width, kv);
      matrix(p + "ffn_gate.weight", width, ffn_width);
      matrix(p + "ffn_up.weight", width, ffn_width);
    }
    if (!is_phi) return;
    weights["rope_factors_short.weight"].clear();
    weights["rope_factors_long.weight"].clear();
    for (int i = 0; i < head_dim / 2; ++i) {
      weights["rope_factors_short.weight"].push_back(1.0F + 0.1F * static_cast<float>(i));
      weights["rope_factors_long.weight"].push_back(1.2F + 1.5F * static_cast<float>(i));
    }
  }

  [[nodiscard]] std::vector<std::int64_t> shape_of(const std::string& name) const {
    const auto count = static_cast<std::int64_t>(weights.at(name).size());
    if (name.ends_with("norm.weight") || name.starts_with("rope_factors")) return {count};
    const std::int64_t in = name.ends_with("attn_output.weight") ? std::int64_t{heads} * head_dim
                            : name.ends_with("ffn_down.weight")  ? ffn_width
                                                                 : width;
    return {in, count / in};
  }

  [[nodiscard]] GgufBytes metadata() const {
    GgufBytes file;
    const std::string arch = is_phi ? "phi3" : "llama";
    const auto u = [](int value) { return static_cast<std::uint32_t>(value); };
    file.text("general.architecture", arch);
    file.text("general.name", "tiny");
    file.u32(arch + ".context_length", u(context));
    file.u32(arch + ".embedding_length", u(width));
    file.u32(arch + ".block_count", u(layers));
    file.u32(arch + ".feed_forward_length", u(ffn_width));
    file.u32(arch + ".attention.head_count", u(heads));
    file.u32(arch + ".attention.head_count_kv", u(kv_heads));
    file.u32(arch + ".attention.key_length", u(head_dim));
    file.u32(arch + ".attention.value_length", u(head_dim));
    file.u32(arch + ".rope.dimension_count", u(head_dim));
    file.f32(arch + ".attention.layer_norm_rms_epsilon", static_cast<float>(rms_eps));
    file.f32(arch + ".rope.freq_base", static_cast<float>(theta));
    if (is_phi) {
      file.u32("phi3.rope.scaling.original_context_length", u(original_context));
      file.f32("phi3.rope.scaling.attn_factor", static_cast<float>(attention_factor));
      file.text("phi3.rope.scaling.type", "longrope");
    }
    file.text("tokenizer.ggml.model", "llama");
    return file;
  }
  [[nodiscard]] GgufBytes gguf() const {
    GgufBytes file = metadata();
    for (const auto& [name, values] : weights) file.tensor(name, shape_of(name), values);
    return file;
  }

  [[nodiscard]] std::vector<float> embedding(TokenId id) const {
    const auto first = weights.at("token_embd.weight").begin() + std::ptrdiff_t{id} * width;
    return {first, first + width};
  }

  /// Logits after the last of `rows` (n × width): everything is computed anew, without a cache.
  [[nodiscard]] std::vector<float> logits(const std::vector<float>& rows) const {
    using Matrix = std::vector<std::vector<double>>;
    const auto n = rows.size() / static_cast<std::size_t>(width);
    const bool is_long = is_phi && n > static_cast<std::size_t>(original_context);
    Matrix x(n);
    for (std::size_t t = 0; t < n; ++t) {
      x[t].assign(rows.begin() + static_cast<std::ptrdiff_t>(t) * width,
                  rows.begin() + static_cast<std::ptrdiff_t>(t + 1) * width);
    }
    for (int layer = 0; layer < layers; ++layer) {
      const std::string p = "blk." + std::to_string(layer) + ".";
      const int q = heads * head_dim;
      const int kv = kv_heads * head_dim;
      Matrix queries(n), keys(n), values(n);
      for (std::size_t t = 0; t < n; ++t) {
        const auto h = normed(x[t], p + "attn_norm.weight");
        if (is_phi) {
          const auto all = times(p + "attn_qkv.weight", h);
          queries[t].assign(all.begin(), all.begin() + q);
          keys[t].assign(all.begin() + q, all.begin() + q + kv);
          values[t].assign(all.begin() + q + kv, all.end());
        } else {
          queries[t] = times(p + "attn_q.weight", h);
          keys[t] = times(p + "attn_k.weight", h);
          values[t] = times(p + "attn_v.weight", h);
        }
        rotate(queries[t], heads, t, is_long);
        rotate(keys[t], kv_heads, t, is_long);
      }
      for (std::size_t t = 0; t < n; ++t)
        add(x[t], times(p + "attn_output.weight", attend(queries[t], keys, values, t)));
      for (std::size_t t = 0; t < n; ++t) add(x[t], feed_forward(p, normed(x[t], p + "ffn_norm.weight")));
    }
    const auto out = times(is_tied ? "token_embd.weight" : "output.weight", normed(x.back(), "output_norm.weight"));
    return {out.begin(), out.end()};
  }

 private:
  static void add(std::vector<double>& to, const std::vector<double>& what) {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] += what[i];
  }
  [[nodiscard]] std::vector<double> normed(const std::vector<double>& x, const std::string& name) const {
    double square = 0.0;
    for (const double v : x) square += v * v;
    const double scale = 1.0 / std::sqrt(square / static_cast<double>(x.size()) + rms_eps);
    std::vector<double> out(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) out[i] = x[i] * scale * static_cast<double>(weights.at(name)[i]);
    return out;
  }
  [[nodiscard]] std::vector<double> times(const std::string& name, const std::vector<double>& x) const {
    const std::vector<float>& w = weights.at(name);
    std::vector<double> out(w.size() / x.size());
    for (std::size_t r = 0; r < out.size(); ++r) {
      for (std::size_t i = 0; i < x.size(); ++i) out[r] += static_cast<double>(w[r * x.size() + i]) * x[i];
    }
    return out;
  }
  /// llama rotates neighbours, phi3 the two halves of a head.
  void rotate(std::vector<double>& x, int count, std::size_t position, bool is_long) const {
    const std::size_t half = static_cast<std::size_t>(head_dim) / 2;
    for (std::size_t head = 0; head < static_cast<std::size_t>(count); ++head) {
      for (std::size_t i = 0; i < half; ++i) {
        double angle = static_cast<double>(position) *
                       std::pow(theta, -2.0 * static_cast<double>(i) / static_cast<double>(head_dim));
        double scale = 1.0;
        if (is_phi) {
          angle /=
              static_cast<double>(weights.at(is_long ? "rope_factors_long.weight" : "rope_factors_short.weight")[i]);
          scale = attention_factor;
        }
        const std::size_t first = head * 2 * half + (is_phi ? i : 2 * i);
        const std::size_t second = is_phi ? first + half : first + 1;
        const double a = x[first];
        const double b = x[second];
        x[first] = (a * std::cos(angle) - b * std::sin(angle)) * scale;
        x[second] = (a * std::sin(angle) + b * std::cos(angle)) * scale;
      }
    }
  }
  [[nodiscard]] std::vector<double> attend(const std::vector<double>& query,
                                           const std::vector<std::vector<double>>& keys,
                                           const std::vector<std::vector<double>>& values, std::size_t last) const {
    const auto dim = static_cast<std::size_t>(head_dim);
    std::vector<double> out(query.size());
    for (std::size_t head = 0; head < static_cast<std::size_t>(heads); ++head) {
      const std::size_t shared = head / static_cast<std::size_t>(heads / kv_heads);
      std::vector<double> scores(last + 1);
      double sum = 0.0;
      for (std::size_t t = 0; t <= last; ++t) {
        for (std::size_t i = 0; i < dim; ++i) scores[t] += query[head * dim + i] * keys[t][shared * dim + i];
        scores[t] = std::exp(scores[t] / std::sqrt(static_cast<double>(head_dim)));
        sum += scores[t];
      }
      for (std::size_t t = 0; t <= last; ++t) {
        for (std::size_t i = 0; i < dim; ++i) out[head * dim + i] += scores[t] / sum * values[t][shared * dim + i];
      }
    }
    return out;
  }
  [[nodiscard]] std::vector<double> feed_forward(const std::string& p, const std::vector<double>& x) const {
    const auto ffn = static_cast<std::size_t>(ffn_width);
    std::vector<double> gate = is_phi ? times(p + "ffn_up.weight", x) : times(p + "ffn_gate.weight", x);
    const std::vector<double> up =
        is_phi ? std::vector<double>(gate.begin() + ffn_width, gate.end()) : times(p + "ffn_up.weight", x);
    gate.resize(ffn);
    for (std::size_t i = 0; i < ffn; ++i) gate[i] = gate[i] / (1.0 + std::exp(-gate[i])) * up[i];
    return times(p + "ffn_down.weight", gate);
  }
};

}  // namespace cinescribe::language
