#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "support/random_vision.h"

#include "cinescribe/tensor/model_card.h"

/// The same networks once more, as plain loops in double: what graphs are compared with.
namespace cinescribe::test {

using Row = std::vector<double>;
using Rows = std::vector<Row>;

class PlainVision {
 public:
  PlainVision(const tensor::ModelCard& card, const NamedValues& values) : card_(card), values_(values) {}

  /// Features of one normalised CHW tile: class token and patches.
  [[nodiscard]] Rows tower(std::span<const float> tile) const {
    const tensor::TowerCard& t = card_.tower;
    const auto width = static_cast<std::size_t>(t.width);
    Rows x = {Row(array("v.class").begin(), array("v.class").end())};
    for (const Row& patch : patches(tile)) x.push_back(linear(patch, "v.patch"));
    for (std::size_t i = 0; i < x.size(); ++i) {
      for (std::size_t c = 0; c < width; ++c) x[i][c] += static_cast<double>(array("v.positions")[i * width + c]);
    }
    if (t.has_pre_norm) x = norm(x, "v.pre_norm", t.norm_eps);
    std::vector<Rows> hidden = {x};
    for (int i = 0; i < t.layers; ++i) {
      const std::string at = "v.layer." + std::to_string(i) + ".";
      const Rows a = norm(x, at + "norm1", t.norm_eps);
      x = sum(x, attention(a, a, at, t.heads, t.head_dim));
      x = sum(x, feed_forward(norm(x, at + "norm2", t.norm_eps), at + "up", at + "down", t.activation));
      hidden.push_back(x);
    }
    Rows features(x.size());
    for (const int layer : t.feature_layers) {
      Rows part = hidden[static_cast<std::size_t>(layer)];
      if (t.has_post_norm && layer == t.layers) part = norm(part, "v.post_norm", t.norm_eps);
      for (std::size_t i = 0; i < part.size(); ++i)
        features[i].insert(features[i].end(), part[i].begin(), part[i].end());
    }
    return features;
  }

  [[nodiscard]] Row projected(const Row& features) const {
    Row x = linear(features, "mm.0");
    for (double& v : x) v = activated(v, card_.projector_activation);
    return linear(x, "mm.2");
  }

  /// Output of the queries behind the language projection.
  [[nodiscard]] Rows queries(const Rows& image, std::span<const int> ids) const {
    const tensor::QformerCard& q = *card_.qformer;
    const auto width = static_cast<std::size_t>(q.width);
    const auto count = static_cast<std::size_t>(q.queries);
    Rows x(count + ids.size(), Row(width));
    for (std::size_t i = 0; i < x.size(); ++i) {
      for (std::size_t c = 0; c < width; ++c) {
        const std::size_t text = i - count;
        x[i][c] =
            i < count
                ? static_cast<double>(array("q.queries")[i * width + c])
                : static_cast<double>(array("q.word_embeddings")[static_cast<std::size_t>(ids[text]) * width + c]) +
                      static_cast<double>(array("q.positions")[text * width + c]);
      }
    }
    x = norm(x, "q.embed_norm", q.norm_eps);
    for (int i = 0; i < q.layers; ++i) x = qformer_layer(x, image, i);
    Rows out;
    for (std::size_t i = 0; i < count; ++i) out.push_back(linear(x[i], "mm.0"));
    return out;
  }

 private:
  [[nodiscard]] const std::vector<float>& array(const std::string& name) const { return values_.at(name); }

  [[nodiscard]] Rows patches(std::span<const float> tile) const {
    const auto size = static_cast<std::size_t>(card_.tower.image_size_px);
    const auto patch = static_cast<std::size_t>(card_.tower.patch_size_px);
    Rows rows;
    for (std::size_t py = 0; py < size / patch; ++py) {
      for (std::size_t px = 0; px < size / patch; ++px) {
        Row& row = rows.emplace_back();
        for (std::size_t i = 0; i < 3 * patch * patch; ++i) {
          const std::size_t colour = i / (patch * patch);
          const std::size_t y = py * patch + i / patch % patch;
          const std::size_t x = px * patch + i % patch;
          row.push_back(static_cast<double>(tile[(colour * size + y) * size + x]));
        }
      }
    }
    return rows;
  }

  [[nodiscard]] Row linear(const Row& x, const std::string& name) const {
    const auto& weight = array(name + ".weight");
    const auto bias = values_.find(name + ".bias");
    Row y(weight.size() / x.size());
    for (std::size_t o = 0; o < y.size(); ++o) {
      y[o] = bias == values_.end() ? 0.0 : static_cast<double>(bias->second[o]);
      for (std::size_t i = 0; i < x.size(); ++i) y[o] += x[i] * static_cast<double>(weight[o * x.size() + i]);
    }
    return y;
  }

