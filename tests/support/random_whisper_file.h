#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "cinescribe/tensor/whisper_writer.h"

namespace cinescribe::test {

/// The smallest shape that Whisper's formulas allow with heads of 64.
inline tensor::WhisperShape small_whisper_shape(int n_vocab = 51865) {
  tensor::WhisperShape shape;
  shape.n_vocab = n_vocab;
  shape.n_audio_ctx = 1500;
  shape.n_audio_state = shape.n_text_state = 128;
  shape.n_audio_head = shape.n_text_head = 2;
  shape.n_audio_layer = shape.n_text_layer = 2;
  shape.n_text_ctx = 448;
  shape.n_mels = 80;
  return shape;
}

/// Writes a whisper.cpp file with random weights of a natural size (norms near one), always the same.
inline Status write_random_whisper_file(const std::filesystem::path& path, const tensor::WhisperShape& shape,
                                        tensor::WeightType weights) {
  CINESCRIBE_ASSIGN(auto output, tensor::AtomicOutput::create(path, {}));
  const auto bands = static_cast<std::size_t>(shape.n_mels);
  std::vector<float> filters(bands * 201, 0.0F);
  for (std::size_t band = 0; band < bands; ++band) filters[band * 201 + band] = filters[band * 201 + band + 40] = 0.02F;
  std::vector<std::string> words;
  for (int i = 0; i < 50256; ++i) words.push_back(" w" + std::to_string(i));
  words[220] = " ";
  CINESCRIBE_ASSIGN(auto writer, tensor::WhisperFileWriter::create(std::move(output), shape, weights, filters, words));
  std::mt19937 random(7);
  std::normal_distribution<float> normal;
  for (const tensor::WhisperTensor& tensor : writer.tensors()) {
    const auto length = static_cast<std::size_t>(tensor.ne[0]);
    std::vector<float> numbers(static_cast<std::size_t>(tensor.elements()));
    const bool is_norm = tensor.name.find("ln") != std::string::npos && tensor.name.ends_with("weight");
    const float size = 1.0F / std::sqrt(static_cast<float>(std::max<std::size_t>(length, 16)));
    for (float& x : numbers) x = is_norm ? 1.0F + 0.1F * normal(random) : size * normal(random);
    std::vector<std::byte> bytes(tensor.bytes());
    CINESCRIBE_TRY(tensor::quantise_rows(tensor.type, numbers, length, bytes));
    CINESCRIBE_TRY(writer.begin_next_tensor());
    CINESCRIBE_TRY(writer.append(bytes));
  }
  return writer.commit();
}

}  // namespace cinescribe::test
