#include "cinescribe/captions/gguf_trial.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <llama.h>
#include <mtmd-helper.h>
#include <mtmd.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cinescribe/captions/mtmd_handles.h"
#include "cinescribe/http/api_server.h"
#include "cinescribe/tensor/backends.h"
#include "cinescribe/tensor/gguf_header.h"
#include "cinescribe/tensor/mapped_file.h"

namespace cinescribe::captions {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kLongestTrial{120};
constexpr std::uint32_t kTrialTokens = 512;

enum TrialEnd : int { kFine = 0, kNoLanguage = 11, kNoContext = 12, kNoVision = 13 };

std::string text_of(const tensor::GgufHeader& header, std::string_view key) {
  const tensor::GgufValue* value = header.find(key);
  const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(&value->value);
  return text == nullptr ? std::string() : *text;
}

Result<tensor::GgufHeader> header_of(const std::filesystem::path& path) {
  auto file = tensor::MappedFile::open(path);
  if (!file.ok()) return Error{ErrorCode::kModel, "cannot use the model: " + file.error().message};
  return tensor::GgufHeader::read(file->bytes(), path.string());
}

/// Only lines of errors go to the pipe that stderr is.
void write_errors(ggml_log_level level, const char* text, void* /*user_data*/) {
  thread_local ggml_log_level last = GGML_LOG_LEVEL_DEBUG;
  if (level != GGML_LOG_LEVEL_CONT) last = level;
  if (last != GGML_LOG_LEVEL_ERROR || text == nullptr) return;
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text, std::strlen(text));
}

/// What the child does. Nothing here returns to code of ours.
[[noreturn]] void plan_in_child(const GgufPair& pair, int words) {
  ::dup2(words, STDERR_FILENO);
  ::setenv("GGML_NO_BACKTRACE", "1", 1);  // no debugger on the way out
  llama_log_set(write_errors, nullptr);
  mtmd_helper_log_set(write_errors, nullptr);
  std::array<ggml_backend_dev_t, 1> none = {nullptr};
  llama_model_params params = llama_model_default_params();
  params.devices = none.data();
  params.n_gpu_layers = 0;
  params.load_mode = LLAMA_LOAD_MODE_NONE;  // a plan reads no weights
  params.no_alloc = true;
  llama_model* model = llama_model_load_from_file(pair.language.c_str(), params);
  if (model == nullptr) ::_exit(kNoLanguage);
  llama_context_params sizes = llama_context_default_params();
  sizes.n_ctx = kTrialTokens;
  sizes.n_batch = kTrialTokens;
  sizes.n_ubatch = kTrialTokens;
  if (llama_init_from_model(model, sizes) == nullptr) ::_exit(kNoContext);
  mtmd_context_params vision = mtmd_context_params_default();
  vision.use_gpu = false;
  if (mtmd_get_memory_usage(pair.mmproj.c_str(), vision).empty()) ::_exit(kNoVision);
  ::_exit(kFine);
}

/// The child's words until it ends; what it says beyond some length is read and forgotten.
std::string read_words(int pipe_end, Clock::time_point until, bool& is_late) {
  constexpr std::size_t kLongest = 4000;
  std::string words;
  std::array<char, 1024> block = {};
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    is_late = left <= 0;
    if (is_late) return words;
    pollfd entry = {pipe_end, POLLIN, 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(left));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) continue;
    const ssize_t count = ::read(pipe_end, block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return words;
    words.append(block.data(), static_cast<std::size_t>(count));
    if (words.size() > kLongest) words.erase(0, words.size() - kLongest);
  }
}

/// The last line, and of an assertion what it asserts.
std::string last_words(const std::string& words) {
  const std::size_t assertion = words.rfind("GGML_ASSERT(");
  if (assertion != std::string::npos) return words.substr(assertion, words.find('\n', assertion) - assertion);
  const std::size_t end = words.find_last_not_of('\n');
  if (end == std::string::npos) return {};
  const std::size_t begin = words.rfind('\n', end);
  return words.substr(begin == std::string::npos ? 0 : begin + 1,
                      end - (begin == std::string::npos ? 0 : begin + 1) + 1);
}

Status verdict(const GgufPair& pair, int status, const std::string& words) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == kFine) return {};
  std::string message = "llama.cpp cannot use ";
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  message += code == kNoVision                           ? pair.mmproj.string()
             : code == kNoLanguage || code == kNoContext ? pair.language.string()
                                                         : pair.language.parent_path().string();
  const std::string last = http::one_line(last_words(words));
  if (!last.empty()) message += ": " + last;
  if (WIFSIGNALED(status)) message += " (it gave up with signal " + std::to_string(WTERMSIG(status)) + ")";
  return Error{ErrorCode::kModel, message + "; the file is damaged, or of a kind that this version does not know"};
}

}  // namespace

Status check_gguf_headers(const GgufPair& pair) {
  CINESCRIBE_ASSIGN(const tensor::GgufHeader language, header_of(pair.language));
  CINESCRIBE_ASSIGN(const tensor::GgufHeader vision, header_of(pair.mmproj));
  const std::string architecture = text_of(language, "general.architecture");
  if (architecture.empty() || architecture == "clip") {
    return Error{ErrorCode::kModel, pair.language.string() + " is no language model (general.architecture is '" +
                                        http::one_line(architecture) + "')"};
  }
  if (text_of(language, "tokenizer.ggml.model").empty()) {
    return Error{ErrorCode::kModel, pair.language.string() + " has no tokenizer (tokenizer.ggml.model)"};
  }
  if (text_of(vision, "general.architecture") != "clip") {
    return Error{ErrorCode::kModel, pair.mmproj.string() + " is no picture half of a model: general.architecture is '" +
                                        http::one_line(text_of(vision, "general.architecture")) + "', not 'clip'"};
  }
  const tensor::GgufValue* sees = vision.find("clip.has_vision_encoder");
  const auto* flag = sees == nullptr ? nullptr : std::get_if<std::uint64_t>(&sees->value);
  if (flag != nullptr && *flag != 0) return {};
  return Error{ErrorCode::kModel, pair.mmproj.string() + " has no vision tower; name a model that sees pictures"};
}

Status try_gguf_pair(const GgufPair& pair) {
  CINESCRIBE_TRY(tensor::load_backends());
  std::array<int, 2> ends = {-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return Error{ErrorCode::kResource, "cannot look at the model: no pipe (" + std::string(std::strerror(errno)) + ")"};
  }
  const pid_t child = ::fork();
  if (child == 0) plan_in_child(pair, ends[1]);
  ::close(ends[1]);
  if (child < 0) {
    ::close(ends[0]);
    return Error{ErrorCode::kResource,
                 "cannot look at the model: no process (" + std::string(std::strerror(errno)) + ")"};
  }
  bool is_late = false;
  const std::string words = read_words(ends[0], Clock::now() + kLongestTrial, is_late);
  ::close(ends[0]);
  if (is_late) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!is_late) return verdict(pair, status, words);
  return Error{ErrorCode::kResource, "llama.cpp does not get to an end with " + pair.language.parent_path().string()};
}

}  // namespace cinescribe::captions
