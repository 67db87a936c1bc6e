// The eight-bit encoder beside the float32 one, with the true weights: not only the words must come out.
#include <cmath>
#include <string>
#include <thread>
#include <vector>

#include "parity/parity_cases.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cinescribe/media/decode_pass.h"
#include "cinescribe/models/model_store.h"
#include "cinescribe/models/whisper_convert.h"
#include "cinescribe/speech/dense_encoder.h"

namespace cinescribe::speech {
namespace {

using Json = nlohmann::json;

std::vector<const DenseKernels*> fast_kernels() {
  std::vector<const DenseKernels*> found;
  if (const DenseKernels* fastest = fastest_dense_kernels()) {
    found.push_back(fastest);
#ifdef CINESCRIBE_HAS_AVX512_KERNELS
    if (fastest != &avx512_vnni_dense_kernels()) found.push_back(&avx512_vnni_dense_kernels());
#endif
  }
  return found;
}

Result<std::vector<float>> sound_of(const std::filesystem::path& file) {
  CINESCRIBE_ASSIGN(const auto pass, media::DecodePass::open(file));
  media::AudioSource& source = pass->add_audio();
  Status decoded;
  std::vector<float> sound;
  {
    std::jthread decoder([&] { decoded = pass->run({}); });
    while (const auto block = source.pop()) sound.insert(sound.end(), block->view().begin(), block->view().end());
  }
  CINESCRIBE_TRY(decoded);
  return sound;
}

struct Likeness {
  double relative_error = 0.0;  ///< Size of the difference by the size of the reference.
  double cosine = 0.0;
};

Likeness compare(std::span<const float> rows, std::size_t width, const Json& data) {
  const auto every = data.at("every").get<std::size_t>();
  double difference = 0.0;
  double product = 0.0;
  double ours = 0.0;
  double theirs = 0.0;
  std::size_t position = 0;
  for (const Json& expected_row : data.at("rows")) {
    for (std::size_t i = 0; i < width; ++i) {
      const double expected = expected_row.at(i);
      const auto found = static_cast<double>(rows[position * width + i]);
      difference += (found - expected) * (found - expected);
      product += found * expected;
      ours += found * found;
      theirs += expected * expected;
    }
    position += every;
  }
  return {std::sqrt(difference / theirs), product / std::sqrt(ours * theirs)};
}

TEST(WhisperEncoderParity, eight_bits_stay_close_to_float32) {
  const auto kernels = fast_kernels();
  if (kernels.empty()) {
    GTEST_SKIP() << "this processor has no fast eight-bit kernels (AVX-512 VNNI); the portable ones take minutes";
  }
  // A folder of references from elsewhere may not have this family: then the repository's own serves.
  auto files = parity::cases("whisper_encoder", ".json");
  if (files.empty()) files.emplace_back(CINESCRIBE_PARITY_DEFAULT "/whisper_encoder/speech_10s.json");
  for (const auto& file : files) {
    const Json data = Json::parse(parity::read_text(file));
    const auto name = data.at("model").get<std::string>();
    const auto located = models::locate(name);
    if (!located.ok()) GTEST_SKIP() << name << " is not installed: " << located.error().message;
    const auto media = parity::find_media(data.at("audio").get<std::string>());
    ASSERT_FALSE(media.empty());
    const auto sound = sound_of(media);
    ASSERT_TRUE(sound.ok()) << sound.error().message;
    for (const auto weights : {tensor::WeightType::kF16, tensor::WeightType::kQ80}) {
      models::WhisperOptions convert;
      convert.weights = weights;
      const auto ready = models::prepare_whisper(*located, convert);
      ASSERT_TRUE(ready.ok()) << ready.error().message;
      for (const DenseKernels* one : kernels) {
        const auto model = load_dense_whisper(ready->ggml_path, *one, 2);
        ASSERT_TRUE(model.ok()) << model.error().message;
        DenseEncoder encoder(*model);
        EncodedSound encoded;
        const auto positions = data.at("positions").get<std::size_t>();
        ASSERT_TRUE(encoder
                        .encode(
                            *sound, positions, [] { return false; }, encoded)
                        .ok());
        const Likeness found = compare(encoder.rows(), (*model)->state(), data);
        std::printf("parity whisper_encoder/%s/%s/%s: relative error %.4f, cosine %.5f\n", name.c_str(),
                    tensor::weight_type_name(weights), one->name, found.relative_error, found.cosine);
        EXPECT_LT(found.relative_error, data.at("tolerances").at("relative_error").get<double>());
        EXPECT_GT(found.cosine, data.at("tolerances").at("cosine").get<double>());
      }
    }
  }
}

}  // namespace
}  // namespace cinescribe::speech
