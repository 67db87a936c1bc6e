#include "cinescribe/tensor/backends.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <mutex>
#include <string_view>
#include <system_error>

#include <dlfcn.h>
#include <ggml-backend.h>
#include <link.h>
#include <llama.h>
#include <whisper.h>

#include "cinescribe/core/log.h"

namespace cinescribe::tensor {

namespace {

/// The engines' chatter is for developers; only what they call a warning or an error is one for us.
LogLevel level_of(ggml_log_level level) {
  switch (level) {
    case GGML_LOG_LEVEL_WARN:
      return LogLevel::kWarning;
    case GGML_LOG_LEVEL_ERROR:
      return LogLevel::kError;
    default:
      return LogLevel::kDebug;
  }
}

/// Warnings about what we ask for on purpose: llama.cpp gets ids only and needs no vocabulary; a pool holds several
/// sequences and so more than the trained context; 2 is the answer to a stop.
bool is_expected(std::string_view line) {
  constexpr std::array<std::string_view, 3> kExpected = {"dummy tokens", "> n_ctx_train", "failed to decode, ret = 2"};
  return std::any_of(kExpected.begin(), kExpected.end(),
                     [line](std::string_view part) { return line.find(part) != std::string_view::npos; });
}

/// Engines write lines in pieces; a piece without a newline waits, per thread, for the rest.
void engine_log(ggml_log_level level, const char* text, void* /*user_data*/) {
  thread_local std::string line;
  thread_local LogLevel line_level = LogLevel::kDebug;
  if (text == nullptr) return;
  if (level != GGML_LOG_LEVEL_CONT) line_level = level_of(level);
  line += text;
  std::size_t end = 0;
  while ((end = line.find('\n')) != std::string::npos) {
    const std::string_view whole = std::string_view(line).substr(0, end);
    if (end > 0) log(is_expected(whole) ? LogLevel::kDebug : line_level, whole);
    line.erase(0, end + 1);
  }
  constexpr std::size_t kLongestLine = 4096;
  if (line.size() > kLongestLine) {
    log(line_level, line);
    line.clear();
  }
}

DeviceKind kind_of(enum ggml_backend_dev_type type) {
  switch (type) {
    case GGML_BACKEND_DEVICE_TYPE_GPU:
      return DeviceKind::kGpu;
    case GGML_BACKEND_DEVICE_TYPE_IGPU:
      return DeviceKind::kIntegratedGpu;
    case GGML_BACKEND_DEVICE_TYPE_CPU:
      return DeviceKind::kCpu;
    default:
      return DeviceKind::kAccelerator;
  }
}

Status load_once() {
  route_engine_messages();
  CINESCRIBE_ASSIGN(const std::filesystem::path folder, engines_folder());
  ggml_backend_load_all_from_path(folder.c_str());
  if (ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU) == nullptr) {
    return Error{ErrorCode::kResource, "cannot find ggml's CPU kernels (libggml-cpu-*.so) in " + folder.string() +
                                           "; they belong beside libggml.so: install or build cinescribe again"};
  }
  return {};
}

int find_cpu_library(struct dl_phdr_info* info, std::size_t /*size*/, void* found) {
  constexpr std::string_view kPrefix = "libggml-cpu-";
  const std::string name = std::filesystem::path(info->dlpi_name).filename().string();
  if (name.rfind(kPrefix, 0) != 0) return 0;
  *static_cast<std::string*>(found) = name.substr(kPrefix.size(), name.find('.') - kPrefix.size());
  return 1;
}

}  // namespace

Result<std::filesystem::path> engines_folder() {
  Dl_info info = {};
  if (::dladdr(reinterpret_cast<const void*>(&ggml_backend_load_all_from_path), &info) == 0 ||
      info.dli_fname == nullptr) {
    return Error{ErrorCode::kInternal, "cannot tell where libggml was loaded from"};
  }
  std::error_code code;
  const auto real = std::filesystem::canonical(info.dli_fname, code);
  if (code) {
    return Error{ErrorCode::kInternal,
                 std::string("cannot find the folder of ") + info.dli_fname + ": " + code.message()};
  }
  return real.parent_path();
}

void route_engine_messages() {
  [[maybe_unused]] static const bool was_routed = [] {
    llama_log_set(engine_log, nullptr);  // sets ggml's sink, too
    whisper_log_set(engine_log, nullptr);
    return true;
  }();
}

Status load_backends() {
  static const Status outcome = load_once();
  return outcome;
}

std::vector<Device> devices() {
  std::vector<Device> found;
  if (!load_backends().ok()) return found;
  for (std::size_t i = 0; i < ggml_backend_dev_count(); ++i) {
    ggml_backend_dev_t device = ggml_backend_dev_get(i);
    std::size_t free_bytes = 0;
    std::size_t total_bytes = 0;
    ggml_backend_dev_memory(device, &free_bytes, &total_bytes);
    found.push_back({kind_of(ggml_backend_dev_type(device)), ggml_backend_dev_name(device),
                     ggml_backend_dev_description(device), free_bytes, total_bytes});
  }
  return found;
}

Result<std::string> device_name(const std::string& name) {
  CINESCRIBE_TRY(load_backends());
  const auto plain = [](std::string_view text) {
    std::string out;
    for (const char c : text) {
      if (c != ':') out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return out;
  };
  std::string known;
  for (const Device& device : devices()) {
    if (plain(device.name) == plain(name)) return device.name;
    known += (known.empty() ? "" : ", ") + device.name;
  }
  return Error{ErrorCode::kResource, "no device '" + name + "' here; there are: " + known};
}

std::string cpu_variant() {
  std::string variant;
  ::dl_iterate_phdr(find_cpu_library, &variant);
  return variant;
}

}  // namespace cinescribe::tensor
