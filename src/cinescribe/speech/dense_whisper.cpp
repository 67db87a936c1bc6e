#include "cinescribe/speech/dense_whisper.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <thread>
#include <utility>

#include "cinescribe/tensor/whisper_tensors.h"

namespace cinescribe::speech {

namespace {

constexpr std::size_t kTaps = 3;
/// Rows that one task packs: a few megabytes at most.
constexpr std::size_t kRowsAtOnce = 1024;

/// Collects the packing of all matrices as independent tasks and runs them on a few threads.
class Loader {
 public:
  Loader(const tensor::WhisperTensors& file, DenseWhisper& model) : file_(file), model_(model), state_(model.state()) {}

  Status load(int threads) {
    plan();
    std::vector<Status> outcomes(tasks_.size());
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
      for (std::size_t i = next++; i < tasks_.size(); i = next++) outcomes[i] = tasks_[i]();
    };
    {
      std::vector<std::jthread> helpers;
      for (int i = 1; i < threads; ++i) helpers.emplace_back(work);
      work();
    }
    for (const Status& outcome : outcomes) CINESCRIBE_TRY(outcome);
    return {};
  }

 private:
  void plan() {
    const auto mels = static_cast<std::size_t>(model_.shape.n_mels);
    convolution("encoder.conv1", model_.conv1, mels);
    convolution("encoder.conv2", model_.conv2, state_);
    vector("encoder.positional_embedding", model_.sound_positions);
    norm("encoder.ln_post", model_.sound_norm);
    model_.sound_blocks.resize(static_cast<std::size_t>(model_.shape.n_audio_layer));
    for (std::size_t i = 0; i < model_.sound_blocks.size(); ++i) {
      block("encoder.blocks." + std::to_string(i), model_.sound_blocks[i]);
    }
    const auto words = static_cast<std::size_t>(model_.shape.n_vocab);
    model_.embedding = Int8Matrix(words, state_);
    rows("decoder.token_embedding.weight", model_.embedding, 0, words, state_);
    vector("decoder.positional_embedding", model_.text_positions);
    norm("decoder.ln", model_.text_norm);
    model_.text_blocks.resize(static_cast<std::size_t>(model_.shape.n_text_layer));
    for (std::size_t i = 0; i < model_.text_blocks.size(); ++i) {
      const std::string name = "decoder.blocks." + std::to_string(i);
      DenseBlock& into = model_.text_blocks[i];
      block(name, into);
      norm(name + ".cross_attn_ln", into.cross_norm);
      into.cross_query = Int8Matrix(state_, state_);
      linear(name + ".cross_attn.query", into.cross_query, 0, state_, state_, true, query_factor());
      into.cross_key_value = Int8Matrix(2 * state_, state_);
      linear(name + ".cross_attn.key", into.cross_key_value, 0, state_, state_, false);
      linear(name + ".cross_attn.value", into.cross_key_value, state_, state_, state_, true);
      into.cross_out = Int8Matrix(state_, state_);
      linear(name + ".cross_attn.out", into.cross_out, 0, state_, state_, true);
    }
  }

  static float query_factor() { return 1.44269504F / std::sqrt(static_cast<float>(kHeadSize)); }

  void block(const std::string& name, DenseBlock& into) {
    norm(name + ".attn_ln", into.attention_norm);
    into.qkv = Int8Matrix(3 * state_, state_);
    linear(name + ".attn.query", into.qkv, 0, state_, state_, true, query_factor());
    linear(name + ".attn.key", into.qkv, state_, state_, state_, false);
    linear(name + ".attn.value", into.qkv, 2 * state_, state_, state_, true);
    into.attention_out = Int8Matrix(state_, state_);
    linear(name + ".attn.out", into.attention_out, 0, state_, state_, true);
    norm(name + ".mlp_ln", into.mlp_norm);
    into.mlp_up = Int8Matrix(4 * state_, state_);
    linear(name + ".mlp.0", into.mlp_up, 0, 4 * state_, state_, true);
    into.mlp_down = Int8Matrix(state_, 4 * state_);
    linear(name + ".mlp.2", into.mlp_down, 0, state_, 4 * state_, true);
  }

