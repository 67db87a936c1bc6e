#pragma once

#include <filesystem>

#include <llama.h>

namespace cinescribe::language {

/// How llama.cpp should read the weights in `gguf`; its own choice where the file cannot be read.
///
/// A map of the file shares its pages with other processes and with the system's cache. Where this processor multiplies
/// most of the weights in an order of its own, they are copied anyway, and the map would keep every page that was read
/// for it resident beside the copy; then tensors are read one by one.
llama_load_mode load_mode_of(const std::filesystem::path& gguf, bool is_on_processor);

}  // namespace cinescribe::language
