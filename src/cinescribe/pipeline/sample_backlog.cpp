#include "cinescribe/pipeline/sample_backlog.h"

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>

#include <stdlib.h>
#include <unistd.h>

namespace cinescribe::pipeline {

namespace {

constexpr std::size_t kFetchSamples = 1 << 18;

Error failed(const std::filesystem::path& folder, const char* what) {
  return {ErrorCode::kResource, "cannot " + std::string(what) + " waiting sound in " + folder.string() + ": " +
                                    std::generic_category().message(errno) + "; free some disk space"};
}

bool seek(std::FILE* file, std::size_t sample) {
  return ::fseeko(file, static_cast<off_t>(sample * sizeof(float)), SEEK_SET) == 0;
}

}  // namespace

Status SampleBacklog::push(std::span<const float> samples) {
  if (filed_ > 0) return file_away(samples);
  const std::size_t room = memory_samples_ - std::min(memory_samples_, waiting_.size());
  const auto fitting = samples.first(std::min(room, samples.size()));
  waiting_.insert(waiting_.end(), fitting.begin(), fitting.end());
  return file_away(samples.subspan(fitting.size()));
}

Status SampleBacklog::file_away(std::span<const float> samples) {
  if (samples.empty()) return {};
  if (!file_) {
    std::string name = (folder_ / ".sound.XXXXXX").string();
    const int descriptor = ::mkstemp(name.data());
    if (descriptor < 0) return failed(folder_, "store");
    ::unlink(name.c_str());
    file_.reset(::fdopen(descriptor, "w+b"));
    if (!file_) return failed(folder_, "store");
  }
  if (quota_ != nullptr) CINESCRIBE_TRY(quota_->take_temp(samples.size_bytes()));
  if (!seek(file_.get(), first_ + filed_) ||
      std::fwrite(samples.data(), sizeof(float), samples.size(), file_.get()) != samples.size()) {
    return failed(folder_, "store");
  }
  filed_ += samples.size();
  return {};
}

Status SampleBacklog::fetch() {
  std::vector<float> block(std::min(kFetchSamples, filed_));
  if (std::fflush(file_.get()) != 0 || !seek(file_.get(), first_) ||
      std::fread(block.data(), sizeof(float), block.size(), file_.get()) != block.size()) {
    return failed(folder_, "read");
  }
  waiting_.insert(waiting_.end(), block.begin(), block.end());
  first_ += block.size();
  filed_ -= block.size();
  if (filed_ == 0) close();
  return {};
}

/// Gives the disk space back.
void SampleBacklog::close() {
  if (!file_) return;
  if (quota_ != nullptr) quota_->give_back_temp((first_ + filed_) * sizeof(float));
  file_.reset();
  first_ = filed_ = 0;
}

Status SampleBacklog::take(std::size_t count, std::vector<float>& out) {
  while (waiting_.size() < count && filed_ > 0) CINESCRIBE_TRY(fetch());
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(count, waiting_.size()));
  out.insert(out.end(), waiting_.begin(), end);
  waiting_.erase(waiting_.begin(), end);
  return {};
}

}  // namespace cinescribe::pipeline
