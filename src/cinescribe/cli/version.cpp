#include <cstdio>
#include <memory>

#include "cinescribe_version.h"

#include "cinescribe/cli/commands.h"

namespace cinescribe::cli {

Command add_version(CLI::App& root, const CommonOptions&) {
  auto json = std::make_shared<bool>(false);
  CLI::App* app = root.add_subcommand("version", "Show the version and what this build is made of");
  app->add_flag("--json", *json, "Write JSON to stdout");
  return {app, [json]() -> Outcome {
            if (*json) {
              std::printf(
                  "{\"schema_version\": 1, \"version\": \"%s\", \"compiler\": \"%s\", \"build_type\": \"%s\", "
                  "\"llama_cpp\": \"%s\", \"ggml\": \"%s\", \"whisper_cpp\": \"%s\", \"onnxruntime\": \"%s\"}\n",
                  kVersion, kCompiler, kBuildType, kLlamaVersion, kGgmlVersion, kWhisperVersion, kOrtVersion);
            } else {
              std::printf("cinescribe %s (%s, %s)\nllama.cpp %s, ggml %s, whisper.cpp %s, ONNX Runtime %s\n", kVersion,
                          kCompiler, kBuildType, kLlamaVersion, kGgmlVersion, kWhisperVersion, kOrtVersion);
            }
            return 0;
          }};
}

}  // namespace cinescribe::cli
