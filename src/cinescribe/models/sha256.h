#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>

#include "cinescribe/core/status.h"

namespace cinescribe::models {

/// A running SHA-256. Not thread-safe.
class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  ~Sha256();

  void update(std::span<const char> bytes);
  /// 64 lower-case hexadecimal digits; ends the computation.
  std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// SHA-256 of a file as 64 lower-case hexadecimal digits. `on_bytes`, if given, hears how many bytes are done.
/// Errors: kInput (missing, unreadable), kInterrupted.
Result<std::string> sha256_of_file(const std::filesystem::path& path, const std::stop_token& stop = {},
                                   const std::function<void(std::uint64_t)>& on_bytes = {});

/// Whether `text` is 64 lower-case hexadecimal digits.
bool is_sha256(std::string_view text);

}  // namespace cinescribe::models
