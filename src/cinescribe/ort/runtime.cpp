#include "cinescribe/ort/runtime.h"

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <dlfcn.h>

#include "cinescribe/core/log.h"
#include "cinescribe/ort/session.h"

namespace cinescribe::ort {

namespace {

constexpr const char* kLibrary = "libonnxruntime.so.1";

void ORT_API_CALL forward_log(void*, OrtLoggingLevel severity, const char* category, const char*, const char* location,
                              const char* message) {
  const LogLevel level = severity >= ORT_LOGGING_LEVEL_ERROR     ? LogLevel::kError
                         : severity == ORT_LOGGING_LEVEL_WARNING ? LogLevel::kWarning
                                                                 : LogLevel::kDebug;
  (void)category;
  log(level, std::string("ONNX Runtime: ") + message + " (" + location + ")");
}

std::string& loaded_version() {
  static std::string version;
  return version;
}

Result<Ort::Env*> load() {
  const char* chosen = std::getenv("CINESCRIBE_ONNXRUNTIME");
  const std::string file = chosen != nullptr && *chosen != '\0' ? chosen : kLibrary;
  // Never closed: the runtime keeps threads and static objects of its own.
  void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* reason = ::dlerror();
    return Error{ErrorCode::kResource,
                 "cannot load ONNX Runtime (" + file + "): " + (reason != nullptr ? reason : "unknown reason") +
                     "; install it beside cinescribe's libraries or name its file in CINESCRIBE_ONNXRUNTIME"};
  }
  using GetApiBase = const OrtApiBase*(ORT_API_CALL*)();
  const auto get_base = reinterpret_cast<GetApiBase>(::dlsym(library, "OrtGetApiBase"));
  const OrtApiBase* base = get_base == nullptr ? nullptr : get_base();
  const OrtApi* api = base == nullptr ? nullptr : base->GetApi(ORT_API_VERSION);
  if (api == nullptr) {
    return Error{ErrorCode::kResource, "cannot use " + file + ": it is ONNX Runtime " +
                                           (base == nullptr ? "of an unknown version" : base->GetVersionString()) +
                                           ", cinescribe needs 1." + std::to_string(ORT_API_VERSION) + " or newer"};
  }
  Ort::InitApi(api);
  loaded_version() = base->GetVersionString();
  try {
    // Leaked on purpose: sessions in static objects may outlive any destruction order.
    static Ort::Env* environment =
        std::make_unique<Ort::Env>(ORT_LOGGING_LEVEL_WARNING, "cinescribe", forward_log, nullptr).release();
    return environment;
  } catch (const Ort::Exception& error) {
    return Error{ErrorCode::kResource, std::string("cannot start ONNX Runtime: ") + error.what()};
  }
}

}  // namespace

Result<Ort::Env*> runtime_environment() {
  static const Result<Ort::Env*> environment = load();
  return environment;
}

Result<std::string> runtime_version() {
  CINESCRIBE_TRY(runtime_environment());
  return loaded_version();
}

Result<std::vector<std::string>> runtime_providers() {
  CINESCRIBE_TRY(runtime_environment());
  return Ort::GetAvailableProviders();
}

}  // namespace cinescribe::ort