  void vector(const std::string& name, std::vector<float>& into) {
    tasks_.emplace_back([this, name, &into]() -> Status {
      CINESCRIBE_ASSIGN(into, file_.read(name));
      return {};
    });
  }

  void norm(const std::string& name, NormWeights& into) {
    vector(name + ".weight", into.gain);
    vector(name + ".bias", into.bias);
  }

  void linear(const std::string& name, Int8Matrix& into, std::size_t first, std::size_t count, std::size_t depth,
              bool has_bias, float factor = 1.0F) {
    rows(name + ".weight", into, first, count, depth, factor);
    if (!has_bias) return;
    tasks_.emplace_back([this, name, &into, first, factor]() -> Status {
      CINESCRIBE_ASSIGN(const std::vector<float> biases, file_.read(name + ".bias"));
      for (std::size_t i = 0; i < biases.size(); ++i) into.set_bias(first + i, biases[i] * factor);
      return {};
    });
  }

  void rows(const std::string& name, Int8Matrix& into, std::size_t first, std::size_t count, std::size_t depth,
            float factor = 1.0F) {
    for (std::size_t begin = 0; begin < count; begin += kRowsAtOnce) {
      const std::size_t here = std::min(kRowsAtOnce, count - begin);
      tasks_.emplace_back([this, name, &into, first, begin, here, depth, factor]() -> Status {
        std::vector<float> weights(here * depth);
        CINESCRIBE_TRY(file_.read_rows(name, begin, here, weights));
        for (std::size_t i = 0; i < here; ++i) {
          into.set_row(*model_.kernels, first + begin + i, std::span(weights).subspan(i * depth, depth), factor);
        }
        return {};
      });
    }
  }

  /// From [output][input][tap] to [output][tap][input]: then three frames in a row are one row of the product.
  void convolution(const std::string& name, Bf16Matrix& into, std::size_t inputs) {
    into = Bf16Matrix(state_, kTaps * inputs);
    tasks_.emplace_back([this, name, &into, inputs]() -> Status {
      CINESCRIBE_ASSIGN(const std::vector<float> weights, file_.read(name + ".weight"));
      CINESCRIBE_ASSIGN(const std::vector<float> biases, file_.read(name + ".bias"));
      std::vector<float> row(kTaps * inputs);
      for (std::size_t output = 0; output < state_; ++output) {
        for (std::size_t i = 0; i < row.size(); ++i) {
          row[i] = weights[(output * inputs + i % inputs) * kTaps + i / inputs];
        }
        into.set_row(*model_.kernels, output, row, biases[output]);
      }
      return {};
    });
  }

  const tensor::WhisperTensors& file_;
  DenseWhisper& model_;
  const std::size_t state_;
  std::vector<std::function<Status()>> tasks_;
};

}  // namespace

bool fits_dense_kernels(const tensor::WhisperShape& shape) {
  constexpr int kSize = static_cast<int>(kHeadSize);
  return shape.n_audio_head * kSize == shape.n_audio_state && shape.n_text_head * kSize == shape.n_text_state;
}

Result<std::shared_ptr<const DenseWhisper>> load_dense_whisper(const std::filesystem::path& path,
                                                               const DenseKernels& kernels, int threads) {
  CINESCRIBE_ASSIGN(const tensor::WhisperTensors file, tensor::WhisperTensors::open(path));
  if (!fits_dense_kernels(file.header().shape)) {
    return Error{ErrorCode::kModel, "the attention heads of " + path.string() + " are not of 64 numbers each"};
  }
  auto model = std::make_shared<DenseWhisper>();
  model->kernels = &kernels;
  model->shape = file.header().shape;
  model->mel_filters = file.mel_filters();
  model->vocabulary = file.vocabulary();
  CINESCRIBE_TRY(Loader(file, *model).load(threads));
  return std::shared_ptr<const DenseWhisper>(std::move(model));
}

}  // namespace cinescribe::speech