  [[nodiscard]] Rows norm(const Rows& x, const std::string& name, double eps) const {
    const auto& weight = array(name + ".weight");
    const auto& bias = array(name + ".bias");
    Rows out = x;
    for (Row& row : out) {
      const auto n = static_cast<double>(row.size());
      double mean = 0.0;
      for (const double v : row) mean += v / n;
      double variance = 0.0;
      for (const double v : row) variance += (v - mean) * (v - mean) / n;
      for (std::size_t c = 0; c < row.size(); ++c) {
        row[c] =
            (row[c] - mean) / std::sqrt(variance + eps) * static_cast<double>(weight[c]) + static_cast<double>(bias[c]);
      }
    }
    return out;
  }

  static double activated(double x, const std::string& name) {
    if (name == "gelu") return 0.5 * x * (1.0 + std::erf(x / std::sqrt(2.0)));
    if (name == "gelu_pytorch_tanh") {
      return 0.5 * x * (1.0 + std::tanh(std::sqrt(2.0 / 3.14159265358979) * (x + 0.044715 * x * x * x)));
    }
    if (name == "quick_gelu") return x / (1.0 + std::exp(-1.702 * x));
    if (name == "silu") return x / (1.0 + std::exp(-x));
    return std::max(x, 0.0);  // relu
  }

  [[nodiscard]] Rows feed_forward(const Rows& x, const std::string& up, const std::string& down,
                                  const std::string& activation) const {
    Rows out;
    for (const Row& row : x) {
      Row wide = linear(row, up);
      for (double& v : wide) v = activated(v, activation);
      out.push_back(linear(wide, down));
    }
    return out;
  }

  [[nodiscard]] Rows attention(const Rows& x, const Rows& source, const std::string& at, int heads,
                               int head_dim) const {
    Rows keys;
    Rows values;
    for (const Row& row : source) {
      keys.push_back(linear(row, at + "key"));
      values.push_back(linear(row, at + "value"));
    }
    Rows out;
    const auto dim = static_cast<std::size_t>(head_dim);
    for (const Row& row : x) {
      const Row query = linear(row, at + "query");
      Row mixed(query.size());
      for (std::size_t h = 0; h < static_cast<std::size_t>(heads); ++h) {
        Row weight(keys.size());
        double total = 0.0;
        for (std::size_t k = 0; k < keys.size(); ++k) {
          double score = 0.0;
          for (std::size_t d = h * dim; d < (h + 1) * dim; ++d) score += query[d] * keys[k][d];
          weight[k] = std::exp(score / std::sqrt(static_cast<double>(head_dim)));
          total += weight[k];
        }
        for (std::size_t k = 0; k < keys.size(); ++k) {
          for (std::size_t d = h * dim; d < (h + 1) * dim; ++d) mixed[d] += weight[k] / total * values[k][d];
        }
      }
      out.push_back(linear(mixed, at + "output"));
    }
    return out;
  }

  [[nodiscard]] Rows qformer_layer(const Rows& x, const Rows& image, int index) const {
    const tensor::QformerCard& q = *card_.qformer;
    const std::string at = "q.layer." + std::to_string(index) + ".";
    const int head_dim = q.width / q.heads;
    const Rows mixed = norm(sum(x, attention(x, x, at, q.heads, head_dim)), at + "attention_norm", q.norm_eps);
    Rows lead(mixed.begin(), mixed.begin() + q.queries);
    const Rows text(mixed.begin() + q.queries, mixed.end());
    if (index % q.cross_attention_frequency == 0) {
      lead = norm(sum(lead, attention(lead, image, at + "cross.", q.heads, head_dim)), at + "cross_norm", q.norm_eps);
    }
    const auto fed = [&](const Rows& rows, const std::string& part) {
      const Rows added = sum(rows, feed_forward(rows, at + part + "up", at + part + "down", q.activation));
      return norm(added, at + part + "ffn_norm", q.norm_eps);
    };
    Rows out = fed(lead, "query_");
    const Rows tail = fed(text, "");
    out.insert(out.end(), tail.begin(), tail.end());
    return out;
  }

  static Rows sum(Rows a, const Rows& b) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      for (std::size_t c = 0; c < a[i].size(); ++c) a[i][c] += b[i][c];
    }
    return a;
  }

  const tensor::ModelCard& card_;
  const NamedValues& values_;
};

}  // namespace cinescribe::test
