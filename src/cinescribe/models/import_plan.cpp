#include "cinescribe/models/import_plan.h"

#include <algorithm>
#include <array>

#include "cinescribe/tensor/json_fields.h"

namespace cinescribe::models {

namespace {

using nlohmann::json;
using tensor::JsonFields;

Result<std::array<double, 3>> three(const JsonFields& f, const char* key, std::array<double, 3> fallback, double low) {
  const json* value = f.find(key);
  if (value == nullptr) return fallback;
  if (!value->is_array() || value->size() != 3) return f.bad(key, "three numbers");
  std::array<double, 3> out{};
  for (std::size_t i = 0; i < 3; ++i) {
    const json& item = (*value)[i];
    if (!item.is_number() || !(item.get<double>() >= low) || item.get<double>() > 1e3)
      return f.bad(key, "three numbers");
    out[i] = item.get<double>();
  }
  return out;
}

}  // namespace

Result<tensor::PixelCard> read_pixels(const JsonFields& f, bool is_bicubic) {
  tensor::PixelCard p;
  CINESCRIBE_ASSIGN(p.mean, three(f, "image_mean", {0.48145466, 0.4578275, 0.40821073}, -1e3));
  CINESCRIBE_ASSIGN(p.std, three(f, "image_std", {0.26862954, 0.26130258, 0.27577711}, 1e-6));
  CINESCRIBE_ASSIGN(p.rescale_factor, f.number("rescale_factor", 1e-9, 1e3, 1.0 / 255.0));
  constexpr int kBicubic = 3;  // Pillow's number
  if (is_bicubic) CINESCRIBE_TRY(f.small_integer("resample", kBicubic, kBicubic, kBicubic));
  for (const char* step : {"do_resize", "do_rescale", "do_normalize", "do_pad"}) {
    CINESCRIBE_ASSIGN(const bool is_on, f.flag(step, true));
    if (!is_on) return f.bad(step, "true: pictures without this step are not supported");
  }
  return p;
}

std::vector<int> ids_within(const std::vector<int>& ids, int vocabulary) {
  std::vector<int> out;
  for (const int id : ids) {
    if (id >= 0 && id < vocabulary && std::find(out.begin(), out.end(), id) == out.end()) out.push_back(id);
  }
  return out;
}

Status check_family(const CheckpointFiles& files) {
  const std::string family = files.family();
  if (family == "llava_next" || family == "phi3_v" || family == "instructblip") return {};
  return Error{ErrorCode::kModel, (files.folder / "config.json").string() + ": 'model_type' is '" + family +
                                      "', known are llava_next, phi3_v and instructblip"};
}

Result<ImportPlan> plan_import(const CheckpointFiles& files, const WeightSource& weights,
                               const VocabularyFacts& vocabulary) {
  CINESCRIBE_TRY(check_family(files));
  const std::string family = files.family();
  if (family == "llava_next") return plan_llava_next(files, weights, vocabulary);
  return family == "phi3_v" ? plan_phi3_v(files, weights, vocabulary) : plan_instructblip(files, weights, vocabulary);
}

}  // namespace cinescribe::models
