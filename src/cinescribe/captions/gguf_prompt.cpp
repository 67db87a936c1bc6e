#include "cinescribe/captions/gguf_prompt.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "cinescribe/captions/engine_words.h"
#include "cinescribe/captions/frame_words.h"

namespace cinescribe::captions {

namespace {

/// Stands for a picture until the words are cut; no text of ours or of a user holds the control character (check
/// below).
constexpr std::string_view kMarker = "\x1fpicture\x1f";

/// A stretch of words, and whether control tokens in them are meant.
struct Words {
  std::string text;
  bool has_control_tokens = true;
};

Error about(const CaptionRequest& request, ErrorCode code, const std::string& what) {
  const std::string words = take_mtmd_errors();
  return {code, "cannot describe scene " + std::to_string(request.id) + ": " + what +
                    (words.empty() ? "" : " (" + words + ")")};
}

std::vector<text::TokenId> tokens_of(const GgufModel& model, const std::string& text, bool has_control_tokens) {
  std::vector<text::TokenId> ids(text.size() + 8);
  const int count = llama_tokenize(model.vocab(), text.data(), static_cast<int>(text.size()), ids.data(),
                                   static_cast<int>(ids.size()), false, has_control_tokens);
  ids.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
  return ids;
}

/// Cut at every marker; one more stretch than there were markers.
std::vector<std::string> cut_at(std::string_view text, std::string_view marker) {
  std::vector<std::string> pieces;
  std::size_t begin = 0;
  for (std::size_t at = text.find(marker); at != std::string_view::npos; at = text.find(marker, begin)) {
    pieces.emplace_back(text.substr(begin, at - begin));
    begin = at + marker.size();
  }
  pieces.emplace_back(text.substr(begin));
  return pieces;
}

/// The stretches between pictures. An instruction that would make control tokens (a transcript may hold anything) is
/// cut out of its turn and read as plain words; else the turn is read in one go, as llama.cpp's own tool does.
Result<std::vector<std::vector<Words>>> words_between(const GgufModel& model, const CaptionRequest& request) {
  if (request.prompt.find('\x1f') != std::string::npos) {
    return about(request, ErrorCode::kUsage, "the prompt holds a control character (0x1f)");
  }
  std::vector<std::vector<Words>> stretches;
  if (request.is_raw_prompt) {
    for (std::string& piece : cut_at(request.prompt, mtmd_default_marker())) stretches.push_back({{std::move(piece)}});
    return stretches;
  }
  const std::string content = worded_prompt(request, kMarker);
  const bool is_plain = tokens_of(model, content, true) == tokens_of(model, content, false);
  if (is_plain) {
    CINESCRIBE_ASSIGN(const std::string turn, model.chat_template->apply(content));
    for (std::string& piece : cut_at(turn, kMarker)) stretches.push_back({{std::move(piece)}});
    return stretches;
  }
  constexpr std::string_view kContent =
      "\x1f"
      "content\x1f";
  CINESCRIBE_ASSIGN(const std::string turn, model.chat_template->apply(kContent));
  const std::vector<std::string> frame = cut_at(turn, kContent);
  if (frame.size() != 2) return about(request, ErrorCode::kModel, "its chat template does not repeat the user's words");
  for (std::string& piece : cut_at(content, kMarker)) stretches.push_back({{std::move(piece), false}});
  stretches.front().insert(stretches.front().begin(), Words{frame[0]});
  stretches.back().push_back(Words{frame[1]});
  return stretches;
}

}  // namespace

std::string worded_prompt(const CaptionRequest& request, std::string_view marker) {
  std::string words;
  for (std::size_t i = 0; i < request.frames.size(); ++i) {
    const std::string label = frame_label(request, i);
    words += label.empty() ? std::string(marker) : label + "\n" + std::string(marker) + "\n";
  }
  return words + request.prompt;
}

Result<GgufPrompt> make_gguf_prompt(const GgufModel& model, const CaptionRequest& request) {
  CINESCRIBE_TRY(check_request(request));
  take_mtmd_errors();
  CINESCRIBE_ASSIGN(const auto stretches, words_between(model, request));
  if (stretches.size() != request.frames.size() + 1) {
    return about(request, ErrorCode::kUsage,
                 "the prompt has room for " + std::to_string(stretches.size() - 1) + " pictures (" +
                     mtmd_default_marker() + "), the scene has " + std::to_string(request.frames.size()));
  }
  std::vector<MtmdBitmapHandle> bitmaps;
  std::vector<mtmd_input_text> texts;
  std::vector<mtmd_input_part> parts;
  texts.reserve(2 * stretches.size() + 2);  // parts point into it
  for (std::size_t i = 0; i < stretches.size(); ++i) {
    for (const Words& words : stretches[i]) {
      texts.push_back({words.text.data(), words.text.size(), false, words.has_control_tokens});
      parts.push_back({&texts.back(), nullptr});
    }
    if (i == request.frames.size()) break;
    const Image& frame = request.frames[i];
    bitmaps.emplace_back(mtmd_bitmap_init(static_cast<std::uint32_t>(frame.width),
                                          static_cast<std::uint32_t>(frame.height), frame.pixels.data()));
    parts.push_back({nullptr, bitmaps.back().get()});
  }
  std::vector<const mtmd_input_part*> pointers;
  for (const mtmd_input_part& part : parts) pointers.push_back(&part);
  GgufPrompt prompt;
  bool has_unknown = false;
  prompt.chunks.reset(mtmd_input_chunks_init());
  if (mtmd_tokenize_from_parts(model.vision.get(), prompt.chunks.get(), pointers.data(), pointers.size(), true) != 0) {
    return about(request, ErrorCode::kInput, "its frames cannot be made ready for the model");
  }
  for (std::size_t i = 0; i < mtmd_input_chunks_size(prompt.chunks.get()); ++i) {
    const mtmd_input_chunk* chunk = mtmd_input_chunks_get(prompt.chunks.get(), i);
    const std::size_t count = mtmd_input_chunk_get_n_tokens(chunk);
    if (mtmd_input_chunk_get_type(chunk) == MTMD_INPUT_CHUNK_TYPE_TEXT) {
      std::size_t text_count = 0;
      const llama_token* ids = mtmd_input_chunk_get_tokens_text(chunk, &text_count);
      has_unknown = has_unknown || std::any_of(ids, ids + text_count,
                                               [&](llama_token id) { return id < 0 || id >= model.vocabulary; });
      prompt.ids.insert(prompt.ids.end(), ids, ids + text_count);
    } else {
      prompt.ids.insert(prompt.ids.end(), count, -1);
      prompt.pictures.push_back(chunk);
      prompt.image_tokens += static_cast<int>(count);
      prompt.longest_picture = std::max(prompt.longest_picture, static_cast<int>(count));
    }
  }
  if (has_unknown || prompt.ids.empty() || prompt.ids.back() < 0) {
    return about(request, ErrorCode::kModel, "the model's vocabulary lacks tokens that its picture half needs");
  }
  return prompt;
}

}  // namespace cinescribe::captions
