#include "cinescribe/text/prompt_template.h"

namespace cinescribe::text {

Result<std::string> render_prompt(std::string_view template_name, std::string_view instruction, int images) {
  if (images < 0) return Error{ErrorCode::kUsage, "a prompt cannot have " + std::to_string(images) + " pictures"};
  std::string llava_images;
  std::string phi_images;
  for (int i = 1; i <= images; ++i) {
    llava_images += "<image>\n";
    phi_images += "<|image_" + std::to_string(i) + "|>\n";
  }
  const std::string text(instruction);
  if (template_name == "vicuna") return "USER: " + llava_images + text + " ASSISTANT:";
  if (template_name == "mistral") return "[INST] " + llava_images + text + " [/INST]";
  if (template_name == "phi3") return "<|user|>\n" + phi_images + text + "<|end|>\n<|assistant|>\n";
  if (template_name == "plain") return text;
  return Error{ErrorCode::kModel, "prompt template '" + std::string(template_name) +
                                      "' is not known; there are vicuna, mistral, phi3 and plain"};
}

}  // namespace cinescribe::text
