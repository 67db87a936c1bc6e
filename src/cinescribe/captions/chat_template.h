#pragma once

#include <string>
#include <string_view>

#include "cinescribe/core/status.h"

namespace cinescribe::captions {

/// How a model wants to be spoken to: the template of its file, as far as llama.cpp knows it by heart. Templates are
/// programs (Jinja); they are recognised, not run. What a recognised template says beyond the turns (tools, dates) is
/// left out; the system message that ChatML templates put in by themselves (Qwen2.5-VL, InternVL) is kept.
/// @source llama.cpp, src/llama-chat.cpp
class ChatTemplate {
 public:
  /// `words`: a template's text or a name such as "chatml", "gemma", "vicuna". Errors: kModel (empty or not known; the
  /// message says how to give another).
  static Result<ChatTemplate> create(std::string words);

  /// One user's message, ready for the assistant's answer. Error: kModel.
  [[nodiscard]] Result<std::string> apply(std::string_view user) const;

  /// The system message that the template has when the user gives none; mostly empty.
  [[nodiscard]] const std::string& own_system() const { return own_system_; }

 private:
  explicit ChatTemplate(std::string words);
  std::string words_;
  std::string own_system_;
};

}  // namespace cinescribe::captions
