#include "cinescribe/pipeline/output_folder.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "cinescribe/core/file.h"
#include "cinescribe/pipeline/journal_state.h"

namespace cinescribe::pipeline {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestName = 200;

/// The number that the holder of the lock wrote into it; "" if it cannot be read.
std::string holder(int fd) {
  std::array<char, 32> text{};
  const ssize_t length = ::pread(fd, text.data(), text.size() - 1, 0);
  if (length <= 0) return {};
  const std::string words(text.data(), static_cast<std::size_t>(length));
  return words.substr(0, words.find_first_not_of("0123456789"));
}

/// Takes the lock; a holder that was just killed may need a moment until the system has cleaned up after it. errno
/// tells why not.
bool lock_within_grace(int fd) {
  constexpr int kTries = 20;
  for (int i = 0; i < kTries; ++i) {
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return true;
    if (errno != EWOULDBLOCK) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  errno = EWOULDBLOCK;
  return false;
}

/// Whether the results in `folder` are, or may become, those of `media`.
Result<bool> belongs_to(const fs::path& folder, const MediaIdentity& media) {
  std::error_code code;
  const fs::path journal = folder / "journal.jsonl";
  if (!fs::exists(journal, code)) return true;
  CINESCRIBE_ASSIGN(const JournalState state, read_journal(journal));
  if (!state.media || state.media->source == media.source) return true;
  return state.media->is_same_content(media) && !fs::exists(state.media->source, code);
}

}  // namespace

Result<OutputFolder> OutputFolder::open(const fs::path& folder) {
  CINESCRIBE_TRY(create_folder(folder));
  const fs::path lock = folder / ".lock";
  const int fd = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) {
    return Error{ErrorCode::kResource, "cannot write to the folder " + folder.string() + ": " +
                                           std::generic_category().message(errno) +
                                           "; choose another with -o or change its permissions"};
  }
  OutputFolder output(folder, fd);
  if (!lock_within_grace(fd)) {
    if (errno != EWOULDBLOCK) {
      return Error{ErrorCode::kResource,
                   "cannot lock " + lock.string() + ": " + std::generic_category().message(errno)};
    }
    const std::string pid = holder(fd);
    return Error{ErrorCode::kResource, "the folder " + folder.string() + " is in use by another cinescribe" +
                                           (pid.empty() ? "" : " (process " + pid + ")") +
                                           "; wait for it, or choose another folder with -o"};
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    return Error{ErrorCode::kResource, "cannot write " + lock.string() + ": " + std::generic_category().message(errno) +
                                           "; free some space or choose another folder with -o"};
  }
  return output;
}

OutputFolder::OutputFolder(OutputFolder&& other) noexcept
    : folder_(std::move(other.folder_)),
      lock_fd_(std::exchange(other.lock_fd_, -1)),
      claims_(std::move(other.claims_)) {}

OutputFolder::~OutputFolder() {
  if (lock_fd_ >= 0) ::close(lock_fd_);
}

Result<fs::path> OutputFolder::video_folder(const MediaIdentity& media) const {
  const std::string name = folder_name(media.source);
  const fs::path plain = folder_ / "base" / name;
  const fs::path own = folder_ / "base" / (name + "-" + sha256_hex(media.source.string()).substr(0, 8));
  const std::lock_guard lock(claims_->mutex);
  std::error_code code;
  const auto claim = claims_->source_of.find(plain);
  bool is_plain = !fs::exists(own / "journal.jsonl", code);
  if (is_plain && claim != claims_->source_of.end() && claim->second != media.source) {
    is_plain = !fs::exists(claim->second, code);  // else it has moved, perhaps to here
  }
  if (is_plain) {
    CINESCRIBE_ASSIGN(is_plain, belongs_to(plain, media));
  }
  if (is_plain) claims_->source_of[plain] = media.source;
  return is_plain ? plain : own;
}

fs::path OutputFolder::caption_folder(const std::string& captioner, const fs::path& base) const {
  std::string name = captioner.substr(0, kLongestName);
  for (char& c : name) {
    if (c == '/' || c == '\\' || static_cast<unsigned char>(c) < 0x20U) c = '_';
  }
  if (name.empty() || name.front() == '.') name.insert(0, "_");
  if (name == "base") name = "base_";
  return folder_ / name / base.filename();
}

std::string folder_name(const fs::path& file) {
  std::string name = file.stem().string();
  if (name.empty() || name == "." || name == "..") return "video";
  if (name.size() > kLongestName) {
    std::size_t end = kLongestName;
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) --end;
    name.resize(end);
  }
  return name;
}

}  // namespace cinescribe::pipeline
