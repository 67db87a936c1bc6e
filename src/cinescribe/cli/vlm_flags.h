#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "cinescribe/captions/vlm_options.h"
#include "cinescribe/cli/commands.h"
#include "cinescribe/core/status.h"

namespace cinescribe::cli {

/// How a vision-language model runs.
class VlmFlags {
 public:
  void add_to(CLI::App& app, bool has_batch);
  /// Errors: kUsage.
  [[nodiscard]] Result<captions::VlmOptions> options(const CommonOptions& common) const;
  [[nodiscard]] bool may_be_synthetic() const { return may_be_synthetic_; }

 private:
  captions::VlmOptions values_;
  std::string detail_ = "high";
  std::string panorama_order_ = "forward";
  std::string on_overflow_ = "warn";
  std::string flash_attention_ = "auto";
  std::string kv_type_ = "auto";
  bool has_no_cache_ = false;
  bool may_be_synthetic_ = false;
};

}  // namespace cinescribe::cli
