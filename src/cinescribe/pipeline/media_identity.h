#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "cinescribe/core/status.h"

namespace cinescribe::pipeline {

/// By what a video is known again.
struct MediaIdentity {
  std::filesystem::path source;  ///< Absolute, links resolved.
  std::uint64_t size_bytes = 0;
  /// sha256 (hex) over the size, the first and the last MiB and 64 evenly spread blocks of 64 KiB: a few milliseconds
  /// for a file of any length; files up to 2 MiB are covered whole.
  std::string fingerprint;

  /// The same content, wherever it lies.
  [[nodiscard]] bool is_same_content(const MediaIdentity& other) const {
    return size_bytes == other.size_bytes && fingerprint == other.fingerprint;
  }
};

/// Errors: kInput (missing, a folder, unreadable), naming the file.
Result<MediaIdentity> identify(const std::filesystem::path& file);

/// sha256 of `bytes` in hex.
std::string sha256_hex(std::string_view bytes);

}  // namespace cinescribe::pipeline
