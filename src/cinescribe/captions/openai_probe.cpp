#include <algorithm>
#include <string>

#include "cinescribe/captions/openai_client.h"
#include "cinescribe/http/api_server.h"
#include "cinescribe/image/draw.h"
#include "cinescribe/image/jpeg.h"

namespace cinescribe::captions {

namespace {

/// A number that nobody would guess, and that even small models read when it is written large.
constexpr std::string_view kNumber = "7294";
constexpr int kScalePx = 12;
constexpr int kMarginPx = 48;
constexpr int kAttempts = 3;
/// Reasoning models think before they answer.
constexpr int kNewTokens = 1024;

Image picture_of_number() {
  Image picture(image::label_width(kNumber.size(), kScalePx) + 2 * kMarginPx,
                image::label_height(kScalePx) + 2 * kMarginPx, 3);
  std::fill(picture.pixels.begin(), picture.pixels.end(), std::uint8_t{32});
  image::draw_label(picture, kMarginPx, kMarginPx, kNumber, kScalePx, {32, 32, 32});
  return picture;
}

/// The digits of the answer: models write "7294.", "**7294**" or "7,294".
bool has_number(std::string_view answer) {
  std::string plain;
  std::copy_if(answer.begin(), answer.end(), std::back_inserter(plain), [](char c) { return c != ',' && c != ' '; });
  return plain.find(kNumber) != std::string::npos;
}

Error blind(const OpenAiCaptionerOptions& options, const std::string& found) {
  return {ErrorCode::kModel, "the model '" + options.model + "' does not see pictures: it was shown the number " +
                                 std::string(kNumber) + " and " + found +
                                 "; name a vision-language model, or skip this question when you know better"};
}

}  // namespace

Status probe_sight(OpenAiClient& client, const OpenAiCaptionerOptions& options, const std::stop_token& stop) {
  CINESCRIBE_ASSIGN(std::string jpeg, image::encode_jpeg(picture_of_number(), options.jpeg_quality));
  language::GenerationOptions generation;
  generation.max_new_tokens = kNewTokens;
  const std::vector<ChatPart> parts = {{"", std::move(jpeg)},
                                       {"Which number is written in this picture? Answer with the number only.", ""}};
  const ChatOutcome outcome = client.ask(parts, generation, kAttempts, stop);
  if (outcome.failure) {
    const Error& error = outcome.failure->error;
    if (error.code == ErrorCode::kInterrupted || outcome.failure->ends_run) return error;
    if (error.message.find("image") == std::string::npos) return error;
    return blind(options, "the server refused it: " + error.message);
  }
  if (has_number(outcome.answer.text)) return {};
  const std::string& words = outcome.answer.refusal.empty() ? outcome.answer.text : outcome.answer.refusal;
  return blind(options, words.empty() ? "said nothing" : "answered '" + http::one_line(words) + "'");
}

}  // namespace cinescribe::captions
